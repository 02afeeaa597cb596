"""Disclosing a generated table of penalties with its registers: seconds, CPU seconds, peak of resident memory.

    python -m tests.bench.bench_disclose --rows 1000000 --events 20000

Prints one JSON line. The table is made in memory as load and validate would hand it over; only `disclose` is timed,
under the profile `jiangsu`, which has most kinds of rules. The ratio is that of the seconds to those of writing the
table once as CSV in the same run: what the machine can do at that moment.
"""

import argparse
import io
import json
import resource
import time
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl

from publish.disclose.basis import Basis
from publish.disclose.identifiers import CREDIT_ALPHABET
from publish.disclose.stage import disclose
from publish.load.calendar import load_calendar
from publish.load.rules import load_rule_book
from publish.model.source import (
    CheckedTable,
    DisclosureSpec,
    FieldSpec,
    PackageInfo,
    Publicity,
    RegisterSpec,
    Role,
    Schema,
    SourceTable,
)
from publish.model.terms import Kind, Register

AS_OF = date(2026, 11, 20)
PACKAGE = PackageInfo("bench", "data/bench")
CATALOGUE = dict.fromkeys(
    ("description", "scope_of_use", "update_cycle", "data_source", "data_format", "period_of_use", "retention_period"),
    "-",
)
FACTS = "当事人未按规定公示年度报告，经责令限期改正后逾期未改，违反《企业信息公示暂行条例》第八条，责任人电话"
ROLES: dict[str, tuple[Role | None, Publicity | None]] = {
    "id": (Role.RECORD_ID, None),
    "number": (Role.DOCUMENT_NUMBER, Publicity.PUBLIC),
    "name": (Role.SUBJECT_NAME, Publicity.PUBLIC),
    "code": (Role.SUBJECT_CODE, Publicity.PUBLIC),
    "kind": (Role.SUBJECT_KIND, Publicity.PUBLIC),
    "boss": (Role.OTHER_PERSON, Publicity.PUBLIC),
    "paper": (Role.PERSON_NUMBER, Publicity.AUTHORISED),
    "degree": (Role.SEVERITY, Publicity.PUBLIC),
    "types": (Role.PENALTY_TYPE, Publicity.PUBLIC),
    "decided": (Role.DECISION_DATE, Publicity.PUBLIC),
    "until": (Role.PUBLISH_UNTIL, Publicity.PUBLIC),
    "bureau": (Role.AUTHORITY, Publicity.PUBLIC),
    "reason": (Role.REASON, Publicity.PUBLIC),
    "facts": (Role.CONTENT, Publicity.PUBLIC),
    "basis": (Role.BASIS, Publicity.PUBLIC),
    "content": (None, Publicity.PUBLIC),
    "fine": (None, Publicity.PUBLIC),
    "note": (None, None),
    "phone": (None, None),
    "home": (None, None),
}


def penalties(rows: int, dice: np.random.Generator) -> CheckedTable:
    """A table of 20 columns; one record in ten is about a person, one text in two hundred holds a mobile number."""
    number = pl.Series(np.arange(rows), dtype=pl.Int64)
    day = pl.Series(np.datetime64("2023-01-01") + dice.integers(0, 1410, rows).astype("timedelta64[D]")).cast(pl.Date)
    person = pl.Series(dice.random(rows) < 0.1)
    phone = pl.Series(dice.random(rows) < 0.005)
    grade = pl.Series(dice.integers(0, 3, rows))
    frame = pl.DataFrame({"n": number, "day": day, "person": person, "phone": phone, "g": grade})
    text = pl.format
    boss = text("钱{}宝", pl.col("n") % 977)
    types = pl.col("g").replace_strict([0, 1, 2], ["warning", "confiscation|fine", "permit_revoked"])
    cells = frame.select(
        text("R{}", "n").alias("id"),
        text("示罚〔2026〕{}号", "n").alias("number"),
        pl.when("person").then(text("钱{}宝", pl.col("n") % 977)).otherwise(text("示例{}有限公司", "n")).alias("name"),
        pl.when(~pl.col("person")).then(pl.lit(_codes(rows))).alias("code"),
        pl.when("person").then(pl.lit("natural_person")).otherwise(pl.lit("organisation")).alias("kind"),
        boss.alias("boss"),
        pl.when("person").then(pl.lit("11010519491231002X")).alias("paper"),
        pl.col("g").replace_strict([0, 1, 2], ["minor", "general", "serious"]).alias("degree"),
        types.alias("types"),
        pl.col("day").cast(pl.String).alias("decided"),
        pl.lit(None, dtype=pl.String).alias("until"),
        text("示例{}局", pl.col("n") % 97).alias("bureau"),
        pl.lit("未按规定公示年度报告").alias("reason"),
        pl.when("phone")
        .then(text(FACTS + "13800138{}", pl.col("n") % 900 + 100))
        .otherwise(pl.lit(FACTS))
        .alias("facts"),
        pl.lit("《企业信息公示暂行条例》第十七条").alias("basis"),
        text("责令改正，法定代表人钱{}宝到场", pl.col("n") % 977).alias("content"),
        (pl.col("n") % 50).cast(pl.String).alias("fine"),
        *(pl.lit("-").alias(name) for name in ("note", "phone", "home")),
    )
    rows_of = pl.Series("_row", np.arange(2, rows + 2), dtype=pl.UInt32)
    fields = tuple(FieldSpec(name, "string", role=role, publicity=shown) for name, (role, shown) in ROLES.items())
    typed = [cells[name].alias(f"@{role.value}") for name, (role, _) in ROLES.items() if role is not None]
    typed = [day.alias("@decision_date") if column.name == "@decision_date" else column for column in typed]
    typed = [column.cast(pl.Date) if column.name == "@publish_until" else column for column in typed]
    spec = DisclosureSpec(
        "penalties", Kind.PENALTY, "行政处罚", "示例局", published_since=date(2023, 1, 1), **CATALOGUE
    )  # type: ignore[arg-type]
    return _checked("penalties", fields, cells.with_columns(rows_of), [rows_of, *typed], disclosure=spec)


