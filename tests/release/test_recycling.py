"""An old release as the ground of a new one: the same release as without, whatever was wrong with the old one."""

import hashlib
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Executor
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from publish.model.config import ReleasePolicy
from publish.model.issue import BuildStopped
from publish.release import folders, ground, settling, trees
from publish.release.activate import Released
from publish.release.afterwards import empty
from publish.release.layout import Layout
from publish.release.recycling import Spares
from publish.release.staging import staged_release
from publish.release.state import State, load_history
from publish.release.writing import Release
from tests.sitekit import workers_of

from .conftest import CHECKS, ledger_of, publication_of, tree
from .killing import Killed, die_before, killed

ROOT = Path(__file__).parents[2]
DAY = date(2026, 5, 1)
POLICY = ReleasePolicy(keep=1, days=1, in_use_hours=0)
SPARES = Spares(POLICY, datetime.now(UTC) + timedelta(hours=1))
KEEPS_ALL = Spares(ReleasePolicy(keep=9, days=99, in_use_hours=0), SPARES.now)

Fill = Callable[[Release], None]
Site = Mapping[str, bytes]


def night(
    out: Path,
    number: int,
    fill: Fill,
    spares: Spares | None = SPARES,
    executor: Executor | None = None,
    *,
    begun: bool = False,
    beside: bool = False,
) -> tuple[Released, str | None]:
    """One more release, and the name of the old one that it used up; `begun`: before its first file. `beside` as
    `Release.ending` has it."""
    day = DAY + timedelta(days=number)
    with staged_release(out, day, wait=False, durable=False, spares=spares, executor=executor) as release:
        if begun:
            release.begin()
        fill(release)
        end = release.ending(State(publication_of(day), ledger_of()), {"night": number}, CHECKS, beside=beside)
        return end.go_live(), release.recycled


def filled(site: Site, kept: frozenset[str] = frozenset(), many: frozenset[str] = frozenset()) -> Fill:
    """Writes a site; `kept` are shared unread, `many` written in bulk, others one by one."""

    def fill(release: Release) -> None:
        missing = set(release.keep_some(pl.Series(sorted(kept), dtype=pl.String)))
        bulk = sorted((many - kept) | missing)
        release.write_many(bulk, [site[path] for path in bulk])
        for number, path in enumerate(sorted(site.keys() - kept - set(bulk))):
            if number % 3:
                release.write(f"/{path}", site[path])
            else:
                file = release.scratch() / "file"
                file.write_bytes(site[path])
                release.add_file(f"/{path}", file, hashlib.sha256(site[path]).hexdigest())

    return fill


def site_of(text: str) -> dict[str, bytes]:
    """Forty files of which one tells `text`."""
    files = {f"r/{n % 4}/{n}.txt": b"%d" % n for n in range(30)} | {f"a/b/c/{n}.txt": b"deep" for n in range(8)}
    return files | {"top.txt": b"top", "what.txt": text.encode()}


def three(out: Path) -> list[str]:
    """Names of three releases; the next build uses up the first."""
    return [night(out, number, filled(site_of(str(number))), None)[0].name for number in range(3)]


def inodes(folder: Path) -> dict[str, int]:
    return {str(path.relative_to(folder)): path.stat().st_ino for path in folder.rglob("*") if path.is_file()}


def changed(site: Site, chance: random.Random) -> dict[str, bytes]:
    """A site as somebody would leave it: files come, go, change, become folders and the other way round."""
    after = {path: data for path, data in site.items() if chance.random() > 0.08}
    for path in list(after):
        if chance.random() < 0.1:
            after[path] = chance.randbytes(chance.randrange(9))
    for _ in range(chance.randrange(8)):
        path = "/".join(chance.choices("abcd", k=chance.randint(1, 4)))
        if not any(other.startswith(f"{path}/") or path.startswith(f"{other}/") for other in after):
            after[path] = chance.randbytes(chance.randrange(9))
    for folder in {path.split("/")[0] for path in after if "/" in path}:
        if chance.random() < 0.1:
            after = {path: data for path, data in after.items() if not path.startswith(f"{folder}/")} | {folder: b"!"}
    return after


