"""What a build is asked for, and everything that it reads and checks before it decides anything."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from publish.derive.policies import policy_issues
from publish.disclose.basis import Basis
from publish.load.calendar import load_calendar
from publish.load.config import load_config
from publish.load.documents import load_documents
from publish.load.packages import load_data_packages
from publish.load.rules import load_every_profile, load_rule_book
from publish.model.calendar import WorkingCalendar
from publish.model.config import SiteConfig
from publish.model.document import Document, Page
from publish.model.issue import BuildStopped, Issue, Level
from publish.model.report import Progress
from publish.model.rules import RuleBook, RuleProfile
from publish.model.source import CheckedTable
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


def template_folders(root: Path) -> tuple[Path, ...]:
    """A site's own templates first, then the program's."""
    own, program = root / TEMPLATES, Path(__file__).resolve().parents[2] / TEMPLATES
    return (own, program) if own.is_dir() and own.resolve() != program else (program,)


def stop_on_errors(issues: Sequence[Issue]) -> None:
    """Raise BuildStopped with all issues if one of them is an error."""
    if any(issue.level is Level.ERROR for issue in issues):
        raise BuildStopped(tuple(issues))
