"""The scan of a finished release: is a private value of the build in any of its bytes, names or packed files?

Every file is searched, whether it is new or shared with the last release, since what was public then may be private
now: its path, its bytes, and what is packed in it. Pages that exist in great numbers are searched by whoever makes them
(page_search.py), all others when they are there. Findings say where, of which field and how often; never the value.
"""

import os
import secrets
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from publish.model.artifact import DataCells, Findings, PageSearch
from publish.model.data_memory import KnownData
from publish.model.issue import Issue
from publish.model.private_values import PrivateValues
from publish.model.public import PublicTable
from publish.release.data_files import DataFiles, LiveData
from publish.release.data_search import RowsTask, search_file, search_rows
from publish.release.findings import issues_of
from publish.release.matching import (
    NAME,
    NOT_SCANNABLE,
    WINDOW,
    Finding,
    PatternFinder,
    Search,
    match_digest,
)
from publish.release.page_search import SavedSearch, forget_sieves
from publish.release.suspects import spans_of_suspects
from publish.release.unpacking import HEAD, NotUnpackable, is_packed, plain_parts

_TASK_FILES, _TASK_BYTES = 2048, 1 << 26
_SAMPLE = 1000  # one of so many pages that were searched while they were made is read again
_CODE = r"^[0-9A-Za-z@._+-]{11,64}$"
_PAGE = ".html"


@dataclass(frozen=True, slots=True)
class _Task:
    """Files for one process."""

    tree: str
    paths: tuple[str, ...]
    search: SavedSearch


class ReleaseScan:
    """The scan of one release, from its first page on: pages may be searched while they are made, the rest at the end.

    `patterns` is a top-level function, `allowed` what it may find (allowed_matches). Private values are kept as hashes
    in `scratch`, which the processes of the executor share; `close` removes them.
    """

    def __init__(
        self,
        private: PrivateValues,
        scratch: Path,
        patterns: PatternFinder | None = None,
        allowed: frozenset[bytes] = frozenset(),
        live: LiveData | None = None,
    ) -> None:
        self._private = private
        self._folder = Path(tempfile.mkdtemp(prefix="sieves-", dir=scratch))
        saved = tuple(self._folder / str(number) for number in range(len(private.sieves)))
        for sieve, target in zip(private.sieves, saved, strict=True):
            sieve.save(target)
        self._search = SavedSearch(saved, patterns, allowed, private.lines)
        self._found: Counter[Finding] = Counter()
        self._searched: list[pl.Series] = []
        self._rows: list[tuple[RowsTask, Future[dict[Finding, int]]]] = []  # searches of rows that have been asked for
        self._files: dict[str, Future[dict[Finding, int]]] = {}  # and of files that have them
        self._data = DataFiles(self._search, private, self._folder, live)
        self._chance = secrets.randbits(32)  # so that each build reads others again

    @property
    def private(self) -> PrivateValues:
        """What is looked for."""
        return self._private

    @property
    def search(self) -> PageSearch:
        """What pages are searched with in the process that makes them."""
        return self._search

    def told(self, paths: pl.Series, findings: Findings) -> None:
        """These pages have been searched, and what was found."""
        self._searched.append(paths)
        self._found.update(findings)

    def told_cells(self, data: DataCells, tree: Path, executor: Executor) -> None:
        """The files in `tree` are made of cells, which are searched but once, from now on. A line that is not made so
        is searched as any other. What is told of stays until `finish` is done."""
        self._rows += [(task, executor.submit(search_rows, task)) for task in self._data.told(data, tree)]

    def begin_files(self, executor: Executor) -> None:
        """Search what the files have besides. `executor` does one thing after the other: first the rows, of which it
        was told too."""
        for path, task in self._data.files(self._data.paths).items():
            self._files[path] = executor.submit(search_file, task)

    def known_data(self, sha256: Mapping[str, str]) -> dict[str, KnownData]:
        """What the next build may know of data files, when all is searched; `sha256` of all files by path."""
        return self._data.known(sha256)

    def finish(
        self,
        tree: Path,
        paths: pl.Series,
        executor: Executor,
        advance: Callable[[int], None] = lambda files: None,
    ) -> tuple[Issue, ...]:
        """Search the files `paths` (relative) of the release in `tree`: those that `rest` tells, or more. Returns what
        was found in all of it, each an ERROR.

        `release.private-value` (with the field), `release.personal-pattern` and `release.not-scannable`. `advance` is
        told how many files are done, in the order of `paths`, but those of cells after all others.
        """
        data = self._data.files(paths.to_list())
        others = (path for path in paths.to_list() if path not in data)
        # What was to be searched on the way, one after the other, and is not begun yet is handed to all workers now;
        # files that have been begun had all their rows before.
        begun = {path: future for path, future in self._files.items() if not future.cancel()}
        rows = [executor.submit(search_rows, task) if future.cancel() else future for task, future in self._rows]
        tasks = [_Task(str(tree), group, self._search) for group in _groups(tree, others)]
        started = [(len(task.paths), executor.submit(_scan, task)) for task in tasks]
        for done in rows:
            self._found.update(done.result())
        for path in filter(data.__contains__, paths.to_list()):
            started.append((1, begun.get(path) or executor.submit(search_file, data[path])))
        for count, findings in started:
            self._found.update(findings.result())
            advance(count)
        return tuple(issues_of(self._found, self._private, self._search.patterns))

    def rest(self, paths: pl.Series) -> pl.Series:
        """Which of the paths have yet to be read: those that nobody has searched, and a sample of the others, which
        shows that what was searched is what is there. In their order, but files of cells after all others."""
        searched = pl.concat([pl.Series("path", [], dtype=pl.String), *(one.rename("path") for one in self._searched)])
        frame = paths.to_frame("path")
        rest = frame.join(searched.to_frame(), on="path", how="anti")
        chosen = [(self._chance + at) % searched.len() for at in range(0, searched.len(), _SAMPLE)]
        sample = searched.sort().gather(chosen).to_frame()
        every = pl.concat([rest, frame.join(sample, on="path", how="semi")])
        ordered = frame.join(every, on="path", how="semi", maintain_order="left")["path"]
        last = ordered.is_in(self._data.paths)
        return pl.concat([ordered.filter(~last), ordered.filter(last)])

    def close(self) -> None:
        """Remove the hashes. Searches that nobody waits for are not begun any more."""
        for _, begun in self._rows:
            begun.cancel()
        for file in self._files.values():
            file.cancel()
        forget_sieves()
        shutil.rmtree(self._folder, ignore_errors=True)


