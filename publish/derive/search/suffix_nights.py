"""The suffixes of names that are mostly those of the night before: only what has come is sorted, and put among them."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from publish.derive.search.hashing import where_in
from publish.derive.search.heads import HEAD, characters_of, distinct_heads
from publish.derive.search.suffixes import COMMON, KEY, Bools, Names, Places, Suffixes, suffix_heads

_FEW = 0.1  # of all names: where more have come or gone, all are sorted


@dataclass(frozen=True, slots=True)
class LastNames:
    """The rows of the last night: `prints` and `lengths` as Names has them, `to`: which row each is now, -1 if it has
    gone. `fresh`: rows that have come, rising."""

    lengths: Places
    to: Places
    fresh: Places


def last_names(prints: NDArray[np.uint64], last: Mapping[str, NDArray[np.generic]]) -> LastNames | None:
    """None where nothing of use is remembered."""
    if "prints" not in last:
        return None
    old = last["prints"].astype(np.uint64, copy=False)
    to = where_in(old, prints).astype(np.int32)
    kept = to[to >= 0]
    come = np.ones(prints.size, dtype=np.bool_)
    come[kept] = False
    fresh = np.flatnonzero(come).astype(np.int32)
    if not kept.size or fresh.size + old.size - kept.size > _FEW * prints.size or (np.diff(kept) <= 0).any():
        return None
    return LastNames(last["lengths"].astype(np.int32, copy=False), to, fresh)


def joined_codes(
    known: LastNames, codes: NDArray[np.uint32], fresh: NDArray[np.uint32], lengths: Places
) -> NDArray[np.uint32]:
    """The characters of all names, from those of the last night and those of the fresh ones. `lengths` of all."""
    step = np.full(lengths.size, -1 << 62, dtype=np.int64)  # that of a fresh one; of others how far they have moved
    before = np.flatnonzero(known.to >= 0)
    step[known.to[before]] = before - known.to[before]
    edges = np.flatnonzero(np.r_[True, step[1:] != step[:-1], True])
    ends, old_ends = np.r_[0, np.cumsum(lengths)], np.r_[0, np.cumsum(known.lengths)]
    parts, done = [fresh[:0]], 0
    # Names that stand together as they did are copied at once: there are a few thousand such stretches.
    for first, last, moved in zip(edges[:-1].tolist(), edges[1:].tolist(), step[edges[:-1]].tolist(), strict=True):
        size = int(ends[last] - ends[first])
        if first + moved < 0:
            parts.append(fresh[done : done + size])
            done += size
        else:
            parts.append(codes[old_ends[first + moved] : old_ends[last + moved]])
    return np.concatenate(parts)


def suffixes_tonight(names: Names, known: LastNames, last: Mapping[str, NDArray[np.generic]]) -> Suffixes | None:
    """The same as suffixes_of(names) gives, as far as it is published. None: so many of a group that is cut have gone
    that those left out would be needed."""
    at, first = last["at"].astype(np.int32, copy=False), last["first"].astype(np.bool_, copy=True)
    cut = last["cut"].astype(np.bool_, copy=False)
    shift = np.where(known.to < 0, np.int32(-1 << 30), names.begin[known.to] - _begin(known.lengths))
    moved = np.repeat(shift, known.lengths)[at]
    moved += at
    gone = moved < 0
    if _too_few(first, gone, cut):
        return None
    first[_heirs(first, gone)] = True
    stays = ~gone
    at, first, cut = moved[stays], first[stays], cut[stays]
    del moved, stays
    ends = names.ends()
    come = np.zeros(names.lengths.size, dtype=np.bool_)
    come[known.fresh] = True
    places = np.flatnonzero(np.repeat(come, names.lengths)).astype(np.int32)
    new = _sorted(places[ends[places] - places >= 2], names.codes, ends)
    where = _bisect(at, _columns(new, names.codes, ends, KEY), names.codes, ends)
    merged = _inserted(Suffixes(names, at, first, cut, np.empty(0, np.uint64)), where, new, ends)
    return Suffixes(names, merged.at, merged.first, merged.cut, _heads(merged, last, gone, new, known, ends))


def _begin(lengths: Places) -> Places:
    return (np.cumsum(lengths) - lengths).astype(np.int32)


def _too_few(first: Bools, gone: Bools, cut: Bools) -> bool:
    """Whether of a group that is cut, and of which some have gone, COMMON are not left."""
    of_cut = np.flatnonzero(cut)
    group = np.cumsum(first[of_cut])
    lost = np.bincount(group, weights=gone[of_cut])
    return bool(((lost > 0) & (np.bincount(group) - lost < COMMON)).any())


def _heirs(first: Bools, gone: Bools) -> NDArray[np.int64]:
    """Places after one or more that have gone of which one began a group: they begin one now, if they are there."""
    places = np.flatnonzero(gone)
    begins = np.flatnonzero(np.r_[places[:1] >= 0, np.diff(places) > 1])
    led = np.logical_or.reduceat(first[places], begins) if places.size else np.empty(0, np.bool_)
    after = places[np.r_[begins[1:], places.size] - 1] + 1 if places.size else places
    heirs: NDArray[np.int64] = after[led & (after < first.size)]
    return heirs


def _sorted(starts: Places, codes: NDArray[np.uint32], ends: Places) -> Places:
    """A few suffixes in order."""
    if not starts.size:
        return starts
    every = _columns(starts, codes, ends, KEY)
    return starts[np.lexsort(every.T[::-1])]


def _columns(at: Places, codes: NDArray[np.uint32], ends: Places, width: int) -> NDArray[np.uint32]:
    """What suffixes are ordered by: their characters; with all of a key also whether more follow, and their places."""
    left = ends[at] - at
    out = np.zeros((at.size, KEY + 2 if width == KEY else width), dtype=np.uint32)
    for place in range(width):
        some = place < left
        out[some, place] = codes[at[some] + place]
    if width == KEY:
        out[:, KEY], out[:, KEY + 1] = left > KEY, at
    return out


def _bisect(at: Places, wanted: NDArray[np.uint32], codes: NDArray[np.uint32], ends: Places) -> NDArray[np.int64]:
    """Of each row of `wanted`, as _columns gives them, how many of the suffixes `at` come before it."""
    low = np.zeros(wanted.shape[0], dtype=np.int64)
    high = np.full(wanted.shape[0], at.size, dtype=np.int64)
    width = min(wanted.shape[1], KEY)
    while (open_ := np.flatnonzero(low < high)).size:
        middle = (low[open_] + high[open_]) // 2
        there, mine = _columns(at[middle], codes, ends, width), wanted[open_]
        differ = there != mine
        column = differ.argmax(axis=1)
        rows = np.arange(open_.size)
        less = there[rows, column] < mine[rows, column]
        low[open_] = np.where(less, middle + 1, low[open_])
        high[open_] = np.where(less, high[open_], middle)
    return low


def _inserted(old: Suffixes, where: NDArray[np.int64], new: Places, ends: Places) -> Suffixes:
    """New suffixes among the old ones, without those after the last one that a group which is cut is known to have."""
    codes = old.names.codes
    at, first, cut = np.insert(old.at, where, new), np.insert(old.first, where, True), np.insert(old.cut, where, False)
    mine = where + np.arange(new.size)
    changed = np.unique(np.r_[mine, mine + 1])
    changed = changed[changed < at.size]
    if not changed.size:
        return Suffixes(old.names, at, first, cut, old.heads)
    one, other = (_columns(at[places], codes, ends, KEY) for places in (np.maximum(changed - 1, 0), changed))
    same = (one[:, : KEY + 1] == other[:, : KEY + 1]).all(axis=1) & (other[:, KEY] == 0)
    first[changed] = ~same | (changed == 0)
    starts, known = np.flatnonzero(first), np.flatnonzero(cut)
    group = np.searchsorted(starts, mine, side="right") - 1
    before = np.searchsorted(known, np.r_[starts, at.size][group + 1]) - 1
    last = known[before] if known.size else np.full(new.size, -1)
    of_cut = (before >= 0) & (last >= starts[group])
    cut[mine] = of_cut
    kept = np.ones(at.size, dtype=np.bool_)
    kept[mine[of_cut & (mine > last)]] = False
    return Suffixes(old.names, at[kept], first[kept], cut[kept], old.heads)


def _heads(
    merged: Suffixes,
    last: Mapping[str, NDArray[np.generic]],
    gone: Bools,
    new: Places,
    known: LastNames,
    ends: Places,
) -> NDArray[np.uint64]:
    """What all begin with: what they did, but for what nothing begins with any more, and what is new."""
    old_codes = last["codes"].astype(np.uint32, copy=False)
    old_ends = np.repeat(np.cumsum(known.lengths).astype(np.int32), known.lengths)
    left = suffix_heads(old_codes, old_ends, last["at"].astype(np.int32, copy=False)[gone])
    wanted = characters_of(left)
    codes = merged.names.codes
    place = _bisect(merged.at, wanted, codes, ends)
    found = np.zeros(left.size, dtype=np.bool_)
    inside = np.flatnonzero(place < merged.at.size)
    found[inside] = (_columns(merged.at[place[inside]], codes, ends, HEAD) == wanted[inside]).all(axis=1)
    heads = last["heads"].astype(np.uint64, copy=False)
    stays = np.ones(heads.size, dtype=np.bool_)
    stays[np.searchsorted(heads, left[~found])] = False
    return distinct_heads(np.concatenate([heads[stays], suffix_heads(codes, ends, new)]))
