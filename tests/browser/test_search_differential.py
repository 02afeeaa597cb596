"""The script's folding and its search in Chromium, against Python, over the network."""

import json
import random
import unicodedata
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, Response

from publish import urls
from publish.derive.folding import fold_text, misleading, needs_simplifying
from publish.derive.search.scale import Scale
from publish.model.public import PublicTable
from tests.browser.conftest import Serve
from tests.search.awkward import TODAY, awkward_tables
from tests.search.queries import queries_of
from tests.searchkit import TINY, Oracle, index_of, write_site

OPEN = """const { SearchIndex } = await import("/static/js/search-index.js");
  const index = await SearchIndex.open(new URL("/search/index/root.gz", location).href);"""
# Each takes one JSON text and gives one: Playwright's own way with lists of many values takes far longer.
FOLD = f"""async (given) => {{ {OPEN}
  await index.learnSimplified();
  return JSON.stringify(JSON.parse(given).map(index.fold));
}}"""
NEEDS = f"async (given) => {{ {OPEN} return JSON.stringify(JSON.parse(given).map(index.needsSimplified)); }}"
FIND = f"""async (given) => {{ {OPEN}
  const {{ findTerms }} = await import("/static/js/fold.js");
  const [texts, terms] = JSON.parse(given);
  return JSON.stringify(texts.map((text, place) => findTerms(text, [terms[place]], index.fold)));
}}"""
SEARCH = f"""async (given) => {{ {OPEN}
  const [queries, today, order] = JSON.parse(given);
  const {{ Search }} = await import("/static/js/search-engine.js");
  const {{ makeFieldOf }} = await import("/static/js/search-fields.js");
  const {{ parseQuery }} = await import("/static/js/search-query.js");
  const answers = [];
  for (const text of queries) {{
    if (index.needsSimplified(text)) await index.learnSimplified();
    const query = parseQuery(text, index.fold, makeFieldOf(index.root, index.fold));
    const search = new Search(index, query, {{ today, order }});
    while (!search.done) await search.find(Infinity);
    answers.push(search.hits.map((hit) => hit.url));
  }}
  return JSON.stringify(answers);
}}"""


def ask(page: Page, script: str, given: object) -> Any:
    return json.loads(page.evaluate(script, json.dumps(given)))


TABLES = awkward_tables(random.Random(7), {"penalties": 1500, "licences": 400, "redlist": 40}, (1, 3, 3))
# At so small a scale these are hundreds of files, too; Node reads those of larger ones (tests/search).
FEW = awkward_tables(random.Random(7), {"penalties": 400, "licences": 120, "redlist": 20}, (1, 3, 3))


@pytest.fixture
def origin(usual: Path, served: Serve, page: Page) -> Page:
    """A page on a served site whose modules can be imported, with an index of the generated tables."""
    page.goto(served(usual) + urls.SEARCH)
    return page


