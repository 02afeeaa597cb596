"""Real packages: frictionless's verdicts on them and ours are the same."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from publish.load.tables import read_table
from publish.model.source import Dialect, PackageInfo, ResourceFile, SourceTable
from tests.validate.oracle import WHOLE_ROW, schema_of, verdicts

INPUTS = Path(__file__).resolve().parents[3] / "shared" / "inputs"
LEILOES = INPUTS / "leiloes"
LABOUR = INPUTS / "jp-labour"


def judged(path: Path, raw: dict[str, Any], delimiter: str, encoding: str = "utf-8") -> tuple[Any, Any]:
    """(frictionless's verdicts, ours) about one file."""
    from frictionless import Resource

    csv_dialect = {"delimiter": delimiter, "quoteChar": '"', "skipInitialSpace": False}
    descriptor = {
        "name": "t",
        "path": path.name,
        "type": "table",
        "format": "csv",
        "encoding": encoding,
        "dialect": {"header": True, "headerRows": [1], "csv": csv_dialect},
        "schema": raw,
    }
    report = Resource.from_descriptor(descriptor, basepath=str(path.parent)).validate(limit_errors=10**9)
    expected = {
        (row, "" if kind in WHOLE_ROW else field or "", kind)
        for row, field, kind in report.flatten(["rowNumber", "fieldName", "type"])
    }
    file = ResourceFile((path,), encoding, Dialect(delimiter=delimiter))
    schema = schema_of(raw)
    frame, misshapen, issues = read_table(file, schema, package="p", resource="t", limit=10**9)
    assert issues == ()
    return expected, verdicts([SourceTable(PackageInfo("p", "data/p"), "t", schema, frame, misshapen)])["t"]


@pytest.mark.skipif(not LEILOES.is_dir(), reason="../shared/inputs/leiloes is absent")
def test_leiloes() -> None:
    descriptor = yaml.safe_load((LEILOES / "datapackage.yaml").read_text(encoding="utf-8"))
    raw = descriptor["resources"][0]["schema"]
    path = LEILOES / "data" / "leiloes-2019-2023.csv"
    expected, found = judged(path, raw, ";", "utf-8-sig")
    assert found == expected
    typed = {"valor_lance_final": {"type": "number"}, "placa": {"constraints": {"pattern": "[A-Z]{3}[0-9]{4}"}}}
    stricter = {"fields": [{**f, **typed.get(f["name"], {})} for f in raw["fields"]], "primaryKey": ["leilao", "lote"]}
    expected, found = judged(path, stricter, ";", "utf-8-sig")
    assert found == expected
    assert {kind for _, _, kind in found} == {"type-error", "constraint-error", "primary-key"}


@pytest.mark.skipif(not LABOUR.is_dir(), reason="../shared/inputs/jp-labour is absent")
@pytest.mark.parametrize("name", [path.name for path in sorted(LABOUR.glob("*.tsv"))] if LABOUR.is_dir() else ["none"])
def test_labour_snapshots(name: str) -> None:
    path = LABOUR / name
    labels = path.read_text(encoding="utf-8").splitlines()[0].split("\t")
    fields: list[dict[str, Any]] = [{"name": label, "type": "string"} for label in labels]
    fields[1] = {**fields[1], "constraints": {"pattern": r"平成\d+年\d+月\d+日", "required": True}}
    fields[2] = {**fields[2], "constraints": {"unique": True, "maxLength": 20}}
    expected, found = judged(path, {"fields": fields}, "\t")
    assert found == expected
    assert found
