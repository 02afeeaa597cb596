"""What the stages of a build hand on to those after them, and who does their work."""

from concurrent.futures import Executor
from dataclasses import dataclass

import polars as pl

from publish.disclose.quiet import TextMemory
from publish.executors import OneByOne
from publish.model.issue import Issue
from publish.model.public import Disclosure, Publication
from publish.model.report import RecordCounts
from publish.model.site import Site
from publish.pipeline.arriving import Arriving
from publish.proof import Sought
from publish.render.views import Desk


@dataclass(frozen=True, slots=True)
class Workers:
    """`far` run the stages, `near` what the release's files are needed for; mostly they are the same. `aside`: the far
    ones, for what is searched while pages are made."""

    far: Executor
    near: Executor
    aside: OneByOne

    @property
    def see_all(self) -> bool:
        """Whether those that run the stages see the release, and so may know what is private."""
        return self.far is self.near


@dataclass(frozen=True, slots=True)
class Disclosed:
    """What is public. `texts`: the memory of texts, for the next build."""

    disclosure: Disclosure
    publication: Publication
    records: RecordCounts
    texts: TextMemory | None
    issues: tuple[Issue, ...]


@dataclass(frozen=True, slots=True)
class Derived:
    """What pages are made of, and what the release is searched for. `arriving`: data files and the search index, which
    are made still. `private`: PRIVATE_COUNTS_SCHEMA."""

    desk: Desk
    arriving: Arriving
    site: Site
    sought: Sought
    private: pl.DataFrame
    issues: tuple[Issue, ...]
