"""The command line about releases: listing them, going back, pruning, and what a build leaves and tells."""

import json
import os
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from publish.cli import main
from tests.sitekit import SITES, eventually, tree

DAYS = ("2026-09-01", "2026-09-02", "2026-09-03")


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments))


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with `root`, a site that keeps two releases, and `out`, with those of DAYS."""
    folder = tmp_path_factory.mktemp("releases")
    root = Path(shutil.copytree(SITES / "minimal", folder / "root"))
    config = root / "content" / "site.yaml"
    config.write_text(config.read_text(encoding="utf-8") + "releases: {keep: 2, in_use_hours: 1}\n", encoding="utf-8")
    for day in DAYS:
        result = run("build", "--root", str(root), "--out", str(folder / "out"), "--as-of", day)
        assert result.exit_code == 0, result.output
    return folder


@pytest.fixture
def site(built: Path, tmp_path: Path) -> Path:
    """A copy that a test may change."""
    return Path(shutil.copytree(built, tmp_path / "site", symlinks=True))


def entries(site: Path) -> list[dict[str, object]]:
    result = run("releases", "--out", str(site / "out"), "--json")
    assert result.exit_code == 0
    return [json.loads(line) for line in result.stdout.splitlines()]


def long_ago(site: Path) -> None:
    for release in (site / "out" / "releases").iterdir():
        os.utime(release, (0, 0))


def test_releases(site: Path) -> None:
    first, second, third = entries(site)
    assert [entry["as_of"] for entry in (first, second, third)] == list(DAYS)
    assert [entry["live"] for entry in (first, second, third)] == [False, False, True]
    assert [entry["before"] for entry in (first, second, third)] == [False, True, False]
    assert third["until"] is None
    assert first["until"]
    assert (first["published"], second["published"]) == (2, 1)
    for entry in (first, second, third):
        for figure in ("files", "bytes", "seconds", "memory"):
            assert entry[figure], figure
    text = run("releases", "--out", str(site / "out")).stdout
    assert text.splitlines()[3].endswith("  live")
    assert "the one before" in text.splitlines()[2]


def test_no_releases(tmp_path: Path) -> None:
    result = run("releases", "--out", str(tmp_path))
    assert (result.exit_code, "no releases" in result.stdout) == (0, True)


def test_going_back_to_a_past_day_is_refused_with_the_reason(site: Path) -> None:
    out = site / "out"
    live = (out / "current").readlink()
    arguments = ["roll-back", DAYS[0], "--root", str(site / "root"), "--out", str(out)]
    refused = run(*arguments)
    assert refused.exit_code == 1
    assert "release.past-day" in refused.output
    assert "release.shows-again" in refused.output
    assert "expired 1" in refused.output
    assert "the live release is as it was" in refused.output
    assert (out / "current").readlink() == live
    done = run(*arguments, "--shows-again")
    assert done.exit_code == 0, done.output
    assert (out / "current").readlink().name.startswith(DAYS[0])
    assert [entry["as_of"] for entry in entries(site) if entry["live"]] == [DAYS[0]]


def test_going_back_in_need_wants_no_sound_configuration(site: Path) -> None:
    (site / "root" / "content" / "site.yaml").write_text("nmae: x\n", encoding="utf-8")
    arguments = ["roll-back", "--root", str(site / "root"), "--out", str(site / "out")]
    assert run(*arguments).exit_code == 1
    assert run(*arguments, "--shows-again").exit_code == 0
    assert (site / "out" / "current").readlink().name.startswith(DAYS[1])


def test_going_back_to_an_unknown_release_names_those_that_are_there(site: Path) -> None:
    result = run("roll-back", "2020-01-01", "--root", str(site / "root"), "--out", str(site / "out"))
    assert result.exit_code == 1
    assert DAYS[2] in result.output


def test_prune_tells_and_removes(site: Path) -> None:
    arguments = ["prune", "--root", str(site / "root"), "--out", str(site / "out")]
    before = tree(site / "out" / "current")
    assert run(*arguments).stdout == "removing nothing\n", "somebody may still read what was just replaced"
    long_ago(site)
    names = [str(entry["name"]) for entry in entries(site)]
    assert run(*arguments, "--dry-run").stdout == f"would remove {names[0]}\n"
    assert len(entries(site)) == 3
    assert run(*arguments).stdout == f"removing {names[0]}\n"
    assert [entry["name"] for entry in entries(site)] == names[1:]
    assert list((site / "out" / "trash").iterdir()) == []
    assert not [path for path in (site / "out" / "state").iterdir() if names[0] in path.name]
    assert run(*arguments, "--keep", "2", "--days", "1", "--hours", "0").stdout == "removing nothing\n"
    assert tree(site / "out" / "current") == before
    assert run(*arguments, "--keep", "1").exit_code == 2


def test_prune_without_a_site_wants_every_number(site: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    arguments = ["prune", "--root", str(tmp_path / "empty"), "--out", str(site / "out"), "--dry-run"]
    assert run(*arguments, "--keep", "2").exit_code == 1
    assert run(*arguments, "--keep", "2", "--days", "9", "--hours", "0").stdout.startswith("would remove 2026-09-01-")


def test_a_build_puts_old_releases_aside_and_does_not_wait_for_their_removal(site: Path) -> None:
    long_ago(site)
    left = site / "out" / "trash" / "left-by-a-killed-removal"
    left.mkdir(parents=True)
    arguments = ["build", "--root", str(site / "root"), "--out", str(site / "out"), "--as-of", "2026-09-04"]
    result = run(*arguments, "--profile", str(site / "trace.json"))
    assert result.exit_code == 0, result.output
    told = next(line for line in result.stdout.splitlines() if line.startswith("old releases being removed: "))
    assert [name[:10] for name in told.partition(": ")[2].split(", ")] == list(DAYS[:2])
    assert [entry["as_of"] for entry in entries(site)] == [DAYS[2], "2026-09-04"]
    assert eventually(lambda: list((site / "out" / "trash").iterdir()) == []), "what another one left too"
    trace = json.loads((site / "trace.json").read_text(encoding="utf-8"))
    spans = {event["name"] for event in trace["traceEvents"] if event["ph"] == "X"}
    assert spans >= {"load", "data packages", "search index", "render", "private values", "verify", "make live"}
    assert any(event["ph"] == "C" for event in trace["traceEvents"])


def test_what_a_build_takes_is_told_and_kept_beside_its_state(site: Path) -> None:
    """It differs each time, so it is in no file that the same input must give again."""
    out = site / "out"
    arguments = ["build", "--root", str(site / "root"), "--out", str(out), "--as-of", DAYS[2]]
    name = (out / "current").readlink().name
    costs = out / "state" / f"{name}.costs.json"
    tables = ("publication.json", "records.parquet", "ledger.parquet")
    before, state = costs.read_bytes(), [(out / "state" / name / table).read_bytes() for table in tables]
    result = run(*arguments)
    assert (out / "current").readlink().name == name
    assert [(out / "state" / name / table).read_bytes() for table in tables] == state
    assert "seconds" not in (out / "state" / name / "report.json").read_text(encoding="utf-8")
    assert costs.read_bytes() != before
    kept = json.loads(costs.read_text())
    assert [cost["name"] for cost in kept] == ["load", "validate", "disclose", "derive", "render", "scan", "release"]
    assert all(cost["memory"] > 50_000_000 and cost["seconds"] > 0 and cost["cpu"] >= 0 for cost in kept)
    lines = [line.split()[0] for line in result.stdout.splitlines()]
    assert lines[lines.index("stage") + 1 :] == [*(cost["name"] for cost in kept), "all"]
    assert not [path for path in tree(out / "current") if "costs" in path]


def test_a_stopped_build_writes_its_trace(site: Path) -> None:
    (site / "root" / "data" / "penalties" / "penalties.csv").unlink()
    trace = site / "trace.json"
    arguments = ["build", "--root", str(site / "root"), "--out", str(site / "out"), "--as-of", DAYS[2]]
    assert run(*arguments, "--profile", str(trace)).exit_code == 1
    assert "load" in {event["name"] for event in json.loads(trace.read_text())["traceEvents"]}
    assert run(*arguments, "--profile", str(site / "nowhere" / "trace.json")).exit_code == 2
