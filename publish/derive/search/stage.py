"""derive_search(): all files of the index, from public tables and policy documents. docs/search.md has the format."""

import json
import tempfile
from collections.abc import Mapping, Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from datetime import date
from functools import partial
from itertools import islice
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from publish.derive.folding import fold_lightly, folding_table, is_rare, misleading, simplified
from publish.derive.search.files import Files
from publish.derive.search.folded import fold_texts
from publish.derive.search.head import head_body, periods_entry
from publish.derive.search.lists import Grams
from publish.derive.search.making import MadeTable, TableTask, make_table
from publish.derive.search.memory import Memory, Remembered, Shards, load_memory, write_memory
from publish.derive.search.orders import load_order, write_order
from publish.derive.search.packing import compress
from publish.derive.search.pairs import pairs_file
from publish.derive.search.partition import LASTING, Periods, cut_records, cut_sections, find_periods
from publish.derive.search.record_nights import FILE as RECORDS
from publish.derive.search.record_nights import stand
from publish.derive.search.records import RUNS, Group, Made, finish_records, group_of, start_records
from publish.derive.search.scale import EPOCH, Scale, Season, season_of
from publish.derive.search.sharding import make_shards
from publish.derive.search.subject_nights import FILE, write_subjects
from publish.derive.search.subjects import mentions_of
from publish.derive.search.tables import row_prints
from publish.derive.search.units import (
    Units,
    derive_datasets,
    document_print,
    record_units,
    section_rows,
    section_units,
)
from publish.model.document import Document
from publish.model.public import PublicTable
from publish.model.search import ALIASES, SearchDataset, SearchIndex

FORMAT = 4
_SAMPLE = 20_000  # units from which it is told which characters are common
_NAMELESS = 200
_RARE = 200
_SHORT = frozenset("tsa")  # columns whose texts are no long ones


@dataclass(frozen=True, slots=True)
class _Beside:
    """What units tell beside blocks: characters that are frequent in long texts, the most frequent first, and `rare`
    ones of all; `facets`; the `average` length of a section."""

    often: str
    rare: str
    facets: Mapping[str, object]
    average: float


def derive_search(
    tables: Sequence[PublicTable],
    documents: Sequence[Document],
    executor: Executor,
    scratch: Path,
    as_of: date | None = None,
    memory: Memory | None = None,
    scale: Scale | None = None,
) -> SearchIndex:
    """The index of all public records and policy sections. The same input gives the same bytes.

    Work is done by the executor; `scratch` is a folder that its workers see. `as_of` tells what will come and go soon;
    without it the index is in one run. `memory` of the last build saves work and is replaced; files of the last
    index that stay are `kept`. `scale` is for tests.
    """
    scale = scale or Scale()
    count = sum(table.frame.height for table in tables)
    season = season_of(as_of) if as_of is not None and count >= scale.divided else None
    remembered = load_memory(memory)
    files = Files(remembered)
    datasets = derive_datasets(tables, documents)
    with tempfile.TemporaryDirectory(prefix="search-", dir=scratch, ignore_cleanup_errors=True) as name:
        folder = Path(name)
        known, others = _known_sections(remembered.sections, documents)
        # Workers have other tasks before them: where nothing is asked of them, nobody waits for those.
        sections = executor.submit(section_rows, others) if others else None
        units = record_units(tables, datasets)
        periods = find_periods(units, season, scale)
        numbered = _number_rows(units, periods, folder)
        begin = partial(_start_tables, numbered, tables, season, scale, remembered, executor)
        # Tables take longest when they are made anew. In a night blocks come first: what is made of their grams is this
        # thread's work for a while, beside which workers make tables.
        made_tables = {} if remembered.names else begin()
        groups = [_cut_records(units, periods, season, scale, remembered, folder)]
        known = pl.concat([known, sections.result()]) if sections else known
        if documents:
            of_documents = section_units(known, documents, len(datasets) - 1)
            prints = row_prints(of_documents.frame)
            groups.append(group_of("sections", of_documents, cut_sections(of_documents, scale), prints))
        blocks = start_records(groups, files, remembered, executor, folder)
        average = _average_length(groups[-1].units) if documents else 0
        beside = _beside([group.units for group in groups], datasets, average)
        del units, groups  # a quarter of a gigabyte for a million records
        made_tables = made_tables or begin()
        made = finish_records(blocks, files, remembered, folder)
        shards, grams = make_shards(made, files, remembered, scale, executor, folder)
        root = _root(beside, datasets, files)
        root |= {
            "head": files.put(head_body(made, grams, shards, scale)),
            "periods": periods_entry(made, files, scale),
            "until": _day(season.passing) if season else None,
            "tables": {key: _table(made_tables[key].result(), files) for key in sorted(made_tables)},
            "nameless": _nameless(beside.often, made_tables["names"].result().alphabet),
        }
        if memory is not None:
            _remember(memory, files, made, shards, folder, known)
    return SearchIndex(compress(_json(root)), files.parts, frozenset(files.kept), _figures(made, files, grams))


