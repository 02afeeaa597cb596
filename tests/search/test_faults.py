"""What a search says of an index that is not as it should be: a clear error, and never a wrong result."""

import gzip
import random
from collections import Counter
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from publish.derive.search.packing import pack
from publish.derive.search.scale import Scale
from tests.search.awkward import TODAY, awkward_tables
from tests.search.histories import code_of
from tests.search.queries import queries_of
from tests.searchkit import TINY, Oracle, ask_node, asked, index_of, table_of, write_index

ROUNDS = 12
TOLD = ("IndexGone", "IndexBroken")


def broken(source: random.Random, data: bytes, others: list[bytes]) -> bytes | None:
    """A file as a bad disk, a bad proxy or a half-done upload leaves it; None: not there at all."""
    body = bytearray(gzip.decompress(data))
    if body:
        body[source.randrange(len(body))] ^= 1 << source.randrange(8)
    place = source.randrange(len(data))
    flipped = data[:place] + bytes([data[place] ^ (1 << source.randrange(8))]) + data[place + 1 :]
    page = b"<!doctype html><title>404</title>"
    return source.choice([None, b"", page, data[:place], flipped, pack(bytes(body)).data, source.choice(others)])


@pytest.mark.parametrize("scale", [None, TINY])
def test_a_broken_file_is_told_and_gives_no_wrong_result(scale: Scale | None, tmp_path: Path) -> None:
    tables = awkward_tables(random.Random(7), {"penalties": 900, "licences": 300}, (3, 4))
    index = index_of(tables, tmp_path / "scratch", as_of=TODAY, scale=scale)
    site = write_index(tmp_path / "site", index)
    source = random.Random(3)
    queries = queries_of(random.Random(4), tables, 60)
    questions = [{"text": query.text, "today": TODAY.isoformat()} for query in queries]
    oracle = Oracle(tables)
    wanted = [set(oracle.records(query, TODAY)) for query in queries]
    outcomes: Counter[str] = Counter()
    every = list(index.parts.values())
    rounds = [
        {
            url: broken(source, index.parts[url], every)
            for url in source.sample(sorted(index.parts), len(index.parts) // (10 if scale is None else 12))
        }
        for _ in range(ROUNDS)
    ]
    answers = ask_node(site, questions, tmp_path, rounds=rounds)
    for query, answer, right in zip(queries * ROUNDS, answers, wanted * ROUNDS, strict=True):
        told = oracle.told(query, TODAY, answer["urls"])
        # What was found before it was told is right, too.
        assert told <= right
        if answer["error"] is None:
            assert answer["done"]
            assert told == right
            outcomes["right"] += 1
        else:
            assert answer["error"].split(":")[0] in TOLD, answer["error"]
            outcomes["told"] += 1
    assert outcomes["told"] > 50, "too few of the searches met a broken file: the test would prove little"
    assert outcomes["right"] > 50


def test_what_is_hidden_in_another_run_or_period_is_missed_only_with_an_error(tmp_path: Path) -> None:
    """Each file of an index, taken away alone: whatever is lost, somebody is told."""
    tables = awkward_tables(random.Random(8), {"penalties": 260}, (3, 4))
    index = index_of(tables, tmp_path / "scratch", as_of=TODAY, scale=replace(TINY, list_numbers=4000, node=40))
    site = write_index(tmp_path / "site", index)
    queries = queries_of(random.Random(5), tables, 40)
    questions = [{"text": query.text, "today": TODAY.isoformat()} for query in queries]
    oracle = Oracle(tables)
    wanted = [set(oracle.records(query, TODAY)) for query in queries]
    gone = [{url: None} for url in random.Random(2).sample(sorted(index.parts), 25)]
    answers = ask_node(site, questions, tmp_path, rounds=gone)
    for query, answer, right in zip(queries * 25, answers, wanted * 25, strict=True):
        assert answer["error"] or oracle.told(query, TODAY, answer["urls"]) == right, query
    rounds = [answers[first : first + len(queries)] for first in range(0, len(answers), len(queries))]
    assert sum(all(answer["error"] is None for answer in one) for one in rounds) < 12


@pytest.mark.parametrize(
    "text", ["罚款", "没有这个词", "91990100ma0000001x", "内容:甲", '"', "a b c", "：", "x" * 5000]
)
def test_an_index_without_records_answers(tmp_path: Path, text: str) -> None:
    site = write_index(tmp_path / "site", index_of([], tmp_path / "scratch"))
    (answer,) = ask_node(site, [{"text": text}], tmp_path)
    assert (answer["error"], answer["urls"], answer["done"]) == (None, [], True)


def test_a_query_of_nothing_finds_no_subject(tmp_path: Path) -> None:
    """An empty one with a filter finds all records that pass it."""
    rows = [
        {"_title": f"{n}号", "_subject": "甲公司", "_code": code_of(n), "_authority": "甲乙"[n % 2]} for n in range(9)
    ]
    site = write_index(tmp_path / "site", index_of([table_of("x", "x", rows)], tmp_path / "scratch"))
    everything, some = ask_node(site, [{"text": '"'}, {"text": "", "filters": {"authority": "甲"}}], tmp_path)
    assert [everything["error"], some["error"]] == [None, None]
    assert not [url for url in everything["urls"] if "/s/" in url]
    assert len(some["urls"]) == 5


def test_a_field_that_says_the_code_is_searched(tmp_path: Path) -> None:
    rows: list[dict[str, object]] = [
        {"_title": f"{n}号", "_subject": f"公司{n}", "_code": code_of(n)} for n in range(300)
    ]
    rows = [row | {"统一代码": row["_code"]} for row in rows]
    site = write_index(tmp_path / "site", index_of([table_of("x", "x", rows, ["统一代码"])], tmp_path / "scratch"))
    questions = [
        f"{field}:{text}" for field in ("统一代码", "代码") for text in ("00123x", "MA0000123", "0299X", "A00")
    ]
    answers = ask_node(site, [{"text": text} for text in questions], tmp_path)
    assert [len(answer["urls"]) for answer in answers] == [1, 1, 1, 300] * 2


def test_subjects_without_a_name_are_found_by_their_codes(tmp_path: Path) -> None:
    rows: list[dict[str, object]] = [{"_code": code_of(n), "_authority": "局"} for n in range(50)]
    site = write_index(tmp_path / "site", index_of([table_of("x", "x", rows)], tmp_path / "scratch"))
    texts = [code_of(7), code_of(7)[-6:], "MA00000", code_of(7)[:-1]]
    answers = ask_node(site, [{"text": text} for text in texts], tmp_path)
    assert [len([url for url in answer["urls"] if "/s/" in url]) for answer in answers] == [1, 1, 50, 1]


@pytest.mark.parametrize("scale", [None, TINY])
def test_filters_restrict_what_is_found(scale: Scale | None, tmp_path: Path) -> None:
    rows = [
        {
            "_title": f"第{n}号",
            "_subject": "甲公司",
            "_date": date(2024 + n % 3, 1, 1 + n % 28),
            "_authority": ["市监局", "卫健委"][n % 2],
            "_severity": ["general", "serious", None][n % 3],
            "_flag": "objection" if n % 10 == 0 else None,
        }
        for n in range(400)
    ]
    tables = [table_of("penalties", "处罚", rows[:300]), table_of("licences", "许可", rows[300:])]
    site = write_index(tmp_path / "site", index_of(tables, tmp_path / "scratch", as_of=TODAY, scale=scale))
    filters: list[dict[str, str]] = [
        {"dataset": "licences"},
        {"dataset": "none"},
        {"kind": "other"},
        {"authority": "市监局", "year": "2025"},
        {"severity": "serious", "status": "objection"},
    ]
    oracle = Oracle(tables).records(asked(("甲公司", None)), TODAY)
    assert len(oracle) == 400
    counts = [
        100,
        0,
        400,
        sum(n % 2 == 0 and n % 3 == 1 for n in range(400)),
        sum(n % 3 == 1 and n % 10 == 0 for n in range(400)),
    ]
    for order in ("relevance", "newest"):
        asked_for = [{"text": "甲公司", "filters": one, "order": order} for one in filters]
        answers = ask_node(site, asked_for, tmp_path)
        assert [len(answer["urls"]) for answer in answers] == counts
        assert all(set(answer["urls"]) <= set(oracle) for answer in answers)
        if order == "newest":
            assert all(answer["urls"] == [url for url in oracle if url in set(answer["urls"])] for answer in answers)
