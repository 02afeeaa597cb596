"""Small public tables, sites with nothing but a search page, and what a search must find, by brute force."""

import html
import re
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from urllib.parse import urlsplit

import polars as pl

from publish import urls
from publish.derive.folding import fold_text
from publish.model.public import DatasetInfo, PublicField, PublicTable
from publish.model.search import SearchIndex
from publish.model.terms import Kind

STATIC = Path(__file__).resolve().parents[1] / "site_templates" / "static"
SYSTEM = {
    "_key": pl.String,
    "_title": pl.String,
    "_subject": pl.String,
    "_code": pl.String,
    "_kind": pl.String,
    "_date": pl.Date,
    "_until": pl.Date,
    "_authority": pl.String,
    "_severity": pl.String,
    "_reason": pl.String,
    "_flag": pl.String,
}
TEXTS = {
    "none": "没有找到",
    "count": "共 {count} 条",
    "atleast": "至少 {count} 条",
    "loading": "正在查找",
    "error": "检索出错",
    "reload": "请刷新页面",
    "more": "更多",
    "short": "请至少输入两个字",
    "flag": "异议处理中",
}


def table_of(
    slug: str,
    title: str,
    records: Sequence[Mapping[str, object]],
    fields: Sequence[PublicField | str] = (),
) -> PublicTable:
    """A public table of these records, in the table's order. What a record does not have is null."""
    known = [field if isinstance(field, PublicField) else PublicField(field, field) for field in fields]
    schema = SYSTEM | {field.name: pl.String for field in known}
    rows = [{"_key": key_of(slug, number), **record} for number, record in enumerate(records)]
    frame = pl.DataFrame([{name: row.get(name) for name in schema} for row in rows], schema=schema)
    ordered = frame.sort(["_date", "_key"], descending=[True, False], nulls_last=True)
    return PublicTable(DatasetInfo(slug, title, Kind.OTHER, "提供单位"), tuple(known), ordered)


def key_of(slug: str, number: int) -> str:
    """The key that table_of gives to a record without one: 20 hex digits."""
    return f"{int.from_bytes(slug.encode()[-4:]):x}".zfill(8)[-8:] + f"{number:012x}"


def write_site(folder: Path, index: SearchIndex, datasets: Mapping[str, str], texts: Mapping[str, str] = TEXTS) -> Path:
    """A site of a search page, the index, the scripts, and empty pages where the newest of each shard lead to."""
    for url, data in index.files():
        put(folder, url, data)
    shutil.copytree(STATIC / "js", folder / "static" / "js", dirs_exist_ok=True)
    put(folder, urls.SEARCH, search_page(index.root_url, datasets, texts).encode())
    put(folder, "/favicon.ico", b"")  # Chromium asks for it when a page names no icon
    put(folder, urls.NOT_FOUND, b"<!doctype html><title>404</title>")
    for shard in index.shards:
        for url in pl.read_json(shard.data)["url"].explode().head(100):
            put(folder, urlsplit(url).path, f"<!doctype html><title>{url}</title>".encode())
    return folder


def put(folder: Path, url: str, data: bytes) -> None:
    file = folder / urls.file_of(url)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(data)


def search_page(index_url: str, datasets: Mapping[str, str], texts: Mapping[str, str]) -> str:
    """The elements that the script and the templates agree on, and nothing more."""
    data = " ".join(f'data-text-{name}="{html.escape(text)}"' for name, text in texts.items())
    options = "".join(f'<option value="{slug}">{html.escape(title)}</option>' for slug, title in datasets.items())
    return f"""<!doctype html><html lang="zh-Hans"><meta charset="utf-8"><title>检索</title>
<script type="module" src="{urls.static("js/search.js")}"></script>
<main data-search-root data-index="{index_url}" {data}>
<form id="search-form" role="search" action="{urls.SEARCH}"><label for="q">检索</label><input id="q" name="q">
<select id="search-dataset" name="dataset"><option value="">全部</option>{options}</select><button>检索</button></form>
<p id="search-status" role="status"></p><ol id="search-results"></ol></main></html>
"""


@dataclass(frozen=True)
class Searched:
    """A record as brute force sees it: its address, its folded cells, its last day, and its place when sorted."""

    url: str
    cells: tuple[str, ...]
    until: date | None
    place: tuple[int, int, int]


def searched(tables: Sequence[PublicTable]) -> list[Searched]:
    """All records of the tables, folded."""
    records = []
    for place, table in enumerate(tables):
        names = ["_title", "_subject", "_code", "_authority", "_reason"]
        names += [field.name for field in table.fields if field.type == "string"]
        for row, record in enumerate(table.frame.iter_rows(named=True)):
            cells = tuple(fold_text(record[name]) for name in names if record[name] is not None)
            newest = -record["_date"].toordinal() if record["_date"] else 0
            records.append(Searched(urls.record(record["_key"]), cells, record["_until"], (newest, place, row)))
    return records


def brute_force(records: Sequence[Searched], query: str, today: date) -> list[str]:
    """Addresses of the records that a query must find, in the order in which they must be shown."""
    terms, whole = terms_of(query)
    number = whole if len(whole) >= 5 and any(character.isdecimal() for character in whole) else None
    found = [
        (number not in record.cells, record.place, record.url)
        for record in records
        if all(any(term in cell for cell in record.cells) for term in terms)
        and not (record.until is not None and record.until < today)
    ]
    return [url for *_, url in sorted(found)]


def terms_of(query: str) -> tuple[set[str], str]:
    """The folded terms of a query, and the whole of it folded."""
    terms = set()
    for number, piece in enumerate(re.split('["＂“”]', query)):
        terms |= {fold_text(part) for part in ([piece] if number % 2 else piece.split())}
    return terms - {""}, fold_text(re.sub('["＂“”]', "", query))
