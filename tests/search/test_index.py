"""The index as files: what is in it, what is not, what it is called, how it is cut, and how a reader finds its way."""

import base64
import gzip
import hashlib
import json
import random
import re
import shutil
import subprocess
import unicodedata
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from publish import urls
from publish.derive.folding import fold_lightly, fold_text, misleading, needs_simplifying, simplified
from publish.derive.search.folded import PLAIN, fold_texts, traditional_pattern
from publish.derive.search.grams import _PAIR, unit_grams
from publish.derive.search.hashing import code_hashes, mixed, text_hashes
from publish.derive.search.heads import HEAD
from publish.derive.search.lists import (
    CLASSES,
    SPAN,
    Grams,
    count_grams,
    list_numbers,
    open_periods,
    shard_bits,
    shards,
    sketch,
)
from publish.derive.search.names import name_table
from publish.derive.search.numbers import LONGEST, natural_keys
from publish.derive.search.packing import gaps, pack, pack_varints, varint_stream
from publish.derive.search.partition import (
    LASTING,
    PASSING,
    SECTIONS,
    SLOT_BITS,
    Blocks,
    _minima,
    cut_records,
    cuts,
    find_periods,
)
from publish.derive.search.record_nights import stand
from publish.derive.search.scale import EPOCH, Scale, season_of
from publish.derive.search.subjects import subject_rows
from publish.derive.search.suffixes import COMMON, KEY
from publish.derive.search.tables import Run, Table, fence, keyed_run, nodes_of, row_prints
from publish.derive.search.units import Units, derive_datasets, record_units
from publish.model.document import Document
from publish.model.public import PublicField, PublicTable
from publish.model.search import SearchIndex
from tests.search.awkward import TODAY, WORDS, awkward_tables
from tests.searchkit import STATIC, TINY, files_of, index_of, table_of
from tests.sitekit import workers_of

GOLDEN = Path(__file__).resolve().parents[1] / "golden" / "search" / "index.json"
NAMED = re.compile(rf"^{urls.SEARCH_INDEX}[0-9a-f]{{12}}\.gz$")


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
    return {url: gzip.decompress(data) for url, data in files_of(index).items()}


def blocks_of(index: SearchIndex) -> dict[str, dict[str, Any]]:
    """The blocks of units, by URL."""
    found = {url: json.loads(body) for url, body in contents(index).items() if body.startswith(b'{"k":')}
    return {url: columns for url, columns in found.items() if "r" in columns}


# Numbers.


@settings(deadline=None)
@given(st.lists(st.one_of(st.integers(0, 2**42 - 1), st.integers(0, 300)), max_size=50))
def test_varints_are_read_as_they_were_written(numbers: list[int]) -> None:
    packed = np.array(numbers, dtype=np.uint64)
    assert numbers_of(pack_varints(packed)) == numbers
    stream, starts = varint_stream(packed)
    assert [numbers_of(stream[a:b].tobytes()) for a, b in pairwise(starts)] == [[number] for number in numbers]


@pytest.mark.parametrize("bits", range(43))
def test_varints_at_every_border(bits: int) -> None:
    numbers = [max(0, (1 << bits) + more) for more in (-1, 0, 1)]
    numbers = [number for number in numbers if number < 2**42]
    assert numbers_of(pack_varints(np.array(numbers, dtype=np.uint64))) == numbers


@settings(deadline=None)
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


# Lists of grams.

BLOCK = st.one_of(st.integers(0, 2**32 - 1), st.integers(0, SECTIONS << SLOT_BITS))
PAIRS = st.sets(st.tuples(st.one_of(st.integers(0, 2**32 - 1), st.integers(0, 5)), BLOCK), max_size=80)


def pairs_of(found: set[tuple[int, int]]) -> NDArray[np.uint64]:
    return np.array(sorted(hash_ << 32 | block for hash_, block in found), dtype=np.uint64)


def lists_in(body: bytes, head: int) -> dict[int, list[int]]:
    """A shard as a reader reads it; `head`: the first bits of the hashes in it, in place."""
    count, *numbers = numbers_of(body)
    keys = np.cumsum(numbers[:count]).tolist()
    sizes, rest = numbers[count : 2 * count], numbers[2 * count :]
    lists = {}
    for key, size in zip(keys, sizes, strict=True):
        steps, rest = rest[:size], rest[size:]
        lists[head | key] = [last - 1 for last in np.cumsum([step + 1 for step in steps]).tolist()]
    assert not rest
    return lists


def blocks_and_open(numbers: Iterable[int]) -> tuple[set[int], set[int]]:
    """Of what a list says: ids of blocks, and the periods that are open."""
    split = [divmod(number, SPAN) for number in numbers]
    return {period << SLOT_BITS | rest - 1 for period, rest in split if rest}, {
        period for period, rest in split if not rest
    }


@settings(deadline=None)
@given(PAIRS, st.integers(0, 7), st.integers(0, 7))
@example({(0, 1), (2**32 - 1, 2**32 - 1)}, 12, 8)
def test_pairs_become_lists_in_shards(found: set[tuple[int, int]], bits: int, slices: int) -> None:
    """Some shards at a time."""
    lists: dict[int, list[int]] = {}
    pairs = pairs_of(found)
    count = 1 << max(0, bits - slices)
    for first in range(0, 1 << bits, count):
        heads = pairs >> np.uint64(64 - bits) if bits else pairs * np.uint64(0)
        bodies = shards(pairs[(heads >= first) & (heads < first + count)], bits, first, count)
        assert len(bodies) == count
        for place, body in enumerate(bodies, first):
            mine = lists_in(body, place << (32 - bits))
            assert all(hash_ >> (32 - bits) == place for hash_ in mine)
            lists |= mine
    assert {(hash_, block) for hash_, blocks in lists.items() for block in blocks} == found
    assert all(lists.values())


