"""What the program is: any change of its source, wherever it is, makes another one."""

import shutil
from pathlib import Path

import pytest

from publish.model import program

SOURCE = Path(program.__file__).parents[1]


@pytest.mark.parametrize("part", ["model/search.py", "derive/outline.py", "urls.py", "load/schemas/policy.yaml"])
def test_another_source_is_another_program(part: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copy = tmp_path / "publish"
    shutil.copytree(SOURCE, copy, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(program, "__file__", str(copy / "model" / "program.py"))
    before = program.source_digest.__wrapped__()
    monkeypatch.undo()
    assert before == program.source_digest.__wrapped__()
    monkeypatch.setattr(program, "__file__", str(copy / "model" / "program.py"))
    (copy / part).write_text((copy / part).read_text(encoding="utf-8") + "\n", encoding="utf-8")
    assert program.source_digest.__wrapped__() != before


def test_what_is_made_by_another_version_is_made_by_another(monkeypatch: pytest.MonkeyPatch) -> None:
    parts = ("polars", "python", "zlib")
    every = {program.made_by(*some) for some in ((), *((part,) for part in parts), parts)}
    assert len(every) == 5
    monkeypatch.setattr(program, "source_digest", lambda: "another")
    assert program.made_by(*parts) not in every
    monkeypatch.undo()
    assert program.made_by(*parts) in every
    monkeypatch.setattr(program, "version", lambda name: f"another {name}")
    monkeypatch.setattr(program.sys, "version", "another Python")
    assert not every & {program.made_by(part) for part in parts[:2]}
    assert program.made_by("zlib") in every


def test_a_program_that_is_replaced_while_it_is_at_work_is_what_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it leaves for the next build is not taken for the new one's."""
    before = program.source_digest()
    monkeypatch.setattr(program, "__file__", str(tmp_path / "publish/model/program.py"))
    assert program.source_digest.__wrapped__() != before
    assert program.source_digest() == before
