"""How many listing pages a night changes: `python -m tests.bench.bench_listings --rows 100000` prints one JSON line.

The generated site (`city.py`) on its first day and after a night in which 0.1 % of the rows are added, removed or
edited: pages of listings and their mean size, how many are new or other bytes after the night, how many addresses are
gone, and the processor seconds to cut them and to make all of them. Nothing is written but the site itself.
"""

import argparse
import hashlib
import json
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import polars as pl

from publish.derive.summaries import derive_summary
from publish.disclose.basis import Basis
from publish.disclose.stage import disclose
from publish.load.calendar import load_calendar
from publish.load.config import load_config
from publish.load.packages import load_data_packages
from publish.load.rules import load_rule_book
from publish.model.public import Disclosure
from publish.pipeline.inputs import template_folders
from publish.render.bulk import assemble
from publish.render.fragments import Fragments
from publish.render.lists import Listings, further_pages, listings, render_first_pages
from publish.render.stage import make_desk
from publish.render.views import Desk, dataset_view
from publish.validate.stage import validate
from tests.bench.city import AS_OF, make_city, write_records, write_site

_SECRET = b"bench_listings"


def disclosed(root: Path) -> Disclosure:
    """What is public of a site."""
    config = load_config(root)
    sources, _ = load_data_packages(root, config)
    tables, _ = validate(sources, config)
    basis = Basis(load_rule_book(root, config.rule_profiles), load_calendar(root), AS_OF, _SECRET)
    return disclose(tables, basis, previous=None, notice_days=30)[0]


def made(desk: Desk, every: Listings, fragments: Fragments) -> Iterator[tuple[str, bytes]]:
    """(URL, page) of all listings."""
    yield from render_first_pages(desk, every, fragments)
    pages = further_pages(desk, every, fragments, "listings")
    for some in pl.int_range(pages.inputs.height, dtype=pl.UInt32, eager=True).to_frame("at").iter_slices(1000):
        slots = pages.slots(some["at"])
        html = assemble(
            pages.plan(pages.shapes(slots).unique().to_list()), slots.with_columns(fragments.joined(slots["rows"]))
        )
        yield from zip(slots["url"], (page.encode() for page in html), strict=True)


def measure(root: Path, spent: dict[str, float]) -> dict[str, tuple[int, bytes]]:
    """Size and hash of each page; processor seconds are added to `spent`."""
    desk = make_desk(load_config(root), AS_OF, template_folders(root))
    disclosure = disclosed(root)
    found: dict[str, tuple[int, bytes]] = {}
    for table in disclosure.public:
        summary = derive_summary(table, disclosure.exits)
        view = dataset_view(desk, summary)
        fragments = Fragments(desk, [table], [view], root)
        begin = time.process_time()
        all_listings = list(listings(desk, table, summary, view, 0))
        spent["cut"] = spent.get("cut", 0.0) + time.process_time() - begin
        for every in all_listings:
            begin = time.process_time()
            for url, page in made(desk, every, fragments):
                found[url] = (len(page), hashlib.sha256(page).digest())
            spent["made"] = spent.get("made", 0.0) + time.process_time() - begin
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=100_000)
    rows = parser.parse_args().rows
    city, spent = make_city(rows), dict[str, float]()
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "site"
        write_site(root, city)
        before = measure(root, spent)
        write_records(root, city.later)
        after = measure(root, {})
    result = {
        "rows": rows,
        "changes": city.changes,
        "pages": len(before),
        "mean_bytes": round(sum(size for size, _ in before.values()) / len(before)),
        "changed": sum(before.get(url) != page for url, page in after.items()),
        "gone": len(set(before) - set(after)),
        "cpu_seconds": {name: round(seconds, 2) for name, seconds in spent.items()},
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
