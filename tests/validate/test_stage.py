"""The stage: what is told of bad rows, guards, prohibited columns, keys beyond frictionless, documented differences."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from frictionless import FrictionlessException, Package

from publish.model.issue import Level
from publish.model.source import Constraints, FieldSpec, ForeignKey, PackageInfo, Schema
from publish.validate import stage
from publish.validate.findings import HINTS
from publish.validate.keys import canonical_text
from publish.validate.patterns import rust_pattern
from publish.validate.prohibited import is_prohibited
from publish.validate.stage import validate
from tests.validate.oracle import FRICTIONLESS, csv_bytes, lenient, oracle, read_all, table_of, verdicts

ROOT = Path(__file__).resolve().parents[2]
DOC = ROOT / "docs" / "errors-validate.md"
SECRET = "张三丰的秘密"


def test_one_issue_per_field_and_code() -> None:
    schema = Schema((FieldSpec("a", "integer", constraints=Constraints(required=True)), FieldSpec("b", "string")))
    table = table_of({"a": [SECRET, "1", SECRET, None], "b": ["x"] * 4}, schema)
    checked, issues = validate([table], lenient())
    assert checked[0].errors.rows() == [(2, "a", "cell.type"), (4, "a", "cell.type"), (5, "a", "cell.required")]
    assert [(i.code, i.level, i.package, i.resource, i.field, i.row, i.count) for i in issues] == [
        ("cell.required", Level.RECORD, "p", "r", "a", 5, 1),
        ("cell.type", Level.RECORD, "p", "r", "a", 2, 2),
    ]
    assert SECRET not in str(issues)


@pytest.mark.parametrize(("share", "stops"), [(0.5, False), (0.49, True)])
def test_too_many_bad_rows_stop_the_build(share: float, stops: bool) -> None:
    table = table_of({"a": ["x", "1"]}, Schema((FieldSpec("a", "integer"),)))
    _, issues = validate([table], lenient(share))
    errors = [(issue.code, issue.resource, issue.count) for issue in issues if issue.level is Level.ERROR]
    assert errors == ([("guard.bad-records", "r", 1)] if stops else [])


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("religion", ""),
        ("x", "宗教信仰"),
        ("x", "宗 教"),
        ("bloodType", ""),
        ("blood_type", ""),
        ("x", "血型"),
        ("ＧＥＮＥ", ""),
        ("x", "基因信息"),
        ("x", "指纹编号"),
        ("fingerprint_1", ""),
        ("x", "所患疾病"),
        ("x", "既往病史"),
        ("病历号", ""),
        ("medical-history", ""),
        ("x", "Disease"),
        ("dna", ""),
    ],
)
def test_prohibited_columns_stop_the_build(name: str, title: str) -> None:
    table = table_of({name: ["-"]}, Schema((FieldSpec(name, "string", title=title),)))
    _, issues = validate([table], lenient())
    assert [(issue.code, issue.level, issue.field) for issue in issues] == [("field.prohibited", Level.ERROR, name)]


@pytest.mark.parametrize(
    "name",
    [
        *("身份证号", "民族", "宗教活动场所名称", "转基因生物名称", "疾病预防控制中心", "违法行为类型", "血站名称"),
        *("id_number", "general", "generation", "gender", "oxygene", "disease control centre", "degree", "regenerated"),
    ],
)
def test_like_names_are_let_pass(name: str) -> None:
    assert not is_prohibited(FieldSpec(name, "string", title=name))


def test_unique_keys_are_checked_though_frictionless_does_not() -> None:
    schema = Schema((FieldSpec("a", "integer"), FieldSpec("b", "string")), unique_keys=(("a", "b"),))
    table = table_of({"a": ["1", "01", "1", None, None], "b": ["x", "x", "y", None, None]}, schema)
    checked, _ = validate([table], lenient())
    assert [row for row in checked[0].errors.rows() if row[2] != "row.blank"] == [(3, "", "row.unique-key")]


def test_foreign_keys_across_tables_of_one_package_only() -> None:
    target = table_of({"k": ["1", "2"]}, Schema((FieldSpec("k", "integer"),)), resource="target")
    key = ForeignKey(("f",), "target", ("k",))
    schema = Schema((FieldSpec("f", "integer"),), foreign_keys=(key,))
    referring = table_of({"f": ["01", "3", None]}, schema, resource="referring")
    checked, _ = validate([referring, target], lenient())
    assert (3, "", "row.foreign-key") in checked[0].errors.rows()
    assert (2, "", "row.foreign-key") not in checked[0].errors.rows()
    stranger = replace(target, package=PackageInfo("q", "data/q"))
    checked, _ = validate([referring, stranger], lenient())  # the missing table has been told by load
    assert "row.foreign-key" not in checked[0].errors["code"].to_list()


@pytest.mark.parametrize(
    ("kind", "constraints"),
    [
        ("integer", Constraints(minimum="many")),
        ("date", Constraints(maximum="2024")),
        ("string", Constraints(pattern="a(?i)b")),
    ],
)
def test_constraints_that_mean_nothing_stop_the_build(kind: str, constraints: Constraints) -> None:
    table = table_of({"a": ["1"]}, Schema((FieldSpec("a", kind, constraints=constraints),)))
    assert "field.bad-constraint" in {issue.code for issue in validate([table], lenient())[1]}


# Patterns


@pytest.mark.parametrize(
    ("pattern", "translated"),
    [
        (r"\d{4}", "^(?:^[0-9]{4}$)"),
        (r"a|b", "^(?:^a|b$)"),
        (r"[A-Z0-9]+(?:-x)?", "^(?:^[A-Z0-9]+(?:-x)?$)"),
        (r"(a)+", "^(?:^(a)+$)"),
        *(
            (p, None)
            for p in (r"\w", r"(?=a)", r"(?i)a", r"(a)\1", r"a++", r"a+?", r"[\d]", r"[a&&b]", r"[[a]", r"\bx")
        ),
        *(
            (p, None)
            for p in (r"(a)++", r"x{,2}", r"[a-\d]", r"(中{1,999}){1,999}", r"(?P<n>a)", r"[]a]", r"^*", r"|*")
        ),
    ],
)
def test_patterns_for_polars(pattern: str, translated: str | None) -> None:
    assert rust_pattern(pattern) == translated


def test_equal_numbers_have_one_text() -> None:
    from decimal import Decimal

    assert len({canonical_text(value) for value in (120, Decimal("120.0"), Decimal("1.2E+2"), Decimal("0120"))}) == 1
    assert len({canonical_text(value) for value in (0, False, Decimal("-0.0"), Decimal("0E+9"))}) == 1
    assert len({canonical_text(Decimal(text)) for text in ("0.1", "1", "10", "1E+9999999", "1E-9999999")}) == 5


# Where we differ from frictionless, on purpose: docs/errors-validate.md


def test_difference_signalling_nan(tmp_path: Path) -> None:
    """frictionless fails as a whole; we say that the cell is no number."""
    raw = {"fields": [{"name": "a", "type": "number", "constraints": {"minimum": 1}}]}
    resources = {"t": (csv_bytes([["a"], ["sNaN"]]), raw)}
    with pytest.raises(Exception, match=r"(?s).*"):
        oracle(tmp_path, resources)
    assert {kind for _, _, kind in verdicts(read_all(tmp_path, resources))["t"]} <= {"type-error", "constraint-error"}
    assert verdicts(read_all(tmp_path, resources))["t"]


def test_difference_times_with_and_without_zone(tmp_path: Path) -> None:
    """They cannot be compared: frictionless fails as a whole, for us the cell is out of bounds."""
    raw = {"fields": [{"name": "a", "type": "datetime", "constraints": {"minimum": "2024-01-05T12:00:00"}}]}
    resources = {"t": (csv_bytes([["a"], ["2025-01-05T12:00:00Z"]]), raw)}
    with pytest.raises((TypeError, FrictionlessException)):
        oracle(tmp_path, resources)
    assert verdicts(read_all(tmp_path, resources))["t"] == {(2, "a", "constraint-error")}


def test_difference_keys_that_python_cannot_hash(tmp_path: Path) -> None:
    """frictionless cannot compare arrays and objects at all; we do, by what the JSON means."""
    raw = {"fields": [{"name": "a", "type": "object", "constraints": {"unique": True}}]}
    resources = {"t": (csv_bytes([["a"], ['{"x":1,"y":2}'], ['{"y": 2, "x": 1}']]), raw)}
    with pytest.raises((TypeError, FrictionlessException)):
        oracle(tmp_path, resources)
    assert verdicts(read_all(tmp_path, resources))["t"] == {(3, "a", "unique-error")}


def test_difference_topojson_and_wkt_are_not_looked_into(tmp_path: Path) -> None:
    raw = {"fields": [{"name": "a", "type": "string", "format": "wkt"}]}
    resources = {"t": (csv_bytes([["a"], ["no geometry"]]), raw)}
    assert verdicts(read_all(tmp_path, resources))["t"] == set()


def test_difference_other_delimiters_are_not_guessed(tmp_path: Path) -> None:
    """frictionless sniffs an undeclared delimiter; we take the standard's comma."""
    (tmp_path / "t.csv").write_bytes(b"a;b\n1;2\n")
    fields: list[dict[str, Any]] = [{"name": name, "type": "string"} for name in "ab"]
    resource = {"name": "t", "path": "t.csv", "type": "table", "format": "csv", "schema": {"fields": fields}}
    assert Package.from_descriptor({"name": "p", "resources": [resource]}, basepath=str(tmp_path)).validate().valid
    resources = {"t": (b"a;b\n1;2\n", {"fields": fields})}
    with pytest.raises(AssertionError):  # read_all demands that there be no issue
        read_all(tmp_path, resources)


