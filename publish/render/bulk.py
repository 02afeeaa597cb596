"""Bulk pages: a Jinja template, partially evaluated, assembled in columns.

A template that prints the columns of a million rows is rendered once for each *shape* of row (which of its optional
slots have a value) with a stand-in for each slot; the text is cut at the stand-ins, and the pages of that shape are the
constant pieces interleaved with the escaped columns. Templates stay ordinary Jinja; a test renders samples plainly
and demands equal bytes.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

_OPEN, _CLOSE = "\ue000", "\ue001"
_STAND_IN = re.compile(f"{_OPEN}([^{_CLOSE}]*){_CLOSE}")
_SHAPE, _HTML = "_shape", "_html"

# What markupsafe.escape does, so that bulk pages and plainly rendered pages are the same bytes.
_ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&#34;", "'": "&#39;"}
_SPECIAL = "[&<>\"']"


# Constants and the names of the slots between them: one constant more than names.
Pieces = tuple[tuple[str, ...], tuple[str, ...]]


class SlotError(Exception):
    """A bulk template does more with a slot than print it or ask whether it is there."""


class Slot:
    """The stand-in for a column in a template: it can be printed and tested for presence, and nothing else."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name

    def __html__(self) -> str:
        return f"{_OPEN}{self.name}{_CLOSE}"

    def __bool__(self) -> bool:
        return True

    def _refuse(self, *_: object) -> str:
        raise SlotError(f"slot {self.name} may only be printed or tested for presence in a bulk template")

    def __getattr__(self, name: str) -> str:
        if name.startswith("__"):  # protocols that are asked for, such as __html_format__
            raise AttributeError(name)
        return self._refuse()

    __str__ = __repr__ = __format__ = _refuse
    __eq__ = __lt__ = __le__ = __gt__ = __ge__ = __len__ = __iter__ = __contains__ = _refuse  # type: ignore[assignment]
    __getitem__ = __add__ = __radd__ = __mod__ = _refuse
    __hash__ = None  # type: ignore[assignment]


@dataclass(frozen=True, slots=True)
class BulkPlan:
    """A template cut into pieces, ready to be sent to a worker.

    `slots` are the columns that the template may print; `raw` those of them that hold finished HTML. `pieces` maps a
    shape (one `1` or `0` per slot) to what its pages are made of.
    """

    slots: tuple[str, ...]
    raw: frozenset[str]
    pieces: Mapping[str, Pieces]


def derive_plan(
    frame: pl.DataFrame, render: Callable[[Mapping[str, Slot | None]], str], raw: Sequence[str] = ()
) -> BulkPlan:
    """Cut the template behind `render` for every shape that occurs in `frame`, all of whose columns are slots.

    `render` gets a Slot for each column that has a value and None for each that has none. Raises SlotError if the
    template does more than print and test its slots.
    """
    slots = tuple(frame.columns)
    shapes = frame.select(_shape(slots)).unique().sort(_SHAPE).to_series().to_list() if frame.height else []
    pieces = {}
    for shape in shapes:
        values = {name: Slot(name) if bit == "1" else None for name, bit in zip(slots, shape, strict=True)}
        pieces[shape] = _cut(render(values))
    return BulkPlan(slots, frozenset(raw), pieces)


def plan_of_shapes(
    names: Sequence[str],
    shapes: Sequence[str],
    render: Callable[[Mapping[str, Slot | None]], str],
    raw: Sequence[str] = (),
) -> BulkPlan:
    """The same for shapes that are known, without any rows; `names` are those of all slots."""
    rows = [["" if bit == "1" else None for bit in shape] for shape in shapes]
    return derive_plan(pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String), orient="row"), render, raw)


def assemble(plan: BulkPlan, frame: pl.DataFrame) -> pl.Series:
    """The HTML (String) of each row of `frame`, in its order."""
    cells = escape_cells(plan, frame)
    return assemble_escaped(plan, cells, shapes_of(cells))


