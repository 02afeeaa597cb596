"""What a build remembers of data files: the next one makes and searches the rows that are new, and no other."""

import gzip
import shutil
from contextlib import ExitStack
from io import FileIO
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from publish import urls
from publish.model.data_memory import DataMemory
from publish.pipeline import building, memories
from publish.release import data_search
from publish.release.caches import Caches
from publish.release.roll_back import roll_back
from publish.render import data
from publish.render.downloads import DownloadTask, MadeFiles
from tests.nightkit import AS_OF, ROWS, SECRET, site_of_rows, write_rows
from tests.sitekit import Builds, build_site, tree


class Work:
    """Of how many rows lines were made, and cells searched."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.made = self.searched = 0
        render, clean = data.render_task, data_search._clean

        def counted(task: DownloadTask) -> MadeFiles:
            done = render(task)
            self.made = max(self.made, done.made)
            return done

        def looked(of: data_search.DataTask, cells: pl.DataFrame, wanted: data_search.Flags) -> data_search.Flags:
            self.searched += int(np.sum(wanted))
            return clean(of, cells, wanted)

        monkeypatch.setattr(data, "render_task", counted)
        monkeypatch.setattr(data_search, "_clean", looked)

    def of(self, root: Path, out: Path, secret: bytes = SECRET) -> tuple[int, int]:
        """Of a build."""
        self.made = self.searched = 0
        build_site(root, out, AS_OF, secret=secret)
        return self.made, self.searched


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return site_of_rows(tmp_path / "root")


@pytest.fixture(params=["plain", "packed"])
def either(root: Path, request: pytest.FixtureRequest) -> Path:
    """A site whose data files are as they are, or packed."""
    if request.param == "packed":
        pack(root)
    return root


def pack(root: Path) -> None:
    config = root / "content/site.yaml"
    config.write_text(config.read_text(encoding="utf-8") + "data_files: {packed: [penalties]}\n", encoding="utf-8")


@pytest.fixture
def work(monkeypatch: pytest.MonkeyPatch) -> Work:
    return Work(monkeypatch)


def known_rows(out: Path) -> pl.DataFrame:
    release = (out / "current").resolve().name
    return DataMemory(out / "cache/data", release).load()["penalties"].rows


def test_a_night(either: Path, tmp_path: Path, work: Work) -> None:
    out = tmp_path / "out"
    assert work.of(either, out) == (ROWS, ROWS)
    assert (out / "cache/data").stat().st_mode & 0o777 == 0o700
    assert known_rows(out)["proven"].sum() == ROWS - 1
    write_rows(either, 7)
    made, searched = work.of(either, out)
    assert made == 2, "the changed row, and the last"
    assert searched <= 3, "those, and the last of the release before"
    assert known_rows(out)["proven"].sum() >= ROWS - 2, "an ampersand is written otherwise in a sheet"
    # The unproven one is copied where it is, and searched each night.
    made, searched = work.of(either, out)
    assert (made, searched) == (1, 2)
    assert work.of(either, tmp_path / "other") == (ROWS, ROWS)
    assert tree(tmp_path / "other/current") == tree(out / "current")


def test_what_the_memory_cannot_be_sure_of_is_made(root: Path, builds: Builds, tmp_path: Path, work: Work) -> None:
    out = tmp_path / "out"
    first = builds.copied(root, out, AS_OF, secret=SECRET)
    for secret in (b"another", b""):
        assert work.of(root, out, secret) == (ROWS, ROWS), "keys of records are others"
    write_rows(root, 3)
    work.of(root, out)
    roll_back(out, first.release, shows_again=True)
    assert work.of(root, out) == (ROWS, ROWS)
    memory = out / "cache/data/0.rows.arrow"
    memory.write_bytes(memory.read_bytes()[:-1] + b"x")
    assert work.of(root, out) == (ROWS, ROWS)
    shutil.rmtree(out / "cache")
    assert work.of(root, out) == (ROWS, ROWS)


@pytest.mark.parametrize("suffix", ["csv", "json", "ndjson", "xlsx"])
def test_a_live_file_that_is_damaged(suffix: str, either: Path, builds: Builds, tmp_path: Path, work: Work) -> None:
    """As long as it was: only its hash tells."""
    out = tmp_path / "out"
    builds.copied(either, out, AS_OF, secret=SECRET)
    (path,) = (
        path
        for path in ((out / "current").resolve() / "data/penalties/latest").iterdir()
        if path.name in (f"penalties.{suffix}", f"penalties.{suffix}.gz")
    )
    damaged = bytearray(path.read_bytes())
    damaged[len(damaged) // 2] ^= 1
    path.chmod(0o644)
    path.write_bytes(damaged)
    write_rows(either, 7)
    made = work.of(either, out)[0]
    assert made <= 2 if path.name == "penalties.json" else made == ROWS, "JSON is made of NDJSON, if it is not packed"
    builds.copied(either, tmp_path / "other", AS_OF, secret=SECRET)
    assert tree(tmp_path / "other/current/data") == tree(out / "current/data")


def test_files_that_are_packed_from_one_night_on(builds: Builds, tmp_path: Path, work: Work) -> None:
    """And no more from another: other files under other addresses, nothing of which is taken from those before."""
    root, out = site_of_rows(tmp_path / "root"), tmp_path / "out"
    plain = (root / "content/site.yaml").read_text(encoding="utf-8")
    builds.copied(root, out, AS_OF, secret=SECRET)
    pack(root)
    assert work.of(root, out) == (ROWS, ROWS)
    folder = out / "current/data/penalties/latest"
    wanted = {"datapackage.json", *(f"penalties.{suffix}" for suffix in urls.PACKED_NAMES)}
    assert {path.name for path in folder.iterdir()} == wanted
    packed = gzip.decompress((folder / "penalties.csv.gz").read_bytes())
    builds.copied(root, tmp_path / "other", AS_OF, secret=SECRET)
    assert tree(tmp_path / "other/current") == tree(out / "current")
    page = (out / "current/datasets/penalties/index.html").read_text(encoding="utf-8")
    assert all(f"{name}" in page for name in wanted - {"datapackage.json"})
    (root / "content/site.yaml").write_text(plain, encoding="utf-8")
    assert work.of(root, out) == (ROWS, ROWS)
    assert (folder / "penalties.csv").read_bytes() == packed


def test_a_live_file_that_cannot_be_opened(
    root: Path, builds: Builds, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By whoever searches; then all of the new file is."""
    out = tmp_path / "out"
    builds.copied(root, out, AS_OF, secret=SECRET)
    live, opened = str((out / "current").resolve()), data_search._opened

    def refuses(path: str, stack: ExitStack) -> FileIO:
        if path.startswith(live):
            raise PermissionError
        return opened(path, stack)

    monkeypatch.setattr(data_search, "_opened", refuses)
    write_rows(root, 7)
    build_site(root, out, AS_OF, secret=SECRET)
    monkeypatch.undo()
    builds.copied(root, tmp_path / "other", AS_OF, secret=SECRET)
    assert tree(tmp_path / "other/current/data") == tree(out / "current/data")


