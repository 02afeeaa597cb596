"""Bulk pages equal plainly rendered pages, byte by byte, over random templates' shapes and hostile cells."""

from typing import Any

import jinja2
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markupsafe import Markup

from publish.render.bulk import Slot, SlotError, assemble, derive_plan

TEMPLATE = """<h1 title="{{ a }}">{{ a }}</h1>{% if b %}<p>{{ b }}</p>{% else %}<p>none</p>{% endif %}
{%- for label, cell in cells if cell %}<dt>{{ label }}</dt><dd>{{ cell }}</dd>{% endfor %}{{ c }}"""
ENVIRONMENT = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined)
CELLS = st.one_of(st.none(), st.text(alphabet=st.characters(exclude_categories=["Cs", "Co"]), max_size=12))


def render(slots: Any) -> str:
    cells = [("一", slots["b"]), ("<二>", slots["c"])]
    c = "" if slots["c"] is None else slots["c"]
    return ENVIRONMENT.from_string(TEMPLATE).render(a=slots["a"], b=slots["b"], c=c, cells=cells)


@settings(deadline=None, max_examples=60)
@given(
    st.lists(
        st.tuples(st.text(max_size=8).filter(lambda s: not any("\ud800" <= x <= "\uf8ff" for x in s)), CELLS, CELLS),
        max_size=12,
    )
)
def test_bulk_equals_plain(rows: list[tuple[str, str | None, str | None]]) -> None:
    frame = pl.DataFrame(rows, schema={"a": pl.String, "b": pl.String, "c": pl.String}, orient="row")
    frame = frame.with_columns(pl.when(pl.col(name) != "").then(pl.col(name)).alias(name) for name in ("b", "c"))
    plan = derive_plan(frame, render)
    assert assemble(plan, frame).to_list() == [render(row) for row in frame.iter_rows(named=True)]


# What is printed where, and in which order, depends on what is there.
CROOKED = """{% if b %}{{ b }}-{{ a }}{% else %}{{ a }}{% endif %}{% if not c %}({{ a }}{{ a }}){% endif %}
{%- if c and b %}{{ c }}{{ b }}{{ c }}{% elif c %}{{ a }}<{{ c }}>{% endif %}{{ a }}"""


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(st.sampled_from(["x", "<&>", "一"]), CELLS, CELLS), max_size=12))
def test_slots_in_another_order_by_shape(rows: list[tuple[str, str | None, str | None]]) -> None:
    frame = pl.DataFrame(rows, schema={"a": pl.String, "b": pl.String, "c": pl.String}, orient="row")
    frame = frame.with_columns(pl.when(pl.col(name) != "").then(pl.col(name)).alias(name) for name in ("b", "c"))
    plan = derive_plan(frame, lambda slots: ENVIRONMENT.from_string(CROOKED).render(**slots))
    wanted = [ENVIRONMENT.from_string(CROOKED).render(**row) for row in frame.iter_rows(named=True)]
    assert assemble(plan, frame).to_list() == wanted


def test_pages_of_constants_alone() -> None:
    frame = pl.DataFrame({"a": ["x", None, "y"]})
    assert assemble(derive_plan(frame, lambda slots: "yes" if slots["a"] else "no"), frame).to_list() == [
        "yes",
        "no",
        "yes",
    ]


def test_raw_columns_are_finished_html() -> None:
    frame = pl.DataFrame({"rows": ["<li>a</li>"], "name": ["<b>"]})
    plan = derive_plan(frame, lambda s: ENVIRONMENT.from_string("{{ name }}{{ rows }}").render(**s), raw=("rows",))
    assert assemble(plan, frame).to_list() == ["&lt;b&gt;<li>a</li>"]


@pytest.mark.parametrize(
    "text",
    [
        "{{ a|upper }}",
        "{{ 'x' if a == 'b' else 'y' }}",
        "{{ a|length }}",
        "{{ a.b }}",
        "{{ a[0] }}",
        "{{ 'x' in a }}",
        "{% for x in a %}{% endfor %}",
        "{{ a|replace('x', 'y') }}",
    ],
)
def test_a_template_that_looks_into_a_slot_is_refused(text: str) -> None:
    frame = pl.DataFrame({"a": ["x"]})
    with pytest.raises((SlotError, TypeError)):
        derive_plan(frame, lambda slots: ENVIRONMENT.from_string(text).render(**slots))


def test_slots_pass_through_markup_format() -> None:
    frame = pl.DataFrame({"a": ["<x>", "y"]})
    plan = derive_plan(frame, lambda slots: str(Markup("名称：{name}").format(name=slots["a"])))
    assert assemble(plan, frame).to_list() == ["名称：&lt;x&gt;", "名称：y"]


def test_private_characters_in_a_template_are_refused() -> None:
    with pytest.raises(SlotError):
        derive_plan(pl.DataFrame({"a": ["x"]}), lambda slots: "\ue000")


def test_no_rows() -> None:
    frame = pl.DataFrame(schema={"a": pl.String})
    assert assemble(derive_plan(frame, lambda slots: "x"), frame).to_list() == []


def test_a_slot_is_a_slot() -> None:
    slot = Slot("a")
    assert bool(slot)
    with pytest.raises(SlotError):
        str(slot)
