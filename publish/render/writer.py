"""Bulk pages on their way into the release: made by workers, written here, or shared with the last release."""

from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Executor, Future
from pathlib import Path

import polars as pl

from publish.model.artifact import Findings, NoProof, Proof, Sink
from publish.render.bulk_pages import Pages, Partition, Plans, render_partition
from publish.render.page_memory import PageMemory

_AHEAD = 4  # partitions that workers may be ahead of the writer: what is read again at once need not reach the disk


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
        self._started = 0

    def put(self, every: Iterable[Pages], html: HtmlPages) -> Iterator[int]:
        """Write or share all pages; tells how many, again and again."""
        ahead: deque[tuple[Partition, Future[Findings]]] = deque()
        for pages in every:
            plans = Plans(pages)
            shared = self._shared(pages, plans, html)
            yield int(shared.sum())
            for partition in self._partitions(pages, plans, (~shared).arg_true()):
                ahead.append((partition, self._executor.submit(render_partition, partition)))
                if len(ahead) > _AHEAD:
                    yield self._write(*ahead.popleft(), html)
        while ahead:
            yield self._write(*ahead.popleft(), html)

    def _shared(self, pages: Pages, plans: Plans, html: HtmlPages) -> pl.Series:
        """Share what has not changed since the last release; returns which pages that are (Boolean).

        They were searched when they were made, and their cells are public cells, which are searched in each build.
        """
        shapes = self._memory.known(pages.name, pages.inputs["inputs"])
        known = self._memory.shapes(pages.name).filter(pl.col("shape").is_in(shapes.drop_nulls().unique().implode()))
        now = pl.Series(plans.constants(known["bits"].to_list()).values(), dtype=pl.UInt64)
        same = known["shape"].filter(known["constants"] == now)
        # The first page of each shape is made in any case: it is searched whole, constants and all.
        unchanged = shapes.is_in(same.implode()).fill_null(False) & ~shapes.is_first_distinct()
        rows = unchanged.arg_true()
        if not len(rows):
            return unchanged
        paths = pages.inputs["path"][rows]
        kept = html.keep_some(paths)
        self._proof.told(paths.filter(kept), {})
        rows = rows.filter(kept)
        self._memory.note_known(pages.name, pages.inputs["inputs"][rows], shapes[rows])
        return pl.repeat(False, len(unchanged), dtype=pl.Boolean, eager=True).scatter(rows, True)

    def _partitions(self, pages: Pages, plans: Plans, rows: pl.Series) -> Iterator[Partition]:
        """The pages at `rows` as pieces of work, one folder after the other; made as they are asked for."""
        rows = _by_path(pages, rows)
        for begin in range(0, len(rows), pages.size):
            chosen = rows.slice(begin, pages.size)
            slots = pages.slots(chosen)
            shapes = pages.shapes(slots)
            every = shapes.unique(maintain_order=True).to_list()
            self._memory.note(pages.name, pages.inputs["inputs"][chosen], shapes, plans.constants(every))
            files: tuple[Path, ...] = ()
            if pages.fragments is not None:
                files, placed = pages.fragments.placed(slots["rows"])
                slots = slots.with_columns(placed)
            # Two dots: data files lie in the same folder, and are named by a slug and one or two endings of their own.
            head = f"{pages.name}-{self._started}"
            source, out = (self._scratch / f"{head}.{suffix}" for suffix in ("slots.parquet", "pages.arrow"))
            self._started += 1
            slots.write_parquet(source, compression="lz4")
            yield Partition(plans.of(every), source, out, pages.origin, files, self._proof.search)

    def _write(self, partition: Partition, future: Future[Findings], html: HtmlPages) -> int:
        found = future.result()
        done = pl.read_ipc(partition.out)
        html.write_many(done["path"], done["html"])
        if partition.search is not None:
            self._proof.told(done["path"], found)
        partition.out.unlink()
        partition.rows.unlink()
        return done.height


def _by_path(pages: Pages, rows: pl.Series) -> pl.Series:
    """Rows in the order of their paths: folder by folder, files are made faster than in the order of the records."""
    paths = pages.inputs["path"][rows]
    return rows if paths.is_sorted() else rows.gather(paths.arg_sort())
