"""Small public tables, sites with nothing but a search page, the search under Node, and brute force."""

import base64
import html
import json
import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from publish import urls
from publish.derive.folding import fold_text
from publish.derive.search.memory import Memory
from publish.derive.search.scale import Scale
from publish.derive.search.stage import derive_search
from publish.derive.sections import derive_sections
from publish.executors import SerialExecutor
from publish.model.document import Document
from publish.model.public import DatasetInfo, PublicField, PublicTable
from publish.model.search import SearchIndex
from publish.model.terms import Kind
from publish.render.environment import static_files

TEMPLATES = Path(__file__).resolve().parents[1] / "site_templates"
STATIC = TEMPLATES / "static"
NODE_SCRIPT = Path(__file__).with_name("search_node.mjs")
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
    "found": "已有 {count} 条",
    "loading": "正在查找",
    "error": "检索出错",
    "reload": "请刷新页面",
    "more": "更多",
    "further": "继续",
    "short": "请至少输入两个字",
    "meant": "是不是",
    "subject": "主体",
    "all": "全部公示信息",
}
FLAGS = {"objection": "异议处理中"}
FILTERS = ("dataset", "kind", "authority", "severity", "year", "status")


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
    """The key that table_of gives to a record without one: 20 hex digits, spread as those of a hash are."""
    return f"{(number * 2654435761 + int.from_bytes(slug.encode()[-4:])) % 2**32:08x}{number:012x}"


# So small that a few hundred records have two runs, several nodes of each table, many shards and directories.
TINY = Scale(
    block_rows=12,
    near_rows=8,
    old_rows=20,
    name_rows=40,
    passing_rows=20,
    subject_rows=12,
    known_rows=16,
    number_rows=12,
    list_numbers=400,
    node=4,
    near=5,
    monthly=100,
    divided=100,
)


def index_of(
    tables: Sequence[PublicTable],
    folder: Path,
    documents: Sequence[Document] = (),
    executor: Executor | None = None,
    as_of: date | None = None,
    memory: Memory | None = None,
    scale: Scale | None = None,
) -> SearchIndex:
    """The index of these tables and documents; `folder` is for scratch files."""
    folder.mkdir(parents=True, exist_ok=True)
    return derive_search(tables, documents, executor or SerialExecutor(), folder, as_of, memory, scale)


def files_of(index: SearchIndex) -> dict[str, bytes]:
    """Every file of the index that is not kept, by URL, the root last."""
    return {**index.parts, urls.SEARCH_ROOT: index.root}


def write_index(folder: Path, index: SearchIndex) -> Path:
    """Every file of the index below `folder`, as a site has them."""
    for url, data in files_of(index).items():
        put(folder, url, data)
    return folder


def write_site(folder: Path, index: SearchIndex, datasets: Mapping[str, str], texts: Mapping[str, str] = TEXTS) -> Path:
    """A site of a search page, the index and the scripts: as they are published, and beside them the sources."""
    write_index(folder, index)
    published = published_files()
    for url, data in published.values():
        put(folder, url, data)
    shutil.copytree(STATIC / "js", folder / "static" / "js", dirs_exist_ok=True)
    page = search_page(datasets, texts, published["js/search.js"][0])
    put(folder, urls.SEARCH, page.encode())
    put(folder, "/favicon.ico", b"")  # Chromium asks for it when a page names no icon
    put(folder, urls.NOT_FOUND, b"<!doctype html><title>404</title>")
    return folder


@cache
def published_files() -> Mapping[str, tuple[str, bytes]]:
    """Our static files as they are published, by path: (URL, content)."""
    return static_files([TEMPLATES])


def put(folder: Path, url: str, data: bytes) -> None:
    file = folder / urls.file_of(url)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(data)


