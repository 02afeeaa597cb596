"""The typed columns that disclosure works on: dates, coded values, record ids."""

import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from enum import StrEnum

import polars as pl

from publish.model.issue import Issue, Level
from publish.model.source import (
    CODED_ROLES,
    DATE_ROLES,
    END_ROLES,
    MANY_VALUED_ROLES,
    FieldSpec,
    Role,
    SourceTable,
)
from publish.model.terms import (
    REGISTER_EFFECTS,
    Area,
    Effect,
    EventState,
    PenaltyType,
    Procedure,
    Register,
    Severity,
    SubjectKind,
)
from publish.validate.cells import ERRORS, errors_of, read, type_of
from publish.validate.keys import all_differ

CODES: Mapping[Role, type[StrEnum]] = {
    Role.SUBJECT_KIND: SubjectKind,
    Role.SEVERITY: Severity,
    Role.PENALTY_TYPE: PenaltyType,
    Role.AREA: Area,
    Role.PROCEDURE: Procedure,
    Role.EVENT_STATE: EventState,
    Role.EVENT_EFFECT: Effect,
}
# Written for "no end" in licences and lists; so is any date from this day on (facts, 2: 2099/12/31, 2999-12-31).
OPEN_WORDS = frozenset({"长期", "永久", "无固定期限", "长期有效", "永久有效"})
OPEN_FROM = date(2099, 12, 31)
_DATES = re.compile(
    r"(?P<y>\d{4})(?:-(?P<m1>\d{1,2})-(?P<d1>\d{1,2})|/(?P<m2>\d{1,2})/(?P<d2>\d{1,2})|\.(?P<m3>\d{1,2})\.(?P<d3>\d{1,2})"
    r"|(?P<m4>\d{2})(?P<d4>\d{2})|年(?P<m5>\d{1,2})月(?P<d5>\d{1,2})日)",
    re.ASCII,
)
# What stands between the values of a cell that names several, in half and full width.
_BETWEEN = r"[、，,；;|｜/／]"
# Registers whose events mean nothing without a day. An objection without one is taken to be under way.
_DATED = frozenset({Register.CORRECTION, Register.REVOCATION, Register.PRIOR_NOTICE})
_ROW = "_row"


def typed_columns(table: SourceTable) -> tuple[pl.DataFrame, pl.DataFrame, tuple[Issue, ...]]:
    """(`typed` as CheckedTable documents it, errors, issues) of one table.

    Errors (ERRORS): `cell.date`, `row.record-id`, `row.record-id-missing`, `row.no-event-day`.
    Issues: `value.unknown-code`.
    """
    columns = [table.frame[_ROW]]
    errors, issues = [pl.DataFrame(schema=ERRORS)], []
    for role in Role:
        specs = table.schema.with_role(role)
        if not specs:
            continue
        if role in DATE_ROLES:
            dates, wrong = _dates(table.frame, specs[0], role)
            columns += dates
            errors.append(wrong)
        elif role in CODED_ROLES:
            coded, found = _coded(table, specs[0], role)
            columns.append(coded)
            issues += found
        elif role is Role.RECORD_ID:
            ids = _record_ids(table.frame, specs)
            columns.append(ids)
            errors += _id_errors(table, ids, specs)
        else:
            columns.append(_first_text(table.frame, specs).alias(_name(role)))
    typed = pl.DataFrame(columns)
    errors.append(_dayless_events(table, typed))
    return typed, pl.concat(errors), tuple(issues)


def _name(role: Role) -> str:
    return f"@{role.value}"


def _first_text(frame: pl.DataFrame, specs: tuple[FieldSpec, ...]) -> pl.Series:
    """Cells as written; of several fields the first that is not blank, since a person's number and that of a legal
    representative stand in two columns of which one is filled."""
    if len(specs) == 1:
        return frame[specs[0].name]
    cells = [pl.col(spec.name) for spec in specs]
    return frame.select(pl.coalesce(pl.when(cell.str.strip_chars() != "").then(cell) for cell in cells)).to_series()


