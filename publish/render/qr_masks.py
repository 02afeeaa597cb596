"""Which of the eight masks a QR code gets: that of the lowest penalty (ISO/IEC 18004:2015, 7.8.3), for many at a time.

Rows of modules are words, so the neighbours of all modules of a row are compared at once: a neighbour in the row is a
shift away, one in the column a row away. The same formulas serve for both. Points are added up by row in small numbers
first: to add up columns of bits in large ones takes longer than to find them.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from publish.render.qr_symbol import Words

Counts = NDArray[np.int64]
_Few = NDArray[np.uint16]  # points of each row and symbol: at most some 3,000
_Ahead = Callable[[int], Words]  # the modules so many places ahead (or behind, if negative); light outside

_BEFORE, _AFTER = 4, 10  # how far before and after a module it is looked


def best_masks(symbols: Words, faces: Words) -> Counts:
    """By symbol, the number of the best mask, the first of equals.

    `symbols` (row, symbol) are rows of data modules as words, `faces` (mask, row) what each mask adds.
    """
    best: Counts = np.argmin([_penalty(symbols ^ face[:, None]) for face in faces], axis=0)
    return best


def _penalty(rows: Words) -> Counts:
    """By symbol, the points of features 1 to 4 of table 11. Format and version information are light as yet."""
    size = len(rows)
    inside = np.uint64((1 << size) - 1)
    alike_across = ~(rows ^ (rows >> np.uint64(1))) & (inside >> np.uint64(1))
    alike_down = ~(rows[:-1] ^ rows[1:]) & inside
    points = 40 * (_finders_across(rows) + _finders_down(rows))
    _add_runs(points, alike_across, lambda modules, places: modules & (modules >> np.uint64(places)))
    _add_runs(points, alike_down, lambda modules, places: modules[:-places] & modules[places:])
    points[:-1] += 3 * np.bitwise_count(alike_across[:-1] & alike_across[1:] & alike_down)  # feature 2
    total = size * size
    dark = np.bitwise_count(rows).sum(axis=0, dtype=np.uint16).astype(np.int64)
    share = 10 * (abs(20 * dark - 10 * total) // total)  # feature 4: 10 points for every 5 % away from half
    counts: Counts = points.sum(axis=0, dtype=np.uint32) + share
    return counts


def _add_runs(points: _Few, alike: Words, both: Callable[[Words, int], Words]) -> None:
    """Feature 1: five in a row of one colour are 3 points, each further one is 1. `alike`: as the next module; `both`:
    modules that are there, and so many places ahead as well."""
    fives = both(both(alike, 1), 2)
    points[: len(fives)] += 3 * np.bitwise_count(fives)
    further = both(fives, 1)
    points[: len(further)] -= 2 * np.bitwise_count(further)


def _finders_across(rows: Words) -> _Few:
    """How many of feature 3 begin in each row. Of two that overlap the first counts, as in segno."""
    found = _finders(lambda places: rows >> np.uint64(places) if places >= 0 else rows << np.uint64(-places))
    return _count(found & ~(found << np.uint64(4)) & ~(found << np.uint64(6)))


def _finders_down(rows: Words) -> _Few:
    """The same in columns, by the row in which they begin."""
    quiet = np.pad(rows, ((_BEFORE, _AFTER), (0, 0)))
    found = _finders(lambda places: quiet[_BEFORE + places : _BEFORE + places + len(rows)])
    first = found.copy()
    first[4:] &= ~found[:-4]
    first[6:] &= ~found[:-6]
    return _count(first)


def _count(rows: Words) -> _Few:
    count: _Few = np.bitwise_count(rows).astype(np.uint16)
    return count


def _finders(ahead: _Ahead) -> Words:
    """Where what looks like a finder pattern begins, with four light modules before or after it; the quiet zone is."""
    found = ahead(0) & ahead(2)
    for places in (3, 4, 6):
        found &= ahead(places)
    found &= ~(ahead(1) | ahead(5))
    before = ahead(-1) | ahead(-2)
    after = ahead(7) | ahead(8)
    for places in (3, 4):
        before |= ahead(-places)
        after |= ahead(6 + places)
    found &= ~(before & after)
    return found
