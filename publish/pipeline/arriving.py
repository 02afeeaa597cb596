"""What is made while pages are: data files and the search index, put into the release once they are there."""

from collections.abc import Mapping, Sequence
from concurrent.futures import Executor, Future, wait

from publish.model.public import PublicTable
from publish.model.report import Progress
from publish.model.search import SearchIndex
from publish.release.scan import ReleaseScan
from publish.release.writing import Release
from publish.render.data import Downloads, put_index
from publish.render.downloads import DownloadFile

Files = Mapping[str, tuple[DownloadFile, ...]]  # data files by dataset


class Arriving:
    """Data files that workers make, and the index that a thread makes with them.

    Only one thread writes into the release, so whoever writes pages asks for what has come: `take` again and again,
    `files` where pages tell of data files, `finish` at last. The index follows the data files, since both are searched
    in that order. Whatever has come to grief is raised by whichever of them meets it.
    """

    def __init__(
        self,
        release: Release,
        downloads: Downloads,
        tables: Sequence[PublicTable],
        indexing: Future[SearchIndex],
        scan: ReleaseScan,
        aside: Executor | None,
        progress: Progress,
    ) -> None:
        """All of `tables` have been started in `downloads`. `aside`: who searches while pages are made; None: nobody,
        all of it is searched at the end."""
        self._release = release
        self._downloads = downloads
        self._tables = tables
        self._indexing: Future[SearchIndex] | None = indexing
        self._scan = scan
        self._aside = aside
        self._progress = progress
        self._files: Files | None = None

    def take(self) -> None:
        """Put into the release what is there by now, and wait for nothing."""
        if self._indexing is not None and self._indexing.done():
            self._indexing.result()  # if it has come to grief, no page is made in vain
        if self._files is None and self._downloads.done():
            self.files()
        if self._files is not None and self._indexing is not None and self._indexing.done():
            index = self._indexing.result()
            self._indexing = None  # it has all files that are new in memory: 200 MB of a million records
            with self._progress.step("index files"):
                self._put_index(index)

    def files(self) -> Files:
        """The data files, which are in the release then. Waits for them."""
        if self._files is None:
            with self._progress.step("data files"):
                self._files = self._put_files()
        return self._files

    def finish(self) -> None:
        """Wait for all of it."""
        self.files()
        if self._indexing is not None and not self._indexing.done():
            with self._progress.step("wait for the index"):
                wait([self._indexing])
        self.take()

    def _put_files(self) -> Files:
        files = self._downloads.put(self._tables, self._release)
        if self._aside is not None:
            tree = self._release.tree
            # One after the other, so that pages need not wait; now, while they and the live ones are in memory.
            for data in self._downloads.cells(self._tables):
                self._scan.told_cells(data, tree, self._aside)
            self._scan.begin_files(tree, self._aside)
        return files

    def _put_index(self, index: SearchIndex) -> None:
        paths = put_index(index, self._release)
        if self._aside is not None:
            self._scan.written(paths)
