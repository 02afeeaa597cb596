"""CRC-32 of bytes put one after the other, from those of the pieces, in columns.

A CRC is a remainder of polynomials over two elements; to put n bytes behind is to multiply by x to the 8n (Adler's
crc32_combine in zlib does one at a time).
"""

import numpy as np
from numpy.typing import NDArray

_POLYNOMIAL = 0xEDB88320  # of CRC-32 (ISO-HDLC), the lowest bit first
_X8 = 1 << 23  # x to the eighth, likewise
_BITS = 40  # of a number of bytes

Words = NDArray[np.uint32]


def combined_crc(crcs: Words, sizes: NDArray[np.int64]) -> int:
    """Of pieces with these CRCs, of so many bytes each."""
    behind = int(sizes.sum()) - np.cumsum(sizes)
    out, factor = crcs.astype(np.uint32), _X8
    for bit in range(_BITS):
        chosen = (behind >> bit) & 1 == 1
        out[chosen] = _times(out[chosen], factor)
        factor = int(_times(np.array([factor], np.uint32), factor)[0])
    return int(np.bitwise_xor.reduce(out)) if len(out) else 0


def _times(values: Words, factor: int) -> Words:
    """Remainders of products."""
    product, power = np.zeros_like(values), values.copy()
    for bit in range(31, -1, -1):
        if factor >> bit & 1:
            product ^= power
        power = (power >> np.uint32(1)) ^ (power & np.uint32(1)) * np.uint32(_POLYNOMIAL)
    return product