def register(kind: Register, rows: int, count: int, dice: np.random.Generator) -> CheckedTable:
    """Events about random records."""
    ids = pl.Series("@record_id", [f"R{n}" for n in dice.integers(0, rows, count)])
    day = pl.Series(np.datetime64("2026-01-01") + dice.integers(0, 320, count).astype("timedelta64[D]")).cast(pl.Date)
    columns = [ids, day.alias("@event_date")]
    if kind in (Register.OBJECTION, Register.REPAIR):
        state = pl.Series("@event_state", np.array(["open", "granted", "rejected"])[dice.integers(0, 3, count)])
        closed = pl.select(pl.when(state != "open").then(day.dt.offset_by("9d"))).to_series().alias("@event_closed")
        columns += [state, closed]
    if kind is Register.CORRECTION:
        effects = np.array(["amended", "withdrawn", "wrongly_listed"])
        columns.append(pl.Series("@event_effect", effects[dice.integers(0, 3, count)]))
    number = pl.Series("_row", np.arange(2, count + 2), dtype=pl.UInt32)
    frame = pl.DataFrame([number, ids.alias("id")])
    fields = (FieldSpec("id", role=Role.RECORD_ID),)
    return _checked(kind.value, fields, frame, [number, *columns], register=RegisterSpec(kind, "penalties"))


def _checked(
    name: str,
    fields: tuple[FieldSpec, ...],
    frame: pl.DataFrame,
    typed: list[pl.Series],
    disclosure: DisclosureSpec | None = None,
    register: RegisterSpec | None = None,
) -> CheckedTable:
    misshapen = pl.DataFrame(schema={"_row": pl.UInt32, "code": pl.String})
    source = SourceTable(PACKAGE, name, Schema(fields), frame, misshapen, disclosure, register)
    errors = pl.DataFrame(schema={"row": pl.UInt32, "field": pl.String, "code": pl.String})
    return CheckedTable(source, pl.DataFrame(typed), errors)


def _codes(rows: int) -> pl.Series:
    """Valid credit codes, one for each organisation."""
    alphabet = np.frombuffer(CREDIT_ALPHABET.encode(), dtype=np.uint8)
    digits = np.zeros((rows, 17), dtype=np.int64)
    digits[:, 0] = 9
    digits[:, 1] = 1
    serial = np.arange(rows, dtype=np.int64)
    for place in range(8, 17):
        digits[:, place] = serial % 31
        serial //= 31
    weights = np.array([pow(3, n, 31) for n in range(17)])
    check = (31 - digits @ weights % 31) % 31
    letters = alphabet[np.column_stack([digits, check])]
    return pl.Series([bytes(row).decode() for row in letters])


def main() -> None:
    """Print the figures as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--events", type=int, default=20_000)
    asked = parser.parse_args()
    dice = np.random.default_rng(1)
    kinds = [Register.OBJECTION, Register.REPAIR, Register.CORRECTION, Register.REVOCATION]
    tables = [penalties(asked.rows, dice)]
    tables += [register(kind, asked.rows, asked.events // len(kinds), dice) for kind in kinds]
    book = load_rule_book(Path("nowhere"), ["jiangsu"])
    basis = Basis(book, load_calendar(Path("nowhere")), AS_OF, b"secret")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    started, cpu = time.perf_counter(), time.process_time()
    tables[0].source.frame.write_csv(io.BytesIO())
    yardstick = time.perf_counter() - started
    started, cpu = time.perf_counter(), time.process_time()
    disclosure, _, _ = disclose(tables, basis, previous=None, notice_days=30)
    seconds = time.perf_counter() - started
    figures = {
        "rows": asked.rows,
        "events": asked.events,
        "public": sum(table.frame.height for table in disclosure.public),
        "seconds": round(seconds, 2),
        "cpu_seconds": round(time.process_time() - cpu, 2),
        "ratio_to_writing_csv": round(seconds / yardstick, 1),
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        "peak_before_mb": round(before),
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