def scan_release(
    tree: Path,
    paths: Iterable[str],
    private: PrivateValues,
    executor: Executor,
    scratch: Path,
    *,
    patterns: PatternFinder | None = None,
    allowed: frozenset[bytes] = frozenset(),
    advance: Callable[[int], None] = lambda files: None,
) -> tuple[Issue, ...]:
    """ReleaseScan of a release that is finished: all its files are read."""
    scan = ReleaseScan(private, scratch, patterns, allowed)
    try:
        return scan.finish(tree, pl.Series(list(paths), dtype=pl.String), executor, advance)
    finally:
        scan.close()


def allowed_matches(texts: Iterable[str], tables: Sequence[PublicTable], patterns: PatternFinder) -> frozenset[bytes]:
    """Digests of matches that are public by decision: those in public texts, such as the site's own address, and cells
    of the tables that are nothing but a number or an address. (A credit code can look like the number of a bank card.)
    Matches within longer cells are not: that they were left there may be a fault of the masking.
    """
    cells = [
        column.filter(column.str.contains(_CODE)).unique()
        for table in tables
        for column in table.frame.get_columns()
        if column.dtype == pl.String
    ]
    lines = ["\n".join(_suspicious(column)) for column in cells]
    every = (*texts, *lines)
    return frozenset(match_digest(text[begin:end]) for text in every for _, begin, end in patterns(text))


def _suspicious(cells: pl.Series) -> list[str]:
    """Those in which a pattern can be: finders are slow, and nearly all cells hold no number of a person."""
    sizes = cells.str.len_bytes().to_numpy() + 1
    text = cells.str.join("\n").cast(pl.Binary).item() if len(cells) else b""
    places = np.array([begin for begin, _ in spans_of_suspects(text)], dtype=np.int64)
    return cells.gather(np.unique(np.searchsorted(np.cumsum(sizes), places, side="right"))).to_list()


def _groups(tree: Path, paths: Iterable[str]) -> Iterator[tuple[str, ...]]:
    root, group, size = f"{tree}/", list[str](), 0
    for path in paths:
        group.append(path)
        try:
            size += os.stat(root + path, follow_symlinks=False).st_size  # noqa: PTH116  (many files: no Path objects)
        except OSError:
            size += 0  # whoever reads it will tell
        if len(group) == _TASK_FILES or size >= _TASK_BYTES:
            yield tuple(group)
            group, size = [], 0
    if group:
        yield tuple(group)


def _scan(task: _Task) -> dict[Finding, int]:
    """One task, in whichever process."""
    search = task.search.opened()
    for path in task.paths:
        search.add(path, NAME, os.fsencode(path))
        try:
            _scan_file(search, task.tree, path)
        except NotUnpackable as fault:
            search.found[Finding(path, "", NOT_SCANNABLE, str(fault))] += 1
        except OSError:
            search.found[Finding(path, "", NOT_SCANNABLE, "cannot be read")] += 1
    search.flush()
    return dict(search.found)


def _scan_file(search: Search, tree: str, path: str) -> None:
    with open(f"{tree}/{path}", "rb") as stream:  # noqa: PTH123
        data = stream.read(WINDOW)
        if len(data) == WINDOW or is_packed(data[:HEAD]):
            for part in plain_parts(stream):
                search.add_blocks(path, part.name, part.blocks)
        elif path.endswith(_PAGE):
            search.add_page(path, data)
        else:
            search.add(path, "", data)
