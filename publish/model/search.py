"""The search index as files: what derive makes, render writes and the page's script loads."""

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SearchShard:
    """A part of the index: `count` entries of one dataset, newest first, as JSON in `data`.

    `url` is named by the hash of `data`, so a shard never changes under its address. `dataset` is a dataset's slug, or
    `@policies` for policy documents. `newest` and `oldest` are `yyyy-mm-dd`, None if no entry has a date.
    """

    url: str
    data: bytes
    dataset: str
    title: str
    count: int
    newest: str | None
    oldest: str | None


@dataclass(frozen=True, slots=True)
class SearchIndex:
    """All shards, and the root that lists them: the one file of the index that changes under its address."""

    root_url: str
    root: bytes
    shards: tuple[SearchShard, ...]

    def files(self) -> Iterator[tuple[str, bytes]]:
        """(URL, content) of every file, the root last."""
        yield from ((shard.url, shard.data) for shard in self.shards)
        yield self.root_url, self.root
