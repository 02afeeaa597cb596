"""The scan of a finished release: is a private value of the build in any of its bytes, names or packed files?

Files are searched whether they are new or shared with the last release, since what was public then may be private now:
path, bytes, and what is packed in them. How much of what is shared: decisions 0017, 0022 and 0024. Pages that exist in
great numbers are searched by whoever makes them (page_search.py), all others when they are there. Findings say where,
of which field and how often; never the value.
"""

import secrets
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Executor, Future
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from publish import urls
from publish.model.artifact import DataCells, Findings, PageSearch
from publish.model.data_memory import KnownData
from publish.model.issue import Issue
from publish.model.private_values import PrivateValues
from publish.release.data_files import DataFiles, LiveData
from publish.release.data_search import RowsTask, search_file, search_rows
from publish.release.findings import issues_of
from publish.release.matching import Finding, PatternFinder
from publish.release.page_search import SavedSearch, forget_sieves
from publish.release.scan_files import ScanTask, groups_of, scan_files, sizes_of

_SAMPLE = 1000  # one of so many files that were searched before, or while they were made, is searched whole
_MOST_AGAIN = 2048  # files made of nothing but public cells that are searched again; others in each build
_SPARE = 64  # more of those that are asked for beforehand, since some will be others
_INDEX, _SITEMAP = (head.lstrip("/") for head in (urls.SEARCH_INDEX, urls.SITEMAP_PARTS))


