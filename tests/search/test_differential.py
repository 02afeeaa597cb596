"""The site's own modules, under Node, against brute force over every cell: recall and precision are 1, and the order is
told. With a table of the demo's kinds, one of 100,000 records, and awkward texts."""

import gzip
import json
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from publish import urls
from publish.derive.folding import fold_text, needs_simplifying
from publish.derive.search.scale import Scale
from publish.derive.search.stage import derive_search
from publish.model.document import Document
from publish.model.public import PublicTable
from tests.bench.corpus import penalties
from tests.search.awkward import awkward_tables
from tests.search.histories import code_of
from tests.search.queries import common_pieces, queries_of
from tests.searchkit import TINY, Asked, Oracle, ask_node, asked, index_of, table_of, write_index
from tests.sitekit import workers_of

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
    with workers_of(1) as executor:
        site = write_index(tmp_path / "site", derive_search(tables, [], executor, tmp_path))
    compare(Oracle(tables), site, queries_of(random.Random(11), tables, 1500), tmp_path, 0.6)


@pytest.mark.parametrize("terms", [(), (3, 4), (1, 3, 3)])
def test_awkward_texts_in_two_runs(terms: tuple[int, ...], tmp_path: Path) -> None:
    """So small a scale that every table has several nodes, and lists are in many shards."""
    counts = {"penalties": 1500, "licences": 400, "redlist": 40}
    tables = awkward_tables(random.Random(len(terms)), counts, terms)
    index = index_of(tables, tmp_path / "scratch", as_of=TODAY, scale=TINY)
    root = json.loads(gzip.decompress(index.root))
    assert all(len(table["f"]) > 4 for table in root["tables"].values())
    runs = Counter(period[0] for period in root["periods"])
    assert runs[0] > 3
    assert runs[1] > 3 or not terms
    site = write_index(tmp_path / "site", index)
    compare(Oracle(tables), site, queries_of(random.Random(12), tables, 700), tmp_path, 0.5)


def test_a_corpus_in_two_runs(tmp_path: Path) -> None:
    table = penalties(6000, as_of=TODAY)
    scale = replace(
        TINY, block_rows=24, near_rows=16, old_rows=40, list_numbers=4000, name_rows=120, passing_rows=60, node=8
    )
    index = index_of([table], tmp_path / "scratch", as_of=TODAY, scale=scale)
    site = write_index(tmp_path / "site", index)
    queries = queries_of(random.Random(6), [table], 500) + common_pieces([table], 12)
    compare(Oracle([table]), site, queries, tmp_path, 0.6)


def test_many_names_that_end_the_same(tmp_path: Path) -> None:
    """More than a list of the table of names holds: the others are found through their records. Some have none of
    the terms but in their names and codes."""
    rows: list[dict[str, object]] = []
    for n in range(900):
        name = f"甲{'乙丙丁戊己'[n % 5]}{n % 7}有限公司" if n % 3 else f"甲乙丙丁戊己庚辛壬癸{n % 11}有限公司"
        rows.append(
            {"_subject": name, "_code": code_of(n), "_kind": "organisation", "_until": date(2030, 1, 1 + n % 9)}
        )
        rows[-1] |= {"_date": date(2025, 1 + n % 12, 1 + n % 28)}
    tables = [table_of("x", "x", rows)]
    for scale in (None, TINY):
        index = index_of(tables, tmp_path / "scratch", as_of=TODAY, scale=scale)
        site = write_index(tmp_path / f"site-{scale is None}", index)
        texts = [
            "公司",
            "有限公司",
            "限公司",
            "司有",
            "甲乙",
            "乙丙丁戊己庚辛壬癸3有限公司",
            "庚辛",
            "6有限公司",
            "己6有限公司",
        ]
        queries = [asked((text, None)) for text in texts]
        queries += [asked(("有限公司", None), (text, None)) for text in ("甲乙", "MA0000", "000012", "丙3")]
        ordered = [one for one in queries for _ in range(4)]  # in both orders
        compare(Oracle(tables), site, ordered, tmp_path, 0.8)


