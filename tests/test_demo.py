"""The demonstration city: reproducible, honest about its schema, and nobody's real number in it."""

import gc
import gzip
import json
import re
import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import frictionless
import polars as pl
import pytest
import yaml

from tests.demo.committed import CONTENT, DATA, PACKAGES, comparable, everything_written, files, read
from tests.demo.generate import AS_OF, SEED, Sizes, generate
from tests.demo.penalties import PLANTED
from tests.demo.subjects import PLACEHOLDER

SUBJECT_CODES = {
    "penalties": ("CF_XDR_SHXYM", "CF_CFJGDM", "CF_SJLYDM"),
    "licences": ("XK_XDR_SHXYM", "XK_XKJGDM", "XK_LYDWDM"),
    "blacklist": ("MD_SHXYM", "MD_RDJGDM"),
    "redlist": ("统一社会信用代码", "认定机关代码"),
}
PERSON_NUMBERS = {
    "penalties": ("CF_FR_ZJHM", "CF_XDR_ZJHM"),
    "licences": ("XK_FR_ZJHM", "XK_XDR_ZJHM"),
    "blacklist": ("MD_ZJHM",),
    "redlist": ("证件号码",),
}
# GB/T 2260: first two digits of every province, 71, 81 and 82 included; 83 is used in residence permits.
REAL_REGIONS = {
    *("11", "12", "13", "14", "15", "21", "22", "23", "31", "32", "33", "34", "35", "36", "37", "41", "42", "43", "44"),
    *("45", "46", "50", "51", "52", "53", "54", "61", "62", "63", "64", "65", "71", "81", "82", "83"),
}


