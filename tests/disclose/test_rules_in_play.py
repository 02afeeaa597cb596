"""Each topic of rules on small tables: what it withholds, marks, names and counts."""

from collections.abc import Callable
from datetime import date
from typing import Any

import polars as pl
import pytest

from publish.disclose.basis import Basis, handling_of, notice_of
from publish.disclose.stage import disclose
from publish.model.calendar import WorkingCalendar
from publish.model.public import Disclosure, Publication
from publish.model.rules import RuleBook
from publish.model.terms import (
    Area,
    ExitReason,
    Kind,
    Outcome,
    Pattern,
    PenaltyType,
    Severity,
    SubjectKind,
)
from publish.model.topics import (
    Adult,
    Catalogue,
    CrossCheck,
    Deadline,
    End,
    ExitNotice,
    FreeText,
    Grading,
    NamedSubjects,
    Objection,
    PriorNotice,
    Repair,
    UnderObjection,
    Validity,
    Withhold,
)

AS_OF = date(2026, 11, 20)
CODES = ("914403001922038216", "91110108551385082Q", "11230500001755309F")
Run = Callable[..., tuple[Disclosure, Publication]]


@pytest.fixture
def run(calendar: WorkingCalendar) -> Run:
    def once(
        book: RuleBook, *tables: Any, as_of: date = AS_OF, previous: Publication | None = None
    ) -> tuple[Disclosure, Publication]:
        disclosure, publication, _ = disclose(tables, Basis(book, calendar, as_of), previous=previous, notice_days=30)
        return disclosure, publication

    return once


def numbers(disclosure: Disclosure, table: int = 0) -> list[str]:
    return sorted(disclosure.public[table].frame["c_document_number"].to_list())


def rules_of(disclosure: Disclosure) -> set[str]:
    return set(disclosure.ledger.frame.filter(pl.col("field").is_null())["rule"])


def test_repair_notice_keeps_the_record_for_five_working_days(
    run: Run, with_rules: Any, make_table: Any, make_register: Any, penalty: Any
) -> None:
    """Granted on Friday 13 November: the fifth working day after is Friday the 20th, the record leaves on the 21st."""
    book = with_rules(Repair(5))
    granted = {"record_id": "R0001", "event_date": date(2026, 11, 2), "event_state": "granted"}
    tables = [make_table([penalty()]), make_register("repair", [granted | {"event_closed": date(2026, 11, 13)}])]
    last, publication = run(book, *tables, as_of=date(2026, 11, 20))
    assert last.public[0].frame.select("_flag", "_until").rows() == [("repair_notice", date(2026, 11, 20))]
    gone, _ = run(book, *tables, as_of=date(2026, 11, 21), previous=publication)
    assert numbers(gone) == []
    assert gone.exits.frame.select("left_on", "reason").rows() == [(date(2026, 11, 21), "repaired")]


def test_without_a_notice_a_repair_takes_effect_at_once(
    run: Run, book: RuleBook, make_table: Any, make_register: Any, penalty: Any
) -> None:
    granted = {"record_id": "R0001", "event_date": date(2026, 11, 20), "event_state": "granted"}
    disclosure, _ = run(book, make_table([penalty()]), make_register("repair", [granted]))
    assert numbers(disclosure) == []
    assert disclosure.exited == {"repaired": 1}


@pytest.mark.parametrize(
    ("added", "flags"),
    [
        ([Objection(UnderObjection.PUBLIC)], ["objection"]),
        ([Objection(UnderObjection.PUBLIC, measures_suspended=True)], ["objection_suspended"]),
        ([Objection(UnderObjection.PUBLIC), Objection(UnderObjection.SUSPENDED)], []),
        ([], []),
    ],
)
def test_under_objection(
    run: Run, with_rules: Any, make_table: Any, make_register: Any, penalty: Any, added: list[Any], flags: list[str]
) -> None:
    """Shown with its mark, or taken off: the strictest rule; where none says, taken off."""
    filed = {"record_id": "R0001", "event_date": date(2026, 11, 12), "event_state": "open"}
    tables = [make_table([penalty()]), make_register("objection", [filed])]
    disclosure, _ = run(with_rules(*added), *tables)
    assert disclosure.public[0].frame["_flag"].to_list() == flags
    outcomes = disclosure.ledger.frame.filter(pl.col("field").is_null())["outcome"].to_list()
    assert outcomes == ([] if flags else ["suspended"])


