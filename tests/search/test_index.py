"""The index as files: what is in it, what is not, what it is called, and how little of it a change touches."""

import gzip
import hashlib
import json
import random
import re
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from publish import urls
from publish.derive.folding import fold_text, misleading, simplified
from publish.derive.search.folded import fold_texts
from publish.derive.search.lists import grouped
from publish.derive.search.packing import gaps, pack, pack_varints
from publish.derive.search.partition import MAX_ROWS, derive_segments
from publish.executors import make_executor
from publish.model.document import Document
from publish.model.public import PublicField, PublicTable
from publish.model.search import SearchIndex
from tests.search.awkward import WORDS, awkward_tables
from tests.searchkit import index_of, table_of

GOLDEN = Path(__file__).resolve().parents[1] / "golden" / "search" / "index.json"
NAMED = re.compile(rf"^{urls.SEARCH_INDEX}[0-9a-f]{{10}}\.gz$")


def numbers_of(data: bytes) -> list[int]:
    """Varints, read one by one."""
    numbers, value, shift = [], 0, 0
    for byte in data:
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            numbers.append(value)
            value = shift = 0
    assert shift == 0, "the last number is cut off"
    return numbers


def root_of(index: SearchIndex) -> dict[str, Any]:
    root: dict[str, Any] = json.loads(gzip.decompress(index.root))
    return root


def contents(index: SearchIndex) -> dict[str, bytes]:
    return {url: gzip.decompress(data) for url, data in index.files()}


def heads(index: SearchIndex) -> list[dict[str, Any]]:
    """The first file of every block."""
    return [json.loads(body) for body in contents(index).values() if body.startswith(b'{"o":')]


@given(st.lists(st.integers(0, 2**42 - 1), max_size=50))
def test_varints_are_read_as_they_were_written(numbers: list[int]) -> None:
    assert numbers_of(pack_varints(np.array(numbers, dtype=np.uint64))) == numbers


@given(st.lists(st.sets(st.integers(0, 2000), max_size=20), max_size=8))
def test_gaps_add_up_to_the_lists(lists: list[set[int]]) -> None:
    joined = np.array([number for one in lists for number in sorted(one)], dtype=np.uint64)
    ends = np.cumsum([0, *map(len, lists)])
    packed = gaps(joined, ends[:-1]).tolist()
    for place, one in enumerate(lists):
        found: list[int] = []
        for gap in packed[ends[place] : ends[place + 1]]:
            found.append(gap if not found else found[-1] + gap + 1)
        assert found == sorted(one)


@given(st.sets(st.tuples(st.integers(0, 2**32 - 1), st.integers(0, 2), st.integers(0, 60000)), max_size=60))
def test_keyed_grams_become_lists(grams: set[tuple[int, int, int]]) -> None:
    keyed = np.array(sorted(h << 26 | kind << 24 | block for h, kind, block in grams), dtype=np.uint64)
    lists = grouped(keyed)
    ends = np.cumsum(np.r_[0, lists.counts])
    found = {
        (key >> 2, key & 3, block)
        for place, key in enumerate(lists.keys.tolist())
        for block in lists.blocks[ends[place] : ends[place + 1]].tolist()
    }
    assert found == grams


@settings(max_examples=200)
@given(st.lists(st.one_of(st.none(), st.text(max_size=12), st.sampled_from(WORDS)), max_size=6))
def test_folding_in_columns_is_folding(texts: list[str | None]) -> None:
    folded = fold_texts(pl.Series(texts, dtype=pl.String))
    for place, text in enumerate(texts):
        assert "".join(map(chr, folded.codes[folded.owner == place])) == fold_text(text or "")


def test_traditional_characters_are_told_and_fold_to_simplified_ones() -> None:
    assert fold_text("臺灣機械") == fold_text("台湾机械")
    assert not set(simplified()) & set(simplified().values())
    assert set(misleading()) <= set(simplified())
    assert fold_texts(pl.Series(["台湾", "臺", None, "e\u0301灣"])).simplified.tolist() == [1, 3]


def test_every_file_is_named_by_its_content_and_the_same_input_gives_the_same_bytes(tmp_path: Path) -> None:
    tables = awkward_tables(random.Random(1))
    index = index_of(tables, tmp_path)
    for url, data in index.parts.items():
        assert NAMED.match(url)
        assert hashlib.sha256(gzip.decompress(data)).hexdigest()[:10] == url.removesuffix(".gz")[-10:]
    with make_executor(2) as executor:
        assert index_of(tables, tmp_path, executor=executor) == index
    assert not list(tmp_path.iterdir()), "scratch files are removed"


