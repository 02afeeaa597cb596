"""What scripts and styles became when they were published, kept for the next build: to join them and to leave out what
readers do not need takes a second. It changes no byte of a release and may be removed.

It is told by all that it is made from: the files, what stands together on pages, and the program.
"""

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from publish.model.artifact import written_whole
from publish.model.program import made_by
from publish.render.minify import published


def published_before(
    files: Mapping[str, bytes], pages: Sequence[Collection[str]], memory: Path | None
) -> dict[str, bytes]:
    """`published`, from the file `memory` if it tells of just that; else it will. None: nothing is kept."""
    if memory is None:
        return published(files, pages)
    key = _key(files, pages)
    with suppress(OSError):
        head, _, body = memory.read_bytes().partition(b"\n")
        if head == _head(key, body):
            return {path: files[path] if text is None else text.encode() for path, text in json.loads(body).items()}
    shown = published(files, pages)
    with suppress(OSError, UnicodeDecodeError):
        texts = {path: None if data == files.get(path) else data.decode() for path, data in shown.items()}
        body = json.dumps(texts, ensure_ascii=False).encode()
        with written_whole(memory) as new:
            new.write_bytes(_head(key, body) + b"\n" + body)
    return shown


def _key(files: Mapping[str, bytes], pages: Sequence[Collection[str]]) -> str:
    parts = (made_by("python"), sorted(files.items()), [sorted(page) for page in pages])
    return hashlib.sha256(repr(parts).encode()).hexdigest()


def _head(key: str, body: bytes) -> bytes:
    return f"{key} {hashlib.sha256(body).hexdigest()}".encode()
