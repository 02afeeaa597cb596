"""What a search says of an index that is not as it should be: a clear error, and never a wrong result."""

import gzip
import random
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from publish.derive.search.packing import pack
from tests.search.awkward import TODAY, awkward_tables
from tests.search.queries import queries_of
from tests.searchkit import Oracle, ask_node, asked, index_of, put, table_of, write_index

ROUNDS = 12
TOLD = ("IndexGone", "IndexBroken")


def broken(source: random.Random, data: bytes, others: list[bytes]) -> bytes | None:
    """A file as a bad disk, a bad proxy or a half-done upload leaves it; None: not there at all."""
    body = bytearray(gzip.decompress(data))
    if body:
        body[source.randrange(len(body))] ^= 1 << source.randrange(8)
    place = source.randrange(len(data))
    flipped = data[:place] + bytes([data[place] ^ (1 << source.randrange(8))]) + data[place + 1 :]
    page = b"<!doctype html><title>404</title>"
    return source.choice([None, b"", page, data[:place], flipped, pack(bytes(body)).data, source.choice(others)])


def test_a_broken_file_is_told_and_gives_no_wrong_result(tmp_path: Path) -> None:
    tables = awkward_tables(random.Random(7))
    index = index_of(tables, tmp_path / "scratch")
    site = write_index(tmp_path / "site", index)
    source = random.Random(3)
    queries = queries_of(random.Random(4), tables, 60)
    questions = [{"text": query.text, "today": TODAY.isoformat()} for query in queries]
    oracle = Oracle(tables)
    wanted = [oracle.records(query, TODAY) for query in queries]
    outcomes: Counter[str] = Counter()
    every = list(index.parts.values())
    for _ in range(ROUNDS):
        spoilt = source.sample(sorted(index.parts), 6)
        for url in spoilt:
            damaged = broken(source, index.parts[url], every)
            path = site / url.lstrip("/")
            path.unlink() if damaged is None else path.write_bytes(damaged)
        for answer, right in zip(ask_node(site, questions, tmp_path), wanted, strict=True):
            if answer["error"] is None:
                assert answer["urls"] == right
                outcomes["right"] += 1
            else:
                assert answer["error"].split(":")[0] in TOLD, answer["error"]
                outcomes["told"] += 1
        for url in spoilt:
            put(site, url, index.parts[url])
    assert outcomes["told"] > 50, "too few of the searches met a broken file: the test would prove little"
    assert outcomes["right"] > 50


@pytest.mark.parametrize(
    "text", ["罚款", "没有这个词", "91990100ma0000001x", "内容:甲", '"', "a b c", "：", "x" * 5000]
)
def test_an_index_without_records_answers(tmp_path: Path, text: str) -> None:
    site = write_index(tmp_path / "site", index_of([], tmp_path / "scratch"))
    (answer,) = ask_node(site, [{"text": text}], tmp_path)
    assert (answer["error"], answer["urls"], answer["done"]) == (None, [], True)


def test_filters_restrict_what_is_found(tmp_path: Path) -> None:
    rows = [
        {
            "_title": f"第{n}号",
            "_subject": "甲公司",
            "_date": date(2024 + n % 3, 1, 1 + n % 28),
            "_authority": ["市监局", "卫健委"][n % 2],
            "_severity": ["general", "serious", None][n % 3],
            "_flag": "objection" if n % 10 == 0 else None,
        }
        for n in range(400)
    ]
    tables = [table_of("penalties", "处罚", rows[:300]), table_of("licences", "许可", rows[300:])]
    site = write_index(tmp_path / "site", index_of(tables, tmp_path / "scratch"))
    filters: list[dict[str, str]] = [
        {"dataset": "licences"},
        {"dataset": "none"},
        {"kind": "other"},
        {"authority": "市监局", "year": "2025"},
        {"severity": "serious", "status": "objection"},
    ]
    answers = ask_node(site, [{"text": "甲公司", "filters": one} for one in filters], tmp_path)
    oracle = Oracle(tables).records(asked(("甲公司", None)), TODAY)
    assert len(oracle) == 400
    counts = [
        100,
        0,
        400,
        sum(n % 2 == 0 and n % 3 == 1 for n in range(400)),
        sum(n % 3 == 1 and n % 10 == 0 for n in range(400)),
    ]
    assert [len(answer["urls"]) for answer in answers] == counts
    assert all(answer["urls"] == [url for url in oracle if url in set(answer["urls"])] for answer in answers)
