"""The manifest of a release: every file with its size and SHA-256, in columns, since a release has up to millions.

/manifest.json holds `as_of`, `program` and three lists of equal length, `path`, `size` (bytes) and `sha256` (hex),
sorted by path. It names neither itself nor /SHA256SUMS, which names all other files, the manifest included. There is
no build time in it: the same input makes the same manifest.
"""

import hashlib
import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl

from publish import urls
from publish.model.issue import BuildStopped
from publish.release.faults import disk_errors, stopped
from publish.release.stamps import Stamp, stamp_of

MANIFEST_FILE = urls.file_of(urls.MANIFEST)
SUMS_FILE = urls.file_of(urls.SHA256SUMS)
SEALS = (MANIFEST_FILE, SUMS_FILE)
FILE_SCHEMA: Mapping[str, pl.DataType] = {"path": pl.String(), "size": pl.Int64(), "sha256": pl.String()}

# Nothing absolute, no `.` or `..`, no empty segment, no backslash or control character, no white space at an end.
_BAD_PATH = r"^/|(^|/)\.{0,2}(/|$)|[\\\x00-\x1f\x7f]|^\s|\s$"
_BAD = re.compile(_BAD_PATH)
_FORMAT = 1
_SEPARATORS = (",\n", ": ")
_ROWS = 1 << 14
_TAIL = b"]}\n"
_CHUNK = 1 << 18  # what fits into the processor's cache


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a release holds. `files` has the columns of FILE_SCHEMA, one row per file, sorted by path."""

    as_of: date
    program: str
    files: pl.DataFrame

    def to_bytes(self) -> bytes:
        """The bytes of /manifest.json; their SHA-256 names the release."""
        return b"".join(self._parts())

    def write_seals(self, folder: Path) -> "Seals":
        """Write what seals a release of these files into a new folder, without having all its bytes in memory. Raises
        BuildStopped as `disk_errors` does."""
        with disk_errors("sealing the release"):
            folder.mkdir()
            digest = _write(folder / MANIFEST_FILE, self._parts())
            _write(folder / SUMS_FILE, self._sums(digest))
            stamps = {file: stamp_of(str(folder / file)) for file in SEALS}
        return Seals(f"{self.as_of.isoformat()}-{digest[:12]}", folder, stamps)

    def _parts(self) -> Iterator[bytes]:
        document = {"format": _FORMAT, "as_of": self.as_of.isoformat(), "program": self.program}
        yield json.dumps(document, ensure_ascii=False, separators=_SEPARATORS).encode().removesuffix(b"}")
        for name in FILE_SCHEMA:
            yield b',\n"%s": [' % name.encode()
            for number, some in enumerate(_slices(self.files.select(name))):
                yield (_SEPARATORS[0].encode() if number else b"") + _json_items(some[name])
            yield b"]"
        yield b"}\n"

    def _sums(self, digest: str) -> Iterator[bytes]:
        """`digest`: SHA-256 of /manifest.json."""
        at = int(self.files["path"].search_sorted(MANIFEST_FILE))
        own = pl.DataFrame({"path": [MANIFEST_FILE], "sha256": [digest]})
        for files in (self.files.head(at), own, self.files.slice(at)):
            for some in _slices(files):
                lines = some.select(pl.concat_str("sha256", "path", separator="  ")).to_series()
                yield _joined(lines, "\n") + b"\n"

    def begin_seals(self, folder: Path) -> "Future[Seals]":
        """`write_seals`, by a thread beside whatever else is done."""
        thread = ThreadPoolExecutor(1, thread_name_prefix="seals")
        told = thread.submit(self.write_seals, folder)
        thread.shutdown(wait=False)
        return told


@dataclass(frozen=True, slots=True)
class Seals:
    """What seals a release: its `name`, which is the as-of date and 12 digits of the manifest's SHA-256; the `folder`
    in which /manifest.json and /SHA256SUMS lie, the latter as `sha256sum --check` reads it; and their stamps when they
    were written."""

    name: str
    folder: Path
    stamps: Mapping[str, Stamp | None]

    def move_into(self, tree: Path) -> None:
        """Put them in their place. Raises BuildStopped `release.hash-mismatch` if anybody has written into them, and as
        `disk_errors` does."""
        with disk_errors("sealing the release"):
            for file in SEALS:
                if stamp_of(str(self.folder / file)) != self.stamps[file]:
                    raise stopped("hash-mismatch", "this was changed after it was written; build again", file)
            for file in SEALS:  # not written into: another release may have the file that is there
                (self.folder / file).replace(tree / file)
            os.utime(tree)  # when the release was made

    def check(self, tree: Path) -> None:
        """Whether those in the tree are as they were written; one that is not there is told by verification. Raises
        BuildStopped as `move_into` does."""
        with disk_errors("reading the release to verify it"):
            for file in SEALS:
                there, written = stamp_of(f"{tree}/{file}"), self.stamps[file]
                if there is not None and (written is None or there[:4] != written[:4]):  # the move changed its ctime
                    raise stopped("hash-mismatch", "this was changed after it was written; build again", file)


def is_safe(path: str) -> bool:
    """Whether a path stays inside the release and is written the one way there is."""
    return _BAD.search(path) is None


def all_safe(paths: pl.Series) -> bool:
    """is_safe of many, in columns."""
    return not paths.str.contains(_BAD_PATH).any()


def load_manifest(folder: Path) -> Manifest:
    """Read the manifest of the release in `folder`. Raises BuildStopped `release.manifest-broken`."""
    with disk_errors("reading a manifest"):
        try:
            data = (folder / MANIFEST_FILE).read_bytes()
        except FileNotFoundError:
            raise _broken("is missing") from None
    return parse_manifest(data)


def parse_manifest(data: bytes) -> Manifest:
    """The manifest in these bytes. Raises BuildStopped `release.manifest-broken`."""
    manifest = by_columns(data) or _by_json(data)
    files = manifest.files
    if files.null_count().sum_horizontal().item() or not all_safe(files["path"]) or not files["path"].is_sorted():
        raise _broken("is not a list of files")
    return manifest


def _by_json(data: bytes) -> Manifest:
    """Any manifest."""
    try:
        document = json.loads(data)
        if document["format"] != _FORMAT:
            raise _broken("has a format that this program does not know")
        files = pl.DataFrame({name: document[name] for name in FILE_SCHEMA}, schema=dict(FILE_SCHEMA))
        return Manifest(date.fromisoformat(document["as_of"]), str(document["program"]), files)
    except (ValueError, KeyError, TypeError, pl.exceptions.PolarsError):
        raise _broken("cannot be read") from None


def by_columns(data: bytes) -> Manifest | None:
    """One as this program writes it, as nearly all are: an entry stands on each line, so that its lists are read as CSV
    is, without an object for each entry. None: it is another, or damaged."""
    heads = [b',\n"%s": [' % name.encode() for name in FILE_SCHEMA]
    marks = [data.find(head) for head in heads]
    if -1 in marks or not data.endswith(_TAIL):
        return None
    begins = [mark + len(head) for mark, head in zip(marks, heads, strict=True)]
    ends = [mark - 1 for mark in (*marks[1:], len(data) - 2)]  # of the bracket that closes the list
    if marks != sorted(marks) or any(data[end : end + 1] != b"]" for end in ends):
        return None
    try:
        document = json.loads(data[: marks[0]] + b"}")
        if document["format"] != _FORMAT:
            return None
        view = memoryview(data)
        lists = [_csv_list(view[at:end], name) for name, at, end in zip(FILE_SCHEMA, begins, ends, strict=True)]
        return Manifest(date.fromisoformat(document["as_of"]), str(document["program"]), pl.DataFrame(lists))
    except (ValueError, KeyError, TypeError, pl.exceptions.PolarsError):
        return None


def _csv_list(lines: memoryview, name: str) -> pl.Series:
    """A column of which the values stand on a line each, a comma behind all but the last. Raises ValueError if any is
    written in another way than this program's: then it may be misread."""
    schema = {name: FILE_SCHEMA[name], "": pl.String()}
    table = pl.read_csv(b"".join((lines, b",")), has_header=False, schema=schema)
    column, count = table[name], table.height
    is_text = column.dtype == pl.String
    # Nothing is shorter than a value as it is written here, so that no line is longer if all together are not.
    least = int(column.cast(pl.String).str.len_bytes().sum()) + (4 if is_text else 2) * count - 2
    as_written = least == len(lines) and _signs(lines) == (count - 1, 2 * count if is_text else 0, 0)
    quoted = is_text and column.str.contains('"', literal=True).any()
    if not as_written or quoted or column.null_count() or table[""].null_count() != count:
        raise ValueError
    return column


