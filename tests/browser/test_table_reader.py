"""Lists as people have them, read by the browser: encodings, separators, quotes, workbooks, and files that are none."""

import base64
import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from playwright.sync_api import Page

from publish import urls
from tests.browser.conftest import Faults, Serve

Read = Callable[[bytes], Any]
OLE = bytes.fromhex("d0cf11e0a1b11ae1")
READ = """async ([module, data]) => {
  const { readFile } = await import(module);
  const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
  const told = await readFile(new File([bytes], "list")).then(
    ({ rows, more, sheet }) => ({ rows: rows.map(({ number, cells }) => [number, ...cells]), more, sheet }),
    (error) => error.reason ?? String(error),
  );
  return JSON.stringify(told); // Playwright's own way with many values takes far longer
}"""


@pytest.fixture
def read(modules: Path, served: Serve, plain_page: Page) -> Read:
    """What is read from a file of these bytes: rows, each with its number first; or why it cannot be read."""
    plain_page.goto(served(modules) + "/")

    def start(data: bytes) -> Any:
        given = [urls.static("js/table-reader.js"), base64.b64encode(data).decode()]
        return json.loads(plain_page.evaluate(READ, given))

    return start


def rows(read: Read, data: bytes) -> list[list[Any]]:
    table = read(data)
    assert isinstance(table, dict), table
    found: list[list[Any]] = table["rows"]
    return found


