"""The register of the right release."""

import hashlib
import json
import shutil
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from publish.model.issue import BuildStopped
from publish.release.state import State, load_previous_manifest, load_publication, write_state

from .conftest import Build, ledger_of, publication_of, release, tree

APRIL, MAY, JUNE = date(2026, 4, 1), date(2026, 5, 1), date(2026, 6, 1)


def code(out: Path, as_of: date = MAY) -> str:
    with pytest.raises(BuildStopped) as stopped:
        load_publication(out, as_of)
    return stopped.value.issues[0].code


def test_nothing_yet(out: Path) -> None:
    assert load_publication(out, MAY) is None
    assert load_previous_manifest(out) is None
    assert not out.exists()


def test_round_trip(out: Path) -> None:
    publication = publication_of(APRIL, ("0" * 20, "1" * 20), exits=("2" * 20,))
    release(out, APRIL, publication=publication)
    loaded = load_publication(out, MAY)
    assert loaded is not None
    assert (loaded.as_of, loaded.counts) == (APRIL, {"penalties": 2})
    assert loaded.records.equals(publication.records)
    assert loaded.exits.equals(publication.exits)


def test_same_state_same_bytes(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_state(tmp_path / name, State(publication_of(exits=("2" * 20,)), ledger_of(("3" * 20,))), {"n": 1})
    assert tree(tmp_path / "a") == tree(tmp_path / "b")
    assert set(tree(tmp_path / "a")) == {
        *("records.parquet", "exits.parquet", "withdrawals.parquet", "ledger.parquet", "deadlines.parquet"),
        *("publication.json", "report.json"),
    }


def test_state_is_beside_the_release_not_in_it(build: Build, out: Path) -> None:
    name = build().name
    assert set(tree(out / "state" / name)) >= {"ledger.parquet", "publication.json", "report.json"}
    assert not any("ledger" in path or "report" in path for path in tree(out / "current"))


def test_the_state_of_a_rebuilt_release_is_replaced(out: Path) -> None:
    name = release(out, APRIL)
    first = (out / "state" / name).readlink()
    assert release(out, APRIL, publication=publication_of(APRIL, ("0" * 20, "1" * 20))) == name
    loaded = load_publication(out, MAY)
    assert loaded is not None
    assert loaded.records.height == 2
    assert (out / "state" / name).readlink() != first
    assert not (out / "state" / first).exists()


def test_the_live_release_is_followed_if_it_is_not_later(out: Path) -> None:
    release(out, MAY)
    release(out, APRIL)  # a rebuild of an earlier day is live now
    loaded = load_publication(out, JUNE)
    assert loaded is not None
    assert loaded.as_of == APRIL


def test_a_live_release_that_was_removed_by_hand_is_still_followed(out: Path) -> None:
    release(out, APRIL)
    live = release(out, MAY)
    shutil.rmtree(out / "releases" / live)
    loaded = load_publication(out, JUNE)
    assert loaded is not None
    assert loaded.as_of == MAY
    (out / "state" / live).unlink()
    assert code(out, JUNE) == "release.state-missing"


def test_else_the_newest_that_is_not_later(out: Path) -> None:
    release(out, APRIL, b"1", publication_of(APRIL, ("0" * 20,)))
    release(out, APRIL, b"2", publication_of(APRIL, ("0" * 20, "1" * 20)))
    release(out, JUNE)
    loaded = load_publication(out, MAY)
    assert loaded is not None
    assert (loaded.as_of, loaded.records.height) == (APRIL, 2)
    assert load_publication(out, date(2026, 1, 1)) is None


def test_a_release_that_never_went_live_is_not_followed(out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("publish.release.activate.go_live", crash)
    with pytest.raises(KeyboardInterrupt):
        release(out, APRIL)
    monkeypatch.undo()
    assert len(list((out / "releases").iterdir())) == 1
    assert load_publication(out, MAY) is None


def test_missing_or_damaged_state_is_an_issue(out: Path) -> None:
    release(out, MAY)
    state = out / "state" / (out / "state" / (out / "current").readlink().name).readlink()
    for name, bad in (("records.parquet", b"PAR1"), ("publication.json", b"{"), ("publication.json", b"[]")):
        good = (state / name).read_bytes()
        (state / name).write_bytes(bad)
        assert code(out) == "release.state-broken"
        (state / name).unlink()
        assert code(out) == "release.state-missing"
        (state / name).write_bytes(good)
    assert load_publication(out, MAY) is not None
    (out / "state" / "history.json").write_bytes(b"{}")
    assert code(out, APRIL) == "release.state-broken"


def test_a_state_of_the_first_format_is_read(out: Path) -> None:
    """What it did not know is null: nobody is taken to have been public since a day, or to be no person."""
    name = release(out, APRIL, publication=publication_of(APRIL, ("0" * 20,), exits=("2" * 20,)))
    folder = (out / "state" / name).resolve()
    for added in ("withdrawals.parquet", "deadlines.parquet"):
        (folder / added).unlink()
    digests = {}
    for table, columns in (("records", ["since", "person"]), ("exits", ["noindex"]), ("ledger", [])):
        frame = pl.read_parquet(folder / f"{table}.parquet").drop(columns)
        frame.write_parquet(folder / f"{table}.parquet")
        digests[f"{table}.parquet"] = hashlib.sha256((folder / f"{table}.parquet").read_bytes()).hexdigest()
    index = json.loads((folder / "publication.json").read_text()) | {"format": 1, "sha256": digests}
    (folder / "publication.json").write_text(json.dumps(index))
    loaded = load_publication(out, MAY)
    assert loaded is not None
    assert loaded.records.select("key", "since", "person").rows() == [("0" * 20, None, None)]
    assert loaded.exits["noindex"].to_list() == [None]
    assert loaded.withdrawals.height == 0
