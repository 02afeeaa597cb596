"""The second comparison of the bench of pages: others are given the same site to make, and it is looked at."""

import json
import re
import sys
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import jinja2
import pytest

from tests.bench import bench_pages_peers as bench
from tests.bench import peers_pagefind_program, same_site
from tests.bench.city import COLUMNS, make_city
from tests.bench.measured import Limits
from tests.bench.peers_pagefind_program import index_site
from tests.bench.peers_pages import ID, TITLE, Record, Template
from tests.bench.peers_programs import Program
from tests.bench.peers_site import AUTHORITY, CODE, DATE, EVERYTHING, NAME, ROWS, SiteTemplate, check_site, expected
from tests.bench.peers_sites import SITES, SitePeer
from tests.bench.same_site import chosen_sites, measure_site, published

ZOLA, HUGO = SITES
HEAD = "<title>No. 1 (a)</title><nav>No. 1 (a)</nav>"
TEMPLATE = SiteTemplate(
    Template(f"{HEAD}<h1>No. 1 (a)</h1><b>No. 1 (a)</b>", "", {TITLE: "No. 1 (a)"}, "abc"),
    ("<title>[name]</title><i>[name]</i><h1>[name]</h1>[code], [count] of [address]", "<footer></footer>"),
    ("<h1>[heading]</h1>[address]", "<footer></footer>"),
)
AWKWARD = {"BZ": 'a "b" <c> & d\\e'}
PUT = "import shutil; shutil.move('made', 'public')"
LIMITS = Limits(100, 8000)


def records_of(rows: int) -> list[Record]:
    """Newest first, one of an authority with more than a page; the first with awkward text."""
    records = bench.as_records(make_city(rows).first)
    first = records[0][AUTHORITY]
    records = [{**record, AUTHORITY: first} if at < ROWS + 9 else record for at, record in enumerate(records)]
    return [{**records[0], **AWKWARD}, *records[1:]]


RECORDS = records_of(90)


def make_site(records: Sequence[Record], folder: Path, project: Path) -> None:
    """What Zola makes of its project: Tera's language is nearly Jinja's, so its templates are rendered by that."""
    loader = jinja2.FileSystemLoader(project / "templates")
    environment = jinja2.Environment(loader=loader, autoescape=True, undefined=jinja2.StrictUndefined)
    pages = [
        SimpleNamespace(extra=record, title=record[TITLE], path=f"/r/{record[ID]}/", date=record[DATE])
        for record in records
    ]

    def put(path: str, template: str, **context: Any) -> None:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        told = {"current_path": f"/{path}", "section": None} | context
        (folder / path).write_text(environment.get_template(template).render(told), encoding="utf-8")

    def listing(place: str, title: str, of: Sequence[Any]) -> None:
        for at in range(0, len(of), ROWS):
            number = at // ROWS + 1
            pager = {"pages": of[at : at + ROWS], "current_index": number, "total_pages": len(of), "number_pagers": "?"}
            pager |= dict.fromkeys(("first", "previous", "next", "last"), "/")
            path = f"{place}page/{number}/index.html" if at else f"{place}index.html"
            put(path, "listing.html", paginator=pager, section={"title": title})

    for page in pages:
        put(f"r/{page.extra[ID]}/index.html", "page.html", page=page)
    for code in {record[CODE] for record in records if record[CODE]}:
        term = {"name": code, "pages": [page for page in pages if page.extra[CODE] == code]}
        put(f"subjects/{code}/index.html", "subjects/single.html", term=term)
    listing("", EVERYTHING, pages)
    for name in dict.fromkeys(record[AUTHORITY] for record in records):
        listing(f"authorities/{name}/", name, [page for page in pages if page.extra[AUTHORITY] == name])
    put("authorities/index.html", "authorities.html", get_section=lambda **_: {"subsections": []})
    urls = "".join(f"<loc>{page.path}</loc>" for page in pages) + "<loc></loc>" * len(pages)
    (folder / "sitemap.xml").write_text(urls, encoding="utf-8")
    (folder / "atom.xml").write_text("<feed><entry></entry></feed>", encoding="utf-8")


def zola_site(folder: Path, records: Sequence[Record] = RECORDS) -> Path:
    ZOLA.write(records, folder / "project", TEMPLATE, "0.17.2")
    make_site(records, folder / "made", folder / "project")
    return folder / "made"


def test_a_site_that_is_all_there_is_counted(tmp_path: Path) -> None:
    made = check_site(ZOLA.places, RECORDS, zola_site(tmp_path))
    assert made["pages"] == len(RECORDS) == 90
    assert made["pages_by_sort"] == expected(RECORDS) | {"other": 1}
    assert made["pages_by_sort"]["listing"] == 2 + 2 + len({record[AUTHORITY] for record in RECORDS}) - 1
    assert sum(made["bytes_by_sort"].values()) > made["bytes"] > 0


