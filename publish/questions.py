"""What a person can ask without building: is it right, where is it, why is it so, what is coming, what changed?"""

from pathlib import Path

from publish.derive.corpus import SectionIndex
from publish.derive.finding import MINIMUM, field_names, find_records, parse_query
from publish.derive.hits import record_hits, section_hits
from publish.derive.responsibilities import derive_responsibilities
from publish.disclose.explain import explain_record
from publish.disclose.explain import forecast as forecast_tables
from publish.disclose.stage import decide_tables
from publish.model.explanation import Difference, Explanation, Forecast
from publish.model.finding import Findings
from publish.model.issue import Issue
from publish.model.report import Progress
from publish.pipeline.inputs import Request, read_inputs, stop_on_errors
from publish.release.compare import compare
from publish.release.state import load_publication, load_state, release_named


class QueryTooShort(Exception):  # noqa: N818  (an outcome of asking, told on the command line)
    """A query says too little to be searched for."""

    def __init__(self) -> None:
        super().__init__(f"search for {MINIMUM} characters or more, words for fields and quotes not counted")


def check(root: Path, progress: Progress) -> tuple[Issue, ...]:
    """Everything that can be found wrong without building."""
    inputs = read_inputs(root, progress)
    return inputs.issues + derive_responsibilities(inputs.documents)[1]


def explain(request: Request, wanted: str, progress: Progress) -> tuple[Explanation, ...]:
    """The life of a record and every decision about it, by its id or its key."""
    inputs = read_inputs(request.root, progress)
    stop_on_errors(inputs.issues)
    previous = load_publication(request.out, request.as_of)
    return tuple(explain_record(inputs.tables, inputs.basis(request), wanted, previous))


def forecast(request: Request, days: int, progress: Progress) -> tuple[Forecast, ...]:
    """What will begin, expire, leave or fall due within so many days."""
    inputs = read_inputs(request.root, progress)
    stop_on_errors(inputs.issues)
    previous = load_publication(request.out, request.as_of)
    return forecast_tables(inputs.tables, inputs.basis(request), days, previous)


def diff(out: Path, before: str, after: str) -> tuple[Difference, ...]:
    """What changed between two releases, each named by its folder, its as-of date or `current`."""
    return compare(load_state(out, release_named(out, before)), load_state(out, release_named(out, after)))


def search(request: Request, text: str, limit: int, progress: Progress) -> Findings:
    """Sections of policy documents and public records of the day that hold what is asked for, `limit` of each.

    Only what is public is read: the same tables that a build would publish. Raises QueryTooShort.
    """
    if parse_query(text).is_short:  # before anything is read; with more words for fields it can only be shorter
        raise QueryTooShort
    inputs = read_inputs(request.root, progress)
    stop_on_errors(inputs.issues)
    with progress.stage("disclose"):
        tables = [result.public for result in decide_tables(inputs.tables, inputs.basis(request))]
    query = parse_query(text, field_names(tables))
    if query.is_short:
        raise QueryTooShort
    with progress.stage("search"):
        sections = SectionIndex(inputs.documents).search(query)
        records = find_records(tables, query)
        base_url = inputs.config.base_url.rstrip("/")
        return Findings(
            as_of=request.as_of,
            sections=section_hits(sections[:limit], query, base_url),
            section_count=len(sections),
            records=record_hits(tables, records[:limit], query, base_url),
            record_count=len(records),
        )