FEW_HASHES = st.sampled_from([0, 1, 2**31, 2**32 - 1])
FEW_BLOCKS = st.tuples(st.sampled_from([0, 3, 4, SECTIONS]), st.one_of(st.integers(0, 6), st.just(2047)))


@settings(deadline=None)
@given(st.sets(st.tuples(FEW_HASHES, FEW_BLOCKS)), st.sets(FEW_BLOCKS))
def test_a_list_says_which_blocks_have_a_gram_and_where_any_may(
    found: set[tuple[int, tuple[int, int]]], others: set[tuple[int, int]]
) -> None:
    """A period is open where a gram is in more than half of its blocks, and in more than two; sections never are."""
    blocks = {block for _, block in found} | others
    ids = {block: block[0] << SLOT_BITS | block[1] for block in blocks}
    pairs = pairs_of({(hash_, ids[block]) for hash_, block in found})
    opened, size = open_periods(pairs, np.array(sorted(ids.values()), dtype=np.int64))
    numbers = list_numbers(pairs, opened)
    assert numbers.size == size
    assert numbers.tolist() == sorted(set(numbers.tolist()))
    for hash_ in {hash_ for hash_, _ in found}:
        mine = {block for other, block in found if other == hash_}
        wanted = {
            period
            for period in {period for period, _ in mine} - {SECTIONS}
            if (count := sum(one == period for one, _ in mine)) > 2
            and 2 * count > sum(one == period for one, _ in blocks)
        }
        told = blocks_and_open(number & 0xFFFFFFFF for number in numbers.tolist() if number >> 32 == hash_)
        assert told == ({ids[block] for block in mine if block[0] not in wanted}, wanted)
        # Of a part of the pairs, too, as they are gone through.
        part = list_numbers(pairs[pairs >> np.uint64(32) == hash_], opened)
        assert part.tolist() == [number for number in numbers.tolist() if number >> 32 == hash_]


@settings(deadline=None)
@given(PAIRS, PAIRS, st.integers(1, 90))
def test_grams_are_counted_over_both_runs(one: set[tuple[int, int]], other: set[tuple[int, int]], blocks: int) -> None:
    grams = count_grams([pairs_of(one), pairs_of(other)], blocks)
    counts = {hash_: 0 for hash_, _ in one | other}
    for hash_, _ in [*one, *other]:
        counts[hash_] += 1
    assert dict(zip(grams.hashes.tolist(), grams.counts.tolist(), strict=True)) == counts
    assert grams.hashes.tolist() == sorted(counts)


GRAMS = st.dictionaries(
    st.one_of(st.integers(0, 2**32 - 1), st.integers(0, 200)), st.integers(1, 400), min_size=0, max_size=200
)


@settings(deadline=None)
@given(GRAMS, st.integers(1, 400))
def test_no_gram_seems_to_be_rarer_than_it_is(counts: dict[int, int], blocks: int) -> None:
    """That one seems to be commoner only costs time."""
    hashes = np.array(sorted(counts), dtype=np.uint64)
    grams = Grams(hashes, np.array([counts[one] for one in sorted(counts)], dtype=np.int64), blocks)
    classes = grams.classes()
    rank = sketch_reader(*sketch(grams))
    for hash_, own in zip(hashes.tolist(), classes.tolist(), strict=True):
        assert own <= rank(hash_) <= len(CLASSES)
    # Classes rise with how common a gram is; what stands in few blocks always has a list.
    by_count = sorted(zip(grams.counts.tolist(), classes.tolist(), strict=True))
    assert [one for _, one in by_count] == sorted(classes.tolist())
    assert all(one == 0 for count, one in by_count if count <= 16)


def sketch_reader(size: int, table: bytes) -> Any:
    """What a gram's class seems to be, as search-index.js reads it."""
    assert len(table) == size
    return lambda hash_: (table[hash_ * size >> 32] >> (4 * ((hash_ * 2 * size >> 32) & 1))) & 15


def test_a_sketch_has_room_for_the_grams_that_it_tells_of() -> None:
    """Not many rare grams seem to be common."""
    source = np.random.default_rng(3)
    hashes = np.unique(source.integers(0, 2**32, 20_000, dtype=np.uint64))
    counts = np.where(source.random(hashes.size) < 0.02, 900, 1).astype(np.int64)
    grams = Grams(hashes, counts, 1000)
    rank = sketch_reader(*sketch(grams))
    seem = sum(
        rank(one) == len(CLASSES) for one, count in zip(hashes.tolist(), counts.tolist(), strict=True) if count == 1
    )
    assert seem < 0.55 * hashes.size


@pytest.mark.parametrize(("size", "bits"), [(0, 0), (100, 0), (150, 1), (200, 1), (800, 3), (10**9, 23)])
def test_shards_have_about_as_many_numbers_as_they_should(size: int, bits: int) -> None:
    assert shard_bits(size, 100) == bits