@pytest.mark.parametrize("seed", range(6))
def test_random_histories(seed: int, tmp_path: Path) -> None:
    """The same names, bytes, permissions and counts as where everything is linked or written, and older releases as
    they were."""
    chance = random.Random(seed)
    site: Site = {f"{chance.choice('abcd')}/{chance.choice('abcd')}/{n}": b"%d" % (n % 7) for n in range(60)}
    used = 0
    for number in range(8):
        before, site = site, changed(site, chance)
        same = sorted(path for path in site if before.get(path) == site[path] and number)
        kept = frozenset(path for path in same if chance.random() < 0.7)
        fill = filled(site, kept, frozenset(path for path in site if chance.random() < 0.5))
        old = {path.name: tree(path) for path in (tmp_path / "a/releases").glob("*")}
        plain, _ = night(tmp_path / "b", number, fill, None)
        released, recycled = night(tmp_path / "a", number, fill, begun=chance.random() < 0.5)
        assert (released, tree(tmp_path / "a/current")) == (plain, tree(tmp_path / "b/current"))
        assert modes(tmp_path / "a/current") == modes(tmp_path / "b/current")
        for name, files in old.items():
            assert name == recycled or tree(tmp_path / "a/releases" / name) == files
        used += recycled is not None
        assert list((tmp_path / "a/staging").iterdir()) == []
    assert used >= 2


def modes(folder: Path) -> dict[str, int]:
    folder = folder.resolve()
    return {str(path.relative_to(folder)): path.lstat().st_mode for path in [folder, *folder.rglob("*")]}


def test_what_is_unchanged_stays_where_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names = three(tmp_path)
    before, live = (inodes(tmp_path / "releases" / names[number]) for number in (0, 2))
    linked: list[str] = []
    removed: list[str] = []
    link, unlink = os.link, os.unlink
    monkeypatch.setattr(os, "link", lambda path, *more, **how: (linked.append(str(path)), link(path, *more, **how)))

    def told(path: str, *, dir_fd: int | None = None) -> None:
        within = "" if dir_fd is None else f"{Path(f'/proc/self/fd/{dir_fd}').readlink()}/"
        removed.append(f"{within}{path}")
        unlink(path, dir_fd=dir_fd)

    monkeypatch.setattr(os, "unlink", told)
    site = site_of("3")
    released, recycled = night(tmp_path, 3, filled(site, frozenset(site) - {"what.txt"}))
    assert recycled == names[0]
    assert (released.linked, released.written) == (len(site) - 1, 1)
    after = inodes(tmp_path / "current")
    assert {path for path in site if after[path] == before[path]} == frozenset(site) - {"what.txt"}
    assert inodes(tmp_path / "releases" / names[2]) == live
    assert len(linked) == 1, "tried whether links work"
    of_tree = {Path(path).name for path in removed if "/tree/" in path}
    assert of_tree == {"what.txt", "manifest.json", "SHA256SUMS"}
    assert load_history(Layout(tmp_path)) == [*names[1:], released.name]
    assert not (tmp_path / "state" / names[0]).exists()


def test_what_the_policy_keeps_is_not_used_up(tmp_path: Path) -> None:
    names = three(tmp_path)
    assert night(tmp_path, 3, filled(site_of("3")), KEEPS_ALL)[1] is None
    in_use = Spares(ReleasePolicy(keep=1, days=1, in_use_hours=6), SPARES.now)
    assert night(tmp_path, 4, filled(site_of("4")), in_use)[1] is None
    two = Spares(ReleasePolicy(keep=5, days=99, in_use_hours=0), SPARES.now)
    assert night(tmp_path, 5, filled(site_of("5")), two)[1] == names[0], "there would be six"
    assert night(tmp_path, 6, filled(site_of("6")), SPARES)[1] not in (None, names[2])


