"""frictionless and we: the same verdict, cell by cell."""

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.validate.oracle import csv_bytes, oracle, read_all, verdicts

CORPUS_FILE = Path(__file__).parent / "corpus.json"
# Texts that are, nearly are, or are not of each type; what Python's own parsers accept by the way is among them.
TEXTS: dict[str, list[str]] = json.loads(CORPUS_FILE.read_text(encoding="utf-8"))
TEXTS["integer"].append("9" * 5000)

FIELDS: list[dict[str, Any]] = [
    *({"type": name} for name in TEXTS),
    *({"type": "string", "format": name} for name in ("email", "uri", "uuid", "binary")),
    {"type": "string", "constraints": {"minLength": 2, "maxLength": 5}},
    {"type": "string", "constraints": {"enum": ["x", "一二三"]}},
    *(
        {"type": "string", "constraints": {"pattern": p}}
        for p in (
            r"[A-Z0-9]{1,39}",
            r"\d+",
            r"x|12345",
            r"(?=x)x",
            r"(?i:X)",
            r"x{1,2}|[^a-z]",
            r"\w{3}",
            r"a.b",
            r".*",
            r"[^@]+@[^@]+",
            r"(一|二|三)+",
        )
    ),
    {"type": "integer", "bareNumber": False},
    {"type": "integer", "constraints": {"minimum": 5, "maximum": 1000}},
    {"type": "integer", "constraints": {"minimum": -(10**30), "maximum": 10**30}},
    {"type": "integer", "constraints": {"enum": [5, 7]}},
    {"type": "number", "groupChar": ","},
    {"type": "number", "groupChar": ".", "decimalChar": ","},
    {"type": "number", "decimalChar": ","},
    {"type": "number", "bareNumber": False},
    {"type": "number", "bareNumber": False, "groupChar": ","},
    {"type": "number", "constraints": {"minimum": 0.1, "maximum": "0.3"}},
    {"type": "number", "constraints": {"enum": [5, "0.1"]}},
    {"type": "boolean", "trueValues": ["yes", "是"], "falseValues": ["no", "否"]},
    {"type": "boolean", "constraints": {"enum": [True]}},
    *({"type": "date", "format": f} for f in ("any", "%Y/%m/%d", "%d.%m.%Y", "%Y%m%d", "%Y年%m月%d日")),
    {"type": "date", "constraints": {"minimum": "2024-01-05", "maximum": "2024-12-31"}},
    {"type": "date", "constraints": {"enum": ["2024-01-05"]}},
    {"type": "time", "format": "any"},
    {"type": "time", "format": "%H.%M"},
    {"type": "datetime", "format": "any"},
    {"type": "datetime", "format": "%Y/%m/%d %H:%M:%S"},
    {"type": "year", "constraints": {"minimum": 1000, "maximum": "2024"}},
    {"type": "yearmonth", "constraints": {"minimum": "2024-01", "maximum": "2024-12"}},
    {"type": "geopoint", "format": "array"},
    {"type": "geopoint", "format": "object"},
    {"type": "object", "constraints": {"minLength": 1, "maxLength": 1}},
    {"type": "array", "constraints": {"minLength": 1, "maxLength": 2}},
    {"type": "list", "constraints": {"minLength": 2}},
    {"type": "list", "delimiter": ";"},
    *({"type": "list", "itemType": t} for t in ("integer", "boolean", "number", "date")),
    {"type": "duration", "constraints": {"enum": ["P1D"]}},
    {"type": "any", "constraints": {"enum": ["x", "1"]}},
]


def same_verdicts(folder: Path, resources: dict[str, Any]) -> None:
    expected = oracle(folder, resources)
    found = verdicts(read_all(folder, resources))
    for name in resources:
        assert found[name] == expected[name], (name, found[name] ^ expected[name])


@pytest.mark.parametrize("field", FIELDS, ids=lambda f: " ".join(map(str, f.values())))
def test_each_type_on_its_own_corpus(field: dict[str, Any], tmp_path: Path) -> None:
    texts = TEXTS[field["type"]]
    rows = [["id", "f"], *([str(i), text] for i, text in enumerate(texts))]
    schema = {"fields": [{"name": "id", "type": "string"}, {"name": "f", **field}]}
    same_verdicts(tmp_path, {"t": (csv_bytes(rows), schema)})


