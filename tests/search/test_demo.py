"""The demo city's index under Node: queries find what brute force finds; sections come in an order like BM25F's."""

import random
from datetime import date
from pathlib import Path

import pytest

from publish.disclose.stage import decide_tables
from publish.model.document import Document
from publish.model.public import PublicTable
from publish.pipeline.inputs import Request, read_inputs
from tests.ranking import kendall_tau, whoosh_order
from tests.search.queries import common_pieces, queries_of
from tests.searchkit import TINY, Oracle, ask_node, asked, index_of, write_index
from tests.sitekit import SilentProgress

ROOT = Path(__file__).resolve().parents[2]
TODAY = date(2026, 11, 20)
City = tuple[list[PublicTable], tuple[Document, ...], Path]


@pytest.fixture(scope="module", params=[None, TINY], ids=["usual", "tiny"])
def city(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> City:
    """What the demo city publishes, and a folder with its index."""
    folder = tmp_path_factory.mktemp("city")
    wanted = Request(ROOT, folder, TODAY)
    inputs = read_inputs(ROOT, SilentProgress())
    tables = [result.public for result in decide_tables(inputs.tables, inputs.basis(wanted))]
    index = index_of(tables, folder / "scratch", inputs.documents, as_of=TODAY, scale=request.param)
    return tables, inputs.documents, write_index(folder / "site", index)


def test_every_query_finds_all_records_and_sections_and_nothing_else(city: City, tmp_path: Path) -> None:
    tables, documents, site = city
    oracle = Oracle(tables, documents)
    queries = [query for query in queries_of(random.Random(21), tables, 1000) if not any(f for _, f in query.terms)]
    queries += common_pieces(tables, 20) + section_queries(documents)
    today = TODAY.isoformat()
    hits = of_sections = subjects = 0
    for query, answer in zip(
        queries, ask_node(site, [{"text": q.text, "today": today} for q in queries], tmp_path), strict=True
    ):
        records = [url for url in answer["urls"] if not url.startswith("/policies/")]
        sections = [url for url in answer["urls"] if url.startswith("/policies/")]
        assert answer["error"] is None
        assert answer["done"]
        assert oracle.told(query, TODAY, records) == set(oracle.records(query, TODAY)), query
        assert set(sections) == oracle.found_sections(query), query
        subjects += any(url.startswith("/s/") for url in records)
        hits += bool(answer["urls"])
        of_sections += bool(sections)
    assert hits > 0.7 * len(queries)
    assert of_sections >= 100
    assert subjects >= 100


def section_queries(documents: tuple[Document, ...]) -> list:  # type: ignore[type-arg]
    """Pieces of the documents' own texts, alone and by twos."""
    source = random.Random(8)
    queries = []
    for _ in range(200):
        text = source.choice(documents).body
        places = [source.randrange(len(text) - 6) for _ in range(source.choice([1, 1, 2]))]
        pieces = ["".join(text[at : at + source.randint(2, 6)].split()) for at in places]
        pieces = [piece.strip('#*{}:"“”：|-[]()（）') for piece in pieces]
        if all(len(piece) > 1 and piece.isalpha() for piece in pieces):
            queries.append(asked(*((piece, None) for piece in pieces)))
    return queries


# In the tiny index these words are in more than eight blocks of sections, which come as they stand (docs/search.md).
@pytest.mark.parametrize("city", [None], ids=["usual"], indirect=True)
@pytest.mark.parametrize("text", ["信用修复", "公示期", "异议", "行政处罚", "信息主体", "公共信用信息", "失信", "修复"])
def test_sections_come_in_an_order_like_that_of_bm25f(city: City, tmp_path: Path, text: str) -> None:
    _, documents, site = city
    (answer,) = ask_node(site, [{"text": text, "filters": {"dataset": "@policies"}}], tmp_path)
    ours = list(dict.fromkeys(answer["urls"]))
    theirs = whoosh_order(documents, text)
    assert len(set(ours) & set(theirs)) > 1
    assert kendall_tau(ours, theirs) > 0.3
