"""build(): the list of stages, from data packages to a live release."""

import shutil
import tempfile
from collections.abc import Collection, Iterator, Sequence
from concurrent.futures import Executor
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

from publish import urls
from publish.derive.corpus import DocumentIndex
from publish.derive.keywords import derive_keywords
from publish.derive.policies import derive_policies, policy_issues
from publish.derive.related import derive_related
from publish.derive.responsibilities import derive_responsibilities
from publish.derive.rules import derive_comparison, derive_rules
from publish.derive.search.memory import Memory
from publish.derive.search.stage import derive_search
from publish.derive.standing import standing_issues
from publish.derive.statistics import derive_statistics
from publish.derive.summaries import derive_subjects, derive_summary
from publish.disclose.basis import Basis
from publish.disclose.counting import count_records
from publish.disclose.stage import disclose
from publish.executors import OneByOne, runs_here
from publish.load.calendar import load_calendar
from publish.load.config import load_config
from publish.load.documents import load_documents
from publish.load.packages import load_data_packages
from publish.load.rules import load_every_profile, load_rule_book
from publish.model.calendar import WorkingCalendar
from publish.model.config import SiteConfig
from publish.model.data_memory import DataMemory
from publish.model.document import Document, Page
from publish.model.issue import BuildStopped, Issue, Level
from publish.model.public import Disclosure
from publish.model.report import NO_PROGRESS, BuildReport, Progress
from publish.model.rules import RuleBook, RuleProfile, Statistics
from publish.model.site import Site
from publish.model.source import CheckedTable
from publish.model.terms import Kind
from publish.proof import DATA, prove, public_texts, release_scan, remember
from publish.release.faults import disk_errors
from publish.release.headers import headers_file
from publish.release.pruning import prune_after_build
from publish.release.recycling import Spares
from publish.release.staging import Release, staged_release
from publish.release.state import State, load_previous_manifest, load_publication
from publish.release.verify import Checks
from publish.remembered import remember_texts, text_memory
from publish.render.data import Downloads
from publish.render.environment import static_files
from publish.render.page_memory import PageMemory
from publish.render.stage import make_desk, render
from publish.render.writer import BulkPages
from publish.validate.guards import guard_counts
from publish.validate.stage import validate

TEMPLATES = "site_templates"


@dataclass(frozen=True, slots=True)
class Request:
    """What to build: the site's root, the output folder, the day, the secret of record keys.

    `shared` (absolute) is the folder for the files of tasks; None: a scratch folder in `out`.
    `now`: a moment before the build begins, by which it is told which old releases may go; None: all stay.
    """

    root: Path
    out: Path
    as_of: date
    secret: bytes = b""
    acknowledged: frozenset[str] = frozenset()
    wait: bool = True
    shared: Path | None = None
    now: datetime | None = None


@dataclass(frozen=True, slots=True)
class Inputs:
    """Everything that was read and checked, with the issues found so far."""

    config: SiteConfig
    book: RuleBook
    profiles: tuple[RuleProfile, ...]
    calendar: WorkingCalendar
    tables: tuple[CheckedTable, ...]
    documents: tuple[Document, ...]
    texts: tuple[Page, ...]
    issues: tuple[Issue, ...]

    def basis(self, request: Request) -> Basis:
        """What decisions rest on beside the tables."""
        return Basis(self.book, self.calendar, request.as_of, request.secret)