def _signs(text: memoryview) -> tuple[int, int, int]:
    """How many control characters, quotes and backslashes are in it."""
    counts = [0, 0, 0]
    for begin in range(0, len(text), _CHUNK):
        part = np.frombuffer(text[begin : begin + _CHUNK], np.uint8)
        signs = (part < ord(" "), part == ord('"'), part == ord("\\"))
        counts = [count + int(np.count_nonzero(sign)) for count, sign in zip(counts, signs, strict=True)]
    return counts[0], counts[1], counts[2]


def _slices(frame: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """Some rows at a time: texts of a million are made in small buffers, which stay in the processor's cache."""
    return frame.iter_slices(_ROWS) if frame.height else iter(())


def _json_items(column: pl.Series) -> bytes:
    """Values of a column, at least one, as json.dumps writes them in a list."""
    if column.dtype != pl.String:
        return _joined(column.cast(pl.String), _SEPARATORS[0])
    data = b'"%s"' % _joined(column, f'"{_SEPARATORS[0]}"')
    if _signs(memoryview(data)) == (column.len() - 1, 2 * column.len(), 0):  # nothing that JSON writes otherwise
        return data
    return json.dumps(column.to_list(), ensure_ascii=False, separators=_SEPARATORS)[1:-1].encode()


def _write(path: Path, parts: Iterable[bytes]) -> str:
    """Write a read-only file; returns its SHA-256."""
    digest = hashlib.sha256()
    with path.open("xb", buffering=0) as stream:
        for part in parts:
            digest.update(part)
            done = stream.write(part)
            while done < len(part):  # a disk that is just becoming full
                done += stream.write(part[done:])
    path.chmod(0o444)
    return digest.hexdigest()


def _joined(texts: pl.Series, separator: str) -> bytes:
    return bytes(texts.str.join(separator).cast(pl.Binary).item())


def _broken(what: str) -> BuildStopped:
    hint = f"the manifest of a release {what}; roll back to another release, or build without the previous one"
    return stopped("manifest-broken", hint, MANIFEST_FILE)
