"""The search index of generated penalties and 300 policy documents: building it, a night later, and queries under Node.

    python -m tests.bench.bench_search --rows 1000000 --workers 2

Prints one JSON line. Memory is the peak of the process and its workers together (PSS, sampled), beside what the table
itself took before. Nights: the next day as it comes, and one in which as many records come or go as `--share` says.
Cold queries begin with nothing fetched, warm ones after another of their kind; bytes are those of files as they lie on
the server, for the first page of hits (docs/search.md).
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
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

from publish import urls
from publish.derive.search.memory import Memory
from publish.derive.search.stage import derive_search
from publish.executors import make_executor
from publish.model.document import Document
from publish.model.public import PublicTable
from publish.model.search import SearchIndex
from tests.bench.corpus import night, penalties
from tests.bench.corpus_documents import documents
from tests.bench.memory import pss_of_tree, watching
from tests.searchkit import ask_node, write_index

_QUERIES = 40
_DOCUMENTS = 300  # of a dozen sections each
AS_OF = date(2026, 11, 20)  # of the corpus


def main() -> None:
    """Print the figures as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--share", type=float, default=0.001, help="of the records that change in the smaller night")
    wanted = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="bench-search-"))
    try:
        table = penalties(wanted.rows)
        site, memory = folder / "site", folder / "memory"
        policies = documents(_DOCUMENTS)
        figures, index = built(table, wanted.workers, folder, Memory(memory, None), policies)
        write_index(site, index)
        total = sum(map(len, index.parts.values()))
        figures["bytes"] = total
        del index
        for name, share in (("night", None), ("smaller night", wanted.share)):
            shutil.copytree(memory, folder / "used")
            remembered = Memory(folder / "used", site / urls.SEARCH_INDEX.strip("/"))
            figures[name] = after_a_night(table, night(table, 1, share), wanted.workers, folder, remembered, total)
            shutil.rmtree(folder / "used")
        asked = queries(table) | {"words of a policy, 6": words_of(policies)}
        figures["queries"] = {kind: asked_for(site, texts, folder) for kind, texts in asked.items()}
        print(json.dumps({"rows": wanted.rows} | figures, ensure_ascii=False))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def built(
    table: PublicTable, workers: int, folder: Path, memory: Memory | None, policies: Sequence[Document] = ()
) -> tuple[dict[str, object], SearchIndex]:
    """Wall, memory and size of a full build."""
    before = pss_of_tree()
    with make_executor(workers) as executor, watching() as peak:
        started = time.perf_counter()
        index = derive_search([table], policies, executor, folder, AS_OF, memory)
        seconds = time.perf_counter() - started
    used = {"table_mb": before, "peak_mb": max(peak)}
    return {"load": os.getloadavg()[0], "seconds": round(seconds, 1), **used, **index.figures}, index


def after_a_night(
    table: PublicTable, later: PublicTable, workers: int, folder: Path, memory: Memory, total: int
) -> dict[str, object]:
    """How long a night takes with what the day before left, and how much of the index it writes anew."""
    with make_executor(workers) as executor:
        # Workers are there in a build already, from the stages before.
        list(executor.map(_ready, range(2 * workers)))
        started = time.perf_counter()
        index = derive_search([later], documents(_DOCUMENTS), executor, folder, AS_OF + timedelta(days=1), memory)
        seconds = time.perf_counter() - started
    changed = set(table.frame["_key"]) ^ set(later.frame["_key"])
    new = index.figures["new_bytes"]
    return {
        "come_or_gone": len(changed),
        "seconds": round(seconds, 1),
        "new_files": index.figures["new_files"],
        "new_bytes": new,
        "percent": round(100 * new / total, 2),
    }


def _ready(number: int) -> int:
    time.sleep(0.1)
    return number


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
        "two common characters": ["食品", "商贸", "建材", "科技", "有限", "公司"],
        "two characters of a name": [_piece(source, name, 2) for name in names[:_QUERIES]],
        "words of a reason, 6": [_piece(source, row["_reason"], 6) for row in rows[:_QUERIES]],
        "two words": [f"{_piece(source, row['_reason'], 3)} {row['_authority'][-5:]}" for row in rows[:_QUERIES]],
    }


def words_of(policies: Sequence[Document]) -> list[str]:
    """Pieces of their texts, by chance."""
    source = random.Random(19)
    return [_piece(source, source.choice(policies).body.replace("\n", ""), 6) for _ in range(_QUERIES)]


def asked_for(site: Path, texts: Sequence[str], folder: Path) -> dict[str, object]:
    """Bytes and requests of cold and of warm queries: median and most; hits on the first page: median and least."""
    cold = ask_node(site, [{"text": text, "count": 10} for text in texts], folder, cold=True)
    # Each after another of its kind: root, head, and some nodes are there.
    pairs = [ask_node(site, [{"text": text, "count": 10} for text in two], folder)[1] for two in pairwise(texts)]
    hits = [len(answer["urls"]) for answer in cold]
    return {"cold": _spent(cold), "warm": _spent(pairs), "hits": [statistics.median(hits), min(hits)]}


def _spent(answers: Sequence[Mapping[str, Any]]) -> dict[str, list[float]]:
    bytes_, requests = [answer["bytes"] for answer in answers], [answer["requests"] for answer in answers]
    return {
        "kb": [round(statistics.median(bytes_) / 1000, 1), round(max(bytes_) / 1000, 1)],
        "requests": [statistics.median(requests), max(requests)],
    }


def _piece(source: random.Random, text: str, size: int) -> str:
    start = source.randint(0, max(0, len(text) - size))
    return text[start : start + size]


if __name__ == "__main__":
    main()