def _beside(groups: Sequence[Units], datasets: Sequence[SearchDataset], average: float) -> _Beside:
    """`groups`: units of records, and of sections where there are any."""
    often, rare = _common_characters(groups[0])
    return _Beside(often, rare, _facet_counts(groups, datasets), average)


def _root(beside: _Beside, datasets: Sequence[SearchDataset], files: Files) -> dict[str, object]:
    """What of the root is known without blocks and tables."""
    folding = {"simplified": files.put(_simplified()), "misleading": misleading(), "rare": beside.rare}
    return {
        "format": FORMAT,
        "folding": folding_table() | folding,
        "aliases": dict(ALIASES),
        "h": _simplifications_of_fields(datasets),
        "datasets": [_entry(dataset) for dataset in datasets],
        "facets": files.put(_json(beside.facets)),
        "length": beside.average,
    }


def _known_sections(known: pl.DataFrame, documents: Sequence[Document]) -> tuple[pl.DataFrame, list[Document]]:
    """What is known of the sections of documents, and the documents of which nothing is."""
    prints = {document_print(document): document for document in documents}
    mine = known.filter(pl.col("_print").is_in(list(prints)))
    there = set(mine["_print"])
    return mine, [document for one, document in prints.items() if one not in there]


def _start_tables(
    numbered: Path,
    tables: Sequence[PublicTable],
    season: Season | None,
    scale: Scale,
    remembered: Remembered,
    executor: Executor,
) -> dict[str, Future[MadeTable]]:
    """Have workers make all tables of the index. `numbered`: the rows of that of numbers."""
    started = {"numbers": _table_task("numbers", numbered, scale, remembered, executor)}
    path = write_subjects(mentions_of(tables, season), remembered.orders, numbered.parent)
    # Names take longest; when all are made anew also the most memory, together with the numbers before them.
    order = ("names", "codes", "known") if remembered.names else ("codes", "known", "names")
    return started | {name: _table_task(name, path, scale, remembered, executor) for name in order}


def _cut_records(
    units: Units, periods: Periods, season: Season | None, scale: Scale, remembered: Remembered, folder: Path
) -> Group:
    """Blocks of records; leaves the order of the records in `folder`."""
    prints = row_prints(units.frame)
    standing = stand(units, periods.rank, prints, load_order(remembered.orders.get(RECORDS)))
    write_order(standing.arrays, folder / RECORDS)
    return group_of("records", units, cut_records(units, periods, standing, season, scale), prints)


def _number_rows(units: Units, periods: Periods, folder: Path) -> Path:
    path = folder / "units.arrow"
    lasting = pl.Series("lasting", periods.run == LASTING)
    units.frame.select("t", "k", "o", "d", "u", "f", "_order", lasting).write_ipc(path)
    return path


def _table_task(name: str, rows: Path, scale: Scale, remembered: Remembered, executor: Executor) -> Future[MadeTable]:
    order = f"order-{name}.bin"
    task = TableTask(name, rows, scale, remembered.names, remembered.orders.get(order), rows.with_name(order))
    return executor.submit(make_table, task)


def _table(made: MadeTable, files: Files) -> dict[str, object]:
    """A table as the root has it: fences and names of its nodes."""
    for fingerprint, packed in made.files.items():
        files.put_packed(packed, fingerprint)
    for fingerprint in made.kept:
        files.keep(fingerprint)
    return {"f": list(made.fences), "n": "".join(files.put(node) for node in made.nodes)}