def test_an_upheld_objection_hides_the_record_until_it_is_corrected(
    run: Run, book: RuleBook, make_table: Any, make_register: Any, penalty: Any
) -> None:
    upheld = {"record_id": "R0001", "event_date": date(2026, 11, 2), "event_state": "granted"}
    upheld["event_closed"] = date(2026, 11, 16)
    amended = {"record_id": "R0001", "event_date": date(2026, 11, 18), "event_effect": "amended"}
    tables = [make_table([penalty()]), make_register("objection", [upheld]), make_register("correction", [amended])]
    seen = {day: numbers(run(book, *tables, as_of=date(2026, 11, day))[0]) for day in (16, 17, 18)}
    assert seen == {16: [], 17: [], 18: ["罚〔2026〕1号"]}
    assert rules_of(run(book, *tables, as_of=date(2026, 11, 17))[0]) == {"baseline.upheld-objection"}


def test_a_wrong_listing_is_put_right_in_public_even_later(
    run: Run, with_rules: Any, make_table: Any, make_register: Any, penalty: Any
) -> None:
    """It ended in May, in November it is found wrong: another reason, the same day, a notice from then on."""
    table = make_table([penalty(publish_until=date(2026, 5, 31))], published_since=date(2026, 1, 1))
    wrong = {"record_id": "R0001", "event_date": date(2026, 11, 10), "event_effect": "wrongly_listed"}
    book = with_rules(ExitNotice(NamedSubjects.ORGANISATIONS, reasons=frozenset({ExitReason.WRONGLY_LISTED})))
    disclosure, _ = run(book, table, make_register("correction", [wrong]))
    columns = ["left_on", "reason", "subject", "notice_until", "citation"]
    assert disclosure.exits.frame.select(columns).rows() == [
        (
            date(2026, 6, 1),
            "wrongly_listed",
            "澜屿甲有限公司",
            date(2026, 12, 9),
            "《本市办法》（示政〔2026〕1号）第0条",
        )
    ]


def test_exit_notices_name_nobody_unless_a_rule_says_so(
    run: Run, with_rules: Any, make_table: Any, penalty: Any
) -> None:
    person = {"subject_kind": "natural_person", "subject_code": None, "subject_name": "钱大宝"}
    rows = [penalty(1, publish_until=date(2026, 11, 18)), penalty(2, publish_until=date(2026, 11, 18), **person)]
    table = make_table(rows, published_since=date(2026, 1, 1))

    def named(*added: Any) -> set[str | None]:
        return set(run(with_rules(*added), table)[0].exits.frame["subject"])

    assert named() == {None}
    assert named(ExitNotice(NamedSubjects.ORGANISATIONS)) == {"澜屿甲有限公司", None}
    assert named(ExitNotice(NamedSubjects.ALL)) == {"澜屿甲有限公司", "钱**"}
    assert named(ExitNotice(NamedSubjects.ALL), ExitNotice(NamedSubjects.NOBODY)) == {None}


def test_notices_run_for_the_shorter_time_and_keep_out_of_search_engines(
    calendar: WorkingCalendar, with_rules: Any
) -> None:
    basis = Basis(with_rules(ExitNotice(days=10, noindex=False), ExitNotice(days=20)), calendar, AS_OF)
    notice = notice_of(basis, Kind.PENALTY, ExitReason.EXPIRED)
    assert (notice.days, notice.noindex) == (10, False)
    basis = Basis(with_rules(ExitNotice(noindex=False), ExitNotice(noindex=True)), calendar, AS_OF)
    assert notice_of(basis, Kind.PENALTY, ExitReason.EXPIRED).noindex
    assert notice_of(Basis(with_rules(), calendar, AS_OF), Kind.PENALTY, ExitReason.EXPIRED).noindex


