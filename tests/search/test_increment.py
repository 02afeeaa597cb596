"""An index that is brought up to date: the same bytes as one made anew, few new files, and a site that works."""

import gzip
import hashlib
import json
import pickle
import random
import shutil
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from publish import urls
from publish.derive.search import memory as memory_module
from publish.derive.search.memory import Memory
from publish.derive.search.scale import Scale
from publish.derive.search.stage import derive_search
from publish.derive.search.suffixes import COMMON
from publish.model.document import Document
from publish.model.public import PublicTable
from publish.model.search import SearchIndex
from tests.bench.corpus import night, penalties
from tests.search.histories import Register, code_of
from tests.search.queries import queries_of
from tests.search.test_differential import compare
from tests.searchkit import TINY, Oracle, index_of, table_of, write_index
from tests.sitekit import workers_of

FIRST = date(2026, 10, 28)
FILES = urls.SEARCH_INDEX.strip("/")


class Nights:
    """A site whose index is brought up to date night by night, beside what a full build gives."""

    def __init__(self, folder: Path, scale: Scale = TINY) -> None:
        self.site = folder / "site"
        self.memory = Memory(folder / "memory", self.site / FILES)
        self.scale = scale
        self.counts: Counter[str] = Counter()
        self._folder, self._scratch = folder, folder / "scratch"

    def copied(self, folder: Path) -> "Nights":
        """The same site and memory in another folder."""
        shutil.copytree(self._folder, folder, dirs_exist_ok=True)
        return Nights(folder, self.scale)

    def full(self, tables: Sequence[PublicTable], documents: Sequence[Document], as_of: date) -> SearchIndex:
        """The index made anew, once for the same things."""
        digest = hashlib.sha256(pickle.dumps((tables, documents, as_of, self.scale))).digest()
        return _made_anew(_Inputs(digest, (tables, self._scratch, documents), as_of, self.scale))

    def step(self, tables: Sequence[PublicTable], documents: Sequence[Document], as_of: date) -> SearchIndex:
        """The next index, proved to be the same as one made anew; the site is then that of this night."""
        full = self.full(tables, documents, as_of)
        index = index_of(tables, self._scratch, documents, as_of=as_of, memory=self.memory, scale=self.scale)
        assert not list(self._scratch.iterdir()), "scratch files are removed"
        assert json.loads(gzip.decompress(index.root)) == json.loads(gzip.decompress(full.root))
        assert index.root == full.root
        assert not full.kept
        assert not index.parts.keys() & index.kept
        assert full.parts.keys() == index.parts.keys() | index.kept
        assert all(full.parts[url] == data for url, data in index.parts.items())
        for url in index.kept:
            assert (self.site / url.lstrip("/")).read_bytes() == full.parts[url]
        self.counts["kept"] += len(index.kept)
        self.counts["new"] += len(index.parts)
        self.counts["two runs"] += {period[0] for period in root_of(index)["periods"]} == {0, 1}  # type: ignore[attr-defined]
        self.publish(index)
        return index

    def publish(self, index: SearchIndex) -> None:
        """Write what is new, and remove what the index does not name any more."""
        write_index(self.site, index)
        named = {*index.parts, *index.kept, urls.SEARCH_ROOT}
        for path in (self.site / FILES).iterdir():
            if f"/{FILES}/{path.name}" not in named:
                path.unlink()


@dataclass(frozen=True)
class _Inputs:
    """Of an index; told from others by their digest."""

    digest: bytes
    given: tuple[Any, ...] = field(compare=False)
    as_of: date
    scale: Scale


@lru_cache(maxsize=4)
def _made_anew(inputs: _Inputs) -> SearchIndex:
    return index_of(*inputs.given, as_of=inputs.as_of, scale=inputs.scale)


def root_of(index: SearchIndex) -> dict[str, object]:
    root: dict[str, object] = json.loads(gzip.decompress(index.root))
    return root


