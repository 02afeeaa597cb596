"""What is kept for the next build: not believed without a name, and gone where there is no room for it."""

import errno
from collections.abc import Callable
from pathlib import Path

import pytest

from publish.model.kept import keep, keep_nothing


def test_it_is_named_in_the_end(tmp_path: Path) -> None:
    folder = tmp_path / "home" / "kept"

    def make() -> Callable[[str], str]:
        (folder / "data").write_bytes(b"x")
        return lambda release: f"of {release}"

    naming = keep(folder, "about", make)
    assert [path.name for path in folder.iterdir()] == ["data"]
    assert folder.stat().st_mode & 0o777 == 0o700
    naming("one")
    assert (folder / "about").read_text() == "of one"


def test_what_is_there_already_is_not_believed(tmp_path: Path) -> None:
    folder = tmp_path / "kept"
    folder.mkdir()
    (folder / "old").write_bytes(b"")
    keep(folder, "about", lambda: str)("one")
    assert not folder.exists(), "parts of two builds may not go together"


def test_where_there_is_no_room_nothing_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "kept"

    def full(*given: object, **more: object) -> int:
        raise OSError(errno.ENOSPC, "")

    def make() -> Callable[[str], str]:
        (folder / "data").write_bytes(b"x")
        return full  # type: ignore[return-value]

    keep(folder, "about", make)("one")
    assert not folder.exists(), "there was none for its name"
    monkeypatch.setattr(Path, "write_bytes", full)
    naming = keep(folder, "about", make)
    assert not folder.exists()
    naming("one")
    keep_nothing("one")
    assert not folder.exists()
