"""The hashes of a sieve: of 6, 12, 24 ... bytes that begin at many positions of a text at once."""

import hashlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

MIN_BYTES = 6  # two Chinese characters
WINDOWS = tuple(MIN_BYTES << level for level in range(8))
MAX_BYTES = 2 * WINDOWS[-1]  # two of the widest windows cover so many

Words = NDArray[np.uint64]
Ints = NDArray[np.int64]
Octets = NDArray[np.uint8]
Flags = NDArray[np.bool_]

PAD = MAX_BYTES + 16  # so far beyond its end a text can be read
_NEAR = 1 << 16  # words that are mixed together
_LEADS = ((1, np.uint8(0xC0)), (2, np.uint8(0xE0)), (3, np.uint8(0xF0)))  # so far back, from which on
_BACK = 3


class Text:
    """Bytes that can be read eight at a time from any position, up to PAD beyond the end, where there are zeros."""

    def __init__(self, data: bytes | memoryview, are_whole: bool = False) -> None:
        """`are_whole`: values end as `ends_whole` has it, but those that were cut."""
        self.size = len(data)
        self.octets = np.zeros(self.size + PAD + 8, np.uint8)
        self.octets[: self.size] = np.frombuffer(data, np.uint8)
        self.ends: Flags = np.zeros(self.size + PAD + 1, np.bool_)
        self._are_whole = are_whole
        self._eights = np.lib.stride_tricks.as_strided(
            self.octets[:8].view("<u8"), (self.size + PAD,), (1,), writeable=False
        )

    def words(self, positions: Ints) -> Words:
        """The eight bytes at each position as one number, the first byte the lowest."""
        # A type without alignment, so that indexing gathers from the bytes where they are.
        return np.asarray(self._eights.view("V8")[positions].view("<u8"), np.uint64)

    def words_within(self, begin: int, end: int, positions: Ints) -> Words:
        """The same of many positions from `begin` to `end`, which are told from `begin` on."""
        # This copies them all, eight times as large, one after the other: faster than to gather a quarter of them.
        return np.asarray(self._eights[begin:end].take(positions), np.uint64)

    def starts(self, begin: int, end: int) -> Ints:
        """Where from `begin` to `end` a value can begin, told from `begin` on: at an ASCII word, or a character beyond
        ASCII.

        Notes for each of these positions in `ends`, as far as they are not beyond the text, whether a value can end
        before it: not within an ASCII word nor, where values are whole, within a character. (One that was cut can.)"""
        near = self.octets[max(begin - _BACK, 0) : end]
        if begin < _BACK:
            near = np.concatenate([np.zeros(_BACK - begin, np.uint8), near])
        word, lead = is_word(near[_BACK - 1 :]), is_lead(near[_BACK - 1 :])
        not_here = word[1:] & word[:-1]
        if self._are_whole:
            not_here |= lead[:-1]
            for back, least in _LEADS[1:]:
                not_here |= near[_BACK - back : -back] >= least
        last = min(end, self.size + 1)
        np.logical_not(not_here[: last - begin], out=self.ends[begin:last])
        found = word[1:] > word[:-1]
        found |= lead[1:]
        return np.flatnonzero(found)

    def ends_well(self, ends: Ints) -> Flags:
        """Whether what ends before each of these positions lies in the text and does not end within an ASCII word."""
        within = is_word(self.octets[ends - 1]) & is_word(self.octets[ends])
        return (ends <= self.size) & ~within

    def ends_whole(self, ends: Ints) -> Flags:
        """Whether no first byte of UTF-8 is so near before each of these positions that its character goes on there."""
        goes_on = np.zeros(len(ends), np.bool_)
        for back, least in _LEADS:
            goes_on |= self.octets[ends - back] >= least
        return ~goes_on


def is_word(octets: Octets) -> Flags:
    """ASCII letters and digits."""
    word: Flags = ((octets | np.uint8(0x20)) - np.uint8(0x61)) < 26
    word |= (octets - np.uint8(0x30)) < 10
    return word


def is_lead(octets: Octets) -> Flags:
    """First bytes of UTF-8 characters beyond ASCII."""
    return octets >= np.uint8(0xC0)


@dataclass(frozen=True, slots=True)
class Mixer:
    """Keyed odd multipliers: one for all words, one for each 6 bytes of a window, three for the whole hash."""

    first: np.uint64
    each: Words
    ends: Words

    @staticmethod
    def of(key: bytes) -> "Mixer":
        """The same key gives the same multipliers."""
        count = (1 << len(WINDOWS) - 1) + 4
        stream = hashlib.shake_256(b"gongshi sieve" + hashlib.sha256(key).digest()).digest(8 * count)
        odd = np.frombuffer(stream, "<u8").astype(np.uint64) | np.uint64(1)
        return Mixer(odd[0], odd[1:-3], odd[-3:])

    def firsts(self, words: Words) -> Words:
        """The first six bytes of these eight, mixed a little: enough for a table that rejects most of them. In place of
        what is handed over."""
        words <<= np.uint64(16)
        words *= self.first
        return words

    def heads_of(self, firsts: Words) -> Words:
        """Hash of the first window of what begins with these."""
        heads: Words = (firsts ^ (firsts >> np.uint64(32))) * self.each[0]
        return heads

    def heads(self, text: Text, positions: Ints, before: Words | None, level: int) -> Words:
        """Hash of the window of `level` at each position; `before`: those of the level before, which it goes on."""
        total = np.zeros(len(positions), np.uint64) if before is None else before.copy()
        number, end = 0 if before is None else 1 << level >> 1, 1 << level
        while number < end:  # of few positions many bytes at once
            some = np.arange(number, min(end, number + max(1, _NEAR // max(len(positions), 1))))
            words = self.firsts(text.words(positions + (MIN_BYTES * some)[:, None]))
            words ^= words >> np.uint64(32)
            words *= self.each[some][:, None]
            total += words[0] if len(some) == 1 else words.sum(axis=0)
            number += len(some)
        return total

    def tails(self, text: Text, ends: Ints, level: int) -> Words:
        """Hash of the window of `level` before each of these ends."""
        return self.heads(text, ends - WINDOWS[level], None, level)

    def whole(self, heads: Words, tails: Words, lengths: Words) -> Words:
        """The hash by which a value is held, from those of its first and its last window and its length."""
        mixed = (heads ^ (heads >> np.uint64(31))) * self.ends[0] + lengths * self.ends[2]
        mixed ^= mixed >> np.uint64(29)
        mixed += (tails ^ (tails >> np.uint64(32))) * self.ends[1]
        mixed *= self.first
        mixed ^= mixed >> np.uint64(30)
        whole: Words = mixed
        return whole
