"""Data packages: descriptors, files, blocks. The content of the tables is test_tables.py's."""

import bz2
import copy
import gzip
import hashlib
import io
import json
import lzma
import shutil
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from publish.load.packages import load_data_packages
from publish.model.config import Limits, SiteConfig
from publish.model.issue import Issue, Level
from publish.model.source import Constraints, ForeignKey, Publicity, Role, SourceTable
from publish.model.terms import Absence, Kind, Register, SubjectKind

Write = Callable[[dict[str, str | bytes]], Path]
CSV = "no,who,day\n1,甲,2026-01-05\n2,乙,2026-01-06\n"
LEILOES = Path(__file__).resolve().parents[3] / "shared" / "inputs" / "leiloes"
V2 = "https://datapackage.org/profiles/2.0/datapackage.json"


def descriptor(**resource: Any) -> dict[str, Any]:
    """A sound package with one resource, changed by `resource`."""
    base = {
        "name": "acts",
        "path": "acts.csv",
        "schema": {"fields": [{"name": "no", "type": "integer"}, {"name": "who"}, {"name": "day", "type": "date"}]},
    }
    return {"name": "pack", "resources": [base | resource], "disclosure": block()}


def block(**entry: Any) -> dict[str, Any]:
    fields = {"no": {"role": "record_id", "class": "public"}, "who": {"role": "subject_name"}}
    return {"provider": "局", "resources": {"acts": {"title": "法", "kind": "penalty", "fields": fields} | entry}}


@pytest.fixture
def load(write_site: Write, config: SiteConfig) -> Callable[..., tuple[tuple[SourceTable, ...], tuple[Issue, ...]]]:
    def run(
        package: dict[str, Any] | str, files: dict[str, str | bytes] | None = None, **site: str
    ) -> tuple[tuple[SourceTable, ...], tuple[Issue, ...]]:
        text = package if isinstance(package, str) else yaml.safe_dump(package, allow_unicode=True, sort_keys=False)
        data = {f"data/pack/{name}": content for name, content in (files or {"acts.csv": CSV}).items()}
        return load_data_packages(write_site({"data/pack/datapackage.yaml": text} | data | site), config)

    return run


Load = Callable[..., tuple[tuple[SourceTable, ...], tuple[Issue, ...]]]


def codes(issues: tuple[Issue, ...]) -> list[str]:
    return [issue.code for issue in issues]


def test_a_sound_package(load: Load) -> None:
    (table,), issues = load(descriptor())
    assert issues == ()
    assert table.frame.select("no", "who").rows() == [("1", "甲"), ("2", "乙")]
    assert table.disclosure is not None
    assert (table.disclosure.dataset, table.disclosure.kind, table.disclosure.provider) == ("acts", Kind.PENALTY, "局")
    assert [(spec.role, spec.publicity) for spec in table.schema.fields] == [
        (Role.RECORD_ID, Publicity.PUBLIC),
        (Role.SUBJECT_NAME, None),
        (None, None),
    ]


def test_json_descriptor_reads_alike(load: Load, write_site: Write, config: SiteConfig) -> None:
    (of_yaml,), _ = load(descriptor())
    root = write_site({"data/pack/datapackage.json": json.dumps(descriptor())})
    (root / "data/pack/datapackage.yaml").unlink()
    (of_json,), issues = load_data_packages(root, config)
    assert issues == ()
    assert (of_json.schema, of_json.disclosure) == (of_yaml.schema, of_yaml.disclosure)


def test_the_whole_block(load: Load) -> None:
    entry = {
        "dataset": "penalties",
        "provider": "另一局",
        "provider_code": "11",
        "description": "说明",
        "legal_basis": ["《条例》第一条"],
        "official": False,
        "absence": "exit",
        "published_since": date(2026, 1, 1),
        "subject_kind": "organisation",
        "update_cycle": "每日",
        "values": {"severity": {"1": "minor", "是": "serious"}},
        "fields": {"no": {"role": "record_id", "class": "shared", "title": "编号", "description": "号"}},
    }
    (table,), issues = load(descriptor() | {"disclosure": block(**entry)})
    assert issues == ()
    spec = table.disclosure
    assert spec is not None
    assert (spec.dataset, spec.provider, spec.provider_code, spec.description) == ("penalties", "另一局", "11", "说明")
    assert (spec.legal_basis, spec.official, spec.absence) == (("《条例》第一条",), False, Absence.EXIT)
    assert (spec.published_since, spec.subject_kind) == (date(2026, 1, 1), SubjectKind.ORGANISATION)
    assert (spec.update_cycle, spec.values) == ("每日", {"severity": {"1": "minor", "是": "serious"}})
    assert (table.schema.named("no").title, table.schema.named("no").description) == ("编号", "号")