def _remember(memory: Memory, files: Files, made: Made, shards: Shards, folder: Path, sections: pl.DataFrame) -> None:
    of_run = [np.flatnonzero(made.run == run) for run in RUNS]
    prints = [[made.prints[place] for place in places.tolist()] for places in of_run]
    ids = [made.ids[places] for places in of_run]
    orders = [folder / FILE, *folder.glob("order-*.bin")]
    pairs = [folder / pairs_file(run) for run in RUNS]
    write_memory(memory, files.names, prints, ids, pairs, shards, orders, sections)


def _common_characters(units: Units) -> tuple[str, str]:
    """Characters of some of the units, folded, the most frequent first: those of long texts, and the rare ones among
    all, which a reader would take for traditional ones."""
    texts = units.frame.gather_every(max(1, units.frame.height // _SAMPLE)).select("^([tsar]|x\\d+)$")
    long = _frequencies([texts[name] for name in texts.columns if name not in _SHORT])
    every = long + _frequencies([texts[name] for name in texts.columns if name in _SHORT])
    return _by_frequency(long)[: 8 * _NAMELESS], "".join(islice(filter(is_rare, _by_frequency(every)), _RARE))


def _frequencies(columns: Sequence[pl.Series]) -> NDArray[np.int64]:
    """How often each character stands in them, folded."""
    total = np.zeros(0x110000, dtype=np.int64)
    for column in columns:
        counts = np.bincount(fold_texts(column).codes)
        total[: counts.size] += counts
    return total


def _by_frequency(counts: NDArray[np.int64]) -> str:
    known = np.flatnonzero(counts)
    return "".join(map(chr, known[np.argsort(-counts[known], kind="stable")].tolist()))


def _nameless(often: str, alphabet: str) -> str:
    """The most frequent characters of texts that stand in no name: what has one need not be looked for in names."""
    named = set(alphabet)
    return "".join([one for one in often if one not in named][:_NAMELESS])


def _facet_counts(groups: Sequence[Units], datasets: Sequence[SearchDataset]) -> Mapping[str, object]:
    """Of each value of each filter how many units have it."""
    frames = [units.frame.select("o", "a", "v", pl.col("d").str.slice(0, 4).alias("y"), "f") for units in groups]
    table = pl.concat(frames)
    counts: dict[str, object] = {}
    for name in ("a", "v", "y", "f"):
        rows = table[name].drop_nulls().value_counts().sort("count", name, descending=[True, False])
        counts[name] = [list(row) for row in rows.iter_rows()]
    sizes = dict(table["o"].value_counts().iter_rows())
    counts["o"] = [[dataset.slug, sizes.get(place, 0)] for place, dataset in enumerate(datasets)]
    return counts


def _average_length(sections: Units) -> float:
    """Of a section's text, in characters: what BM25 measures lengths by."""
    mean = sections.frame.select(pl.sum_horizontal(pl.col("^x\\d+$").str.len_chars().fill_null(0)).mean()).item()
    return round(float(mean or 0), 1)


def _simplifications_of_fields(datasets: Sequence[SearchDataset]) -> str:
    """The traditional characters of what fields are called, each with its simplified one."""
    table = simplified()
    words = fold_lightly("".join(word for one in datasets for field in one.fields for word in field[:2]))
    return "".join(one + table[one] for one in sorted(set(words) & table.keys()))


def _entry(dataset: SearchDataset) -> dict[str, object]:
    return {"slug": dataset.slug, "title": dataset.title, "kind": dataset.kind, "fields": dataset.fields}


def _simplified() -> bytes:
    return "".join(one + other for one, other in sorted(simplified().items())).encode()


def _day(day: int) -> str:
    return date.fromordinal(day + EPOCH).isoformat()


def _figures(made: Made, files: Files, grams: Grams) -> dict[str, int]:
    return {
        "units": int(made.rows.sum()),
        "blocks": len(made.names),
        "grams": int(grams.counts.sum()),
        "files": len(files.parts) + len(files.kept) + 1,
        "new_files": len(files.parts) + 1,
        "new_bytes": sum(map(len, files.parts.values())),
    }


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
