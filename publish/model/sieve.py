"""A set of byte strings that holds none of them, and finds every place where one occurs: in columns, in bounded memory.

A value of L bytes is held as a 64-bit keyed hash of its first A and its last A bytes, where A is the largest of 6, 12,
24, ... with A <= L, so that the two windows cover it. A search looks up 6 bytes at every place where a value can begin
in tables of one byte a slot, which reject most places. What is left goes on to 12 bytes, and so on, as long as values
go on that way; where the table knows values of a length, and one can end there, the 6 bytes at its end are looked up,
then the whole hash.

A hit is a match of bytes whose ends are not in the middle of a word: where a value begins or ends with an ASCII letter
or digit, the byte beside it is none. Else eight digits would be found in every SHA-256.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from publish.model.sieve_building import AT_ONCE, Builder
from publish.model.sieve_tables import LONGER, Keys, Tables, mapped
from publish.model.sieve_windows import MAX_BYTES, PAD, Ints, Mixer, Octets, Text, Words

MAX_VALUES = 1 << 25  # of one sieve, about 0.6 GB; whoever has more makes several
_SCAN = 1 << 22  # positions at a time
_NEAR = 1 << 16  # of those, whose first windows are looked up together: so few stay near the processor
_NOTHING = (np.zeros(0, np.int64),) * 3

Owners = NDArray[np.uint16]
_Begun = tuple[Ints, Words, Octets]  # where values may begin, the hashes of their windows so far, and their slots


@dataclass(frozen=True, slots=True)
class Hits:
    """Places where values occur, sorted by position: where, how many bytes, and the index of the value in the sieve."""

    positions: Ints
    lengths: Ints
    ids: Ints

    def __len__(self) -> int:
        return len(self.positions)


@dataclass(frozen=True, slots=True)
class Sieve:
    """An immutable set of byte strings, held as hashes. `owners` tells for each id what its value belongs to."""

    owners: Owners
    _tables: Tables
    _key: bytes

    def __len__(self) -> int:
        return len(self.owners)

    @property
    def nbytes(self) -> int:
        """Memory of the set, in bytes."""
        return self.owners.nbytes + sum(array.nbytes for array in self._tables.arrays().values())

    @staticmethod
    def of(
        values: Iterable[bytes] | pl.Series, owners: Sequence[int] | Owners | None = None, key: bytes = b""
    ) -> "Sieve":
        """The set of `values` (of a Series: Binary or String, no nulls), each with its owner (0 where none is given).

        A value that is there twice belongs to its first owner. Every value has at least MIN_BYTES bytes and begins with
        an ASCII letter or digit or with a character beyond ASCII; of more than MAX_BYTES the first so many stand for
        it. Raises ValueError for others, and for more than MAX_VALUES.
        """
        return Sieve.keyed(values, owners, key)[0]

    @staticmethod
    def keyed(
        values: Iterable[bytes] | pl.Series, owners: Sequence[int] | Owners | None = None, key: bytes = b""
    ) -> "tuple[Sieve, Words]":
        """The set as `of` makes it, and the hash of each value in their order, as `keys_of` has it."""
        series = values if isinstance(values, pl.Series) else pl.Series(list(values), dtype=pl.Binary)
        given = np.zeros(len(series), np.uint16) if owners is None else np.asarray(owners, np.uint16)
        if len(given) != len(series) or len(given) > MAX_VALUES:
            raise ValueError("too many values for one sieve, or not one owner for each")
        tables, first, hashes = Builder(key).built(series)
        return Sieve(given[first], tables, key), hashes

    @staticmethod
    def keys_of(values: pl.Series, key: bytes = b"") -> Words:
        """The hash of each of `values`, in their order, as `keys` of a set has it. Raises ValueError as `of` does."""
        parts = range(0, len(values), AT_ONCE)  # a builder keeps what it would make tables of
        return np.concatenate([np.zeros(0, np.uint64), *(Builder(key).keys(values.slice(at, AT_ONCE)) for at in parts)])

    @property
    def keys(self) -> Words:
        """The hashes of its values, rising. Under the same key the same value has the same hash."""
        return self._tables.keys.keys

    def hits(self, data: bytes | memoryview) -> Hits:
        """Every place in `data` where a value occurs, overlapping ones too."""
        return hits_of((self,), data)[0]

    def without(self, ids: Ints) -> "Sieve":
        """The set without these values. The slots stay as they are: no faster, and no wrong answer."""
        keep = np.ones(len(self), np.bool_)
        keep[ids] = False
        return replace(self, owners=self.owners[keep], _tables=replace(self._tables, keys=Keys.of(self.keys[keep])))

    def with_more(self, values: pl.Series, owners: Owners) -> "Sieve":
        """The set with these values besides, as `of` has them. What is there already keeps its owner. (A little slower
        than a set that was made at once: the slots do not grow, but have some room.)"""
        tables, at, first = Builder(self._key).added(self._tables, values)
        return Sieve(np.insert(self.owners, at, owners[first]), tables, self._key)

    def save(self, folder: Path, *, with_key: bool = True) -> None:
        """Write the set into a new folder that only its owner can read, for `load`; the key too, unless told not to."""
        folder.mkdir(mode=0o700)
        np.save(folder / "owners.npy", self.owners)
        self._tables.save(folder, self._key.hex() if with_key else "")

    @staticmethod
    def load(folder: Path, key: bytes | None = None) -> "Sieve":
        """A set that was saved, mapped into memory: processes that load the same one share it. `key`: that of a set
        that was saved without."""
        tables, own = Tables.load(folder)
        return Sieve(mapped(folder, "owners"), tables, bytes.fromhex(own) if key is None else key)

    def _begun(self, firsts: Words, starts: Ints, begin: int, mixer: Mixer) -> _Begun:
        """Where a value may begin, by the first windows at `starts`, which are told from `begin` on."""
        likely = np.flatnonzero(self._tables.firsts[firsts] != 0)
        heads = mixer.heads_of(firsts[likely])
        return _known_of(starts[likely] + begin, heads, self._tables.levels[0][heads])

    def _found(self, text: Text, begun: _Begun, mixer: Mixer) -> Iterator[tuple[Ints, Ints, Ints]]:
        """Hits that have begun so: positions, lengths, ids."""
        positions, heads, bits = begun
        for level, slots in enumerate(self._tables.levels):
            if level:
                heads = mixer.heads(text, positions, heads, level)
                positions, heads, bits = _known_of(positions, heads, slots[heads])
            for chosen, lengths in slots.pairs(bits, level, positions, text.ends):
                yield self._known(text, positions[chosen], heads[chosen], lengths, level, mixer)
            longer = np.flatnonzero(bits >= LONGER)
            if not len(longer):
                return
            positions, heads = positions[longer], heads[longer]

    def _known(
        self, text: Text, starts: Ints, heads: Words, lengths: Ints, level: int, mixer: Mixer
    ) -> tuple[Ints, Ints, Ints]:
        """Hits of these lengths that begin so."""
        if level:  # most end otherwise, which six bytes tell
            last = mixer.tails(text, starts + lengths, 0)
            maybe = self._tables.ends.among(mixer.whole(heads, last, lengths.astype(np.uint64)))
            starts, heads, lengths = starts[maybe], heads[maybe], lengths[maybe]
        ends = starts + lengths
        tails = mixer.tails(text, ends, level)
        ids = self._tables.keys.find(mixer.whole(heads, tails, lengths.astype(np.uint64)))
        hit = np.flatnonzero(ids >= 0)
        # A value that was cut may go on within a word.
        hit = hit[text.ends_well(ends[hit]) | ((lengths[hit] == MAX_BYTES) & (ends[hit] <= text.size))]
        return starts[hit], lengths[hit], ids[hit]


def hits_of(sieves: Sequence[Sieve], data: bytes | memoryview) -> list[Hits]:
    """What each of the sets has in `data`. Where a value can begin or end is told but once for all of them, as is what
    stands there for those of one key."""
    chosen = [number for number, one in enumerate(sieves) if len(one)]
    some, view = [sieves[number] for number in chosen], memoryview(data)
    mixers = [Mixer.of(one._key) for one in some]
    found: list[list[tuple[Ints, Ints, Ints]]] = [[] for _ in sieves]
    for begin in range(0, len(view), _SCAN) if some else ():
        before = min(begin, 1)  # the byte before tells whether a word begins
        text = Text(view[begin - before : begin + _SCAN + PAD], all(one._tables.are_whole for one in some))
        every = _all_begun(some, text, (before, min(before + _SCAN, text.size)), mixers)
        for number, one, begun, mixer in zip(chosen, some, every, mixers, strict=True):
            if len(begun[0]):
                hits = one._found(text, begun, mixer)
                found[number] += [(at + (begin - before), length, ids) for at, length, ids in hits]
    return [_in_order(one) for one in found]


def _all_begun(sieves: Sequence[Sieve], text: Text, part: tuple[int, int], mixers: Sequence[Mixer]) -> list[_Begun]:
    """Where in this part of the text values of each of the sets may begin."""
    begin, end = part
    parts: list[list[_Begun]] = [[] for _ in sieves]
    for first in range(begin, end, _NEAR):
        last = min(first + _NEAR, end)
        starts = text.starts(first, last)
        mixed: dict[bytes, Words] = {}
        for one, mixer, mine in zip(sieves, mixers, parts, strict=True):
            if one._key not in mixed:
                mixed[one._key] = mixer.firsts(text.words_within(first, last, starts))
            mine.append(one._begun(mixed[one._key], starts, first, mixer))
    text.starts(end, min(end + PAD, text.size + 1))  # where those end that begin before
    columns = (zip(*mine, strict=True) for mine in parts)
    return [(np.concatenate(at), np.concatenate(heads), np.concatenate(bits)) for at, heads, bits in columns]


def _in_order(found: Sequence[tuple[Ints, Ints, Ints]]) -> Hits:
    positions, lengths, ids = (np.concatenate(parts) for parts in zip(_NOTHING, *found, strict=True))
    order = np.lexsort((lengths, positions))
    return Hits(positions[order], lengths[order], ids[order])


def _known_of(positions: Ints, heads: Words, bits: Octets) -> _Begun:
    known = np.flatnonzero(bits != 0)  # four times as fast with flags as with numbers
    return positions[known], heads[known], bits[known]