# Documentation


def test_every_code_is_documented() -> None:
    text = DOC.read_text(encoding="utf-8")
    files = [*(ROOT / "publish" / "validate").glob("*.py")]
    files += [
        ROOT / "publish" / "load" / f"{name}.py" for name in ("tables", "header", "decode", "unpack", "csv_exact")
    ]
    pattern = re.compile(r"[\"'](?:table|header|cell|row|field|value|guard|record|register)\.[a-z-]+[\"']")
    codes = {code.strip("\"'") for file in files for code in pattern.findall(file.read_text(encoding="utf-8"))}
    assert len(codes) > 30
    assert {code for code in codes if f"| `{code}` |" not in text} == set()
    documented = set(re.findall(r"^\| `([a-z.-]+)` \|", text, re.MULTILINE))
    assert documented <= codes


def test_every_code_of_rows_has_a_hint_and_an_oracle() -> None:
    ours = {"cell.date", "row.record-id", "row.record-id-missing", "row.unique-key", "row.no-event-day"}
    assert set(HINTS) == set(FRICTIONLESS) | ours


def test_validation_does_not_change_its_input() -> None:
    table = table_of({"a": ["1", None, "x"]}, Schema((FieldSpec("a", "integer"),)))
    before = table.frame.clone()
    validate([table], lenient())
    assert table.frame.equals(before)
    assert stage.__doc__