def _dates(frame: pl.DataFrame, spec: FieldSpec, role: Role) -> tuple[list[pl.Series], pl.DataFrame]:
    """The role's columns, and errors where a cell is neither a date nor, in a field of ends, a word for no end."""
    texts = frame[spec.name].drop_nulls().unique()
    days = _days(texts, spec)
    is_end = role in END_ROLES
    if is_end:
        open_words = texts.str.strip_chars().is_in(sorted(OPEN_WORDS))
        is_open = open_words | (days >= OPEN_FROM).fill_null(False)
        days = pl.select(pl.when(~is_open).then(days)).to_series()
    else:
        is_open = pl.repeat(False, len(texts), eager=True)
    # Under names of its own: a field may be called anything, `day` and `open` too.
    known = pl.DataFrame({"_text": texts, "_day": days, "_open": is_open})
    cells = frame.select(_ROW, pl.col(spec.name).alias("_text"))
    joined = cells.join(known, on="_text", how="left", maintain_order="left")
    columns = [joined["_day"].cast(pl.Date).alias(_name(role))]
    if is_end:
        columns.append(joined["_open"].fill_null(False).alias(f"{_name(role)}_open"))
    if spec.type in {"date", "datetime"}:  # that such a cell is none has been said by its type
        return columns, pl.DataFrame(schema=ERRORS)
    blank = pl.col("_text").str.strip_chars() == ""
    wrong = joined.filter(pl.col("_text").is_not_null() & ~blank & pl.col("_day").is_null() & ~pl.col("_open"))
    return columns, errors_of(wrong, spec.name, pl.lit("cell.date"))


def _days(texts: pl.Series, spec: FieldSpec) -> pl.Series:
    """The day of each distinct text, null if it tells none."""
    if spec.type not in {"date", "datetime"}:
        return pl.Series([written_date(text) for text in texts.to_list()], dtype=pl.Date)
    reader = type_of(spec).reader(spec)
    values = (read(reader, text) for text in texts.to_list())
    return pl.Series([value.date() if isinstance(value, datetime) else value for value in values], dtype=pl.Date)


def written_date(text: str) -> date | None:
    """A day written yyyy-mm-dd, yyyy/m/d, yyyy.m.d, yyyymmdd or yyyy年m月d日; None for anything else."""
    match = _DATES.fullmatch(text.strip())
    if match is None:
        return None
    year, month, day = (int(part) for part in match.groups() if part is not None)
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _coded(table: SourceTable, spec: FieldSpec, role: Role) -> tuple[pl.Series, list[Issue]]:
    """The role's column, and an issue if there are texts that mean nothing."""
    cells = table.frame[spec.name].str.strip_chars()
    texts = cells.drop_nulls().unique().drop_nulls()
    texts = texts.filter(texts != "")
    codes = _codes(texts, _meanings(table, role), role)
    coded = cells.replace_strict(texts, codes, default=None, return_dtype=pl.String).alias(_name(role))
    unknown = table.frame.filter(coded.is_null() & cells.is_not_null() & (cells != ""))
    if not unknown.height:
        return coded, []
    hint = f"texts that the disclosure block's values.{role.value} does not map; what depends on them is withheld"
    issue = Issue(
        "value.unknown-code",
        Level.WARNING,
        hint,
        package=table.package.name,
        resource=table.resource,
        row=int(unknown[_ROW][0]),
        field=spec.name,
        count=unknown.height,
    )
    return coded, [issue]


def _meanings(table: SourceTable, role: Role) -> dict[str, str]:
    """Enum value by text: the values themselves, and what the block maps. An event has the effects of its register."""
    block = table.disclosure or table.register
    own: Mapping[str, str] = {} if block is None else block.values.get(role.value, {})
    meant = {value.value: value.value for value in CODES[role]} | {text.strip(): code for text, code in own.items()}
    if role is Role.EVENT_EFFECT and table.register is not None:
        possible = REGISTER_EFFECTS.get(table.register.register, frozenset())
        meant = {text: code for text, code in meant.items() if code in possible}
    return meant


