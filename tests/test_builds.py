"""Whole builds: what is in the release, what stays, what stops one."""

import json
import shutil
import time
from collections.abc import Callable
from concurrent.futures import Future
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from frictionless import Package, system

from publish.model.issue import BuildStopped, Issue, Level
from publish.pipeline import building
from publish.release import ending
from publish.release.caches import Caches
from publish.release.manifest import Seals
from publish.release.scan import ReleaseScan
from publish.release.writing import Release
from tests.sitekit import DEMO_DAY, SITES, Builds, build_site, demo_of_all, tree

AS_OF = DEMO_DAY


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A copy of the minimal site that a test may change."""
    return Path(shutil.copytree(SITES / "minimal", tmp_path / "root"))


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo city, built with one worker."""
    return demo_of_all(tmp_path_factory.getbasetemp())


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_the_minimal_site(site: Path, builds: Builds, tmp_path: Path) -> None:
    report = builds.copied(site, tmp_path / "out", AS_OF)
    records = report.records
    assert (records.records, records.published, records.expired) == (4, 2, 1)
    assert records.withheld == {"national.n36.minor": 1}
    files = tree(tmp_path / "out" / "current")
    assert report.files + 2 == len(files), "all but the manifest and the sums"
    assert sum(path.startswith("r/") for path in files) == 2
    assert "s/16/914403001922038216.html" in files
    page = next(data.decode() for path, data in files.items() if path.startswith("r/") and "张**" in data.decode())
    assert "张**无证经营" in page
    assert "2029-09-01" in page, "serious: three years from the decision"
    everything = b"".join(files.values()).decode("utf-8", "ignore")
    for hidden in ("张三丰", "李某某", "示罚〔2025〕3号", "示罚〔2026〕4号", "占道"):
        assert hidden not in everything


def test_a_site_is_the_same_with_two_workers(tmp_path: Path) -> None:
    """.ci/run builds the whole demo with one and with two."""
    for workers in (1, 2):
        build_site(SITES / "full", tmp_path / f"{workers}", AS_OF, workers=workers)
    assert tree(tmp_path / "1/current") == tree(tmp_path / "2/current")
    assert (tmp_path / "1/current").readlink() == (tmp_path / "2/current").readlink()


def test_a_rebuild_of_the_same_day_changes_nothing(site: Path, builds: Builds, tmp_path: Path) -> None:
    first = builds.copied(site, tmp_path / "out", AS_OF)
    again = build_site(site, tmp_path / "out", AS_OF)
    assert again.release == first.release
    assert again.linked == again.files


def test_a_dataset_to_be_packed_that_there_is_not(site: Path, tmp_path: Path) -> None:
    """A name that is misspelt: files would be published under addresses that nobody meant."""
    edit(site / "content/site.yaml", "rule_profiles:", "data_files: {packed: [penalties, penalty]}\nrule_profiles:")
    with pytest.raises(BuildStopped) as stopped:
        build_site(site, tmp_path / "out", AS_OF)
    (issue,) = [issue for issue in stopped.value.issues if issue.level is Level.ERROR]
    assert (issue.code, issue.file) == ("config.unknown-dataset", "content/site.yaml")
    lines = (site / "content/site.yaml").read_text(encoding="utf-8").splitlines()
    assert lines[issue.line - 1].startswith("data_files:")
    assert "packed[1]" in issue.hint
    assert "penalties" in issue.hint, "what may have been meant"
    assert not (tmp_path / "out/current").exists()


def test_a_dataset_to_be_packed_whose_package_cannot_be_read(site: Path, tmp_path: Path) -> None:
    """Nobody is told to take its name out: that would change the addresses of its files."""
    edit(site / "content/site.yaml", "rule_profiles:", "data_files: {packed: [penalties]}\nrule_profiles:")
    (site / "data/penalties/penalties.csv").unlink()
    with pytest.raises(BuildStopped) as stopped:
        build_site(site, tmp_path / "out", AS_OF)
    assert {issue.code for issue in stopped.value.issues if issue.level is Level.ERROR} == {"package.missing-file"}


