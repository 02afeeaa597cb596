"""The life of a record: random histories, day by day, against a plain record-by-record model and the state machine."""

from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from publish.disclose.basis import Basis, Handling, Stated
from publish.disclose.decide import decide_records
from publish.disclose.events import EVENT_SCHEMA, standing_of
from publish.disclose.lifecycle import BEFORE, ENDED, LIVE, diagram, flag_of, life, outcome_of, transitions
from publish.model.calendar import WorkingCalendar
from publish.model.terms import LifeState, Outcome
from publish.model.topics import UnderObjection

ROOT = Path(__file__).resolve().parents[2]
FIRST = date(2026, 1, 5)
SPAN = 120


@dataclass(frozen=True)
class Event:
    register: str
    day: date
    closed: date | None = None
    state: str | None = None
    effect: str | None = None


@dataclass(frozen=True)
class History:
    start: date
    until: date | None
    events: tuple[Event, ...] = field(default=())


def handling(record: UnderObjection = UnderObjection.PUBLIC, notice: int = 5) -> Handling:
    return Handling(Stated(record), Stated(False), Stated(None), Stated(None), Stated(None), Stated(notice), None)


days = st.integers(0, SPAN).map(lambda n: FIRST + timedelta(days=n))


@st.composite
def events(draw: st.DrawFn) -> Event:
    register = draw(st.sampled_from(["objection", "repair", "correction", "revocation", "prior_notice"]))
    day = draw(days)
    if register in ("objection", "repair"):
        state = draw(st.sampled_from(["open", "granted", "rejected"]))
        closed = None if state == "open" else day + timedelta(days=draw(st.integers(0, 30)))
        return Event(register, day, closed, state)
    effects = {"correction": ["amended", "withdrawn", "wrongly_listed"], "revocation": ["revoked", "dissolved", None]}
    return Event(register, day, effect=draw(st.sampled_from(effects.get(register, [None]))))


histories = st.builds(History, days, st.none() | days, st.lists(events(), max_size=6).map(tuple))


def state_by_hand(history: History, on: date, notice: int, calendar: WorkingCalendar) -> tuple[str, date | None]:
    """(state, first day without the record) as a clerk would work it out from the cards of one record."""
    cards = [event for event in history.events if event.day <= on]
    leaving = {state: day for state, day in leaving_days(history, cards, on, notice, calendar).items() if day <= on}
    if leaving:
        left_on = min(leaving.values())
        order = ["wrongly_listed", "corrected", "revoked", "dissolved", "repaired", "expired"]
        state = next(name for name in order if leaving.get(name) == left_on)
        return ("wrongly_listed" if "wrongly_listed" in leaving else state), left_on
    if on < history.start:
        return ("noticed" if any(card.register == "prior_notice" for card in cards) else "pending"), None
    upheld = closings(cards, "objection", on)
    amended = [card.day for card in cards if card.effect == "amended"]
    if upheld and not any(day >= max(upheld) for day in amended):
        return "correcting", None
    if under_way(cards, "objection", on):
        return "disputed", None
    if closings(cards, "repair", on):
        return "repair_notice", None
    return ("repair_applied" if under_way(cards, "repair", on) else "listed"), None


def leaving_days(
    history: History, cards: list[Event], on: date, notice: int, calendar: WorkingCalendar
) -> dict[str, date]:
    names = {
        "withdrawn": "corrected",
        "wrongly_listed": "wrongly_listed",
        "dissolved": "dissolved",
        "revoked": "revoked",
    }
    found: dict[str, list[date]] = defaultdict(list)
    for card in cards:
        effect = card.effect or ("revoked" if card.register == "revocation" else "")
        if effect in names:
            found[names[effect]].append(card.day)
    for day in closings(cards, "repair", on):
        found["repaired"].append(calendar.due(day, notice) + timedelta(days=1) if notice else day)
    if history.until is not None:
        found["expired"].append(history.until + timedelta(days=1))
    return {state: min(days) for state, days in found.items()}


def closings(cards: list[Event], register: str, on: date) -> list[date]:
    """The days on which something was granted."""
    over = [card for card in cards if card.register == register and card.closed and card.closed <= on]
    return [card.closed for card in over if card.state == "granted" and card.closed]


def under_way(cards: list[Event], register: str, on: date) -> bool:
    return any(card.register == register and not (card.closed and card.closed <= on) for card in cards)


def lives(found: list[History], on: date, how: Handling, calendar: WorkingCalendar) -> pl.DataFrame:
    """The columnar life of many records on one day."""
    rows = [
        (str(number), event.register, n, event.day, None, event.closed, event.state, event.effect, False)
        for number, history in enumerate(found)
        for n, event in enumerate(history.events)
    ]
    table = pl.DataFrame(rows, schema=EVENT_SCHEMA, orient="row")
    frame = pl.DataFrame(
        {
            "@record_id": [str(number) for number in range(len(found))],
            "_start": [history.start for history in found],
            "_until": [history.until for history in found],
        },
        schema={"@record_id": pl.String, "_start": pl.Date, "_until": pl.Date},
    )
    standing = standing_of(table, on, lambda granted: how.notice_days.value, calendar)
    frame = frame.join(standing, on="@record_id", how="left", maintain_order="left").with_columns(
        pl.col("_objection", "_repair_applied").fill_null(False)
    )
    left, state = life(how, on)
    frame = frame.with_columns(left).unnest("_exit").with_columns(state)
    return frame.with_columns(outcome_of(pl.lit(False), how)).with_columns(flag_of(how))