def _codes(texts: pl.Series, meant: Mapping[str, str], role: Role) -> pl.Series:
    """What each text means, null if that is not known. A text that is mapped as a whole is not taken apart."""
    whole = _meant(texts, meant)
    if role not in MANY_VALUED_ROLES:
        return whole
    parts = pl.DataFrame({"_at": pl.int_range(len(texts), dtype=pl.UInt32, eager=True), "_part": texts}).with_columns(
        pl.col("_part").str.replace_all(_BETWEEN, "|").str.split("|")
    )
    parts = parts.explode("_part", empty_as_null=True).with_columns(pl.col("_part").str.strip_chars())
    parts = parts.filter(pl.col("_part") != "")
    parts = parts.with_columns(_meant(parts["_part"], meant).alias("_code"))
    together = parts.group_by("_at").agg(
        pl.when(pl.col("_code").is_not_null().all()).then(_combined(role)).first().alias("_code")
    )
    numbered = pl.DataFrame({"_at": pl.int_range(len(texts), dtype=pl.UInt32, eager=True), "_whole": whole})
    joined = numbered.join(together, on="_at", how="left", maintain_order="left")
    return joined.select(pl.coalesce("_whole", "_code")).to_series()


def _meant(texts: pl.Series, meant: Mapping[str, str]) -> pl.Series:
    return texts.replace_strict(list(meant), list(meant.values()), default=None, return_dtype=pl.String)


def _combined(role: Role) -> pl.Expr:
    """The values of one cell as one: the gravest of degrees (N58: the longest governs), else all of them, sorted."""
    if role is not Role.SEVERITY:
        return pl.col("_code").unique().sort().str.join("|")
    scale = [severity.value for severity in Severity]
    gravest = pl.col("_code").replace_strict(scale, range(len(scale)), default=None, return_dtype=pl.UInt8).max()
    return gravest.replace_strict(list(range(len(scale))), scale, default=None, return_dtype=pl.String)


def _dayless_events(table: SourceTable, typed: pl.DataFrame) -> pl.DataFrame:
    """Errors `row.no-event-day`: it cannot be told from when on such an event counts."""
    if table.register is None:
        return pl.DataFrame(schema=ERRORS)

    def column(role: Role) -> pl.Expr:
        return pl.col(_name(role)) if _name(role) in typed.columns else pl.lit(None)

    if table.register.register in _DATED:
        lacking = column(Role.EVENT_DATE).is_null()
    elif table.register.register is Register.REPAIR:
        granted = (column(Role.EVENT_STATE).cast(pl.String) == EventState.GRANTED.value).fill_null(False)
        lacking = granted & column(Role.EVENT_DATE).is_null() & column(Role.EVENT_CLOSED).is_null()
    else:
        return pl.DataFrame(schema=ERRORS)
    return errors_of(typed.filter(lacking), "", pl.lit("row.no-event-day"))


def _record_ids(frame: pl.DataFrame, specs: tuple[FieldSpec, ...]) -> pl.Series:
    """The id as written, parts joined with `/`; null if a part is missing or blank."""
    parts = [pl.col(spec.name) for spec in specs]
    blank = pl.any_horizontal(part.is_null() | (part.str.strip_chars() == "") for part in parts)
    whole = pl.concat_str(parts, separator="/") if len(parts) > 1 else parts[0]
    return frame.select(pl.when(~blank).then(whole)).to_series().alias("@record_id")


def _id_errors(table: SourceTable, ids: pl.Series, specs: tuple[FieldSpec, ...]) -> Iterator[pl.DataFrame]:
    """A record without an id, and records that share one: which of them is right cannot be told."""
    yield errors_of(table.frame.filter(ids.is_null()), "", pl.lit("row.record-id-missing"))
    if table.register is None and not all_differ(ids.drop_nulls().to_frame()):
        yield errors_of(table.frame.filter(ids.is_not_null() & ids.is_duplicated()), "", pl.lit("row.record-id"))