def test_values_are_the_written_text_of_the_cells(load: Load) -> None:
    text = yaml.safe_dump(descriptor() | {"disclosure": block(values={})}, allow_unicode=True)
    text = text.replace("values: {}", "values: {severity: {01: minor, yes: serious, 2026-01-01: general}}")
    (table,), _ = load(text)
    assert table.disclosure is not None
    assert table.disclosure.values["severity"] == {"01": "minor", "yes": "serious", "2026-01-01": "general"}


def test_registers(load: Load) -> None:
    package = descriptor()
    package["resources"].append({"name": "repairs", "path": "r.csv", "schema": {}})
    package["resources"][1]["schema"]["fields"] = [{"name": name} for name in ("no", "day", "state")]
    package["disclosure"]["resources"]["repairs"] = {
        "register": "repair",
        "of": "acts",
        "values": {"event_state": {"完成": "granted"}},
        "fields": {"no": {"role": "record_id"}, "day": {"role": "event_date"}, "state": {"role": "event_state"}},
    }
    (_, table), issues = load(package, {"acts.csv": CSV, "r.csv": "no,day,state\n1,2026-01-05,完成\n"})
    assert issues == ()
    assert table.disclosure is None
    assert table.register is not None
    assert (table.register.register, table.register.of) == (Register.REPAIR, "acts")


def test_a_table_schema_in_full(load: Load) -> None:
    text = """
$schema: https://datapackage.org/profiles/2.0/datapackage.json
name: pack
version: 1.0
created: 2024-01-01
keywords: [甲]
licenses: [{name: CC0-1.0, path: 'javascript:alert(1)'}]
homepage: https://credit.example
resources:
  - name: 法律文书
    path: acts.csv
    schema:
      fieldsMatch: equal
      missingValues: ['', '-']
      primaryKey: 'no'
      uniqueKeys: [['no', who], who]
      foreignKeys: [{fields: who, reference: {fields: [who]}}]
      fields:
        - name: 'no'
          type: integer
          groupChar: ','
          bareNumber: false
          constraints: {required: true, unique: true, minimum: 0x0, maximum: 1e3, enum: [1, 02]}
        - name: who
          type: string
          categories: [甲, 乙]
          constraints: {enum: [乙, 丙], maxLength: 3}
        - name: day
          type: date
          format: fmt:%Y-%m-%d
          missingValues: [x]
          constraints: {minimum: 2024-01-01}
"""
    (table,), issues = load(text)
    assert codes(issues) == ["disclosure.no-block"]
    assert (table.package.version, table.package.homepage) == ("1.0", "https://credit.example")
    assert [(item.name, item.url) for item in table.package.licenses] == [("CC0-1.0", "")]
    schema = table.schema
    assert (schema.fields_match, schema.missing_values, schema.primary_key) == ("equal", ("", "-"), ("no",))
    assert schema.unique_keys == (("no", "who"), ("who",))
    assert schema.foreign_keys == (ForeignKey(("who",), "", ("who",)),)
    assert schema.fields[0].constraints == Constraints(True, True, None, ("1", "02"), "0x0", "1e3")
    assert schema.fields[0].options == {"groupChar": ",", "bareNumber": False}
    assert schema.fields[1].constraints == Constraints(enum=("乙",), max_length=3)
    assert (schema.fields[2].format, schema.fields[2].missing_values) == ("%Y-%m-%d", ("x",))
    assert schema.fields[2].constraints.minimum == "2024-01-01"


def test_missing_values_in_object_form_belong_to_v2(load: Load) -> None:
    package = descriptor()
    package["resources"][0]["schema"]["missingValues"] = [{"value": "-", "label": "无"}]
    assert codes(load(package)[1]) == ["package.bad-descriptor"]
    (table,), issues = load(package | {"$schema": V2})
    assert (issues, table.schema.missing_values) == ((), ("-",))


def test_categories_belong_to_v2(load: Load) -> None:
    package = descriptor()
    package["resources"][0]["schema"]["fields"][1]["categories"] = ["甲", "乙"]
    (table,), _ = load(package)
    assert table.schema.fields[1].constraints.enum is None
    (table,), _ = load(package | {"$schema": V2})
    assert table.schema.fields[1].constraints.enum == ("甲", "乙")


def test_schema_and_dialect_in_files(load: Load) -> None:
    fields = json.dumps(descriptor()["resources"][0]["schema"])
    files = {"acts.csv": CSV.replace(",", ";"), "s/schema.json": fields, "dialect.yaml": "delimiter: ;\n"}
    (table,), issues = load(descriptor(schema="s/schema.json", dialect="dialect.yaml"), files)
    assert issues == ()
    assert table.frame.height == 2
    _, issues = load(descriptor(schema="s/schema.json"), files | {"s/schema.json": '{\n"fields": [{"type": "date"}]}'})
    assert [str(issue) for issue in issues] == [
        "error package.missing-key data/pack/s/schema.json:2: fields[0].name: this key is required"
    ]


