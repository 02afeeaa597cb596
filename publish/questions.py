"""What a person can ask without building: is it right, why is it shown or gone, what is coming, what changed?"""

from pathlib import Path

from publish.disclose.explain import explain_record
from publish.disclose.explain import forecast as forecast_tables
from publish.model.explanation import Difference, Explanation, Forecast
from publish.model.issue import Issue
from publish.model.report import Progress
from publish.pipeline import Request, read_inputs, stop_on_errors
from publish.release.compare import compare
from publish.release.state import load_publication, load_state, release_named


def check(root: Path, progress: Progress) -> tuple[Issue, ...]:
    """Everything that can be found wrong without building."""
    return read_inputs(root, progress).issues


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
