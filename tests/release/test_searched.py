"""What the live release was searched for is known to the next build, and to no other."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from publish.model.sieve import Sieve
from publish.release.searched import keep_searched, searched_for

VALUES = [f"值{number}号的秘密" for number in range(300)]


def sieves_of(*parts: list[str], key: bytes = b"") -> list[Sieve]:
    return [Sieve.of([value.encode() for value in part], key=key) for part in parts]


def test_hashes_of_all_values(tmp_path: Path) -> None:
    folder = tmp_path / "searched"
    keep_searched(folder, sieves_of(VALUES[:100], VALUES[50:]))("2026-11-20-abc")
    known = searched_for(folder, "2026-11-20-abc")
    assert known is not None
    assert known.tolist() == sorted(set(Sieve.keys_of(pl.Series(VALUES)).tolist()))
    assert folder.stat().st_mode & 0o777 == 0o700
    assert not any("秘密".encode() in path.read_bytes() for path in folder.iterdir())


def test_of_another_release_or_key_nothing_is_known(tmp_path: Path) -> None:
    folder = tmp_path / "searched"
    keep_searched(folder, sieves_of(VALUES))("2026-11-20-abc")
    assert searched_for(folder, "2026-11-19-abc") is None
    assert searched_for(folder, None) is None
    known = searched_for(folder, "2026-11-20-abc")
    assert known is not None
    assert not np.isin(Sieve.keys_of(pl.Series(VALUES), b"another key"), known).any()


@pytest.mark.parametrize("damage", ["no keys", "no name", "flipped", "cut", "a file"])
def test_damage(damage: str, tmp_path: Path) -> None:
    folder = tmp_path / "searched"
    keep_searched(folder, sieves_of(VALUES))("one")
    keys = folder / "keys.npy"
    data = keys.read_bytes()
    if damage == "no keys":
        keys.unlink()
    elif damage == "no name":
        (folder / "release").unlink()
    elif damage == "flipped":
        keys.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    elif damage == "cut":
        keys.write_bytes(data[:200])
    else:
        for path in folder.iterdir():
            path.unlink()
        folder.rmdir()
        folder.write_text("x")
    assert searched_for(folder, "one") is None


def test_without_room_or_sieves_nothing_is_kept(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    keep_searched(tmp_path / "file" / "searched", sieves_of(VALUES))("one")
    assert searched_for(tmp_path / "file" / "searched", "one") is None
    folder = tmp_path / "searched"
    keep_searched(folder, ())("two")
    assert not folder.exists()
