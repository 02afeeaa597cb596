"""How one cell's text is read, type by type, with the verdicts of frictionless 5.21 where the standard is silent.

Slow and exact: the stage asks the readers only about distinct texts that no Polars form has accepted. Each
`*_reader(spec)` gives a function from text to a value; it raises, or gives None, for a text that is not of the type.
"""

import base64
import json
import re
from collections.abc import Callable
from datetime import datetime, time
from decimal import Decimal
from typing import Any
from uuid import UUID

import isodate
import rfc3986  # type: ignore[import-untyped]
import rfc3986.validators  # type: ignore[import-untyped]
import validators
from dateutil import parser as dateutil_parser  # type: ignore[import-untyped]

from publish.model.source import FieldSpec
from publish.validate.geojson import is_geojson

Reader = Callable[[str], Any]

TRUE_VALUES = ("true", "True", "TRUE", "1")
FALSE_VALUES = ("false", "False", "FALSE", "0")
_BARE = re.compile(r"((^[^-\d]*)|(\D*$))")
_LIST_ITEMS = frozenset({"string", "integer", "boolean", "number", "datetime", "date", "time"})


def any_reader(spec: FieldSpec) -> Reader:
    """Any text."""
    return str


def string_reader(spec: FieldSpec) -> Reader:
    """Formats: email, uri, uuid, binary; other formats say nothing about the text."""
    return {"email": _email, "uri": _uri, "uuid": _uuid, "binary": _binary}.get(spec.format, str)


def integer_reader(spec: FieldSpec) -> Reader:
    """Option `bareNumber` false: what stands before and after the digits is ignored."""
    bare = spec.options.get("bareNumber", True)
    return lambda text: int(text.strip() if bare else _BARE.sub("", text.strip()))


def number_reader(spec: FieldSpec) -> Reader:
    """Decimal numbers; options `bareNumber`, `groupChar`, `decimalChar`."""
    bare = spec.options.get("bareNumber", True)
    group, point = str(spec.options.get("groupChar", "")), str(spec.options.get("decimalChar", "."))

    def read(text: str) -> Decimal | None:
        text = text.strip()
        if not bare:
            text = _BARE.sub("", text)
        text = text.replace(group, "") if group else text
        if point != "." and "." in text:
            return None
        return Decimal(text.replace(point, ".") if point else text)

    return read


def boolean_reader(spec: FieldSpec) -> Reader:
    """Options `trueValues` and `falseValues`; a text in both is false, as in frictionless."""
    words: dict[str, bool] = dict.fromkeys(boolean_words(spec)[0], True)
    words |= dict.fromkeys(boolean_words(spec)[1], False)
    return words.get


def boolean_words(spec: FieldSpec) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The texts that mean true and those that mean false."""
    words = (spec.options.get("trueValues", TRUE_VALUES), spec.options.get("falseValues", FALSE_VALUES))
    yes, no = (tuple(map(str, texts)) if isinstance(texts, (list, tuple)) else () for texts in words)
    return yes, no


def date_reader(spec: FieldSpec) -> Reader:
    """Default yyyy-mm-dd; `any`; strptime patterns."""
    if spec.format == "any":
        return lambda text: dateutil_parser.parse(text).date()
    pattern = "%Y-%m-%d" if spec.format == "default" else spec.format
    return lambda text: datetime.strptime(text, pattern).date()


def datetime_reader(spec: FieldSpec) -> Reader:
    """Default ISO 8601 with seconds; `any`; strptime patterns."""
    if spec.format == "any":
        return dateutil_parser.parse  # type: ignore[no-any-return]
    if spec.format != "default":
        return lambda text: datetime.strptime(text, spec.format)

    def read(text: str) -> datetime | None:
        return dateutil_parser.isoparse(text) if len(text) >= 19 and text[16] == ":" else None

    return read


def time_reader(spec: FieldSpec) -> Reader:
    """Default hh:mm:ss, perhaps with a zone; `any`; strptime patterns."""
    if spec.format == "any":
        return lambda text: dateutil_parser.parse(text).timetz()
    if spec.format != "default":
        return lambda text: datetime.strptime(text, spec.format).timetz()

    def read(text: str) -> time | None:
        if len(text) < 8 or text[5] != ":":
            return None
        return dateutil_parser.isoparse(f"2000-01-01T{text}").timetz()  # type: ignore[no-any-return]

    return read


def year_reader(spec: FieldSpec) -> Reader:
    """Four characters that are an integer from 0 to 9999."""

    def read(text: str) -> int | None:
        value = int(text) if len(text) == 4 else -1
        return value if 0 <= value <= 9999 else None

    return read


def yearmonth_reader(spec: FieldSpec) -> Reader:
    """Year and month with a hyphen between."""

    def read(text: str) -> tuple[int, int] | None:
        year, month = map(int, text.split("-"))
        return (year, month) if 1 <= month <= 12 else None

    return read


def duration_reader(spec: FieldSpec) -> Reader:
    """ISO 8601 durations."""
    return isodate.parse_duration  # type: ignore[no-any-return]


def geopoint_reader(spec: FieldSpec) -> Reader:
    """Longitude and latitude: `lon, lat`, a JSON array, or a JSON object."""

    def read(text: str) -> tuple[Decimal, Decimal] | None:
        if spec.format == "array":
            lon, lat = json.loads(text)
        elif spec.format == "object":
            parts = json.loads(text)
            if len(parts) != 2:
                return None
            lon, lat = parts["lon"], parts["lat"]
        else:
            lon, lat = (part.strip() for part in text.split(","))
        point = (Decimal(lon), Decimal(lat))
        return None if abs(point[0]) > 180 or abs(point[1]) > 90 else point

    return read


def object_reader(spec: FieldSpec) -> Reader:
    """A JSON object."""
    return lambda text: value if isinstance(value := json.loads(text), dict) else None


def array_reader(spec: FieldSpec) -> Reader:
    """A JSON array."""
    return lambda text: value if isinstance(value := json.loads(text), list) else None


def geojson_reader(spec: FieldSpec) -> Reader:
    """A GeoJSON object; of TopoJSON only that it is a JSON object with its type is checked."""
    if spec.format == "topojson":
        return lambda text: value if (value := json.loads(text)).get("type") == "Topology" else None
    return lambda text: value if is_geojson(value := json.loads(text)) else None


def list_reader(spec: FieldSpec) -> Reader:
    """Items of `itemType` (default string) between `delimiter`s (default comma), each in that type's default format."""
    kind = str(spec.options.get("itemType", "string"))
    makers: dict[str, Callable[[FieldSpec], Reader]] = {
        "integer": integer_reader,
        "boolean": boolean_reader,
        "number": number_reader,
        "datetime": datetime_reader,
        "date": date_reader,
        "time": time_reader,
    }
    item = makers.get(kind, string_reader)(FieldSpec(spec.name, kind))
    delimiter = str(spec.options.get("delimiter", ","))

    def read(text: str) -> list[Any] | None:
        items = [item(part) for part in text.split(delimiter)]
        return None if any(value is None for value in items) else items

    return read


def _email(text: str) -> str | None:
    return text if validators.email(text) else None


def _uuid(text: str) -> str | None:
    return text if text and UUID(text) else None


def _binary(text: str) -> str:
    base64.b64decode(text)
    return text


def _uri(text: str) -> str:
    checker = rfc3986.validators.Validator()
    checker.require_presence_of("scheme")
    checker.validate(rfc3986.uri_reference(text))
    return text
