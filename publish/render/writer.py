"""Bulk pages on their way into the release: made by workers, written here, or shared with the last release."""

from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Executor, Future
from pathlib import Path

import polars as pl

from publish.model.artifact import Findings, NoProof, PageSearch, Proof, Sink
from publish.render.page_memory import PageMemory
from publish.render.records import Pages, Partition, render_partition

_CELLS = 50_000  # pages whose cells are searched together
_AHEAD = 16  # partitions that workers may be ahead of the writer


class HtmlPages:
    """A sink for pages that remembers their addresses, for the sitemap."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self._urls: list[str] = []
        self._bulk: list[pl.Series] = []

    def write(self, url: str, data: bytes) -> None:
        """One page."""
        self._urls.append(url)
        self._sink.write(url, data)

    def write_many(self, paths: pl.Series, html: pl.Series) -> None:
        """Many pages: paths relative to the release, and their HTML."""
        self._bulk.append("/" + paths)
        self._sink.write_many(paths.to_list(), html.cast(pl.Binary).to_list())

    def keep_some(self, paths: pl.Series) -> pl.Series:
        """Pages that the last release has; returns which of them are so (Boolean)."""
        kept = ~paths.is_in(self._sink.keep_some(paths).implode())
        self._bulk.append("/" + paths.filter(kept))
        return kept

    def urls(self) -> pl.Series:
        """Addresses of all pages so far, sorted within single pages and within others."""
        bulk = pl.concat([pl.Series("url", [], dtype=pl.String), *(one.rename("url") for one in self._bulk)])
        return pl.concat([pl.Series("url", self._urls, dtype=pl.String), bulk.sort()])


class BulkPages:
    """Puts bulk pages into a release.

    Partitions are made by the executor and written here, by one writer, in the order in which they were handed out: two
    writers in one tree of directories are slower than one.
    """

    def __init__(
        self, executor: Executor, scratch: Path, proof: Proof | None = None, memory: PageMemory | None = None
    ) -> None:
        self._executor = executor
        self._scratch = scratch
        self._proof = proof or NoProof()
        self._memory = memory or PageMemory()

    def put(self, every: Iterable[Pages], html: HtmlPages) -> Iterator[int]:
        """Write or share all pages; tells how many, again and again."""
        ahead: deque[tuple[Partition, Future[Findings]]] = deque()
        for pages in every:
            shapes = pages.shapes
            # The first page of each shape is made in any case: it is searched whole, constants and all.
            unchanged = self._memory.unchanged(pages, shapes) & ~shapes.is_first_distinct()
            for partition in pages.partitions(~unchanged, self._scratch, self._proof.search):
                ahead.append((partition, self._executor.submit(render_partition, partition)))
                if len(ahead) > _AHEAD:
                    yield self._write(*ahead.popleft(), html)
            if unchanged.any():
                yield from self._keep(pages, unchanged, html)
            del pages, shapes, unchanged  # a gigabyte for a million records, while the next ones are made
        while ahead:
            yield self._write(*ahead.popleft(), html)

    def _write(self, partition: Partition, future: Future[Findings], html: HtmlPages) -> int:
        found = future.result()
        done = pl.read_ipc(partition.out)
        html.write_many(done["path"], done["html"])
        if partition.search is not None:
            self._proof.told(done["path"], found)
        partition.out.unlink()
        partition.rows.unlink()
        return done.height

    def _keep(self, pages: Pages, unchanged: pl.Series, html: HtmlPages) -> Iterator[int]:
        """Share what is unchanged; what cannot be shared is made."""
        search = self._proof.search
        slots = pages.slots.filter(unchanged)
        searched = list(self._searched(pages.name, slots, search)) if search is not None else []
        kept = html.keep_some(slots["path"])
        yield int(kept.sum())
        for number, (cells, future) in enumerate(searched):
            # Where something is found it is not told here: whoever reads the pages finds out in which it is.
            if not future.result():
                part = slice(number * _CELLS, (number + 1) * _CELLS)
                self._proof.told(slots["path"][part].filter(kept[part]), {})
            cells.unlink()
        rest = pages.slots["path"].is_in(slots["path"].filter(~kept).implode())
        for partition in pages.partitions(rest, self._scratch, search, "rest"):
            yield self._write(partition, self._executor.submit(render_partition, partition), html)

    def _searched(self, name: str, slots: pl.DataFrame, search: PageSearch) -> Iterator[tuple[Path, Future[bool]]]:
        """Have the cells searched, some pages at a time: all distinct cells would be as large as the pages."""
        for number, start in enumerate(range(0, slots.height, _CELLS)):
            cells = self._scratch / f"{name}-{number}.cells"
            slots.slice(start, _CELLS).write_ipc(cells)
            yield cells, self._executor.submit(search_cells, search, cells)


def search_cells(search: PageSearch, path: Path) -> bool:
    """Whether anything is found in the cells of this IPC file. Runs anywhere."""
    return search.cells(pl.read_ipc(path).get_columns())
