"""Decisions about whole records: in which state of their life they are, withheld and why, from when to when.

Every rule is an expression over the typed columns; what fires is combined by the strictest, so that the order of the
rules changes nothing.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import date

import polars as pl

from publish.disclose.basis import Basis, Handling, handling_of
from publish.disclose.events import events_of, standing_of
from publish.disclose.fields import is_public, public_fields, spec_of
from publish.disclose.identifiers import valid_credit_codes
from publish.disclose.keys import key_order, record_keys
from publish.disclose.lifecycle import flag_of, life, outcome_of
from publish.disclose.periods import governing_severity, rule_ends
from publish.disclose.row_masking import personal_rows
from publish.disclose.secrets import folded_texts
from publish.disclose.withholding import NO_RULE, Firing, correcting, restrictions
from publish.model.public import LEDGER_SCHEMA
from publish.model.rules import Rule
from publish.model.source import DATE_ROLES, END_ROLES, CheckedTable, DisclosureSpec, Role
from publish.model.terms import Kind, LifeState, Outcome, SubjectKind
from publish.model.topics import CrossCheck, FreeText, Grading, Parameters, SafeguardTopic, Validity

_BIRTH = r"^[1-9]\d{5}((?:19|20)\d{6})"
_STANDING_FLAGS = ("_bad_event", "_objection", "_repair_applied", "_unknown_day")


@dataclass(frozen=True, slots=True)
class RecordDecisions:
    """What was decided of each record of a table.

    `frame`, one row per source row in order: `_row` UInt32, `_key`, `@<role>` columns (every role, null where the
    table has none), `_person` Boolean (a natural person, or not known to be another), `_severity` (the one that
    decides), `_start`, `_until` Date (last public day, null: none), `_dated_until` (the same by its dates and the rules
    alone), `_shown_until` (`_until` if only public fields tell it), the columns of `standing_of`, `_left_on` Date and
    `_exit_reason` (null while in its life), `_state` (LifeState value), `_outcome` (Outcome value), `_flag` (Flag value
    or null). `order` (UInt32): positions among the public ones, in the order of their keys. `events` has EVENT_SCHEMA.
    `ledger` has LEDGER_SCHEMA.
    """

    frame: pl.DataFrame
    order: pl.Series
    events: pl.DataFrame
    ledger: pl.DataFrame


def decide_records(
    table: CheckedTable,
    registers: Sequence[CheckedTable],
    basis: Basis,
    listed: Mapping[Kind, pl.Series] | None = None,
) -> RecordDecisions:
    """Decide every record of one record table. `registers` are those about this table; `listed` are the subjects
    (`standing_on_list`) that stand on a list, by the kind of list, for rules that check one list against another.
    """
    spec = spec_of(table)
    handling = handling_of(basis, spec.kind)
    events = events_of(registers)
    frame = _with_all_roles(table.typed, spec)
    with ThreadPoolExecutor(1) as aside:  # keys are a loop in Python, all else is not
        keys = aside.submit(record_keys, spec.dataset, frame["@record_id"], basis.secret)
        frame = _decided_by_dates(table, frame, events, basis, handling, listed or {})
        frame = frame.with_columns(keys.result())
    found = [*restrictions(spec, basis), *_free_text(table, frame["_person"], basis)]
    marks = frame.select(expression.fill_null(False).alias(str(number)) for number, (_, expression) in enumerate(found))
    withheld = marks.select(pl.any_horizontal(pl.all())).to_series()
    frame = frame.with_columns(outcome_of(pl.lit(withheld), handling))
    shown = pl.col("_outcome") == Outcome.PUBLIC.value
    frame = frame.with_columns(pl.when(shown).then(flag_of(handling)).alias("_flag"))
    order = key_order(frame.select("_key", "_outcome").filter(shown)["_key"])
    told = frame.select("_key", "_row", "_shown_until", "_outcome", "_exit_reason", "_state")
    entries = [
        _entries(told.filter(mark), spec, Outcome.WITHHELD, rule) for (rule, _), mark in zip(found, marks, strict=True)
    ]
    entries += _passings(told, spec, basis, handling)
    return RecordDecisions(frame, order, events, pl.concat([pl.DataFrame(schema=LEDGER_SCHEMA), *entries]))


def _decided_by_dates(
    table: CheckedTable,
    frame: pl.DataFrame,
    events: pl.DataFrame,
    basis: Basis,
    handling: Handling,
    listed: Mapping[Kind, pl.Series],
) -> pl.DataFrame:
    """The frame with all that follows from dates, events and who it is about, up to `_state`."""
    spec = spec_of(table)
    frame = _with_standing(frame, standing_of(events, basis.as_of, _notice_days(basis, spec), basis.calendar))
    frame = frame.with_columns(
        _person(table, frame),
        _open_ended(table),
        pl.col("_row").is_in(table.errors["row"].unique().to_list()).alias("_bad"),
        pl.max_horizontal("@decision_date", "@valid_from").alias("_start"),
        governing_severity(frame, list(basis.book.in_force(Grading, spec.kind, basis.as_of))),
        _born(frame),
    )
    frame = frame.with_columns(*_ends(table, frame, basis), *_listings(frame, spec, basis, listed))
    return _with_life(frame, handling, basis)


def _person(table: CheckedTable, frame: pl.DataFrame) -> pl.Series:
    """`_person`: not known to be another, or a sole trader under the owner's own name."""
    kind = pl.col("@subject_kind")
    known = kind.is_in([SubjectKind.ORGANISATION.value, SubjectKind.SOLE_TRADER.value]).fill_null(False)
    person = frame.select((~known).alias("_person")).to_series()
    traders = (frame["@subject_kind"] == SubjectKind.SOLE_TRADER.value).arg_true()
    name = frame["@subject_name"].gather(traders).str.strip_chars()
    for spec in table.source.schema.with_role(Role.OTHER_PERSON):
        own = (table.source.frame[spec.name].gather(traders).str.strip_chars() == name).fill_null(False)
        person = person.scatter(traders.filter(own), True) if own.any() else person
    return person


