"""The site's own modules, under Node, against brute force over every cell: recall and precision are 1, and the order is
told. With a table of the demo's kinds, one of 100,000 records, and awkward texts."""

import random
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest

from publish.derive.search.stage import derive_search
from publish.executors import make_executor
from publish.model.public import PublicTable
from tests.bench.corpus import penalties
from tests.search.awkward import awkward_tables
from tests.search.queries import common_pieces, queries_of
from tests.searchkit import Asked, Oracle, ask_node, write_index

TODAY = date(2026, 11, 20)


def compare(
    oracle: Oracle, site: Path, queries: Sequence[Asked], scratch: Path, least: float, today: date = TODAY
) -> None:
    """Every query finds the records that brute force finds; a share of at least `least` finds anything."""
    orders = ["relevance" if number % 4 else "newest" for number in range(len(queries))]
    questions = [
        {"text": query.text, "order": order, "today": today.isoformat()}
        for query, order in zip(queries, orders, strict=True)
    ]
    hits = 0
    for query, order, answer in zip(queries, orders, ask_node(site, questions, scratch), strict=True):
        assert answer["error"] is None, (query, answer["error"])
        assert answer["done"]
        wanted, found = oracle.records(query, today), [url for url in answer["urls"] if "/policies/" not in url]
        assert len(answer["urls"]) == len(set(answer["urls"])), query
        if all(field is None for _, field in query.terms):
            assert {*answer["urls"]} - {*found} == oracle.found_sections(query), query
        if order == "newest":
            assert found == wanted, (query, len(wanted), len(found), found[:3], wanted[:3])
        else:
            told = oracle.told(query, today, found)
            assert told == set(wanted), (query, len(wanted), len(told), told ^ set(wanted))
            assert answer["tiers"] == sorted(answer["tiers"]), query
            exact = oracle.exact(query, today)
            assert set(found[: len(exact)]) == exact, (query, exact, found[:3])
        hits += bool(wanted)
    assert hits >= least * len(queries), "too few of the queries find anything: the test would prove little"


def test_awkward_texts(tmp_path: Path) -> None:
    tables = awkward_tables(random.Random(7))
    with make_executor(1) as executor:
        site = write_index(tmp_path / "site", derive_search(tables, [], executor, tmp_path))
    compare(Oracle(tables), site, queries_of(random.Random(11), tables, 3000), tmp_path, 0.6)


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> tuple[PublicTable, Path]:
    """100,000 records, and a folder with their index."""
    folder = tmp_path_factory.mktemp("large")
    table = penalties(100_000)
    with make_executor(2) as executor:
        index = derive_search([table], [], executor, folder)
    return table, write_index(folder / "site", index)


def test_100_000_records(large: tuple[PublicTable, Path], tmp_path: Path) -> None:
    table, site = large
    queries = queries_of(random.Random(5), [table], 400) + common_pieces([table], 4)
    compare(Oracle([table]), site, queries, tmp_path, 0.7)