def test_the_live_one_and_the_one_before_stay_whatever_fails(tmp_path: Path) -> None:
    names = three(tmp_path)

    def fails(release: Release) -> None:
        release.write("/new.txt", b"")
        raise KeyboardInterrupt

    for number in range(3, 6):
        with pytest.raises(KeyboardInterrupt):
            night(tmp_path, number, fails)
        assert Layout(tmp_path).names() == (names[1], names[2])
        assert load_history(Layout(tmp_path)) == names[1:]
    _, recycled = night(tmp_path, 7, filled(site_of("7")))
    assert recycled is None
    assert tree(tmp_path / "current")["what.txt"] == b"7"
    assert list((tmp_path / "staging").iterdir()) == []


def test_a_build_that_fails_before_its_first_file_has_used_up_nothing(tmp_path: Path) -> None:
    names = three(tmp_path)

    def fails(release: Release) -> None:
        release.scratch()
        assert release.keep_some(pl.Series(["top.txt"])).is_empty()
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        night(tmp_path, 3, fails)
    assert list(Layout(tmp_path).names()) == names


def test_a_release_that_shares_little_is_not_worth_it(tmp_path: Path) -> None:
    night(tmp_path, 0, filled({f"{n}.txt": b"other" for n in range(60)}), None)
    names = three(tmp_path)
    released, recycled = night(tmp_path, 5, filled(site_of("5")))
    assert recycled == names[0], "an older one would do less"
    site = {f"{n}.txt": b"another" for n in range(60)}
    for number in (6, 7):
        night(tmp_path, number, filled(site), KEEPS_ALL)
    assert night(tmp_path, 8, filled(site))[1] is None
    assert released.files == len(site_of(""))


DAMAGES: Mapping[str, Callable[[Path, Path], object]] = {
    "another size": lambda old, live: replace(old / "r/1/1.txt", b"longer than it was"),
    "another content": lambda old, live: replace(old / "r/1/1.txt", b"9"),
    "missing": lambda old, live: (old / "r/1/1.txt").unlink(),
    "a copy": lambda old, live: replace(old / "r/1/1.txt", b"1"),
    "a symlink": lambda old, live: link(old / "r/1/1.txt", live / "r/1/1.txt"),
    "a symlink to nowhere": lambda old, live: link(old / "r/1/1.txt", Path("/nowhere")),
    "a fifo": lambda old, live: ((old / "top.txt").unlink(), os.mkfifo(old / "top.txt")),
    "an extra file": lambda old, live: (old / "r/1/extra").write_bytes(b"x"),
    "an extra folder": lambda old, live: replace(old / "extra/deep/er", b"x"),
    "a folder that nobody may enter": lambda old, live: (replace(old / "extra/x", b"x"), (old / "extra").chmod(0)),
    "a folder that nobody may write to": lambda old, live: (old / "r/1").chmod(0o555),
    "an own folder that nobody may enter": lambda old, live: (old / "r/1").chmod(0),
    "folders in one another that nobody may change": lambda old, live: (
        replace(old / "extra/deep/er", b"x"),
        (old / "extra/deep").chmod(0o555),
        (old / "extra").chmod(0o555),
    ),
    "a folder of two lines": lambda old, live: replace(old / "two\nlines/a", b"x"),
    "names that read alike": lambda old, live: (
        (old / "\ufffd").write_bytes(b"x"),
        (old / os.fsdecode(b"\xff")).write_bytes(b"x"),
    ),
    "a file that is no text": lambda old, live: (old / os.fsdecode(b"\xff")).write_bytes(b"x"),
    "a folder that is no text": lambda old, live: replace(old / os.fsdecode(b"\xff/a"), b"x"),
    "a folder in place of a file": lambda old, live: replace_by_folder(old / "r/1/1.txt"),
    "a folder in place of what changes": lambda old, live: replace_by_folder(old / "what.txt"),
    "a file in place of a folder": lambda old, live: (shutil.rmtree(old / "a/b"), (old / "a/b").write_bytes(b"x")),
    "a folder that is a link to the live one": lambda old, live: link(old / "r", live / "r"),
    "a deep folder that is a link to the live one": lambda old, live: link(old / "a/b/c", live / "a/b/c"),
    "a folder that is a link outside": lambda old, live: link(old / "new", live.parent),
    "what changes is a link to the live one": lambda old, live: link(old / "what.txt", live / "what.txt"),
    "what changes is the live one's": lambda old, live: (
        (old / "what.txt").unlink(),
        (old / "what.txt").hardlink_to(live / "what.txt"),
    ),
    "a manifest that is the live one's": lambda old, live: (
        (old / "manifest.json").unlink(),
        (old / "manifest.json").hardlink_to(live / "manifest.json"),
    ),
    "no manifest": lambda old, live: (old / "manifest.json").unlink(),
}


