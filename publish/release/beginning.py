"""How the tree of a release begins: empty, from a spare tree, or from an old release that is used up for it."""

from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import wait as wait_for
from pathlib import Path

from publish.release.ground import Ground
from publish.release.growing import Growing, umask
from publish.release.layout import Layout
from publish.release.previous import Previous
from publish.release.recycling import Spares, take_ground


class Beginning:
    """Of the tree at `tree`, which is not there yet. `spares`: which old releases may be used up for it; without these,
    or without a `previous` release, it begins empty. `durable` as staged_release has it.

    Once `growing` has been asked for: `recycled` is the name of the old release that was used up (None: none was), and
    `ground` what is left of it, or of a spare tree; None: the tree began empty.
    """

    def __init__(
        self, tree: Path, layout: Layout, previous: Previous | None, spares: Spares | None, *, durable: bool
    ) -> None:
        self.recycled: str | None = None
        self.ground: Ground | None = None
        self._tree = tree
        self._layout = layout
        self._previous = previous
        self._spares = spares
        self._durable = durable
        self._growing: Growing | None = None
        self._begun: Future[Growing] | None = None

    def begin(self) -> None:
        """Begin it beside whatever else is done, which takes seconds; a second time nothing happens."""
        if self._growing is None and self._begun is None:
            umask()  # asking changes it for a moment, in which no other thread may make a file
            thread = ThreadPoolExecutor(1, thread_name_prefix="tree")
            self._begun = thread.submit(self._begin)
            thread.shutdown(wait=False)

    def growing(self) -> Growing:
        """The tree, begun now if it was not: until then nothing has been used up. Nobody gets it, so nobody writes into
        it, before all is removed that an old release had besides. Raises OSError and BuildStopped."""
        if self._growing is None:
            self._growing = self._begin() if self._begun is None else self._begun.result()
        return self._growing

    def close(self) -> None:
        """Let go of what is open, and wait for what has begun."""
        wait_for([self._begun] if self._begun is not None else [])
        if self._growing is not None:
            self._growing.close()

    def _begin(self) -> Growing:
        if self._previous is not None and self._spares is not None:
            taken = take_ground(self._layout, self._spares, self._previous, self._tree, durable=self._durable)
            self.recycled, self.ground = taken or (None, None)
        if self.ground is None:
            self._tree.mkdir()
        return Growing(f"{self._tree}/", recycled=self.ground is not None)
