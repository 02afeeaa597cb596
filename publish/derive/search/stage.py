"""derive_search(): all files of the index, from public tables and policy documents. docs/search.md has the format."""

import json
import tempfile
from collections.abc import Mapping, Sequence
from concurrent.futures import Executor, Future
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from publish import urls
from publish.derive.folding import folding_table, misleading, simplified
from publish.derive.search.files import Files
from publish.derive.search.lists import Grams, count_grams, listed, shard_bits, shards, sketch
from publish.derive.search.making import TABLES, MadeTable, TableTask, make_table
from publish.derive.search.memory import Memory, load_memory, write_memory
from publish.derive.search.packing import compress, pack_varints
from publish.derive.search.partition import LASTING, PASSING, SECTIONS, Blocks, cut_records, cut_sections
from publish.derive.search.records import RUNS, Group, Made, directory, group_of, make_records
from publish.derive.search.scale import EPOCH, Scale, Season, season_of
from publish.derive.search.subjects import subject_rows
from publish.derive.search.units import Units, derive_datasets, record_units, section_units
from publish.model.document import Document
from publish.model.public import PublicTable
from publish.model.search import ALIASES, SearchDataset, SearchIndex

FORMAT = 3
ROOT = urls.SEARCH_INDEX + "root.gz"


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
    with tempfile.TemporaryDirectory(prefix="search-", dir=scratch) as name:
        folder = Path(name)
        pending = {"names": _subject_tables(tables, season, scale, memory, executor, folder)}
        units = record_units(tables, datasets)
        blocks = cut_records(units, season, scale)
        pending["numbers"] = _number_table(units, blocks, scale, memory, executor, folder)
        groups = [group_of("records", units, blocks)]
        if documents:
            sections = section_units(documents, len(tables))
            groups.append(group_of("sections", sections, cut_sections(sections, scale)))
        facets = _facet_counts([group.units for group in groups], datasets)
        average = _average_length(groups[-1].units) if documents else 0
        made = make_records(groups, files, remembered, executor, folder)
        del units, groups
        grams = count_grams(made.pairs, len(made.names))
        head = files.put(_head(made, grams, files, scale))
        root = {
            "format": FORMAT,
            "folding": folding_table() | {"simplified": files.put(_simplified()), "misleading": misleading()},
            "aliases": dict(ALIASES),
            "datasets": [_entry(dataset) for dataset in datasets],
            "facets": files.put(_json(facets)),
            "length": average,
            "head": head,
            "periods": _periods(made, files, scale),
            "until": _day(season.passing) if season else None,
            "tables": {
                key: _table(future.result(), files) for group in pending.values() for key, future in group.items()
            },
        }
    if memory is not None:
        _remember(memory, files, made)
    return SearchIndex(ROOT, compress(_json(root)), files.parts, frozenset(files.kept), _figures(made, files, grams))


def _subject_tables(
    tables: Sequence[PublicTable],
    season: Season | None,
    scale: Scale,
    memory: Memory | None,
    executor: Executor,
    folder: Path,
) -> dict[str, Future[MadeTable]]:
    path = folder / "subjects.arrow"
    subject_rows(tables, season).write_ipc(path)
    return {
        name: executor.submit(make_table, TableTask(name, path, scale, memory)) for name in TABLES if name != "numbers"
    }


def _number_table(
    units: Units, blocks: Blocks, scale: Scale, memory: Memory | None, executor: Executor, folder: Path
) -> dict[str, Future[MadeTable]]:
    path = folder / "units.arrow"
    lasting = np.empty(units.frame.height, dtype=np.bool_)
    lasting[blocks.order] = np.repeat(blocks.run == LASTING, np.diff(blocks.starts))
    rows = units.frame.select("t", "k", "o", "d", "u", "f", "_order", pl.Series("lasting", lasting))
    rows.write_ipc(path)
    return {"numbers": executor.submit(make_table, TableTask("numbers", path, scale, memory))}


def _table(made: MadeTable, files: Files) -> dict[str, object]:
    """A table as the root has it: fences and names of its nodes."""
    for fingerprint, packed in made.files.items():
        files.put_packed(packed, fingerprint)
    for fingerprint in made.kept:
        files.keep(fingerprint)
    return {"f": list(made.fences), "n": "".join(files.put(node) for node in made.nodes)}


def _head(made: Made, grams: Grams, files: Files, scale: Scale) -> bytes:
    """What is needed to look up a gram, and to reach the newest blocks: varints (bits of the sketch, of the shards of
    the passing run, of those of the lasting one); the sketch; names of the passing run's shards; the directories of
    the first periods, as the root lists them.

    A shard of the passing run begins with the names of the lasting run's shards of the same grams.
    """
    lists = [listed(made.pairs[run], grams) for run in RUNS]
    bits = [shard_bits(2 * part.size, scale.list_numbers) for part in lists]
    has_lasting = bool((made.run == LASTING).any())
    bits[LASTING] = max(bits) if has_lasting else bits[PASSING]
    lasting = [bytes.fromhex(files.put(body)) for body in shards(lists[LASTING], bits[LASTING])] if has_lasting else []
    names = []
    share = 1 << (bits[LASTING] - bits[PASSING])
    for place, body in enumerate(shards(lists[PASSING], bits[PASSING])):
        names.append(bytes.fromhex(files.put(b"".join(lasting[place * share : (place + 1) * share]) + body)))
    sketch_bits, table = sketch(grams)
    numbers = pack_varints(np.array([sketch_bits, *bits, int(has_lasting)], dtype=np.uint64))
    found = [directory(made, places, newest) for _, _, places, newest in _of_periods(made)[: _near(made, scale)]]
    return numbers + table + b"".join(names) + b"".join(found)


def _of_periods(made: Made) -> list[tuple[int, int, NDArray[np.int64], int]]:
    """(run, period, its blocks, its newest day), the newest period first; documents before all."""
    found = []
    order = np.lexsort((made.period, made.run))
    for places in np.split(order, np.flatnonzero(np.diff(made.period[order]) | np.diff(made.run[order])) + 1):
        if places.size:
            places = np.sort(places)
            run, period = int(made.run[places[0]]), int(made.period[places[0]])
            found.append((run, period, places, int(made.newest[places].max())))
    return sorted(found, key=lambda one: (one[1] != SECTIONS, -one[3], -one[1], one[0]))


def _near(made: Made, scale: Scale) -> int:
    """How many periods have their directory in the head: documents, and the newest that have few blocks together."""
    sizes = np.cumsum([places.size for _, _, places, _ in _of_periods(made)])
    return int((sizes <= max(scale.near, sizes[0] if sizes.size else 0)).sum())


def _periods(made: Made, files: Files, scale: Scale) -> list[list[object]]:
    """Of each period: run, number, blocks, newest day, units; and, but of those in the head, the name of its
    directory."""
    out: list[list[object]] = []
    near = _near(made, scale)
    for place, (run, period, places, newest) in enumerate(_of_periods(made)):
        entry: list[object] = [run, period, int(places.size), newest, int(made.rows[places].sum())]
        if place >= near:
            entry.append(files.put(directory(made, places, newest)))
        out.append(entry)
    return out


def _remember(memory: Memory, files: Files, made: Made) -> None:
    of_run = [np.flatnonzero(made.run == run) for run in RUNS]
    prints = [[made.prints[place] for place in places.tolist()] for places in of_run]
    write_memory(memory, files.names, prints, [made.ids[places] for places in of_run], made.pairs)


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
