"""The script's folding and matching, in Chromium, against Python: every query finds exactly what brute force finds."""

import random
import unicodedata
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import Page

from publish import urls
from publish.derive.folding import fold_text
from publish.derive.search import derive_search
from publish.model.public import PublicField, PublicTable
from tests.browser.conftest import Serve
from tests.searchkit import brute_force, searched, table_of, terms_of, write_site

TODAY = date(2026, 11, 20)
QUERIES = 600

FOLD = """async (texts) => {
  const { makeFold } = await import("/static/js/fold.js");
  const root = await (await fetch("/search/index/root.json")).json();
  return texts.map(makeFold(root.folding));
}"""
FIND = """async ([texts, terms]) => {
  const { makeFold, findTerms } = await import("/static/js/fold.js");
  const fold = makeFold((await (await fetch("/search/index/root.json")).json()).folding);
  return texts.map((text, place) => findTerms(text, [terms[place]], fold));
}"""
SEARCH = """async ([queries, today]) => {
  const { SearchIndex, matches, compareHits } = await import("/static/js/search-index.js");
  const { parseQuery } = await import("/static/js/search-query.js");
  const index = await SearchIndex.open(new URL("/search/index/root.json", location));
  const shards = await Promise.all(index.shards.map((shard) => index.load(shard)));
  return queries.map((text) => {
    const query = parseQuery(text, index.fold);
    if (query.isShort) return null;
    const hits = shards.flatMap((shard) => matches(shard, query, today)).sort(compareHits);
    return hits.map((hit) => hit.columns.url[hit.row]);
  });
}"""

WORDS = [
    *(
        "汀澜市",
        "市场监督管理局",
        "卫生健康委员会",
        "商贸有限公司",
        "阿依·古丽",
        "张某",
        "罚款",
        "警告",
        "没收违法所得",
    ),
    *(
        "未取得许可",
        "从事",
        "食品经营",
        "违反",
        "《食品安全法》",
        "第三十四条",
        "〔2026〕",
        "(2025)",
        "【2024】",
        "1号",
        "23号",
    ),
    *(
        "ＡＢＣ",
        "abc",
        "Open Data",
        "ｶﾞｽ",
        "ガス",
        "㈱",
        "臺灣",
        "二○二六",
        "“安全”",
        "—",
        "e\u0301",
        "é",
        "ΟΔΟΣ",
        "한글",
        "가",
    ),
]


def text_of(source: random.Random) -> str:
    joint = source.choice(["", "", "", " ", "　", "\n"])
    return joint.join(source.choices(WORDS, k=source.randint(1, 6)))


def tables_of(source: random.Random) -> list[PublicTable]:
    """Three datasets, one of them of three shards."""
    fields: list[PublicField | str] = ["文号", "内容", PublicField("金额", "金额", type="number")]
    tables = []
    for slug, count in (("penalties", 4100), ("licences", 700), ("redlist", 40)):
        records = [
            {
                "_title": source.choice([None, f"汀{slug[:2]}〔2026〕{number}号"]),
                "_subject": source.choice([None, text_of(source)]),
                "_code": source.choice([None, f"91990100MA{number:07}X"]),
                "_date": source.choice([None, date.fromordinal(TODAY.toordinal() - source.randint(0, 900))]),
                "_until": source.choice([None, date.fromordinal(TODAY.toordinal() + source.randint(-20, 400))]),
                "_authority": source.choice(WORDS),
                "_reason": source.choice([None, text_of(source)]),
                "文号": f"汀{slug[:2]}〔2026〕{number}号",
                "内容": text_of(source),
                "金额": "7777.77",
            }
            for number in range(count)
        ]
        tables.append(table_of(slug, slug, records, fields))
    return tables


def queries_of(source: random.Random, tables: Sequence[PublicTable]) -> list[str]:
    """Pieces of cells, as written and spelled otherwise, alone, together, quoted; and some that find nothing."""
    queries = ["7777", "没有这样的词", '"', '""', "张", '"公司 张某"', "１号 2号", '罚款"未取得', "a b", "“食品　经营”"]
    while len(queries) < QUERIES:
        frame = source.choice(tables).frame
        cells = [cell for cell in frame.row(source.randrange(frame.height))[1:] if isinstance(cell, str) and cell]
        pieces = [piece_of(source, source.choice(cells)) for _ in range(source.choice([1, 1, 1, 2, 3]))]
        if source.random() < 0.1:
            pieces.append(text_of(source))
        queries.append(source.choice([" ", "　", "  "]).join(pieces))
    return queries


def piece_of(source: random.Random, cell: str) -> str:
    if source.random() < 0.15:
        return cell
    start = source.randrange(len(cell))
    piece = cell[start : start + source.randint(1, 8)]
    changes = [
        str.upper,
        lambda text: text.replace("〔", "[").replace("〕", "]"),
        lambda text: text.translate({code: code + 0xFEE0 for code in range(0x21, 0x7F)}),
        lambda text: unicodedata.normalize("NFKD", text),
        lambda text: f'"{text}"',
        " ".join,
    ]
    return source.choice(changes)(piece) if source.random() < 0.4 else piece


@pytest.fixture
def origin(tmp_path: Path, served: Serve, page: Page) -> Page:
    """A page on a served site whose modules can be imported, with an index of the generated tables."""
    index = derive_search(tables_of(random.Random(7)), [])
    page.goto(served(write_site(tmp_path, index, {})) + urls.SEARCH)
    return page


def test_queries_find_what_brute_force_finds_in_the_same_order(origin: Page) -> None:
    tables = tables_of(random.Random(7))
    queries = queries_of(random.Random(11), tables)
    found = origin.evaluate(SEARCH, [queries, TODAY.isoformat()])
    records = searched(tables)
    hits = several = 0
    for query, result in zip(queries, found, strict=True):
        if result is None:
            assert len(terms_of(query)[1]) < 2, query
            continue
        assert result == brute_force(records, query, TODAY), query
        hits += bool(result)
        several += len(result) > 20
    assert hits > QUERIES * 0.6, "too few of the queries find anything: the test would prove little"
    assert several > QUERIES * 0.2


def test_both_fold_every_character_the_same(origin: Page) -> None:
    """Of the whole of Unicode as this Python knows it; surrogates are no characters."""
    known = [chr(code) for code in range(0x110000) if unicodedata.category(chr(code)) not in ("Cn", "Cs")]
    assert len(known) > 200_000
    texts = [f"aΣ{character}b\u0301" for character in known]  # lower case and composition may look at neighbours
    folded = origin.evaluate(FOLD, texts)
    assert [text for text, one in zip(texts, folded, strict=True) if one != fold_text(text)] == []


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
    found = origin.evaluate(FIND, [[text for text, _, _ in cases], [term for _, term, _ in cases]])
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
    for text, term, found in zip(texts, terms, origin.evaluate(FIND, [texts, terms]), strict=True):
        assert bool(found) == (term in fold_text(text)), ascii((text, term))