def test_an_exit_and_its_end(site: Path, builds: Builds, tmp_path: Path) -> None:
    """示罚〔2025〕3号 is public until 2026-09-01 and exits on the day after; the notice runs for 30 days."""
    shown: list[tuple[bool, int]] = []
    for day in (date(2026, 9, 1), date(2026, 9, 2), date(2026, 10, 1), date(2026, 10, 2)):
        (build_site if shown else builds.copied)(site, tmp_path / "out", day)
        current = tmp_path / "out" / "current"
        exits = json.loads((current / "exits" / "exits.json").read_text(encoding="utf-8"))["exits"]
        record = any("示罚〔2025〕3号" in p.read_text(encoding="utf-8") for p in (current / "r").rglob("*.html"))
        shown.append((record, len(exits)))
        notices = list((current / "exits").glob("??/*.html"))
        assert len(notices) == len(exits)
        for notice in notices:
            text = notice.read_text(encoding="utf-8")
            assert "示例乙有限公司" not in text, "no rule of this site lets a notice name anybody"
            assert 'name="robots" content="noindex' in text
            for of_record in ("示罚", "占道", "91110108551385082Q", "2025-09-01"):
                assert of_record not in text, "nothing of the original record"
    assert shown == [(True, 0), (False, 1), (False, 1), (False, 0)]


def test_without_an_earlier_release_there_is_no_notice(site: Path, builds: Builds, tmp_path: Path) -> None:
    assert builds.copied(site, tmp_path / "out", date(2026, 9, 2)).records.exits == 0


def test_a_dataset_that_is_gone_takes_its_notices_along(site: Path, builds: Builds, tmp_path: Path) -> None:
    out = tmp_path / "out"
    builds.copied(site, out, date(2026, 9, 1))
    assert build_site(site, out, date(2026, 9, 2)).records.exits == 1
    shutil.rmtree(site / "data")
    report = build_site(site, out, date(2026, 9, 3), acknowledged=frozenset({"penalties"}))
    assert report.records.exits == 0
    assert json.loads((out / "current/exits/exits.json").read_text(encoding="utf-8"))["exits"] == []


def test_an_earlier_day_than_the_live_one_is_told(site: Path, builds: Builds, tmp_path: Path) -> None:
    builds.copied(site, tmp_path / "out", date(2026, 9, 2))
    earlier = build_site(site, tmp_path / "out", date(2026, 9, 1))
    assert {issue.code for issue in earlier.issues} == {"release.earlier-day"}


def test_a_vanished_record_is_an_alarm_or_an_exit(site: Path, tmp_path: Path) -> None:
    limits = "\nlimits: {count_drop: 0.9}\n"
    config = site / "content" / "site.yaml"
    config.write_text(config.read_text(encoding="utf-8") + limits, encoding="utf-8")
    for absence in ("alarm", "exit"):
        out, root = tmp_path / absence, Path(shutil.copytree(site, tmp_path / f"root-{absence}"))
        edit(root / "data/penalties/datapackage.yaml", "kind: penalty", f"kind: penalty\n      absence: {absence}")
        build_site(root, out, AS_OF)
        rows = (root / "data/penalties/penalties.csv").read_text(encoding="utf-8").splitlines(keepends=True)
        (root / "data/penalties/penalties.csv").write_text("".join([rows[0], *rows[2:]]), encoding="utf-8")
        report = build_site(root, out, AS_OF + timedelta(days=1))
        assert report.records.exits == (absence == "exit")
        assert ("record.vanished" in {issue.code for issue in report.issues}) == (absence == "alarm")


