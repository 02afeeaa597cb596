"""Our search index and Pagefind's of the same generated penalties, made and asked in one run.

    python -m tests.bench.bench_search_peers --rows 100000

Prints one JSON line: the figures of both, and `times_as_much`, how many times as much Pagefind takes of each. Pagefind
takes 10 GB for 100,000 rows. Seconds: making the index and writing it, ours from the table, Pagefind's from pages whose
writing is not counted. Memory: peak of the process and its children (PSS, sampled); ours holds the table and this bench
as well (`table_mb`). Bytes of a cold query with its first ten results are bodies as the server has them: `data` of the
index, ours under Node; the `program` apart, ours the scripts of the search page as they lie there, not compressed.
`found`: of the records that hold the text of the query, the share that is among the first thousand results.
"""

import argparse
import gc
import json
import os
import re
import statistics
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from publish.model.public import PublicTable
from tests.bench.bench_search import built
from tests.bench.corpus import penalties
from tests.bench.peers_asking import MOST, SHOWN, Answer, found_of, summary
from tests.bench.peers_pagefind import holding, measure, sample_queries
from tests.searchkit import STATIC, ask_node, files_of, write_index


def main() -> None:
    """Print the figures as JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--workers", type=int, default=2)
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-search-peers-") as folder:
        figures = compare(penalties(wanted.rows), wanted.workers, Path(folder))
    print(json.dumps({"rows": wanted.rows, "load": os.getloadavg()[0]} | figures, ensure_ascii=False))


def compare(table: PublicTable, workers: int, folder: Path) -> dict[str, Any]:
    """Figures of ours, of Pagefind, and what they are to each other; without Pagefind only ours."""
    asked = sample_queries(table)
    ours = measure_ours(table, asked, workers, folder)
    gc.collect()
    (folder / "peer").mkdir()
    peer = measure(table, asked, folder / "peer")
    figures = {"ours": ours, "pagefind": peer}
    return figures if "missing" in peer else figures | against(ours, peer, list(asked))


def measure_ours(table: PublicTable, asked: Mapping[str, Sequence[str]], workers: int, folder: Path) -> dict[str, Any]:
    """Build, write and ask."""
    figures, index = built(table, workers, folder, None)
    begun = time.perf_counter()
    site = write_index(folder / "site", index)
    seconds = round(time.perf_counter() - begun, 1)
    sizes = [len(data) for data in files_of(index).values()]
    wanted, stood_for = holding(table.frame), standing(table)
    return {
        **figures,
        "write_seconds": seconds,
        "files": len(sizes),
        "bytes": sum(sizes),
        **{kind: summary(_answers(site, texts, wanted, stood_for, folder)) for kind, texts in asked.items()},
    }


def against(ours: Mapping[str, Any], peer: Mapping[str, Any], kinds: Sequence[str]) -> dict[str, Any]:
    """Ratios, and the shares that were found side by side."""
    seconds = ours["seconds"] + ours["write_seconds"]

    def times_as_much(name: str) -> dict[str, float]:
        return {kind: _ratio(peer[kind][name], ours[kind][name]) for kind in kinds}

    return {
        "times_as_much": {
            "seconds": _ratio(peer["index_seconds"], seconds),
            "peak_mb": _ratio(peer["index_peak_mb"], ours["peak_mb"]),
            "index_files": _ratio(peer["files"], ours["files"]),
            "index_bytes": _ratio(peer["bytes"], ours["bytes"]),
            "data_of_a_query": times_as_much("data_bytes_median"),
            "data_and_program_of_a_query": times_as_much("bytes_median"),
            "data_requests_of_a_query": times_as_much("data_requests_median"),
        },
        "found": {kind: {"ours": ours[kind]["recall"], "pagefind": peer[kind]["recall"]} for kind in kinds},
        "found_of_all": {
            "ours": _mean_of_queries(ours, kinds),
            "pagefind": _mean_of_queries(peer, kinds),
        },
    }


def standing(table: PublicTable) -> Callable[[str], set[str]]:
    """A function from the name of a page that was found to the keys of the records that it stands for: a record's page
    for itself, a subject's, which has its code, for all its records."""
    coded = table.frame.filter(pl.col("_code").is_not_null()).group_by("_code").agg("_key")
    of_subjects = {code: set(keys) for code, keys in coded.iter_rows()}
    return lambda name: of_subjects.get(name, {name})


def _answers(
    site: Path,
    texts: Sequence[str],
    wanted: Callable[[str], set[str]],
    stood_for: Callable[[str], set[str]],
    folder: Path,
) -> list[Answer]:
    """What each query fetches for its first page, starting with nothing, and what it finds when all is looked at."""
    firsts = ask_node(site, [{"text": text, "count": SHOWN} for text in texts], folder, cold=True)
    alls = ask_node(site, [{"text": text} for text in texts], folder)
    program = _program_bytes()
    return [
        {
            "bytes": first["bytes"] + program,
            "data_bytes": first["bytes"],
            "program_bytes": program,
            "data_requests": first["requests"],
            **found_of(wanted(text), set[str]().union(*(stood_for(Path(url).stem) for url in every["urls"][:MOST]))),
            "results": len(every["urls"]),
        }
        for text, first, every in zip(texts, firsts, alls, strict=True)
    ]


def _program_bytes() -> int:
    """The search page's script and all that it imports."""
    known, names = set(), {"search.js"}
    while names:
        known |= names
        texts = [(STATIC / "js" / name).read_text(encoding="utf-8") for name in names]
        names = {name for text in texts for name in re.findall(r'from "\./([^"]+)"', text)} - known
    return sum((STATIC / "js" / name).stat().st_size for name in known)


def _mean_of_queries(figures: Mapping[str, Any], kinds: Sequence[str]) -> float:
    shares = [share for kind in kinds for share in [figures[kind]["recall"]] * figures[kind]["queries"]]
    return float(round(statistics.mean(shares), 3))


def _ratio(theirs: float, ours: float) -> float:
    return float(round(theirs / max(ours, 0.1), 2))


if __name__ == "__main__":
    main()
