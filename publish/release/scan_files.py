"""Searching files of a release that are there, in whichever process: paths, bytes, and what is packed in them."""

import hashlib
import os
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path

from publish.release.matching import NAME, NOT_SCANNABLE, WINDOW, Finding, Search
from publish.release.page_search import SavedSearch
from publish.release.unpacking import GZIP_PART, HEAD, PLAIN_GZIP, NotUnpackable, is_packed, plain_parts

_TASK_FILES, _TASK_BYTES = 2048, 1 << 25
_UNPACKED, _PACKED = 5, ".gz"  # files of the search index are unpacked to so many times their size
_PAGE = ".html"


@dataclass(frozen=True, slots=True)
class ScanTask:
    """Files of the folder `tree` for one process. `known`: of each the SHA-256 (hex) with which it was searched for all
    values but the fresh ones; None: it was not."""

    tree: str
    paths: tuple[str, ...]
    known: tuple[str | None, ...]
    search: SavedSearch


def sizes_of(tree: Path, paths: Iterable[str]) -> Iterator[int]:
    """Bytes of files in `tree`; 0 of what is not there: whoever reads it will tell."""
    for path in paths:
        try:
            yield os.stat(f"{tree}/{path}", follow_symlinks=False).st_size  # noqa: PTH116  (many files: no Path objects)
        except OSError:
            yield 0


def groups_of(files: Iterable[tuple[str, int]]) -> Iterator[tuple[str, ...]]:
    """Files, each with how many bytes it is said to have, that are one task together, in their order."""
    group, size = list[str](), 0
    for path, own in files:
        group.append(path)
        size += own * _UNPACKED if path.endswith(_PACKED) else own
        if len(group) == _TASK_FILES or size >= _TASK_BYTES:
            yield tuple(group)
            group, size = [], 0
    if group:
        yield tuple(group)


def scan_files(task: ScanTask) -> dict[Finding, int]:
    """One task."""
    full, again = task.search.opened(), task.search.opened_again()
    for path, known in zip(task.paths, task.known, strict=True):
        try:
            with open(f"{task.tree}/{path}", "rb") as stream:  # noqa: PTH123
                data = stream.read(WINDOW)
                search = full if known is None or _digest(stream, data) != known else again
                search.add(path, NAME, os.fsencode(path))
                _scan(search, path, stream, data)
        except NotUnpackable as fault:
            full.found[Finding(path, "", NOT_SCANNABLE, str(fault))] += 1
        except OSError:
            full.add(path, NAME, os.fsencode(path))
            full.found[Finding(path, "", NOT_SCANNABLE, "cannot be read")] += 1
    full.flush()
    again.flush()
    return dict(full.found + again.found)


def _digest(stream: BufferedReader, data: bytes) -> str:
    """Of a file whose first WINDOW bytes are `data`."""
    if len(data) < WINDOW:
        return hashlib.sha256(data).hexdigest()
    stream.seek(0)
    return hashlib.file_digest(stream, "sha256").hexdigest()


def _scan(search: Search, path: str, stream: BufferedReader, data: bytes) -> None:
    """A file whose first WINDOW bytes are `data`."""
    inside = _only_member(data)
    if inside is not None:
        search.add(path, GZIP_PART, inside)
    elif len(data) == WINDOW or is_packed(data[:HEAD]):
        for part in plain_parts(stream):
            search.add_blocks(path, part.name, part.blocks)
    elif path.endswith(_PAGE):
        search.add_page(path, data)
    else:
        search.add(path, "", data)


def _only_member(data: bytes) -> bytes | None:
    """What is packed in a whole file, if it is one member of gzip with nothing else in its header or behind it, is not
    packed once more and is not large. Then no byte of the file says anything that this does not: all others are codes
    for it, its sum and its size."""
    if not data.startswith(PLAIN_GZIP) or len(data) == WINDOW:
        return None
    member = zlib.decompressobj(31)
    try:
        inside = member.decompress(data, WINDOW)
    except zlib.error:
        return None  # whoever looks closer will tell
    whole = member.eof and not member.unused_data
    return inside if whole and not is_packed(inside[:HEAD]) else None