def test_black_wins(run: Run, with_rules: Any, make_table: Any, penalty: Any) -> None:
    """Whoever is on a black list, by code or by a person's number, is not shown on a red one.

    A code in full width counts, and a row with a bad cell: nobody can say that its subject is off the list.
    """
    person = {"subject_kind": "natural_person", "subject_code": None, "subject_name": "钱大宝"}
    number = {"person_number": "11010519491231002X"}
    hidden: dict[str, Any] = {"classes": {"person_number": None}}
    mistaken = penalty(3, subject_code=CODES[2], person_number=None)
    black = make_table(
        [
            penalty(1, subject_code="９１４４０３００１９２２０３８２１６", person_number=None),
            penalty(2, **person, **number),
            mistaken,
        ],
        resource="black", kind=Kind.BLACKLIST, errors=[(4, "", "row.bad")], **hidden,
    )  # fmt: skip
    until = {"valid_until": date(2027, 1, 1)}
    red = make_table(
        [
            penalty(1, **until, person_number=None),
            penalty(2, **person, **until, person_number="１１０１０５１９４９１２３１００２x"),
            penalty(3, subject_code=CODES[2], **until, person_number=None),
            penalty(4, subject_code=CODES[1], **until, person_number=None),
        ],
        resource="red", kind=Kind.REDLIST, **hidden,
    )  # fmt: skip
    book = with_rules((CrossCheck(frozenset({Kind.BLACKLIST})), {"kinds": frozenset({Kind.REDLIST})}))
    for tables in ((red, black), (black, red)):
        disclosure, _ = run(book, *tables)
        assert numbers(disclosure, tables.index(red)) == ["罚〔2026〕4号"]


def test_prior_notice(run: Run, with_rules: Any, make_table: Any, make_register: Any, penalty: Any) -> None:
    """Told before the decision; on the day of the decision is too late to answer."""
    book = with_rules(PriorNotice())
    given = [("R0001", date(2026, 4, 1)), ("R0002", date(2026, 5, 6))]
    notices = make_register("prior_notice", [{"record_id": record, "event_date": day} for record, day in given])
    disclosure, _ = run(book, make_table([penalty(1), penalty(2), penalty(3)]), notices)
    assert numbers(disclosure) == ["罚〔2026〕1号"]


def test_minors_are_no_subjects(run: Run, with_rules: Any, make_table: Any, penalty: Any) -> None:
    person = {"subject_kind": "natural_person", "subject_code": None, "subject_name": "钱大宝"}
    rows = [
        penalty(1, **person, person_number="110105200805070025"),
        penalty(2, **person, person_number="110105200805060022"),
        penalty(3, **person, person_number=None),
    ]
    table = make_table(rows, classes={"person_number": None})
    disclosure, _ = run(with_rules(Adult(18)), table)
    assert numbers(disclosure) == ["罚〔2026〕2号", "罚〔2026〕3号"], "eighteen on 6 May 2026, the day of the decision"


def test_the_gravest_type_governs_but_never_beyond_what_is_stated(
    run: Run, with_rules: Any, make_table: Any, penalty: Any
) -> None:
    """N58: of several penalty types the longest governs. The record's own, milder degree holds all the same."""
    grading = Grading(
        {
            PenaltyType.WARNING: Severity.MINOR,
            PenaltyType.CONFISCATION: Severity.GENERAL,
            PenaltyType.CLOSED: Severity.SERIOUS,
        }
    )
    rows = [
        penalty(1, severity=None, penalty_type="confiscation|warning"),
        penalty(2, severity="serious", penalty_type="confiscation|warning"),
        penalty(3, severity="general", penalty_type="closed"),
        penalty(4, severity="general", penalty_type="fine|warning"),
        penalty(5, severity=None, penalty_type="fine"),
    ]
    disclosure, _ = run(with_rules(grading), make_table(rows))
    frame = disclosure.public[0].frame.sort("c_document_number")
    year = date(2027, 5, 6)
    assert frame.select("c_document_number", "_severity", "_until").rows() == [
        (f"罚〔2026〕{number}号", "general", year) for number in (1, 2, 3, 4)
    ]


def test_a_record_keeps_the_shorter_period_of_the_law_it_was_decided_under(
    run: Run, with_rules: Any, make_table: Any, penalty: Any
) -> None:
    old = (Validity(End.REQUIRED, {Severity.GENERAL: 3}), {"end": date(2026, 6, 30)})
    coming = (Validity(End.REQUIRED, {Severity.GENERAL: 1}), {"start": date(2026, 12, 1)})
    rows = [penalty(1, decision_date=date(2026, 6, 30)), penalty(2, decision_date=date(2026, 7, 1))]
    disclosure, _ = run(with_rules(old, coming), make_table(rows))
    assert numbers(disclosure) == ["罚〔2026〕2号"], "three months from 30 June are over"


