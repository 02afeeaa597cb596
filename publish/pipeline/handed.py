"""What the stages of a build hand on to those after them, and who does their work."""

from collections.abc import Mapping
from concurrent.futures import Executor
from dataclasses import dataclass

import polars as pl

from publish.disclose.quiet import TextMemory
from publish.executors import OneByOne
from publish.model.issue import Issue
from publish.model.public import Disclosure, Publication
from publish.model.report import RecordCounts
from publish.model.search import SearchIndex
from publish.model.site import Site
from publish.proof import Sought
from publish.render.downloads import DownloadFile
from publish.render.views import Desk

Files = Mapping[str, tuple[DownloadFile, ...]]  # data files by dataset


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
    """What pages are made of, and what the release is searched for. `files`: data files by dataset, which the release
    has. `private`: PRIVATE_COUNTS_SCHEMA."""

    desk: Desk
    files: Files
    site: Site
    sought: Sought
    private: pl.DataFrame
    index: SearchIndex
    issues: tuple[Issue, ...]
