"""How the tables of a sieve are made: of some hundred thousand values at a time."""

from functools import partial

import numpy as np
import polars as pl

from publish.model.sieve_tables import LONGER, Keys, Marks, Slots, Tables, slot_bits
from publish.model.sieve_windows import (
    MAX_BYTES,
    MIN_BYTES,
    WINDOWS,
    Ints,
    Mixer,
    Octets,
    Text,
    Words,
    is_lead,
    is_word,
)

AT_ONCE = 1 << 19  # values at a time
_NO_WORDS: Words = np.zeros(0, np.uint64)
_NO_LENGTHS: Ints = np.zeros(0, np.int64)


class Builder:
    """Makes the tables of one set."""

    def __init__(self, key: bytes) -> None:
        self._mixer = Mixer.of(key)
        self._firsts: list[Words] = [_NO_WORDS]
        self._heads: list[list[Words]] = [[] for _ in WINDOWS]
        self._bits: list[list[Octets]] = [[] for _ in WINDOWS]
        self._lengths: list[Ints] = []
        self._ends: list[Words] = [_NO_WORDS]
        self._are_whole = True

    def built(self, values: pl.Series) -> tuple[Tables, Ints, Words]:
        """The tables; of each key, in order, which value has it first; and the keys in the order of the values."""
        hashes = self.keys(values)
        keys, first = np.unique(hashes, return_index=True)
        firsts = Slots.of(0, *self._all_firsts(), _NO_LENGTHS, len(keys))
        levels = tuple(self._slots(level) for level in range(len(WINDOWS)) if self._heads[level])
        ends = Marks.of(np.concatenate(self._ends))
        return Tables(Keys.of(keys), ends, firsts, levels, self._are_whole), first, hashes

    def added(self, to: Tables, values: pl.Series) -> tuple[Tables, Ints, Ints]:
        """The tables with others; where among the keys those stand that are new, as np.insert has it, and which value
        has each of them first."""
        keys, first = np.unique(self.keys(values), return_index=True)
        known = to.keys.keys
        at = np.searchsorted(known, keys)
        is_new = at == len(known)
        is_new[~is_new] = known[at[~is_new]] != keys[~is_new]
        at = at[is_new]
        levels = list(to.levels)
        for level in range(len(WINDOWS)):
            if self._heads[level]:
                levels[level : level + 1] = [self._slots(level, levels[level] if level < len(levels) else None)]
        every = Keys.of(np.insert(known, at, keys[is_new]))
        firsts = to.firsts.with_more if to.levels else partial(Slots.of, 0, values=len(keys))
        tables = Tables(
            every,
            to.ends.with_more(np.concatenate(self._ends)),
            firsts(*self._all_firsts(), _NO_LENGTHS),
            tuple(levels),
            to.are_whole and self._are_whole,
        )
        return tables, at, first[is_new]

    def keys(self, values: pl.Series) -> Words:
        """The keys of values, in their order. What goes into the slots of each level is kept."""
        parts = [self._hashed(values.slice(begin, AT_ONCE)) for begin in range(0, len(values), AT_ONCE)]
        return np.concatenate([_NO_WORDS, *parts])

    def _hashed(self, part: pl.Series) -> Words:
        text, starts, lengths = _laid_out(part)
        self._are_whole &= bool(text.ends_whole((starts + lengths)[lengths < MAX_BYTES]).all())
        self._lengths.append(np.unique(lengths))
        keys = np.zeros(len(starts), np.uint64)
        chosen, heads = np.arange(len(starts)), None
        self._firsts.append(np.unique(self._mixer.firsts(text.words(starts))))
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

    def _all_firsts(self) -> tuple[Words, Octets]:
        firsts = np.concatenate(self._firsts)
        return firsts, np.ones(len(firsts), np.uint8)

    def _slots(self, level: int, before: Slots | None = None) -> Slots:
        lengths = np.unique(np.concatenate(self._lengths))
        own = lengths[(lengths >= WINDOWS[level]) & (slot_bits(level)[lengths] != LONGER)]
        heads, bits = np.concatenate(self._heads[level]), np.concatenate(self._bits[level])
        self._heads[level], self._bits[level] = [], []
        return Slots.of(level, heads, bits, own, len(heads)) if before is None else before.with_more(heads, bits, own)


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