@pytest.mark.parametrize("scale", [None, TINY])
def test_names_that_fold_to_something_that_folds_again(scale: Scale | None, tmp_path: Path) -> None:
    """What is removed between two characters leaves them side by side: folded once, as queries are."""
    names = ["甲e´乙丙", "甲e\u200b\u0301丁", "㌔ｶ \u3099戊", "か\u200d\u3099己庚", "ﾊ　ﾟ辛壬"]
    rows: list[dict[str, object]] = [
        {"_subject": f"{n}{names[n % 5]}", "_code": code_of(n), "_title": f"{n}{names[n % 5]}{n}号"} for n in range(120)
    ]
    tables = [table_of("x", "x", rows)]
    site = write_index(tmp_path / "site", index_of(tables, tmp_path / "scratch", as_of=TODAY, scale=scale))
    parts = {text[start : start + size] for text in names for start in range(5) for size in (2, 3, 4, 5)}
    parts |= {f"{n}{name}" for n, name in enumerate(names)} | {f"{n}{name}{n}号" for n, name in enumerate(names)}
    queries = [asked((part, None)) for part in sorted(parts) if len(fold_text(part)) > 1]
    oracle = Oracle(tables)
    answers = ask_node(site, [{"text": query.text} for query in queries], tmp_path)
    for query, answer in zip(queries, answers, strict=True):
        assert oracle.told(query, TODAY, answer["urls"]) == set(oracle.records(query, TODAY)), ascii(query)
        assert oracle.exact(query, TODAY) <= set(answer["urls"]), ascii(query)
        coded = {url for url in answer["urls"] if "/s/" in url}
        named = [row["_code"] for row in rows if fold_text(query.terms[0][0]) in fold_text(str(row["_subject"]))]
        assert coded == {urls.subject(str(code)) for code in named}, ascii(query)


@pytest.mark.parametrize("scale", [None, TINY])
def test_whole_numbers_come_first(scale: Scale | None, tmp_path: Path) -> None:
    """Of every form: their digits in front, in the middle, at the end; short, long, and more than one of them."""
    forms = ["{}号", "甲{}号", "甲乙{}", "甲乙丙{}", "({}）甲", "汀监罚〔2026〕{}号", "A-{}-2025", "{}" + "0" * 35]
    numbers = [1, 7, 10, 17, 100, 117, 1001, 12345]
    rows: list[dict[str, object]] = [{"_title": form.format(number)} for form in forms for number in numbers]
    rows += [{"_title": f"另一份{row['_title']}", "_reason": row["_title"]} for row in rows]
    tables = [table_of("x", "x", rows)]
    site = write_index(tmp_path / "site", index_of(tables, tmp_path / "scratch", as_of=TODAY, scale=scale))
    queries = [asked((str(row["_title"]), None)) for row in rows]
    oracle = Oracle(tables)
    numbered = [query for query in queries if oracle.exact(query, TODAY)]
    assert len(numbered) > 100
    for query, answer in zip(
        numbered, ask_node(site, [{"text": query.text} for query in numbered], tmp_path), strict=True
    ):
        exact = oracle.exact(query, TODAY)
        assert set(answer["urls"][: len(exact)]) == exact, query
        assert answer["tiers"][: len(exact)] == [0] * len(exact), query
        assert set(answer["urls"]) == set(oracle.records(query, TODAY))