def _drop(pattern: str) -> Callable[[Path], None]:
    return lambda made: next(made.glob(pattern)).unlink()


def _change(pattern: str, old: str, new: str, most: int = 0) -> Callable[[Path], None]:
    def change(made: Path) -> None:
        for path in made.glob(pattern):
            text = path.read_text(encoding="utf-8")
            path.write_text(re.sub(old, new, text, count=most, flags=re.DOTALL), encoding="utf-8")

    return change


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (_drop("r/*/index.html"), "89 record pages where 90"),
        (_drop("subjects/*/index.html"), "subject pages where"),
        (_drop("authorities/*/page/2/index.html"), "listing pages where"),
        (_change("r/*/index.html", "<nav>.*?</h1>", ""), "does not show its record"),
        (_change("r/*/index.html", '<a class="more".*?</a>', ""), "does not show its record"),
        (_change("r/*/index.html", 'href="/subjects/', 'href="/'), "does not show its subject"),
        (_change("subjects/*/index.html", '<li class="row .*</li>', ""), "does not show its subject"),
        (_change("subjects/*/index.html", 'href="/r/', 'href="/'), "leads nowhere"),
        (_change("page/2/index.html", '<li class="row .*?</li>', "", 1), "179 rows for 90 records"),
        (_change("index.html", "<time.*?</time>", ""), "listing is empty"),
        (_drop("sitemap.xml"), "lacks pages"),
        (_drop("atom.xml"), "lacks pages"),
    ],
)
def test_what_is_not_there_is_noticed(spoil: Callable[[Path], None], reason: str, tmp_path: Path) -> None:
    made = zola_site(tmp_path)
    spoil(made)
    with pytest.raises(RuntimeError, match=reason):
        check_site(ZOLA.places, RECORDS, made)


def test_a_listing_out_of_order_is_noticed(tmp_path: Path) -> None:
    backwards = RECORDS[::-1]
    made = zola_site(tmp_path, backwards)
    with pytest.raises(RuntimeError, match="not in order"):
        check_site(ZOLA.places, backwards, made)


def test_each_gets_every_record_with_its_subject_and_authority(tmp_path: Path) -> None:
    for site in SITES:
        site.write(RECORDS, tmp_path / site.name, TEMPLATE, "0.17.2")
    sections = {}
    for path in (tmp_path / "zola-site/content/authorities").glob("*/_index.md"):
        sections[path.parent] = tomllib.loads(path.read_text(encoding="utf-8").split("+++\n")[1])
    assert {section["title"] for section in sections.values()} == {record[AUTHORITY] for record in RECORDS}
    assert all(section["paginate_by"] == ROWS and section["transparent"] for section in sections.values())
    for record in RECORDS:
        (path,) = (tmp_path / "zola-site/content").rglob(f"{record[ID]}.md")
        zola = tomllib.loads(path.read_text(encoding="utf-8").split("+++\n")[1])
        hugo = json.loads((tmp_path / f"hugo-site/content/r/{record[ID]}.md").read_text(encoding="utf-8"))
        assert zola["extra"] == record == {name: hugo[name] for name in COLUMNS}
        assert sections[path.parent]["title"] == record[AUTHORITY] == hugo["authorities"][0]
        assert str(zola["date"]) == record[DATE] == hugo["date"]
        subjects = [record[CODE]] if record[CODE] else []
        assert zola.get("taxonomies", {}).get("subjects", []) == subjects == hugo.get("subjects", [])
    config = tomllib.loads((tmp_path / "hugo-site/hugo.toml").read_text(encoding="utf-8"))
    assert config["buildFuture"] is True
    assert config["pagination"]["pagerSize"] == ROWS


@pytest.mark.parametrize(("version", "key"), [("0.17.2", "generate_feed"), ("0.22.1", "generate_feeds")])
def test_zola_is_asked_for_a_feed_in_the_words_of_its_version(version: str, key: str, tmp_path: Path) -> None:
    ZOLA.write(RECORDS[:1], tmp_path, TEMPLATE, version)
    config = tomllib.loads((tmp_path / "config.toml").read_text(encoding="utf-8"))
    assert config[key] is True
    assert config["build_search_index"] is False


@pytest.mark.parametrize(
    ("site", "sort", "paths"),
    [
        (ZOLA, "record", ["r/CF1/index.html"]),
        (ZOLA, "subject", ["subjects/9A/index.html"]),
        (ZOLA, "listing", ["index.html", "page/2/index.html", "authorities/0001/page/12/index.html"]),
        (ZOLA, "other", ["page/1/index.html", "authorities/a/page/1/index.html", "authorities/index.html"]),
        (HUGO, "record", ["r/CF1.html"]),
        (HUGO, "subject", ["subjects/9A.html"]),
        (
            HUGO,
            "listing",
            ["r/index.html", "r/page/2/index.html", "authorities/某局.html", "authorities/a/page/2.html"],
        ),
        (HUGO, "other", ["index.html", "authorities/index.html", "subjects/index.html"]),
    ],
    ids=lambda value: getattr(value, "name", None) or str(value)[:8],
)
def test_places_tell_sorts_of_pages(site: SitePeer, sort: str, paths: list[str]) -> None:
    patterns = site.places.files
    found = [[of for of, pattern in patterns.items() if re.fullmatch(pattern, path)] or ["other"] for path in paths]
    assert found == [[sort]] * len(paths)


