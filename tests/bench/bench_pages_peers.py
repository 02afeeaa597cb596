"""Record pages of the same records by us and by other site generators, in one run.

    python -m tests.bench.bench_pages_peers --rows 10000

Ours is the whole build of a site (`build.py build`): no option leaves out what else it does, so subject pages,
listings, search, downloads, the scan of all bytes and the release are in its time; `render` is its render stage alone,
by record pages and by all its pages. `record_pages` is what ours takes for what the others do: from the packages to
record pages on the disk, with validation and disclosure and without the rest of a build (`record_pages.py`); there must
be as many as in the whole build, and some are compared with its own. The others make nothing but as many record pages
as we publish, from a template that is one of our pages with a list of 20 fields (`peers_pages.Template`): Hugo, Zola,
Eleventy, Pelican, a plain loop of Jinja2 that also writes files, and the same loop with our way of making bulk pages
(`ours-plain`: neither in parallel nor with anything else of a build). Writing what they read is not counted; we read
CSV. Each output is checked: how many HTML files of records there are, and whether some of them show their record. At
the end ours and the fastest of the others run once more (`again`), unless `--once`. `times_as_long`: how many times as
long each takes as our whole build, our record pages, our render stage, and `ours-plain`. A program that cannot be had,
fails, or takes more than `--seconds` or `--mb`, is told as missing, with the reason. Prints a line for each, and one
JSON line at the end.

`--same-site` adds a second comparison, `same_site`, told apart from the first: Zola and Hugo make the same site from
the very records that ours publishes, as far as they have means for it (`same_site.ABOUT`, `peers_site`): beside the
record pages a page for each subject with the list of its records, paged listings of all records and of each authority,
a sitemap and a feed, from our pages as templates. How many pages there are of each sort is checked, that samples show
their record or subject, and that every record is in both listings. With `--search`, Pagefind makes an index over the
fastest of these sites, which is a row of its own (for 100,000 records it wants some 10 GB: `--mb 14000`). Eleventy and
Pelican are left out: they take more than twice as long as Hugo for the record pages alone.
"""

import argparse
import html
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import polars as pl

from tests.bench.bench_build import working_folder
from tests.bench.building import built
from tests.bench.city import AS_OF, ROOT, make_city, write_site
from tests.bench.measured import Limits, machine, ratio, run, versions
from tests.bench.peers_pages import ID, PEERS, PLAIN, TITLE, Peer, Record, Template, template_of
from tests.bench.peers_programs import get
from tests.bench.peers_site import site_template_of
from tests.bench.peers_sites import SITES, SitePeer
from tests.bench.same_site import against_site, chosen_sites, compare_sites, fastest, measure_site, published

SAMPLES = 20
ALSO = "CF_SY"
LIMITS = Limits(600, 8000)


