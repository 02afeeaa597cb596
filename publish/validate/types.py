"""The field types of Table Schema in one registry: how a text is read, which texts are surely right, what is equal.

Each type has an exact reader and, where that pays, a *form*: a Polars expression that is true only for texts that
certainly are of the type. Texts of no form go to the reader, each distinct one once. So Polars never has the last word
against a cell, and a form may be stricter than the type, but never laxer.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import polars as pl

from publish.model.source import FieldSpec
from publish.validate import readers
from publish.validate.readers import Reader

# True: every cell; False: none is sure.
Sure = pl.Expr | bool
Form = Callable[[FieldSpec], Sure]
Bound = Callable[[FieldSpec, object, bool], Sure]

_ORDER = frozenset({"minimum", "maximum", "enum"})
_LENGTH = frozenset({"min-length", "max-length", "enum"})
_DIGITS = r"^-?[0-9]{1,18}$"
_ISO_DATE = r"^[0-9]{4}-(0[1-9]|1[0-2])-[0-9]{2}$"
_ISO_TIME = r"([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]"


@dataclass(frozen=True, slots=True)
class CellType:
    """One type.

    `kind`: values of different kinds are never equal (foreign keys). `constraints`: those the type supports, beside
    `required` and `unique`. `form`: sure membership. `canonical`: sure membership and the only way to write the value.
    `bound(spec, limit, upper)`: sure to be on the right side of a limit, given that the form holds.
    `few`: a column has few distinct texts, so that it is cheaper to look at those alone.
    """

    reader: Callable[[FieldSpec], Reader]
    kind: str
    constraints: frozenset[str] = frozenset({"enum"})
    form: Form = lambda spec: False
    canonical: Form = lambda spec: False
    bound: Bound = lambda spec, limit, upper: False
    few: bool = False


def _always(spec: FieldSpec) -> Sure:
    return True


def _string_form(spec: FieldSpec) -> Sure:
    return spec.format not in {"email", "uri", "uuid", "binary"}


def _integer_form(spec: FieldSpec) -> Sure:
    return pl.col(spec.name).str.contains(_DIGITS)


def _integer_canonical(spec: FieldSpec) -> Sure:
    return pl.col(spec.name).str.contains(r"^(0|-?[1-9][0-9]{0,17})$")


def _integer_bound(spec: FieldSpec, limit: object, upper: bool) -> Sure:
    if not isinstance(limit, int) or abs(limit) >= 10**18:
        return False
    value = pl.col(spec.name).cast(pl.Int64, strict=False)
    return value <= limit if upper else value >= limit


def _number_text(spec: FieldSpec) -> pl.Expr:
    text = pl.col(spec.name)
    group, point = str(spec.options.get("groupChar", "")), str(spec.options.get("decimalChar", "."))
    if group:
        text = text.str.replace_all(group, "", literal=True)
    return text.str.replace_all(point, ".", literal=True) if point not in {"", "."} else text


def _number_form(spec: FieldSpec) -> Sure:
    """What Polars casts to a finite float, Decimal reads too; NaN and infinities are left to the reader."""
    sure = _number_text(spec).cast(pl.Float64, strict=False).is_finite().fill_null(False)
    if spec.options.get("decimalChar", ".") != ".":
        sure &= ~pl.col(spec.name).str.contains(".", literal=True)
    if not spec.options.get("bareNumber", True):
        sure &= pl.col(spec.name).str.contains(r"^-?[0-9](.*[0-9])?$")
    return sure


def _number_bound(spec: FieldSpec, limit: object, upper: bool) -> Sure:
    """Rounding to a float keeps order, so what is strictly beyond the rounded limit is beyond the limit itself."""
    if not isinstance(limit, Decimal) or not limit.is_finite():
        return False
    value = _number_text(spec).cast(pl.Float64, strict=False)
    return value < float(limit) if upper else value > float(limit)


def _boolean_form(spec: FieldSpec) -> Sure:
    yes, no = readers.boolean_words(spec)
    return pl.col(spec.name).is_in([*yes, *no])


def _date_form(spec: FieldSpec) -> Sure:
    text = pl.col(spec.name)
    if spec.format != "default":
        return False
    real = text.str.to_date("%Y-%m-%d", strict=False).is_not_null()
    return text.str.contains(_ISO_DATE) & (text >= "0001-01-01") & real


def _date_bound(spec: FieldSpec, limit: object, upper: bool) -> Sure:
    if not isinstance(limit, date):
        return False
    text = pl.col(spec.name)
    return text <= limit.isoformat() if upper else text >= limit.isoformat()


def _datetime_form(spec: FieldSpec) -> Sure:
    text = pl.col(spec.name)
    if spec.format != "default":
        return False
    real = text.str.slice(0, 10).str.to_date("%Y-%m-%d", strict=False).is_not_null()
    form = _ISO_DATE.removesuffix("$") + "T" + _ISO_TIME + "Z?$"
    return text.str.contains(form) & (text >= "0001-01-01") & real


def _time_form(spec: FieldSpec) -> Sure:
    return pl.col(spec.name).str.contains(f"^{_ISO_TIME}$") if spec.format == "default" else False


def _year_form(spec: FieldSpec) -> Sure:
    return pl.col(spec.name).str.contains(r"^[0-9]{4}$")


def _yearmonth_form(spec: FieldSpec) -> Sure:
    return pl.col(spec.name).str.contains(r"^[0-9]{4}-(0[1-9]|1[0-2])$")


TYPES: Mapping[str, CellType] = {
    "any": CellType(readers.any_reader, "text", form=_always, canonical=_always),
    "string": CellType(readers.string_reader, "text", _LENGTH | {"pattern"}, _string_form, _always),
    "integer": CellType(readers.integer_reader, "number", _ORDER, _integer_form, _integer_canonical, _integer_bound),
    "number": CellType(readers.number_reader, "number", _ORDER, _number_form, bound=_number_bound),
    "boolean": CellType(readers.boolean_reader, "number", form=_boolean_form),
    "date": CellType(readers.date_reader, "date", _ORDER, _date_form, _date_form, _date_bound, few=True),
    "time": CellType(readers.time_reader, "time", _ORDER, _time_form),
    "datetime": CellType(readers.datetime_reader, "datetime", _ORDER, _datetime_form),
    "year": CellType(readers.year_reader, "number", _ORDER, _year_form, bound=_integer_bound),
    "yearmonth": CellType(readers.yearmonth_reader, "pair", _ORDER, _yearmonth_form),
    "duration": CellType(readers.duration_reader, "duration"),
    "geopoint": CellType(readers.geopoint_reader, "pair"),
    "geojson": CellType(readers.geojson_reader, "object"),
    "object": CellType(readers.object_reader, "object", _LENGTH),
    "array": CellType(readers.array_reader, "array", _LENGTH),
    "list": CellType(readers.list_reader, "array", _LENGTH - {"enum"}),
}