@pytest.mark.parametrize("kind", sorted(TEXTS))
def test_each_type_on_everybodys_corpus(kind: str, tmp_path: Path) -> None:
    texts = sorted({text for texts in TEXTS.values() for text in texts})
    rows = [["id", "f"], *([str(i), text] for i, text in enumerate(texts))]
    schema = {"fields": [{"name": "id", "type": "string"}, {"name": "f", "type": kind}]}
    same_verdicts(tmp_path, {"t": (csv_bytes(rows), schema)})


CORPUS = sorted({text for texts in TEXTS.values() for text in texts if len(text) < 100})
KEYABLE = ("string", "integer", "number", "date", "boolean", "year", "datetime")


@st.composite
def tables(draw: st.DrawFn) -> dict[str, Any]:
    """Two resources: `a` with keys, `b` that refers to it; rows of any length, blank lines, missing values."""
    count = draw(st.integers(1, 4))
    fields = [{"name": f"f{i}", **draw(st.sampled_from(FIELDS))} for i in range(count)]
    fields.insert(0, {"name": "k", "type": draw(st.sampled_from(KEYABLE))})
    for field in fields:
        if draw(st.booleans()):
            field["constraints"] = {**field.get("constraints", {}), "required": True}
        if draw(st.integers(0, 4)) == 0:
            field["missingValues"] = draw(st.sampled_from([["-"], ["", "x"], []]))
    if draw(st.booleans()):
        fields[0]["constraints"] = {**fields[0].get("constraints", {}), "unique": True}
    schema: dict[str, Any] = {"fields": fields, "missingValues": draw(st.sampled_from([[""], ["", "-", "x"], ["NaN"]]))}
    if draw(st.booleans()):
        schema["primaryKey"] = ["k"]
    if draw(st.integers(0, 3)) == 0:
        schema["foreignKeys"] = [{"fields": ["k"], "reference": {"resource": "", "fields": ["k"]}}]
    rows = [[field["name"] for field in fields]]
    for _ in range(draw(st.integers(0, 12))):
        cells = [draw(st.sampled_from(keys_of(fields[0]["type"])))]
        cells += [draw(st.sampled_from(["", *TEXTS[f["type"]][:40]]) | st.sampled_from(CORPUS)) for f in fields[1:]]
        length = draw(st.sampled_from([len(cells)] * 6 + [0, 1, len(cells) - 1, len(cells) + 1, len(cells) + 2]))
        rows.append([*cells, "", "more"][:length])
    refers = {
        "fields": [{"name": "r", "type": draw(st.sampled_from([fields[0]["type"], "string"]))}],
        "foreignKeys": [{"fields": ["r"], "reference": {"resource": "a", "fields": ["k"]}}],
    }
    others = [["r"], *([draw(st.sampled_from(keys_of(fields[0]["type"])))] for _ in range(draw(st.integers(0, 5))))]
    return {"a": (csv_bytes(rows), schema), "b": (csv_bytes(others), refers)}


def keys_of(kind: str) -> list[str]:
    """Few texts, so that values meet again, some of them written in two ways."""
    same = {"integer": ["5", "05", "+5", " 5", "6"], "number": ["1", "1.0", "1e0", "10e-1", "2", "0.5", ".50"]}
    same |= {"date": ["2024-01-05", "2024-1-5", "2024-01-06"], "boolean": ["true", "1", "0", "False"]}
    same |= {"year": ["2024", "0005", " 005"], "string": ["a", "A", "a ", "5"]}
    same |= {"datetime": ["2024-01-05T12:00:00Z", "2024-01-05T20:00:00+08:00", "2024-01-05T12:00:00"]}
    return [*same[kind], "", "x"]


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(tables())
def test_generated_tables(resources: dict[str, Any]) -> None:
    with TemporaryDirectory() as folder:
        same_verdicts(Path(folder), resources)


def test_the_oracle_can_disagree(tmp_path: Path) -> None:
    data = csv_bytes([["f"], ["x"], ["5"]])
    strict = oracle(tmp_path, {"t": (data, {"fields": [{"name": "f", "type": "integer"}]})})
    lax = verdicts(read_all(tmp_path, {"t": (data, {"fields": [{"name": "f", "type": "string"}]})}))
    assert strict["t"] == {(2, "f", "type-error")} != lax["t"]
