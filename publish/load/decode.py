"""From the stored bytes of a resource to one plain UTF-8 file: unpacked, decoded, its parts joined."""

import codecs
import csv
import io
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TextIO

from publish.load.unpack import NotReadableTable, too_large, unpacked
from publish.model.inflating import BLOCK
from publish.model.source import Dialect, ResourceFile

_UTF8 = frozenset({"utf-8", "utf-8-sig"})
_BOM = "\ufeff"


def load_plain(file: ResourceFile, limit: int, scratch: Path) -> Path:
    """The path of a UTF-8 file, perhaps with a byte order mark, that holds all of `file`'s text.

    A single uncompressed UTF-8 file is given back as it is and unread; anything else is written into `scratch`.
    Parts are joined as frictionless joins them, but without its losses: a line end is put between two parts, and the
    first line of a later part is left out only if it is the header again. Raises NotReadableTable: `table.too-large`
    past `limit` bytes of text, `table.bad-archive`, `table.undecodable`, `table.parts-differ`.
    """
    encoding = codecs.lookup(file.encoding).name
    if len(file.paths) == 1 and file.compression is None and encoding in _UTF8:
        if file.paths[0].stat().st_size > limit:
            raise too_large(limit)
        return file.paths[0]
    plain = scratch / "plain.csv"
    header, written = "", 0
    with plain.open("w", encoding="utf-8", newline="") as target:
        for number, path in enumerate(file.paths, start=1):
            part = number if len(file.paths) > 1 else 0
            texts = _decoded(unpacked(path, file.compression, file.innerpath), encoding, part)
            first, texts = _first_line(texts)
            if number == 1:
                header = first
            elif file.dialect.header and _repeats(header, first, file.dialect, part):
                first = ""
            written += _write_part(target, first, texts, limit - written)
            if written > limit:
                raise too_large(limit)
    return plain


def first_bad_line(path: Path) -> int:
    """The line (from 1) of the first bytes that are not UTF-8; 0 if all are."""
    with path.open("rb") as stream:
        try:
            for _ in _decoded(iter(lambda: stream.read(BLOCK), b""), "utf-8", 0):
                pass
        except NotReadableTable as fault:
            return fault.line
    return 0


def undecodable(line: int, encoding: str, part: int = 0) -> NotReadableTable:
    """The fault of bytes that are not in the declared encoding."""
    where = f"part {part} of the file" if part else "the file"
    hint = f"{where} holds bytes that are not {encoding}; is the declared encoding right?"
    return NotReadableTable("table.undecodable", hint, line)


def _decoded(blocks: Iterable[bytes], encoding: str, part: int) -> Iterator[str]:
    """Text in pieces, without a byte order mark. Raises `table.undecodable` with the line of the bad bytes."""
    decoder = codecs.getincrementaldecoder("utf-8" if encoding in _UTF8 else encoding)()
    line, started, bad = 1, False, -1
    for block in _closed(blocks):
        try:
            text = decoder.decode(block or b"", final=block is None)
        except UnicodeDecodeError as error:
            bad = line + error.object[: error.start].count(b"\n")
            break
        if text and not started:
            text, started = text.removeprefix(_BOM), True
        line += text.count("\n")
        yield text
    if bad >= 0:
        raise undecodable(bad, encoding, part)


def _closed(blocks: Iterable[bytes]) -> Iterator[bytes | None]:
    yield from blocks
    yield None


def _first_line(texts: Iterator[str]) -> tuple[str, Iterator[str]]:
    """The first line with its end, and the text after it."""
    head = ""
    for text in texts:
        head += text
        if "\n" in head:
            break
    line = head[: head.find("\n") + 1] or head
    return line, _after(head[len(line) :], texts)


def _after(rest: str, texts: Iterator[str]) -> Iterator[str]:
    yield rest
    yield from texts


def _repeats(header: str, line: str, dialect: Dialect, part: int) -> bool:
    """Whether `line` is the header again. Raises `table.parts-differ` if it is a header of other columns."""
    labels, cells = (_cells(text, dialect.delimiter) for text in (header, line))
    if labels == cells:
        return True
    if cells and 2 * len(set(labels) & set(cells)) > len(cells):
        raise NotReadableTable("table.parts-differ", f"part {part} of the file has other columns than the first", 1)
    return False


def _cells(line: str, delimiter: str) -> list[str]:
    row = next(csv.reader(io.StringIO(line, newline=""), delimiter=delimiter), [])
    return [cell.strip() for cell in row]


def _write_part(target: TextIO, first: str, texts: Iterator[str], limit: int) -> int:
    """Write a part and a line end where it lacks one. Gives back the bytes written, more than `limit` if stopped."""
    written, last = 0, "\n"
    for text in _after(first, texts):
        if text:
            target.write(text)
            written += len(text.encode())
            last = text[-1]
        if written > limit:
            return written
    if last not in "\r\n":
        target.write("\n")
    return written
