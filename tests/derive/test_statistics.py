"""Figures of the statistics page; small counts of duties name nobody."""

import json
from datetime import date

import polars as pl

from publish.derive.statistics import derive_statistics
from publish.model.public import (
    DEADLINE_SCHEMA,
    EXIT_SCHEMA,
    WITHDRAWAL_SCHEMA,
    DatasetInfo,
    DeadlineTable,
    Disclosure,
    ExitTable,
    Ledger,
    PublicTable,
)
from publish.model.terms import Kind
from publish.render.statistics import render_statistics_json

AS_OF = date(2026, 11, 20)


def disclosure() -> Disclosure:
    frame = pl.DataFrame(
        {
            "_date": [date(2026, 10, 1), date(2026, 10, 9), date(2026, 5, 1), None],
            "_severity": ["serious", "general", "general", None],
            "_flag": ["objection", None, None, "repair_notice"],
            "_authority": ["甲局", "甲局", "乙局", None],
        },
        schema_overrides={"_date": pl.Date},
    )
    table = PublicTable(DatasetInfo("penalties", "行政处罚", Kind.PENALTY, "甲局"), (), frame)
    exits = [("k1", "penalties", None, AS_OF, "repaired", "", AS_OF, True)]
    gone = [("k1", "penalties", date(2026, 11, 20)), ("k2", "penalties", date(2026, 10, 2))]
    duties = [
        *(("penalties", f"p{n}", n, "甲局", "publication", AS_OF, AS_OF, "on_time", "r") for n in range(3)),
        ("penalties", "p2", 2, "甲局", "correction", AS_OF, None, "late", "r"),
        *(("penalties", f"q{n}", n, "乙局", "publication", AS_OF, AS_OF, "late", "r") for n in range(2)),
        ("penalties", "q2", 2, None, "publication", None, None, "unknown", "r"),
    ]
    return Disclosure(
        as_of=AS_OF,
        public=(table,),
        exits=ExitTable(pl.DataFrame(exits, schema=dict(EXIT_SCHEMA), orient="row")),
        ledger=Ledger(pl.DataFrame()),
        counts={},
        deadlines=DeadlineTable(pl.DataFrame(duties, schema=dict(DEADLINE_SCHEMA), orient="row")),
        withdrawals=pl.DataFrame(gone, schema=dict(WITHDRAWAL_SCHEMA), orient="row"),
    )


def test_figures() -> None:
    found = derive_statistics(disclosure(), deadlines=False)
    (dataset,) = found.datasets
    assert (dataset.records, dataset.exits) == (4, 1)
    assert dataset.severities == (("general", 2), ("serious", 1))
    assert dataset.flags == (("objection", 1), ("repair_notice", 1))
    assert found.months == (("2026-10", 2), ("2026-05", 1))
    assert found.authorities == (("甲局", 2), ("乙局", 1))
    assert found.exits == (("repaired", 1),)
    assert found.withdrawals == (("2026-11", 1), ("2026-10", 1))


def test_duties_only_where_a_rule_publishes_them() -> None:
    assert derive_statistics(disclosure(), deadlines=False).duties is None


def test_few_duties_of_an_authority_do_not_tell_whose_they_are() -> None:
    """乙局 has two, one belongs to no public authority, and 甲局 has one correction: under no name."""
    duties = derive_statistics(disclosure(), deadlines=True).duties
    assert duties is not None
    told = [(d.authority, d.duty, {state: n for state, n in d.states if n}) for d in duties]
    assert told == [
        ("甲局", "publication", {"on_time": 3}),
        (None, "correction", {"late": 1}),
        (None, "publication", {"late": 2, "unknown": 1}),
    ]


def test_the_same_figures_as_json() -> None:
    data = json.loads(render_statistics_json(derive_statistics(disclosure(), deadlines=True), AS_OF))
    assert data["as_of"] == "2026-11-20"
    assert data["datasets"][0]["records"] == 4
    assert "乙局" not in json.dumps(data["duties"], ensure_ascii=False)