class ReleaseScan:
    """The scan of one release, from its first page on: pages may be searched while they are made, the rest at the end.

    `patterns` is a top-level function, `allowed` what it may find (public_matches). Private values are kept as hashes
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
        fresh = None
        if private.fresh is not None:
            fresh = tuple(self._folder / f"fresh-{number}" for number in range(len(private.fresh)))
            for sieve, target in zip(private.fresh, fresh, strict=True):
                sieve.save(target)
        self._search = SavedSearch(saved, patterns, allowed, private.lines, fresh, private.barriers)
        self._found: Counter[Finding] = Counter()
        self._searched: list[pl.Series] = []
        self._sample = pl.Series("path", [], dtype=pl.String)  # of those, what is read all the same
        self._again: dict[str, str] = {}
        self._beside: tuple[Path, Executor] | None = None  # where files are that are searched while others are made
        self._begun: list[tuple[tuple[str, ...], Future[dict[Finding, int]]]] = []
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

    def begin_files(self, tree: Path, executor: Executor) -> None:
        """Search what the data files have besides; and, when `written` tells of them, other files in `tree`. `executor`
        does one thing after the other: first the rows, of which it was told too."""
        self._beside = tree, executor
        for path, task in self._data.files(self._data.paths).items():
            self._files[path] = executor.submit(search_file, task)

    @property
    def rows_done(self) -> bool:
        """Whether all rows have been searched that were asked for: files that have them need not wait any more."""
        return all(future.done() for _, future in self._rows)

    def written(self, paths: Sequence[str]) -> None:
        """These files are in the release as they will be: they are searched when it is their turn."""
        if self._beside is not None:
            tree, executor = self._beside
            for group in groups_of(zip(paths, sizes_of(tree, paths), strict=True)):
                task = ScanTask(str(tree), group, (None,) * len(group), self._search)
                self._begun.append((group, executor.submit(scan_files, task)))

    def known_data(self, sha256: Mapping[str, str]) -> dict[str, KnownData]:
        """What the next build may know of data files, when all is searched; `sha256` of all files by path."""
        return self._data.known(sha256)

    def finish(
        self,
        tree: Path,
        files: pl.DataFrame,
        executor: Executor,
        advance: Callable[[int], None] = lambda files: None,
    ) -> tuple[Issue, ...]:
        """Search the `files` (`path`, relative, and the `size` that each is said to have) of the release in `tree`:
        those that `rest` tells, or more. Returns what was found in all of it, each an ERROR.

        `release.private-value` (with the field), `release.personal-pattern` and `release.not-scannable`. `advance` is
        told how many files are done, in their order, but those first that were begun, and those of cells after
        all others.
        """
        paths = files["path"].to_list()
        data = self._data.files(paths)
        files_begun = [(group, future) for group, future in self._begun if not future.cancel()]
        done = frozenset(path for group, _ in files_begun for path in group)
        began = done | data.keys()
        # Nobody asks the system for sizes, which are all over the disk: workers need not wait for the first task.
        others = ((path, size) for path, size in zip(paths, files["size"].to_list(), strict=True) if path not in began)
        # What was to be searched on the way, one after the other, and is not begun yet is handed to all workers now;
        # files that have been begun had all their rows before.
        begun = {path: future for path, future in self._files.items() if not future.cancel()}
        rows = [executor.submit(search_rows, task) if future.cancel() else future for task, future in self._rows]
        for one in rows:
            self._found.update(one.result())
        # The longest first: one of a million rows takes one worker as long as all others the other.
        last = [
            begun.get(path) or executor.submit(search_file, data[path]) for path in filter(data.__contains__, paths)
        ]
        started = [(len(group), future) for group, future in files_begun]
        for group in groups_of(others):
            task = ScanTask(str(tree), group, tuple(map(self._again.get, group)), self._search)
            started.append((len(group), executor.submit(scan_files, task)))
        started += [(1, future) for future in last]
        for count, findings in started:
            self._found.update(findings.result())
            advance(count)
        return tuple(issues_of(self._found, self._private, self._search.patterns))

    def rest(self, paths: pl.Series) -> pl.Series:
        """Which of the paths have yet to be read: those that nobody has searched, and a sample of the others, which
        shows that what was searched is what is there. Their places in `paths` (UInt32), in their order, but files of
        cells after all others. `paths` are of all files, each once."""
        searched = pl.concat([pl.Series("path", [], dtype=pl.String), *(one.rename("path") for one in self._searched)])
        hashes = paths.hash(self._chance)
        was = _among(paths, hashes, searched, self._chance)
        known = was.arg_true()
        sample = known.gather(_lowest(hashes.gather(known), -(-known.len() // _SAMPLE)))
        self._sample = paths.gather(sample)
        places = (~was).scatter(sample, True).arg_true()
        last = paths.gather(places).is_in(self._data.paths)
        return pl.concat([places.filter(~last), places.filter(last)])

    def searched_before(self, files: pl.DataFrame) -> pl.Series:
        """Of the paths that `rest` tells, `files` are also in the last release: `path`, `sha256` (hex), and `unread`,
        whether the file was shared without being read, which is done with what is made of public cells alone. Returns
        those of them that need not be read at all (String).

        A build of this very program searched the last release for all values but the fresh ones; so that is all that
        they are searched for, if they have the hash still. One in a thousand, others in each build, is searched for
        everything. Of those that are `unread` not more than some thousands are read, others in each build, and searched
        for everything.
        """
        if self._private.fresh is None:
            return files["path"].clear()
        known = files.join(self._sample.to_frame(), on="path", how="anti", maintain_order="left").sort("path")
        unread, again = known.filter("unread"), known.filter(~pl.col("unread"))
        chosen, whole = (
            some["path"].gather(_lowest(some["path"].hash(self._chance), count)).to_frame()
            for some, count in ((unread, _MOST_AGAIN), (again, -(-again.height // _SAMPLE)))
        )
        again = again.join(whole, on="path", how="anti", maintain_order="left")
        self._again = dict(again.select("path", "sha256").iter_rows())
        return unread.join(chosen, on="path", how="anti", maintain_order="left")["path"]

    def likely_again(self, paths: pl.Series) -> pl.Series:
        """Of the `paths` (String) of all files of the last release nearly all that are read once more, if they are in
        this one as well: those that `rest` and `searched_before` will draw, and a few more."""
        if self._private.fresh is None:
            return paths.clear()
        index, sitemap = (paths.filter(paths.str.starts_with(head)) for head in (_INDEX, _SITEMAP))
        drawn = ((paths, -(-paths.len() // _SAMPLE)), (index, _MOST_AGAIN + _SPARE))
        return pl.concat([sitemap, *(some.gather(_lowest(some.hash(self._chance), count)) for some, count in drawn)])

    def close(self) -> None:
        """Remove the hashes. Searches that nobody waits for are not begun any more."""
        for _, begun in self._rows:
            begun.cancel()
        for file in (*self._files.values(), *(future for _, future in self._begun)):
            file.cancel()
        forget_sieves()
        shutil.rmtree(self._folder, ignore_errors=True)


def _lowest(hashes: pl.Series, count: int) -> NDArray[np.int64]:
    """Where the lowest of these hashes (UInt64) are, so many or all, rising: drawn by chance, and nearly the same of a
    few paths more, so that they can be drawn before all are known."""
    if hashes.len() <= count:
        return np.arange(hashes.len())
    return np.sort(np.argpartition(hashes.to_numpy(), count)[:count])


def _among(paths: pl.Series, hashes: pl.Series, searched: pl.Series, seed: int) -> pl.Series:
    """Which of the paths, each of which is there once, have been searched (Boolean). Told by their hashes: if as many
    are found as were searched, each of which is one of the paths and was told once, no other path has the hash of one
    that was; else by texts."""
    was = hashes.is_in(searched.hash(seed).implode())
    return was if was.sum() == searched.len() else paths.is_in(searched.implode())


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
        every = list(paths)
        files = pl.DataFrame([every, list(sizes_of(tree, every))], schema={"path": pl.String, "size": pl.Int64})
        return scan.finish(tree, files, executor, advance)
    finally:
        scan.close()
