"""Which of the eight masks a QR code gets: that of the lowest penalty (ISO/IEC 18004:2015, 7.8.3), for many at a time.

Rows of modules are words, so the neighbours of all modules of a row are compared at once: a neighbour in the row is a
shift away, one in the column a row away. The same formulas serve for both.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from publish.render.qr_symbol import Words

Counts = NDArray[np.int64]
Ahead = Callable[[Words, int], Words]  # the modules so many places ahead (or behind, if negative); light outside


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
    lines = _runs(alike_across, _across) + _finders(rows, _across)
    lines += _runs(alike_down, _down) + _finders(rows, _down)
    squares = 3 * _count(alike_across[:-1] & alike_across[1:] & alike_down)
    total = size * size
    share = 10 * (abs(20 * _count(rows) - 10 * total) // total)  # 10 points for every 5 % away from half
    return lines + squares + share


def _runs(alike: Words, ahead: Ahead) -> Counts:
    """Feature 1: five in a row of one colour are 3 points, each further one is 1. `alike`: as the next module."""
    pairs = alike & ahead(alike, 1)
    fives = pairs & ahead(pairs, 2)
    return _count(fives) + 2 * _count(fives & ~ahead(fives, -1))


def _finders(rows: Words, ahead: Ahead) -> Counts:
    """Feature 3: 40 points for what looks like a finder pattern, four light modules before or after it.

    The quiet zone is light. Of two that overlap the first counts, as in segno.
    """
    second, third = ahead(rows, 2), ahead(rows, 4)
    found = rows & second & ahead(rows, 3) & third & ahead(rows, 6) & ~ahead(rows, 1) & ~ahead(rows, 5)
    two_before, two_after = ahead(rows, -1) | ahead(rows, -2), ahead(rows, 7) | ahead(rows, 8)
    found &= ~((two_before | ahead(two_before, -2)) & (two_after | ahead(two_after, 2)))
    return 40 * _count(found & ~ahead(found, -4) & ~ahead(found, -6))


def _across(rows: Words, places: int) -> Words:
    return rows >> np.uint64(places) if places > 0 else rows << np.uint64(-places)


def _down(rows: Words, places: int) -> Words:
    moved = np.zeros_like(rows)
    if places > 0:
        moved[:-places] = rows[places:]
    else:
        moved[-places:] = rows[:places]
    return moved


def _count(rows: Words) -> Counts:
    """Ones by symbol."""
    ones: Counts = np.bitwise_count(rows).sum(axis=0, dtype=np.int64)
    return ones