def test_a_last_day_rolls_over_a_holiday_only_where_a_rule_asks(
    run: Run, with_rules: Any, make_table: Any, penalty: Any
) -> None:
    """One month from 20 October 2026 ends on Friday; from 21 October on a Saturday, which rolls to Monday the 23rd."""
    table = make_table([penalty(1, decision_date=date(2026, 10, 21))])

    def until(roll: bool) -> date:
        rule = Validity(End.REQUIRED, {Severity.GENERAL: 1}, holiday_roll=roll)
        found: date = run(with_rules(rule), table)[0].public[0].frame["_until"][0]
        return found

    assert (until(False), until(True)) == (date(2026, 11, 21), date(2026, 11, 23))


def test_persons_can_be_left_out(run: Run, with_rules: Any, make_table: Any, penalty: Any) -> None:
    """Also those of whom nobody says what they are."""
    rows = [penalty(1), penalty(2, subject_kind=None), penalty(3, subject_kind="sole_trader")]
    rule = Withhold(subject_kind=frozenset({SubjectKind.NATURAL_PERSON}))
    assert numbers(run(with_rules(rule), make_table(rows))[0]) == ["罚〔2026〕1号", "罚〔2026〕3号"]


def test_a_dataset_must_state_what_the_catalogue_asks(
    run: Run, calendar: WorkingCalendar, with_rules: Any, make_table: Any, penalty: Any
) -> None:
    book = with_rules(Catalogue(("description", "retention_period")))
    table = make_table([penalty()], description="x")
    assert numbers(run(book, table)[0]) == []
    _, _, issues = disclose([table], Basis(book, calendar, AS_OF), previous=None, notice_days=30)
    (told,) = [issue for issue in issues if issue.code == "catalogue.incomplete"]
    assert "retention_period" in told.hint
    stated = make_table([penalty()], description="x", retention_period="五年")
    disclosure, _ = run(book, stated)
    assert numbers(disclosure) == ["罚〔2026〕1号"]
    assert disclosure.public[0].info.catalogue == {"retention_period": "五年"}


def test_a_placeholder_code_needs_a_registration_number(
    run: Run, book: RuleBook, make_table: Any, penalty: Any
) -> None:
    trader = {"subject_kind": "sole_trader", "subject_code": "0" * 17 + "X"}
    rows = [penalty(1, **trader, registration_number=None), penalty(2, **trader, registration_number="990100600000001")]
    disclosure, _ = run(book, make_table(rows))
    assert numbers(disclosure) == ["罚〔2026〕2号"]
    assert disclosure.public[0].frame["c_subject_code"].to_list() == [None], "the placeholder is no code"


def test_personal_data_in_a_text_is_masked_or_withholds_the_record(
    run: Run, with_rules: Any, make_table: Any, penalty: Any
) -> None:
    rows = [penalty(1, reason="电话13800138000，未公示"), penalty(2)]
    patterns = frozenset(Pattern)
    masked, _ = run(with_rules(FreeText(patterns, Outcome.MASKED)), make_table(rows))
    assert sorted(masked.public[0].frame["c_reason"]) == ["未按规定公示", "电话***，未公示"]
    withheld, _ = run(with_rules(FreeText(patterns, Outcome.WITHHELD)), make_table(rows))
    assert numbers(withheld) == ["罚〔2026〕2号"]


def test_other_persons_and_own_numbers_are_masked_in_the_texts(
    run: Run, book: RuleBook, make_table: Any, penalty: Any
) -> None:
    """The organisation's own name stays whole, even if its owner's name is in it."""
    row = penalty(1, subject_name="钱大宝饭店", reason="钱大宝饭店由钱大宝经营，举报人赵一，证号A1234567",
                  other_person="钱大宝", informant="赵一", person_number="A1234567")  # fmt: skip
    disclosure, _ = run(book, make_table([row]))
    frame = disclosure.public[0].frame
    assert frame["c_reason"].to_list() == ["钱大宝饭店由钱**经营，举报人赵**，证号***"]
    assert frame["c_subject_name"].to_list() == ["钱大宝饭店"]
    assert not {"c_other_person", "c_informant", "c_person_number"} & set(frame.columns)


