"""The parts of the bulk check that decide: what is a code, which column is meant, what a spreadsheet is given."""

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from playwright.sync_api import Page

from publish import urls
from publish.disclose.identifiers import CREDIT_ALPHABET, valid_credit_codes
from publish.model.personal_numbers import id_check, is_credit_code
from publish.render.cells import excel_safe
from tests.browser.conftest import Serve

Ask = Callable[[str, str, Any], Any]
CODE = "91350100M000100Y43"
RESIDENT = "11010519491231002X"


@pytest.fixture
def ask(modules: Path, served: Serve, plain_page: Page) -> Ask:
    """What a function of a module, or an expression over it (`m`), makes of each value."""
    plain_page.goto(served(modules) + "/")

    def start(module: str, expression: str, values: Any) -> Any:
        script = f"async ([module, values]) => {{ const m = await import(module); return values.map({expression}) }}"
        return plain_page.evaluate(script, [urls.static(f"js/{module}"), values])

    return start


def test_codes_are_checked_as_the_program_does(ask: Ask) -> None:
    chance = random.Random(1)
    codes = []
    for _ in range(1000):
        body = f"{chance.choice('159AY')}{chance.choice('1239')}{chance.randrange(10**6):06d}"
        body += "".join(chance.choices(CREDIT_ALPHABET, k=9))
        code = next(body + end for end in CREDIT_ALPHABET if is_credit_code(body + end))
        place = chance.randrange(18)
        codes += [code, code[:place] + chance.choice(CREDIT_ALPHABET + "IOSVZ") + code[place + 1 :]]
    expected = valid_credit_codes(pl.Series(codes)).to_list()
    assert 1000 <= sum(expected) < 1100
    assert ask("credit-code.js", "m.isValidCode", codes) == expected


def test_what_is_meant_for_a_code(ask: Ask) -> None:
    written = [CODE, f" {CODE.lower()} ", "９１３５０１００ M000100Y43", "91350100-M000100Y-43", f"'{CODE}"]
    assert ask("credit-code.js", "m.codeIn", written) == [CODE] * len(written)
    others = ["", "INTERNATIONALTRADE", CODE[:-1], f"{CODE}1", "示例有限公司", "示例91350100M000100Y43"]
    assert ask("credit-code.js", "m.codeIn", others) == [None] * len(others)


def test_numbers_of_persons_are_known(ask: Ask) -> None:
    chance = random.Random(2)
    numbers = []
    for _ in range(500):
        day = f"{chance.randrange(1930, 2024)}{chance.randrange(1, 13):02d}{chance.randrange(1, 29):02d}"
        body = f"{chance.choice('1234568')}{chance.randrange(10**5):05d}{day}{chance.randrange(1000):03d}"
        numbers.append(body + id_check(body))
    assert ask("credit-code.js", "m.isResidentId", numbers) == [not is_credit_code(number) for number in numbers]
    wrong = [CODE, "110105194913310029", "110105194912310021", "0" * 18]
    assert ask("credit-code.js", "m.isResidentId", wrong) == [False] * 4


def test_cells_are_guarded_as_in_the_files_of_the_site(ask: Ask) -> None:
    starts = ["", "=", "+", "-", "@", "'", "＝", "＋", "－", "＠", " =", "\u3000@", "\t", "\r", "\n", "\u200b=", "甲="]
    ends = ["", "1", "甲", "1+1", "012", "123456789012", "1e5", "3-12", "(1)", CODE]
    cells = [start + end for start in starts for end in ends]
    expected = pl.DataFrame({"cell": cells}).select(excel_safe(pl.col("cell"))).to_series().to_list()
    assert sum(cell.startswith("'") for cell in expected) > 100
    assert ask("save.js", "m.safeCell", cells) == expected


HEADERS: list[tuple[list[list[str]], int, int]] = [  # rows, place of the header, column
    ([["示例甲有限公司"], ["示例乙厂"]], -1, 0),
    ([["企业名称"], ["示例甲有限公司"]], 0, 0),
    ([["名称（全称）："], ["示例甲有限公司"]], 0, 0),
    ([["Company Name"], ["Example Ltd"]], 0, 0),
    ([["Acme Trading Company"], ["Example Ltd"]], -1, 0),
    ([["某某市企业名单", ""], ["序号", "单位"], ["1", "示例甲有限公司"]], 1, 1),
    ([["序号", "代码", "名称"], ["1", CODE, "示例甲有限公司"]], 0, 1),
    ([["1", "示例甲有限公司", CODE], ["2", "示例乙有限公司", CODE]], -1, 2),
    ([["姓名", "身份证号码", "单位名称"], ["张某", RESIDENT, "示例甲有限公司"]], 0, 2),
    ([["法定代表人", "住所", "商户名称"], ["张某", "示例市示例区示例路1号2楼", "老王面馆"]], 0, 2),
    ([["2026-01-01", "13800000000", "示例小学"], ["2026-01-02", "13800000001", "示例村"]], -1, 2),
    ([["", "甲"], ["", "乙"]], -1, 1),
    ([], -1, 0),
]


@pytest.mark.parametrize(("cells", "header", "column"), HEADERS)
def test_the_header_and_the_column(ask: Ask, cells: list[list[str]], header: int, column: int) -> None:
    rows = [{"number": number, "cells": row} for number, row in enumerate(cells, 1)]
    assert ask("bulk-list.js", "m.headerOf", [rows]) == [header]
    assert ask("bulk-list.js", f"(rows) => m.columnOf(rows, {header})", [rows]) == [column]