def search_page(datasets: Mapping[str, str], texts: Mapping[str, str], script_url: str) -> str:
    """The elements that the script and the templates agree on, and nothing more."""
    data = " ".join(f'data-text-{name}="{html.escape(text)}"' for name, text in texts.items())
    options = "".join(f'<option value="{slug}">{html.escape(title)}</option>' for slug, title in datasets.items())
    flags = "".join(f'<option value="{flag}">{text}</option>' for flag, text in FLAGS.items())
    selects = "".join(
        f'<select id="filter-{name}" name="{name}" data-filter="{name}" aria-label="{name}">'
        '<option value="">全部</option>'
        f"{ {'dataset': options, 'status': flags}.get(name, '') }</select>"
        for name in FILTERS
    )
    return f"""<!doctype html><html lang="zh-Hans"><meta charset="utf-8"><title>检索</title>
<script type="module" src="{script_url}"></script>
<main data-search-root data-index="{urls.SEARCH_ROOT}" {data}>
<form id="search-form" role="search" action="{urls.SEARCH}"><label for="q">检索</label>
<input id="q" name="q" list="search-suggestions"><datalist id="search-suggestions"></datalist>
<button>检索</button><details id="search-filters"><summary>筛选</summary>{selects}
<select id="search-order" name="order" aria-label="排序">
<option value="">相关</option><option value="newest">最新</option></select></details></form>
<p id="search-status" role="status"></p><p id="search-meant" hidden></p><ol id="search-results"></ol></main></html>
"""


def ask_node(
    site: Path,
    questions: Sequence[Mapping[str, Any]],
    scratch: Path,
    cold: bool = False,
    rounds: Sequence[Mapping[str, bytes | None]] = ({},),
) -> list[dict[str, Any]]:
    """Ask the site's own modules under Node; skips the test, saying why, where there is no Node 20 or later.

    `rounds`: by address files that are others than those of the site, or not there (None); all questions are asked in
    each, with an index that is opened anew, and the answers are those of one after the other."""
    node = _node()
    if node is None:
        pytest.skip("Node 20 or later is not on this machine: the search is tried in Chromium only")
    modules = scratch / "modules"
    if not modules.exists():
        shutil.copytree(STATIC / "js", modules)
        (modules / "package.json").write_text('{"type": "module"}', encoding="utf-8")
    others = [
        {url: None if data is None else base64.b64encode(data).decode() for url, data in files.items()}
        for files in rounds
    ]
    asked = subprocess.run(
        [node, str(NODE_SCRIPT), str(modules), str(site)],
        input=json.dumps({"questions": list(questions), "cold": cold, "rounds": others}),
        capture_output=True,
        text=True,
        check=False,
    )
    assert asked.returncode == 0, asked.stderr[-2000:]
    answers: list[dict[str, Any]] = json.loads(asked.stdout)
    return answers


@cache
def _node() -> str | None:
    """Where Node 20 or later is."""
    node = shutil.which("node")
    version = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout if node else "v0"
    return node if int(version.strip().lstrip("v").split(".")[0]) >= 20 else None


@dataclass(frozen=True)
class Asked:
    """A query as a person writes it, and what its parts mean: (text, name of a field or None)."""

    text: str
    terms: tuple[tuple[str, str | None], ...]


def asked(*terms: tuple[str, str | None], joint: str = " ") -> Asked:
    """A query of these terms; what would be cut at spaces is put in quotes."""
    return Asked(joint.join(_written(text, field) for text, field in terms), terms)


def _written(text: str, field: str | None) -> str:
    value = f'"{text}"' if re.search(r'[\s:："“”＂]', text) else text
    return f"{field}:{value}" if field else value


