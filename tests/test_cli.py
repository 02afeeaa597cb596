"""The command line: help, exit codes, explain, check; and that its docs are complete."""

import json
import shutil
from datetime import UTC, date, datetime
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from publish.cli import main
from publish.load.config import load_config
from publish.pipeline.inputs import day_of
from tests.sitekit import SITES

ROOT = Path(__file__).resolve().parents[1]
AS_OF = ["--as-of", "2026-11-20"]


@pytest.fixture
def site(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SITES / "minimal", tmp_path / "root"))


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments))


def test_every_command_and_option_is_in_the_docs() -> None:
    text = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
    for name, command in main.commands.items():
        assert f"## {name}" in text
        for parameter in command.params:
            if isinstance(parameter, click.Option):
                assert f"`{parameter.opts[0]}`" in text, f"{name} {parameter.opts[0]}"
        assert command.help


def test_every_option_has_help() -> None:
    for command in main.commands.values():
        for parameter in command.params:
            assert not isinstance(parameter, click.Option) or parameter.help, parameter.name


def test_build_tells_what_it_did(site: Path, tmp_path: Path) -> None:
    result = run("build", "--root", str(site), "--out", str(tmp_path / "out"), *AS_OF)
    assert result.exit_code == 0, result.output
    for part in ("packages: 1, records in: 4, published: 2", "national.n36.minor: 1", "expired: 1", "exit notices: 0"):
        assert part in result.output
    for stage in ("load", "validate", "disclose", "derive", "render", "release"):
        assert f"{stage}: " in result.output


def test_a_stopped_build_exits_with_1(site: Path, tmp_path: Path) -> None:
    (site / "content" / "site.yaml").write_text("nmae: x\n", encoding="utf-8")
    result = run("build", "--root", str(site), "--out", str(tmp_path / "out"), *AS_OF)
    assert result.exit_code == 1
    assert "content/site.yaml:1" in result.output
    assert not (tmp_path / "out" / "current").exists()


def test_a_wrong_command_line_exits_with_2() -> None:
    assert run("build", "--as-of", "yesterday").exit_code == 2
    assert run("bulid").exit_code == 2


def test_check_is_0_for_good_and_1_for_bad(site: Path) -> None:
    assert run("check", "--root", str(site)).exit_code == 0
    bad = run("check", "--root", str(SITES / "bad-rows-type"), "--json")
    assert bad.exit_code == 1
    findings = [json.loads(line) for line in bad.stdout.splitlines() if line.startswith("{")]
    assert [(f["code"], f["row"], f["field"]) for f in findings] == [("cell.type", 3, "fine")]


def test_explain(site: Path) -> None:
    for record, outcome, rules in (
        ("1", "public", ["national.n36.validity"]),
        ("2", "public", ["national.n36.validity"]),
        ("3", "expired", ["national.n36.validity"]),
        ("4", "withheld", ["national.n36.minor"]),
    ):
        result = run("explain", record, "--root", str(site), "--json", *AS_OF)
        assert result.exit_code == 0, result.output
        (told,) = [json.loads(line) for line in result.stdout.splitlines()]
        assert told["outcome"] == outcome
        assert [d["rule"] for d in told["decisions"] if not d["field"]] == rules
        assert all(d["citation"] for d in told["decisions"])
        assert "示例" not in result.stdout.replace("示例办公室", ""), "no values"


def test_explain_on_another_day(site: Path) -> None:
    result = run("explain", "3", "--root", str(site), "--json", "--as-of", "2026-09-01")
    assert '"outcome": "public"' in result.stdout


def test_explain_an_unknown_record_exits_with_3(site: Path) -> None:
    assert run("explain", "999", "--root", str(site), *AS_OF).exit_code == 3


def test_the_secret_changes_addresses_and_nothing_else(site: Path, tmp_path: Path) -> None:
    key = tmp_path / "key"
    key.write_bytes(b"a secret\n")
    keys = []
    for out, options in (("one", []), ("two", ["--key-file", str(key)])):
        assert run("build", "--root", str(site), "--out", str(tmp_path / out), *AS_OF, *options).exit_code == 0
        keys.append({path.stem for path in (tmp_path / out / "current" / "r").rglob("*.html")})
    assert len(keys[0]) == len(keys[1]) == 2
    assert not keys[0] & keys[1]


def test_serve_wants_a_release(tmp_path: Path) -> None:
    assert run("serve", "--out", str(tmp_path)).exit_code == 1


def test_the_demo_configuration_is_sound() -> None:
    assert load_config(ROOT).demonstration


@pytest.mark.parametrize(("hour", "day"), [(15, date(2026, 11, 20)), (16, date(2026, 11, 21))])
def test_today_is_a_day_of_the_sites_time_zone(site: Path, hour: int, day: date) -> None:
    """Shanghai is eight hours ahead of UTC."""
    assert day_of(site, datetime(2026, 11, 20, hour, 30, tzinfo=UTC)) == day