def register_of(seed: int, size: int = 500) -> Register:
    source = random.Random(seed)
    register = Register(source, FIRST + timedelta(days=source.randint(0, 60)))
    register.add("penalties", size, 900)
    register.add("licences", size // 3, 500)
    register.documents = [register.document(source.randint(1, 6)) for _ in range(12)]
    return register


@pytest.mark.parametrize(("seed", "size", "steps"), [(1, 300, 10), (2, 300, 8), (3, 700, 6), (4, 80, 12), (5, 1500, 4)])
def test_an_index_brought_up_to_date_is_the_same_as_one_made_anew(
    seed: int, size: int, steps: int, tmp_path: Path
) -> None:
    register, nights = register_of(seed, size), Nights(tmp_path)
    nights.step(register.tables(), register.documents, register.today)
    nights.counts.clear()
    for number in range(steps):
        things = register.live(register.source.randint(1, 4)) if number else []
        index = nights.step(register.tables(), register.documents, register.today)
        assert things or not index.parts, "nothing is made again where nothing has changed"
    assert nights.counts["kept"] > nights.counts["new"] / 2
    assert nights.counts["two runs"] > steps / 2
    tables = [table for table in register.tables() if table.frame.height]
    queries = queries_of(random.Random(seed), tables, 60)
    compare(Oracle(tables, register.documents), nights.site, queries, tmp_path, 0.5, register.today)


def test_lists_that_lose_a_gram(tmp_path: Path) -> None:
    """Many shards, so that what only goes is often alone in its own."""
    register, nights = register_of(14, 150), Nights(tmp_path, replace(TINY, list_numbers=6))
    rows = [record for records in register.datasets.values() for record in records]
    for record in rows[::40]:
        record["_reason"] = f"{record['_reason']}{SECRET}{record['_key']}"
    nights.step(register.tables(), register.documents, register.today)
    for record in rows[::40]:
        record["_reason"] = "更正"
        nights.step(register.tables(), register.documents, register.today)
        nights.counts.clear()
    last = nights.step(register.tables(), register.documents, register.today)
    assert not last.parts


def test_names_that_end_the_same_and_one_of_them_goes(tmp_path: Path) -> None:
    """The table of names says where it has left some out, even if those that it has stay the same."""
    rows: list[dict[str, object]] = [
        {"_subject": f"甲{number}有限公司", "_code": code_of(number), "_kind": "organisation"}
        for number in range(COMMON + 1)
    ]
    whole = Nights(tmp_path / "whole")
    whole.step([table_of("x", "x", rows)], [], FIRST)
    for place in range(len(rows)):
        nights = whole.copied(tmp_path / f"{place}")
        nights.step([table_of("x", "x", rows[:place] + rows[place + 1 :])], [], FIRST)
        if place % 4 == 0:
            nights.step([table_of("x", "x", rows)], [], FIRST)


def test_tables_that_come_and_go(tmp_path: Path) -> None:
    """To nothing, back, and below and above the size from which on there are two runs."""
    register, nights = register_of(9, 200), Nights(tmp_path)
    whole, documents, today = register.tables(), register.documents, register.today
    few = [replace(table, frame=table.frame.head(20)) for table in whole]
    for tables, written in [
        (whole, documents),
        (whole[:1], documents),
        (few, documents),
        (few, []),
        ([], []),
        ([], documents),
        (whole, []),
        (whole[::-1], documents),
        (whole, documents),
    ]:
        nights.step(tables, written, today)
    for month in (1, 2, 3, 6, 9, 12, 13):  # the same records in other seasons
        nights.step(whole, documents, today + timedelta(days=31 * month))


def test_a_block_is_the_same_whatever_is_made_beside_it(tmp_path: Path) -> None:
    """Only some of the blocks have traditional characters, or names whose lists are cut."""
    rows = [{"_title": f"{n}号", "_subject": f"公司{n}", "_code": code_of(n), "_reason": "机械"} for n in range(300)]
    rows[7] |= {"_reason": "機械"}
    rows[290] |= {"_subject": "機械公司"}
    nights = Nights(tmp_path)
    nights.step([table_of("x", "x", rows)], [], FIRST)
    for place in (7, 100, 290):
        rows[place] |= {"_reason": "改了", "_subject": f"改名{place}"}
        nights.step([table_of("x", "x", rows)], [], FIRST)


Damage = Callable[[Memory], None]


def _cut_short(name: str) -> Damage:
    def damage(memory: Memory) -> None:
        path = memory.folder / name
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])

    return damage


