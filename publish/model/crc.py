"""CRC-32 of bytes put one after the other, from those of the pieces, in columns.

A CRC is a remainder of polynomials over two elements; to put n bytes behind is to multiply by x to the 8n (Adler's
crc32_combine in zlib does one at a time).
"""

from functools import cache

import numpy as np
from numpy.typing import NDArray

_POLYNOMIAL = 0xEDB88320  # of CRC-32 (ISO-HDLC), the lowest bit first
_X8 = 1 << 23  # x to the eighth, likewise
_BITS = 40  # of a number of bytes

Words = NDArray[np.uint32]


def combined_crc(crcs: Words, sizes: NDArray[np.int64]) -> int:
    """Of pieces with these CRCs, of so many bytes each."""
    behind = int(sizes.sum()) - np.cumsum(sizes)
    out = crcs.astype(np.uint32)
    for bit, factor in enumerate(_factors()):
        chosen = (behind >> bit) & 1 == 1
        if chosen.any():
            out[chosen] = _times(out[chosen], factor)
    return int(np.bitwise_xor.reduce(out)) if len(out) else 0


@cache
def _factors() -> tuple[int, ...]:
    """x to the 8, 16, 32, … one for each bit of a number of bytes."""
    factors = [_X8]
    while len(factors) < _BITS:
        factors.append(int(_times(np.array(factors[-1:], np.uint32), factors[-1])[0]))
    return tuple(factors)


def _times(values: Words, factor: int) -> Words:
    """Remainders of products."""
    product, power = np.zeros_like(values), values.copy()
    for bit in range(31, -1, -1):
        if factor >> bit & 1:
            product ^= power
        power = (power >> np.uint32(1)) ^ (power & np.uint32(1)) * np.uint32(_POLYNOMIAL)
    return product