def replace(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    path.write_bytes(data)


def replace_by_folder(path: Path) -> None:
    path.unlink()
    replace(path / "deep/er", b"x")


def link(path: Path, target: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    path.unlink(missing_ok=True)
    path.symlink_to(target)


@pytest.mark.parametrize("how", ["kept", "written"])
@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_release_is_mended(damage: str, how: str, tmp_path: Path) -> None:
    names = three(tmp_path / "a")
    three(tmp_path / "b")
    live = tmp_path / "a/releases" / names[2]
    before = tree(live), modes(live)
    DAMAGES[damage](tmp_path / "a/releases" / names[0], live)
    site = site_of("new") | {"new/er/file.txt": b"new"}
    kept = frozenset(site) - {"what.txt", "new/er/file.txt"} if how == "kept" else frozenset[str]()
    many = frozenset(path for path in site if path < "r/2")
    expected, _ = night(tmp_path / "b", 3, filled(site, kept, many), None)
    released, recycled = night(tmp_path / "a", 3, filled(site, kept, many))
    assert recycled == names[0]
    assert (released, tree(tmp_path / "a/current")) == (expected, tree(tmp_path / "b/current"))
    assert modes(tmp_path / "a/current") == modes(tmp_path / "b/current")
    assert (tree(live), modes(live)) == before


def test_without_the_rights_of_root(tmp_path: Path) -> None:
    """Root may enter every folder; as anyone else, folders without permissions are as mended or passed over. What is
    damaged in other ways is the same for all."""
    if os.geteuid() != 0:
        pytest.skip("the tests before this one run without them already")
    rights = "-dac_override,-dac_read_search,-fowner"
    chosen = "nobody or test_killed_with_closed"
    pytest_itself = (sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--basetemp={tmp_path / 'base'}")
    done = subprocess.run(
        ["setpriv", f"--inh-caps={rights}", f"--bounding-set={rights}", *pytest_itself, __file__, "-k", chosen],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-1000:]


@pytest.mark.parametrize("spares", [SPARES, None])
def test_folders_of_the_live_release_that_nobody_may_enter(spares: Spares | None, tmp_path: Path) -> None:
    """What is in them is written anew."""
    names = three(tmp_path)
    closed = tmp_path / "releases" / names[2] / "r/1"
    closed.chmod(0)
    site = site_of("new")

    def fill(release: Release) -> None:
        kept = pl.Series(sorted(site.keys() - {"what.txt"}), dtype=pl.String)
        missing = release.keep_some(kept).to_list()
        release.write_many(["what.txt", *missing], [site[path] for path in ("what.txt", *missing)])

    try:
        night(tmp_path, 3, fill, spares)
    finally:
        closed.chmod(0o755)
    assert {path: data for path, data in tree(tmp_path / "current").items() if path in site} == site


def test_killed_with_closed_folders(tmp_path: Path) -> None:
    """What a killed build has left of an old release does not stop the next one."""
    names = three(tmp_path)
    left = tmp_path / "staging/killed/tree"
    left.parent.mkdir()
    (tmp_path / "releases" / names[0]).rename(left)
    for name in ("r/1", "a/b"):
        (left / name).chmod(0o555)
    (left / "a").chmod(0)
    night(tmp_path, 3, filled(site_of("new")))
    assert not list((tmp_path / "staging").iterdir())
    assert empty(tmp_path / "trash") == ()


def test_a_link_among_the_releases_is_none(tmp_path: Path) -> None:
    """To work in it would be to work in the release that it leads to."""
    names = three(tmp_path)
    live = tmp_path / "releases" / names[2]
    before = tree(live), modes(live)
    (tmp_path / "releases/2026-01-01-0123456789ab").symlink_to(live)
    for name in names[:2]:
        shutil.rmtree(tmp_path / "releases" / name)
    _, recycled = night(tmp_path, 3, filled(site_of("new")))
    assert recycled is None
    assert (tree(live), modes(live)) == before


def test_folders_are_opened_and_links_to_them_are_not(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "folder")
    with folders.opened(f"{tmp_path}/folder/"):
        pass
    with pytest.raises(NotADirectoryError), folders.opened(f"{tmp_path}/link/"):
        pass


def test_a_damaged_live_release_is_mended_too(tmp_path: Path) -> None:
    """A kept file that is not as its manifest says is not taken from the old release either."""
    names = three(tmp_path)
    for name in names:
        (tmp_path / "releases" / name / "r/1/1.txt").unlink()
    replace(tmp_path / "releases" / names[2] / "r/1/5.txt", b"longer than it was")
    site = site_of("new")
    released, recycled = night(tmp_path, 3, filled(site, frozenset(site) - {"what.txt"}))
    assert recycled == names[0]
    assert released.written == 3
    assert {path: data for path, data in tree(tmp_path / "current").items() if path in site} == site


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("write r/1/1.txt", "write r/1/1.txt"),
        ("write r/1/1.txt", "many r/1/1.txt"),
        ("many r/1/1.txt", "write r/1/1.txt"),
        ("many what.txt", "many what.txt"),
        ("keep r/1/1.txt", "write r/1/1.txt"),
        ("keep r/1/1.txt", "keep r/1/1.txt"),
        ("write r/1/1.txt/x", "many r/1/1.txt"),
        ("many top.txt", "many top.txt/x"),
        ("keep r/1/1.txt", "write r/1"),
        ("write r", "keep r/1/1.txt"),
    ],
)
@pytest.mark.parametrize("spares", [SPARES, None])
def test_an_address_is_used_once(first: str, second: str, spares: Spares | None, tmp_path: Path) -> None:
    names = three(tmp_path)
    before = tree(tmp_path / "current")

    def fill(release: Release) -> None:
        for what, path in (first.split(), second.split()):
            if what == "write":
                release.write(f"/{path}", b"x")
            elif what == "many":
                release.write_many([path], [b"y"])
            else:
                release.keep_some(pl.Series([path]))

    with pytest.raises(BuildStopped) as stopped:
        night(tmp_path, 3, fill, spares)
    assert [issue.code for issue in stopped.value.issues] == ["release.duplicate-path"]
    assert tree(tmp_path / "current") == before
    assert (tmp_path / "current").readlink().name == names[2]
    assert list((tmp_path / "staging").iterdir()) == []


def test_workers_make_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folders, "_GROUP", 5)
    monkeypatch.setattr(settling, "_FEW", 3)
    site = site_of("3")
    kept = frozenset(site) - {"what.txt"}
    with workers_of(2) as executor:
        for out, workers in ((tmp_path / "a", executor), (tmp_path / "b", None)):
            three(out)
            for spares, text in ((None, "3"), (SPARES, "4")):
                night(out, int(text), filled(site_of(text), kept), spares, workers)
    assert tree(tmp_path / "a/current") == tree(tmp_path / "b/current")
    assert Layout(tmp_path / "a").names() == Layout(tmp_path / "b").names()
    assert inodes(tmp_path / "a/current").keys() == inodes(tmp_path / "b/current").keys()


