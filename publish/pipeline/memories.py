"""What a build leaves for the next one: made as soon as it is known, beside other work, and named in the end."""

from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from typing import Self

from publish.disclose.quiet import TextMemory
from publish.executors import SerialExecutor
from publish.model.kept import Naming, keep_nothing
from publish.proof import Sought, keep_sought, remember_data
from publish.release.writing import Release
from publish.remembered import keep_texts
from publish.render.page_memory import PageMemory

PAGES = "pages"  # the memory of pages

_Made = Callable[[], Naming]


class Memories:
    """Of one release. `beside`: a thread of its own makes them, one after the other, where the disk has room for them
    and for the release in any case; else they are made when all of it is written. A context: whoever leaves it waits
    for what is being made.

    What has no name is not believed, and goes with the other files of a build that fails.
    """

    def __init__(self, release: Release, secret: bytes, *, beside: bool) -> None:
        self._release = release
        self._secret = secret
        self._thread: Executor = ThreadPoolExecutor(1, "memories") if beside else SerialExecutor()
        self._is_early = beside and release.has_room
        self._made: dict[str, Future[Naming]] = {}
        self._late: dict[str, _Made] = {}
        self._sought: Sought | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._thread.shutdown(cancel_futures=True)

    def texts(self, memory: TextMemory | None) -> None:
        """What disclosure knows of texts."""
        self._make("texts", partial(keep_texts, self._release, memory))

    def pages(self, memory: PageMemory) -> None:
        """What all pages were made from."""
        self._make(PAGES, lambda: memory.keep(self._release.next_cache(PAGES)))

    def sought(self, sought: Sought) -> None:
        """What the release is to be searched for, as it is told now; it takes the place of what was told before."""
        self._sought = replace(sought)
        self._make("sought", partial(keep_sought, self._release, self._sought, self._secret))

    def name(self, sought: Sought, name: str) -> None:
        """When the whole release has been searched: give them its name. It was searched for what is `sought` now."""
        if self._sought is None or self._sought.scan is not sought.scan:
            self.sought(sought)
        self._made |= {one: self._thread.submit(make) for one, make in self._late.items()}
        for made in self._made.values():
            made.result()(name)
        remember_data(self._release, sought, name)

    def _make(self, one: str, make: _Made) -> None:
        make = partial(_if_it_fits, make)
        if self._is_early:
            self._made[one] = self._thread.submit(make)
        else:
            self._late[one] = make


def _if_it_fits(make: _Made) -> Naming:
    try:
        return make()
    except MemoryError:  # no release is less for it; what has no name is not believed
        return keep_nothing
