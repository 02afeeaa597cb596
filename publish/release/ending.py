"""The end of a release: it is sealed, verified and stored, and goes live. Most of it beside whatever else only reads
the settled tree."""

from collections.abc import Collection, Mapping
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from concurrent.futures import wait as wait_for
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from publish.model.issue import BuildStopped, Issue
from publish.model.report import Progress
from publish.release.activate import Released, make_live, sync_file_system
from publish.release.caches import Caches
from publish.release.early import EarlyListing, list_early
from publish.release.faults import disk_errors
from publish.release.layout import Layout
from publish.release.manifest import Manifest, Seals
from publish.release.samples import FULL
from publish.release.stamps import Stamp, stamp_of
from publish.release.state import State, write_state
from publish.release.stopping import Stoppable
from publish.release.tree_memory import tree_cache, write_listing
from publish.release.trees import FolderStamp, Listing, folder_stamp
from publish.release.verify import Checks, Verification, asks_all_sizes, verify, withheld_keys


@dataclass(frozen=True, slots=True)
class Settled:
    """A tree that does not change any more but for its `seals`. `folders`: all that are in it, each with a / at its
    end; `inodes` and `stamps`: as `verify` has them; `counts`: files (linked, written). `durable`: wait for the
    disk."""

    layout: Layout
    tree: Path
    manifest: Manifest
    seals: Future[Seals]
    folders: Collection[str]
    inodes: pl.Series
    stamps: Mapping[str, Stamp]
    counts: tuple[int, int]
    durable: bool