def dies(out: Path, number: int) -> None:
    """Dies before the change of that number."""
    changes = ("rename", "replace", "symlink", "utime", "unlink", "link", "mkdir", "rmdir", "write", "chmod")
    die_before(number, changes)
    site = site_of("new") | {"new/file": b"x"}
    night(out, 3, filled(site, frozenset(site) - {"what.txt", "new/file", "r/1/1.txt"}))


@pytest.fixture
def run() -> Iterator[Killed]:
    with killed("tests.release.test_recycling", "dies") as run:
        yield run


def test_killed_before_each_change(run: Killed, tmp_path: Path) -> None:
    """The live release is the old one or the new one, whole; what was used up is gone or as it was; and the next build
    is as if nothing had happened."""
    start, out = tmp_path / "start", tmp_path / "out"
    names = three(start)
    (start / "releases" / names[0] / "r/2/2.txt").unlink()  # something to mend
    (start / "releases" / names[0] / "extra").write_bytes(b"")
    first = {name: tree(start / "releases" / name) for name in names}
    site = site_of("new") | {"new/file": b"x"}
    fill = filled(site, frozenset(site) - {"what.txt", "new/file", "r/1/1.txt"})
    three(tmp_path / "whole")
    expected, _ = night(tmp_path / "whole", 3, fill, None)
    new, lives, used = tree(tmp_path / "whole/current"), [], []
    for number in range(1, 200):
        subprocess.run(["cp", "-a", start, out], check=True)
        code = run(out, number)
        live = (out / "current").readlink().name
        lives.append(live != names[2])
        used.append(not (out / "releases" / names[0]).exists())
        assert tree(out / "current") == (first[names[2]] if live == names[2] else new)
        for name in Layout(out).names():
            assert tree(out / "releases" / name) == first.get(name, new), number
        assert {*names[1:]} <= set(Layout(out).names())
        assert night(out, 3, fill)[0].name == expected.name
        assert tree(out / "current") == new
        assert load_history(Layout(out))[-2:] == [names[2], expected.name], number
        assert list((out / "staging").iterdir()) == []
        shutil.rmtree(out)
        if code == 0:
            break
        assert code == -9
    assert (lives, used) == (sorted(lives), sorted(used))
    assert lives.count(False) > 20
    assert used.count(True) > 20