def _open_ended(table: CheckedTable) -> pl.Expr:
    """`_open_ended`: every end that the table has says that there is none; a blank beside 长期 does not."""
    present = [role for role in (Role.VALID_UNTIL, Role.PUBLISH_UNTIL) if table.source.schema.with_role(role)]
    flags = [pl.col(f"@{role.value}_open") for role in present]
    return (pl.all_horizontal(*flags) if flags else pl.lit(False)).alias("_open_ended")


def identities(frame: pl.DataFrame) -> pl.DataFrame:
    """Who the record is about, to compare lists (String, never published): `code`, a valid credit code; `number`, a
    person's; `name` of an organisation; null where there is none. All in one spelling.
    """
    code = frame["@subject_code"].str.normalize("NFKC").str.replace_all(r"[\s-]", "").str.to_uppercase()
    number = pl.col("@person_number").str.normalize("NFKC").str.replace_all(r"[\s-]", "").str.to_uppercase()
    # Persons' numbers stand in the column of codes, too.
    number = pl.coalesce(pl.when(number != "").then(number), pl.when(pl.col("_person") & (code != "")).then(code))
    name = pl.lit(folded_texts(frame["@subject_name"]))
    return frame.select(
        pl.when(valid_credit_codes(code)).then(code).alias("code"),
        ("number " + number).alias("number"),
        ("name " + pl.when(~pl.col("_person") & (name != "")).then(name)).alias("name"),
    )


def standing_on_list(decisions: RecordDecisions) -> pl.Series:
    """`identities` of the subjects whose listing is alive, whether it is shown or not; known mistakes left out.

    A row with a bad cell counts: it names a subject, and nobody can say that it is off the list.
    """
    alive = [LifeState.LISTED, LifeState.DISPUTED, LifeState.REPAIR_APPLIED, LifeState.REPAIR_NOTICE]
    frame = decisions.frame.filter(pl.col("_state").is_in([state.value for state in alive]))
    found = identities(frame)
    # A name counts for whoever has no code; one that stands there without a code counts for all of that name.
    codeless = found.filter(pl.col("code").is_null())["name"].drop_nulls()
    return pl.concat([*(column.drop_nulls() for column in found), ("codeless " + codeless)]).unique().alias("subject")