def test_a_sudden_loss_of_rows_stops_the_build(site: Path, builds: Builds, tmp_path: Path) -> None:
    out = tmp_path / "out"
    builds.copied(site, out, AS_OF)
    before = tree(out / "current")
    rows = (site / "data/penalties/penalties.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    (site / "data/penalties/penalties.csv").write_text("".join(rows[:2]), encoding="utf-8")
    with pytest.raises(BuildStopped) as stopped:
        build_site(site, out, AS_OF)
    assert [i.code for i in stopped.value.issues if i.level == "error"] == ["guard.count-drop"]
    assert tree(out / "current") == before
    report = build_site(site, out, AS_OF, acknowledged=frozenset({"penalties"}))
    assert "guard.count-drop" in {issue.code for issue in report.issues}


@pytest.mark.parametrize("workers", [1, 2])
def test_documents_are_not_begun_where_a_guard_stops_the_build(
    workers: int, site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody who is told of a fault waits for them."""
    begun, begin = list[int](), building._Building._begin_documents
    monkeypatch.setattr(building._Building, "_begin_documents", lambda self: begun.append(1) or begin(self))
    build_site(site, tmp_path / "out", AS_OF, workers=workers)
    assert begun == [1]
    path = site / "data/penalties/penalties.csv"
    path.write_text("".join(path.read_text(encoding="utf-8").splitlines(keepends=True)[:2]), encoding="utf-8")
    with pytest.raises(BuildStopped):
        build_site(site, tmp_path / "out", AS_OF, workers=workers)
    assert begun == [1]


def test_data_files_are_begun_before_documents_are_waited_for(
    site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a site with many documents and few records workers would have nothing to do meanwhile."""
    order = list[str]()

    def noted(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        return lambda *told: order.append(name) or function(*told)

    monkeypatch.setattr(building.Downloads, "start", noted("files", building.Downloads.start))
    monkeypatch.setattr(building, "derive_documents", noted("documents", building.derive_documents))
    build_site(site, tmp_path / "out", AS_OF)
    assert order == ["files", "documents"]


def test_a_structural_error_leaves_the_live_release(site: Path, builds: Builds, tmp_path: Path) -> None:
    out = tmp_path / "out"
    builds.copied(site, out, AS_OF)
    before = tree(out / "current")
    edit(site / "data/penalties/datapackage.yaml", "path: penalties.csv", "path: gone.csv")
    with pytest.raises(BuildStopped):
        build_site(site, out, AS_OF)
    assert tree(out / "current") == before
    assert list((out / "staging").iterdir()) == []


def test_an_unreadable_template_stops_the_build(site: Path, builds: Builds, tmp_path: Path) -> None:
    """A fault while rendering: nothing is activated, nothing is left in staging."""
    out = tmp_path / "out"
    builds.copied(site, out, AS_OF)
    before = tree(out / "current")
    (site / "site_templates" / "pages").mkdir(parents=True)
    (site / "site_templates/pages/exits.html").write_text("{{ nobody }}", encoding="utf-8")
    with pytest.raises(Exception, match="nobody"):
        build_site(site, out, AS_OF + timedelta(days=1))
    assert tree(out / "current") == before
    assert list((out / "staging").iterdir()) == []


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("fault", [False, True])
def test_a_leak_is_told_before_what_is_wrong_besides(
    workers: int, fault: bool, site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And it is told even where verification comes to grief."""
    own = Release.settle

    def settle(release: Release) -> Future[Seals]:
        seals = own(release)
        (release.tree / "more.html").write_bytes(b"x")
        return seals

    def crash(*told: object, **more: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(Release, "settle", settle)
    leak = Issue("release.private-value", Level.ERROR, "", file="index.html")
    monkeypatch.setattr(building, "prove", lambda *told: (leak,))
    if fault:
        monkeypatch.setattr(ending, "verify", crash)
    with pytest.raises(BuildStopped) as stopped:
        build_site(site, tmp_path / "out", AS_OF, workers=workers)
    codes = [issue.code for issue in stopped.value.issues]
    assert codes == ["release.private-value", *([] if fault else ["release.file-unknown"])]
    assert not (tmp_path / "out/current").exists()


@pytest.mark.parametrize("workers", [1, 2])
def test_a_build_that_fails_at_its_end_leaves_memories_as_they_were(
    workers: int, site: Path, builds: Builds, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, secret = tmp_path / "out", b"0123456789abcdef"
    builds.copied(site, out, AS_OF, secret=secret)
    before = {path: data for path, data in tree(out / "cache").items() if not path.startswith(("search/", "static"))}
    homes = {path.partition("/")[0] for path in before}
    assert homes == {"data", "pages", "plain-rows", "quiet-people", "quiet-rows", "searched", "values"}

    def crash(*told: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(Caches, "leave_room", crash)
    with pytest.raises(RuntimeError):
        build_site(site, out, AS_OF + timedelta(days=1), workers=workers, secret=secret)
    after = {path: data for path, data in tree(out / "cache").items() if not path.startswith(("search/", "static"))}
    assert after == before
    assert list((out / "staging").iterdir()) == []


@pytest.mark.parametrize("workers", [1, 2])
def test_a_build_that_fails_in_the_last_files_of_the_scan_leaves_memories_as_they_were(
    workers: int, site: Path, builds: Builds, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With workers most of the new ones have been made by then."""
    out, secret = tmp_path / "out", b"0123456789abcdef"
    builds.copied(site, out, AS_OF, secret=secret)
    before = {path: data for path, data in tree(out / "cache").items() if not path.startswith(("search/", "static"))}
    made = set[str]()
    finish = ReleaseScan.finish

    def fails(scan: ReleaseScan, folder: Path, *more: Any, **others: Any) -> tuple[Issue, ...]:
        finish(scan, folder, *more, **others)
        ended = time.monotonic() + 30
        while workers > 1 and time.monotonic() < ended and len(made) < len(before_homes) - 1:
            made.update(path.parent.name for path in (folder.parent).rglob("next/*/*"))
        raise RuntimeError

    before_homes = {path.partition("/")[0] for path in before}
    monkeypatch.setattr(ReleaseScan, "finish", fails)
    with pytest.raises(RuntimeError):
        build_site(site, out, AS_OF + timedelta(days=1), workers=workers, secret=secret)
    assert made == (before_homes - {"data"} if workers > 1 else set())
    after = {path: data for path, data in tree(out / "cache").items() if not path.startswith(("search/", "static"))}
    assert after == before
    assert list((out / "staging").iterdir()) == []


def test_a_site_may_have_its_own_templates(site: Path, tmp_path: Path) -> None:
    (site / "site_templates" / "i18n").mkdir(parents=True)
    (site / "site_templates/i18n/zh-Hans.yaml").write_text("nav.home: 门户首页\n", encoding="utf-8")
    build_site(site, tmp_path / "out", AS_OF)
    assert "门户首页" in (tmp_path / "out/current/index.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("language", ["zh-Hans", "en"])
def test_a_site_with_nothing_in_it(site: Path, tmp_path: Path, language: str) -> None:
    shutil.rmtree(site / "data")
    shutil.rmtree(site / "content/pages")
    edit(site / "content/site.yaml", "zh-Hans", language)
    report = build_site(site, tmp_path / "out", AS_OF)
    assert report.records.records == 0
    assert 'id="objection"' in (tmp_path / "out/current/about.html").read_text(encoding="utf-8")


def test_the_demo_is_marked_on_every_page(demo: Path) -> None:
    pages = {path: data for path, data in tree(demo / "current").items() if path.endswith(".html")}
    assert len(pages) > 3000
    assert [path for path, data in pages.items() if "本站为演示站点" not in data.decode()] == []


def test_every_page_has_the_government_meta_tags(demo: Path) -> None:
    for path, data in tree(demo / "current").items():
        if path.endswith(".html"):
            for name in ("SiteName", "SiteDomain", "SiteIDCode"):
                assert f'<meta name="{name}"' in data.decode(), path


def test_downloads_are_valid_data_packages(demo: Path) -> None:
    for slug in ("penalties", "licences", "blacklist", "redlist"):
        folder = (demo / "current" / "data" / slug / "latest").resolve()
        with system.use_context(trusted=True):
            report = Package(str(folder / "datapackage.json")).validate()
        assert report.valid, (slug, report.flatten(["type", "note"])[:3])


def test_downloads_hold_what_the_site_shows(demo: Path) -> None:
    current = demo / "current"
    shown = {path.stem for path in (current / "r").rglob("*.html")}
    listed = []
    for slug in ("penalties", "licences", "blacklist", "redlist"):
        frame = pl.read_parquet(current / "data" / slug / "latest" / f"{slug}.parquet")
        listed += [url.rsplit("/", 1)[1].removesuffix(".html") for url in frame["permalink"]]
    assert len(listed) == len(set(listed)) == len(shown)
    assert set(listed) == shown


def test_every_record_is_in_a_listing_of_its_month(demo: Path) -> None:
    current = demo / "current"
    links = [
        part.split('"', 1)[0]
        for page in (current / "datasets").glob("*/????-??*.html")
        for part in page.read_text(encoding="utf-8").split('href="/r/')[1:]
    ] + [
        part.split('"', 1)[0]
        for page in (current / "datasets").glob("*/undated*.html")
        for part in page.read_text(encoding="utf-8").split('href="/r/')[1:]
    ]
    assert len(links) == len(set(links))
    assert {Path(link).stem for link in links} == {path.stem for path in (current / "r").rglob("*.html")}


def test_the_manifest_tells_the_truth(demo: Path) -> None:
    manifest = json.loads((demo / "current" / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["as_of"] == AS_OF.isoformat()


def test_the_ledger_is_beside_the_release_and_holds_no_values(demo: Path) -> None:
    assert not [path for path in tree(demo / "current") if "ledger" in path]
    release = (demo / "current").readlink().name
    ledger = pl.read_parquet(demo / "state" / release / "ledger.parquet")
    assert ledger.columns == ["dataset", "key", "row", "field", "outcome", "rule", "citation", "until"]
    assert ledger.height > 1000
    assert ledger.filter(pl.col("rule").is_null() | (pl.col("citation") == "")).height == 0