@pytest.mark.parametrize("scale", [None, TINY])
def test_traditional_characters_that_only_blocks_have(scale: Scale | None, tmp_path: Path) -> None:
    """The query has none: blocks bring what theirs fold to, for records, sections, names, titles, and by any order."""
    rows: list[dict[str, object]] = [
        {
            "_title": f"第{n}号",
            "_subject": f"公司{n}",
            "_code": code_of(n),
            "_reason": "一般",
            "_date": date(2025, 1 + n % 12, 9),
        }
        for n in range(300)
    ]
    rows[5] |= {"_reason": "違反機械規定"}
    rows[50] |= {"_reason": "甲㈾乙"}  # 資 in brackets, one character
    rows[150] |= {"_subject": "臺灣機械廠"}
    rows[250] |= {"_title": "機械〔2026〕7號"}
    rows[260] |= {"内容": "買賣機械"}
    rows[270] |= {"_authority": "機械局"}
    document = Document("one", "办法", "# 第一章 {#a}\n\n機械之章\n\n# 第二章 {#b}\n\n别的\n")
    tables = [table_of("x", "x", rows, ["内容"])]
    index = index_of(tables, tmp_path / "scratch", [document], as_of=TODAY, scale=scale)
    site = write_index(tmp_path / "site", index)
    texts = [
        "机械",
        "违反机械",
        "甲(资",
        "台湾机械厂",
        "湾机",
        "买卖机械",
        "机械局",
        "机械之章",
        "机械〔2026〕7号",
        "内容:买卖",
        "机械 公司",
    ]
    questions = [{"text": text, "order": order} for text in texts for order in ("relevance", "newest")]
    assert not any(needs_simplifying([text]) for text in texts)
    oracle = Oracle(tables, [document])
    learning = index.parts[f"{urls.SEARCH_INDEX}{json.loads(gzip.decompress(index.root))['folding']['simplified']}.gz"]
    for cold in (True, False):
        for question, answer in zip(questions, ask_node(site, questions, tmp_path, cold=cold), strict=True):
            field, _, text = question["text"].rpartition(":")
            query = asked(*((one, field or None) for one in text.split()))
            records = [url for url in answer["urls"] if "/policies/" not in url]
            assert answer["error"] is None
            assert answer["bytes"] == 0 or answer["requests"] > 0
            assert oracle.told(query, TODAY, records) == set(oracle.records(query, TODAY)), question
            if not field:
                assert {*answer["urls"]} - {*records} == oracle.found_sections(query), question
            assert answer["urls"], question
    assert learning  # the whole table is a file of its own,
    (
        site / urls.file_of(f"{urls.SEARCH_INDEX}{json.loads(gzip.decompress(index.root))['folding']['simplified']}.gz")
    ).unlink()
    (plain, traditional) = ask_node(site, [{"text": "机械"}, {"text": "機械"}], tmp_path)
    assert plain["error"] is None
    assert traditional["error"], "and only a query that has such a character asks for it"


LATER = date(2026, 11, 26)  # the day after what is passing on TODAY has ended for sure


def test_a_page_that_is_older_than_its_season(tmp_path: Path) -> None:
    """What is told no last day is believed only until the season ends: an old page shows no subject of the lasting run,
    and nothing that has ended, in any order and by any way in."""
    tables = awkward_tables(random.Random(3), {"penalties": 1500, "licences": 300}, (1, 3, 3))
    index = index_of(tables, tmp_path / "scratch", as_of=TODAY, scale=TINY)
    root = json.loads(gzip.decompress(index.root))
    assert root["until"] == (LATER - timedelta(days=1)).isoformat()
    site = write_index(tmp_path / "site", index)
    queries = [query for query in queries_of(random.Random(4), tables, 100) if not any(f for _, f in query.terms)]
    oracle = Oracle(tables)
    subjects: Counter[date] = Counter()
    days = (LATER - timedelta(days=1), LATER, date(2028, 1, 1), date(2031, 1, 1))
    asked_for = [(today, order, query) for today in days for order in ("relevance", "newest") for query in queries]
    questions = [{"text": query.text, "order": order, "today": day.isoformat()} for day, order, query in asked_for]
    for (today, _, query), answer in zip(asked_for, ask_node(site, questions, tmp_path), strict=True):
        assert answer["error"] is None
        subjects[today] += sum("/s/" in url for url in answer["urls"])
        # Subjects that are not shown any more are no reason to leave out their records.
        assert oracle.told(query, today, answer["urls"]) == set(oracle.records(query, today)), query
    assert subjects[LATER - timedelta(days=1)] > 2 * subjects[LATER] > 0


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> tuple[PublicTable, Path]:
    """100,000 records, and a folder with their index."""
    folder = tmp_path_factory.mktemp("large")
    table = penalties(100_000)
    with workers_of(2) as executor:
        index = derive_search([table], [], executor, folder)
    return table, write_index(folder / "site", index)


def test_100_000_records(large: tuple[PublicTable, Path], tmp_path: Path) -> None:
    table, site = large
    queries = queries_of(random.Random(5), [table], 200) + common_pieces([table], 2)
    few = Oracle([replace(table, frame=table.frame.head(4000))])
    broad = [query for query in queries if len(few.records(query, TODAY)) > 200]
    assert len(broad) > 12, "each reads nearly all of the index, with all the others they take most of the time"
    compare(Oracle([table]), site, [query for query in queries if query not in broad[5:-2]], tmp_path, 0.7)