def zipped(name: str, content: bytes) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("readme.txt", "no table")
        archive.writestr(name, content)
    return target.getvalue()


@pytest.mark.parametrize(
    ("name", "data", "more"),
    [
        ("acts.csv.gz", gzip.compress(CSV.encode(), mtime=0), {}),
        ("acts.csv.bz2", bz2.compress(CSV.encode()), {}),
        ("acts.csv.xz", lzma.compress(CSV.encode()), {}),
        ("acts.data", gzip.compress(CSV.encode(), mtime=0), {"compression": "gz", "format": "csv"}),
        ("acts.zip", zipped("in/acts.csv", CSV.encode()), {"innerpath": "in/acts.csv"}),
        ("acts.tsv", CSV.replace(",", "\t").encode(), {}),
        ("acts.csv", CSV.encode("utf-8-sig"), {"encoding": "utf-8-sig"}),
        ("acts.csv", CSV.encode("utf-8-sig"), {}),
        ("acts.csv", CSV.encode("gb18030"), {"encoding": "GB2312"}),
        ("acts.csv", CSV.encode("gbk"), {"encoding": "gbk"}),
    ],
)
def test_formats_and_encodings(load: Load, name: str, data: bytes, more: dict[str, str]) -> None:
    (table,), issues = load(descriptor(path=name, **more), {name: data})
    assert issues == ()
    assert table.frame.select("no", "who").rows() == [("1", "甲"), ("2", "乙")]


def test_several_paths_make_one_table(load: Load) -> None:
    files = {"a.csv": CSV, "b.csv": "no,who,day\n3,丙,2026-01-07\n"}
    (table,), issues = load(descriptor(path=["a.csv", "b.csv"]), files)
    assert (issues, table.frame["no"].to_list()) == ((), ["1", "2", "3"])


@pytest.mark.parametrize("algorithm", ["md5", "sha1", "sha256", "sha512"])
@pytest.mark.parametrize("prefix", [True, False])
def test_hash_of_the_stored_file(load: Load, algorithm: str, prefix: bool) -> None:
    data = gzip.compress(CSV.encode())
    digest = hashlib.new(algorithm, data).hexdigest().upper()
    text = f"{algorithm}:{digest}" if prefix else digest
    assert load(descriptor(path="a.csv.gz", hash=text, bytes=len(data)), {"a.csv.gz": data})[1] == ()
    wrong = text[:-1] + ("0" if text[-1] != "0" else "1")
    tables, issues = load(descriptor(path="a.csv.gz", hash=wrong, bytes=1), {"a.csv.gz": data})
    assert (tables, codes(issues)) == ((), ["package.wrong-bytes", "package.wrong-hash"])


def test_older_ways_to_give_a_hash(load: Load) -> None:
    digest = hashlib.sha256(CSV.encode()).hexdigest()
    assert load(descriptor(hashing="sha256", hash=digest))[1] == ()
    assert load(descriptor(stats={"sha256": digest, "bytes": len(CSV.encode())}))[1] == ()
    assert codes(load(descriptor(stats={"sha256": digest[::-1]}))[1]) == ["package.wrong-hash"]
    assert codes(load(descriptor(hashing="md5", hash=digest))[1]) == ["package.unknown-hash"]


def test_the_limit_is_handed_to_the_reader(write_site: Write, config: SiteConfig) -> None:
    root = write_site({"data/pack/datapackage.yaml": yaml.safe_dump(descriptor()), "data/pack/acts.csv": CSV})
    tables, issues = load_data_packages(root, replace(config, limits=Limits(max_resource_bytes=10)))
    assert tables == ()
    assert [issue.level for issue in issues] == [Level.ERROR]


def test_one_bad_package_hides_no_other(write_site: Write, config: SiteConfig) -> None:
    good = yaml.safe_dump(descriptor())
    root = write_site(
        {
            "data/a/datapackage.yaml": "resources: [\n",
            "data/b/datapackage.yaml": good,
            "data/b/acts.csv": CSV,
            "data/c/datapackage.yaml": good.replace("name: pack", "name: c").replace("path: acts", "path: http://x/"),
        }
    )
    tables, issues = load_data_packages(root, config)
    assert [table.package.folder for table in tables] == ["data/b"]
    assert set(codes(issues)) >= {"package.bad-syntax", "package.remote-path"}