@pytest.fixture(scope="module")
def usual(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return site_of(tmp_path_factory.mktemp("usual"), TABLES, None)


def site_of(folder: Path, tables: Sequence[PublicTable], scale: Scale | None) -> Path:
    return write_site(folder / "site", index_of(tables, folder / "scratch", as_of=TODAY, scale=scale), {})


@pytest.mark.parametrize("scale", [None, TINY], ids=["usual", "tiny"])
def test_queries_find_what_brute_force_finds(scale: Scale | None, origin: Page, served: Serve, tmp_path: Path) -> None:
    """What Node is asked far more of in tests/search, here with the browser's own network and unpacking."""
    tables = FEW if scale else TABLES
    if scale:
        origin.goto(served(site_of(tmp_path, tables, scale)) + urls.SEARCH)
    queries = queries_of(random.Random(12), tables, 80)
    loaded: list[Response] = []
    origin.on("response", lambda response: loaded.append(response))
    texts = [query.text for query in queries]
    oracle = Oracle(tables)
    for query, urls_ in zip(queries, ask(origin, SEARCH, [texts, TODAY.isoformat(), "relevance"]), strict=True):
        assert len(urls_) == len(set(urls_))
        assert oracle.told(query, TODAY, urls_) == set(oracle.records(query, TODAY)), query
        exact = oracle.exact(query, TODAY)
        assert set(urls_[: len(exact)]) == exact, query
    addresses = [response.url for response in loaded if urls.SEARCH_INDEX in response.url]
    assert len(addresses) == len(set(addresses)), "a file of the index is fetched once"
    assert len(addresses) > 200 or not scale
    assert all(response.status == 200 for response in loaded)
    found = ask(origin, SEARCH, [texts, TODAY.isoformat(), "newest"])
    assert found == [oracle.records(query, TODAY) for query in queries], "newest first, the order is told"


def test_both_fold_every_character_the_same(origin: Page) -> None:
    """Of the whole of Unicode as this Python knows it; surrogates are no characters."""
    known = [chr(code) for code in range(0x110000) if unicodedata.category(chr(code)) not in ("Cn", "Cs")]
    assert len(known) > 200_000
    texts = [f"aΣ{character}b\u0301" for character in known]  # lower case and composition may look at neighbours
    folded = ask(origin, FOLD, texts)
    assert [text for text, one in zip(texts, folded, strict=True) if one != fold_text(text)] == []


def test_the_script_knows_when_it_needs_the_table_of_simplified_characters(origin: Page) -> None:
    known = [chr(code) for code in range(0x110000) if unicodedata.category(chr(code)) not in ("Cn", "Cs")]
    told = ask(origin, NEEDS, known)
    missed = [one for one, needs in zip(known, told, strict=True) if needs_simplifying([one]) and not needs]
    assert missed == []
    usual = [one for one in known if "一" <= one <= "鿿" and one.encode("gb2312", "ignore") and one not in misleading()]
    assert len(usual) > 6700
    needless = {one for one, needs in zip(known, told, strict=True) if needs} & set(usual)
    assert needless == set(), "characters that everyone types must not load the table"


def test_marks_are_where_the_term_is_written(origin: Page) -> None:
    cases = [
        ("甲（２０２６）１号", "(2026)", [[1, 7]]),
        ("ｶﾞｽ会社", "ガス", [[0, 3]]),
        ("㈱甲", "株", [[0, 1]]),
        ("甲 公\n司", "甲公司", [[0, 5]]),
        ("aaaa", "aa", [[0, 4]]),
        ("e\u0301e", "e", [[2, 3]]),
        ("𠮷野家𠮷", "𠮷", [[0, 2], [4, 6]]),
        ("乙", "甲", []),
    ]
    found = ask(origin, FIND, [[text for text, _, _ in cases], [term for _, term, _ in cases]])
    assert found == [stretches for _, _, stretches in cases]


def test_marks_are_found_wherever_folding_finds_the_term(origin: Page) -> None:
    """Marks look at a text piece by piece; that must give the same folded text as folding it at once."""
    source = random.Random(3)
    alphabet = [*"甲乙 aＡbΣ〔]【()·・—“”0○İßﬃ㈱é한가각ㄱㅏｶﾞﾊﾟﾡￂ\n　", "\u0301", "\u3099", "\u200b", "𠮷", "\U000e0100"]
    texts = ["".join(source.choices(alphabet, k=source.randint(2, 12))) for _ in range(3000)]
    terms = []
    for text in texts:
        folded = fold_text(text)
        start = source.randrange(len(folded)) if folded else 0
        terms.append(folded[start : start + source.randint(1, 4)] or "x")
    light = [(text, term) for text, term in zip(texts, terms, strict=True) if not needs_simplifying([text])]
    places = ask(origin, FIND, [[text for text, _ in light], [term for _, term in light]])
    for (text, term), found in zip(light, places, strict=True):
        assert bool(found) == (term in fold_text(text)), ascii((text, term))
