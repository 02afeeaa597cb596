"""Pagefind on the same records: what its index costs, what a query transfers, and how much of what is there it finds.

    python -m tests.bench.peers_pagefind --rows 100000

Prints one JSON line. Needs npm and a registry that has the package; without them the line says what is missing. Bytes
are those of the bodies that the server sent. Recall: of the records that hold the text of the query in one of the
fields on their page (upper or lower case), the share that Pagefind returns, however far down; precision the reverse.
"""

import argparse
import html
import json
import re
import resource
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

import polars as pl
from playwright.sync_api import sync_playwright

from publish.model.public import PublicTable
from tests.bench.corpus import penalties
from tests.bench.corpus_words import STEMS
from tests.bench.memory import watching
from tests.bench.peers_asking import MOST, ask, chromium, serving, summary
from tests.bench.peers_pagefind_program import VERSION, MissingPeerError, installed, sizes
from tests.browser.conftest import FLAGS
from tests.demo.streams import Streams

# What a page shows, in this order; `_title` is the document number.
COLUMNS: Final = ("_title", "_subject", "_code", "_reason", "CF_SY", "_authority")


def measure(table: PublicTable, queries: Mapping[str, Sequence[str]], folder: Path) -> dict[str, object]:
    """Index the records in `folder` (empty) and ask the queries, by kind. `missing` tells why there are no figures."""
    site = folder / "site"
    try:
        program = installed(folder / "npm")
    except MissingPeerError as error:
        return {"peer": "pagefind", "missing": str(error)}
    begun = time.perf_counter()
    write_pages(table.frame, site)
    pages = time.perf_counter() - begun
    indexing = _index(program, site)
    wanted = holding(table.frame)
    with serving(site) as (address, sent), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), headless=True, args=FLAGS)
        asked = {
            kind: [ask(browser, address, sent, query, wanted(query)) for query in texts]
            for kind, texts in queries.items()
        }
        browser.close()
    return {
        "peer": f"pagefind {VERSION}",
        "rows": table.frame.height,
        "write_pages_seconds": round(pages, 1),
        **indexing,
        "results_looked_at": MOST,
        **{kind: summary(answers) for kind, answers in asked.items()},
    }


def write_pages(frame: pl.DataFrame, site: Path) -> None:
    """A page for each record, with nothing but what is searched, and the page that asks."""
    paragraphs = [
        pl.col(name).fill_null("").str.replace_many({"&": "&amp;", "<": "&lt;", ">": "&gt;"}) for name in COLUMNS
    ]
    page = pl.format(
        '<!doctype html><html lang="zh"><meta charset="utf-8"><title>{}</title><main data-pagefind-body><h1>{}</h1>'
        + "<p>{}</p>" * (len(COLUMNS) - 1)
        + "</main></html>",
        paragraphs[0],
        *paragraphs,
    )
    for at in range(256):
        (site / "r" / f"{at:02x}").mkdir(parents=True, exist_ok=True)
    for key, text in frame.select("_key", page.alias("page")).iter_rows():
        (site / "r" / key[:2] / f"{key}.html").write_text(text, encoding="utf-8")
    blank = f'<!doctype html><html lang="zh"><meta charset="utf-8"><title>{html.escape("检索")}</title></html>'
    (site / "search.html").write_text(blank, encoding="utf-8")


def sample_queries(table: PublicTable, seed: int = 1) -> dict[str, list[str]]:
    """40 queries that somebody might type about records of the table: parts of names, ends of codes, numbers."""
    coded = table.frame.filter(pl.col("_code").is_not_null())
    picked = coded[Streams(seed).below("queries", 40, coded.height)]
    places = f"^(?:(?:{'|'.join(map(re.escape, STEMS))})[市区县]?)+"
    names = picked["_subject"].str.replace(places, "").str.extract("^([^（(]{1,3})")
    return {
        "name part": names[:16].to_list(),
        "code suffix": picked["_code"][16:28].str.slice(-6).to_list(),
        "number": picked["_title"][28:].to_list(),
    }


def holding(frame: pl.DataFrame) -> Callable[[str], set[str]]:
    """A function from a query to the keys of the records that hold it in a field on their page."""
    held = frame.select("_key", text=pl.concat_str(COLUMNS, separator="\n", ignore_nulls=True).str.to_lowercase())
    return lambda query: set(held.filter(pl.col("text").str.contains(query.lower(), literal=True))["_key"])


def _index(program: Path, site: Path) -> dict[str, object]:
    """Run it: seconds, peak of memory, and what it wrote."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    begun = time.perf_counter()
    command: list[str | Path] = [program, "--site", site, "--quiet"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process, watching(process.pid) as peak:
        process.wait()
        seconds = time.perf_counter() - begun
    if process.returncode:
        raise RuntimeError(f"pagefind ended with {process.returncode}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return {
        "index_seconds": round(seconds, 1),
        "index_cpu_seconds": round(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, 1),
        "index_peak_mb": max(peak),
        **sizes(site),
    }


def main() -> None:
    """Print the figures as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    asked = parser.parse_args()
    table = penalties(asked.rows)
    with tempfile.TemporaryDirectory() as folder:
        print(json.dumps(measure(table, sample_queries(table), Path(folder)), ensure_ascii=False))


if __name__ == "__main__":
    main()