def test_lists_are_of_the_blocks_that_have_the_grams(tmp_path: Path) -> None:
    """Of every pair of characters of every unit, by the lists of an index as a reader finds them."""
    tables = awkward_tables(random.Random(5), {"penalties": 900}, (3, 4))
    words = sorted({word for word in map(fold_text, WORDS[:9]) if len(word) > 1})
    bodies = ["".join(f"# 第{n}章 {{#c{n}}}\n\n{word}\n\n" for n, word in enumerate(words[at:])) for at in range(3)]
    documents = [Document(f"doc-{at}", "办法", body) for at, body in enumerate(bodies)]
    for scale in (Scale(), TINY):
        index = index_of(tables, tmp_path, documents, as_of=TODAY, scale=scale)
        reader = Reader(index)
        every = [set(map(fold_text, WORDS[:9])), {"汀pe", "(2026)"}]
        for word in sorted(set().union(*every)):
            for one, other in pairwise(word):
                hash_ = int(mixed(_PAIR, np.array([ord(one)], np.uint32), np.array([ord(other)], np.uint32))[0])
                wanted = reader.blocks_with(one + other)
                assert wanted
                told, opened = blocks_and_open(number for run in (0, 1) for number in reader.listed(run, hash_))
                assert told == {one for one in wanted if one >> SLOT_BITS not in opened}
                assert opened <= {one >> SLOT_BITS for one in wanted} - {SECTIONS}


class Reader:
    """A reader of lists and directories, in Python."""

    def __init__(self, index: SearchIndex) -> None:
        self.files = {url.rpartition("/")[2][:12]: body for url, body in contents(index).items()}
        self.root = root_of(index)
        head = self.files[self.root["head"]]
        at = 0
        numbers = []
        for _ in range(4):
            end = next(place for place in range(at, len(head)) if head[place] < 128) + 1
            numbers += numbers_of(head[at:end])
            at = end
        self.bits = numbers[1:3]
        self.has_lasting = bool(numbers[3])
        size = numbers[0]
        self.rank = sketch_reader(size, head[at : at + size])
        self.names = head[at + size :]
        self.directories = self.names[6 << self.bits[0] :]

    def listed(self, run: int, hash_: int) -> list[int]:
        if run and not self.has_lasting:
            return []
        place = hash_ >> (32 - self.bits[0])
        own = self.files[self.names[6 * place : 6 * place + 6].hex()]
        share = 1 << (self.bits[1] - self.bits[0]) if self.has_lasting else 0
        if run == 0:
            return lists_in(own[6 * share :], place << (32 - self.bits[0])).get(hash_, [])
        shard = hash_ >> (32 - self.bits[1])
        name = own[6 * (shard % share) : 6 * (shard % share) + 6].hex()
        return lists_in(self.files[name], shard << (32 - self.bits[1])).get(hash_, [])

    def entries(self) -> list[tuple[list[Any], int, int, dict[str, Any]]]:
        """(period, slot, newest day as an ordinal, columns) of every block, in the order of the periods."""
        found, at = [], 0
        for period in self.root["periods"]:
            size = 10 * period[2]
            body = self.files[period[5]] if len(period) > 5 else self.directories[at : at + size]
            at += size * (len(period) == 5)
            assert len(body) == size
            for entry in (body[place : place + 10] for place in range(0, size, 10)):
                slot, age = (int.from_bytes(entry[place : place + 2], "little") for place in (0, 2))
                newest = 0 if age == 0xFFFF else period[3] - age
                found.append((period, slot, newest, json.loads(self.files[entry[4:].hex()])))
        assert at == len(self.directories)
        return found

    def blocks_with(self, text: str) -> set[int]:
        """Numbers of blocks in which a text of a unit, beside its code, has a folded text."""
        return {
            number << SLOT_BITS | slot
            for (_, number, *_), slot, _, columns in self.entries()
            if any(text in fold_text(cell) for cell in texts_of(columns))
        }


def texts_of(columns: dict[str, Any]) -> list[str]:
    """All texts of a block that have grams, as they were before they were shortened."""
    texts = []
    for name, cells in columns.items():
        for row, cell in enumerate(cells or [] if re.fullmatch(r"[tsar]|x\d+", name) else []):
            own = {
                mark: (columns[column] or [""] * (row + 1))[row] or ""
                for mark, column in (("\x01", "s"), ("\x02", "r"))
            }
            is_short = name[0] == "x" and columns["z"]
            texts.append(
                re.sub("[\x01\x02]", lambda found, own=own: own[found[0]], cell or "") if is_short else cell or ""
            )
    return texts


# Folding and hashing in columns.


def test_what_is_not_folded_alone_is_left_as_it_is() -> None:
    for first, last in PLAIN:
        text = "".join(map(chr, range(first, last + 1)))
        assert fold_lightly(text) == text
        assert all(unicodedata.category(one)[0] != "M" for one in text)
        assert all(unicodedata.decomposition(one) == "" for one in text if not 0xAC00 <= first <= 0xD7A3)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.one_of(st.none(), st.text(max_size=12), st.sampled_from(WORDS)), max_size=6))
def test_folding_in_columns_is_folding(texts: list[str | None]) -> None:
    folded = fold_texts(pl.Series(texts, dtype=pl.String))
    for place, text in enumerate(texts):
        assert "".join(map(chr, folded.codes[folded.owner == place])) == fold_text(text or "")
    ordered = folded.in_order()
    assert ordered.starts.tolist() == [at for at, one in enumerate(ordered.owner) if one not in ordered.owner[:at]]
    assert ordered.owner.tolist() == sorted(folded.owner.tolist())
    for place, text in enumerate(texts):
        mine = ordered.owner == place
        assert "".join(map(chr, ordered.codes[mine])) == fold_text(text or "")


