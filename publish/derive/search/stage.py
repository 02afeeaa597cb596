"""derive_search(): all files of the index, from public tables and policy documents. docs/search.md has the format."""

import base64
import json
import tempfile
from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from publish import urls
from publish.derive.folding import folding_table, misleading, simplified
from publish.derive.search.exact import code_files, name_files, number_files
from publish.derive.search.grams import APART, CLASS_BITS
from publish.derive.search.lists import Lists, merged_counts, shard_bits, shard_files, sketch
from publish.derive.search.packing import NAME_BYTES, Packed, pack
from publish.derive.search.partition import Segment, derive_segments
from publish.derive.search.segment import (
    ListsTask,
    SegmentBlocks,
    SegmentLists,
    SegmentTask,
    directory,
    make_blocks,
    make_lists,
)
from publish.derive.search.units import Units, derive_datasets, record_units, section_units
from publish.model.document import Document
from publish.model.public import PublicTable
from publish.model.search import ALIASES, SearchDataset, SearchIndex

FORMAT = 2
RARE = 64  # a gram in so many blocks or fewer is listed for the whole index
ROOT = urls.SEARCH_INDEX + "root.gz"
NODE = 64  # names in a node of the table of codes

_SHARD_NUMBERS = 6000
_SKETCH_SLOTS = 2  # bits of a sketch for each gram in it
_FREQUENT = 0.25  # a gram in more of the blocks tells a reader little
_CLASS = np.uint64((1 << CLASS_BITS) - 1)


@dataclass(slots=True)
class _Files:
    """What is made so far, by URL."""

    parts: dict[str, bytes] = field(default_factory=dict)

    def put(self, file: Packed) -> str:
        """Add a file; returns its name in hexadecimal digits."""
        self.parts[f"{urls.SEARCH_INDEX}{file.name.hex()}.gz"] = file.data
        return file.name.hex()

    def put_all(self, files: Sequence[Packed]) -> bytes:
        """Add files; returns their names, one after the other."""
        for file in files:
            self.put(file)
        return b"".join(file.name for file in files)


def derive_search(
    tables: Sequence[PublicTable], documents: Sequence[Document], executor: Executor, scratch: Path
) -> SearchIndex:
    """The index of all public records and policy sections. The same input gives the same bytes.

    Segments are computed by the executor; `scratch` is a folder that its workers see.
    """
    datasets = derive_datasets(tables, documents)
    groups = [(record_units(tables, datasets), False)]
    if documents:
        groups.append((section_units(documents, len(tables)), True))
    files = _Files()
    with tempfile.TemporaryDirectory(prefix="search-", dir=scratch) as folder:
        segments, units = _segments(groups, Path(folder))
        records = groups[0][0].frame.select("_day", "_order", "c", "s", "t")
        facets = _facet_counts(groups, datasets)
        average = _average_length(groups[-1][0]) if documents else 0
        del groups
        made, lists, common = _lists(segments, units, executor, Path(folder))
    root = {
        "format": FORMAT,
        "folding": folding_table() | {"simplified": files.put(_simplified()), "misleading": misleading()},
        "aliases": dict(ALIASES),
        "datasets": [_entry(dataset) for dataset in datasets],
        "facets": files.put(pack(_json(facets))),
        "length": average,
        "segments": [_segment(*parts, files) for parts in zip(segments, made, lists, strict=True)],
        "grams": _grams(made, lists, common, files),
        "codes": _codes(records, files),
        "numbers": _table(number_files(records), files),
        "names": _table(name_files(records), files),
    }
    return SearchIndex(ROOT, pack(_json(root)).data, files.parts, _figures(made, files, common))


def _segments(groups: Sequence[tuple[Units, bool]], folder: Path) -> tuple[list[Segment], list[Path]]:
    """All segments, records first, and a file with the units of each."""
    segments: list[Segment] = []
    paths: list[Path] = []
    for units, sections in groups:
        for segment in derive_segments(units.frame, sections):
            path = folder / f"{len(segments)}.arrow"
            units.frame.slice(segment.first, segment.last - segment.first).write_ipc(path)
            segments.append(segment)
            paths.append(path)
    return segments, paths


def _lists(
    segments: Sequence[Segment], units: Sequence[Path], executor: Executor, folder: Path
) -> tuple[list[SegmentBlocks], list[SegmentLists], NDArray[np.uint64]]:
    """Both steps of all segments, and the keys of the common grams, rising."""
    grams = [path.with_suffix(".npy") for path in units]
    tasks = [
        SegmentTask(path, segment.starts, segment.wide, target)
        for segment, path, target in zip(segments, units, grams, strict=True)
    ]
    made = list(executor.map(make_blocks, tasks))
    totals = merged_counts([(part.keys, part.counts) for part in made])
    # Codes and facets are asked for segment by segment in any case.
    common = totals.keys[(totals.counts > RARE) | (totals.keys & _CLASS == APART)]
    path = folder / "common.npy"
    np.save(path, common)
    return made, list(executor.map(make_lists, [ListsTask(one, path) for one in grams])), common


