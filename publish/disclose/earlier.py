"""What the last release showed, beside what is public now: keys are compared once, for exits and for the register."""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from publish.disclose.decided import DecidedTable
from publish.disclose.keys import key_places
from publish.model.public import Publication
from publish.model.terms import Outcome


@dataclass(frozen=True, slots=True)
class Earlier:
    """`register` is that of the last release. `places`: by dataset, of each public record in order the row of
    `register.records` (UInt32; null: that release did not show it). `missing`: those of its records (in their order)
    that are not public now."""

    register: Publication
    places: dict[str, pl.Series]
    missing: pl.DataFrame

    @staticmethod
    def of(register: Publication, decided: Sequence[DecidedTable]) -> "Earlier":
        """The register beside what has been decided."""
        records = register.records.select("dataset", "key").with_row_index("place")
        places: dict[str, pl.Series] = {}
        shown = pl.repeat(False, records.height, dtype=pl.Boolean, eager=True)
        for entry in decided:
            told = entry.decisions.frame.select("_outcome", "_key")
            keys = told.filter(pl.col("_outcome") == Outcome.PUBLIC.value)["_key"]
            before = records.filter(pl.col("dataset") == entry.dataset)
            found = before["place"].gather(key_places(keys, entry.decisions.order, before["key"]))
            places[entry.dataset] = found
            shown = shown.scatter(found.drop_nulls(), True)
        return Earlier(register, places, register.records.filter(~shown))
