"""The bench of whole builds: it reads what the program says, and builds what it tells. Never how fast anything is."""

import io
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from rich.console import Console

from publish.console import ConsoleProgress, report_lines
from publish.model.report import BuildReport, RecordCounts
from tests.bench import bench_build
from tests.bench.building import told
from tests.bench.city import AS_OF
from tests.bench.measured import machine, run

NONE: dict[str, int] = {}
COUNTS = RecordCounts(1, 1200, 1100, {"national.n36.minor": 60}, 0, 0, 0, {"repaired": 4}, 4, NONE)
REPORT = BuildReport(AS_OF, "x", COUNTS, {"record": 1100, "subject": 700, "404": 1}, 1900, 40, 12345, 9, ())


def said() -> tuple[str, str]:
    """Both outputs of a build, as the program itself writes them."""
    shown = io.StringIO()
    progress = ConsoleProgress(Console(file=shown, width=200))
    for name in ("load", "render"):
        with progress.stage(name):
            progress.expect(200_000)
            progress.advance(20_000)
    return "\n".join(report_lines(REPORT)) + "\nseconds: 1.00\n", shown.getvalue()


def test_the_programs_own_lines_are_understood() -> None:
    figures = told(*said())
    assert set(figures["stages"]) == {"load", "render"}
    assert (figures["records"], figures["public"], figures["pages"]) == (1200, 1100, 1801)
    assert figures["pages_by_sort"] == {"record": 1100, "subject": 700, "404": 1}
    assert (figures["files"], figures["linked"], figures["written"], figures["bytes"]) == (1900, 40, 1860, 12345)


def test_another_wording_is_noticed() -> None:
    out, err = said()
    for gone in ("packages:", "pages:", "files:"):
        with pytest.raises(RuntimeError, match="as this bench expects"):
            told(out.replace(gone, "sheets:"), err)
    with pytest.raises(RuntimeError, match="as this bench expects"):
        told(out, "")


def go_live(out: Path, name: str, used: str | None) -> None:
    """What a build leaves: a folder of its own, or that of an old release."""
    (out / "releases").mkdir(parents=True, exist_ok=True)
    new = out / "releases" / name
    if used:
        (out / "releases" / used).rename(new)
    else:
        new.mkdir()
    (out / "current").unlink(missing_ok=True)
    (out / "current").symlink_to(new)


def test_a_settled_night_that_uses_up_no_old_release_is_none(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    names = iter("abcdef")

    def built(root: Path, out: Path, as_of: date, workers: int, key: Path) -> dict[str, Any]:
        go_live(out, next(names), None)
        return {"seconds": 1.0, "cpu_seconds": 1.0, "peak_mb": 1, **told(*said())}

    monkeypatch.setattr(bench_build, "built", built)
    with pytest.raises(RuntimeError, match="settled increment: no old release was used up"):
        bench_build.measure(tmp_path, rows=600, workers=2, share=0.01, seed=1)


@pytest.mark.parametrize("packed", [False, True])
def test_six_builds_each_of_what_it_is_called(packed: bool, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    seen: list[tuple[date, bytes]] = []
    seconds: Iterator[float] = iter([8.0, 2.0, 4.0, 8.0, 1.0, 2.0])

    def built(root: Path, out: Path, as_of: date, workers: int, key: Path) -> dict[str, Any]:
        assert (out, workers, key.exists()) == (tmp_path / "out", 2, True)
        site = yaml.safe_load((root / "content/site.yaml").read_text(encoding="utf-8"))
        assert (site["releases"]["keep"], site["releases"]["in_use_hours"]) == (3, 0)
        assert site["data_files"]["packed"] == (["penalties"] if packed else [])
        go_live(out, f"{len(seen)}", f"{len(seen) - 4}" if len(seen) > 3 else None)
        seen.append((as_of, (root / "data/penalties/penalties.csv").read_bytes()))
        return {"seconds": next(seconds), "cpu_seconds": 1.0, "peak_mb": 1, **told(*said())}

    monkeypatch.setattr(bench_build, "built", built)
    figures = bench_build.measure(tmp_path, rows=600, workers=2, share=0.01, seed=1, packed=packed)
    assert figures["packed"] == packed
    assert [(day - AS_OF).days for day, _ in seen] == [0, 0, 0, 1, 1, 2]
    tables = [table for _, table in seen]
    assert tables[0] == tables[1] != tables[2] == tables[3] != tables[4] == tables[5] != tables[0]
    settled = ["settled increment", "settled next day"]
    assert list(figures["builds"]) == ["full", "again", "increment", "next day", *settled]
    assert list(figures["times_as_long_as_full"].values()) == [1.0, 0.25, 0.5, 1.0, 0.12, 0.25]
    assert figures["changes"] == {"added": 2, "removed": 2, "edited": 2}


def test_a_folder_that_holds_something_is_not_used(tmp_path: Path) -> None:
    with bench_build.working_folder(tmp_path / "new", "x") as folder:
        (folder / "kept").touch()
    assert (folder / "kept").exists()
    with pytest.raises(SystemExit, match="not empty"), bench_build.working_folder(folder, "x"):
        pass
    with bench_build.working_folder(None, "x") as other:
        (other / "gone").touch()
    assert not other.exists()


def test_a_program_is_measured_with_its_children() -> None:
    busy = "import time\nend = time.process_time() + 0.2\nwhile time.process_time() < end: pass"
    done = run(["sh", "-c", f"python3 -c '{busy}'; echo done; echo why >&2"])
    assert (done.code, done.out, done.err) == (0, "done\n", "why\n")
    assert done.cpu_seconds >= 0.2
    assert done.peak_mb >= 1
    assert run(["sh", "-c", "test $ONE = 1"], env={"ONE": "1"}).code == 0
    with pytest.raises(RuntimeError, match="ended with 3: bad"):
        run(["sh", "-c", "echo bad >&2; exit 3"]).needed()


def test_the_machine_is_told() -> None:
    about = machine()
    assert about["cpu"]
    assert about["cores"] >= 1
    assert about["memory_gb"] >= 0
