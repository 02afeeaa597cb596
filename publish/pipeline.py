"""build(): the list of stages, from data packages to a live release."""

import tempfile
from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from publish.derive.related import derive_related
from publish.derive.search import derive_search
from publish.derive.summaries import derive_subjects, derive_summary
from publish.disclose.explain import explain_record
from publish.disclose.stage import disclose
from publish.load.config import load_config
from publish.load.documents import load_documents
from publish.load.packages import load_data_packages
from publish.load.rules import load_rule_book
from publish.model.config import SiteConfig
from publish.model.explanation import Explanation
from publish.model.issue import BuildStopped, Issue, Level
from publish.model.public import Disclosure
from publish.model.report import BuildReport, Progress, report_of
from publish.model.site import Site
from publish.model.source import CheckedTable
from publish.release.staging import staged_release
from publish.release.state import load_publication
from publish.render.stage import render
from publish.validate.guards import guard_counts
from publish.validate.stage import validate

PROGRAM_TEMPLATES = Path(__file__).resolve().parents[1] / "site_templates"


@dataclass(frozen=True, slots=True)
class Request:
    """What to build: the site's root, the output folder, the day, the secret of record keys."""

    root: Path
    out: Path
    as_of: date
    secret: bytes = b""
    acknowledged: frozenset[str] = frozenset()
    wait: bool = True


def build(request: Request, executor: Executor, progress: Progress) -> BuildReport:
    """Build the site and make it the live release. Raises BuildStopped; then the live release is as it was."""
    with progress.stage("load"):
        config = load_config(request.root)
        book = load_rule_book(request.root, config.rule_profiles)
        sources, issues = load_data_packages(request.root, config)
        documents, texts, found = load_documents(request.root, config)
        issues += found
    with progress.stage("validate"):
        tables, found = validate(sources, config)
        previous = load_publication(request.out, request.as_of)
        counts = previous.counts if previous else {}
        issues += (*found, *guard_counts(tables, counts, config.limits, request.acknowledged))
        stop_on_errors(issues)
    with progress.stage("disclose"):
        disclosure, publication, alarms = disclose(
            tables,
            book,
            request.as_of,
            previous=previous,
            notice_days=config.limits.exit_notice_days,
            secret=request.secret,
        )
        issues += alarms
    with progress.stage("derive"):
        site = Site(
            tuple(derive_summary(table, disclosure.exits) for table in disclosure.public),
            derive_subjects(disclosure.public),
            documents,
            derive_related(documents),
        )
        index = derive_search(disclosure.public, documents)
    with staged_release(request.out, request.as_of, wait=request.wait) as release:
        with progress.stage("render"):
            pages = render(config, disclosure, site, texts, index, release, executor, progress)
        with progress.stage("release"):
            release.finish(publication, disclosure.ledger, report)
    return report


def stop_on_errors(issues: Sequence[Issue]) -> None:
    """Raise BuildStopped with all issues if one of them is an error."""
    if any(issue.level is Level.ERROR for issue in issues):
        raise BuildStopped(tuple(issues))
