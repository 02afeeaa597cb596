"""The search index of generated penalties: building it, a night later, and what cold queries fetch under Node.

    python -m tests.bench.bench_search --rows 1000000 --workers 2

Prints one JSON line. Memory is the peak of the process and its workers together (PSS, sampled), beside what the table
itself took before. A query starts with nothing fetched; bytes are those of files as they lie on the server; "page" is
what is fetched for the first ten hits, or fewer where the search stops early (docs/search.md).
"""

import argparse
import json
import os
import random
import shutil
import statistics
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from publish.derive.search.stage import derive_search
from publish.executors import make_executor
from publish.model.public import PublicTable
from publish.model.search import SearchIndex
from tests.bench.corpus import night, penalties
from tests.bench.memory import pss_of_tree, watching
from tests.searchkit import ask_node, write_index

_QUERIES = 40


def main() -> None:
    """Print the figures as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--workers", type=int, default=2)
    wanted = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="bench-search-"))
    try:
        table = penalties(wanted.rows)
        figures, index = built(table, wanted.workers, folder)
        figures["night"] = after_a_night(table, index, wanted.workers, folder)
        site = write_index(folder / "site", index)
        figures["queries"] = {kind: asked_for(site, texts, folder) for kind, texts in queries(table).items()}
        print(json.dumps({"rows": wanted.rows} | figures, ensure_ascii=False))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def built(table: PublicTable, workers: int, folder: Path) -> tuple[dict[str, object], SearchIndex]:
    """Wall, memory and size of a full build."""
    before = pss_of_tree()
    with make_executor(workers) as executor, watching() as peak:
        started = time.perf_counter()
        index = derive_search([table], [], executor, folder)
        seconds = time.perf_counter() - started
    memory = {"table_mb": before, "peak_mb": max(peak)}
    return {"load": os.getloadavg()[0], "seconds": round(seconds, 1), **memory, **index.figures}, index


def after_a_night(table: PublicTable, index: SearchIndex, workers: int, folder: Path) -> dict[str, object]:
    """How much of the index one day changes: files and bytes that were not there the day before."""
    later = night(table, 1)
    with make_executor(workers) as executor:
        changed = derive_search([later], [], executor, folder)
    new = [data for url, data in changed.parts.items() if url not in index.parts]
    total = sum(map(len, changed.parts.values()))
    keys = set(table.frame["_key"]) ^ set(later.frame["_key"])
    share = round(100 * sum(map(len, new)) / total, 1)
    return {"records_come_or_gone": len(keys), "files": len(new), "bytes": sum(map(len, new)), "percent": share}


def queries(table: PublicTable) -> Mapping[str, Sequence[str]]:
    """Texts of each kind, from records by chance."""
    source = random.Random(17)
    frame = table.frame.sample(4000, seed=5) if table.frame.height > 4000 else table.frame
    rows = [row for row in frame.iter_rows(named=True) if row["_code"]][: 4 * _QUERIES]
    names = [row["_subject"] for row in rows]
    return {
        "code": [row["_code"] for row in rows[:_QUERIES]],
        "end of a code": [row["_code"][-6:] for row in rows[:_QUERIES]],
        "document number": [row["_title"] for row in rows[:_QUERIES]],
        "full name": names[:_QUERIES],
        "part of a name, 4": [_piece(source, name, 4) for name in names[:_QUERIES]],
        "part of a name, 3": [_piece(source, name, 3) for name in names[_QUERIES : 2 * _QUERIES]],
        "two characters of a name": [_piece(source, name, 2) for name in names[:_QUERIES]],
        "words of a reason, 6": [_piece(source, row["_reason"], 6) for row in rows[:_QUERIES]],
        "two words": [f"{_piece(source, row['_reason'], 3)} {row['_authority'][-5:]}" for row in rows[:_QUERIES]],
    }


def asked_for(site: Path, texts: Sequence[str], folder: Path) -> dict[str, object]:
    """Bytes and requests of cold queries: median and most."""
    answers = ask_node(site, [{"text": text, "count": 10} for text in texts], folder, cold=True)
    bytes_, requests = [answer["bytes"] for answer in answers], [answer["requests"] for answer in answers]
    return {
        "kb": [round(statistics.median(bytes_) / 1000, 1), round(max(bytes_) / 1000, 1)],
        "requests": [statistics.median(requests), max(requests)],
        "none": sum(not answer["urls"] for answer in answers),
    }


def _piece(source: random.Random, text: str, size: int) -> str:
    start = source.randint(0, max(0, len(text) - size))
    return text[start : start + size]


if __name__ == "__main__":
    main()
