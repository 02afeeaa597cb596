"""Whether a JSON value is GeoJSON, by the JSON Schema that frictionless uses (github.com/fge/sample-json-schemas).

It wants exactly two numbers in a position and asks for no `type` inside of collections; so do we, to give its verdicts.
"""

from typing import Any

from jsonschema import Draft4Validator

_NUMBER = {"type": "number"}
_POSITION = {"type": "array", "minItems": 2, "items": [_NUMBER, _NUMBER], "additionalItems": False}
_POSITIONS = {"type": "array", "items": _POSITION}
_LINE = _POSITIONS | {"minItems": 2}
_RINGS = {"type": "array", "items": _POSITIONS | {"minItems": 4}}
_SHAPES = {
    "Point": _POSITION,
    "MultiPoint": _POSITIONS,
    "LineString": _LINE,
    "MultiLineString": {"type": "array", "items": _LINE},
    "Polygon": _RINGS,
    "MultiPolygon": {"type": "array", "items": _RINGS},
}
_GEOMETRY = {
    "type": "object",
    "required": ["type", "coordinates"],
    "oneOf": [{"properties": {"type": {"enum": [name]}, "coordinates": shape}} for name, shape in _SHAPES.items()],
}
_COLLECTION = {
    "required": ["geometries"],
    "properties": {"type": {"enum": ["GeometryCollection"]}, "geometries": {"type": "array", "items": _GEOMETRY}},
}
_FEATURE = {
    "required": ["geometry", "properties"],
    "properties": {
        "type": {"enum": ["Feature"]},
        "geometry": {"oneOf": [{"type": "null"}, _GEOMETRY]},
        "properties": {"type": ["object", "null"]},
    },
}
_FEATURES = {
    "required": ["features"],
    "properties": {"type": {"enum": ["FeatureCollection"]}, "features": {"type": "array", "items": _FEATURE}},
}
_NAMED = {
    "properties": {
        "type": {"enum": ["name"]},
        "properties": {
            "required": ["name"],
            "additionalProperties": False,
            "properties": {"name": {"type": "string"}},
        },
    }
}
_LINKED = {
    "properties": {
        "type": {"enum": ["link"]},
        "properties": {
            "type": "object",
            "required": ["href"],
            "properties": {"href": {"type": "string"}, "type": {"type": "string"}},
        },
    }
}
_CRS = {
    "type": ["object", "null"],
    "required": ["type", "properties"],
    "properties": {"type": {"type": "string"}, "properties": {"type": "object"}},
    "additionalProperties": False,
    "oneOf": [_NAMED, _LINKED],
}
SCHEMA = {
    "type": "object",
    "required": ["type"],
    "properties": {"crs": _CRS, "bbox": {"type": "array", "items": _NUMBER}},
    "oneOf": [_GEOMETRY, _COLLECTION, _FEATURE, _FEATURES],
}


def is_geojson(value: Any) -> bool:
    """Whether `value` is a geometry, a geometry collection, a feature or a feature collection."""
    return bool(Draft4Validator(SCHEMA).is_valid(value))
