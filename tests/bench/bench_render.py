"""Record pages assembled in bulk against the same template rendered by Jinja page by page, in one run.

`python -m tests.bench.bench_render --rows 20000` prints one JSON line: seconds, pages a second and the ratio, each the
median of rounds in which one is made after the other, with plans derived anew; and the least ratio of a round. Both
give the same bytes, which is checked here too. Nothing is written to disk in either.
"""

import argparse
import json
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from statistics import median

import polars as pl

from publish.derive.summaries import derive_summary
from publish.disclose.basis import Basis
from publish.disclose.stage import disclose
from publish.load.calendar import load_calendar
from publish.load.config import load_config
from publish.load.packages import load_data_packages
from publish.load.rules import load_rule_book
from publish.model.public import PublicTable
from publish.model.site import Site
from publish.pipeline.inputs import template_folders
from publish.render.bulk import assemble, derive_plan
from publish.render.records import record_renderer
from publish.render.rows import Words, record_slots
from publish.render.stage import dataset_views, make_desk
from publish.validate.stage import validate
from tests.demo.generate import Sizes, generate

ROOT = Path(__file__).resolve().parents[2]
AS_OF = date(2026, 11, 20)


def penalties(rows: int) -> tuple[PublicTable, Site]:
    """The public penalties of a generated city; about a third of the rows that come in are public."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        generate(root / "data", Sizes.of(penalties=rows * 3, licences=1), as_of=AS_OF)
        config = load_config(ROOT)
        sources, _ = load_data_packages(root, config)
        tables, _ = validate([table for table in sources if table.package.name == "penalties"], config)
        book = load_rule_book(ROOT, config.rule_profiles)
        basis = Basis(book, load_calendar(ROOT), AS_OF, b"")
        disclosure, _, _ = disclose(tables, basis, previous=None, notice_days=30)
    table = disclosure.public[0]
    return table, Site((derive_summary(table, disclosure.exits),), pl.DataFrame(), (), {})


def timed(make: Callable[[], Sequence[str] | pl.Series]) -> tuple[float, float, Sequence[str] | pl.Series]:
    """Seconds, seconds of processor, and what was made."""
    begin, used = time.perf_counter(), time.process_time()
    pages = make()
    return time.perf_counter() - begin, time.process_time() - used, pages


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    table, site = penalties(options.rows)
    desk = make_desk(load_config(ROOT), AS_OF, template_folders(ROOT))
    view = dataset_views(desk, site)[0]
    slots = record_slots(table.frame, table.info, table.fields, Words(desk.label))
    render = record_renderer(desk, table, view)

    def bulk() -> pl.Series:
        return assemble(derive_plan(slots, render), slots)

    def plain() -> list[str]:
        return [render(row) for row in slots.iter_rows(named=True)]

    rounds = []
    for _ in range(options.rounds):
        bulk_seconds, bulk_used, made = timed(bulk)
        plain_seconds, plain_used, wanted = timed(plain)
        if list(made) != wanted:
            raise SystemExit("bulk and plain pages differ")
        rounds.append((bulk_seconds, plain_seconds, plain_seconds / bulk_seconds, plain_used / bulk_used))
    bulk_seconds, plain_seconds, ratio, used_ratio = (median(figures) for figures in zip(*rounds, strict=True))
    result = {
        "pages": slots.height,
        "shapes": len(derive_plan(slots, render).pieces),
        "rounds": len(rounds),
        "bulk_seconds": round(bulk_seconds, 3),
        "plain_seconds": round(plain_seconds, 3),
        "bulk_pages_per_second": round(slots.height / bulk_seconds),
        "plain_pages_per_second": round(slots.height / plain_seconds),
        "ratio": round(ratio, 1),
        "least_ratio": round(min(one[2] for one in rounds), 1),
        "processor_ratio": round(used_ratio, 1),
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