def build(request: Request, executor: Executor, progress: Progress, scanner: Executor | None = None) -> BuildReport:
    """Build the site and make it the live release. Raises BuildStopped; then the live release is as it was.

    `scanner` runs the scan, for an `executor` whose workers do not see the output folder.
    """
    folders = template_folders(request.root)
    static = (scanner or executor).submit(static_files, folders)  # a second's work beside what is read here
    inputs = read_inputs(request.root, progress)
    stop_on_errors(inputs.issues)
    config = inputs.config
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
            executor=scanner or executor,
            spares=Spares(config.releases, request.now) if request.now else None,
        ) as release,
        scratch_folder(request, release) as scratch,
        ExitStack() as scanning,
    ):
        previous = load_publication(request.out, request.as_of)
        before = previous.counts if previous else {}
        guards = tuple(guard_counts(inputs.tables, before, config.limits, request.acknowledged))
        guards += tuple(guard_day(release.previous_day or day_of_live(request.out), request.as_of))
        guards += tuple(standing_issues(inputs.documents, request.as_of))
        stop_on_errors(inputs.issues + guards)
        with progress.stage("disclose"):
            days = config.limits.exit_notice_days
            basis = inputs.basis(request)
            texts_known = text_memory(release, request.secret)
            disclosure, publication, alarms = disclose(
                inputs.tables, basis, previous=previous, notice_days=days, progress=progress, memory=texts_known
            )
            del previous
            records = count_records(inputs.tables, disclosure)
            alarms += tuple(guard_secret(config, disclosure, request.secret))
        with progress.stage("derive"):
            desk = make_desk(config, request.as_of, folders, static.result())
            # Workers make data files while this process works alone: on what is private, and on summaries.
            # Workers of a cluster do not see the private values: there, all files are read at the end.
            sees_all = scanner in (None, executor)
            known = DataMemory(release.cache(DATA), release.previous_name).load() if sees_all else {}
            downloads = Downloads(desk, executor, scratch, known, release.previous_file)
            for table in disclosure.public:
                downloads.start(table)
            with progress.step("summaries and documents"):
                site, told = derive_site(disclosure, inputs.documents, inputs.book, inputs.profiles)
            earlier = [version.document for document in inputs.documents for version in document.versions]
            written: list[Document | Page] = [*inputs.documents, *earlier, *inputs.texts]
            texts = tuple(public_texts(config, (inputs.book.profiles, inputs.profiles), written, folders))
            memory = Memory(release.cache("search"), *release.previous(urls.SEARCH_INDEX))
            sought, private = scanning.enter_context(
                release_scan(
                    inputs.tables,
                    disclosure,
                    texts,
                    request.secret,
                    scanner or executor,
                    release,
                    progress,
                    known,
                    lambda: read_inputs(request.root, NO_PROGRESS).tables,
                )
            )
            inputs = replace(inputs, tables=())  # they are large
            scan = sought.scan
            with progress.step("search index"):
                index = derive_search(disclosure.public, inputs.documents, executor, scratch, request.as_of, memory)
        with progress.stage("render"):
            proof = scan if sees_all else None
            files = downloads.put(disclosure.public, release)
            # Data files are searched on the way, one after the other, so that pages need not wait for them.
            aside = OneByOne(executor)
            for data in downloads.cells(disclosure.public) if sees_all else ():
                scan.told_cells(data, release.tree, aside)
            scan.begin_files(release.tree, aside)
            page_memory = PageMemory(release.cache("pages"), release.previous_name)
            bulk = BulkPages(executor, scratch, proof, page_memory, near=runs_here(executor))
            pages = render(desk, disclosure, site, inputs.texts, index, release, bulk, files, scratch, progress)
            for document in inputs.documents:
                for one in document.attachments:
                    release.write(urls.policy_file(document.slug, one.name), one.path.read_bytes())
        release.write(urls.HEADERS, headers_file().encode())
        with progress.stage("scan"):
            with progress.step("share"):
                release.settle()
            stop_on_errors(prove(release, sought, scanner or executor, progress))
        with progress.stage("release"):
            checks = Checks(config.base_url, config.government_domains)
            state = State(publication, disclosure.ledger, disclosure.deadlines)
            released = release.finish(
                state,
                asdict(records)
                | {
                    "pages": pages,
                    "private_values": {name: int(private[name].sum()) for name in ("held", "let_off", "weak")},
                },
                checks,
                progress,
            )
            page_memory.write(released.name)
            remember_texts(release, texts_known, released.name)
            remember(release, sought, released.name, request.secret)
            pruned = prune_after_build(request.out, config.releases, request.now)
    return BuildReport(
        as_of=request.as_of,
        release=released.name,
        records=records,
        pages=pages,
        files=released.files,
        linked=released.linked,
        bytes=released.bytes,
        private_values=int(private["held"].sum()),
        issues=inputs.issues + guards + alarms + told + pruned.issues,
        put_aside=tuple(sorted({*pruned.names, release.recycled or released.name} - {released.name})),
    )