def main() -> None:
    """Print the figures: lines for people, then JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=10_000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--folder", type=Path, help="where to work, and kept (default: a temporary one)")
    parser.add_argument("--seconds", type=int, default=600, help="after which a peer is ended")
    parser.add_argument("--mb", type=int, default=8000, help="memory beyond which a peer is ended")
    parser.add_argument("--once", action="store_true", help="no second run of ours and the fastest")
    names = ", ".join(peer.name for peer in (*PEERS, *SITES))
    parser.add_argument("--only", nargs="*", help=f"names of peers of either comparison: {names}")
    parser.add_argument("--same-site", action="store_true", help="the second comparison too")
    parser.add_argument("--search", action="store_true", help="in it, Pagefind over the fastest site")
    wanted = parser.parse_args()
    with working_folder(wanted.folder, "bench-pages-") as folder:
        chosen = [peer for peer in PEERS if wanted.only is None or peer.name in wanted.only]
        sites = chosen_sites(wanted.only, wanted=wanted.same_site)
        limits, how = Limits(wanted.seconds, wanted.mb), {"once": wanted.once, "search": wanted.search}
        figures = compare(folder, wanted.rows, wanted.workers, chosen, limits, sites, **how)
    about = {"bench": "pages_peers", "machine": machine(), "versions": versions("polars", "jinja2")}
    print(json.dumps(about | figures, ensure_ascii=False))
    for name, of_peer in (figures["peers"] | figures.get("same_site", {}).get("peers", {})).items():
        if "missing" in of_peer:
            print(f"MISSING: {name} was not measured: {of_peer['missing']}", flush=True)


def compare(
    folder: Path,
    rows: int,
    workers: int,
    peers: Sequence[Peer],
    limits: Limits = LIMITS,
    sites: Sequence[SitePeer] = (),
    *,
    once: bool = False,
    search: bool = False,
) -> dict[str, Any]:
    """Ours and the peers, one after the other, in `folder` (empty); then those of the second comparison."""
    city = make_city(rows)
    write_site(folder / "root", city)
    ours = _ours(built(folder / "root", folder / "out", AS_OF, workers))
    release = folder / "out/current"
    ours["record_pages"] = measure_alone(folder / "root", folder / "alone", release, workers, ours["pages"])
    records = as_records(city.first.head(ours["pages"]))
    template = template_of(release, records)
    measured = {peer.name: measure(peer, records, template, folder / peer.name, limits) for peer in peers}
    figures = {
        "rows": rows,
        "pages": ours["pages"],
        "ours": ours,
        "peers": measured,
        "times_as_long": {
            name: against(of_peer, ours, measured.get(PLAIN, {}))
            for name, of_peer in measured.items()
            if "missing" not in of_peer
        },
    }
    shown, site = records, None
    if sites:
        shown = as_records(published(city.first, release, ours["pages"]))
        site = site_template_of(release, shown)
        figures["same_site"] = _sites_against(ours, compare_sites(sites, shown, site, folder, limits, search=search))
    # A generator, if there is one: a loop is not what a user would take.
    others = [peer for peer in peers if peer.name != PLAIN and "missing" not in measured[peer.name]]
    others.sort(key=lambda peer: (peer.program is None, float(measured[peer.name]["seconds"])))
    best = fastest(sites, figures["same_site"]["peers"]) if sites else None
    if once or not (others or best):
        return figures
    again: dict[str, Any] = {"ours": _ours(built(folder / "root", folder / "out-again", AS_OF, workers))}
    alone = measure_alone(folder / "root", folder / "alone-again", release, workers, ours["pages"])
    again["ours"]["record_pages"] = alone
    for peer in others[:1]:
        theirs = measure(peer, records, template, folder / f"{peer.name}-again", limits)
        times = {} if "missing" in theirs else against(theirs, again["ours"], {})
        again |= {"peer": peer.name, "figures": theirs, "times_as_long": times}
    if best and site:
        theirs = measure_site(best, shown, site, folder / f"{best.name}-again", limits)
        again["same_site"] = {"peer": best.name} | _sites_against(again["ours"], {"peers": {best.name: theirs}})
    return figures | {"again": again}


def _sites_against(ours: dict[str, Any], figures: dict[str, Any]) -> dict[str, Any]:
    times = {
        name: against_site(of_peer, ours) for name, of_peer in figures["peers"].items() if "missing" not in of_peer
    }
    return figures | {"times_as_long": times}


def against(peer: dict[str, Any], ours: dict[str, Any], plain: dict[str, Any]) -> dict[str, float]:
    """How many times as long, and as much CPU; `a_page`: for each page that either makes."""
    same = {"as_ours_plain": ratio(peer["seconds"], plain["seconds"])} if "seconds" in plain else {}
    return same | {
        "as_our_whole_build": ratio(peer["seconds"], ours["seconds"]),
        "cpu_as_our_whole_build": ratio(peer["cpu_seconds"], ours["cpu_seconds"]),
        "as_our_record_pages": ratio(peer["seconds"], ours["record_pages"]["seconds"]),
        "cpu_as_our_record_pages": ratio(peer["cpu_seconds"], ours["record_pages"]["cpu_seconds"]),
        "as_our_render_stage": ratio(peer["seconds"], ours["render"]["seconds"]),
        "a_page_as_our_render_stage": ratio(ours["render"]["pages_per_second"], peer["pages_per_second"]),
    }


def as_records(frame: pl.DataFrame) -> list[Record]:
    """All columns as text, without nulls: some templates know no absent field."""
    return [*frame.fill_null("").iter_rows(named=True)]


def measure(
    peer: Peer, records: Sequence[Record], template: Template, folder: Path, limits: Limits = LIMITS
) -> dict[str, Any]:
    """Get the program, write its project, run it, check what it wrote. `missing` says why there are no figures."""
    project = folder / "project"
    project.mkdir(parents=True)
    try:
        program = get(peer.program, folder / "program") if peer.program else None
        peer.write(records, project, template)
        command = (*program.command, *peer.arguments) if program else peer.arguments
        done = run(command, project, program.env if program else None, limits).needed()
        made = check(peer, records, project)
    except RuntimeError as error:
        print(f"MISSING: {peer.name}: {error}", flush=True)
        return {"missing": str(error)}
    source = {"version": program.version, "from": program.source} if program else {}
    figures = {**source, **done.figures(), **made, "pages_per_second": round(made["pages"] / max(done.seconds, 0.01))}
    _tell(peer.name, figures)
    return figures


def measure_alone(root: Path, out: Path, release: Path, workers: int, wanted: int) -> dict[str, Any]:
    """Our record pages without the rest of a build. RuntimeError: they are not those of the whole build's `release`."""
    command = (sys.executable, "-m", "tests.bench.record_pages", root, out, "--as-of", AS_OF.isoformat())
    out.mkdir()
    done = run([*command, "--workers", str(workers)], ROOT).needed()
    pages = [*(out / "r").rglob("*.html")]
    same = (
        page.read_bytes() == (release / page.relative_to(out)).read_bytes() for page in pages[:: 1 + wanted // SAMPLES]
    )
    if len(pages) != wanted or not all(same):
        raise RuntimeError(f"{len(pages)} of {wanted} record pages, or others than those of the whole build")
    parts = {name: value for name, value in json.loads(done.out).items() if name != "pages"}
    figures = {
        **done.figures(),
        "pages": len(pages),
        "bytes": sum(page.stat().st_size for page in pages),
        "parts": parts,
    }
    figures["pages_per_second"] = round(len(pages) / max(done.seconds, 0.01))
    _tell("ours, record pages alone", figures)
    return figures


def check(peer: Peer, records: Sequence[Record], project: Path) -> dict[str, int]:
    """How many pages and bytes. RuntimeError: too few or too many, or a page does not show its record."""
    pages = list((project / peer.output / "r").rglob("*.html"))
    if len(pages) != len(records):
        raise RuntimeError(f"it wrote {len(pages)} pages of {len(records)} records")
    for record in records[:: max(1, len(records) // SAMPLES)]:
        file = peer.file_of(project, record)
        text = html.unescape(file.read_text(encoding="utf-8")) if file.is_file() else ""
        if text.count(record[TITLE]) < 4 or record[ALSO] not in text or record[ID] not in text:
            raise RuntimeError("a page does not show its record")
    return {"pages": len(pages), "bytes": sum(page.stat().st_size for page in pages)}


def _ours(figures: dict[str, Any]) -> dict[str, Any]:
    """The build's figures, told by record pages, and its render stage by record pages and by all."""
    pages, seconds = figures["pages_by_sort"]["record"], figures["stages"]["render"]
    ours = {
        **{name: figures[name] for name in ("seconds", "cpu_seconds", "peak_mb", "bytes")},
        "pages": pages,
        "pages_by_sort": figures["pages_by_sort"],
        "pages_per_second": round(pages / figures["seconds"]),
        "render": {
            "seconds": seconds,
            "pages": figures["pages"],
            "pages_per_second": round(figures["pages"] / max(seconds, 0.01)),
            "record_pages_per_second": round(pages / max(seconds, 0.01)),
        },
        "stages": figures["stages"],
        "stage_cpu": figures["stage_cpu"],
    }
    _tell("ours, the whole build", ours)
    return ours


def _tell(name: str, figures: dict[str, Any]) -> None:
    render = figures.get("render")
    more = (
        f"; render alone {render['seconds']:.2f} s, {render['record_pages_per_second']} record pages/s, "
        f"{render['pages_per_second']} of all {render['pages']} pages"
        if render
        else ""
    )
    size = "" if render else f", {figures['bytes'] / figures['pages'] / 1000:.1f} KB each"
    version = f" {figures['version']}" if "version" in figures else ""
    print(
        f"{name}{version}: {figures['pages']} record pages in {figures['seconds']:.2f} s "
        f"({figures['cpu_seconds']:.2f} s CPU), {figures['peak_mb']} MB, {figures['pages_per_second']} pages/s{size}; "
        f"load {os.getloadavg()[0]:.1f}{more}",
        flush=True,
    )


if __name__ == "__main__":
    main()