def test_hidden_folders_and_loose_files_are_no_packages(write_site: Write, config: SiteConfig) -> None:
    root = write_site({"data/.cache/x": "", "data/README.md": ""})
    assert load_data_packages(root, config) == ((), ())


def test_custom_profiles_are_never_fetched(load: Load, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("a socket was opened")

    monkeypatch.setattr("socket.socket.connect", refuse)
    package = descriptor(profile="https://credit.example/resource.json") | {
        "profile": "http://credit.example/package.json",
        "$schema": "https://credit.example/custom.json",
    }
    (_,), issues = load(package)
    assert [(issue.code, issue.level) for issue in issues] == [("package.custom-profile", Level.WARNING)] * 2


def test_leiloes_loads_unchanged_through_an_overlay(tmp_path: Path, config: SiteConfig) -> None:
    if not LEILOES.is_dir():
        pytest.skip("../shared/inputs/leiloes is absent")
    shutil.copytree(LEILOES, tmp_path / "data" / "leiloes")
    overlay = tmp_path / "content" / "overlays" / "leiloes.yaml"
    overlay.parent.mkdir(parents=True)
    ids = {name: {"role": "record_id", "class": "public"} for name in ("ano", "leilao", "lote")}
    entry = {"title": "Leilões", "kind": "other", "fields": ids}
    overlay.write_text(
        yaml.safe_dump(
            {"package": "leiloes", "disclosure": {"provider": "SEPLAG", "resources": {"leiloes-2019-2023": entry}}}
        )
    )
    (table,), issues = load_data_packages(tmp_path, config)
    assert [(issue.code, issue.level, issue.line) for issue in issues] == [("package.duplicate-key", Level.WARNING, 20)]
    assert table.frame.columns == [*(spec.name for spec in table.schema.fields), "_row"]
    assert table.frame.height > 1000
    assert table.misshapen.height == 0
    assert [spec.name for spec in table.schema.with_role(Role.RECORD_ID)] == ["ano", "leilao", "lote"]


def test_an_overlay_wins_whole(load: Load) -> None:
    overlay = yaml.safe_dump({"package": "pack", "disclosure": block(title="另")}, allow_unicode=True)
    overlay = overlay.replace("provider: 局", "provider: 丁")
    package = descriptor() | {"disclosure": {"provider": "x", "resources": {"none": {}}}}
    (table,), issues = load(package, None, **{"content/overlays/o.yaml": overlay})
    assert issues == ()
    assert table.disclosure is not None
    assert (table.disclosure.title, table.disclosure.provider) == ("另", "丁")


LEAVES = st.one_of(st.none(), st.booleans(), st.integers(-2, 3), st.text(max_size=3), st.just(["x"]), st.just({"x": 1}))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_mutated_descriptor_gives_issues_and_never_an_exception(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory, config: SiteConfig
) -> None:
    package = descriptor(
        hash="md5:00", dialect={"delimiter": ",", "csv": {"quoteChar": "'"}}, licenses=[{"name": "x"}]
    ) | {"$schema": V2, "created": "2024-01-01", "licenses": [{"name": "x"}], "keywords": ["x"]}
    schema = package["resources"][0]["schema"]
    schema |= {"primaryKey": "no", "foreignKeys": [{"fields": "no", "reference": {"fields": ["no"]}}]}
    schema["fields"][0]["constraints"] = {"enum": [1], "minimum": 1}
    schema["fields"][1]["missingValues"] = [{"value": "-"}]
    for _ in range(data.draw(st.integers(1, 3))):
        mutate(package, data)
    root = tmp_path_factory.mktemp("site")
    (root / "data" / "pack").mkdir(parents=True)
    (root / "data/pack/acts.csv").write_text(CSV, encoding="utf-8")
    (root / "data/pack/datapackage.json").write_text(json.dumps(package), encoding="utf-8")
    tables, issues = load_data_packages(root, config)
    assert all(isinstance(issue, Issue) and issue.code for issue in issues)
    assert all(table.disclosure is None or table.disclosure.provider for table in tables)


def mutate(package: dict[str, Any], data: st.DataObject) -> None:
    """Replace, remove or add something somewhere."""
    here: Any = package
    while True:
        keys = list(here) if isinstance(here, dict) else list(range(len(here)))
        if not keys:
            return
        key = data.draw(st.sampled_from(keys))
        child = here[key]
        if isinstance(child, (dict, list)) and child and data.draw(st.integers(0, 4)):
            here = child
            continue
        action = data.draw(st.sampled_from(["replace", "remove", "add"]))
        if action == "remove":
            del here[key]
        elif action == "replace" or isinstance(here, list):
            here[key] = copy.deepcopy(data.draw(LEAVES))
        else:
            here[data.draw(st.text(max_size=3))] = copy.deepcopy(data.draw(LEAVES))
        return