def test_withdrawals_name_nobody_and_come_back(
    run: Run, book: RuleBook, make_table: Any, make_register: Any, penalty: Any
) -> None:
    """Withheld, suspended, vanished, expired: all are withdrawn; what is public again is not."""
    table = make_table([penalty(1), penalty(2), penalty(3)])
    first, before = run(book, table, as_of=date(2026, 11, 18))
    keys = dict(first.public[0].frame.select("c_document_number", "_key").iter_rows())
    filed = {"record_id": "R0001", "event_date": date(2026, 11, 19), "event_state": "open"}
    fewer = make_table([penalty(1), penalty(3, severity="minor")])
    second, middle = run(book, fewer, make_register("objection", [filed]), as_of=date(2026, 11, 20), previous=before)
    assert second.withdrawals.columns == ["key", "dataset", "withdrawn_on"]
    assert set(second.withdrawals["key"]) == set(keys.values())
    assert set(second.withdrawals["withdrawn_on"]) == {date(2026, 11, 20)}
    third, _ = run(book, table, as_of=date(2026, 11, 21), previous=middle)
    assert third.withdrawals.height == 0


def test_deadlines(run: Run, with_rules: Any, make_table: Any, make_register: Any, penalty: Any) -> None:
    """7, 10, 5 and 3 working days. Saturday 9 May 2026 was worked: seven days after Wednesday the 6th are the 14th.

    A duty done late stays late, one that is not due yet is on time or due soon.
    """
    book = with_rules(Deadline(7), Objection(UnderObjection.PUBLIC, False, 10, 5, 3), Repair(5))
    rows = [penalty(n, authority="甲局", published_on=date(2026, 5, 14)) for n in (1, 2, 3)]
    rows.append(penalty(4, authority="甲局", published_on=date(2026, 5, 15)))
    objections = [
        ("R0001", date(2026, 11, 2), "open", None),
        ("R0002", date(2026, 11, 9), "open", None),
        ("R0003", date(2026, 11, 2), "granted", date(2026, 11, 16)),
    ]
    names = ("record_id", "event_date", "event_state", "event_closed")
    register = make_register("objection", [dict(zip(names, row, strict=True)) for row in objections])
    disclosure, _ = run(book, make_table(rows), register)
    found = disclosure.deadlines.frame.select("duty", "row", "due", "state").rows()
    assert found == [
        ("correction", 4, date(2026, 11, 19), "late"),
        ("objection-check", 2, date(2026, 11, 9), "late"),
        ("objection-check", 4, date(2026, 11, 9), "late"),
        ("objection-check", 3, date(2026, 11, 16), "late"),
        ("objection-review", 2, date(2026, 11, 16), "late"),
        ("objection-review", 4, date(2026, 11, 16), "on_time"),
        ("objection-review", 3, date(2026, 11, 23), "due_soon"),
        ("publication", 2, date(2026, 5, 14), "on_time"),
        ("publication", 3, date(2026, 5, 14), "on_time"),
        ("publication", 5, date(2026, 5, 14), "late"),
    ]


def test_a_notice_that_ends_beyond_the_calendar_is_not_guessed(
    calendar: WorkingCalendar, with_rules: Any, make_table: Any, make_register: Any, penalty: Any
) -> None:
    book = with_rules(Repair(5))
    granted = {"record_id": "R0001", "event_date": date(2026, 12, 30), "event_state": "granted"}
    tables = [make_table([penalty(), penalty(2)]), make_register("repair", [granted])]
    disclosure, _, issues = disclose(tables, Basis(book, calendar, date(2026, 12, 31)), previous=None, notice_days=30)
    assert numbers(disclosure) == ["罚〔2026〕2号"]
    assert {(issue.code, issue.level.value) for issue in issues} >= {("calendar.unknown-year", "record")}


def test_silence_protects(calendar: WorkingCalendar, with_rules: Any) -> None:
    how = handling_of(Basis(with_rules(), calendar, AS_OF), Kind.PENALTY)
    assert how.under_objection.value is UnderObjection.SUSPENDED
    assert how.under_objection.rule is None
    assert how.notice_days.value == 0


