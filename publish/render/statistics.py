"""The statistics page and the same figures as JSON."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from datetime import date

from publish import urls
from publish.model.site import FEW, Counts, DatasetFigures, DutyFigures, Statistics
from publish.model.terms import DeadlineState, Severity
from publish.render.contexts import FiguresTable, Link
from publish.render.page_contexts import StatisticsPage
from publish.render.views import Desk, column_meta


def render_statistics(desk: Desk, statistics: Statistics) -> bytes:
    """/statistics/: tables of counts; one that has no row is left out."""
    title = desk.label("nav.statistics")
    meta = column_meta(desk, title, urls.STATISTICS, [Link(title)])
    tables = tuple(table for table in _tables(desk, statistics) if table.rows)
    return desk.page("statistics", StatisticsPage(meta, tables, urls.STATISTICS_JSON))


def render_statistics_json(statistics: Statistics, as_of: date) -> bytes:
    """/statistics/statistics.json: pairs of [code, count] as the model has them, with the as-of date."""
    document = {"as_of": as_of.isoformat(), **asdict(statistics)}
    return json.dumps(document, ensure_ascii=False, indent=1).encode() + b"\n"


def _tables(desk: Desk, statistics: Statistics) -> Iterator[FiguresTable]:
    severities = [severity for severity in Severity if _occurs(statistics, severity)]
    head = ["dataset", "records"]
    names = [desk.label(f"severity.{severity.value}") for severity in severities]
    rest = [desk.label(f"statistics.{name}") for name in ("flagged", "notices")]
    yield FiguresTable(
        "datasets",
        desk.label("statistics.datasets"),
        (*(desk.label(f"statistics.{name}") for name in head), *names, *rest),
        tuple(_dataset(figures, severities) for figures in statistics.datasets),
    )
    if statistics.duties is not None:
        yield _duties(desk, statistics.duties)
    yield _simple(desk, "authorities", "authority", statistics.authorities)
    yield _simple(desk, "months", "month", statistics.months)
    yield _simple(desk, "exits", "reason", tuple((desk.label(f"exit.{code}"), n) for code, n in statistics.exits))
    yield _simple(desk, "withdrawals", "month", statistics.withdrawals)


def _occurs(statistics: Statistics, severity: Severity) -> bool:
    return any(code == severity.value for figures in statistics.datasets for code, _ in figures.severities)


def _dataset(figures: DatasetFigures, severities: list[Severity]) -> tuple[str, ...]:
    by_severity = dict(figures.severities)
    graded = [str(by_severity.get(severity.value, 0)) for severity in severities]
    flagged = sum(count for _, count in figures.flags)
    return (figures.title, str(figures.records), *graded, str(flagged), str(figures.exits))


def _simple(desk: Desk, name: str, first: str, counts: Counts) -> FiguresTable:
    head = (desk.label(f"statistics.{first}"), desk.label("statistics.count"))
    rows = tuple((text, str(count)) for text, count in counts)
    return FiguresTable(name, desk.label(f"statistics.{name}"), head, rows)


def _duties(desk: Desk, duties: tuple[DutyFigures, ...]) -> FiguresTable:
    states = [desk.label(f"deadline.{state.value}") for state in DeadlineState]
    head = (desk.label("statistics.authority"), desk.label("statistics.duty"), *states)
    others = desk.label("statistics.others")
    rows = tuple(
        (duty.authority or others, desk.label(f"duty.{duty.duty}"), *(str(count) for _, count in duty.states))
        for duty in duties
    )
    note = desk.t("statistics.duties-note", few=FEW).unescape()
    return FiguresTable("duties", desk.label("statistics.duties"), head, rows, note)
