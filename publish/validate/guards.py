"""Guards: a package that suddenly has far fewer or more rows than in the last release stops the build."""

from collections.abc import Collection, Iterator, Mapping, Sequence

from publish.model.config import Limits
from publish.model.issue import Issue, Level
from publish.model.source import CheckedTable


def guard_counts(
    tables: Sequence[CheckedTable], previous: Mapping[str, int], limits: Limits, acknowledged: Collection[str]
) -> Iterator[Issue]:
    """`guard.count-drop` and `guard.count-rise` for datasets whose rows changed by more than the limits allow.

    `previous` are rows per dataset in the last release. An acknowledged dataset passes with a warning; the
    acknowledgement is given to one build and is not kept.
    """
    now = {t.source.disclosure.dataset: t for t in tables if t.source.disclosure is not None}
    for dataset, before in sorted(previous.items()):
        after = now[dataset].source.frame.height if dataset in now else 0
        code = ""
        if after < before * (1 - limits.count_drop):
            code = "guard.count-drop"
        elif after > before * (1 + limits.count_rise):
            code = "guard.count-rise"
        if code:
            level = Level.WARNING if dataset in acknowledged else Level.ERROR
            hint = f"dataset {dataset} had {before} rows in the last release and has {after} now"
            if level is Level.ERROR:
                hint += f"; if that is right, build once with --acknowledge {dataset}"
            yield Issue(code, level, hint, resource=dataset)
