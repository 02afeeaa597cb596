"""Where rendered pages go: the part of a release that render may use; and how a worker leaves a file for others."""

import secrets
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
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


@contextmanager
def written_whole(path: Path) -> Iterator[Path]:
    """A name beside `path` to write to; at the end that file takes the place of `path` in one step.

    So a file is there whole or not at all, also when its writer is killed; and a task that two workers do at a time
    harms nothing, since each writes a file of its own. An error leaves `path` as it was.
    """
    new = path.with_name(f".{secrets.token_hex(8)}.{path.name}")
    try:
        yield new
        new.replace(path)
    finally:
        new.unlink(missing_ok=True)
