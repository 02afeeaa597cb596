"""What derive makes of the public tables: summaries and indexes that pages are rendered from. All of it is public."""

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from publish.model.document import Document
from publish.model.public import DatasetInfo

UNDATED = "undated"


@dataclass(frozen=True, slots=True)
class DatasetSummary:
    """Counts of one dataset. `months` are (yyyy-mm or `undated`, count) newest first; `authorities` by count."""

    info: DatasetInfo
    count: int
    latest: str | None
    months: tuple[tuple[str, int], ...]
    authorities: tuple[tuple[str, int], ...]
    exits: int


@dataclass(frozen=True, slots=True)
class Site:
    """Everything beside the tables themselves that pages show.

    `subjects` has one row per current record of a subject with a page: `code`, `key`, `dataset`, `name` String,
    `until` Date; sorted by code, then newest first. `related` maps a document's slug to slugs of related documents.
    """

    summaries: tuple[DatasetSummary, ...]
    subjects: pl.DataFrame
    documents: tuple[Document, ...]
    related: Mapping[str, tuple[str, ...]]