def _segment(segment: Segment, made: SegmentBlocks, lists: SegmentLists, files: _Files) -> dict[str, object]:
    files.put_all(made.heads)
    files.put_all(made.bodies)
    files.put_all(lists.shards)
    return {
        "name": segment.name,
        "blocks": len(made.heads),
        "units": int(made.rows.sum()),
        "newest": int(made.days[0]),
        "oldest": int(made.days[-1]),
        "bits": lists.bits,
        "directory": files.put(directory(made, lists)),
    }


def _grams(
    made: Sequence[SegmentBlocks], lists: Sequence[SegmentLists], common: NDArray[np.uint64], files: _Files
) -> dict[str, object]:
    """The lists of rare grams, and the sketches of common and of frequent ones."""
    rare = _rare_lists(made, lists, common)
    bits = shard_bits(rare.keys.size + rare.blocks.size, _SHARD_NUMBERS)
    names = files.put_all(shard_files(rare, bits))
    hashes = [_hashes_of_texts(common), _hashes_of_texts(_frequent(made))]
    sizes = [_sketch_bits(known.size) for known in hashes]
    body = b"".join(sketch(known, size) for known, size in zip(hashes, sizes, strict=True))
    return {"bits": bits, "sketches": sizes, "head": files.put(pack(body + names))}


def _rare_lists(made: Sequence[SegmentBlocks], lists: Sequence[SegmentLists], common: NDArray[np.uint64]) -> Lists:
    """The lists of all grams that are not common, by blocks of the whole index; common ones with a count of 0."""
    bases = np.cumsum([0, *(len(part.heads) for part in made)])
    keys = np.concatenate([np.empty(0, np.uint64), *(part.keys for part in lists)])
    moved = (part.blocks + np.uint64(base) for part, base in zip(lists, bases[:-1].tolist(), strict=True))
    blocks = np.concatenate([np.empty(0, np.uint64), *moved])
    order = np.lexsort((blocks, keys))
    keys, blocks = keys[order], blocks[order]
    starts = np.flatnonzero(np.r_[True, keys[1:] != keys[:-1]]) if keys.size else np.empty(0, np.int64)
    every = np.concatenate([keys[starts], common])
    counts = np.concatenate([np.diff(np.r_[starts, keys.size]), np.zeros(common.size, np.int64)])
    by_key = np.argsort(every, kind="stable")
    return Lists(every[by_key], counts[by_key], blocks)


def _hashes_of_texts(keys: NDArray[np.uint64]) -> NDArray[np.uint64]:
    return np.unique(keys[keys & _CLASS != APART] >> np.uint64(CLASS_BITS))


def _frequent(made: Sequence[SegmentBlocks]) -> NDArray[np.uint64]:
    totals = merged_counts([(part.keys, part.counts) for part in made])
    return totals.keys[totals.counts > max(RARE, _FREQUENT * sum(len(part.heads) for part in made))]


def _sketch_bits(size: int) -> int:
    return max(3, int(np.ceil(np.log2(max(size, 1) * _SKETCH_SLOTS))))


def _codes(records: pl.DataFrame, files: _Files) -> dict[str, object]:
    made, bits = code_files(records)
    names = files.put_all(made)
    size = NODE * NAME_BYTES
    nodes = [files.put(pack(names[start : start + size])) for start in range(0, len(names), size)]
    return {"bits": bits, "nodes": nodes}


def _table(parts: tuple[list[Packed], int], files: _Files) -> dict[str, object]:
    made, bits = parts
    return {"bits": bits, "files": base64.b64encode(files.put_all(made)).decode()}


def _facet_counts(groups: Sequence[tuple[Units, bool]], datasets: Sequence[SearchDataset]) -> Mapping[str, object]:
    """Of each value of each filter how many units have it."""
    frames = [units.frame.select("o", "a", "v", pl.col("d").str.slice(0, 4).alias("y"), "f") for units, _ in groups]
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


def _simplified() -> Packed:
    return pack("".join(one + other for one, other in sorted(simplified().items())).encode())


def _figures(made: Sequence[SegmentBlocks], files: _Files, common: NDArray[np.uint64]) -> dict[str, int]:
    return {
        "units": int(sum(part.rows.sum() for part in made)),
        "segments": len(made),
        "blocks": sum(len(part.heads) for part in made),
        "grams": int(sum(part.counts.sum() for part in made)),
        "common": int(common.size),
        "files": len(files.parts) + 1,
        "bytes": sum(len(data) for data in files.parts.values()),
    }


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
