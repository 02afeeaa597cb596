"""Reading a manifest by columns: what JSON reads, or nothing."""

import json

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from publish.model.issue import BuildStopped
from publish.release.manifest import FILE_SCHEMA, Manifest, by_columns, parse_manifest

from .conftest import AS_OF

_ESCAPED = '"\\\n\r\t'
_PIECES = [
    b"",
    b" ",
    b",",
    b",\n",
    b'"',
    b"\n",
    b"]",
    b'"size": [',
    b"1",
    b"0",
    b"-1",
    b"1.0",
    b"null",
    b"\\u0041",
    b"\xff",
]


def made(paths: list[str]) -> bytes:
    files = pl.DataFrame([sorted(paths), list(range(len(paths))), ["0" * 64] * len(paths)], schema=dict(FILE_SCHEMA))
    return Manifest(AS_OF, 'program "x"', files).to_bytes()


@given(st.data())
def test_it_is_what_json_reads(data: st.DataObject) -> None:
    """Whatever somebody has done to its bytes."""
    paths = data.draw(st.lists(st.text("ab/',[]{}: é名\x7f\u2028" + _ESCAPED, min_size=1, max_size=6), unique=True))
    written = made(paths)
    odd = not paths or any(sign in path for path in paths for sign in _ESCAPED)
    assert odd or by_columns(written) is not None
    for _ in range(data.draw(st.integers(0, 3))):
        begin, length = data.draw(st.tuples(st.integers(0, len(written)), st.integers(0, 3)))
        written = written[:begin] + data.draw(st.sampled_from(_PIECES)) + written[begin + length :]
    told = by_columns(written)
    if told is not None:
        document = json.loads(written)
        assert told.files.to_dict(as_series=False) == {name: document[name] for name in FILE_SCHEMA}
        assert (1, told.as_of.isoformat(), told.program) == (document["format"], document["as_of"], document["program"])


def test_another_way_to_write_it() -> None:
    """A manifest that JSON reads is read, whoever wrote it; a damaged one is not."""
    document = json.loads(made(["a", "b"]))
    other = json.dumps(document, indent=1).encode()
    assert by_columns(other) is None
    assert parse_manifest(other).to_bytes() == made(["a", "b"])
    with pytest.raises(BuildStopped):
        parse_manifest(made(["a", "b"])[:-3])