def packed(parts: dict[str, bytes | str], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return out.getvalue()


def workbook(sheet: str, shared: str = "", **more: bytes | str) -> dict[str, bytes | str]:
    """The parts of a workbook with one sheet of this content."""
    relation = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    return {
        "xl/workbook.xml": f'<workbook xmlns:r="{relation}"><sheets><sheet name="表" r:id="rId7"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": '<Links><Relationship Id="rId7" Target="worksheets/a.xml"/></Links>',
        "xl/worksheets/a.xml": f"<worksheet><sheetData>{sheet}</sheetData></worksheet>",
        "xl/sharedStrings.xml": f"<sst>{shared}</sst>",
    } | more


def made(book: openpyxl.Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "gb18030"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_encodings_and_ends_of_lines(read: Read, encoding: str, end: str) -> None:
    names = ["名称", "一一一公司", "㐂𠮷公司", "Ünder GmbH"]
    text = end.join([*names[:2], "", *names[2:], "　 "])
    assert rows(read, text.encode(encoding)) == [[1, "名称"], [2, "一一一公司"], [4, "㐂𠮷公司"], [5, "Ünder GmbH"]]


def test_utf_16_of_the_other_order_by_its_mark(read: Read) -> None:
    assert rows(read, b"\xfe\xff" + "甲公司\n".encode("utf-16-be")) == [[1, "甲公司"]]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_columns_and_quotes(read: Read, separator: str) -> None:
    lines = [
        ["名称", "代码", "说明"],
        ['"甲""乙""公司"', " 1 ", f'"有{separator}号"'],
        ['"第一行\n第二行"', "", '""'],
        ['没"有"引', '"x"y', '"不闭合'],
        [",;"[separator == ","], "", ""],
    ]
    text = "\n".join(separator.join(line) for line in lines)
    assert rows(read, text.encode()) == [
        [1, "名称", "代码", "说明"],
        [2, '甲"乙"公司', "1", f"有{separator}号"],
        [3, "第一行\n第二行", "", ""],
        [4, '没"有"引', '"x"y', '"不闭合'],
        [5, ",;"[separator == ","], "", ""],
    ]


def test_one_entry_a_line_keeps_its_commas(read: Read) -> None:
    names = ["Example Trading Co., Ltd.", "Sample,Inc.", "甲，乙公司", "丙；丁公司", "戊\u3000公司"]
    assert [row[1:] for row in rows(read, "\n".join(names).encode())] == [[name] for name in names]
    assert rows(read, b'"Example Co., Ltd."\r\n"a ""b"""\r\n') == [[1, "Example Co., Ltd."], [2, 'a "b"']]


def test_the_separator_that_excel_is_told(read: Read) -> None:
    assert rows(read, "sep=|\r\n甲公司|1\r\n".encode()) == [[2, "甲公司", "1"]]


def test_a_list_may_be_empty(read: Read) -> None:
    for data in (b"", b"\xef\xbb\xbf", b"\r\n \r\n", made(openpyxl.Workbook())):
        assert rows(read, data) == []


def test_long_lists_are_cut(read: Read) -> None:
    table = read("".join(f"第{n}公司\n" for n in range(10_001)).encode("gb18030"))
    assert (len(table["rows"]), table["rows"][-1], table["more"]) == (10_001, [10_001, "第10000公司"], False)
    table = read("".join(f"第{n}公司\n" for n in range(20_001)).encode())
    assert (len(table["rows"]), table["more"]) == (20_000, True)
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet()
    for number in range(20_001):
        sheet.append([f"第{number}公司"])
    table = read(made(book))
    assert (len(table["rows"]), table["rows"][-1], table["more"]) == (20_000, [20_000, "第19999公司"], True)


HOSTILE = (",\n" * 1_000_000, "," * 4_000_000, '"' * 2_000_001, '"a\n' * 500_000, "\n" * 4_000_000)


@pytest.mark.parametrize("text", HOSTILE, ids=["rows", "cells", "quotes", "unclosed", "blank"])
def test_hostile_text_ends(read: Read, text: str) -> None:
    assert isinstance(read(text.encode()), dict)


def test_a_workbook_of_openpyxl(read: Read) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet["B2"] = "名称"
    sheet["C2"] = "代码"
    sheet["B5"] = " 甲 & <乙>\n公司 "
    sheet["C5"] = 914403001922038216  # a number: the last digits are lost
    sheet["D5"], sheet["E5"], sheet["F5"], sheet["AB5"] = 0.5, True, "=1+1", "远"
    book.create_sheet("第二张")["A1"] = "不读"
    table = read(made(book))
    assert table["sheet"] == "Sheet"
    assert [row[:3] for row in table["rows"]] == [[2, "", "名称"], [5, "", "甲 & <乙>\n公司"]]
    assert table["rows"][1][3:7] == ["914403001922038272", "0.5", "1", ""]
    assert (table["rows"][1][28], len(table["rows"][1])) == ("远", 29)


def test_the_first_sheet_that_is_not_hidden(read: Read) -> None:
    book = openpyxl.Workbook()
    book.active.sheet_state = "hidden"
    book.active["A1"] = "隐藏"
    book.create_sheet("看得见")["A1"] = "甲公司"
    assert read(made(book)) == {"rows": [[1, "甲公司"]], "more": False, "sheet": "看得见"}


def test_what_other_programs_write(read: Read) -> None:
    """Inline strings, rich text, phonetics, exponents, no references, prefixes, stored files, escapes."""
    sheet = """<row r="3"><c r="A3" t="inlineStr"><is><r><t>甲</t></r><r><t xml:space="preserve"> 公司</t></r></is></c>
    <c r="C3"><v>9.1440300192203802E+17</v></c><c r="D3" t="e"><v>#N/A</v></c>
    <c r="E3" t="str"><f>A1</f><v>算出</v></c></row>
    <row><c t="s"><v>0</v></c><c t="s"><v>9</v></c><c t="b"><v>1</v></c></row>"""
    shared = "<si><t>东京_x000D_</t><rPh sb='0' eb='1'><t>トウキョウ</t></rPh></si>"
    expected = [[3, "甲 公司", "", "914403001922038016", "", "算出"], [4, "东京", "", "1"]]
    parts = workbook(sheet, shared)
    assert rows(read, packed(parts)) == expected
    assert rows(read, packed(parts, zipfile.ZIP_STORED)) == expected
    marked = {name: b"\xef\xbb\xbf" + str(text).encode() for name, text in parts.items()}
    assert rows(read, packed(marked)) == expected
    prefixed = parts["xl/worksheets/a.xml"]
    assert isinstance(prefixed, str)
    for tag in ("worksheet", "sheetData", "row", "c", "v", "f", "is", "r", "t"):
        prefixed = prefixed.replace(f"<{tag}>", f"<x:{tag}>").replace(f"</{tag}>", f"</x:{tag}>")
        prefixed = prefixed.replace(f"<{tag} ", f"<x:{tag} ")
    prefixed = prefixed.replace("<x:worksheet>", '<x:worksheet xmlns:x="urn:x">')
    assert rows(read, packed(parts | {"xl/worksheets/a.xml": prefixed})) == expected


def test_a_zip_bomb_is_not_unpacked(read: Read) -> None:
    bomb = packed(workbook("<row/>" * 10_000_000))
    assert len(bomb) < 2**20
    assert read(bomb) == "large"
    assert read(packed(workbook("<row/>", "<si/>" * 12_000_000))) == "large"
    assert read(packed(workbook("") | {f"{n}": b"" for n in range(2001)})) == "large"
    assert read(b"x" * (16 * 2**20 + 1)) == "large"


def test_entities_are_not_expanded(read: Read) -> None:
    text = '<!DOCTYPE x [<!ENTITY a "甲">]><worksheet><row><c t="str"><v>&a;</v></c></row></worksheet>'
    assert read(packed(workbook("") | {"xl/worksheets/a.xml": text})) == "broken"


def test_what_cannot_be_read_is_told(read: Read) -> None:
    assert read(OLE + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le") + b"\0" * 600) == "encrypted"
    assert read(OLE + b"\0" * 1200) == "old"
    assert read(packed({"xl/workbook.bin": b""})) == "old"
    assert read(packed({"word/document.xml": "<x/>"})) == "foreign"
    assert read(b"%PDF-1.7\n\x00\x01\xff" * 9) == "foreign"
    assert read(bytes(range(256)) * 4) == "foreign"
    locked = bytearray(packed(workbook("<row/>")))
    at = locked.find(b"PK\1\2")
    while at >= 0:
        locked[at + 8] |= 1
        at = locked.find(b"PK\1\2", at + 1)
    assert read(bytes(locked)) == "encrypted"


def test_broken_workbooks_are_told_wherever_they_are_cut_or_changed(read: Read, faults: Faults) -> None:
    faults.expect("Applying inline style")  # by the browser, to its own message about broken XML
    whole = packed(workbook('<row><c t="inlineStr"><is><t>甲公司</t></is></c></row>'))
    assert rows(read, whole) == [[1, "甲公司"]]
    cuts = {str(read(whole[:end])) for end in range(4, len(whole) - 1, 97)}
    assert cuts == {"broken"}
    told = set()
    for at in range(4, len(whole), 41):
        changed = bytearray(whole)
        changed[at] ^= 0xFF
        table = read(bytes(changed))
        told.add(table if isinstance(table, str) else "read")
    assert told <= {"broken", "read", "foreign", "encrypted", "large"}
    for part in ("xl/_rels/workbook.xml.rels", "xl/worksheets/a.xml"):
        parts = workbook("<row/>")
        del parts[part]
        assert read(packed(parts)) == "broken"
    assert read(packed(workbook("<row>"))) == "broken"
    assert read(packed(workbook("", **{"xl/workbook.xml": "<workbook/>"}))) == "broken"
