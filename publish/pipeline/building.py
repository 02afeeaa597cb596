"""build(): the stages in their order, from data packages to a live release."""

import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path

import polars as pl

from publish import urls
from publish.derive.search.memory import Memory
from publish.derive.search.stage import derive_search
from publish.derive.standing import standing_issues
from publish.disclose.counting import count_records
from publish.disclose.stage import disclose
from publish.executors import OneByOne, SerialExecutor, is_serial, runs_here
from publish.model.data_memory import DataMemory
from publish.model.document import Document, Page
from publish.model.issue import BuildStopped, Issue
from publish.model.public import Disclosure, Publication, PublicTable
from publish.model.report import NO_PROGRESS, BuildReport, Progress
from publish.model.search import SearchIndex
from publish.pipeline.arriving import Arriving
from publish.pipeline.guards import day_of_live, guard_day, guard_secret
from publish.pipeline.handed import Derived, Disclosed, Workers
from publish.pipeline.inputs import Inputs, Request, read_inputs, stop_on_errors, template_folders
from publish.pipeline.memories import PAGES, Memories
from publish.pipeline.site import DocumentsTask, OfDocuments, derive_documents, derive_site
from publish.proof import DATA, prove, public_texts, release_scan
from publish.release.ending import Ending
from publish.release.faults import disk_errors
from publish.release.headers import headers_file
from publish.release.previous import manifest_ahead
from publish.release.pruning import prune_after_build
from publish.release.recycling import Spares
from publish.release.spare import want_spare
from publish.release.staging import staged_release
from publish.release.state import State, load_publication
from publish.release.verify import Checks
from publish.release.writing import Release
from publish.remembered import text_memory
from publish.render.data import Downloads
from publish.render.environment import static_files
from publish.render.page_memory import PageMemory
from publish.render.stage import make_desk, render
from publish.render.writer import BulkPages
from publish.validate.guards import guard_counts

_SEARCHING = 2  # searches at a time while the release is settled: what that hands to workers waits for so many at most

_Static = dict[str, tuple[str, bytes]]


def build(request: Request, executor: Executor, progress: Progress, scanner: Executor | None = None) -> BuildReport:
    """Build the site and make it the live release. Raises BuildStopped; then the live release is as it was.

    `scanner` runs the scan, for an `executor` whose workers do not see the output folder.
    """
    workers = Workers(executor, scanner or executor, OneByOne(executor))
    with ThreadPoolExecutor(1) as aside:  # a second's work, beside what does not take all processors
        ahead = aside.submit(manifest_ahead, request.out)
        inputs = read_inputs(request.root, progress)
        stop_on_errors(inputs.issues)
    # The lock is taken before the register is read: a build that waited must follow the release it waited for.
    waiting = partial(
        progress.note, "another build, prune or roll-back is at work in the output folder; waiting for it"
    )
    with (
        staged_release(
            request.out,
            request.as_of,
            wait=request.wait,
            waiting=waiting,
            executor=workers.near,
            spares=Spares(inputs.config.releases, request.now) if request.now else None,
            ahead=ahead,
        ) as release,
        _scratch_folder(request, release) as scratch,
        ExitStack() as closing,
    ):
        folders = template_folders(request.root)
        # A second's work beside disclosure. Workers of a cluster see none of these folders.
        here = workers.near if runs_here(workers.near) else SerialExecutor()
        static = here.submit(static_files, folders, release.cache("static"))
        memories = closing.enter_context(Memories(release, request.secret, beside=not is_serial(workers.near)))
        building = _Building(request, workers, progress, inputs, release, scratch, closing, memories)
        del inputs  # whose tables are large: `building` lets go of them
        return building.run(folders, static)


@contextmanager
def _scratch_folder(request: Request, release: Release) -> Iterator[Path]:
    """The folder for files that tasks read and write; gone at the end."""
    if request.shared is None:
        yield release.scratch()
        return
    with disk_errors("making a folder in the shared one"):
        folder = Path(tempfile.mkdtemp(prefix="build-", dir=request.shared))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@dataclass(slots=True)