def test_a_record_that_comes_or_goes_changes_few_files(tmp_path: Path) -> None:
    """Blocks are cut by the days and keys of records, never by their number."""
    (table, *_) = awkward_tables(random.Random(2))
    before = index_of([table], tmp_path)
    fewer = PublicTable(table.info, table.fields, table.frame.filter(pl.int_range(pl.len()) != 1234))
    after = index_of([fewer], tmp_path)
    blocks = {url for url, body in contents(before).items() if body.startswith(b'{"o":')}
    assert len(blocks) > 20
    assert len(blocks - after.parts.keys()) == 1
    gone = table.frame["_key"][1234]
    assert not [url for url, body in contents(after).items() if gone.encode() in body]


def test_blocks_are_small_and_in_order(tmp_path: Path) -> None:
    tables = awkward_tables(random.Random(3))
    made = heads(index_of(tables, tmp_path))
    assert sum(len(block["k"]) for block in made) == sum(table.frame.height for table in tables)
    assert max(len(block["k"]) for block in made) <= MAX_ROWS
    for block in made:
        days = [day or "" for day in block["d"] or [None] * len(block["k"])]
        assert days == sorted(days, reverse=True)


@pytest.mark.parametrize("rows", [0, 1, 19_999, 20_000, 100_000, 400_000])
def test_segments_are_cut_by_the_calendar(rows: int) -> None:
    days = pl.Series("_day", np.sort(np.arange(rows) % 700 + 20_000)[::-1], dtype=pl.Int32)
    order = pl.Series("_order", np.arange(rows, dtype=np.uint64) << np.uint64(40))
    texts = pl.Series("k", ["k"] * rows, dtype=pl.String)
    segments = derive_segments(pl.DataFrame([texts, days, order]), sections=False)
    assert sum(segment.last - segment.first for segment in segments) == rows
    form = {0: None, 1: "all", 19_999: "all", 20_000: r"\d{4}", 100_000: r"\d{4}-Q\d", 400_000: r"\d{4}-\d\d"}[rows]
    assert all(re.fullmatch(str(form), segment.name) for segment in segments)
    assert all(set(segment.wide) <= set(segment.starts) for segment in segments)
    assert all(segment.starts[0] == segment.wide[0] == 0 for segment in segments)


def test_only_public_texts_are_in_it_and_numbers_are_not(tmp_path: Path) -> None:
    fields: list[PublicField | str] = [PublicField("数", "数", type="number"), "文"]
    record = {"_title": "甲", "数": "424242", "文": "词语", "_reason": "事由一", "_until": date(2027, 1, 1)}
    table = table_of("x", "题", [record], fields)
    private = PublicTable(table.info, table.fields, table.frame.with_columns(pl.lit("私密").alias("secret")))
    everything = b"".join(contents(index_of([private], tmp_path)).values())
    assert "词语".encode() in everything
    assert b"424242" not in everything
    assert "私密".encode() not in everything


def test_a_field_that_mostly_repeats_a_shown_one_is_stored_where_it_differs(tmp_path: Path) -> None:
    records = [
        {"_title": f"{n}号", "文号": f"{n}号", "机关": "甲" if n else "乙", "_authority": "甲"} for n in range(9)
    ]
    index = index_of([table_of("x", "题", records, ["文号", "机关"])], tmp_path)
    assert root_of(index)["datasets"][0]["fields"] == [["文号", "文号", "", "t"], ["机关", "机关", "x0", "a"]]


def test_no_records_are_an_index_too(tmp_path: Path) -> None:
    index = index_of([], tmp_path)
    assert root_of(index)["segments"] == []


def test_the_index_of_a_small_site_is_as_reviewed(tmp_path: Path) -> None:
    """Names of files are hashes of their content, so that any change of the format shows here."""
    record = {"_title": "汀监罚〔2026〕1号", "_subject": "甲公司", "_code": "91990100MA0000001X", "_reason": "无证经营"}
    record |= {"_authority": "市监局", "_flag": "objection", "_severity": "general"}
    rows = [record | {"_date": date(2026, 5, 4), "内容": "罚款"}, {"_title": "乙", "内容": "臺灣"}]
    document = Document("measures", "管理办法", "正文。\n\n# 第一章 {#c1}\n\n条文\n", published_on=date(2026, 3, 23))
    index = index_of([table_of("penalties", "行政处罚", rows, ["内容"])], tmp_path, [document])
    found = {url.rpartition("/")[2]: _readable(body) for url, body in contents(index).items()}
    assert found == json.loads(GOLDEN.read_text(encoding="utf-8"))


def _readable(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return body.hex() if len(body) < 2000 else hashlib.sha256(body).hexdigest()


def test_what_is_packed_is_found_again() -> None:
    assert gzip.decompress(pack(b"abc").data) == b"abc"
