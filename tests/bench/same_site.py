"""The second comparison of bench_pages_peers: others make the same site as we do, as far as they can."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import polars as pl

from tests.bench.city import PACKAGE
from tests.bench.measured import Limits, ratio, run
from tests.bench.peers_pagefind_program import MissingPeerError, index_site
from tests.bench.peers_pages import TITLE, Record
from tests.bench.peers_programs import get
from tests.bench.peers_site import SiteTemplate, check_site, expected
from tests.bench.peers_sites import SITES, SitePeer

ABOUT: Final = (
    "Made by both: a page for each record and each subject, listings of all records (ours by month) and of each "
    "authority, a sitemap, a feed. Made by ours alone, within its time, and counted neither for nor against anybody: "
    "masks and other rules of disclosure, expiry, exit notices, data files in six formats, a search index, QR codes, "
    "policies, statistics, the scan of all bytes, manifest, verified release, and what makes the next build short."
)
SEARCH: Final = "+pagefind"


def compare_sites(
    sites: Sequence[SitePeer],
    records: Sequence[Record],
    template: SiteTemplate,
    folder: Path,
    limits: Limits,
    *,
    search: bool,
) -> dict[str, Any]:
    """Each of them; with `search`, Pagefind over what the fastest has made, as a row of its own."""
    made = {site.name: measure_site(site, records, template, folder / site.name, limits) for site in sites}
    best = fastest(sites, made)
    if search and best:
        made[best.name + SEARCH] = _with_search(best, made[best.name], folder, limits)
    return {"about": ABOUT, "wanted": expected(records), "peers": made}


def fastest(sites: Sequence[SitePeer], made: Mapping[str, Mapping[str, Any]]) -> SitePeer | None:
    """Of those that were measured."""
    measured = [site for site in sites if "missing" not in made[site.name]]
    return min(measured, key=lambda site: float(made[site.name]["seconds"]), default=None)


def against_site(peer: Mapping[str, Any], ours: Mapping[str, Any]) -> dict[str, float]:
    """How many times as long and as much CPU and memory as our whole build. As both make the same record pages, ours
    makes so many times as many of them a second."""
    return {
        "as_our_whole_build": ratio(peer["seconds"], ours["seconds"]),
        "cpu_as_our_whole_build": ratio(peer["cpu_seconds"], ours["cpu_seconds"]),
        "memory_of_our_whole_build": ratio(peer["peak_mb"], ours["peak_mb"]),
    }


def measure_site(
    site: SitePeer, records: Sequence[Record], template: SiteTemplate, folder: Path, limits: Limits
) -> dict[str, Any]:
    """Get the program, write its project, run it, check what it wrote. `missing` says why there are no figures."""
    project = folder / "project"
    project.mkdir(parents=True)
    try:
        program = get(site.program, folder / "program")
        site.write(records, project, template, program.version)
        done = run((*program.command, *site.arguments), project, program.env, limits).needed()
        made = check_site(site.places, records, project / site.output)
    except RuntimeError as error:
        print(f"MISSING: {site.name}: {error}", flush=True)
        return {"missing": str(error)}
    figures = {"version": program.version, "from": program.source, **done.figures(), **made}
    return _told(site.name, figures)


def published(records: pl.DataFrame, release: Path, count: int) -> pl.DataFrame:
    """Those of the `records` that a release shows, by number and date of the decision. RuntimeError: not `count`."""
    known = [TITLE, "CF_JDRQ"]
    data = release / "data" / PACKAGE / "latest" / f"{PACKAGE}.csv"
    shown = pl.read_csv(data, columns=known, infer_schema=False)
    found = records.join(shown, on=known, how="semi", maintain_order="left")
    if found.height != count:
        raise RuntimeError(f"{found.height} records have the numbers of the {count} that the release shows")
    return found


def chosen_sites(only: Sequence[str] | None, *, wanted: bool) -> list[SitePeer]:
    """Those that are named; if none is, all if they are wanted, else none."""
    named = [site for site in SITES if site.name in (only or ())]
    return named or (list(SITES) if wanted else [])


def _with_search(site: SitePeer, made: Mapping[str, Any], folder: Path, limits: Limits) -> dict[str, Any]:
    """The site's figures and those of its search index together; the index alone is `search`."""
    name = site.name + SEARCH
    try:
        output = folder / site.name / "project" / site.output
        search = index_site(folder / name, output, site.search, made["pages"], limits)
    except (MissingPeerError, RuntimeError) as error:
        print(f"MISSING: {name}: {error}", flush=True)
        return {"missing": str(error)}
    both = {of: round(made[of] + search[of], 2) for of in ("seconds", "cpu_seconds")}
    peak = max(made["peak_mb"], search["peak_mb"])
    return _told(name, {**made, **both, "peak_mb": peak, "search": search})


def _told(name: str, figures: Mapping[str, Any]) -> dict[str, Any]:
    """With their rates, printed."""
    seconds, sorts = max(figures["seconds"], 0.01), figures["pages_by_sort"]
    rates = {
        "pages_per_second": round(figures["pages"] / seconds),
        "all_pages_per_second": round(sum(sorts.values()) / seconds),
    }
    print(
        f"{name} {figures['version']}, the same site: {sorts['record']} record, {sorts['subject']} subject, "
        f"{sorts['listing']} listing pages in {figures['seconds']:.2f} s ({figures['cpu_seconds']:.2f} s CPU), "
        f"{figures['peak_mb']} MB, {rates['pages_per_second']} record pages/s; load {os.getloadavg()[0]:.1f}",
        flush=True,
    )
    return {**figures, **rates}
