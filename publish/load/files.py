"""Where a resource's bytes are and how to decode them; whether they are the bytes that the descriptor promises."""

import codecs
import hashlib
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import Any

from publish.load.descriptor import Part
from publish.load.paths import UnsafePath, inside
from publish.model.issue import Issue, Level
from publish.model.source import Dialect, ResourceFile

_COMPRESSIONS = {"gz": "gz", "gzip": "gz", "zip": "zip", "bz2": "bz2", "bzip2": "bz2", "xz": "xz"}
_FORMATS = ("csv", "tsv", "tab", "txt")
# Python codec names. GB18030 reads all that is written in GBK and GB2312.
_ENCODINGS = {"ascii": "utf-8", "gbk": "gb18030", "gb2312": "gb18030"} | {
    name: name
    for name in (
        *("utf-8", "utf-8-sig", "gb18030", "big5", "cp950", "shift_jis", "cp932", "euc_jp", "euc_kr", "cp949"),
        *("utf-16", "utf-16-le", "utf-16-be", "iso8859-1", "iso8859-2", "iso8859-15", "cp1250", "cp1251", "cp1252"),
    )
}
_ALGORITHMS = {32: "md5", 40: "sha1", 64: "sha256", 128: "sha512"}
_HASH = re.compile(r"(?:(?P<algorithm>[a-z0-9-]+):)?(?P<digest>[0-9a-f]+)", re.IGNORECASE)
_DIALECT_KEYS = {
    "quoteChar": "quote_char",
    "doubleQuote": "double_quote",
    "escapeChar": "escape_char",
    "lineTerminator": "line_terminator",
    "nullSequence": "null_sequence",
    "skipInitialSpace": "skip_initial_space",
    "header": "header",
    "headerRows": "header_rows",
    "headerJoin": "header_join",
    "commentChar": "comment_char",
    "commentRows": "comment_rows",
}
_UNSUPPORTED_DIALECT = {"headerCase": False, "skipBlankRows": True}


def resource_file(folder: Path, part: Part) -> tuple[ResourceFile | None, list[Issue]]:
    """The files of a resource. None and at least one error if any of them may not be or cannot be read."""
    paths, issues = _paths(folder, part)
    encoding, compression = _encoding(part), _compression(part)
    if encoding is None:
        hint = "encoding: not one that this program reads; try utf-8 or gb18030"
        issues.append(part.issue("package.unknown-encoding", hint, "encoding"))
    if compression == "":
        hint = "compression: expected gz, zip, bz2 or xz"
        issues.append(part.issue("package.unknown-compression", hint, "compression"))
    for key, value in _UNSUPPORTED_DIALECT.items():
        if part.sound and part.dialect is not None and part.dialect.value.get(key) is value:
            hint = f"dialect: {key} has no effect here; header and rows are taken as they are"
            code = "package.dialect-ignored"
            issue = part.dialect.issue(code, hint, key, level=Level.WARNING)
            issues.append(replace(issue, package=part.package, resource=part.name))
    if encoding is None or any(issue.level is Level.ERROR for issue in issues):
        return None, issues
    dialect = resource_dialect(part) if part.sound else Dialect()
    innerpath = part.raw.get("innerpath") or None
    return ResourceFile(tuple(paths), encoding, dialect, compression, innerpath), issues


def resource_format(part: Part) -> str:
    """`csv`, `tsv` or what else the resource says it is, in lower case; without a declaration, the file's suffix."""
    declared = part.raw.get("format")
    if declared:
        return str(declared).lower()
    name = part.raw.get("innerpath") or _declared_paths(part.raw)[0]
    suffixes = [suffix.lower().removeprefix(".") for suffix in PurePosixPath(name).suffixes]
    while suffixes and suffixes[-1] in _COMPRESSIONS:
        suffixes.pop()
    return suffixes[-1] if suffixes else "csv"


def is_table(part: Part) -> bool:
    """Whether the resource is a table in a text file, which is all that can be read."""
    return resource_format(part) in _FORMATS


