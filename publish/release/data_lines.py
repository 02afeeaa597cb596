"""Lines of data files that are nothing but public cells with marks between them: they need not be searched once more.

A row of a data package stands in six files. Its cells are searched once; a line of a file is then let off if it is,
byte by byte, what its maker said that it is made of: the cells of one such row, and between them what all lines have.
Whatever else is in the file is searched as any text is. What a let-off line could hide is a value that goes over the
edge of a cell; each such value has a mark in it that stands there, so it is known which files have to be searched for
which values (docs/decisions/0020).

Rows are not plain, and their lines are searched in each file, where a cell has an escape or a control character, which
files write in several ways, or what may be a number of a person, on which its neighbours decide.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from publish.model.artifact import CellPlace
from publish.model.private_values import JOINTS
from publish.model.sieve_windows import MAX_BYTES
from publish.release.shared_lines import MOST_LINES
from publish.release.suspects import spans_of_suspects, wide_digits

# What unescaping may change, alone or with what is beside it.
_ODD = bytes(octet in b'&\\"\x7f' or octet < 0x20 for octet in range(256))
_ODD_PERCENT = re.compile(rb"%[0-9A-Fa-f]{2}")
_ODD_MARKS = frozenset("&\\%") | frozenset(map(chr, range(0x20))) - {"\n", "\r"}
_SHORT = MAX_BYTES // 2
GAP = b"\n" * (MOST_LINES + 1)  # where lines were let off: more ends of lines than a value has

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
Places = Sequence[CellPlace]


@dataclass(frozen=True, slots=True)
class Edges:
    """`joints`: marks of which each value has one that goes over the edge of a cell. `short`: columns of which that is
    so only of cells of less than _SHORT bytes."""

    joints: frozenset[str]
    short: frozenset[str]


def edges_of(places: Places, end: str) -> Edges | None:
    """Of lines that are made so; None: that cannot be told.

    A value begins with a letter or digit or beyond ASCII. One that goes over the left edge of a cell has in it all
    marks that stand right before the cell; one that goes over the right edge has the first mark behind the cell. If it
    ends as it begins it has all that stand there together; if it was cut, and the cell is short, it goes over the left
    edge as well.
    """
    joints, short = set[str](), set[str]()
    texts = list(constants(places, end))
    if any(_ODD_MARKS & set(text) for text in texts) or _suspects("\n".join(texts).encode()).size:
        return None
    for number, place in enumerate(places):
        for run in (*_befores(places, number, end), *_afters(places, number, end)):
            if not JOINTS & set(run):
                return None
            joints.add(_rarest(run))
        if any(run[0] != _rarest(run) for run in _afters(places, number, end)):
            short.add(place.column)
    return Edges(frozenset(joints), frozenset(short))


def _rarest(run: str) -> str:
    return min(JOINTS & set(run), key='<>"\n\r,'.index)


def constants(places: Places, end: str) -> Iterator[str]:
    """What lines have beside cells, where all cells are empty or there are none, or every other."""
    for empty in ((True, True), (False, False), (True, False), (False, True)):
        yield "".join(one.before + one.after if empty[n % 2] else one.blank for n, one in enumerate(places)) + end


def _befores(places: Places, number: int, end: str) -> Iterator[str]:
    """The marks that can stand right before a cell, the nearest first."""
    for before in (places[number - 1].after, places[number - 1].blank) if number else (end,):
        yield _marks(reversed(before + places[number].before))


def _afters(places: Places, number: int, end: str) -> Iterator[str]:
    """The marks that can stand right after a cell."""
    for after in (places[number + 1].before, places[number + 1].blank) if number + 1 < len(places) else (end,):
        yield _marks(places[number].after + after)


def _marks(text: Iterable[str]) -> str:
    """Up to the first character with which a value can begin or end."""
    marks = ""
    for one in text:
        if one.isalnum() or not one.isascii():
            break
        marks += one
    return marks


def plain_rows(cells: Sequence[pl.Series], short: Collection[str]) -> Flags:
    """Which rows have nothing in any cell that is written in several ways, or on which its neighbours decide. `short`:
    columns in which cells must be so."""
    odd = np.zeros(len(cells[0]) if cells else 0, np.bool_)
    for column in cells:
        sizes = column.drop_nulls().str.len_bytes().to_numpy().astype(np.int64)
        if not len(sizes):
            continue
        text = column.drop_nulls().str.join("\n").cast(pl.Binary).item()
        ends = np.cumsum(sizes + 1)  # behind the line feed after each
        places = np.concatenate([_odd(text, ends), _suspects(text)])
        rows = column.is_not_null().arg_true().to_numpy()
        odd[rows[np.searchsorted(ends, places, side="right")]] = True
        if column.name in short:
            odd[rows[sizes >= _SHORT]] = True
    return ~odd


def distinct_forms(cells: pl.DataFrame) -> list[pl.Series]:
    """Without columns that are as those of which they are another form."""
    return [
        one
        for one in cells.get_columns()
        if (base := one.name.rpartition(" ")[2]) == one.name or not one.equals(cells[base], check_names=False)
    ]


def _odd(text: bytes, ends: Ints) -> Ints:
    """Where in cells, each but the last with a line feed behind it, something is that unescaping may change."""
    flags = np.frombuffer(text.translate(_ODD), np.bool_).copy()
    flags[ends[:-1] - 1] = False
    percents = (match.start() for match in _ODD_PERCENT.finditer(text)) if b"%" in text else ()
    return np.concatenate([np.flatnonzero(flags), np.fromiter(percents, np.int64)])


def _suspects(text: bytes) -> Ints:
    """Where there may be personal data."""
    begins = np.array([begin for begin, _ in spans_of_suspects(text)], dtype=np.int64)
    return np.concatenate([begins, wide_digits(text)])


def lines_of(cells: pl.DataFrame, places: Places) -> pl.Series:
    """The lines that are made of these rows, without their ends."""
    parts: list[pl.Expr] = []
    constant = ""  # since the last cell
    for place in places:
        if cells[place.column].null_count():
            cell = pl.lit(place.before) + pl.col(place.column) + pl.lit(place.after)
            parts += [pl.lit(constant), cell.fill_null(pl.lit(place.blank))]
            constant = ""
        else:
            parts += [pl.lit(constant + place.before), pl.col(place.column)]
            constant = place.after
    return cells.select(pl.concat_str(*parts, pl.lit(constant))).to_series()


def equal_lines(text: bytes, sizes: Ints, lines: pl.Series, end: str) -> Flags:
    """Which lines of `text`, of these sizes, are `lines` (String) with this end, byte by byte: all together, else by
    halves."""
    expected: bytes = lines.str.join(end).cast(pl.Binary).item() + end.encode() if len(lines) else b""
    own = lines.str.len_bytes().to_numpy().astype(np.int64) + len(end.encode())
    bounds, own_bounds = np.cumsum(np.r_[0, sizes]).tolist(), np.cumsum(np.r_[0, own]).tolist()
    others = np.cumsum(np.r_[0, sizes != own]).tolist()
    same = np.zeros(len(own), np.bool_)
    parts = [(0, len(own))]
    while parts:
        low, high = parts.pop()
        is_same = others[low] == others[high]
        if is_same and text[bounds[low] : bounds[high]] == expected[own_bounds[low] : own_bounds[high]]:
            same[low:high] = True
        elif high - low > 1:
            parts += [(low, (low + high) // 2), ((low + high) // 2, high)]
    return same