def test_traditional_characters_are_told_and_fold_to_simplified_ones() -> None:
    assert fold_text("臺灣機械") == fold_text("台湾机械")
    assert not set(simplified()) & set(simplified().values())
    assert set(misleading()) <= set(simplified())
    folded = fold_texts(pl.Series(["台湾", "臺", None, "e\u0301灣"]))
    assert folded.traditional_of.tolist() == [1, 3]
    assert folded.traditional.tolist() == [ord("臺"), ord("灣")]
    pattern = re.compile(traditional_pattern())
    every = [chr(code) for code in range(0x110000) if not 0xD800 <= code <= 0xDFFF]
    wrong = [one for one in every if bool(pattern.fullmatch(one)) != needs_simplifying([one])]
    assert wrong == []


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.one_of(
            st.none(),
            st.text(max_size=10),
            st.text(alphabet="0129年号a", max_size=45),
            st.from_regex(r"汀监罚〔20\d\d〕\d{1,40}号?", fullmatch=True),
        ),
        max_size=6,
    )
)
@example([f"甲{'7' * size}号" for size in (1, 30, 31, 32, 45)])
def test_natural_keys_have_the_length_of_the_last_number_before_it(titles: list[str | None]) -> None:
    assert natural_keys(pl.Series(titles, dtype=pl.String)).to_list() == [natural(title or "") for title in titles]


def natural(title: str) -> str:
    found = re.fullmatch(r"(?s)(.*?)([0-9]+)([^0-9]*)", fold_text(title))
    return f"{found[1]}{chr(min(len(found[2]), LONGEST))}{found[2]}{found[3]}" if found else ""


def test_natural_keys_are_in_the_order_in_which_people_count() -> None:
    titles = [f"汀监罚〔2026〕{number}号" for number in (1, 2, 9, 10, 11, 99, 100, 1000)]
    keys = natural_keys(pl.Series(titles)).to_list()
    assert keys == sorted(keys)


@settings(deadline=None)
@given(st.lists(st.text(alphabet="0123456789ABCDEFGHX", max_size=18), max_size=30))
def test_hashes_of_codes_tell_them_apart_and_do_not_depend_on_others(codes: list[str]) -> None:
    hashes = code_hashes(pl.Series(codes, dtype=pl.String)).tolist()
    assert len(set(hashes)) == len(set(codes))
    for code, one in zip(codes, hashes, strict=True):
        assert code_hashes(pl.Series([code])).tolist() == [one]


def in_script(tmp_path: Path, module: str, expression: str, value: Any) -> Any:
    """What an expression over a module of the site (`m`) makes of a value (`v`) under Node."""
    node = shutil.which("node")
    if not node:
        pytest.skip("Node is not on this machine")
    shutil.copytree(STATIC / "js", tmp_path / "js", dirs_exist_ok=True)
    (tmp_path / "js" / "package.json").write_text('{"type": "module"}', encoding="utf-8")
    script = f"""import * as m from "./{module}"; import {{ readFileSync }} from "node:fs";
const v = JSON.parse(readFileSync(0, "utf-8")); process.stdout.write(JSON.stringify({expression}));"""
    (tmp_path / "js" / "asked.js").write_text(script, encoding="utf-8")
    asked = subprocess.run(
        [node, "asked.js"], cwd=tmp_path / "js", input=json.dumps(value), capture_output=True, text=True, check=True
    )
    return json.loads(asked.stdout)


def test_the_script_hashes_as_the_program_does(tmp_path: Path) -> None:
    source = random.Random(4)
    texts = [
        "",
        "a",
        "𠮷野",
        "x" * 300,
        *WORDS,
        *("".join(source.choices("汀澜0123456789abcxyz𠮷", k=8)) for _ in range(500)),
    ]
    folded = fold_texts(pl.Series(texts))
    hashes = [f"{one:08x}" for one in text_hashes(folded, len(texts)).tolist()]
    plain = [fold_text(text) for text in texts]
    assert in_script(tmp_path, "search-grams.js", "v.map(m.hashKey)", plain) == hashes
    assert len(set(hashes)) == len(set(plain))
    # Grams of a text are those that the program finds in it; of facets too.
    frame = pl.DataFrame({"t": texts, "_block": np.arange(len(texts), dtype=np.uint32)})
    frame = frame.with_columns(
        pl.lit(0, dtype=pl.UInt16).alias("o"), a=pl.col("t"), v=None, d=pl.lit("2026-01-02"), f=None
    )
    frame = frame.with_columns(pl.col("v", "f").cast(pl.String))
    facets = in_script(
        tmp_path,
        "search-grams.js",
        "v.map((a) => [['o', '0'], ['a', a], ['y', '2026']].map((one) => m.hashFacet(...one)))",
        texts,
    )
    for every_three in (False, True):
        found: dict[int, set[int]] = {place: set() for place in range(len(texts))}
        for pair in unit_grams(frame, ["t"], every_three=every_three).grams.tolist():
            found[pair & 0xFFFFFFFF].add(pair >> 32)
        asked = f"v.map((text) => m.gramsOf(text, {str(every_three).lower()}))"
        grams = in_script(tmp_path, "search-grams.js", asked, plain)
        assert [{*one, *other} for one, other in zip(grams, facets, strict=True)] == list(found.values())