class _Building:
    """A build that has the lock. `closing` closes what the scan and the memories have open, and waits for what is made
    beside."""

    request: Request
    workers: Workers
    progress: Progress
    inputs: Inputs
    release: Release
    scratch: Path
    closing: ExitStack
    memories: Memories

    def run(self, folders: tuple[Path, ...], static: Future[_Static]) -> BuildReport:
        """All stages after validation. `folders` are those of the templates."""
        previous = load_publication(self.request.out, self.request.as_of)
        warnings = self._guarded(previous.counts if previous else {})
        self.release.begin()  # what is most likely to stop a build is behind it; disclosure leaves workers to it
        of_documents = self._begin_documents()
        with self.progress.stage("disclose"):
            disclosed = self._disclose(previous)
            self.memories.texts(disclosed.texts)
            del previous
        with self.progress.stage("derive"):
            derived = self._derive(disclosed.disclosure, folders, static.result(), of_documents)
        with self.progress.stage("render"):
            pages = self._render(disclosed.disclosure, derived)
        with self.progress.stage("scan"):
            with self.progress.step("share"):
                if derived.sought.scan.rows_done:  # what files have besides is searched after their rows
                    self.workers.aside.widen(_SEARCHING)  # no page waits for them any more
                self.release.settle()
            ending = self._ending(disclosed, pages, derived.private)
            issues = prove(self.release, derived.sought, self.workers.near, self.progress)
            if issues:
                raise _stopped(issues, ending)
        with self.progress.stage("release"):
            with self.progress.step("memories"):  # verification may be at work still
                self.memories.name(derived.sought, ending.name())
            released = ending.go_live()
            policy = self.inputs.config.releases
            pruned = prune_after_build(self.request.out, policy, self.request.now)
            want_spare(self.request.out, policy, self.request.now, self.release.manifest().files["path"])
        return BuildReport(
            as_of=self.request.as_of,
            release=released.name,
            records=disclosed.records,
            pages=pages,
            files=released.files,
            linked=released.linked,
            bytes=released.bytes,
            private_values=int(derived.private["held"].sum()),
            issues=self.inputs.issues + warnings + disclosed.issues + derived.issues + pruned.issues,
            put_aside=tuple(sorted({*pruned.names, self.release.recycled or released.name} - {released.name})),
        )

    def _guarded(self, counts: Mapping[str, int]) -> tuple[Issue, ...]:
        """Warnings. Raises BuildStopped where what would be replaced tells that something is wrong."""
        request, inputs = self.request, self.inputs
        issues = tuple(guard_counts(inputs.tables, counts, inputs.config.limits, request.acknowledged))
        issues += tuple(guard_day(self.release.previous_day or day_of_live(request.out), request.as_of))
        issues += tuple(standing_issues(inputs.documents, request.as_of))
        stop_on_errors(inputs.issues + issues)
        return issues

    def _disclose(self, previous: Publication | None) -> Disclosed:
        request, inputs = self.request, self.inputs
        texts = text_memory(self.release, request.secret)
        disclosure, publication, issues = disclose(
            inputs.tables,
            inputs.basis(request),
            previous=previous,
            notice_days=inputs.config.limits.exit_notice_days,
            progress=self.progress,
            memory=texts,
        )
        records = count_records(inputs.tables, disclosure)
        issues += tuple(guard_secret(inputs.config, disclosure, request.secret))
        return Disclosed(disclosure, publication, records, texts, issues)

    def _begin_documents(self) -> Callable[[], OfDocuments]:
        """Returns whom to ask for it. A worker of this machine is at it meanwhile; where there is none, nobody is until
        it is asked for: one of a cluster may have another Whoosh."""
        inputs, near = self.inputs, self.workers.near
        task = DocumentsTask(inputs.documents, inputs.book, inputs.profiles, self.request.as_of)
        if is_serial(near) or not runs_here(near):
            return partial(derive_documents, task)
        return near.submit(derive_documents, task).result

    def _derive(
        self,
        disclosure: Disclosure,
        folders: tuple[Path, ...],
        static: _Static,
        of_documents: Callable[[], OfDocuments],
    ) -> Derived:
        request, inputs, release, workers = self.request, self.inputs, self.release, self.workers
        desk = make_desk(inputs.config, request.as_of, folders, static)
        # Workers make data files while this process works alone: on what is private, and on summaries.
        # Workers of a cluster do not see the private values: there, all files are read at the end.
        known = DataMemory(release.cache(DATA), release.previous_name).load() if workers.see_all else {}
        downloads = Downloads(desk, workers.far, self.scratch, known, release.previous_file)
        # One thread beside this one: it hands work to workers first, so that they need not wait for summaries; then it
        # makes the index, while this one goes on with what needs none: nearly all pages. A build that fails waits for
        # it, and then for workers of this machine, since all of them write into folders that are removed then.
        if workers.see_all:
            self.closing.callback(downloads.close)
        serial = is_serial(workers.far)
        indexer = SerialExecutor() if serial else ThreadPoolExecutor(1)
        self.closing.callback(indexer.shutdown, cancel_futures=True)
        starting = [indexer.submit(downloads.start, table) for table in disclosure.public]
        beside = self.progress if serial else self.progress.aside()
        indexing = indexer.submit(self._index, disclosure.public, inputs.documents, beside)
        with self.progress.step("summaries and documents"):
            told = of_documents()  # workers have begun with other things
            site = derive_site(disclosure, inputs.documents, inputs.book, told)
        sought, private = self.closing.enter_context(
            release_scan(
                inputs.tables,
                disclosure,
                self._public_texts(folders),
                request.secret,
                workers.near,
                release,
                self.progress,
                known,
                lambda: read_inputs(request.root, NO_PROGRESS).tables,
            )
        )
        self.memories.sought(sought)  # while this process waits for data files
        self.inputs = replace(inputs, tables=())  # they are large
        del inputs
        for started in starting:
            started.result()
        searcher = workers.aside if workers.see_all else None
        arriving = Arriving(release, downloads, disclosure.public, indexing, sought.scan, searcher, self.progress)
        arriving.take()
        return Derived(desk, arriving, site, sought, private, told.issues)

    def _index(self, tables: Sequence[PublicTable], documents: Sequence[Document], progress: Progress) -> SearchIndex:
        release = self.release
        with progress.step("search index"):
            memory = Memory(release.cache("search"), *release.previous(urls.SEARCH_INDEX))
            return derive_search(tables, documents, self.workers.far, self.scratch, self.request.as_of, memory)

    def _public_texts(self, folders: tuple[Path, ...]) -> tuple[str, ...]:
        inputs = self.inputs
        earlier = [version.document for document in inputs.documents for version in document.versions]
        written: list[Document | Page] = [*inputs.documents, *earlier, *inputs.texts]
        return tuple(public_texts(inputs.config, (inputs.book.profiles, inputs.profiles), written, folders))

    def _render(self, disclosure: Disclosure, derived: Derived) -> dict[str, int]:
        """How many pages of each sort."""
        release, workers = self.release, self.workers
        memory = PageMemory(release.cache(PAGES), release.previous_name)
        proof = derived.sought.scan if workers.see_all else None
        arriving, near = derived.arriving, runs_here(workers.far)
        bulk = BulkPages(workers.far, self.scratch, proof, memory, near=near, between=arriving.take)
        out = (release, bulk, arriving.files, self.scratch, self.progress)
        pages = render(derived.desk, disclosure, derived.site, self.inputs.texts, *out)
        for document in self.inputs.documents:
            for one in document.attachments:
                release.write(urls.policy_file(document.slug, one.name), one.path.read_bytes())
        release.write(urls.HEADERS, headers_file().encode())
        arriving.finish()
        self.memories.pages(memory)
        return pages

    def _ending(self, disclosed: Disclosed, pages: dict[str, int], private: pl.DataFrame) -> Ending:
        """The end of the release, begun beside the last of the scan where there are workers."""
        config, disclosure = self.inputs.config, disclosed.disclosure
        counts = {name: int(private[name].sum()) for name in ("held", "let_off", "weak")}
        told = asdict(disclosed.records) | {"pages": pages, "private_values": counts}
        state = State(disclosed.publication, disclosure.ledger, disclosure.deadlines)
        checks = Checks(config.base_url, config.government_domains)
        beside = not is_serial(self.workers.near)
        return self.release.ending(state, told, checks, self.progress, beside=beside)


def _stopped(issues: tuple[Issue, ...], ending: Ending) -> BuildStopped:
    """What tells of a leak first, and then of what verification has found besides."""
    try:
        return BuildStopped((*issues, *ending.issues()))
    except Exception:  # a fault of the program: what the scan has found is to be told whatever else is wrong
        return BuildStopped(issues)
