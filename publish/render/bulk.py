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
_SHAPE = "_shape"

# What markupsafe.escape does, so that bulk pages and plainly rendered pages are the same bytes.
_ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&#34;", "'": "&#39;"}


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
    shape (one `1` or `0` per slot) to (constants, slot names): one constant more than names.
    """

    slots: tuple[str, ...]
    raw: frozenset[str]
    pieces: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]]


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
    return assemble_each((plan,), frame)[0]


def assemble_each(plans: Sequence[BulkPlan], frame: pl.DataFrame) -> list[pl.Series]:
    """The same for several plans of the same slots and shapes; cells are escaped once."""
    names = [f"html{number}" for number in range(len(plans))]
    if frame.height == 0:
        return [pl.Series(name, [], dtype=pl.String) for name in names]
    slots, raw = plans[0].slots, plans[0].raw
    shaped = frame.select(*(_escaped(name, raw) for name in slots), _shape(slots)).with_row_index("_row")
    parts = []
    for (shape,), rows in shaped.partition_by(_SHAPE, as_dict=True, include_key=False, maintain_order=True).items():
        texts = [_joined(plan.pieces[str(shape)]).alias(name) for name, plan in zip(names, plans, strict=True)]
        parts.append(rows.select("_row", *texts))
    return pl.concat(parts).sort("_row").select(names).get_columns()


def _joined(pieces: tuple[tuple[str, ...], tuple[str, ...]]) -> pl.Expr:
    constants, names = pieces
    cells: list[pl.Expr] = [pl.lit(constants[0])]
    for name, constant in zip(names, constants[1:], strict=True):
        cells += [pl.col(name), pl.lit(constant)]
    return pl.concat_str(cells)


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


def escaped(column: pl.Expr) -> pl.Expr:
    """HTML-escape a String column exactly as Jinja's autoescape does."""
    return column.str.replace_many(list(_ESCAPES), list(_ESCAPES.values()))


def _escaped(name: str, raw: frozenset[str]) -> pl.Expr:
    return pl.col(name) if name in raw else escaped(pl.col(name)).alias(name)


def _shape(slots: Sequence[str]) -> pl.Expr:
    bits = [pl.when(pl.col(name).is_not_null()).then(pl.lit("1")).otherwise(pl.lit("0")) for name in slots]
    return pl.concat_str(bits).alias(_SHAPE)


def _cut(text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    pieces = _STAND_IN.split(text)
    constants, names = tuple(pieces[0::2]), tuple(pieces[1::2])
    if any(_OPEN in constant or _CLOSE in constant for constant in constants):
        raise SlotError("a template or a text of the site holds the private characters U+E000 or U+E001")
    return constants, names