def test_periods_that_do_not_fit_are_told_and_change_nothing(
    calendar: WorkingCalendar, with_rules: Any, make_table: Any, make_register: Any, penalty: Any
) -> None:
    """N58, N36: minimum and maximum; areas such as food have a longer minimum. The shorter always holds."""
    minimums = Validity(
        End.REQUIRED,
        {Severity.GENERAL: 12},
        {Severity.GENERAL: 3},
        areas=frozenset({Area.FOOD}),
        area_minimum=12,
    )
    book = with_rules(minimums, Grading({PenaltyType.CONFISCATION: Severity.GENERAL}))
    day = date(2026, 8, 20)
    rows = [
        penalty(1, decision_date=day, publish_until=date(2027, 8, 21), area=None, penalty_type=None),
        penalty(2, decision_date=day, publish_until=AS_OF, area=None, penalty_type="confiscation", severity="serious"),
        penalty(3, decision_date=day, publish_until=date(2026, 11, 20), area="fire|food", penalty_type=None),
        penalty(4, decision_date=day, publish_until=date(2027, 8, 20), area="food", penalty_type=None),
        penalty(5, decision_date=day, publish_until=None, area=None, penalty_type=None),
    ]
    granted = {"record_id": "R0005", "event_date": date(2026, 11, 19), "event_state": "granted"}
    tables = [make_table(rows), make_register("repair", [granted])]
    disclosure, _, issues = disclose(tables, Basis(book, calendar, AS_OF), previous=None, notice_days=30)
    assert numbers(disclosure) == [f"罚〔2026〕{number}号" for number in (1, 2, 3, 4)]
    told = {(issue.code, issue.row, issue.count) for issue in issues if "town" in issue.hint or "gravest" in issue.hint}
    assert told == {
        ("period.beyond-maximum", 2, 1),
        ("period.below-minimum", 4, 1),
        ("repair.before-minimum", 6, 1),
        ("severity.differs", 3, 1),
    }


def test_a_state_that_nobody_understands_hides_the_record(
    run: Run, book: RuleBook, make_table: Any, make_register: Any, penalty: Any
) -> None:
    """It may be a grant."""
    event = {"record_id": "R0001", "event_date": date(2026, 11, 12), "event_state": None}
    disclosure, _ = run(book, make_table([penalty(1), penalty(2)]), make_register("repair", [event]))
    assert numbers(disclosure) == ["罚〔2026〕2号"]


def test_a_record_that_was_off_for_a_while_still_gets_its_notice(
    run: Run, book: RuleBook, make_table: Any, make_register: Any, penalty: Any
) -> None:
    table = make_table([penalty(1, publish_until=date(2026, 11, 18))])
    _, shown = run(book, table, as_of=date(2026, 11, 9))
    filed = {"record_id": "R0001", "event_date": date(2026, 11, 10), "event_state": "rejected"}
    register = make_register("objection", [filed | {"event_closed": date(2026, 11, 14)}])
    off, suspended = run(book, table, register, as_of=date(2026, 11, 11), previous=shown)
    assert (numbers(off), off.exits.frame.height) == ([], 0)
    left, _ = run(book, table, register, as_of=AS_OF, previous=suspended)
    assert left.exits.frame.select("left_on", "reason").rows() == [(date(2026, 11, 19), "expired")]


def test_a_last_day_of_a_private_field_is_not_told_by_its_exit(
    run: Run, book: RuleBook, make_table: Any, penalty: Any
) -> None:
    """The notice and the withdrawal carry the day of the first release without the record, and keep it."""
    table = make_table([penalty(1, valid_until=date(2026, 11, 14))], classes={"valid_until": None})
    _, shown = run(book, table, as_of=date(2026, 11, 9))
    first, register = run(book, table, as_of=date(2026, 11, 18), previous=shown)
    second, _ = run(book, table, as_of=date(2026, 11, 20), previous=register)
    for disclosure in (first, second):
        assert disclosure.exits.frame["left_on"].to_list() == [date(2026, 11, 18)]
        assert disclosure.withdrawals["withdrawn_on"].to_list() == [date(2026, 11, 18)]
    assert run(book, make_table([penalty(1, valid_until=date(2026, 11, 14))], classes={"valid_until": None},
               published_since=date(2026, 1, 1)))[0].exits.frame.height == 0  # fmt: skip


def test_minors_with_a_masked_number_and_under_a_trade(
    run: Run, with_rules: Any, make_table: Any, penalty: Any
) -> None:
    person = {"subject_code": None, "subject_name": "钱大宝"}
    rows = [
        penalty(1, **person, subject_kind="natural_person", person_number="110105201512310***"),
        penalty(2, **person, subject_kind="sole_trader", person_number="110105201512310026"),
    ]
    table = make_table(rows, classes={"person_number": None})
    assert numbers(run(with_rules(Adult(18)), table)[0]) == []


