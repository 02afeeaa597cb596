"""Bulk pages on their way into the release: made and written by workers, or shared with the last release."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future, wait
from pathlib import Path

import polars as pl

from publish.model.artifact import FileWriter, NoProof, Proof, Sink
from publish.render.bulk_pages import Made, Pages, Partition, Plans, render_partition
from publish.render.page_memory import PageMemory

_AHEAD = 4  # partitions that wait for a worker, or for this process: what is read again at once need not reach the disk


_PIECES = 4  # into so many are few pages divided, so that all workers have some
_LEAST = 2500  # pages of a piece: some 30 ms are spent on each, however few there are

_Ahead = tuple[pl.Series, Partition, Future[Made]]


class HtmlPages:
    """A sink for pages that remembers their addresses, for the sitemap: those of single pages, and of bulk pages, which
    `many` tells, each in an order that does not depend on who makes what and when."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self._urls: list[str] = []
        self._bulk: list[pl.Series] = []

    def write(self, url: str, data: bytes) -> None:
        """One page."""
        self._urls.append(url)
        self._sink.write(url, data)

    def many(self, paths: pl.Series) -> None:
        """Bulk pages at these paths (relative to the release) are written or kept from now on."""
        self._bulk.append(paths)

    def write_many(self, paths: pl.Series, html: pl.Series) -> None:
        """Many pages: paths relative to the release, and their HTML."""
        self._sink.write_many(paths.to_list(), html.cast(pl.Binary).to_list())

    def writer(self, paths: pl.Series) -> FileWriter | None:
        """Of many pages, for whoever makes them; None: write_many takes them."""
        return self._sink.writer(paths)

    def note_written(self, paths: pl.Series, told: pl.DataFrame) -> None:
        """Their writer has written these pages, and told this."""
        self._sink.note_written(paths, told)

    def keep_some(self, paths: pl.Series) -> pl.Series:
        """Pages that the last release has; returns which of them are so (Boolean)."""
        return ~paths.is_in(self._sink.keep_some(paths).implode())

    def urls(self) -> pl.Series:
        """Addresses of all pages so far: single ones, then others, each in the order in which they were told."""
        bulk = pl.concat([pl.Series("url", [], dtype=pl.String), *(one.rename("url") for one in self._bulk)])
        return pl.concat([pl.Series("url", self._urls, dtype=pl.String), "/" + bulk])


class BulkPages:
    """Puts bulk pages into a release.

    Partitions are made by the executor. Its workers write them too if they are `near`: each call runs once, where the
    sink is (executors.runs_here). A partition is of whole folders as far as it goes, since two who make files in one
    folder wait for each other. Else pages come back and are written here.
    """

    def __init__(
        self,
        executor: Executor,
        scratch: Path,
        proof: Proof | None = None,
        memory: PageMemory | None = None,
        *,
        near: bool = False,
        between: Callable[[], None] = lambda: None,
    ) -> None:
        """`between` is called by whoever puts pages, again and again while workers make them: what else has come
        meanwhile may be put into the release."""
        self._executor = executor
        self._scratch = scratch
        self._proof = proof or NoProof()
        self._memory = memory or PageMemory()
        self._near = near
        self._between = between
        self._started = 0

    def put(self, every: Iterable[Pages], html: HtmlPages) -> Iterator[int]:
        """Write or share all pages; tells how many, again and again."""
        ahead: deque[_Ahead] = deque()
        try:
            for pages in every:
                self._between()
                html.many(pages.inputs["path"])
                plans = Plans(pages)
                shared = self._shared(pages, plans, html)
                yield int(shared.sum())
                for paths, partition in self._partitions(pages, plans, (~shared).arg_true(), html):
                    ahead.append((paths, partition, self._executor.submit(render_partition, partition)))
                    self._between()
                    if len(ahead) > _AHEAD:
                        yield self._take(*ahead.popleft(), html)
            while ahead:
                yield self._take(*ahead.popleft(), html)
                self._between()
        finally:
            if self._near:  # where the build has failed: nobody may write into a tree that is being removed
                wait([future for _, _, future in ahead])

    def sharing(self, name: str, sink: Sink) -> Callable[[pl.DataFrame], pl.Series]:
        """For files of this name that are no pages, and that nobody searches on the way: shares those (`path`, and
        `inputs` as Pages has them) that the last release has, and returns which they are (Boolean)."""

        def shared(files: pl.DataFrame) -> pl.Series:
            known = files["path"].filter(self._memory.known(name, files["inputs"]).is_not_null())
            kept = known.filter(~known.is_in(sink.keep_some(known).implode()))
            self._memory.note(name, files["inputs"], pl.repeat("", files.height, eager=True), {"": 0})
            return files["path"].is_in(kept.implode())

        return shared

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

    def _partitions(
        self, pages: Pages, plans: Plans, rows: pl.Series, html: HtmlPages
    ) -> Iterator[tuple[pl.Series, Partition]]:
        """The pages at `rows` as pieces of work with their paths, one folder after the other; made as they are asked
        for."""
        rows = _by_path(pages, rows)
        size = min(pages.size, max(_LEAST, -(-len(rows) // _PIECES)))
        for begin in range(0, len(rows), size):
            chosen = rows.slice(begin, size)
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
            paths = pages.inputs["path"][chosen]
            writer = html.writer(paths) if self._near else None
            yield paths, Partition(plans.of(every), source, out, pages.origin, files, self._proof.search, writer)

    def _take(self, paths: pl.Series, partition: Partition, future: Future[Made], html: HtmlPages) -> int:
        """Wait for a partition, and write it unless that is done; returns how many pages it has."""
        made = future.result()
        if made.told is not None:
            html.note_written(paths, made.told)
        else:
            html.write_many(paths, pl.read_ipc(partition.out)["html"])
            partition.out.unlink()
        if partition.search is not None:
            self._proof.told(paths, made.findings)
        partition.rows.unlink()
        return paths.len()


def _by_path(pages: Pages, rows: pl.Series) -> pl.Series:
    """Rows in the order of their paths: folder by folder, files are made faster than in the order of the records."""
    paths = pages.inputs["path"][rows]
    return rows if paths.is_sorted() else rows.gather(paths.arg_sort())
