"""What of bulk pages need be searched: the lines in which cells stand, each distinct one once for all pages.

A match that touches a cell goes over no more lines than the longest value. So it stands within the line of the cell and
as many lines on either side, less one; where cells stand so near to each other, their lines are one group. Nor does it
go beyond a mark of the template that no value has, as angle brackets mostly are, so that such a mark counts for as many
ends of lines. Most groups are one cell and nothing else: a number that heading, title and list of fields have in
common, a date, or the name of an authority, which many pages have.
"""

from collections.abc import Collection, Iterable, Sequence
from pathlib import Path

import numpy as np
import polars as pl

from publish.model.artifact import PageSearch, written_whole
from publish.model.sieve_windows import Flags
from publish.render.bulk import BulkPlan, Pieces, around_cells
from publish.render.fragments import load_fragments

_SOME = 500  # pages by which it is told whether cells repeat
_Lines = list[tuple[list[str], list[str]]]  # each like Pieces


def doubtful_pages(
    plan: BulkPlan,
    cells: pl.DataFrame,
    shapes: pl.Series,
    search: PageSearch,
    *,
    drawn: Collection[str] = (),
    listed: Collection[str] = (),
) -> pl.Series:
    """In which pages (Boolean) something may be found that touches a cell, or that a cell decides on.

    `cells` as escape_cells has them, `shapes` theirs. Slots named `drawn` are not searched: pictures, made of nothing
    but what else is in the page. Of those named `listed` the pages have been judged by `doubtful_lists`. Only if
    `search.lines` is known.
    """
    # Their lines are searched already, and whole; only the first one goes on from what stands before the list.
    cells = cells.with_columns(pl.col(name).str.extract("^[^\n]*", 0) + "\n" for name in listed)
    every = shapes.unique().sort().to_list()
    groups = _shared_groups(plan, every, search, drawn)
    met = _Distinct(cells, shapes)
    texts = [met.texts(group, own) for group, own in groups.items()]
    constants = pl.Series([_constants(plan, shape, search.lines or 0) for shape in every], dtype=pl.String)
    *found, of_shapes = search.doubtful([*texts, constants])
    doubtful = shapes.is_in(pl.Series(every).filter(of_shapes).implode())
    for (group, own), flags in zip(groups.items(), found, strict=True):
        if flags.any():
            doubtful = doubtful.scatter(met.pages(group, own, flags), True)
    return doubtful


def can_list(search: PageSearch) -> bool:
    """Whether `doubtful_lists` can judge: nothing that is looked for goes over the end of a line."""
    return search.value_lines <= 1


def doubtful_lists(lists: pl.Series, files: Sequence[Path], search: PageSearch) -> pl.Series:
    """Which of `lists`, as joined_fragments has them, hold a doubtful fragment (Boolean). Only if `can_list`.

    Records stand in several lists. The first worker that needs a file of fragments searches it, and leaves what it has
    found beside it for all others.
    """
    flags = np.concatenate([_doubtful_fragments(path, search) for path in files])
    held = flags[lists.explode(empty_as_null=False).to_numpy()]
    of = np.repeat(np.arange(len(lists)), lists.list.len().to_numpy())
    return pl.Series(np.bincount(of[held], minlength=len(lists)) > 0, dtype=pl.Boolean)


def _doubtful_fragments(path: Path, search: PageSearch) -> Flags:
    told = path.with_suffix(".doubtful")
    if not told.exists():
        html = load_fragments(path)
        # One without an end of a line would go on in the next.
        flags = search.doubtful([html])[0] | ~html.str.ends_with("\n")
        with written_whole(told) as new, new.open("wb") as file:
            np.save(file, flags.to_numpy())
    return np.asarray(np.load(told), np.bool_)


