"""Adding a rule never discloses more; the order of rules, rows and registers changes nothing."""

from datetime import date, timedelta
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import polars as pl
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from publish.disclose.basis import Basis
from publish.disclose.stage import disclose
from publish.load.calendar import load_calendar
from publish.load.rules import load_rule_book
from publish.model.calendar import WorkingCalendar
from publish.model.public import Disclosure
from publish.model.rules import Citation, Level, Rule, RuleBook, RuleProfile
from publish.model.terms import Kind, Outcome, Pattern, PenaltyType, Procedure, Severity, SubjectKind
from publish.model.topics import (
    Adult,
    Catalogue,
    CrossCheck,
    End,
    ExitNotice,
    FreeText,
    Grading,
    NamedSubjects,
    Objection,
    Parameters,
    PriorNotice,
    Repair,
    Require,
    UnderObjection,
    Validity,
    Withhold,
)

AS_OF = date(2026, 11, 20)
CODES = ["914403001922038216", "91110108551385082Q", "11230500001755309F", None]

days = st.integers(-500, 60).map(lambda n: AS_OF + timedelta(days=n))
months = st.dictionaries(st.sampled_from(list(Severity)), st.integers(1, 36), min_size=1)
some = st.frozensets

records = st.fixed_dictionaries(
    {
        "subject_name": st.sampled_from(["澜屿甲有限公司", "钱大宝", "孙小圣"]),
        "subject_code": st.sampled_from(CODES),
        "subject_kind": st.sampled_from(["organisation", "natural_person", "sole_trader", None]),
        "decision_date": days,
        "publish_until": st.none() | days,
        "severity": st.sampled_from([*Severity, None]),
        "penalty_type": st.sampled_from(["warning", "confiscation|fine", "closed", None]),
        "procedure": st.sampled_from([*Procedure, None]),
        "reason": st.sampled_from(["未公示", "电话13800138000", "钱大宝到场", None]),
        "person_number": st.sampled_from(["11010519491231002X", "110105201005070021", None]),
    }
)
events = st.tuples(
    st.sampled_from(["objection", "repair", "correction", "revocation", "prior_notice"]),
    st.integers(0, 11),
    days,
    st.sampled_from(["open", "granted", "rejected"]),
    st.sampled_from(["amended", "withdrawn", "wrongly_listed"]),
)
added: st.SearchStrategy[Parameters] = st.one_of(
    st.builds(Validity, st.just(End.REQUIRED), months),
    st.builds(Withhold, severity=some(st.sampled_from(list(Severity)), min_size=1)),
    st.builds(Withhold, procedure=some(st.sampled_from(list(Procedure)), min_size=1)),
    st.builds(Withhold, subject_kind=some(st.sampled_from(list(SubjectKind)), min_size=1)),
    st.builds(Require, st.lists(st.sampled_from(["severity", "reason", "subject_name"]), min_size=1).map(tuple)),
    st.builds(
        Grading, st.dictionaries(st.sampled_from(list(PenaltyType)), st.sampled_from(list(Severity)), min_size=1)
    ),
    st.builds(Adult, st.integers(14, 25)),
    st.just(Catalogue(("retention_period",))),
    st.just(PriorNotice()),
    st.just(CrossCheck(frozenset({Kind.BLACKLIST}))),
    st.builds(Objection, record=st.sampled_from([None, *UnderObjection]), measures_suspended=st.none() | st.booleans()),
    st.builds(Repair, st.none() | st.integers(0, 9)),
    st.builds(
        ExitNotice,
        names=st.sampled_from([None, *NamedSubjects]),
        days=st.none() | st.integers(1, 60),
        noindex=st.none() | st.booleans(),
    ),
    st.builds(
        FreeText, some(st.sampled_from(list(Pattern)), min_size=1), st.sampled_from([Outcome.MASKED, Outcome.WITHHELD])
    ),
)


@cache
def calendar() -> WorkingCalendar:
    return load_calendar(Path("nowhere"))


def book_of(*parameters: Parameters) -> RuleBook:
    return RuleBook((*national().profiles, RuleProfile("town", "本市", Level.MUNICIPAL, _rules(parameters))))


def _rules(parameters: tuple[Parameters, ...]) -> tuple[Rule[Parameters], ...]:
    return tuple(Rule(f"town.{n}", "本市规则", Citation("本市办法"), entry) for n, entry in enumerate(parameters))