def test_a_blank_end_beside_an_open_one_is_no_open_end(run: Run, book: RuleBook, make_table: Any, penalty: Any) -> None:
    rows = [
        penalty(1, valid_until=None, valid_until_open=False, publish_until=None, publish_until_open=True),
        penalty(2, valid_until=None, valid_until_open=True, publish_until=None, publish_until_open=True),
    ]
    assert numbers(run(book, make_table(rows, kind=Kind.LICENCE))[0]) == ["罚〔2026〕2号"]


def test_duties_name_no_authority_that_the_site_does_not(
    run: Run, with_rules: Any, make_table: Any, make_register: Any, penalty: Any
) -> None:
    filed = {"record_id": "R0001", "event_date": date(2026, 11, 2), "event_state": "open"}
    rows = [penalty(1, severity="minor", authority="隐局"), penalty(2, authority="甲局")]
    disclosure, _ = run(with_rules(Objection(review_days=10)), make_table(rows), make_register("objection", [filed]))
    assert disclosure.deadlines.frame.filter(pl.col("duty") == "objection-review")["authority"].to_list() == [None]


def test_notices_of_a_dataset_that_is_gone_are_told(
    calendar: WorkingCalendar, book: RuleBook, make_table: Any, penalty: Any
) -> None:
    rows = [penalty(1, publish_until=date(2026, 11, 18))]
    basis = Basis(book, calendar, AS_OF)
    old = make_table(rows, published_since=date(2026, 1, 1))
    _, register, _ = disclose([old], basis, previous=None, notice_days=30)
    new = make_table(rows, resource="renamed")
    _, _, issues = disclose([new], basis, previous=register, notice_days=30)
    assert "notice.dropped" in {issue.code for issue in issues}


def test_a_repair_notice_gives_no_end_to_what_has_none(
    run: Run, with_rules: Any, make_table: Any, make_register: Any, penalty: Any
) -> None:
    """A licence with a blank end is withheld, granted repair or not."""
    granted = {"record_id": "R0001", "event_date": date(2026, 11, 18), "event_state": "granted"}
    table = make_table([penalty(1, valid_until=None, valid_until_open=False)], kind=Kind.LICENCE)
    assert numbers(run(with_rules(Repair(5)), table, make_register("repair", [granted]))[0]) == []


def test_a_later_notice_does_not_bring_back_what_a_repair_ended(
    run: Run, with_rules: Any, make_table: Any, make_register: Any, penalty: Any
) -> None:
    book = with_rules((Repair(5), {"start": date(2026, 11, 20)}))
    granted = {"record_id": "R0001 ", "event_date": date(2026, 11, 18), "event_state": "granted"}
    tables = [make_table([penalty()]), make_register("repair", [granted])]
    for day in (18, 19, 20, 25):
        assert numbers(run(book, *tables, as_of=date(2026, 11, day))[0]) == []


def test_an_ended_period_does_not_bring_back_what_it_ended(
    run: Run, with_rules: Any, make_table: Any, penalty: Any
) -> None:
    span = {"start": date(2026, 6, 1), "end": date(2026, 8, 31)}
    book = with_rules((Validity(End.REQUIRED, {Severity.GENERAL: 3}), span))
    rows = [penalty(1, decision_date=date(2026, 5, 6)), penalty(2, decision_date=date(2026, 5, 31))]
    shown = {day: numbers(run(book, make_table(rows), as_of=day)[0]) for day in (date(2026, 8, 10), date(2026, 9, 1))}
    assert shown == {date(2026, 8, 10): ["罚〔2026〕2号"], date(2026, 9, 1): ["罚〔2026〕2号"]}


def test_an_override_for_one_kind_leaves_the_others(run: Run, with_rules: Any, make_table: Any, penalty: Any) -> None:
    old = (Validity(End.REQUIRED, {Severity.GENERAL: 3}), {"end": date(2026, 5, 31)})
    new = (
        Validity(End.REQUIRED, {Severity.GENERAL: 12}),
        {"overrides": "town.0", "kinds": frozenset({Kind.BLACKLIST})},
    )
    assert numbers(run(with_rules(old, new), make_table([penalty()]))[0]) == []
    black = make_table([penalty()], kind=Kind.BLACKLIST)
    assert numbers(run(with_rules(old, new), black)[0]) == ["罚〔2026〕1号"]