@given(st.lists(histories, min_size=1, max_size=30), days, st.sampled_from([0, 5]))
@settings(max_examples=150, deadline=None)
def test_columns_equal_the_clerk(calendar: WorkingCalendar, found: list[History], on: date, notice: int) -> None:
    frame = lives(found, on, handling(notice=notice), calendar)
    expected = [state_by_hand(history, on, notice, calendar) for history in found]
    assert list(frame.select("_state", "_left_on").iter_rows()) == expected


@given(st.lists(histories, min_size=6, max_size=12), st.sampled_from([0, 5]))
@settings(max_examples=10, deadline=None)
def test_every_step_is_a_path_of_the_state_machine(
    calendar: WorkingCalendar, found: list[History], notice: int
) -> None:
    """Of many records at once: a day of them takes as long as of one."""
    steps: dict[str, set[str]] = defaultdict(set)
    for step in transitions():
        steps[step.before.value].add(step.after.value)
    each = [FIRST + timedelta(days=n) for n in range(0, SPAN + 40, 3)]
    seen = [lives(found, day, handling(notice=notice), calendar)["_state"].to_list() for day in each]
    for before, after in {step for one, other in pairwise(seen) for step in zip(one, other, strict=True)}:
        assert after == before or after in reachable(steps, before), (before, after)


def reachable(steps: dict[str, set[str]], state: str) -> set[str]:
    found: set[str] = set()
    ahead = {state}
    while ahead:
        found |= (ahead := {after for before in ahead for after in steps[before]} - found)
    return found


@given(histories, days, st.sampled_from(list(UnderObjection)))
@settings(max_examples=150, deadline=None)
def test_never_public_before_its_start_nor_after_its_end(
    calendar: WorkingCalendar, history: History, on: date, record: UnderObjection
) -> None:
    row = lives([history], on, handling(record), calendar).row(0, named=True)
    if row["_outcome"] != Outcome.PUBLIC:
        return
    assert history.start <= on
    assert history.until is None or on <= history.until
    ended = [e for e in history.events if e.day <= on and e.effect not in (None, "amended")]
    assert not ended
    assert not any(e.register == "revocation" and e.day <= on for e in history.events)
    for event in history.events:
        if event.register == "repair" and event.state == "granted" and event.closed and event.closed <= on:
            assert on <= calendar.due(event.closed, 5)
    if record is UnderObjection.SUSPENDED:
        assert row["_state"] != LifeState.DISPUTED


@given(histories, st.randoms(use_true_random=False), days)
@settings(max_examples=60, deadline=None)
def test_the_order_of_events_does_not_matter(
    calendar: WorkingCalendar, history: History, random: Any, on: date
) -> None:
    shuffled = list(history.events)
    random.shuffle(shuffled)
    other = replace(history, events=tuple(shuffled))
    one, two = (lives([found], on, handling(), calendar) for found in (history, other))
    assert one.equals(two)


@given(histories, days)
@settings(max_examples=60, deadline=None)
def test_what_has_ended_stays_ended(calendar: WorkingCalendar, history: History, on: date) -> None:
    ended = {state.value for state in ENDED}
    first, later = (
        lives([history], day, handling(), calendar).row(0, named=True) for day in (on, on + timedelta(days=40))
    )
    if first["_state"] in ended:
        assert later["_state"] in ended
        assert later["_left_on"] == first["_left_on"]


def test_every_state_is_in_the_machine() -> None:
    assert set(LifeState) == {*BEFORE, *LIVE, *ENDED}
    drawn = {state for step in transitions() for state in (step.before, step.after)}
    assert drawn == set(LifeState)


def test_the_documents_draw_the_code() -> None:
    assert f"```mermaid\n{diagram()}```" in (ROOT / "docs/lifecycle.md").read_text(encoding="utf-8")


def test_a_record_with_a_wrong_event_is_not_shown(
    make_table: Any, make_register: Any, penalty: Any, book: Any, calendar: WorkingCalendar
) -> None:
    """Nobody can tell what became of it."""
    register = make_register("repair", [{"record_id": "R0001", "event_state": "granted", "event_date": None}])
    table = make_table([penalty(1), penalty(2)])
    decided = decide_records(table, [register], Basis(book, calendar, date(2026, 11, 20)))
    assert decided.frame["_outcome"].to_list() == ["withheld", "public"]
    assert decided.ledger["rule"].to_list() == ["baseline.bad-record"]