@cache
def national() -> RuleBook:
    return load_rule_book(Path("nowhere"), ["national"])


# The most permissive statement on every parameter: what is added can only be stricter.
STATED = (
    Objection(UnderObjection.PUBLIC, measures_suspended=False),
    Repair(9),
    ExitNotice(NamedSubjects.ALL, 60, False),
)


def tables_of(rows: list[dict[str, Any]], found: list[Any], make_table: Any, make_register: Any) -> list[Any]:
    numbered = [row | {"record_id": f"R{n}", "document_number": f"罚{n}号"} for n, row in enumerate(rows)]
    made = [make_table(numbered, classes={"person_number": None}, published_since=date(2024, 1, 1))]
    for register in ("objection", "repair", "correction", "revocation", "prior_notice"):
        mine = [event for event in found if event[0] == register and event[1] < len(rows)]
        if mine:
            made.append(make_register(register, [_event(*event) for event in mine]))
    return made


def _event(register: str, record: int, day: date, state: str, effect: str) -> dict[str, Any]:
    event: dict[str, Any] = {"record_id": f"R{record}", "event_date": day}
    if register in ("objection", "repair"):
        event |= {"event_state": state, "event_closed": None if state == "open" else day + timedelta(days=5)}
    if register == "correction":
        event["event_effect"] = effect
    return event


def run(book: RuleBook, tables: list[Any]) -> Disclosure:
    return disclose(tables, Basis(book, calendar(), AS_OF), previous=None, notice_days=60)[0]


def cells(disclosure: Disclosure) -> dict[tuple[str, str], str]:
    """(key, column) to text of every public cell that says something."""
    frame = disclosure.public[0].frame
    texts = [name for name in frame.columns if name.startswith("c_")]
    return {
        (row["_key"], name): str(row[name])
        for row in frame.iter_rows(named=True)
        for name in texts
        if row[name] is not None
    }


CHECKED = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@given(
    st.lists(records, min_size=1, max_size=12),
    st.lists(events, max_size=16),
    st.lists(added, min_size=1, max_size=3),
)
@CHECKED
def test_adding_a_rule_never_discloses_more(
    make_table: Any, make_register: Any, rows: list[dict[str, Any]], found: list[Any], rules: list[Parameters]
) -> None:
    """One after the other, to those that are there already."""
    tables = tables_of(rows, found, make_table, make_register)
    said = [run(book_of(*STATED, *rules[:count]), tables) for count in range(len(rules) + 1)]
    for before, after in pairwise(said):
        assert_no_more(before, after)


def assert_no_more(before: Disclosure, after: Disclosure) -> None:
    shown, still = cells(before), cells(after)
    assert set(still) <= set(shown)
    for place, text in still.items():
        assert text == shown[place] or "*" in text, "a cell may only be masked more"
    untils = dict(before.public[0].frame.select("_key", "_until").iter_rows())
    for key, until in after.public[0].frame.select("_key", "_until").iter_rows():
        assert until <= untils[key]
    named = {(key, name) for key, name in before.exits.frame.select("key", "subject").iter_rows() if name}
    kept = set(before.public[0].frame["_key"])
    for key, name, noindex in after.exits.frame.select("key", "subject", "noindex").iter_rows():
        # A record that is public no longer may now have a notice; its name was on its own page before.
        assert name is None or (key, name) in named or key in kept
        assert noindex or not before.exits.frame.filter(pl.col("key") == key)["noindex"].any()


@given(
    st.lists(records, min_size=1, max_size=12),
    st.lists(events, max_size=16),
    st.lists(added, max_size=5),
    st.randoms(use_true_random=False),
)
@CHECKED
def test_order_changes_nothing(
    make_table: Any,
    make_register: Any,
    rows: list[dict[str, Any]],
    found: list[Any],
    rules: list[Parameters],
    random: Any,
) -> None:
    tables = tables_of(rows, found, make_table, make_register)
    shuffled_rules, shuffled_tables = list(rules), list(tables)
    random.shuffle(shuffled_rules)
    random.shuffle(shuffled_tables)
    one, other = run(book_of(*STATED, *rules), tables), run(book_of(*STATED, *shuffled_rules), shuffled_tables)
    assert one.public[0].frame.equals(other.public[0].frame)
    # The citation is that of the first rule of a topic, which the order of a profile's file decides.
    assert one.exits.frame.drop("citation").equals(other.exits.frame.drop("citation"))