def test_chained_checks_do_not_depend_on_the_order_of_tables(
    run: Run, with_rules: Any, make_table: Any, penalty: Any
) -> None:
    until = {"valid_until": date(2027, 1, 1)}
    red = make_table([penalty(1, **until)], resource="red", kind=Kind.REDLIST)
    black = make_table([penalty(1)], resource="black", kind=Kind.BLACKLIST)
    promise = make_table([penalty(1, **until)], resource="promise", kind=Kind.COMMITMENT)
    book = with_rules(
        (CrossCheck(frozenset({Kind.BLACKLIST})), {"kinds": frozenset({Kind.REDLIST})}),
        (CrossCheck(frozenset({Kind.REDLIST})), {"kinds": frozenset({Kind.COMMITMENT})}),
    )
    for tables in ((red, black, promise), (black, promise, red), (promise, red, black)):
        disclosure, _ = run(book, *tables)
        shown = {table.info.slug: table.frame.height for table in disclosure.public}
        assert shown == {"red": 0, "black": 1, "promise": 0}


@pytest.mark.parametrize(
    ("black", "red"),
    [
        ({"subject_code": CODES[1].lower()}, {"subject_code": CODES[1]}),
        ({"subject_code": None}, {}),
        ({}, {"subject_code": None}),
        ({"subject_kind": "natural_person", "subject_code": "11010519491231002X"},) * 2,
        (
            {"subject_kind": "sole_trader", "person_number": "11010519491231002X"},
            {"subject_kind": "sole_trader", "person_number": "11010519491231002x", "subject_code": None},
        ),
    ],
)
def test_black_wins_however_the_subject_is_written(
    run: Run, with_rules: Any, make_table: Any, penalty: Any, black: dict[str, Any], red: dict[str, Any]
) -> None:
    hidden: dict[str, Any] = {"classes": {"person_number": None}}
    one = make_table([penalty(1, **{"person_number": None} | black)], resource="black", kind=Kind.BLACKLIST, **hidden)
    cells = {"person_number": None, "valid_until": date(2027, 1, 1)} | red
    other = make_table([penalty(1, **cells)], resource="red", kind=Kind.REDLIST, **hidden)
    book = with_rules((CrossCheck(frozenset({Kind.BLACKLIST})), {"kinds": frozenset({Kind.REDLIST})}))
    assert numbers(run(book, one, other)[0], 1) == []


@pytest.mark.parametrize(
    ("register", "cells"),
    [
        ("objection", {"event_state": None, "event_closed": date(2026, 11, 16)}),
        ("objection", {"event_state": "open", "event_closed": date(2026, 11, 16)}),
        ("objection", {"event_state": "rejected", "event_closed": date(2026, 11, 1)}),
        ("repair", {"event_state": "open", "event_closed": date(2026, 11, 16)}),
        ("repair", {"event_state": None, "event_closed": date(2026, 11, 16)}),
    ],
)
def test_an_event_that_cannot_be_right_hides_the_record(
    run: Run, with_rules: Any, make_table: Any, make_register: Any, penalty: Any, register: str, cells: dict[str, Any]
) -> None:
    event = {"record_id": "R0001", "event_date": date(2026, 11, 10)} | cells
    book = with_rules(Objection(UnderObjection.PUBLIC))
    assert numbers(run(book, make_table([penalty()]), make_register(register, [event]))[0]) == []


def test_notices_that_are_carried_on_follow_todays_rules(
    run: Run, with_rules: Any, make_table: Any, penalty: Any
) -> None:
    """The record is gone from the source; a rule shortens its notice, closes it to search engines and names nobody."""
    table = make_table([penalty(1, publish_until=date(2026, 11, 9)), penalty(2)], published_since=date(2026, 1, 1))
    open_rule, strict = ExitNotice(NamedSubjects.ALL, noindex=False), ExitNotice(NamedSubjects.NOBODY, 12, True)
    _, register = run(with_rules(open_rule), table, as_of=date(2026, 11, 19))
    assert register.exits.select("subject", "noindex").rows() == [("澜屿甲有限公司", False)]
    fewer = make_table([penalty(2)], published_since=date(2026, 1, 1))
    disclosure, _ = run(with_rules(open_rule, strict), fewer, previous=register)
    columns = ["subject", "noindex", "notice_until"]
    assert disclosure.exits.frame.select(columns).rows() == [(None, True, date(2026, 11, 21))]
    assert (
        run(with_rules(open_rule, strict), fewer, as_of=date(2026, 11, 22), previous=register)[0].exits.frame.height
        == 0
    )
