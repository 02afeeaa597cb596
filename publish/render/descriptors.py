"""What describes the data files of a dataset: datapackage.json and versions.json (docs/downloads.md)."""

import json
from collections.abc import Mapping, Sequence
from datetime import date

from publish import urls
from publish.model.public import DatasetInfo, PublicField
from publish.render.downloads import DownloadFile
from publish.render.table_rows import ADDED

PACKED = "application/gzip"
# Of what is in a file, packed or not.
MEDIA_TYPES: Mapping[str, str] = {
    "csv": "text/csv",
    "excel.csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "json": "application/json",
    "ndjson": "application/x-ndjson",
    "parquet": "application/vnd.apache.parquet",
}
_PROFILE = "https://datapackage.org/profiles/2.0/"
_WITHDRAWN = (
    "只提供当前版本：旧版本可能含有公示期限已届满的信息，已全部撤下。"
    "Only the current version is offered: older ones are withdrawn, since they may hold records whose time has run out."
)


def data_package_descriptor(
    info: DatasetInfo, fields: Sequence[PublicField], files: Sequence[DownloadFile], base_url: str, as_of: date
) -> bytes:
    """The datapackage.json (Data Package v2) beside the files. `fields`: what all of the files' columns are.

    The CSV is the tabular resource; the others are plain files with sizes and hashes. Their `format` is in capitals,
    which the standard leaves free: frictionless 5 would else read them as tables, for which it needs more libraries.
    """
    described = [_resource(info.slug, file, fields) for file in files]
    package: dict[str, object] = {
        "$schema": f"{_PROFILE}datapackage.json",
        "name": info.slug,
        "title": info.title,
        "description": info.description,
        "homepage": base_url + urls.dataset(info.slug),
        "version": as_of.isoformat(),
        "keywords": list(info.keywords),
        "contributors": [{"title": info.provider, "roles": ["publisher"]}],
        "licenses": [_named(title, path) for title, path in info.licenses],
        "sources": [_named(title, path) for title, path in info.sources],
        "resources": described,
    }
    return _json({name: value for name, value in package.items() if value})


def render_versions(info: DatasetInfo, files: Sequence[DownloadFile], as_of: date) -> bytes:
    """/data/<slug>/versions.json: the current version, and why there are no others."""
    listed = [
        {
            "path": urls.download(info.slug, file.suffix),
            "mediatype": media_type(file.suffix),
            "bytes": file.bytes,
            "sha256": file.sha256,
        }
        for file in files
    ]
    current = {"as_of": as_of.isoformat(), "datapackage": urls.data_package(info.slug), "files": listed}
    return _json({"dataset": info.slug, "title": info.title, "current": current, "note": _WITHDRAWN})


def media_type(suffix: str) -> str:
    """Of a file as it lies there."""
    return PACKED if urls.is_packed(suffix) else MEDIA_TYPES[suffix]


def _resource(slug: str, file: DownloadFile, fields: Sequence[PublicField]) -> dict[str, object]:
    plain = urls.plain_name(file.suffix)
    resource: dict[str, object] = {
        "name": f"{slug}.{file.suffix}".replace(".", "-"),
        "path": f"{slug}.{file.suffix}",
        "format": plain.rpartition(".")[2].upper(),
        "mediatype": media_type(file.suffix),
        "bytes": file.bytes,
        "hash": f"sha256:{file.sha256}",
    }
    if plain != file.suffix:
        resource["compression"] = "gz"  # no word of the standard; frictionless knows it
    if plain != "csv":
        return resource
    schema = {
        "$schema": f"{_PROFILE}tableschema.json",
        "fields": [_field(field) for field in fields],
        "missingValues": [""],
        "primaryKey": [fields[-len(ADDED)].name],
    }
    dialect = {"$schema": f"{_PROFILE}tabledialect.json", "lineTerminator": "\r\n"}
    table = {"type": "table", "format": "csv", "encoding": "utf-8", "dialect": dialect, "schema": schema}
    return {**resource, **table}


def _field(field: PublicField) -> dict[str, str]:
    described = {"name": field.name, "title": field.title, "description": field.description, "type": field.type}
    if field.format != "default":
        described["format"] = field.format
    return {key: value for key, value in described.items() if value}


def _named(title: str, path: str) -> dict[str, str]:
    return {key: value for key, value in (("title", title), ("path", path)) if value}


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=2).encode() + b"\n"