@pytest.mark.parametrize("seed", range(3))
def test_what_stays_is_told_as_by_comparing_paths_and_inodes(seed: int) -> None:
    chance = random.Random(seed)
    paths = sorted({"".join(chance.choices("ab/", k=chance.randint(1, 6))) for _ in range(300)})
    few = [chance.randrange(200) for _ in range(400)]  # some twice, as a file with two names
    kept = pl.DataFrame([paths, few[: len(paths)]], schema={"path": pl.String, "inode": pl.UInt64})
    there = [
        (
            path,
            few[at] if chance.random() < 0.7 else chance.randrange(200),
            chance.choice([None, None, trees.SPECIAL]),
            0,
        )
        for at, path in enumerate(paths)
        if chance.random() < 0.8
    ]
    listed = pl.DataFrame(there, schema=dict(trees.ENTRY_SCHEMA), orient="row")
    in_place, others = ground._apart(kept, listed)
    missing = kept.filter(~pl.Series(in_place))
    plain = listed.filter(pl.col("size").is_null())
    assert missing.equals(kept.join(plain, on=["path", "inode"], how="anti", maintain_order="left"))
    same = plain.join(kept, on=["path", "inode"], how="semi")
    told = listed["path"].filter(pl.Series(others))
    assert told.equals(listed.join(same, on="path", how="anti", maintain_order="left")["path"])
    assert 0 < missing.height < kept.height


def test_paths_are_divided_as_by_a_pattern() -> None:
    chance = random.Random(1)
    for count in (0, 1, 500):
        paths = pl.Series("path", ["".join(chance.choices("a名\n/", k=chance.randint(0, 6))) for _ in range(count)])
        paths = paths.cast(pl.String)
        divided = folders.divided(paths)
        assert divided["folder"].to_list() == paths.str.extract(folders.FOLDER).fill_null("").to_list()
        assert (divided["folder"] + divided["name"]).to_list() == paths.to_list()
