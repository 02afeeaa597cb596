"""Tables for tests of validation, and frictionless as the oracle of their verdicts."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl
from frictionless import Package

from publish.load.tables import read_table
from publish.model.config import Limits, SiteConfig
from publish.model.source import (
    Constraints,
    FieldSpec,
    ForeignKey,
    PackageInfo,
    ResourceFile,
    Role,
    Schema,
    SourceTable,
)
from publish.validate.stage import validate

Verdict = tuple[int, str, str]

# Which error of frictionless each of our codes is.
FRICTIONLESS = {
    "cell.missing": "missing-cell",
    "cell.extra": "extra-cell",
    "row.blank": "blank-row",
    "cell.type": "type-error",
    "cell.required": "constraint-error",
    "cell.unique": "unique-error",
    "cell.pattern": "constraint-error",
    "cell.enum": "constraint-error",
    "cell.minimum": "constraint-error",
    "cell.maximum": "constraint-error",
    "cell.min-length": "constraint-error",
    "cell.max-length": "constraint-error",
    "row.primary-key": "primary-key",
    "row.foreign-key": "foreign-key",
}
WHOLE_ROW = {"missing-cell", "extra-cell", "blank-row", "primary-key", "foreign-key"}
_CONSTRAINTS = {"minLength": "min_length", "maxLength": "max_length"}


def field_of(raw: Mapping[str, Any]) -> FieldSpec:
    """A field as load would make it of its descriptor."""
    constraints = {}
    for name, value in raw.get("constraints", {}).items():
        if name in {"minimum", "maximum"}:
            value = str(value)
        elif name == "enum":
            value = tuple(map(str, value))
        constraints[_CONSTRAINTS.get(name, name)] = value
    known = {"name", "type", "format", "constraints", "missingValues", "title"}
    missing = raw.get("missingValues")
    return FieldSpec(
        raw["name"],
        raw.get("type", "string"),
        raw.get("format", "default"),
        title=raw.get("title", ""),
        constraints=Constraints(**constraints),
        missing_values=None if missing is None else tuple(missing),
        options={k: tuple(v) if isinstance(v, list) else v for k, v in raw.items() if k not in known},
    )


def schema_of(raw: Mapping[str, Any]) -> Schema:
    """A schema as load would make it of its descriptor (keys in list form)."""
    return Schema(
        fields=tuple(map(field_of, raw["fields"])),
        primary_key=tuple(raw.get("primaryKey", ())),
        foreign_keys=tuple(
            ForeignKey(tuple(k["fields"]), k["reference"]["resource"], tuple(k["reference"]["fields"]))
            for k in raw.get("foreignKeys", ())
        ),
        unique_keys=tuple(map(tuple, raw.get("uniqueKeys", ()))),
        missing_values=tuple(raw.get("missingValues", ("",))),
        fields_match=raw.get("fieldsMatch", "exact"),
    )


def csv_bytes(rows: Iterable[Sequence[str]]) -> bytes:
    """Rows as a plain CSV file; all rows have their own length."""
    target = io.StringIO()
    writer = csv.writer(target, lineterminator="\n", quoting=csv.QUOTE_MINIMAL)
    for row in rows:
        writer.writerow(row)
    return target.getvalue().encode()


def oracle(folder: Path, resources: Mapping[str, tuple[bytes, Mapping[str, Any]]]) -> dict[str, set[Verdict]]:
    """frictionless's verdicts by resource: (row, field, error type); the row of errors of the header is 0."""
    listed = []
    for name, (data, schema) in resources.items():
        (folder / f"{name}.csv").write_bytes(data)
        csv_dialect = {"delimiter": ",", "quoteChar": '"', "skipInitialSpace": False}
        dialect = {"header": True, "headerRows": [1], "csv": csv_dialect}
        listed.append(
            {"name": name, "path": f"{name}.csv", "format": "csv", "dialect": dialect, "schema": dict(schema)}
            | {"encoding": "utf-8", "type": "table"}
        )
    package = Package.from_descriptor({"name": "p", "resources": listed}, basepath=str(folder))
    report = package.validate(limit_errors=1_000_000)
    found: dict[str, set[Verdict]] = {}
    for task in report.tasks:
        found[task.name] = set()
        for row, field, kind, note in task.flatten(["rowNumber", "fieldName", "type", "note"]):
            assert row is not None or kind.endswith("-label"), (kind, note)
            found[task.name].add((row or 0, "" if kind in WHOLE_ROW else field or "", kind))
    return found


def read_all(folder: Path, resources: Mapping[str, tuple[bytes, Mapping[str, Any]]]) -> list[SourceTable]:
    """The same resources, read by us."""
    tables = []
    for name, (data, raw) in resources.items():
        path = folder / f"{name}.csv"
        path.write_bytes(data)
        schema = schema_of(raw)
        frame, misshapen, issues = read_table(ResourceFile((path,)), schema, package="p", resource=name, limit=10**9)
        assert issues == ()
        tables.append(SourceTable(PackageInfo("p", "data/p"), name, schema, frame, misshapen))
    return tables


def verdicts(tables: Sequence[SourceTable]) -> dict[str, set[Verdict]]:
    """Our verdicts, in frictionless's words. What it does not know (uniqueKeys) is left out."""
    checked, _ = validate(tables, lenient())
    return {
        table.source.resource: {
            (row, field, FRICTIONLESS[code]) for row, field, code in table.errors.rows() if code in FRICTIONLESS
        }
        for table in checked
    }


def lenient(share: float = 1.0) -> SiteConfig:
    """A configuration that lets `share` of the records be bad."""
    return SiteConfig("n", "o", "https://e.org", "zh-Hans", "Asia/Shanghai", (), limits=Limits(bad_record_share=share))


def table_of(columns: Mapping[str, Sequence[str | None]], schema: Schema, **spec: Any) -> SourceTable:
    """A table in memory; rows count from 2."""
    height = len(next(iter(columns.values())))
    frame = pl.DataFrame(dict(columns), schema=dict.fromkeys(columns, pl.String)).with_columns(
        pl.Series("_row", range(2, height + 2), dtype=pl.UInt32)
    )
    misshapen = pl.DataFrame(schema={"_row": pl.UInt32, "code": pl.String})
    return SourceTable(PackageInfo("p", "data/p"), spec.pop("resource", "r"), schema, frame, misshapen, **spec)


def role_field(role: Role | str, name: str | None = None, **more: Any) -> FieldSpec:
    """A string field (unless said otherwise) with a role."""
    role = Role(role)
    return FieldSpec(name or role.value, **{"type": "string", "role": role, **more})