def _with_all_roles(typed: pl.DataFrame, spec: DisclosureSpec) -> pl.DataFrame:
    missing: list[pl.Expr] = []
    for role in Role:
        name = f"@{role.value}"
        if name not in typed.columns:
            missing.append(pl.lit(None, dtype=pl.Date if role in DATE_ROLES else pl.String).alias(name))
        if role in END_ROLES and f"{name}_open" not in typed.columns:
            missing.append(pl.lit(False).alias(f"{name}_open"))
    frame = typed.with_columns(missing)
    if spec.subject_kind is not None and "@subject_kind" not in typed.columns:
        frame = frame.with_columns(pl.lit(spec.subject_kind.value).alias("@subject_kind"))
    return frame


def _with_standing(frame: pl.DataFrame, standing: pl.DataFrame) -> pl.DataFrame:
    ids = frame.select(pl.col("@record_id").str.strip_chars())
    # The ids alone are joined: a join copies every column that it is given.
    joined = ids.join(standing, on="@record_id", how="left", maintain_order="left").drop("@record_id")
    return frame.hstack(joined.with_columns(pl.col(name).fill_null(False) for name in _STANDING_FLAGS))


def _free_text(table: CheckedTable, person: pl.Series, basis: Basis) -> Iterator[Firing]:
    """Rules that withhold a record for personal data in a public text."""
    for rule in basis.book.in_force(FreeText, spec_of(table).kind, basis.as_of):
        if rule.parameters.outcome is Outcome.WITHHELD:
            yield rule, pl.lit(personal_rows(table, person, public_fields(table), rule.parameters.patterns))


def _notice_days(basis: Basis, spec: DisclosureSpec) -> Callable[[date], int]:
    """The notice of a repair: of the rules on the day of its grant and of today's the shorter.

    Else a rule that begins later would bring back what a repair has ended.
    """
    today = handling_of(basis, spec.kind).notice_days.value

    def days(granted: date) -> int:
        return min(today, handling_of(replace(basis, as_of=granted), spec.kind).notice_days.value)

    return days


def _with_life(frame: pl.DataFrame, handling: Handling, basis: Basis) -> pl.DataFrame:
    left, state = life(handling, basis.as_of)
    return frame.with_columns(left).unnest("_exit").with_columns(state)


def _born(frame: pl.DataFrame) -> pl.Series:
    """`_born` Date: the birth date that a resident ID number tells (GB 11643), be its end masked; null if none does."""
    written = pl.when(pl.col("@person_number").str.strip_chars() != "").then(pl.col("@person_number"))
    numbers = frame.select(pl.coalesce(written, "@subject_code")).to_series()
    # Nearly all are codes of organisations: those of ASCII letters and digits are seen at once to be none.
    some = numbers.str.contains(rf"[^0-9A-Za-z]|{_BIRTH}").fill_null(False).arg_true()
    spelt = numbers.gather(some).str.normalize("NFKC").str.replace_all(r"[\s-]", "")
    births = spelt.str.extract(_BIRTH).str.to_date("%Y%m%d", strict=False)
    nothing = pl.repeat(None, len(numbers), dtype=pl.Date, eager=True).alias("_born")
    return nothing.scatter(some, births) if len(some) else nothing


