"""YAML and JSON with positions."""

import contextlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publish.load import marked as module
from publish.load.marked import NotReadable, load_marked, parse_json, parse_own_yaml, parse_yaml


def test_lines_texts_and_values() -> None:
    marked = parse_yaml("a: 1\nb:\n  - x: 2026-01-31\n    no: 007\n", "f.yaml")
    assert marked.value == {"a": 1, "b": [{"x": "2026-01-31", "no": 7}]}
    assert (marked.line("a"), marked.line("b"), marked.line("b", 0, "no")) == (1, 2, 4)
    assert marked.text("b", 0, "no") == "007"
    assert marked.at("b", 0).line("no") == 4
    assert marked.at("b", 0).text("no") == "007"


OWN = Path(module.__file__).parents[1] / "disclose"


@pytest.mark.parametrize("path", sorted(OWN.rglob("*.yaml*")), ids=lambda path: path.relative_to(OWN).as_posix())
def test_both_parsers_read_the_same_in_our_own_files(path: Path) -> None:
    """Values, lines, texts and keys that are written twice."""
    text = path.read_text(encoding="utf-8")
    quick = parse_own_yaml(text, path.name)
    assert quick == parse_yaml(text, path.name)
    assert quick.lines


def test_a_part_that_is_not_there_stands_where_its_nearest_parent_does() -> None:
    marked = parse_yaml("a:\n  b: 1\n", "f.yaml")
    assert marked.line("a", "missing", 3) == 1


def test_keys_are_text_as_written() -> None:
    assert parse_yaml("{1: a, yes: b, 2026-01-01: c, ~: d}", "f.yaml").value == {
        "1": "a",
        "yes": "b",
        "2026-01-01": "c",
        "~": "d",
    }


def test_duplicate_keys_are_told_and_the_last_one_wins() -> None:
    marked = parse_yaml("a: 1\nb: {c: 1, c: 2}\na: 3\n", "f.yaml")
    assert marked.value == {"a": 3, "b": {"c": 2}}
    assert marked.duplicates == ((("b", "c"), 2), (("a",), 3))


def test_merge_keys_yield_to_own_keys() -> None:
    marked = parse_yaml("base: &b {x: 1, y: 1}\none:\n  y: 2\n  <<: *b\n", "f.yaml")
    assert marked.value["one"] == {"x": 1, "y": 2}


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a: [1\nb: 2\n", 2),
        ("a: !!python/name:os.system x\n", 1),
        ("a: 1\nb: !own 2\n", 2),
        ("a: !!binary aGk=\n", 1),
        ("? [a, b]\n: 1\n", 1),
        ("a: 1\n--- \nb: 1\n", 2),
        ("a: &x [*x]\n", None),
        ("a: \x00\n", None),
        ("[" * 5000, None),
        ("<<: 3\n", 1),
    ],
)
def test_what_is_refused(text: str, line: int | None) -> None:
    with pytest.raises(NotReadable) as refused:
        parse_yaml(text, "f.yaml")
    if line is not None:
        assert refused.value.line == line


def test_aliases_cannot_grow_without_end() -> None:
    text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
    for level in range(1, 12):
        text += f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 10)}]\n"
    with pytest.raises(NotReadable, match="too many"):
        parse_yaml(text, "f.yaml")


def test_numbers_that_are_none_stay_text() -> None:
    assert parse_yaml("[.inf, .nan, 0x_, 1e400]", "f.yaml").value == [".inf", ".nan", "0x_", "1e400"]


def test_json_has_lines_and_written_numbers_too() -> None:
    marked = parse_json('{\n\t"a": 1.50,\n\t"b": {"a\\/b": "\\u4e2d", "a\\/b": 2}\n}', "f.json")
    assert marked.value == {"a": 1.5, "b": {"a/b": 2}}
    assert marked.text("a") == "1.50"
    assert marked.line("b") == 3
    assert marked.duplicates == ((("b", "a/b"), 3),)


@pytest.mark.parametrize("text", ['{"a": NaN}', '{"a": 1,}', "{'a': 1}", "", '{"a": 1} x', "[" * 100_000])
def test_json_is_strict(text: str) -> None:
    with pytest.raises(NotReadable):
        parse_json(text, "f.json")


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    path = tmp_path / "f.yaml"
    with pytest.raises(NotReadable):
        load_marked(path, "f.yaml")
    path.write_bytes(b"a: 1\nb: \xff\n")
    with pytest.raises(NotReadable) as refused:
        load_marked(path, "f.yaml")
    assert refused.value.line == 2
    path.write_bytes(b"a" * 5_000_000)
    with pytest.raises(NotReadable, match="larger"):
        load_marked(path, "f.yaml")


def test_a_byte_order_mark_is_no_content(tmp_path: Path) -> None:
    path = tmp_path / "f.json"
    path.write_bytes(b'\xef\xbb\xbf{"a": 1}')
    assert load_marked(path, "f.json").value == {"a": 1}


@given(st.text(alphabet="ab:-[]{}&*!<> \n\t\"'|?,#%@1.~中", max_size=60))
def test_nothing_else_is_raised(text: str) -> None:
    for parse in (parse_yaml, parse_json):
        with contextlib.suppress(NotReadable):
            assert parse(text, "f").file == "f"