def test_the_script_orders_as_the_program_does(tmp_path: Path) -> None:
    source = random.Random(4)
    texts = ["".join(source.choices("a𠮷豈一￿퟿", k=source.randint(0, 4))) for _ in range(400)]
    expression = "[...v].sort((one, other) => m.order(one, other))"
    assert in_script(tmp_path, "search-index.js", expression, texts) == sorted(texts)


# Where an index is cut.

CHANCE = st.lists(st.one_of(st.integers(0, 2**32 - 1), st.integers(0, 3)), max_size=120)


@settings(deadline=None)
@given(st.lists(st.integers(0, 2**32 - 1), max_size=120, unique=True), st.integers(1, 9))
def test_the_least_of_a_window(numbers: list[int], window: int) -> None:
    found = _minima(np.array(numbers, dtype=np.uint64), window).tolist()
    least = [min(numbers[max(0, at - window) : at + window + 1]) for at in range(len(numbers))]
    assert found == [at for at, one in enumerate(numbers) if one == least[at]]


@settings(deadline=None)
@given(CHANCE, st.integers(1, 9))
def test_cuts_are_apart(numbers: list[int], window: int) -> None:
    cut = np.flatnonzero(cuts(np.array(numbers, dtype=np.uint32), window)).tolist()
    assert cut[:1] == [0][: len(numbers)]
    assert all(other - one > window for one, other in pairwise(cut))
    assert all(len(numbers) - one >= min(window, len(numbers)) for one in cut)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.integers(0, 2**32 - 1), min_size=1, max_size=150, unique=True), st.integers(1, 7), st.data())
def test_a_row_changes_only_cuts_near_it(numbers: list[int], window: int, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(numbers) - 1))
    number = data.draw(st.integers(0, 2**32 - 1).filter(lambda one: one not in numbers))
    kind = data.draw(st.sampled_from(["added", "removed", "changed"]))
    changed = {
        "added": [*numbers[:at], number, *numbers[at:]],
        "removed": [*numbers[:at], *numbers[at + 1 :]],
        "changed": [*numbers[:at], number, *numbers[at + 1 :]],
    }[kind]
    before, after = (
        {values[place] for place in np.flatnonzero(cuts(np.array(values, dtype=np.uint32), window)).tolist()}
        for values in (numbers, changed)
    )
    place = {one: at for values in (changed, numbers) for at, one in enumerate(values)}
    both = set.intersection(*(set(least_of_their_neighbours(values, window)) for values in (numbers, changed)))
    first = max((place[one] for one in both if place[one] < at), default=0)
    last = min((place[one] for one in both if place[one] >= at), default=len(numbers)) + 1
    for one in before ^ after:
        assert first <= place[one] <= last, "only cuts of the blocks that the row is among, before they are split"


def least_of_their_neighbours(values: list[int], window: int) -> list[int]:
    places = range(window + 1, len(values) - window)
    return [values[at] for at in places if values[at] == min(values[at - window : at + window + 1])]


def test_blocks_have_as_many_rows_as_they_should() -> None:
    numbers = np.random.default_rng(1).integers(0, 2**32, 200_000, dtype=np.uint32)
    sizes = np.diff(np.flatnonzero(cuts(numbers, 72)))
    assert 125 < sizes.mean() < 145
    assert sizes.min() > 72
    assert sizes.max() < 400


def cut_of(table: PublicTable, as_of: date | None, scale: Scale) -> tuple[Units, Blocks]:
    units = record_units([table], derive_datasets([table], []))
    season = season_of(as_of) if as_of else None
    periods = find_periods(units, season, scale)
    standing = stand(units, periods.rank, row_prints(units.frame))
    return units, cut_records(units, periods, standing, season, scale)


@pytest.mark.parametrize("as_of", [None, TODAY])
def test_blocks_are_of_one_period_and_none_is_missing(as_of: date | None) -> None:
    (table,) = awkward_tables(random.Random(3), {"penalties": 1500}, (1, 3, 3, 3))
    units, blocks = cut_of(table, as_of, TINY)
    assert sorted(blocks.order.tolist()) == list(range(1500))
    assert blocks.starts[0] == 0
    assert blocks.starts[-1] == 1500
    assert (blocks.slot < 1 << SLOT_BITS).all()
    days = units.frame["d"].to_list()
    by_period: dict[tuple[int, int], list[int]] = {}
    for at, (first, last) in enumerate(zip(blocks.starts[:-1].tolist(), blocks.starts[1:].tolist(), strict=True)):
        key = (int(blocks.run[at]), int(blocks.period[at]))
        by_period.setdefault(key, []).append(last - first)
        rows = [days[row] for row in blocks.order[first:last].tolist()]
        newest = max((date.fromisoformat(day).toordinal() for day in rows if day), default=0)
        assert blocks.newest[at] == newest
        if as_of is None:  # months, where there are many units
            assert len({day and day[:7] for day in rows}) == 1
    assert {run for run, _ in by_period} == ({PASSING} if as_of is None else {PASSING, LASTING})
    for sizes in by_period.values():
        assert all(size >= 4 for size in sizes[1:-1]), "only at the borders of a period is a block smaller"