def _ends(table: CheckedTable, frame: pl.DataFrame, basis: Basis) -> tuple[pl.Series, pl.Series, pl.Series]:
    """`_dated_until`: the earliest of all stated ends and all periods; `_until`, `_shown_until`: also of the end of a
    repair notice, which is public whatever field tells it, since the record is marked with it.
    """
    roles = (Role.VALID_UNTIL, Role.PUBLISH_UNTIL)
    periods = rule_ends(frame, basis, spec_of(table).kind)
    nothing = pl.repeat(None, frame.height, dtype=pl.Date, eager=True)
    notice = frame["_notice_end"].cast(pl.Date)
    dated = _earliest([nothing, *(frame[f"@{role.value}"] for role in roles), *periods])
    until = _earliest([dated, notice])
    shown = [nothing, notice, *(frame[f"@{role.value}"] for role in roles if is_public(table, role))]
    graded_by = [role for role in (Role.SEVERITY, Role.PENALTY_TYPE) if table.source.schema.with_role(role)]
    if is_public(table, Role.DECISION_DATE) and graded_by and all(is_public(table, role) for role in graded_by):
        shown += periods
    told = _earliest(shown)
    shown_until = pl.select(pl.when(told == until).then(told)).to_series()
    return dated.alias("_dated_until"), until.alias("_until"), shown_until.alias("_shown_until")


def _earliest(days: Sequence[pl.Series]) -> pl.Series:
    return pl.select(pl.min_horizontal(days)).to_series()


def _listings(
    frame: pl.DataFrame, spec: DisclosureSpec, basis: Basis, listed: Mapping[Kind, pl.Series]
) -> Iterator[pl.Series]:
    """`_on_<kinds>` Boolean for each cross-check in force: the subject stands on a list of one of those kinds."""
    checked = {rule.parameters.against for rule in basis.book.in_force(CrossCheck, spec.kind, basis.as_of)}
    found = identities(frame) if any(kind in listed for against in checked for kind in against) else pl.DataFrame()
    for against in checked:
        codes = [listed[kind] for kind in sorted(against) if kind in listed]
        marks = pl.repeat(False, frame.height, dtype=pl.Boolean, eager=True)
        if codes:
            on = pl.concat(codes).implode()
            name = pl.col("name").is_in(on) & pl.col("code").is_null()
            anyone = (pl.lit("codeless ") + pl.col("name")).is_in(on)
            told = [pl.col("code").is_in(on), pl.col("number").is_in(on), name, anyone]
            marks = found.select(pl.any_horizontal(*(mark.fill_null(False) for mark in told))).to_series()
        yield marks.alias(f"_on_{'_'.join(sorted(against))}")


def _passings(frame: pl.DataFrame, spec: DisclosureSpec, basis: Basis, handling: Handling) -> Iterator[pl.DataFrame]:
    """Ledger entries of records that are not public by time, by an event, or while they are checked."""
    book = basis.book
    validity: Rule[Parameters] = next(book.in_force(Validity, spec.kind, basis.as_of), NO_RULE)
    leaving = book.safeguard(SafeguardTopic.EXIT)
    suspended = handling.under_objection.rule or book.safeguard(SafeguardTopic.UNSTATED_OBJECTION)
    exited = pl.col("_outcome") == Outcome.EXITED.value
    by_repair = pl.col("_exit_reason") == LifeState.REPAIRED.value
    repair = handling.repair_rule or leaving
    for outcome, rule in ((Outcome.EXPIRED, validity), (Outcome.PENDING, validity), (Outcome.SUSPENDED, suspended)):
        yield _entries(frame.filter(pl.col("_outcome") == outcome.value), spec, outcome, rule)
    yield _entries(frame.filter(exited & by_repair), spec, Outcome.EXITED, repair)
    yield _entries(frame.filter(exited & ~by_repair), spec, Outcome.EXITED, leaving)
    wrong: Firing = correcting(basis)
    yield _entries(frame.filter(wrong[1]), spec, Outcome.WITHHELD, wrong[0])


def _entries(picked: pl.DataFrame, spec: DisclosureSpec, outcome: Outcome, rule: Rule[Parameters]) -> pl.DataFrame:
    return picked.select(
        pl.lit(spec.dataset).alias("dataset"),
        pl.col("_key").alias("key"),
        pl.col("_row").alias("row"),
        pl.lit(None, dtype=pl.String).alias("field"),
        pl.lit(outcome.value).alias("outcome"),
        pl.lit(rule.id).alias("rule"),
        pl.lit(str(rule.citation)).alias("citation"),
        pl.col("_shown_until").alias("until"),
    ).cast(pl.Schema(LEDGER_SCHEMA))