class Ending:
    """Begins when the tree is settled, under the lock. `beside`: sealing and verification are begun at once, by a
    thread which hands its work to `executor`, and nobody may do anything to the tree but read it; else they wait until
    somebody asks for their outcome. The state of the release is written by a thread in any case.

    The order is what makes it safe to be cut off at any point: until the last step the old release is live, and
    whatever is left over is swept by the next build.
    """

    def __init__(
        self,
        settled: Settled,
        caches: Caches,
        state: State,
        report: Mapping[str, object],
        checks: Checks,
        progress: Progress,
        executor: Executor | None = None,
        *,
        beside: bool = False,
    ) -> None:
        self._settled = settled
        self._caches = caches
        self._state = state
        self._checks = checks
        self._progress = progress
        self._executor = executor
        self._listing: Listing | None = None
        self._listed: Future[None] | None = None
        self._flushed: Future[None] | None = None
        self._verified: Verification | None = None
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="state")
        self._stored = self._writer.submit(self._write_state, report)
        self._stoppable = Stoppable(executor) if executor is not None and beside else None
        self._beside = self._begun(self._stoppable, progress.aside()) if self._stoppable is not None else None

    def name(self) -> str:
        """The name of the release, when its seals are written. Raises BuildStopped."""
        return self._settled.seals.result().name

    def issues(self) -> tuple[Issue, ...]:
        """What verification has found, each an ERROR, or what has stopped it."""
        try:
            return self._verification().issues
        except BuildStopped as stopped:
            return stopped.issues

    def go_live(self) -> Released:
        """Store it and make it live, and put what the next build may know in its place. Raises BuildStopped with every
        issue found; then nothing has changed."""
        settled, name, progress = self._settled, self.name(), self._progress
        checked = self._verification()
        if checked.issues:
            raise BuildStopped(checked.issues)
        self._stored.result()
        for beside in (self._flushed, self._listed):
            if beside is not None:
                beside.result()
        self._caches.leave_room()
        if settled.durable:
            with progress.step("wait for the disk"), disk_errors("waiting for the disk"):
                sync_file_system(settled.layout.out)
        checked = self._still(checked)
        with progress.step("make live"):
            rebuilt = make_live(settled.layout, settled.tree, name, settled.manifest, self._folder, self._executor)
        if rebuilt:
            self._caches.keep(tree_cache(name))
        self._caches.put()
        return Released(name, settled.manifest.files.height, self._bytes, *settled.counts, rebuilt, checked)

    def close(self) -> None:
        """Take back what has not begun, and wait for the threads; what workers are at only reads, and may go on."""
        if self._stoppable is not None:
            self._stoppable.stop()
        if self._beside is not None:
            wait_for([self._beside])
        self._writer.shutdown(cancel_futures=True)

    @property
    def _folder(self) -> Path:
        return self._settled.tree.parent / "state"

    @property
    def _bytes(self) -> int:
        return int(self._settled.manifest.files["size"].sum())

    def _write_state(self, report: Mapping[str, object]) -> None:
        settled = self._settled
        name, (linked, written) = settled.seals.result().name, settled.counts
        files = settled.manifest.files.height
        summary = {"name": name, "files": files, "bytes": self._bytes, "linked": linked, "written": written}
        write_state(self._folder, self._state, {**report, "release": summary})

    def _begun(self, executor: Executor, progress: Progress) -> Future[Verification]:
        thread = ThreadPoolExecutor(1, thread_name_prefix="verify")
        told = thread.submit(self._seal_and_verify, executor, progress)
        thread.shutdown(wait=False)
        return told

    def _verification(self) -> Verification:
        if self._verified is None:
            with self._progress.step("verify"):
                beside = self._beside
                found = beside.result() if beside else self._seal_and_verify(self._executor, self._progress)
            self._verified = found
        return self._verified

    def _seal_and_verify(self, executor: Executor | None, progress: Progress) -> Verification:
        settled = self._settled
        early = self._list_early()
        seals = settled.seals.result()
        if settled.durable and self._stoppable is not None:
            # What is there has to reach the disk anyhow: there is less to wait for in the end.
            self._flushed = self._writer.submit(self._write_back, progress)
        with progress.step("seal"):
            seals.move_into(settled.tree)
        return self._verify(executor, progress, early)

    def _write_back(self, progress: Progress) -> None:
        with progress.aside().step("write back"), disk_errors("waiting for the disk"):
            sync_file_system(self._settled.layout.out)

    def _list_early(self) -> EarlyListing | None:
        """Beside other work only: workers have little to do while seals are made. Not where sizes of all are asked for,
        which are told the better the later they are: no folder tells that a file in it was cut."""
        settled = self._settled
        if self._stoppable is None or asks_all_sizes(settled.manifest, settled.inodes, FULL):
            return None
        return list_early(settled.tree, settled.folders, settled.manifest.files["path"], self._stoppable)

    def _verify(self, executor: Executor | None, progress: Progress, early: EarlyListing | None = None) -> Verification:
        settled, state = self._settled, self._state
        return verify(
            settled.tree,
            settled.manifest,
            self._checks,
            withheld=withheld_keys(state.ledger),
            exits=state.publication.exits["key"],
            inodes=settled.inodes,
            stamps=settled.stamps,
            progress=progress,
            executor=executor,
            noticed=self._note,
            early=early,
        )

    def _note(self, listing: Listing) -> None:
        """The listing of the tree is kept for later builds, beside what else is verified."""
        self._listing = listing
        if self._settled.manifest.files.height > FULL:  # of fewer files all sizes are asked for, so all are listed
            self._listed = self._writer.submit(self._keep_listing, listing)

    def _keep_listing(self, listing: Listing) -> None:
        write_listing(self._caches.next(tree_cache(self._settled.seals.result().name)), listing)

    def _still(self, checked: Verification) -> Verification:
        """What was verified, and is so still. Raises BuildStopped."""
        self._settled.seals.result().check(self._settled.tree)
        folders = self._listing.folders if self._listing is not None else {}
        if not _has_changed(self._settled.tree, folders, checked.stamps):
            return checked
        with self._progress.step("verify again"):
            again = self._verify(self._executor, self._progress)
        if again.issues:
            raise BuildStopped(again.issues)
        if self._listed is not None:
            self._listed.result()
        return again


def _has_changed(tree: Path, folders: Mapping[str, FolderStamp | None], files: Mapping[str, Stamp | None]) -> bool:
    """Whether anything has come, gone or been replaced in `folders` since they were listed, or anybody has written into
    `files` since they had these stamps. Raises BuildStopped as `disk_errors` does."""
    root = f"{tree}/"
    with disk_errors("reading the release to verify it"):
        if any(folder_stamp(root + folder) != stamp for folder, stamp in folders.items()):
            return True
        # Not by their ctimes, which change with other links to them: an old release may just be removed.
        return any((stamp_of(root + path) or ())[:4] != (stamp or ())[:4] for path, stamp in files.items())