def test_what_comes_or_goes_in_a_season_is_in_the_passing_run() -> None:
    (table,) = awkward_tables(random.Random(3), {"penalties": 1500}, (3, 4))
    season = season_of(TODAY)
    units, blocks = cut_of(table, TODAY, TINY)
    run = np.empty(1500, dtype=np.int64)
    run[blocks.order] = np.repeat(blocks.run, np.diff(blocks.starts))
    frame = units.frame.with_columns(pl.Series("run", run), pl.col("d").str.slice(0, 7).alias("month"))
    fresh = frame.filter(pl.col("_day") >= season.fresh)
    assert fresh.height > 5
    assert fresh["run"].unique().to_list() == [PASSING]
    ends = pl.col("u").str.to_date().dt.epoch("d") <= season.passing
    shares = frame.group_by("month").agg(
        ends.fill_null(False).mean().alias("share"), pl.col("run").n_unique().alias("runs"), pl.col("run").first()
    )
    assert shares["runs"].unique().to_list() == [1]
    assert shares.filter(pl.col("run") == LASTING)["share"].max() <= 0.01  # type: ignore[operator]
    assert shares.filter(pl.col("run") == LASTING).height > 10


@pytest.mark.parametrize(
    ("rows", "scale", "runs", "size"),
    [
        (1000, Scale(), 1, 4),
        (1000, replace(Scale(), monthly=1000), 1, 10),
        (999, replace(Scale(), monthly=1000), 1, 4),
        (1000, replace(Scale(), divided=1000), 2, 20),
    ],
)
def test_periods_by_how_many_units_there_are(rows: int, scale: Scale, runs: int, size: int) -> None:
    records: list[dict[str, object]] = [
        {"_date": TODAY - timedelta(days=n % 700), "_title": f"{n}"} for n in range(rows)
    ]
    _, blocks = cut_of(table_of("x", "x", records), TODAY if runs == 2 else None, scale)
    assert len(set(blocks.run.tolist())) == runs
    assert (len(set(zip(blocks.run.tolist(), blocks.period.tolist(), strict=True))) > 8) == (size > 4)


@pytest.mark.parametrize(
    ("day", "fresh", "passing"),
    [
        ("2026-11-20", "2026-11-01", "2026-11-25"),
        ("2026-11-25", "2026-11-01", "2026-11-25"),
        ("2026-11-26", "2026-11-16", "2026-12-10"),
        ("2026-11-11", "2026-11-01", "2026-11-25"),
        ("2026-11-10", "2026-10-16", "2026-11-10"),
        ("2026-12-31", "2026-12-16", "2027-01-10"),
        ("2027-01-10", "2026-12-16", "2027-01-10"),
        ("2027-01-11", "2027-01-01", "2027-01-25"),
        ("2024-02-29", "2024-02-16", "2024-03-10"),
    ],
)
def test_seasons(day: str, fresh: str, passing: str) -> None:
    season = season_of(date.fromisoformat(day))
    found = [date.fromordinal(one + EPOCH).isoformat() for one in (season.fresh, season.passing)]
    assert found == [fresh, passing]


def test_every_day_is_in_its_season() -> None:
    days = [date(2023, 12, 1) + timedelta(days=more) for more in range(800)]
    seasons = [season_of(day) for day in days]
    for day, season in zip(days, seasons, strict=True):
        assert season.fresh + EPOCH <= day.toordinal() <= season.passing + EPOCH
        assert day.toordinal() - (season.fresh + EPOCH) >= 10, "a decision is published within days"
    assert all(
        other == one or (other.fresh > one.fresh and day.day in (11, 26))
        for one, other, day in zip(seasons[:-1], seasons[1:], days[1:], strict=True)
    )


# Tables, and how a reader finds its way in them.


def span(fences: list[str], key: str) -> list[int]:
    """As in search-index.js."""
    start = max((at for at, one in enumerate(fences) if one <= key), default=0)
    places = []
    for at in range(start, len(fences)):
        if at > start and not fences[at].startswith(key):
            break
        places.append(at)
    return places


def looked_up(lows: list[str], nodes: list[dict[str, Any]], key: str) -> list[set[str]]:
    """The names of the blocks of each run that a reader takes, as in search-index.js."""
    runs: list[set[str]] = [set(), set()]
    for at in span(lows, key):
        for run, (fences, names) in enumerate(zip(nodes[at]["f"], nodes[at]["n"], strict=True)):
            runs[run] |= {names[12 * place : 12 * place + 12] for place in span(fences, key)}
    return runs


# Often the same one, so that some keys fill several blocks.
KEYS = st.lists(
    st.one_of(st.text(alphabet="ab一\x01𠮷", min_size=1, max_size=5), st.sampled_from(["a", "ab", "aba", "b", "一"])),
    max_size=80,
)


@settings(deadline=None)
@given(st.text(alphabet="ab一", max_size=5), st.text(alphabet="ab一", max_size=5))
def test_a_fence_is_between_two_keys(one: str, other: str) -> None:
    before, first = sorted((one, other))
    made = fence(before, first)
    if before == first:
        assert made == first + "\x01"
        assert span(["", made], first) == [0, 1], "who looks for the key itself takes both blocks"
        assert span(["", made], first + "a") == [1]
    else:
        assert before < made <= first
        assert first.startswith(made)
        assert not before.startswith(made)


