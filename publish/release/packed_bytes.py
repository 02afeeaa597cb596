"""Packed bytes without what no value can be in: of compressed data hardly anything is left to be searched.

A value is text, and so is each way in which it may be escaped. A match counts if it has ten bytes, or has text on both
sides (matching.py). So whatever counts lies in a stretch of bytes that follow one another as those of UTF-8 do, and of
packed bytes few stretches are so long.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

_LEAST = 10  # bytes of a stretch: a match of so many counts; shorter ones have five and more of text on both sides
_NEAR = 3  # bytes before a stretch: whoever looks at what is beside a match takes them for a character that was cut
_EDGE = 64  # at both ends of a block, which may be in the middle of a value
_BLOCK = 1 << 17  # bytes that are looked at together, near the processor
_BETWEEN = b"\xff"  # instead of what is left out: no text has it

Flags = NDArray[np.bool_]


def texts_of(blocks: Iterator[bytes]) -> Iterator[bytes]:
    """The blocks of a stream, without what lies between stretches of text. What is in no value, and in no escape of
    one, is there instead."""
    for block in blocks:
        for begin in range(0, len(block), _BLOCK):
            yield _texts(block[begin : begin + _BLOCK])


def _texts(block: bytes) -> bytes:
    if len(block) <= 3 * _EDGE:
        return block
    long = _all_of(~_breaks(np.frombuffer(block, np.uint8)), _LEAST - 1)
    at = np.flatnonzero(long[: len(block) - _EDGE])  # from where a stretch goes on for so many bytes
    first = np.flatnonzero(np.diff(at, prepend=-_LEAST - 1) > _LEAST)
    begins, ends = np.maximum(at[first] - _NEAR, 0), at[np.r_[first[1:], len(at)][: len(first)] - 1] + _LEAST
    # Both ends of the block besides, which may be in a stretch.
    begins = np.r_[0, begins, len(block) - _EDGE]
    ends = np.maximum.accumulate(np.r_[_EDGE, ends, len(block)])
    apart = begins[1:] > ends[:-1]
    begins, ends = begins[np.r_[True, apart]], ends[np.r_[apart, True]]
    return _BETWEEN.join(block[begin:end] for begin, end in zip(begins.tolist(), ends.tolist(), strict=True))


def _breaks(octets: NDArray[np.uint8]) -> Flags:
    """At which bytes UTF-8 breaks off: a byte goes on with a character where none is begun, or does not where one is
    (of the first three bytes nothing is told)."""
    goes_on = (octets & np.uint8(0xC0)) == 0x80
    due = np.zeros(len(octets), np.bool_)
    due[1:] = octets[:-1] >= 0xC0
    # Of a character that has broken off nothing more is due: the text behind it may be a value.
    due[2:] |= (octets[:-2] >= 0xE0) & goes_on[1:-1]
    due[3:] |= (octets[:-3] >= 0xF0) & goes_on[1:-2] & goes_on[2:-1]
    breaks: Flags = goes_on != due
    breaks[:3] = False
    return breaks


def _all_of(flags: Flags, count: int) -> Flags:
    """Where so many flags that follow are all set."""
    size = len(flags) - count
    out, width = flags[1:], 1  # out[i]: the `width` flags behind i
    while 2 * width <= count:
        out, width = out[:-width] & out[width:], 2 * width
    if width < count:
        out = out[: len(out) - (count - width)] & out[count - width :]
    return np.asarray(out[:size], np.bool_)