class _Distinct:
    """Distinct cells of groups, which many groups have in common."""

    def __init__(self, cells: pl.DataFrame, shapes: pl.Series) -> None:
        self._cells = cells
        self._shapes = shapes
        self._every = frozenset(shapes.unique())
        self._known: dict[tuple[tuple[str, ...], frozenset[str]], pl.DataFrame] = {}

    def texts(self, group: Pieces, shapes: frozenset[str]) -> pl.Series:
        """The group as pages of these shapes have it; texts that many pages share are told once."""
        constants, names = group
        texts: list[pl.Expr] = [pl.lit(constants[0])]
        for name, constant in zip(names, constants[1:], strict=True):
            texts += [pl.col(name), pl.lit(constant)]
        return self._of(names, shapes).select(pl.concat_str(texts).alias("text")).to_series()

    def pages(self, group: Pieces, shapes: frozenset[str], flags: pl.Series) -> pl.Series:
        """The numbers of the pages that have one of those of `texts` that are told by `flags`."""
        told = self._of(group[1], shapes).filter(flags)
        return self._among(told.columns, shapes, "_row").join(told, on=told.columns, how="semi")["_row"]

    def _of(self, names: tuple[str, ...], shapes: frozenset[str]) -> pl.DataFrame:
        key = tuple(dict.fromkeys(names)), shapes
        if key not in self._known:
            cells = self._among(key[0], shapes)
            self._known[key] = cells.unique() if _repeats(cells) else cells
        return self._known[key]

    def _among(self, names: Sequence[str], shapes: frozenset[str], row: str | None = None) -> pl.DataFrame:
        cells = self._cells.select(names)
        cells = cells if row is None else cells.with_row_index(row)
        return cells if shapes == self._every else cells.filter(self._shapes.is_in(shapes))


def _repeats(cells: pl.DataFrame) -> bool:
    """Whether many may be the same: to find the same ones costs more than to search a few twice."""
    some = cells.head(_SOME)
    return some.n_unique() < 0.95 * some.height


def _shared_groups(
    plan: BulkPlan, shapes: Iterable[str], search: PageSearch, drawn: Collection[str]
) -> dict[Pieces, frozenset[str]]:
    """Each group once, with the shapes that have it."""
    value_lines = max(search.value_lines, 1)
    found: dict[Pieces, list[str]] = {}
    for shape in shapes:
        lines = _lines(plan.pieces[shape], value_lines, search.barriers, drawn)
        for group in dict.fromkeys(_groups(lines, value_lines - 1)):
            found.setdefault(group, []).append(shape)
    return {group: frozenset(own) for group, own in found.items()}


def _lines(pieces: Pieces, value_lines: int, barriers: str, drawn: Collection[str]) -> _Lines:
    """Pieces cut at the ends of lines; where a cell is drawn, or a barrier stands, there are more of these than a value
    has."""
    constants, names = pieces
    lines: _Lines = [([""], [])]
    cut = str.maketrans(dict.fromkeys(barriers, "\n" * value_lines))
    for name, constant in zip((None, *names), constants, strict=True):
        text = constant.translate(cut)
        text = "\n" * value_lines + text if name in drawn else text
        if name is not None and name not in drawn:
            lines[-1][1].append(name)
            lines[-1][0].append("")
        first, *rest = text.split("\n")
        lines[-1][0][-1] += first
        lines += [([one], []) for one in rest]
    return lines


def _groups(lines: _Lines, reach: int) -> Iterable[Pieces]:
    """Lines with cells, with `reach` lines on either side; those that are no farther from each other together."""
    spans: list[list[int]] = []
    for at, (_, names) in enumerate(lines):
        if names and spans and at - spans[-1][1] <= reach:
            spans[-1][1] = at
        elif names:
            spans.append([at, at])
    for first, last in spans:
        constants, names = [""], list[str]()
        for number, (own, cells) in enumerate(lines[max(0, first - reach) : last + reach + 1]):
            constants[-1] += ("\n" if number else "") + own[0]
            constants += own[1:]
            names += cells
        yield tuple(constants), tuple(names)


def _constants(plan: BulkPlan, shape: str, lines: int) -> str:
    """What stands near cells in all pages of a shape: on what is found there a cell may decide."""
    around = around_cells(BulkPlan(plan.slots, plan.raw, {shape: plan.pieces[shape]}), lines, "\n" * (lines + 1))
    return ("\n" * (lines + 1)).join(around.pieces[shape][0])