class Oracle:
    """All units folded, and what a query must give: by looking at every cell of every unit."""

    _SHOWN = ("_title", "_subject", "_code", "_authority", "_reason")

    def __init__(self, tables: Sequence[PublicTable], documents: Sequence[Document] = ()) -> None:
        frames = [self._records(table) for table in tables]
        frame = pl.concat(frames, how="diagonal").sort(["date", "key"], descending=[True, False], nulls_last=True)
        self.frame = frame.with_columns(pl.concat_str("subject", "code", separator="\n").alias("own"))
        self._of_day: dict[date, pl.DataFrame] = {}
        self.sections = [part for document in documents for part in _sections(document)]

    def _records(self, table: PublicTable) -> pl.DataFrame:
        names = [name for name in self._SHOWN if name in table.frame.columns]
        fields = [field for field in table.fields if field.type in ("string", "any")]
        cells = {name: _folded(table.frame[name]) for name in {*names, *(field.name for field in fields)}}
        every = pl.DataFrame([series.alias(name) for name, series in sorted(cells.items())])
        own = {fold_text(word): cells[field.name] for field in reversed(fields) for word in (field.title, field.name)}
        key = table.frame["_key"]
        return pl.DataFrame(
            [
                ("/r/" + key.str.slice(0, 2) + "/" + key + ".html").alias("url"),
                key.alias("key"),
                table.frame["_date"].alias("date"),
                table.frame["_until"].alias("until"),
                table.frame["_code"].alias("page"),
                cells["_title"].alias("title"),
                cells["_subject"].alias("subject"),
                cells["_code"].alias("code"),
                every.select(pl.concat_str(pl.all(), separator="\n")).to_series().alias("every"),
                *(series.alias(f"field:{word}") for word, series in own.items()),
            ]
        )

    def records(self, query: Asked, today: date) -> list[str]:
        """Addresses of the records that a query must find, newest first."""
        return self._public(today).filter(self._holds(query))["url"].to_list()

    def told(self, query: Asked, today: date, urls: Sequence[str]) -> set[str]:
        """The records that hits tell of: those that are hits; and of each subject among the hits those that are listed
        under its code, and have all terms in its name and code."""
        records = {url for url in urls if url.startswith("/r/")}
        codes = [url.rpartition("/")[2].removesuffix(".html") for url in urls if url.startswith("/s/")]
        if not codes:
            return records
        texts = [fold_text(text) for text, _ in query.terms]
        stood_for = (
            self._public(today)
            .filter(pl.col("page").is_in(codes))
            .filter(pl.lit(True), *(pl.col("own").str.contains(text, literal=True) for text in texts))
        )
        found = set(stood_for["page"].to_list())
        assert found == set(codes), "a subject among the hits that does not have the terms"
        return records | set(stood_for["url"].to_list())

    def exact(self, query: Asked, today: date) -> set[str]:
        """Addresses of what a query names whole: a record by its number, a subject by its code."""
        (text, field), *more = query.terms
        if more or field:
            return set()
        folded, public, found = fold_text(text), self._public(today), set[str]()
        if _numbered(query.text):
            found.update(public.filter(pl.col("title") == folded)["url"].to_list())
        if len(folded) == 18:
            coded = public.filter((pl.col("code") == folded) & pl.col("page").is_not_null())
            found.update(map(urls.subject, coded["page"].to_list()))
        return found

    def _public(self, today: date) -> pl.DataFrame:
        """The units that are public on that day."""
        if today not in self._of_day:
            self._of_day[today] = self.frame.filter(pl.col("until").is_null() | (pl.col("until") >= today))
        return self._of_day[today]

    def _holds(self, query: Asked) -> list[pl.Expr]:
        found = [pl.lit(True)]
        for text, field in query.terms:
            folded = fold_text(text)
            if field is None:
                found.append(pl.col("every").str.contains(folded, literal=True))
            else:
                found.append(pl.col(f"field:{fold_text(field)}").str.contains(folded, literal=True).fill_null(False))
        return found

    def found_sections(self, query: Asked) -> set[str]:
        """Addresses of sections that have each term in one of their texts."""
        texts = [fold_text(text) for text, _ in query.terms]
        return {url for url, cells in self.sections if all(any(one in cell for cell in cells) for one in texts)}


def _sections(document: Document) -> list[tuple[str, tuple[str, ...]]]:
    """Address and folded texts of each section; the first has what the page's head says."""
    head = (
        document.issuer,
        document.number,
        document.index_number,
        document.subject_class,
        "，".join(document.keywords),
    )
    parts = []
    for place, section in enumerate(derive_sections(document)):
        cells = (section.title, section.text, *(head if place == 0 else ()))
        parts.append((section.url, tuple(fold_text(cell) for cell in cells if cell)))
    return parts


def _numbered(text: str) -> bool:
    plain = re.sub('["＂“”]', "", text).strip()
    return bool(re.fullmatch(r"(?s)(?=.*\d).{4,}", fold_text(plain))) and not re.search(r"\S\s+\S", plain)


def _folded(column: pl.Series) -> pl.Series:
    texts = column.unique().drop_nulls().to_list()
    return column.replace_strict(
        dict(zip(texts, map(fold_text, texts), strict=True)), default="", return_dtype=pl.String
    )
