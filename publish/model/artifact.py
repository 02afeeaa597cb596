"""Where rendered pages go: the part of a release that render may use."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Protocol


class Sink(Protocol):
    """Takes finished files by URL. Each URL once."""

    def write(self, url: str, data: bytes) -> None:
        """One file."""

    def write_many(self, paths: Sequence[str], blobs: Iterable[bytes]) -> None:
        """Many small files; `paths` are relative to the release, as urls.file_of gives them."""

    def keep_many(self, urls_kept: Iterable[str]) -> None:
        """Files that the last release has already under the same URLs."""

    def add_file(self, url: str, path: Path) -> None:
        """A finished file on disk, which is moved into the release."""
