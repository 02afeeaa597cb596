"""Numbers as bytes, and files named by their content: the small change of the index."""

import gzip
import hashlib
from dataclasses import dataclass

import deflate
import numpy as np
from numpy.typing import NDArray

NAME_BYTES = 6  # of a file's hash: a name is 12 hexadecimal digits
_LEVEL = 7


def pack_varints(numbers: NDArray[np.uint64]) -> bytes:
    """LEB128: seven bits a byte, low ones first; the high bit says that more follow. Numbers are below 2**42."""
    return varint_stream(numbers)[0].tobytes()


def varint_stream(numbers: NDArray[np.uint64]) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """The bytes of all numbers, and where each number begins; one more entry for the end."""
    largest = int(numbers.max(initial=0))
    small = numbers.astype(np.uint32) if largest < 1 << 32 else numbers  # half as much to go through
    sizes = np.ones(small.size, dtype=np.uint8)
    for bits in range(7, largest.bit_length(), 7):
        sizes += small >= small.dtype.type(1 << bits)
    starts = np.zeros(small.size + 1, dtype=np.int64)
    np.cumsum(sizes, out=starts[1:])
    out = np.empty(int(starts[-1]), dtype=np.uint8)
    out[starts[:-1]] = (small & small.dtype.type(0x7F)).astype(np.uint8) | (sizes > 1).astype(np.uint8) << np.uint8(7)
    long = np.flatnonzero(sizes > 1)
    for place in range(1, int(sizes.max(initial=0))):
        part = (small[long] >> small.dtype.type(7 * place)).astype(np.uint8) & np.uint8(0x7F)
        out[starts[long] + place] = part | (sizes[long] > place + 1).astype(np.uint8) << np.uint8(7)
        long = long[sizes[long] > place + 1]
    return out, starts


def gaps(numbers: NDArray[np.uint64], starts: NDArray[np.int64]) -> NDArray[np.uint64]:
    """Rising numbers of several lists as differences to the one before, less one; the first of a list as it is."""
    if not numbers.size:
        return numbers
    out = np.empty_like(numbers)
    out[0] = numbers[0]
    out[1:] = numbers[1:] - numbers[:-1] - np.uint64(1)
    first = starts[starts < numbers.size]
    out[first] = numbers[first]
    return out


@dataclass(frozen=True, slots=True)
class Packed:
    """A file of the index: `name` is NAME_BYTES of the hash of its content, `data` the content as gzip."""

    name: bytes
    data: bytes


def name_of(body: bytes) -> bytes:
    """What a file with this content is called."""
    return hashlib.sha256(body).digest()[:NAME_BYTES]


def pack(body: bytes) -> Packed:
    """Compress and name. The same body gives the same bytes: no time, no file name in the header."""
    return Packed(name_of(body), compress(body))


def compress(body: bytes) -> bytes:
    """gzip, by libdeflate: thrice as fast as zlib at its best, and smaller."""
    return bytes(deflate.gzip_compress(body, _LEVEL))


def unpack(data: bytes) -> bytes:
    """What `pack` compressed."""
    return gzip.decompress(data)