@settings(max_examples=300, deadline=None)
@given(KEYS, KEYS, st.integers(1, 5), st.integers(1, 6), st.randoms(use_true_random=False))
def test_every_key_is_found_by_whoever_looks_for_its_beginning(
    one: list[str], other: list[str], rows: int, size: int, source: random.Random
) -> None:
    runs, names = [], []
    for number, keys in enumerate((one, other)):
        chance = np.array([source.randrange(2**32) for _ in keys], dtype=np.uint32)
        run = keyed_run(
            pl.Series(keys, dtype=pl.String).sort(),
            pl.DataFrame({"k": keys}),
            row_prints(pl.DataFrame({"k": keys})),
            pl.Series(keys, dtype=pl.String).arg_sort().to_numpy().astype(np.int32),
            chance,
            rows,
        )
        runs.append(run)
        names.append([f"{number}{place:011}" for place in range(len(run.starts) - 1)])
    lows, nodes = nodes_of(Table("x", runs), names, size)
    nodes = json.loads(json.dumps(nodes))
    assert [node.get("p") for node in nodes] == [None] * len(nodes)
    for number, (run, keys) in enumerate(zip(runs, (one, other), strict=True)):
        assert list(run.fences) == sorted(run.fences)
        assert len(run.fences) == len(run.starts) - 1
        ordered = [keys[row] for row in run.index.tolist()]
        assert ordered == sorted(keys)
        for block, (first, last) in enumerate(zip(run.starts[:-1].tolist(), run.starts[1:].tolist(), strict=True)):
            for key in ordered[first:last]:
                for end in range(len(key) + 1):
                    assert names[number][block] in looked_up(lows, nodes, key[:end])[number], (key, end)


def test_a_reader_takes_few_blocks(tmp_path: Path) -> None:
    keys = [f"{number:05}" for number in range(5000)]
    chance = np.random.default_rng(1).integers(0, 2**32, 5000, dtype=np.uint32)
    run = keyed_run(
        pl.Series(keys),
        pl.DataFrame({"k": keys}),
        row_prints(pl.DataFrame({"k": keys})),
        np.arange(len(keys), dtype=np.int32),
        chance,
        40,
    )
    empty = Run(run.frame, run.index[:0], np.zeros(1, np.int64), [], run.prints)
    names = [f"{place:012}" for place in range(len(run.fences))]
    lows, nodes = nodes_of(Table("x", [run, empty]), [names, []], 8)
    assert len(lows) > 10
    for key in keys[::37]:
        assert len(looked_up(lows, nodes, key)[0]) <= 2
    assert looked_up(lows, nodes, "")[0] == set(names)


NAMES = st.lists(st.text(alphabet="甲乙丙有限公司a", min_size=1, max_size=16), min_size=1, max_size=50)


@settings(max_examples=100, deadline=None)
@given(NAMES, st.data())
def test_names_are_found_by_every_part(names: list[str], data: st.DataObject) -> None:
    rows: list[dict[str, object]] = [
        {
            "_subject": name,
            "_code": f"91990100MA{number:07}X",
            "_kind": "organisation",
            "_date": TODAY - timedelta(days=200 * (number % 2)),
        }
        for number, name in enumerate(names)
    ]
    scale = replace(TINY, name_rows=6, passing_rows=6, node=2)
    table = name_table(subject_rows([table_of("x", "x", rows)], season_of(TODAY)), scale)
    of_blocks = [[f"{number}{place:011}" for place in range(len(run.fences))] for number, run in enumerate(table.runs)]
    lows, nodes = nodes_of(table, of_blocks, scale.node)
    for _ in range(20):
        name = data.draw(st.sampled_from(names))
        if len(name) < 2:
            continue
        start = data.draw(st.integers(0, len(name) - 2))
        part = name[start : data.draw(st.integers(start + 2, len(name)))]
        taken = looked_up(lows, nodes, part[:KEY])
        found = set()
        for number, run in enumerate(table.runs):
            for block, of in enumerate(of_blocks[number]):
                if of in taken[number]:
                    rows_in = run.frame[run.index[run.starts[block] : run.starts[block + 1]]]
                    found |= {(one, code) for one, code in rows_in.select("s", "c").iter_rows() if part in one}
        wanted = {(one, f"91990100MA{number:07}X") for number, one in enumerate(names) if part in one}
        assert found <= wanted
        # Only of names that end the same, more than COMMON of them, some are left out.
        ends = sum(one.endswith(part) for one in names)
        assert found == wanted or (ends > COMMON and len(found) >= COMMON)
        if wanted:
            assert any(in_sketch(nodes[at]["p"], part) for at in span(lows, part[:KEY]))


@pytest.mark.parametrize("count", [COMMON - 1, COMMON, COMMON + 1, 200, 1000])
def test_a_list_of_names_that_end_the_same_is_cut(count: int) -> None:
    rows: list[dict[str, object]] = [
        {"_subject": f"甲{number}有限公司", "_code": f"91990100MA{number:07}X", "_kind": "organisation"}
        for number in range(count)
    ]
    table = name_table(subject_rows([table_of("x", "x", rows)], None), Scale())
    names = [fold_text(name) for run in table.runs for name in run.frame[run.index]["s"]]
    # Of each name so many of its parts are in the table as have two characters or more.
    parts = sum(len(str(row["_subject"])) - 1 for row in rows)
    ends = ("有限公司", "限公司", "公司")
    shared = {end: sum(str(row["_subject"]).endswith(end) for row in rows) for end in ends}
    digits = {
        f"{digit}有限公司": sum(str(row["_subject"]).endswith(f"{digit}有限公司") for row in rows)
        for digit in range(10)
    }
    pairs = {
        f"{two:02}有限公司": sum(str(row["_subject"]).endswith(f"{two:02}有限公司") for row in rows)
        for two in range(100)
    }
    assert parts - len(names) == sum(max(0, many - COMMON) for many in (shared | digits | pairs).values())


