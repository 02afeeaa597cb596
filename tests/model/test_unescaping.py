"""Whatever writes text with escapes: read back."""

import csv
import html
import io
import json
from urllib.parse import quote, quote_plus
from xml.sax.saxutils import escape, quoteattr

import markupsafe
import pytest
from hypothesis import given
from hypothesis import strategies as st

from publish.model import unescaping
from publish.model.unescaping import unescaped

TEXTS = [
    "张三&李四",
    '说"好"',
    "a<b>c",
    "A's",
    "路/12号",
    "一\n二\t三",
    "𠮷野家",
    "100%以上",
    "回收率80%95%ab以上",
    "back\\slash",
    "plain",
]


def as_csv(text: str) -> str:
    stream = io.StringIO()
    csv.writer(stream, quoting=csv.QUOTE_ALL, lineterminator="").writerow([text])
    return stream.getvalue()


WRITERS = {
    "html": html.escape,
    "jinja": lambda text: str(markupsafe.escape(text)),
    "xml": escape,
    "attribute": quoteattr,
    "references": lambda text: html.escape(text).encode("ascii", "xmlcharrefreplace").decode(),
    "hexadecimal": lambda text: "".join(f"&#x{ord(character):X};" for character in text),
    "json": json.dumps,
    "raw json": lambda text: json.dumps(text, ensure_ascii=False),
    "slashes": lambda text: json.dumps(text).replace("/", "\\/"),
    "upper json": lambda text: "".join(f"\\u{unit:04X}" for unit in utf16(text)),
    "csv": as_csv,
    "address": quote,
    "path": lambda text: quote(text, safe=""),
    "lower address": lambda text: "".join(f"%{byte:02x}" for byte in text.encode()),
    "json in html": lambda text: html.escape(json.dumps(text)),
    "address in html": lambda text: html.escape(quote(text)),
    "address in json": lambda text: json.dumps(quote(text)),
}


def utf16(text: str) -> list[int]:
    data = text.encode("utf-16-be")
    return [int.from_bytes(data[at : at + 2]) for at in range(0, len(data), 2)]


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("name", WRITERS)
def test_what_is_written_is_read_back(name: str, text: str) -> None:
    assert text.encode() in unescaped(WRITERS[name](text).encode())


def test_what_has_no_escape_is_left_alone() -> None:
    data = "张三 100% & co \\ 5%2 &#; &unknown; \\q".encode()
    assert unescaped(data) is not None
    assert unescaped(data) == data


def test_impossible_characters_stay_as_written() -> None:
    for data in (b"&#x110000;", b"&#xd800;", b"\\ud800", b"\\udc00\\ud800"):
        assert unescaped(data) == data


@given(st.binary(max_size=200))
def test_any_bytes_are_taken(data: bytes) -> None:
    unescaped(data)


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=40))
def test_addresses_of_any_text(text: str) -> None:
    assert unescaped(quote_plus(text, safe="").replace("+", "%20").encode()) == text.encode()


@given(
    st.lists(st.sampled_from(["%", "%95", "%ab", "%E7%A7", "%E7%A7%98", "%41", "秘", "&#37;", "9", "\\u0025"])).map(
        "".join
    )
)
def test_text_stays_text(text: str) -> None:
    unescaped(text.encode()).decode()


@given(st.text(min_size=1), st.sampled_from(["%95", "%ab", "%E7%A7"]))
def test_what_makes_no_character_does_not_hide_what_stands_beside_it(text: str, half: str) -> None:
    assert unescaped(f"{half}{quote(text, safe='')}{half}".encode()) == f"{half}{text}{half}".encode()


@given(
    st.lists(
        st.sampled_from(
            [
                "\\",
                "\\u00",
                "\\u0001",
                "\\u0002",
                "\\u001F",
                "\\u001f",
                "\\u0041",
                "\\ud83d",
                "\\ude00",
                "\\n",
                "\\x",
                "u0001",
                "01",
                "ab",
                "秘",
            ]
        ),
        max_size=30,
    )
)
def test_backslashes_are_undone_from_left_to_right(parts: list[str]) -> None:
    """Whatever is undone first: as the pattern alone tells them."""
    data = "".join(parts).encode()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(unescaping, "_LARGE", 0)
        patch.setattr(unescaping, "_STEP", 16)
        done = unescaping._backslashes(data)
    assert done == unescaping._BACKSLASH.sub(unescaping._slashed, data)


@pytest.mark.parametrize("at", [0, 1, 2, 13, 14, 15, 16, 17, 31, 32, 40])
@pytest.mark.parametrize("many", [0, 1, 2, 3])
def test_pairs_are_seen_where_steps_end(at: int, many: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unescaping, "_STEP", 16)
    data = b'"a' * 4 + b"." * at + b'"' * many + b"." * (40 - at)
    assert unescaping._has_pair(data) == (b'""' in data)
