"""What a QR code is made of, by ISO/IEC 18004:2015: byte mode, error correction M, versions 1 to 10.

A message becomes a symbol in steps that are all linear over bits, or add a constant: the message is put between
constant bits (7.4), parity is a matrix over GF(256) (7.5), codewords are dealt out and placed by a permutation (7.6,
7.7), masks, patterns and format are added by exclusive or (7.8 to 7.10). So a symbol is that of the empty message,
exclusive or one table entry for each byte; the tables are made here from the symbols of messages of one bit.

A row of modules is a word: bit 0 is the leftmost module, 1 is dark.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Octets = NDArray[np.uint8]
Words = NDArray[np.uint64]
Flags = NDArray[np.bool_]

_FIELD = 0x11D  # the polynomial of GF(256)
_FORMAT, _FORMAT_MASK = 0x537, 0x5412  # of the format information, 7.9
_VERSION = 0x1F25  # of the version information, 7.10
_PADS = (0xEC, 0x11)


@dataclass(frozen=True, slots=True)
class Version:
    """A version with error correction M (tables 7, 9 and E.1): `parity` codewords for each block, how many data
    codewords each block has, and the rows and columns in which alignment patterns have their middle."""

    number: int
    parity: int
    blocks: tuple[int, ...]
    middles: tuple[int, ...] = ()

    @property
    def size(self) -> int:
        """Modules on a side."""
        return 17 + 4 * self.number

    @property
    def length_bits(self) -> int:
        """Bits that tell how long the message is."""
        return 8 if self.number < 10 else 16

    @property
    def capacity(self) -> int:
        """The longest message, in bytes: 4 bits say that it is one of bytes."""
        return sum(self.blocks) - (4 + self.length_bits + 7) // 8


VERSIONS = (
    Version(1, 10, (16,)),
    Version(2, 16, (28,), (6, 18)),
    Version(3, 26, (44,), (6, 22)),
    Version(4, 18, (32,) * 2, (6, 26)),
    Version(5, 24, (43,) * 2, (6, 30)),
    Version(6, 16, (27,) * 4, (6, 34)),
    Version(7, 18, (31,) * 4, (6, 22, 38)),
    Version(8, 22, (38,) * 2 + (39,) * 2, (6, 24, 42)),
    Version(9, 22, (36,) * 3 + (37,) * 2, (6, 26, 46)),
    Version(10, 26, (43,) * 4 + (44,), (6, 28, 50)),
)


@dataclass(frozen=True, slots=True)
class Tables:
    """Symbols of one version and length of message, without masks, patterns and format: `empty` (rows) is that of a
    message of zeros, `bytes` (position, value of the byte, rows) what a byte at a position adds to it."""

    empty: Words
    bytes: Words


@dataclass(frozen=True, slots=True)
class Faces:
    """What is added to the data modules, by mask (0 to 7) and row: `bare` without format and version information,
    which is how masks are compared, and `full`."""

    bare: Words
    full: Words


def version_of(length: int) -> Version | None:
    """The smallest version for a message of `length` bytes; None if it is empty, or too long for all of them."""
    return next((version for version in VERSIONS if 0 < length <= version.capacity), None)


@lru_cache(maxsize=4)
def tables(version: Version, length: int) -> Tables:
    """The symbols of messages of `length` bytes."""
    messages = np.zeros((8 * length + 1, length), np.uint8)
    bits = np.arange(8 * length)
    messages[bits + 1, bits // 8] = 1 << bits % 8
    symbols = _place(version, _codewords(version, messages))
    basis = (symbols[1:] ^ symbols[0]).reshape(length, 8, version.size)
    values = np.zeros((length, 256, version.size), np.uint64)
    for bit in range(8):
        values[:, 1 << bit : 2 << bit] = values[:, : 1 << bit] ^ basis[:, bit, None]
    return Tables(symbols[0], values)


@lru_cache
def faces(version: Version) -> Faces:
    """The eight masks with the patterns."""
    taken, dark = _patterns(version)
    row, column = np.indices(taken.shape)
    product = row * column % 2 + row * column % 3
    masks = (
        (row + column) % 2,
        row % 2,
        column % 3,
        (row + column) % 3,
        (row // 2 + column // 3) % 2,
        product,
        product % 2,
        ((row + column) % 2 + row * column % 3) % 2,
    )
    bare = np.stack([dark | ((mask == 0) & ~taken) for mask in masks])
    return Faces(_words(bare), _words(np.stack([_told(version, mask, face) for mask, face in enumerate(bare)])))


def _codewords(version: Version, messages: Octets) -> Octets:
    """Codewords in the order in which they are placed, from messages of one length, a row each."""
    count, length = messages.shape
    head = (4 << version.length_bits) + length  # the mode, then the length
    width = 4 + version.length_bits
    bits = np.zeros((count, width + 8 * length + 4), np.uint8)  # the last four end the message
    bits[:, :width] = [head >> shift & 1 for shift in reversed(range(width))]
    bits[:, width:-4] = np.unpackbits(messages, axis=1)
    data = np.empty((count, sum(version.blocks)), np.uint8)
    used = bits.shape[1] // 8
    data[:, :used] = np.packbits(bits, axis=1)
    data[:, used:] = np.resize(np.array(_PADS, np.uint8), data.shape[1] - used)
    ends = np.cumsum(version.blocks)
    blocks = [data[:, end - size : end] for end, size in zip(ends, version.blocks, strict=True)]
    parities = [_parity(block, version.parity) for block in blocks]
    return np.concatenate([_dealt(blocks), _dealt(parities)], axis=1)


def _dealt(blocks: list[Octets]) -> Octets:
    """The first codeword of every block, then the second ones, and so on; shorter blocks have none at the end."""
    longest = max(block.shape[1] for block in blocks)
    columns = [block[:, at] for at in range(longest) for block in blocks if at < block.shape[1]]
    return np.stack(columns, axis=1)


def _parity(data: Octets, count: int) -> Octets:
    """Reed-Solomon parity (7.5): the remainder of each row, as a polynomial times x^count, by the generator."""
    product = _products()
    generator = _generator(count)
    rest = np.zeros((len(data), count), np.uint8)
    for codeword in data.T:
        factor = codeword ^ rest[:, 0]
        rest[:, :-1] = rest[:, 1:]
        rest[:, -1] = 0
        rest ^= product[factor[:, None], generator]
    return rest


@lru_cache
def _products() -> Octets:
    """The multiplication table of GF(256)."""
    numbers = np.arange(256)
    table, power = np.zeros((256, 256), np.int64), numbers.copy()
    for bit in range(8):
        table ^= np.where(numbers[:, None] >> bit & 1, power, 0)
        power = power << 1 ^ np.where(power & 0x80, _FIELD, 0)
    return table.astype(np.uint8)


def _generator(count: int) -> Octets:
    """(x - 1)(x - 2)(x - 4)... with `count` factors, highest first, without the leading 1."""
    product = _products()
    polynomial, root = np.array([1], np.uint8), np.uint8(1)
    for _ in range(count):
        polynomial = np.append(polynomial, np.uint8(0)) ^ np.append(np.uint8(0), product[root, polynomial])
        root = product[root, 2]
    return polynomial[1:]


def _place(version: Version, codewords: Octets) -> Words:
    """Codewords (a row each) as rows of modules, nothing else."""
    bits = np.unpackbits(codewords, axis=1)
    rows, columns = np.array(list(_way(version)))[: bits.shape[1]].T  # up to 7 modules are left over
    modules = np.zeros((len(bits), version.size, version.size), np.bool_)
    modules[:, rows, columns] = bits
    return _words(modules)


def _way(version: Version) -> Iterator[tuple[int, int]]:
    """Row and column of the modules for data, in their order (7.7.3): in pairs of columns, up and down in turn."""
    taken, _ = _patterns(version)
    upwards = True
    for right in (*range(version.size - 1, 6, -2), 5, 3, 1):  # the timing pattern in column 6 is stepped over
        for row in reversed(range(version.size)) if upwards else range(version.size):
            yield from ((row, column) for column in (right, right - 1) if not taken[row, column])
        upwards = not upwards


def _patterns(version: Version) -> tuple[Flags, Flags]:
    """Which modules are not data, and which of them are dark in every symbol (6.3); format and version are light."""
    size = version.size
    taken, dark = np.zeros((2, size, size), np.bool_)
    taken[6], taken[:, 6] = True, True
    dark[6, ::2], dark[::2, 6] = True, True
    around = np.maximum(*np.abs(np.indices((9, 9)) - 4))  # how far from the middle, the longer way
    for row in version.middles:
        for column in version.middles:
            if sorted((row, column)) not in ([6, 6], [6, size - 7]):  # where finder patterns are
                square = slice(row - 2, row + 3), slice(column - 2, column + 3)
                taken[square], dark[square] = True, around[2:7, 2:7] != 1
    finder = (around != 2) & (around != 4)
    taken[:9, :9], taken[:9, -8:], taken[-8:, :9] = True, True, True
    dark[:8, :8], dark[:8, -8:], dark[-8:, :8] = finder[1:, 1:], finder[1:, :-1], finder[:-1, 1:]
    if version.number >= 7:
        taken[:6, -11:-8], taken[-11:-8, :6] = True, True
    return taken, dark


def _told(version: Version, mask: int, face: Flags) -> Flags:
    """A face with the format, of which M is 00, and version information written on it."""
    told = face.copy()
    format_bits = (mask << 10 | _remainder(mask << 10, _FORMAT)) ^ _FORMAT_MASK
    for bit in range(15):
        value = bool(format_bits >> bit & 1)
        told[(bit if bit < 6 else bit + 1, 8) if bit < 8 else (8, 7 if bit == 8 else 14 - bit)] = value
        told[(8, -1 - bit) if bit < 8 else (bit - 15, 8)] = value
    told[-8, 8] = True
    if version.number >= 7:
        version_bits = version.number << 12 | _remainder(version.number << 12, _VERSION)
        for bit in range(18):
            told[bit // 3, bit % 3 - 11] = told[bit % 3 - 11, bit // 3] = version_bits >> bit & 1
    return told


def _remainder(value: int, divisor: int) -> int:
    """Of polynomials over bits."""
    while value.bit_length() >= divisor.bit_length():
        value ^= divisor << value.bit_length() - divisor.bit_length()
    return value


def _words(modules: Flags) -> Words:
    """Modules (…, row, column) as words (…, row)."""
    padded = np.zeros((*modules.shape[:-1], 64), np.bool_)
    padded[..., : modules.shape[-1]] = modules
    packed = np.packbits(padded, axis=-1, bitorder="little")
    return packed.view("<u8")[..., 0].astype(np.uint64)