@pytest.fixture(scope="module")
def tables() -> dict[str, pl.DataFrame]:
    """The committed record tables."""
    return {package: read(DATA, package) for package in PACKAGES}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the generator makes with its defaults."""
    out = tmp_path_factory.mktemp("demo")
    generate(out, Sizes.of())
    return out


def test_the_committed_data_are_what_the_generator_makes(made: Path) -> None:
    assert files(made) == files(DATA)
    for name in files(made):
        assert comparable(made / name) == comparable(DATA / name), (
            f"{name}: run python -m tests.demo.generate --out data"
        )


def test_two_runs_give_the_same_bytes_and_another_seed_others(tmp_path: Path) -> None:
    sizes = Sizes.of(0.1)
    first, second = generate(tmp_path / "a", sizes), generate(tmp_path / "b", sizes)
    assert first == second
    for name in files(tmp_path / "a"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()
    other = generate(tmp_path / "c", sizes, seed=SEED + 1)
    assert all(other[name] != file for name, file in first.items())


def test_blocks_do_not_change_the_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = generate(tmp_path / "whole", Sizes.of(0.2))
    monkeypatch.setattr("tests.demo.generate._BLOCK", 37)
    assert generate(tmp_path / "blocks", Sizes.of(0.2)) == whole


def test_gzip_header_has_no_time_and_no_name() -> None:
    head = (DATA / "licences/licences.csv.gz").read_bytes()[:10]
    assert head[3] == 0, "no flags: no file name in the header"
    assert head[4:8] == bytes(4), "no modification time"


def test_sizes(tables: dict[str, pl.DataFrame]) -> None:
    assert {package: len(table) for package, table in tables.items()} == {
        "penalties": 2000,
        "licences": 1500,
        "blacklist": 120,
        "redlist": 150,
    }
    sizes = Sizes.of(penalties=1_000_000)
    assert (sizes.penalised, 2 * sizes.events) == (600_000, 20_000)


@pytest.mark.filterwarnings("ignore::ResourceWarning")
@pytest.mark.parametrize("package", PACKAGES)
def test_frictionless_finds_every_package_valid(package: str) -> None:
    report = frictionless.validate(str(DATA / package / PACKAGES[package]))
    assert report.valid, [error.type for error in report.errors] + [e.type for t in report.tasks for e in t.errors]
    assert not [warning for task in report.tasks for warning in task.warnings]
    assert sum(task.stats["rows"] or 0 for task in report.tasks) >= 120
    gc.collect()  # frictionless 5.21 leaves compressed files open; let the warning about it come here


def test_frictionless_would_find_a_fault(tmp_path: Path) -> None:
    """The schema means something: an unknown kind, a key twice and changed bytes are each found."""
    shutil.copytree(DATA / "redlist", tmp_path / "redlist")
    path = tmp_path / "redlist/redlist.tsv"
    lines = path.read_text(encoding="utf-8").split("\n")
    lines[1] = (
        lines[1].replace("法人及非法人组织", "无此类别").replace("自然人", "无此类别").replace("个体工商户", "无此类别")
    )
    lines[3] = lines[2]
    path.write_text("\n".join(lines), encoding="utf-8", newline="\n")
    report = frictionless.validate(str(tmp_path / "redlist/datapackage.json"))
    found = {error.type for task in report.tasks for error in task.errors}
    assert found == {"constraint-error", "primary-key", "unique-error", "hash-count", "byte-count"}


def test_packages_differ_in_form() -> None:
    """v1 and v2, JSON and YAML, GB18030, byte order mark, gzip, tab, CRLF: what publishers really send."""
    described = {package: described_as(package) for package in PACKAGES}
    assert "profile" in described["licences"]
    assert all("$schema" in described[package] for package in PACKAGES if package != "licences")
    assert (DATA / "redlist/redlist.tsv").read_bytes().startswith(b"\xef\xbb\xbf")
    assert (DATA / "penalties/repairs.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    with pytest.raises(UnicodeDecodeError):
        (DATA / "blacklist/blacklist.csv").read_bytes().decode("utf-8")
    assert b"\r\n" in gzip.decompress((DATA / "licences/licences.csv.gz").read_bytes())
    for package, descriptor in described.items():
        assert "disclosure" in descriptor, package


def described_as(package: str) -> dict[str, object]:
    text = (DATA / package / PACKAGES[package]).read_text(encoding="utf-8")
    assert "@bytes" not in text
    assert "@sha256" not in text
    loaded = json.loads(text) if PACKAGES[package].endswith("json") else yaml.safe_load(text)
    assert isinstance(loaded, dict)
    return loaded


def credit_code_faults(code: str) -> Iterator[str]:
    """Another reading of GB 32100 and GB 11714 than the generator's: digit by digit."""
    alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    total = sum(alphabet.index(letter) * pow(3, place, 31) for place, letter in enumerate(code[:17]))
    if alphabet[(31 - total % 31) % 31] != code[17]:
        yield "GB 32100 check character"
    body, weights = code[8:16], (3, 7, 9, 10, 5, 8, 4, 2)
    rest = 11 - sum(int(letter, 36) * weight for letter, weight in zip(body, weights, strict=True)) % 11
    if code[16] != {10: "X", 11: "0"}.get(rest, str(rest)):
        yield "GB 11714 check digit"
    if not code[2:8].isdigit() or code[2:4] in REAL_REGIONS:
        yield "a region that may be real"


def test_the_checks_know_real_codes() -> None:
    """The oracle is right: it accepts checksums of real codes, and objects to their regions."""
    assert list(credit_code_faults("914403001922038216")) == ["a region that may be real"]
    assert list(credit_code_faults("91350100M000100Y43")) == ["a region that may be real"]
    assert "GB 32100 check character" in list(credit_code_faults("914403001922038217"))


@pytest.mark.parametrize("package", PACKAGES)
def test_credit_codes_are_valid_and_nobodys(tables: dict[str, pl.DataFrame], package: str) -> None:
    codes = {
        code
        for column in SUBJECT_CODES[package]
        for code in tables[package][column].drop_nulls()
        if code != PLACEHOLDER
    }
    assert len(codes) > 50
    faults = {fault for code in codes for fault in credit_code_faults(code)}
    assert not faults


def test_a_code_is_one_subject(tables: dict[str, pl.DataFrame]) -> None:
    names = pl.concat(
        [
            tables["penalties"].select(code="CF_XDR_SHXYM", name="CF_XDR_MC"),
            tables["licences"].select(code="XK_XDR_SHXYM", name="XK_XDR_MC"),
            tables["blacklist"].select(code="MD_SHXYM", name="MD_ZTMC"),
            tables["redlist"].select(code="统一社会信用代码", name="主体名称"),
        ]
    ).filter(pl.col("code").is_not_null() & (pl.col("code") != PLACEHOLDER))
    assert names.group_by("code").agg(pl.col("name").n_unique())["name"].max() == 1
    assert names.group_by("name").agg(pl.col("code").n_unique())["code"].max() == 1
    assert (names.group_by("code").len()["len"] >= 5).any(), "subject pages with several records"


