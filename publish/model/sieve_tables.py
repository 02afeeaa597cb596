"""The tables of a sieve: slots, which reject most of a text by its first bytes, marks, which reject most of the rest by
its last bytes, and keys, which tell the values.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from publish.model.sieve_windows import MAX_BYTES, WINDOWS, Flags, Ints, Octets, Words

LONGER = 0x80  # bit of a slot: a value goes on beyond the window; the seven others: groups of lengths that end before
_GROUPS = 7
_ROOM = 1 << 17  # slots that a table of many values has at least: still near the processor
_PAIRS = 1 << 20  # pairs that are looked at together
_MARKED_AT_ONCE = 1 << 23  # hashes that take 128 MB at most while they are marked


@dataclass(frozen=True, slots=True)
class Slots:
    """What begins with which window of one level: one byte a slot, and the slot is the top of the window's hash.

    `lengths` are those of values that end before the next level.
    """

    table: Octets
    shift: int
    lengths: tuple[int, ...]

    @staticmethod
    def of(level: int, hashes: Words, bits: Octets, lengths: Ints, values: int = 0) -> "Slots":
        """Small enough for the memory, empty enough to reject. `hashes` and their `bits`, one of each value or of all
        that begin so; `values`: how many there are. For others that come later there is room for so many, up to _ROOM:
        values of one field may all begin in one of a hundred ways, and those that come later are of any."""
        distinct, size = pl.Series(hashes).n_unique(), 10
        least = max(distinct * (4 if level == 0 else 2), min(values, _ROOM))
        while 1 << size < least or (1 << size < distinct * 16 and size < 20):
            size += 1
        table = np.zeros(1 << size, np.uint8)
        np.bitwise_or.at(table, (hashes >> np.uint64(64 - size)).view(np.int64), bits)
        return Slots(table, 64 - size, tuple(np.unique(lengths).tolist()))

    def with_more(self, hashes: Words, bits: Octets, lengths: Ints) -> "Slots":
        """With others, in a table of the same size."""
        table = np.array(self.table)
        np.bitwise_or.at(table, (hashes >> np.uint64(self.shift)).view(np.int64), bits)
        return Slots(table, self.shift, tuple(sorted({*self.lengths, *np.unique(lengths).tolist()})))

    def __getitem__(self, hashes: Words) -> Octets:
        return self.table.take((hashes >> np.uint64(self.shift)).view(np.int64))

    def pairs(self, bits: Octets, level: int, starts: Ints, ends: Flags) -> Iterator[tuple[Ints, Ints]]:
        """Which of these slots of the level (by place) may know which lengths: each with each that may end there, some
        pairs at a time. `starts`: where what is looked up begins; `ends`: as `Text` has them."""
        own = slot_bits(level)[list(self.lengths)]
        known = int(np.bitwise_or.reduce(bits)) & ~LONGER if len(bits) else 0
        held, size = list[tuple[Ints, Ints]](), 0
        for bit in (1 << group for group in range(_GROUPS) if known >> group & 1):
            lengths = np.array(self.lengths, np.int64)[own == bit]
            places = np.flatnonzero((bits & np.uint8(bit)) != 0) if len(lengths) else lengths
            for first in range(0, len(places), max(1, _PAIRS // max(len(lengths), 1))):
                some = places[first : first + max(1, _PAIRS // len(lengths))]
                may = ends.take(starts[some][:, None] + lengths)
                may |= lengths == MAX_BYTES  # a value that was cut may end anywhere
                pairs = np.flatnonzero(may)
                place = pairs // len(lengths)
                if size + len(pairs) > _PAIRS and held:
                    yield _joined(held)
                    held, size = [], 0
                held.append((some[place], lengths[pairs - place * len(lengths)]))
                size += len(pairs)
        if size:
            yield _joined(held)


def _joined(parts: list[tuple[Ints, Ints]]) -> tuple[Ints, Ints]:
    places, lengths = zip(*parts, strict=True)
    return np.concatenate(places), np.concatenate(lengths)


@cache
def slot_bits(level: int) -> Octets:
    """By length, the bit that a value sets in its slot of the level: LONGER, or that of its group of lengths. Not to be
    written into."""
    lengths, window = np.arange(MAX_BYTES + 1), WINDOWS[level]
    groups = np.clip((lengths - window) * _GROUPS // window, 0, _GROUPS - 1)
    longer = lengths >= 2 * window if level + 1 < len(WINDOWS) else np.zeros(len(lengths), np.bool_)
    return np.where(longer, LONGER, np.left_shift(1, groups)).astype(np.uint8)


@dataclass(frozen=True, slots=True)
class Marks:
    """A set of hashes by some of their bits: eight to sixteen bits for each. Others may seem to be in it."""

    table: Octets

    @staticmethod
    def of(hashes: Words) -> "Marks":
        """Those of these."""
        size = 1 << max(7, len(hashes).bit_length())
        if len(hashes) > _MARKED_AT_ONCE:
            return Marks(np.zeros(size, np.uint8)).with_more(hashes)
        marks = np.zeros(8 * size, np.bool_)  # eight times the memory for a while, and a third of the time
        marks[(hashes & np.uint64(8 * size - 1)).view(np.int64)] = True
        return Marks(np.packbits(marks, bitorder="little"))

    def with_more(self, hashes: Words) -> "Marks":
        """With others, in a table of the same size."""
        marks = np.array(self.table)
        low = (hashes & np.uint64(8 * len(marks) - 1)).view(np.int64)
        np.bitwise_or.at(marks, low >> 3, np.left_shift(1, low & 7).astype(np.uint8))
        return Marks(marks)

    def among(self, hashes: Words) -> Ints:
        """Which of these (by place) seem to be in it."""
        low = (hashes & np.uint64(8 * len(self.table) - 1)).view(np.int64)
        return np.flatnonzero((np.right_shift(self.table.take(low >> 3), (low & 7).astype(np.uint8)) & 1) == 1)


@dataclass(frozen=True, slots=True)
class Keys:
    """Sorted 64-bit keys. `buckets`: where the keys of each beginning are; `marks` reject most others."""

    keys: Words
    buckets: NDArray[np.uint32]
    marks: Marks

    @staticmethod
    def of(keys: Words) -> "Keys":
        """From sorted distinct keys."""
        bits = max(1, (len(keys) // 4).bit_length())
        buckets = np.zeros((1 << bits) + 1, np.uint32)
        of_each = np.bincount((keys >> np.uint64(64 - bits)).view(np.int64), minlength=1 << bits)
        np.cumsum(of_each, out=buckets[1:])
        return Keys(keys, buckets, Marks.of(keys))

    def find(self, wanted: Words) -> Ints:
        """Index of each wanted key, -1 where there is none."""
        ids = np.full(len(wanted), -1, np.int64)
        maybe = self.marks.among(wanted)
        wanted = wanted[maybe]
        shift = np.uint64(64 - (len(self.buckets) - 1).bit_length() + 1)
        top = (wanted >> shift).view(np.int64)
        at, end = (self.buckets.take(top + side).astype(np.int64) for side in (0, 1))
        left = np.flatnonzero(at < end)
        while len(left):
            same = self.keys.take(at[left]) == wanted[left]
            ids[maybe[left[same]]] = at[left[same]]
            left = left[~same]
            at[left] += 1
            left = left[at[left] < end[left]]
        return ids


@dataclass(frozen=True, slots=True)
class Tables:
    """All tables of a set. `firsts`: slots of the first window, told by less mixing; `levels`: slots of each window;
    `ends`: what is known of the last six bytes; `are_whole`: values end as `Text.ends_whole` has it, but those that
    were cut."""

    keys: Keys
    ends: Marks
    firsts: Slots
    levels: tuple[Slots, ...]
    are_whole: bool

    def arrays(self) -> dict[str, NDArray[Any]]:
        """All that takes memory, by name."""
        named: dict[str, NDArray[Any]] = {
            "keys": self.keys.keys,
            "buckets": self.keys.buckets,
            "marks": self.keys.marks.table,
            "ends": self.ends.table,
            "firsts": self.firsts.table,
        }
        return named | {f"slots{number}": slots.table for number, slots in enumerate(self.levels)}

    def save(self, folder: Path, key: str) -> None:
        """Write them into a folder, for `load`, with what is told as the key."""
        for name, array in self.arrays().items():
            np.save(folder / f"{name}.npy", array)
        levels = [(slots.shift, slots.lengths) for slots in self.levels]
        head = {"key": key, "levels": levels, "firsts": self.firsts.shift, "are_whole": self.are_whole}
        (folder / "sieve.json").write_text(json.dumps(head), encoding="utf-8")

    @staticmethod
    def load(folder: Path) -> "tuple[Tables, str]":
        """Those that were saved, mapped into memory, and the key."""
        head = json.loads((folder / "sieve.json").read_text(encoding="utf-8"))
        levels = tuple(
            Slots(mapped(folder, f"slots{number}"), shift, tuple(lengths))
            for number, (shift, lengths) in enumerate(head["levels"])
        )
        keys = Keys(mapped(folder, "keys"), mapped(folder, "buckets"), Marks(mapped(folder, "marks")))
        firsts = Slots(mapped(folder, "firsts"), head["firsts"], ())
        return Tables(keys, Marks(mapped(folder, "ends")), firsts, levels, head["are_whole"]), head["key"]


def mapped(folder: Path, name: str) -> NDArray[Any]:
    """An array that was saved."""
    return np.asarray(np.load(folder / f"{name}.npy", mmap_mode="r", allow_pickle=False))