def _emptied(name: str) -> Damage:
    return lambda memory: (memory.folder / name).write_bytes(b"") and None


def _removed(name: str) -> Damage:
    return lambda memory: (memory.folder / name).unlink()


def _flipped(name: str) -> Damage:
    def damage(memory: Memory) -> None:
        path = memory.folder / name
        body = bytearray(path.read_bytes())
        body[len(body) // 2] ^= 0x55
        path.write_bytes(bytes(body))

    return damage


def _without_the_last_pair(memory: Memory) -> None:
    path = memory.folder / "pairs-0.bin"
    path.write_bytes(path.read_bytes()[:-8])


def _in_another_order(memory: Memory) -> None:
    path = memory.folder / "pairs-0.bin"
    body = path.read_bytes()
    path.write_bytes(body[4096:8192] + body[:4096] + body[8192:])


def _no_folder(memory: Memory) -> None:
    shutil.rmtree(memory.folder)


def _left_over(memory: Memory) -> None:
    """A build that was killed while it wrote the next memory."""
    new = memory.folder.with_name(memory.folder.name + ".new")
    shutil.copytree(memory.folder, new)
    (new / "facts.npz").unlink()


def _no_files(memory: Memory) -> None:
    assert memory.files is not None
    shutil.rmtree(memory.files)


def _some_files_gone(memory: Memory) -> None:
    assert memory.files is not None
    files = sorted(memory.files.iterdir())
    for path in random.Random(1).sample(files, len(files) // 3):
        path.unlink()


def _other_files(memory: Memory) -> None:
    """What else may lie in a folder."""
    assert memory.files is not None
    for name in ("root.gz.part", "0123456789.gz", "no-number!.gz"):
        (memory.files / name).write_bytes(b"x")


DAMAGES: dict[str, Damage] = {
    "facts cut short": _cut_short("facts.npz"),
    "facts empty": _emptied("facts.npz"),
    "facts flipped": _flipped("facts.npz"),
    "facts gone": _removed("facts.npz"),
    "pairs cut short": _cut_short("pairs-0.bin"),
    "pairs flipped": _flipped("pairs-1.bin"),
    "pairs without the last": _without_the_last_pair,
    "pairs in another order": _in_another_order,
    "pairs empty": _emptied("pairs-1.bin"),
    "pairs gone": _removed("pairs-1.bin"),
    "names cut short": _cut_short("order-names.bin"),
    "names flipped": _flipped("order-names.bin"),
    "names gone": _removed("order-names.bin"),
    "numbers empty": _emptied("order-numbers.bin"),
    "numbers flipped": _flipped("order-numbers.bin"),
    "known flipped": _flipped("order-known.bin"),
    "mentions gone": _removed("order-subjects.bin"),
    "subjects flipped": _flipped("subjects.arrow"),
    "subjects empty": _emptied("subjects.arrow"),
    "subjects gone": _removed("subjects.arrow"),
    "sections cut short": _cut_short("sections.arrow"),
    "sections flipped": _flipped("sections.arrow"),
    "sections gone": _removed("sections.arrow"),
    "no memory": _no_folder,
    "a new one left over": _left_over,
    "no files": _no_files,
    "some files gone": _some_files_gone,
    "other files": _other_files,
}


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Nights:
    """The first night of `register_of(6, 300)`, to be copied."""
    register, nights = register_of(6, 300), Nights(tmp_path_factory.mktemp("begun"))
    nights.step(register.tables(), register.documents, register.today)
    return nights


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_memory_costs_time_and_nothing_else(damage: str, begun: Nights, tmp_path: Path) -> None:
    register, nights = register_of(6, 300), begun.copied(tmp_path)
    DAMAGES[damage](nights.memory)
    register.live(3)
    nights.step(register.tables(), register.documents, register.today)
    nights.counts.clear()
    nights.step(register.tables(), register.documents, register.today)
    assert not nights.counts["new"], "what was written then is whole"


def test_a_memory_of_another_version_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    register, nights = register_of(6, 300), Nights(tmp_path)
    with monkeypatch.context() as patched:
        patched.setattr(memory_module, "made_by", lambda *libraries: "another version")
        nights.step(register.tables(), register.documents, register.today)
        assert memory_module.load_memory(nights.memory).names
    assert not memory_module.load_memory(nights.memory).names
    register.live(3)
    nights.step(register.tables(), register.documents, register.today)


def test_a_release_that_failed_after_its_index_was_made(tmp_path: Path) -> None:
    """Then the memory tells of an index that was never published."""
    register, nights = register_of(8, 400), Nights(tmp_path)
    nights.step(register.tables(), register.documents, register.today)
    nights.counts.clear()
    for _ in range(3):
        register.live(2)
        index_of(
            register.tables(),
            tmp_path / "lost",
            register.documents,
            as_of=register.today,
            memory=nights.memory,
            scale=TINY,
        )
        register.live(1)
        nights.step(register.tables(), register.documents, register.today)
    assert nights.counts["kept"] > 100


def test_a_memory_of_another_scale(tmp_path: Path) -> None:
    register, nights = register_of(8, 400), Nights(tmp_path)
    for scale in (TINY, replace(TINY, block_rows=20, list_numbers=100, node=6), Scale(), TINY, replace(TINY, near=0)):
        nights.scale = scale
        nights.step(register.tables(), register.documents, register.today)
        register.live(2)


def test_the_order_of_records_and_workers_change_nothing(tmp_path: Path) -> None:
    register = register_of(10, 900)
    tables, today = register.tables(), register.today
    index = index_of(tables, tmp_path / "x", register.documents, as_of=today, scale=TINY)
    shuffled = [replace(table, frame=table.frame.sample(fraction=1, shuffle=True, seed=5)) for table in tables]
    memory = Memory(tmp_path / "memory", None)
    for workers in (1, 2):
        with workers_of(workers) as executor:
            again = derive_search(
                shuffled, register.documents[::-1], executor, tmp_path, today, memory if workers == 2 else None, TINY
            )
        assert again.root == index.root
        assert again.parts == index.parts
    with workers_of(2) as executor:  # nothing is made again, by workers either
        write_index(tmp_path / "site", index)
        memory = replace(memory, files=tmp_path / "site" / FILES)
        again = derive_search(tables, register.documents, executor, tmp_path, today, memory, TINY)
    assert again.root == index.root
    assert again.parts == {}
    assert again.kept == index.parts.keys()


def test_records_of_one_day_are_chosen_from_in_the_same_way_each_time(tmp_path: Path) -> None:
    """One name without a code, in several datasets on one day: the table of whole names leads to one of the records."""
    rows = [{"_subject": f"甲{n % 40}", "_kind": "organisation", "_date": FIRST} for n in range(80)]
    tables = [table_of(slug, slug, rows) for slug in ("a", "b", "c", "d")]
    made = {
        index_of(tables, tmp_path / "x", as_of=FIRST, scale=scale).root for scale in [TINY, Scale()] for _ in range(5)
    }
    assert len(made) == 2


MIDDLE = replace(
    TINY,
    block_rows=48,
    near_rows=32,
    old_rows=80,
    name_rows=200,
    passing_rows=100,
    divided=10_000,
    monthly=10_000,
    list_numbers=2000,
)


def test_a_night_changes_few_blocks(tmp_path: Path) -> None:
    today = date(2026, 11, 20)
    table = penalties(20_000, as_of=today)
    later = night(table, 1)
    nights = Nights(tmp_path, MIDDLE)
    before = nights.step([table], [], today)
    assert {period[0] for period in root_of(before)["periods"]} == {0, 1}  # type: ignore[attr-defined]
    after = nights.step([later], [], today + timedelta(days=1))
    rows = rows_that_differ(table, later)
    new = [body for body in map(gzip.decompress, after.parts.values()) if is_block(body)]
    assert len(rows) > 20
    assert after.figures["blocks"] > 250
    assert 0 < len(new) < 1.5 * len(rows), "a row that comes or goes changes hardly more than its own block"
    assert len(new) < 0.2 * after.figures["blocks"]
    assert len(after.parts) < 0.5 * len(after.kept)


def is_block(body: bytes) -> bool:
    """Whether a file is a block of units, not of a table."""
    return body.startswith(b'{"k":') and b',"r":' in body


def rows_that_differ(one: PublicTable, other: PublicTable) -> set[str]:
    """Keys of records that are in one of the tables only, or not the same in both."""
    before, after = (set(zip(table.frame["_key"], table.frame.hash_rows(), strict=True)) for table in (one, other))
    return {key for key, _ in before ^ after}


# What has ended, was removed, or was never public.

SECRET = "绛璎鼐"  # in no other text of these tests


def test_nothing_is_left_of_what_is_not_public_any_more(tmp_path: Path) -> None:
    register, nights = register_of(12, 500), Nights(tmp_path)
    every = [record for records in register.datasets.values() for record in records]
    gone = register.source.sample(every, 60)
    for number, record in enumerate(gone):
        record |= {
            "_title": f"{SECRET}〔2026〕{900_000 + number}号",
            "_subject": f"{SECRET}{number}公司",
            "_code": f"91990100ZZ{number:07}Q",
            "_reason": f"因{SECRET}",
            "内容": f"{number}{SECRET}",
            "文号": f"{SECRET}〔2026〕{900_000 + number}号",
            "_authority": f"{SECRET}局" if number % 2 else "市场监督管理局",
        }
    register.documents[3] = replace(register.documents[3], title=f"{SECRET}办法", body=f"{SECRET}之文")
    for record in gone[:20]:
        record["_until"] = register.today
    for record in gone[20:]:
        record["_until"] = None
    nights.step(register.tables(), register.documents, register.today)
    words = [SECRET.encode(), json.dumps(SECRET).strip('"').encode(), b"91990100ZZ", b"91990100zz"]
    keys = [str(record["_key"]).encode() for record in gone]
    assert all(any(word in body for _, body in contents(nights.site)) for word in (words[0], words[2], keys[0]))
    # One by one, so that what was beside them is kept again and again.
    for record in gone[20:25]:
        record |= {"_subject": "改名", "_code": None, "_reason": "更正", "内容": "更正", "文号": None}
        record |= {"_title": None, "_authority": None}
        nights.step(register.tables(), register.documents, register.today)
    changed = {str(record["_key"]) for record in gone[20:25]}
    register.today += timedelta(days=1)
    nights.step(register.tables(), register.documents, register.today)
    del register.documents[3]
    for slug, records in register.datasets.items():
        drop = {str(record["_key"]) for record in gone[25:]}
        register.datasets[slug] = [record for record in records if record["_key"] not in drop]
    last = nights.step(register.tables(), register.documents, register.today)
    assert len(last.kept) > 100
    for name, body in contents(nights.site):
        for word in [*words, *(key for key in keys if key.decode() not in changed)]:
            assert word not in body, name
            assert word not in name.encode()


def contents(site: Path) -> list[tuple[str, bytes]]:
    """Names and unpacked content of all files of an index."""
    return [(path.name, gzip.decompress(path.read_bytes())) for path in sorted((site / FILES).iterdir())]


def test_what_is_private_is_in_no_file(tmp_path: Path) -> None:
    register, nights = register_of(13, 300), Nights(tmp_path)
    for seed in range(2):
        tables = [
            replace(table, frame=table.frame.with_columns(pl.lit(f"{SECRET}{seed}").alias("private")))
            for table in register.tables()
        ]
        nights.step(tables, register.documents, register.today)
        assert not [name for name, body in contents(nights.site) if SECRET.encode() in body]
        register.live(2)
    frames = np.load(nights.memory.folder / "facts.npz")
    assert {"prints", "names"} <= set(frames.files), "what is remembered are hashes"