def test_sole_traders_without_a_code_have_a_registration_number(tables: dict[str, pl.DataFrame]) -> None:
    uncoded = tables["penalties"].filter(pl.col("CF_XDR_SHXYM") == PLACEHOLDER)
    assert len(uncoded) > 5
    assert uncoded["CF_XDR_GSZC"].null_count() == 0
    assert set(uncoded["CF_XDR_LB"]) == {"个体工商户"}


@pytest.mark.parametrize("package", PACKAGES)
def test_person_numbers_look_real_and_are_not(tables: dict[str, pl.DataFrame], package: str) -> None:
    numbers = [n for column in PERSON_NUMBERS[package] for n in tables[package][column].drop_nulls()]
    assert len(numbers) > 10
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    for number in numbers:
        total = sum(int(digit) * weight for digit, weight in zip(number[:17], weights, strict=True))
        assert "10X98765432"[total % 11] == number[17]
        born = date.fromisoformat(f"{number[6:10]}-{number[10:12]}-{number[12:14]}")
        assert born < AS_OF.replace(year=AS_OF.year - 21), "nobody is a minor on any decision"
        assert number[:2] not in REAL_REGIONS


def test_no_number_of_a_real_person_or_place() -> None:
    """No mobile number, no resident ID with a real region, anywhere in data/ and content/, running text included.

    Two that are known to be nobody's, the standard's own sample among them, are planted in the data on purpose.
    """
    mobile = re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)")
    resident = re.compile(r"(?<![0-9A-Z])([1-9]\d)\d{4}(?:19|20)\d{2}[01]\d[0-3]\d{4}[0-9X](?![0-9A-Z])")
    seen = 0
    planted: dict[str, set[str]] = {number: set() for number in PLANTED}
    for name, text in everything_written():
        for number, files_with in planted.items():
            files_with.update({name} if number in text else ())
            text = text.replace(number, "")
        assert not mobile.search(text), f"{name} holds what looks like a mobile number"
        regions = {match[1] for match in resident.finditer(text)}
        assert not regions & REAL_REGIONS, f"{name} holds a number with a real region"
        seen += bool(regions)
    assert seen >= 4, "the search finds the numbers that are there"
    corrections = {"penalties/corrections.csv", "blacklist/corrections.csv"}
    assert list(planted.values()) == [{"penalties/penalties.csv"}, {"penalties/penalties.csv"} | corrections]


CATALOGUE = {"update_cycle", "data_source", "scope_of_use", "data_format", "period_of_use", "retention_period"}


@pytest.mark.parametrize("package", PACKAGES)
def test_every_dataset_states_what_a_catalogue_states(package: str) -> None:
    """Content, scope of use, update cycle, source, format, period of use and retention period (JS-M 8)."""
    block = described_as(package)["disclosure"]
    assert isinstance(block, dict)
    for name, entry in block["resources"].items():
        if "register" not in entry:
            stated = CATALOGUE | {"description", "authority_level"}
            assert {key for key in stated if entry.get(key)} == stated, name


def test_document_numbers_are_distinct_and_fictional(tables: dict[str, pl.DataFrame]) -> None:
    for package, column in (("penalties", "CF_WSH"), ("licences", "XK_WSH"), ("blacklist", "MD_JDWH")):
        numbers = tables[package][column]
        assert numbers.is_unique().all()
        assert numbers.str.contains(r"^汀澜[\u4e00-\u9fff]{2,8}〔20\d\d〕\d{1,5}号$").all()


def test_content_says_that_it_is_a_demonstration() -> None:
    config = yaml.safe_load((CONTENT / "site.yaml").read_text(encoding="utf-8"))
    assert "虚构" in config["demonstration"]
    assert config["base_url"].endswith(".example")
    for path in [*CONTENT.glob("policies/**/*.md"), *CONTENT.glob("pages/*.md")]:
        assert "虚构" in path.read_text(encoding="utf-8"), path.name
    assert len(list(CONTENT.glob("policies/*.md"))) == 5
