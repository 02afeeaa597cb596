"""Subjects that are mostly those of the night before: only those are put together whose records came or went."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from publish.derive.search.hashing import where_in
from publish.derive.search.orders import Order, load_order, write_order
from publish.derive.search.subjects import grouped, place_of_subject
from publish.derive.search.tables import row_prints
from publish.model.bare import write_bare

FILE = "subjects.arrow"
_ORDER = "order-subjects.bin"
_FEW = 0.1  # of all mentions: where more have come or gone, all subjects are put together anew


def write_subjects(mentions: pl.DataFrame, last: Mapping[str, Order], folder: Path) -> Path:
    """Write what grouped() makes of mentions as an IPC file into `folder`, and beside it what the next night needs.
    `last`: what the last build left. Returns the file."""
    prints, names = row_prints(mentions), row_prints(mentions.select("name"))
    subjects = _tonight(mentions, prints, names, last)
    path = folder / FILE
    subjects = grouped(mentions) if subjects is None else subjects
    write_bare(subjects, path)
    write_order({"prints": prints, "names": names}, folder / _ORDER)
    return path


def _tonight(
    mentions: pl.DataFrame, prints: NDArray[np.uint64], names: NDArray[np.uint64], last: Mapping[str, Order]
) -> pl.DataFrame | None:
    """The subjects from those of the last build; None where nothing of use is remembered."""
    order, data = load_order(last.get(_ORDER)), last[FILE].content() if FILE in last else b""
    if not order or not data:
        return None
    places = where_in(order["prints"].astype(np.uint64, copy=False), prints)
    come = np.ones(prints.size, dtype=np.bool_)
    come[places[places >= 0]] = False
    gone = order["names"].astype(np.uint64, copy=False)[places < 0]
    if gone.size + int(come.sum()) > _FEW * prints.size:
        return None
    # Names tell whom it may concern: what is said of a subject without a code depends on others of the same name.
    changed = pl.Series(np.r_[gone, names[come]]).unique().implode()
    some = grouped(mentions.filter(pl.Series(names).is_in(changed)))
    known = pl.read_ipc(last[FILE].path)  # maps it
    stay = np.flatnonzero(~pl.Series(row_prints(known.select("name"))).is_in(changed).to_numpy())
    in_order = known.select(place_of_subject()).to_series().gather(stay)
    where = in_order.search_sorted(some.select(place_of_subject()).to_series())
    index = np.insert(stay, np.asarray(where).astype(np.int64), known.height + np.arange(some.height))
    return pl.concat([known, some])[index]