def resource_dialect(part: Part) -> Dialect:
    """The declared dialect; keys of frictionless's nested `csv` and of the older `layout` count too."""
    raw: dict[str, Any] = dict(part.raw.get("layout", {}))
    if part.dialect is not None:
        raw |= part.dialect.value | part.dialect.value.get("csv", {})
    delimiter = raw.get("delimiter", "\t" if resource_format(part) in {"tsv", "tab"} else ",")
    given: dict[str, Any] = {}
    for key, name in _DIALECT_KEYS.items():
        value = raw.get(key)
        if value is not None:
            given[name] = tuple(value) if isinstance(value, list) else value
    dialect = replace(Dialect(), delimiter=delimiter, **given)
    return replace(dialect, quote_char=None) if dialect.quote_char == "" else dialect


def integrity_issues(file: ResourceFile, part: Part) -> Iterator[Issue]:
    """Size and hash of the files as stored, in the order of the paths. Codes `package.wrong-bytes`,
    `package.wrong-hash`, `package.unknown-hash`."""
    stats = part.raw.get("stats") or {}
    size = part.raw.get("bytes", stats.get("bytes"))
    if isinstance(size, int) and size != sum(path.stat().st_size for path in file.paths):
        yield part.issue("package.wrong-bytes", "the file has another size than bytes says", "bytes")
    for text in _declared_hashes(part.raw):
        match = _HASH.fullmatch(text.strip())
        algorithm = _algorithm(match, part.raw.get("hashing")) if match else None
        if match is None or algorithm is None:
            hint = "hash: expected md5, sha1, sha256 or sha512 in hexadecimal digits"
            yield part.issue("package.unknown-hash", hint, "hash")
        elif _digest(file.paths, algorithm) != match["digest"].lower():
            hint = f"the file is not the one whose {algorithm} the descriptor gives"
            yield part.issue("package.wrong-hash", hint, "hash")


def _declared_paths(raw: dict[str, Any]) -> list[str]:
    path = raw["path"]
    return [*([path] if isinstance(path, str) else path), *raw.get("extrapaths", ())]


def _paths(folder: Path, part: Part) -> tuple[list[Path], list[Issue]]:
    paths, issues = [], []
    for written in _declared_paths(part.raw):
        try:
            paths.append(inside(folder, written))
        except UnsafePath as fault:
            issue = part.issue(fault.code, f"path: {fault.hint}", "path")
            issues.append(issue)
    return paths, issues


def _encoding(part: Part) -> str | None:
    try:
        return _ENCODINGS.get(codecs.lookup(part.raw.get("encoding") or "utf-8").name)
    except (LookupError, ValueError):
        return None


def _compression(part: Part) -> str | None:
    """None: not compressed. Empty: declared and unknown."""
    declared = part.raw.get("compression")
    if declared and declared != "no":
        return _COMPRESSIONS.get(declared.lower(), "")
    suffixes = {PurePosixPath(path).suffix.lower().removeprefix(".") for path in _declared_paths(part.raw)}
    return _COMPRESSIONS.get(suffixes.pop()) if len(suffixes) == 1 and declared != "no" else None


def _declared_hashes(raw: dict[str, Any]) -> list[str]:
    stats = raw.get("stats") or {}
    found = [raw.get("hash"), stats.get("hash"), *(stats[name] for name in ("md5", "sha256") if name in stats)]
    return [text for text in found if isinstance(text, str) and text]


def _algorithm(match: re.Match[str], hashing: str | None) -> str | None:
    by_length = _ALGORITHMS.get(len(match["digest"]))
    declared = match["algorithm"] or hashing
    if declared is None:
        return by_length
    return by_length if declared.lower().replace("-", "") == by_length else None


def _digest(paths: tuple[Path, ...], algorithm: str) -> str:
    digest = hashlib.new(algorithm, usedforsecurity=False)
    for path in paths:
        with path.open("rb") as stream:
            while block := stream.read(1 << 20):
                digest.update(block)
    return digest.hexdigest()
