"""/catalog.jsonld: the catalogue for machines, DCAT-AP 3.0.1 as JSON-LD.

Mandatory and recommended properties, as far as the site knows them; what it does not know is left out, never made up.
The context is in the document: a reader fetches nothing.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from publish import urls
from publish.model.config import SiteConfig
from publish.model.public import PublicTable
from publish.render.descriptors import MEDIA_TYPES, PACKED
from publish.render.downloads import DownloadFile

_CONTEXT = {
    "dcat": "http://www.w3.org/ns/dcat#",
    "dcatap": "http://data.europa.eu/r5r/",
    "dct": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "spdx": "http://spdx.org/rdf/terms#",
    "vcard": "http://www.w3.org/2006/vcard/ns#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
_AUTHORITY = "http://publications.europa.eu/resource/authority/"
# Government and public sector; justice, legal system and public safety.
_THEMES = (f"{_AUTHORITY}data-theme/GOVE", f"{_AUTHORITY}data-theme/JUST")
# Of the EU's table of file types; NDJSON has no entry of its own there.
_FILE_TYPES = {"csv": "CSV", "excel.csv": "CSV", "xlsx": "XLSX", "json": "JSON", "ndjson": "JSON", "parquet": "PARQUET"}
_IANA = "https://www.iana.org/assignments/media-types/"
_REGISTERED = frozenset({"text/csv", "application/json", "application/vnd.apache.parquet"}) | {MEDIA_TYPES["xlsx"]}
_LANGUAGES = {"zh": "ZHO", "en": "ENG"}

Node = dict[str, object]


@dataclass(frozen=True, slots=True)
class CatalogEntry:
    """A dataset and its finished files."""

    table: PublicTable
    files: tuple[DownloadFile, ...]


def render_catalog(config: SiteConfig, entries: Sequence[CatalogEntry], as_of: date) -> bytes:
    """The catalogue of all datasets, in the order given. `dct:modified` is the as-of date, which an input gives."""
    base = config.base_url
    catalog: Node = {
        "@id": f"{base}{urls.CATALOG_JSONLD}#catalog",
        "@type": "dcat:Catalog",
        "dct:title": _text(f"{config.name}数据目录" if config.language.startswith("zh") else config.name, config),
        "dct:description": _text(config.description or config.name, config),
        "dct:publisher": _agent(config.organiser, config),
        "dct:language": _language(config),
        "dct:modified": _date(as_of),
        "foaf:homepage": {"@id": base + urls.HOME},
        "dcat:themeTaxonomy": {"@id": f"{_AUTHORITY}data-theme"},
        "dcat:dataset": [_dataset(config, entry, as_of) for entry in entries],
    }
    document = {"@context": _CONTEXT, **_known(catalog)}
    return json.dumps(document, ensure_ascii=False, indent=1).encode() + b"\n"


def _dataset(config: SiteConfig, entry: CatalogEntry, as_of: date) -> Node:
    info = entry.table.info
    page = config.base_url + urls.dataset(info.slug)
    return _known(
        {
            "@id": f"{page}#dataset",
            "@type": "dcat:Dataset",
            "dct:title": _text(info.title, config),
            "dct:description": _text(info.description or info.title, config),
            "dct:identifier": info.slug,
            "dct:publisher": _agent(info.provider, config),
            "dct:language": _language(config),
            "dct:modified": _date(as_of),
            "dct:temporal": _temporal(entry.table),
            "dct:accessRights": {"@id": f"{_AUTHORITY}access-right/PUBLIC"},
            "dct:provenance": [
                {"@type": "dct:ProvenanceStatement", "rdfs:label": _text(basis, config)} for basis in info.legal_basis
            ],
            "dct:source": [{"@id": address} for _, address in info.sources if address],
            "dcat:keyword": [_text(keyword, config) for keyword in info.keywords],
            "dcat:theme": [{"@id": theme} for theme in _THEMES],
            "dcat:contactPoint": _contact(config),
            "dcat:landingPage": {"@id": page},
            "dcat:version": as_of.isoformat(),
            "dcat:distribution": [_distribution(config, entry, file, page) for file in entry.files],
        }
    )


def _distribution(config: SiteConfig, entry: CatalogEntry, file: DownloadFile, page: str) -> Node:
    info = entry.table.info
    address = config.base_url + urls.download(info.slug, file.suffix)
    plain = urls.plain_name(file.suffix)
    media_type = MEDIA_TYPES[plain]
    licence = next((link for _, link in info.licenses if link), None)
    return _known(
        {
            "@id": address,
            "@type": "dcat:Distribution",
            "dct:title": _text(f"{info.title}（{file.suffix}）", config),
            "dct:description": _text(f"{info.title}，{file.suffix} 格式，{file.bytes} 字节", config)
            if config.language.startswith("zh")
            else _text(f"{info.title}, {file.suffix}, {file.bytes} bytes", config),
            "dcat:accessURL": {"@id": page},
            "dcat:downloadURL": {"@id": address},
            "dcat:mediaType": {"@id": _IANA + media_type} if media_type in _REGISTERED else None,
            "dct:format": {"@id": f"{_AUTHORITY}file-type/{_FILE_TYPES[plain]}"},
            "dcat:compressFormat": {"@id": _IANA + PACKED} if plain != file.suffix else None,
            "dct:license": {"@id": licence} if licence else None,
            "dcatap:availability": {"@id": f"{_AUTHORITY}planned-availability/AVAILABLE"},
            "dcat:byteSize": {"@type": "xsd:nonNegativeInteger", "@value": str(file.bytes)},
            "spdx:checksum": {
                "@type": "spdx:Checksum",
                "spdx:algorithm": {"@id": "spdx:checksumAlgorithm_sha256"},
                "spdx:checksumValue": {"@type": "xsd:hexBinary", "@value": file.sha256},
            },
        }
    )


def _temporal(table: PublicTable) -> Node | None:
    """From the first to the last date among the records that are shown."""
    first, last = table.frame["_date"].min(), table.frame["_date"].max()
    if not isinstance(first, date) or not isinstance(last, date):
        return None
    return {"@type": "dct:PeriodOfTime", "dcat:startDate": _date(first), "dcat:endDate": _date(last)}


def _contact(config: SiteConfig) -> Node:
    contact = config.contact
    return _known(
        {
            "@type": "vcard:Organization",
            "vcard:fn": config.organiser,
            "vcard:hasEmail": {"@id": f"mailto:{contact.email}"} if contact.email else None,
            "vcard:hasTelephone": {"@id": f"tel:{re.sub('[^0-9+-]', '', contact.phone)}"} if contact.phone else None,
            "vcard:hasURL": {"@id": config.base_url + urls.ABOUT},
        }
    )


def _agent(name: str, config: SiteConfig) -> Node:
    return {"@type": "foaf:Agent", "foaf:name": _text(name, config)}


def _language(config: SiteConfig) -> Node | None:
    code = _LANGUAGES.get(config.language.partition("-")[0].lower())
    return {"@id": f"{_AUTHORITY}language/{code}"} if code else None


def _text(text: str, config: SiteConfig) -> Node:
    return {"@language": config.language, "@value": text}


def _date(day: date) -> Node:
    return {"@type": "xsd:date", "@value": day.isoformat()}


def _known(node: Node) -> Node:
    return {name: value for name, value in node.items() if value is not None and value != []}