def test_a_live_file_that_cannot_be_read(
    either: Path, builds: Builds, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    builds.copied(either, out, AS_OF, secret=SECRET)

    def fails(*_: object) -> None:
        raise OSError

    for view in (data_search.LineView, data_search.PiecesView):
        monkeypatch.setattr(view, "as_live", fails)
    write_rows(either, 7)
    build_site(either, out, AS_OF, secret=SECRET)
    monkeypatch.undo()
    builds.copied(either, tmp_path / "other", AS_OF, secret=SECRET)
    assert tree(tmp_path / "other/current/data") == tree(out / "current/data")


def test_builds_that_end_early(
    root: Path, builds: Builds, tmp_path: Path, work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before the release is live, and right after, before what was made to remember it is in its place."""
    out = tmp_path / "out"
    builds.copied(root, out, AS_OF, secret=SECRET)

    def ends(*_: object) -> None:
        raise KeyboardInterrupt

    for number, (place, name) in enumerate(((building, "prove"), (memories, "remember_data"), (Caches, "put"))):
        write_rows(root, *range(7, 8 + number))
        with monkeypatch.context() as patch:
            patch.setattr(place, name, ends)
            with pytest.raises(KeyboardInterrupt):
                build_site(root, out, AS_OF, secret=SECRET)
        made, searched = work.of(root, out)
        assert (made <= 3, searched <= 3) == (name != "put", name != "put")
        builds.copied(root, tmp_path / name, AS_OF, secret=SECRET)
        assert tree(tmp_path / name / "current") == tree(out / "current")
