"""The data package of responsibilities: a CSV, the same as JSON, and a descriptor with the schema of both.

Not one of the datasets (downloads.py): its rows are no records, expire on no day and have no page of their own. The
CSV and the JSON hold nothing of the day of the build: unchanged documents give the same bytes.
"""

import csv
import hashlib
import io
import json
from collections.abc import Iterator
from datetime import date

from publish import urls
from publish.model.config import SiteConfig
from publish.model.responsibility import Responsibility, Share
from publish.model.site import Site

FILES = ("responsibilities.csv", "responsibilities.json", "datapackage.json")
_PROFILE = "https://datapackage.org/profiles/2.0/"
_SHARES = {
    Share.LEAD: "牵头负责",
    Share.CO_LEAD: "共同牵头",
    Share.JOINT: "分别负责",
    Share.SUPPORT: "配合参加",
}
# (name, title, type, description) in the order of the columns.
_FIELDS = (
    ("document", "文件标识", "string", "The document's address without /policies/ and .html"),
    ("document_title", "文件标题", "string", ""),
    ("clause", "分工条款序号", "integer", "Counts the document's clauses from 1"),
    ("order", "单位次序", "integer", "The unit's place in its clause, from 1"),
    ("anchor", "条目锚点", "string", "The item's id on the document's page; blank where the clause stands in no item"),
    ("item", "条目编号", "string", "The item's number with those that it stands in, as the document writes them"),
    ("task", "任务", "string", "The item's text without the clause"),
    ("unit", "责任单位", "string", "Its name in full, as far as the document tells it"),
    ("unit_id", "单位标识", "string", "The same for all names of a unit in documents of one place"),
    ("place", "地区", "string", "What the unit's documents are about; blank where they do not tell"),
    ("named", "原文名称", "string", "The unit's name as it stands in the clause"),
    ("part", "职责类型", "string", "lead: leads, or is alone responsible; co-lead; joint; support"),
    ("collective", "泛指", "boolean", "The words stand for many units, such as 各区县人民政府"),
    ("others", "等单位", "boolean", "The clause says “and others” of the units named up to here"),
    ("url", "网址", "string", "Where the task stands"),
)


def responsibility_files(site: Site, config: SiteConfig, as_of: date) -> Iterator[tuple[str, bytes]]:
    """(URL, bytes) of responsibilities.csv, .json and datapackage.json; nothing if no document has a clause."""
    if not site.responsibilities.rows:
        return
    base = config.base_url.rstrip("/")
    rows = list(_rows(site, base))
    data = {"csv": _csv(rows), "json": _json_rows(rows)}
    for suffix, content in data.items():
        yield urls.responsibilities(f"responsibilities.{suffix}"), content
    descriptor = _descriptor(data, config, base, as_of)
    yield (
        urls.responsibilities("datapackage.json"),
        json.dumps(descriptor, ensure_ascii=False, indent=2).encode() + b"\n",
    )


def _rows(site: Site, base: str) -> Iterator[tuple[str | int | bool | None, ...]]:
    titles = {document.slug: document.title for document in site.documents}
    places = {unit.key: unit.place for unit in site.responsibilities.units}
    for row in site.responsibilities.rows:
        yield (
            row.document,
            titles[row.document],
            row.number,
            row.order,
            row.anchor,
            row.item,
            row.task,
            row.unit,
            row.key,
            places[row.key],
            row.named,
            row.share.value,
            row.collective,
            row.others,
            base + task_url(row),
        )


def task_url(row: Responsibility) -> str:
    """Where a task stands: its item on the document's page, or the page."""
    url = urls.policy(row.document)
    return f"{url}#{row.anchor}" if row.anchor else url


def _csv(rows: list[tuple[str | int | bool | None, ...]]) -> bytes:
    """RFC 4180, UTF-8 without BOM, CRLF; `true` and `false`."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(name for name, *_ in _FIELDS)
    for row in rows:
        writer.writerow(str(cell).lower() if isinstance(cell, bool) else cell for cell in row)
    return text.getvalue().encode()


def _json_rows(rows: list[tuple[str | int | bool | None, ...]]) -> bytes:
    """An array of objects, one a line."""
    names = [name for name, *_ in _FIELDS]
    lines = (json.dumps(dict(zip(names, row, strict=True)), ensure_ascii=False) for row in rows)
    return b"[\n" + ",\n".join(lines).encode() + b"\n]\n"


def _descriptor(data: dict[str, bytes], config: SiteConfig, base: str, as_of: date) -> dict[str, object]:
    """Data Package v2: the CSV as table, the JSON as a plain file (its format in capitals: see downloads.py)."""
    schema = {
        "$schema": f"{_PROFILE}tableschema.json",
        "fields": [_field(*field) for field in _FIELDS],
        "missingValues": [""],
        "primaryKey": ["document", "clause", "order"],
    }
    dialect = {"$schema": f"{_PROFILE}tabledialect.json", "lineTerminator": "\r\n"}
    table = {"type": "table", "format": "csv", "encoding": "utf-8", "dialect": dialect, "schema": schema}
    return {
        "$schema": f"{_PROFILE}datapackage.json",
        "name": "responsibilities",
        "title": "政策文件责任分工",
        "description": "Who is to do what by the responsibility clauses of the policy documents published here.",
        "homepage": base + urls.UNITS,
        "version": as_of.isoformat(),
        "contributors": [{"title": config.organiser, "roles": ["publisher"]}],
        "resources": [
            _resource("csv", "text/csv", data["csv"]) | table,
            _resource("json", "application/json", data["json"]),
        ],
    }


def _resource(suffix: str, media_type: str, content: bytes) -> dict[str, object]:
    return {
        "name": f"responsibilities-{suffix}",
        "path": f"responsibilities.{suffix}",
        "format": suffix.upper(),
        "mediatype": media_type,
        "bytes": len(content),
        "hash": f"sha256:{hashlib.sha256(content).hexdigest()}",
    }


def _field(name: str, title: str, kind: str, description: str) -> dict[str, object]:
    field: dict[str, object] = {"name": name, "title": title, "type": kind, "description": description}
    if not description:
        del field["description"]
    if name == "part":
        field["categories"] = [{"value": share.value, "label": label} for share, label in _SHARES.items()]
    if name in ("document", "task", "unit", "part"):
        field["constraints"] = {"required": True}
    if name == "url":
        field["format"] = "uri"
    return field