def assemble_escaped(plan: BulkPlan, cells: pl.DataFrame, shapes: pl.Series) -> pl.Series:
    """The same from `cells` of escape_cells and their shapes, as several plans of the same slots can share them.

    All shapes at once, however many there are: their slots are put into one order, in which each shape leaves out what
    it has not, and the constants of a place are looked up by the shape of the row.
    """
    if cells.height == 0:
        return pl.Series("html", [], dtype=pl.String)
    used = shapes.unique().sort().to_list()
    number = shapes.cast(pl.Enum(used)).to_physical()
    pieces = [plan.pieces[shape] for shape in used]
    order = _common_order([names for _, names in pieces])
    constants, printed = _aligned(pieces, order)
    texts = [_by_shape(constants[0], number)]
    for at, name in enumerate(order):
        cell = pl.col(name)
        bit = plan.slots.index(name)
        if any(shape[bit] == "1" and not has for shape, has in zip(used, printed[at], strict=True)):
            cell = pl.when(_by_shape(printed[at], number)).then(cell)
        texts += [cell, _by_shape(constants[at + 1], number)]
    # With columns, since what is printed may be constants alone.
    return cells.with_columns(pl.concat_str(texts, ignore_nulls=True).alias(_HTML))[_HTML].alias("html")


def _common_order(every: Sequence[tuple[str, ...]]) -> list[str]:
    """Names in an order of which each of the sequences is a part: the longest, and between its names what others have
    there. Templates that leave out what is missing need no place twice; others get longer orders, no wrong ones."""
    order: list[str] = []
    for names in sorted(every, key=len, reverse=True):
        at = 0
        for name in names:
            try:
                at = order.index(name, at) + 1
            except ValueError:
                order.insert(at, name)
                at += 1
    return order


def _aligned(pieces: Sequence[Pieces], order: Sequence[str]) -> tuple[list[list[str]], list[list[bool]]]:
    """By place and shape: the constants (first what stands before all places, then after each one), and whether the
    shape prints its cell there."""
    constants = [[""] * len(pieces) for _ in range(len(order) + 1)]
    printed = [[False] * len(pieces) for _ in order]
    for shape, (own, names) in enumerate(pieces):
        constants[0][shape] = own[0]
        at = 0
        for name, constant in zip(names, own[1:], strict=True):
            at = order.index(name, at)
            printed[at][shape] = True
            at += 1
            constants[at][shape] = constant
    return constants, printed


def _by_shape(values: Sequence[str] | Sequence[bool], number: pl.Series) -> pl.Expr:
    """Of each row that of its shape."""
    if all(value == values[0] for value in values):
        return pl.lit(values[0])
    return pl.lit(pl.Series(values).gather(number))


def around_cells(plan: BulkPlan, lines: int, gap: str) -> BulkPlan:
    """The plan of what stands in `lines` lines on either side of a cell; `gap` takes the place of what is left out.

    What touches a cell and goes over no more lines stands in it too, and what touches none stands in every page of its
    shape.
    """
    pieces = {}
    for shape, (constants, names) in plan.pieces.items():
        last = len(constants) - 1
        near = (
            _ends(constant, lines if at else 0, lines if at < last else 0, gap) for at, constant in enumerate(constants)
        )
        pieces[shape] = (tuple(near), names)
    return BulkPlan(plan.slots, plan.raw, pieces)


def _ends(text: str, first: int, last: int, gap: str) -> str:
    """The first and the last lines of a text, if it has more; the line of a cell goes on into either end."""
    parts = text.split("\n")
    if len(parts) <= first + last:
        return text
    return "\n".join(parts[:first]) + gap + "\n".join(parts[len(parts) - last :])


def shapes_of(frame: pl.DataFrame) -> pl.Series:
    """The shape (String) of each row; all columns are slots."""
    return frame.select(_shape(frame.columns)).to_series()


def escape_cells(plan: BulkPlan, frame: pl.DataFrame) -> pl.DataFrame:
    """The plan's slots as they stand in pages: escaped exactly as by Jinja's autoescape, but for those that are raw.

    Nearly no cell has anything to escape, and to see that costs a fourth of replacing.
    """
    return frame.select(name if name in plan.raw else _escaped(frame[name]) for name in plan.slots)


def _escaped(column: pl.Series) -> pl.Series:
    special = column.str.contains(_SPECIAL).arg_true()
    if special.is_empty():
        return column
    replaced = column.gather(special).str.replace_many(list(_ESCAPES), list(_ESCAPES.values()))
    return column.clone().scatter(special, replaced)  # it changes what it is called on


def _shape(slots: Sequence[str]) -> pl.Expr:
    bits = [pl.when(pl.col(name).is_not_null()).then(pl.lit("1")).otherwise(pl.lit("0")) for name in slots]
    return pl.concat_str(bits).alias(_SHAPE)


def _cut(text: str) -> Pieces:
    pieces = _STAND_IN.split(text)
    constants, names = tuple(pieces[0::2]), tuple(pieces[1::2])
    if any(_OPEN in constant or _CLOSE in constant for constant in constants):
        raise SlotError("a template or a text of the site holds the private characters U+E000 or U+E001")
    return constants, names