def in_sketch(text: Any, key: str) -> bool:
    """Whether a key seems to begin as those in a sketch do, as search-index.js reads it."""
    if len(key) < HEAD:
        return True
    marks = base64.b64decode(text)
    at = int(text_hashes(fold_texts(pl.Series([key[:HEAD]])), 1)[0]) * 8 * len(marks) >> 32
    return bool(marks[at >> 3] >> (at & 7) & 1)


# Files.


def test_every_file_is_named_by_its_content_and_the_same_input_gives_the_same_bytes(tmp_path: Path) -> None:
    tables = awkward_tables(random.Random(1))
    index = index_of(tables, tmp_path)
    for url, data in index.parts.items():
        assert NAMED.match(url)
        assert hashlib.sha256(gzip.decompress(data)).hexdigest()[:12] == url.removesuffix(".gz")[-12:]
    with workers_of(2) as executor:
        assert index_of(tables, tmp_path, executor=executor) == index
    assert index.figures["files"] == len(index.parts) + 1
    assert not list(tmp_path.iterdir()), "scratch files are removed"


def test_a_record_that_goes_changes_few_files(tmp_path: Path) -> None:
    """Blocks are cut by their records, never by counting."""
    (table, *_) = awkward_tables(random.Random(2))
    before = index_of([table], tmp_path)
    fewer = PublicTable(table.info, table.fields, table.frame.filter(pl.int_range(pl.len()) != 1234))
    after = index_of([fewer], tmp_path)
    blocks = blocks_of(before)
    assert len(blocks) > 20
    assert 1 <= len(blocks.keys() - after.parts.keys()) <= 3
    gone = table.frame["_key"][1234]
    assert not [url for url, body in contents(after).items() if gone.encode() in body]


def test_every_record_is_in_one_block_and_directories_tell_their_days(tmp_path: Path) -> None:
    tables = awkward_tables(random.Random(3), {"penalties": 900, "licences": 300}, (3, 4))
    document = Document("measures", "管理办法", "正文。\n\n# 第一章 {#c1}\n\n条文\n", published_on=date(2026, 3, 23))
    for scale in (TINY, Scale(), replace(TINY, near=0)):
        index = index_of(tables, tmp_path, [document], as_of=TODAY, scale=scale)
        reader = Reader(index)
        periods = reader.root["periods"]
        entries = reader.entries()
        assert sorted(key for _, _, _, block in entries for key in block["k"] if len(key) == 20) == sorted(
            key for table in tables for key in table.frame["_key"]
        )
        assert [period[1] for period in periods].index(SECTIONS) == 0
        assert [period[3] for period in periods[1:]] == sorted((period[3] for period in periods[1:]), reverse=True)
        for period in periods:
            mine = [entry for entry in entries if entry[0] is period]
            assert period[2] == len(mine)
            assert period[4] == sum(len(block["k"]) for _, _, _, block in mine)
            assert period[3] == max(newest for _, _, newest, _ in mine)
        for _, _, newest, block in entries:
            days = [date.fromisoformat(day).toordinal() for day in block["d"] or [] if day]
            assert newest == max(days, default=0)


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


def test_a_text_that_repeats_its_reason_or_subject_is_shortened(tmp_path: Path) -> None:
    rows = [
        {
            "_reason": "未取得许可从事食品经营",
            "_subject": "甲乙丙丁公司",
            "内容": "因甲乙丙丁公司未取得许可从事食品经营，罚款",
        }
    ]
    rows += [{"_reason": "\x01\x02", "内容": "甲乙丙丁\x01"}]
    one, other = (
        next(iter(blocks_of(index_of([table_of("x", "x", [row], ["内容"])], tmp_path)).values())) for row in rows
    )
    assert (one["x0"], one["z"]) == (["因\x01\x02，罚款"], 1)
    assert (other["x0"], other["z"]) == (["甲乙丙丁\x01"], None)


def test_no_records_are_an_index_too(tmp_path: Path) -> None:
    for as_of, scale in ((None, None), (TODAY, TINY)):
        index = index_of([], tmp_path, as_of=as_of, scale=scale)
        root = root_of(index)
        assert root["periods"] == []
        assert root["until"] is None
        assert root["datasets"] == []


def test_an_index_tells_until_when_it_holds(tmp_path: Path) -> None:
    tables = awkward_tables(random.Random(3), {"penalties": 300})
    assert root_of(index_of(tables, tmp_path, as_of=TODAY, scale=TINY))["until"] == "2026-11-25"
    assert root_of(index_of(tables, tmp_path, as_of=TODAY))["until"] is None
    assert root_of(index_of(tables, tmp_path, scale=TINY))["until"] is None


def test_the_index_of_a_small_site_is_as_reviewed(tmp_path: Path) -> None:
    """Names of files are hashes of their content, so that any change of the format shows here."""
    record = {"_title": "汀监罚〔2026〕1号", "_subject": "甲公司", "_code": "91990100MA0000001X", "_reason": "无证经营"}
    record |= {"_authority": "市监局", "_flag": "objection", "_severity": "general", "_kind": "organisation"}
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
