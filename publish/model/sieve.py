"""A set of byte strings that holds none of them, and finds every place where one occurs: in columns, in bounded memory.

A value of L bytes is held as a 64-bit keyed hash of its first A and its last A bytes, where A is the largest of 6, 12,
24, ... with A <= L, so that the two windows cover it. A search hashes 6 bytes at every place where a value can begin
and looks the hash up in a table of one byte a slot, which rejects most places. What is left goes on to 12 bytes, and so
on, as long as values go on that way; where the table knows values of a length, the 6 bytes at its end are looked up,
then the whole hash.

A hit is a match of bytes whose ends are not in the middle of a word: where a value begins or ends with an ASCII letter
or digit, the byte beside it is none. Else eight digits would be found in every SHA-256.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from publish.model.sieve_tables import LONGER, Keys, Marks, Slots, slot_bits
from publish.model.sieve_windows import (
    MAX_BYTES,
    MIN_BYTES,
    PAD,
    WINDOWS,
    Ints,
    Mixer,
    Octets,
    Text,
    Words,
    is_lead,
    is_word,
)

MAX_VALUES = 1 << 25  # of one sieve, about 0.6 GB; whoever has more makes several
_SCAN = 1 << 20  # positions at a time
_NEAR = 1 << 17  # of those, whose first windows are hashed together: so few stay near the processor
_BUILD = 1 << 19  # values at a time
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
    _keys: Keys
    _ends: Marks
    _levels: tuple[Slots, ...]
    _key: bytes

    def __len__(self) -> int:
        return len(self.owners)

    @property
    def nbytes(self) -> int:
        """Memory of the set, in bytes."""
        return sum(array.nbytes for array in self._arrays().values())

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
        return _Builder(key).built(series, given)

    @staticmethod
    def keys_of(values: pl.Series, key: bytes = b"") -> Words:
        """The hash of each of `values`, in their order, as `keys` of a set has it. Raises ValueError as `of` does."""
        parts = [_Builder(key).hashed(values.slice(begin, _BUILD)) for begin in range(0, len(values), _BUILD)]
        return np.concatenate([np.zeros(0, np.uint64), *parts])

    @property
    def keys(self) -> Words:
        """The hashes of its values, rising. Under the same key the same value has the same hash."""
        return self._keys.keys

    def hits(self, data: bytes | memoryview) -> Hits:
        """Every place in `data` where a value occurs, overlapping ones too."""
        mixer, view = Mixer.of(self._key), memoryview(data)
        found: list[tuple[Ints, Ints, Ints]] = []
        for begin in range(0, len(view), _SCAN) if len(self) else ():
            before = min(begin, 1)  # the byte before tells whether a word begins
            text = Text(view[begin - before : begin + _SCAN + PAD])
            begun = self._begun(text, before, min(before + _SCAN, text.size), mixer)
            found += [(at + (begin - before), length, ids) for at, length, ids in self._found(text, begun, mixer)]
        positions, lengths, ids = (np.concatenate(parts) for parts in zip(_NOTHING, *found, strict=True))
        order = np.lexsort((lengths, positions))
        return Hits(positions[order], lengths[order], ids[order])

    def without(self, ids: Ints) -> "Sieve":
        """The set without these values. The slots stay as they are: no faster, and no wrong answer."""
        keep = np.ones(len(self), np.bool_)
        keep[ids] = False
        return replace(self, owners=self.owners[keep], _keys=Keys.of(self._keys.keys[keep]))

    def with_more(self, values: pl.Series, owners: Owners) -> "Sieve":
        """The set with these values besides, as `of` has them. What is there already keeps its owner. (A little slower
        than a set that was made at once: the slots do not grow.)"""
        return _Builder(self._key).added(self, values, owners)

    def save(self, folder: Path, *, with_key: bool = True) -> None:
        """Write the set into a new folder that only its owner can read, for `load`; the key too, unless told not to."""
        folder.mkdir(mode=0o700)
        for name, array in self._arrays().items():
            np.save(folder / f"{name}.npy", array)
        levels = [(slots.shift, slots.lengths) for slots in self._levels]
        head = json.dumps({"key": self._key.hex() if with_key else "", "levels": levels})
        (folder / "sieve.json").write_text(head, encoding="utf-8")

    @staticmethod
    def load(folder: Path, key: bytes | None = None) -> "Sieve":
        """A set that was saved, mapped into memory: processes that load the same one share it. `key`: that of a set
        that was saved without."""

        def array(name: str) -> NDArray[Any]:
            return np.asarray(np.load(folder / f"{name}.npy", mmap_mode="r", allow_pickle=False))

        head = json.loads((folder / "sieve.json").read_text(encoding="utf-8"))
        levels = tuple(
            Slots(array(f"slots{number}"), shift, tuple(lengths))
            for number, (shift, lengths) in enumerate(head["levels"])
        )
        keys = Keys(array("keys"), array("buckets"), Marks(array("marks")))
        return Sieve(
            array("owners"), keys, Marks(array("ends")), levels, bytes.fromhex(head["key"]) if key is None else key
        )

    def _arrays(self) -> dict[str, NDArray[Any]]:
        keys = self._keys
        own: dict[str, NDArray[Any]] = {
            "owners": self.owners,
            "keys": keys.keys,
            "buckets": keys.buckets,
            "marks": keys.marks.table,
            "ends": self._ends.table,
        }
        return own | {f"slots{number}": slots.table for number, slots in enumerate(self._levels)}

    def _begun(self, text: Text, begin: int, end: int, mixer: Mixer) -> _Begun:
        """Where from `begin` to `end` a value may begin, by its first window."""
        parts: list[_Begun] = []
        for first in range(begin, end, _NEAR):
            starts = text.starts(first, min(first + _NEAR, end))
            heads = mixer.heads(text, starts, None, 0)
            parts.append(_known_of(starts, heads, self._levels[0][heads]))
        positions, hashes, bits = zip(*parts, strict=True)
        return np.concatenate(positions), np.concatenate(hashes), np.concatenate(bits)

    def _found(self, text: Text, begun: _Begun, mixer: Mixer) -> Iterator[tuple[Ints, Ints, Ints]]:
        """Hits that have begun so: positions, lengths, ids."""
        positions, heads, bits = begun
        for level, slots in enumerate(self._levels):
            if level:
                heads = mixer.heads(text, positions, heads, level)
                positions, heads, bits = _known_of(positions, heads, slots[heads])
            for chosen, lengths in slots.pairs(bits, level):
                yield self._known(text, positions[chosen], heads[chosen], lengths, level, mixer)
            longer = np.flatnonzero(bits >= LONGER)
            positions, heads = positions[longer], heads[longer]

    def _known(
        self, text: Text, starts: Ints, heads: Words, lengths: Ints, level: int, mixer: Mixer
    ) -> tuple[Ints, Ints, Ints]:
        """Hits of these lengths that begin so."""
        if level:  # most end otherwise, which six bytes tell
            last = mixer.tails(text, starts + lengths, 0)
            maybe = self._ends.among(mixer.whole(heads, last, lengths.astype(np.uint64)))
            starts, heads, lengths = starts[maybe], heads[maybe], lengths[maybe]
        ends = starts + lengths
        tails = mixer.tails(text, ends, level)
        ids = self._keys.find(mixer.whole(heads, tails, lengths.astype(np.uint64)))
        hit = np.flatnonzero(ids >= 0)
        # A value that was cut may go on within a word.
        hit = hit[text.ends_well(ends[hit]) | ((lengths[hit] == MAX_BYTES) & (ends[hit] <= text.size))]
        return starts[hit], lengths[hit], ids[hit]


def _known_of(positions: Ints, heads: Words, bits: Octets) -> _Begun:
    known = np.flatnonzero(bits)
    return positions[known], heads[known], bits[known]


class _Builder:
    """Makes a sieve, some hundred thousand values at a time."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._mixer = Mixer.of(key)
        self._heads: list[list[Words]] = [[] for _ in WINDOWS]
        self._bits: list[list[Octets]] = [[] for _ in WINDOWS]
        self._lengths: list[Ints] = []
        self._ends: list[Words] = [np.zeros(0, np.uint64)]

    def built(self, values: pl.Series, owners: Owners) -> tuple[Sieve, Words]:
        """The set, and the keys in the order of the values."""
        hashes = self._all(values)
        keys, first = np.unique(hashes, return_index=True)
        levels = tuple(self._slots(level) for level in range(len(WINDOWS)) if self._heads[level])
        sieve = Sieve(owners[first], Keys.of(keys), Marks.of(np.concatenate(self._ends)), levels, self._key)
        return sieve, hashes

    def added(self, to: Sieve, values: pl.Series, owners: Owners) -> Sieve:
        """The set with others."""
        keys, first = np.unique(self._all(values), return_index=True)
        at = np.searchsorted(to.keys, keys)
        is_new = at == len(to)
        is_new[~is_new] = to.keys[at[~is_new]] != keys[~is_new]
        at = at[is_new]
        levels = list(to._levels)
        for level in range(len(WINDOWS)):
            if self._heads[level]:
                levels[level : level + 1] = [self._slots(level, levels[level] if level < len(levels) else None)]
        every = Keys.of(np.insert(to.keys, at, keys[is_new]))
        of = np.insert(to.owners, at, owners[first][is_new])
        return Sieve(of, every, to._ends.with_more(np.concatenate(self._ends)), tuple(levels), self._key)

    def _all(self, values: pl.Series) -> Words:
        parts = [self.hashed(values.slice(begin, _BUILD)) for begin in range(0, len(values), _BUILD)]
        return np.concatenate([np.zeros(0, np.uint64), *parts])

    def hashed(self, part: pl.Series) -> Words:
        """The keys of some values. What goes into the slots of each level is kept."""
        text, starts, lengths = _laid_out(part)
        self._lengths.append(np.unique(lengths))
        keys = np.zeros(len(starts), np.uint64)
        chosen, heads = np.arange(len(starts)), None
        for level in range(len(WINDOWS)):
            heads = self._mixer.heads(text, starts[chosen], heads, level)
            self._heads[level].append(heads)
            bits = slot_bits(level)[lengths[chosen]]
            self._bits[level].append(bits)
            longer = bits == LONGER
            ending = chosen[~longer]
            tails = self._mixer.tails(text, starts[ending] + lengths[ending], level)
            sizes = lengths[ending].astype(np.uint64)
            keys[ending] = self._mixer.whole(heads[~longer], tails, sizes)
            if level:
                last = self._mixer.tails(text, starts[ending] + lengths[ending], 0)
                self._ends.append(self._mixer.whole(heads[~longer], last, sizes))
            chosen, heads = chosen[longer], heads[longer]
            if not len(chosen):
                break
        return keys

    def _slots(self, level: int, before: Slots | None = None) -> Slots:
        lengths = np.unique(np.concatenate(self._lengths))
        own = lengths[(lengths >= WINDOWS[level]) & (slot_bits(level)[lengths] != LONGER)]
        heads, bits = np.concatenate(self._heads[level]), np.concatenate(self._bits[level])
        self._heads[level], self._bits[level] = [], []
        return Slots.of(level, heads, bits, own) if before is None else before.with_more(heads, bits, own)


def _laid_out(part: pl.Series) -> tuple[Text, Ints, Ints]:
    """The values one after the other, where each begins, and how many bytes of it count."""
    values = part.cast(pl.Binary)
    sizes = values.bin.size().to_numpy().astype(np.int64)
    is_text = part.dtype == pl.String
    text = Text(part.str.join("").cast(pl.Binary).item() if is_text else b"".join(values.to_list()))
    starts = np.cumsum(sizes) - sizes
    firsts = text.octets[starts]
    if sizes.min() < MIN_BYTES or not (is_word(firsts) | is_lead(firsts)).all():
        raise ValueError("a value is too short, or begins in a way that a search does not look for")
    return text, starts, np.minimum(sizes, MAX_BYTES)
