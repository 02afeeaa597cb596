"""`make bench`: every script is run at a size that it can bear, nothing is lost, and what failed is told."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.bench import everything
from tests.bench.city import ROOT
from tests.bench.everything import STEPS, Step, figures_of
from tests.bench.summaries import table

HEAD: dict[str, Any] = {
    "date": "2026-11-20",
    "commit": "abc",
    "machine": {"cpu": "Any", "cores": 2, "memory_gb": 24, "system": "Linux 6", "load": 1.5},
    "versions": {"python": "3.11"},
    "size": 1000,
    "code": 0,
    "lines": [],
    "figures": None,
}
BUILD = {"seconds": 5.0, "cpu_seconds": 6.0, "peak_mb": 900, "stages": {"load": 1.0, "scan": 3.0}}
BUILD |= {"pages": 1000, "files": 1100, "written": 1100}
FIGURES: dict[str, dict[str, Any]] = {
    "build": {"rows": 1000, "workers": 2, "builds": {"full": BUILD}, "times_as_long_as_full": {"full": 1.0}},
    "pages_peers": {
        "pages": 98,
        "ours": {"seconds": 5.0, "peak_mb": 900, "render": {"seconds": 1.0, "pages_per_second": 1000}},
        "peers": {
            "hugo": {"version": "1.2", "seconds": 2.0, "peak_mb": 90, "pages_per_second": 49},
            "zola": {"missing": "it is not to be had"},
        },
        "times_as_long": {
            "hugo": {"as_our_whole_build": 0.4, "as_our_render_stage": 2.0, "a_page_as_our_render_stage": 20.4}
        },
        "same_site": {
            "peers": {
                "hugo-site": {
                    "version": "1.2",
                    "seconds": 9.0,
                    "peak_mb": 190,
                    "pages_per_second": 11,
                    "pages_by_sort": {"record": 98, "subject": 60, "listing": 14, "other": 3},
                },
                "zola-site": {"missing": "it wrote nothing"},
            },
            "times_as_long": {
                "hugo-site": {
                    "as_our_whole_build": 1.8,
                    "cpu_as_our_whole_build": 1.7,
                    "memory_of_our_whole_build": 0.21,
                }
            },
        },
    },
    "validate": {
        "rows": 1000,
        "ours": {"seconds": 0.1, "peak_mb": 90},
        "frictionless": {"seconds": 1.0},
        "ratio": 10.0,
        "cpu_ratio": 9.0,
    },
    "search_peers": {
        "rows": 1000,
        "ours": {"seconds": 1.0, "peak_mb": 400},
        "pagefind": {"peer": "pagefind 1.6.0"},
        "times_as_much": {"seconds": 4.0, "peak_mb": 5.0},
        "found_of_all": {"ours": 1.0, "pagefind": 0.7},
    },
    "qr": {"codes": 1000, "seconds": 0.2, "deep": {"not": "shown"}},
}


def test_every_script_is_there() -> None:
    scripts = {path.stem.removeprefix("bench_") for path in (ROOT / "tests/bench").glob("bench_*.py")}
    assert {step.name for step in STEPS} == scripts
    assert len(STEPS) == len(scripts)


def test_a_size_is_capped_with_a_reason() -> None:
    for step in STEPS:
        assert (step.cap is None) == (step.why == "")
        assert step.size(500) == 500
        assert step.size(10**7) == (step.cap or 10**7)
        assert str(step.size(10**7)) in step.arguments(10**7)


def test_the_table_has_a_row_for_each_result() -> None:
    lines = [HEAD | {"bench": name, "command": f"run {name}", "figures": FIGURES[name]} for name in FIGURES]
    lines.append(HEAD | {"bench": "release", "command": "run release", "lines": ["a   b", "c | d"]})
    lines.append(HEAD | {"bench": "scan", "command": "run scan", "code": 3})
    head, _, titles, _, *rows = table(lines)
    assert head == "2026-11-20, abc; Any, 2 cores, 24 GB, Linux 6; load 1.5 to 1.5; python 3.11."
    assert titles == "| what | command | result |"
    assert all(row.replace("\\|", "").count("|") == 4 for row in rows)
    assert [row.split("`")[1] for row in rows] == [
        *("run build", *["run pages_peers"] * 5, "run validate"),
        *("run search_peers", "run search_peers", "run qr", "run release", "run scan"),
    ]
    text = "\n".join(rows)
    for told in (
        "hugo 1.2",
        "MISSING: it is not to be had",
        "10.0 times as long",
        "60 subject",
        "wrote nothing",
        "a b; c \\| d",
        "FAILED with 3",
    ):
        assert told in text
    assert table([]) == []


def test_figures_are_told_from_lines() -> None:
    assert figures_of(["full: 3 s", '{"rows": 5}', "[1]"]) == {"figures": {"rows": 5}, "lines": ["full: 3 s", "[1]"]}
    assert figures_of([]) == {"figures": None, "lines": []}


def test_one_that_fails_is_told_and_the_others_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    steps = (Step("not_there", lambda size: ()), Step("qr", lambda size: ("--codes", str(size)), 30, "it is a test"))
    monkeypatch.setattr(sys, "argv", ["everything", "--size", "1000"])
    with pytest.raises(SystemExit, match="FAILED: not_there"):
        everything.main(steps, tmp_path / "results")
    (path,) = (tmp_path / "results").iterdir()
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert path.name == f"{lines[0]['date']}.jsonl"
    assert [(line["bench"], line["code"] == 0) for line in lines] == [("not_there", False), ("qr", True)]
    assert lines[1]["figures"]["codes"] == lines[1]["size"] == 30
    assert lines[1]["capped"] == "at most 30: it is a test"
    assert lines[1]["machine"]["cores"] >= 1
    assert lines[1]["versions"]["polars"]
    out = capfd.readouterr().out
    assert "capped, at most 30: it is a test" in out
    assert "| not_there, 1,000 | `python -m tests.bench.bench_not_there` | FAILED with 1 |" in out