def test_a_program_that_fails_is_told_and_no_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(same_site, "get", lambda *_: Program((sys.executable,), "somewhere", "1.0"))
    failing = replace(HUGO, arguments=("-c", "exit('it cannot')"))
    assert measure_site(failing, RECORDS, TEMPLATE, tmp_path / "a", LIMITS) == {
        "missing": "a program ended with 1: it cannot\n"
    }
    empty = measure_site(replace(HUGO, arguments=("-c", "")), RECORDS, TEMPLATE, tmp_path / "b", LIMITS)
    assert empty == {"missing": "it wrote 0 record pages where 90 are wanted"}


def test_sites_are_made_of_our_pages_and_compared_with_our_build(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def write(records: Sequence[Record], folder: Path, site: SiteTemplate, version: str) -> None:
        ZOLA.write(records, folder, site, version)
        make_site(records, folder / "made", folder)

    monkeypatch.setattr(same_site, "get", lambda *_: Program((sys.executable,), "somewhere", "0.17.2"))
    monkeypatch.setenv("PATH", str(tmp_path))
    site = replace(ZOLA, write=write, arguments=("-c", PUT))
    figures = bench.compare(tmp_path, 60, 1, [], LIMITS, [site], once=True, search=True)
    ours, same = figures["ours"], figures["same_site"]
    peer = same["peers"]["zola-site"]
    for sort in ("record", "subject"):
        assert peer["pages_by_sort"][sort] == ours["pages_by_sort"][sort] == same["wanted"][sort] > 0
    assert set(same["times_as_long"]["zola-site"]) >= {"as_our_whole_build", "memory_of_our_whole_build"}
    assert same["peers"]["zola-site+pagefind"]["missing"].startswith("npm is not installed")
    assert figures["peers"] == {}
    assert "the same site" in capsys.readouterr().out
    output = tmp_path / "zola-site/project/public"
    (subject, *_) = (path.read_text(encoding="utf-8") for path in output.glob("subjects/*/index.html"))
    for part in ('<meta name="ArticleTitle"', '<ol class="rows', '<time datetime="', "<footer", 'class="crumbs'):
        assert part in subject
    assert not {'class="qr"', "unavailable_after"} & set(re.findall(r'class="qr"|unavailable_after', subject))
    listing = (output / "index.html").read_text(encoding="utf-8")
    assert listing.count('<li class="row ') == min(ROWS, ours["pages"])
    assert f'<span class="h1-part">{EVERYTHING}</span>' in listing
    assert not re.search(r"\[(name|code|count|heading|address)\]", subject + listing)


def test_an_index_has_every_record_and_no_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = zola_site(tmp_path)
    program = tmp_path / "pagefind"
    program.write_text(
        f"#!{sys.executable}\nimport pathlib, sys\n"
        "site, files = pathlib.Path(sys.argv[2]), sys.argv[4]\n"
        "out = site / 'pagefind/fragment'\nout.mkdir(parents=True)\n"
        "[(out / str(at)).write_text('-') for at, _ in enumerate(site.glob(files))]\n",
        encoding="utf-8",
    )
    program.chmod(0o755)
    monkeypatch.setattr(peers_pagefind_program, "installed", lambda _: program)
    index = index_site(tmp_path / "npm", made, ZOLA.search, len(RECORDS), LIMITS)
    assert index["fragment_files"] == index["bytes"] == len(RECORDS)
    assert index["seconds"] > 0
    with pytest.raises(RuntimeError, match="90 pages of 91"):
        index_site(tmp_path / "npm", zola_site(tmp_path / "more"), ZOLA.search, len(RECORDS) + 1, LIMITS)


def test_only_what_is_published_is_given_to_others(tmp_path: Path) -> None:
    frame = make_city(20).first
    folder = tmp_path / "data/penalties/latest"
    folder.mkdir(parents=True)
    frame[3:9].select(DATE, TITLE, NAME).write_csv(folder / "penalties.csv")
    assert published(frame, tmp_path, 6).equals(frame[3:9])
    with pytest.raises(RuntimeError, match="6 records have the numbers of the 7"):
        published(frame, tmp_path, 7)


def test_which_sites_are_made() -> None:
    assert chosen_sites(None, wanted=False) == []
    assert chosen_sites(None, wanted=True) == chosen_sites(["zola"], wanted=True) == [ZOLA, HUGO]
    assert chosen_sites(["zola", "hugo-site"], wanted=False) == [HUGO]