@contextmanager
def scratch_folder(request: Request, release: Release) -> Iterator[Path]:
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


def day_of(root: Path, now: datetime) -> date:
    """The day that `now` falls on in the site's time zone. Raises BuildStopped for a bad configuration."""
    return now.astimezone(ZoneInfo(load_config(root).time_zone)).date()


def read_inputs(root: Path, progress: Progress) -> Inputs:
    """Load and validate. Raises BuildStopped only where nothing more can be read; else faults are issues."""
    with progress.stage("load"):
        config = load_config(root)
        book = load_rule_book(root, config.rule_profiles)
        calendar = load_calendar(root)
        with progress.step("data packages"):
            sources, of_packages = load_data_packages(root, config, progress)
        with progress.step("documents"):
            documents, texts, of_documents = load_documents(root, config)
    with progress.stage("validate"):
        tables, of_rows = validate(sources, config, progress)
        of_texts = tuple(policy_issues(documents, book))
    issues = of_packages + of_documents + of_texts + of_rows
    return Inputs(config, book, load_every_profile(root), calendar, tables, documents, texts, issues)


def day_of_live(out: Path) -> date | None:
    """The day of the live release, if there is one. Raises BuildStopped `release.manifest-broken`."""
    manifest = load_previous_manifest(out)
    return manifest.as_of if manifest else None


def guard_day(live: date | None, as_of: date) -> Iterator[Issue]:
    """A warning if the live release is of a later day: what has ended since would be public again."""
    if live is not None and live > as_of:
        hint = f"the live release is of {live}; this one shows what was public on {as_of} and has ended since"
        yield Issue("release.earlier-day", Level.WARNING, hint)


def guard_secret(config: SiteConfig, disclosure: Disclosure, secret: bytes) -> Iterator[Issue]:
    """A warning if keys can be guessed although there are notices that name nobody. A demonstration has no secrets."""
    if not secret and not config.demonstration and (disclosure.exits.frame.height or disclosure.withdrawals.height):
        hint = "record addresses are derived without a secret: whoever knows a record's id can find its exit notice"
        yield Issue("build.no-secret", Level.WARNING, f"{hint}; use --key-file (docs/commands.md)")


def derive_site(
    disclosure: Disclosure, documents: Sequence[Document], book: RuleBook, profiles: Sequence[RuleProfile] = ()
) -> tuple[Site, tuple[Issue, ...]]:
    """What pages show beside the tables themselves, and what the publisher should know of responsibility clauses.

    `profiles` are those to be compared.
    """
    kinds = {table.info.kind for table in disclosure.public}
    index = DocumentIndex(documents)
    responsibilities, issues = derive_responsibilities(documents)
    site = Site(
        tuple(derive_summary(table, disclosure.exits) for table in disclosure.public),
        derive_subjects(disclosure.public),
        tuple(documents),
        derive_related(documents, index),
        keywords=derive_keywords(documents, index),
        policies=derive_policies(documents, book, disclosure.as_of),
        compared=derive_comparison(profiles, disclosure.as_of, documents),
        rules=derive_rules(book, kinds, disclosure.as_of, documents),
        statistics=derive_statistics(disclosure, _publishes_deadlines(book, kinds, disclosure.as_of)),
        responsibilities=responsibilities,
    )
    return site, issues


def _publishes_deadlines(book: RuleBook, kinds: Collection[Kind], as_of: date) -> bool:
    return any(rule.parameters.deadlines for kind in kinds for rule in book.in_force(Statistics, kind, as_of))


def template_folders(root: Path) -> tuple[Path, ...]:
    """A site's own templates first, then the program's."""
    own, program = root / TEMPLATES, Path(__file__).resolve().parents[1] / TEMPLATES
    return (own, program) if own.is_dir() and own.resolve() != program else (program,)


def stop_on_errors(issues: Sequence[Issue]) -> None:
    """Raise BuildStopped with all issues if one of them is an error."""
    if any(issue.level is Level.ERROR for issue in issues):
        raise BuildStopped(tuple(issues))
