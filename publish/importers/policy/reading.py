"""The bytes of a copy into lines: what they are, how they are encoded, whether they are within bounds."""

import codecs
import re
from pathlib import Path

from publish.importers.policy.docx import read_docx
from publish.importers.policy.faults import NotReadable, stopped
from publish.importers.policy.lines import Copy, Line
from publish.importers.policy.webpage import read_html

MAX_BYTES = 32 << 20
MAX_LINE = 1_000_000
MAX_LINES = 50_000
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CHARSET = re.compile(rb"charset\s{0,4}=\s{0,4}[\"']?\s{0,4}([A-Za-z0-9_:.-]{2,20})", re.IGNORECASE)
_MARKUP = re.compile(r"\s*(?:<!--.{0,2000}?-->\s*)?<(?:!doctype html|html|head|body)\b", re.IGNORECASE | re.DOTALL)
# What is declared GB2312 or GBK is read as GB18030, which reads all of them.
_FAMILY = {"gb2312": "gb18030", "gbk": "gb18030", "x-gbk": "gb18030", "utf8": "utf-8"}
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f]")
_HAN = re.compile(r"[\u4e00-\u9fff]")


def read_copy(path: Path) -> Copy:
    """Read plain text (UTF-8, UTF-16, GB18030), HTML or DOCX; which it is its bytes tell, not its name alone.

    Raises BuildStopped: `import.unreadable`, `import.too-large`, `import.undecodable`, `import.line-too-long`,
    `import.no-text`, `import.bad-docx`, `import.bad-html`. No hint holds the copy's text.
    """
    try:
        return _read(path)
    except NotReadable as fault:
        raise stopped(fault, path.name) from None


def _read(path: Path) -> Copy:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise NotReadable("import.too-large", f"the file is larger than {MAX_BYTES >> 20} MiB")
        data = path.read_bytes()
    except OSError as error:
        raise NotReadable("import.unreadable", error.strerror or "the file cannot be read") from None
    if data.startswith(b"PK\x03\x04") or path.suffix.lower() == ".docx":
        copy = Copy(path.name, "docx", "utf-8", read_docx(path))
    else:
        text, encoding = decode(data)
        if path.suffix.lower() in (".html", ".htm", ".xhtml") or _MARKUP.match(text):
            lines, stated = read_html(text)
            copy = Copy(path.name, "html", encoding, lines, stated)
        else:
            copy = Copy(path.name, "text", encoding, text_lines(text))
    if not copy.lines:
        raise NotReadable("import.no-text", "the file holds no text")
    for line in copy.lines:
        if len(line.raw) > MAX_LINE:
            raise NotReadable("import.line-too-long", f"a line has more than {MAX_LINE} characters", line.first)
    if len(copy.lines) > MAX_LINES:
        raise NotReadable("import.too-large", f"the file has more than {MAX_LINES} lines")
    return copy


def text_lines(text: str) -> tuple[Line, ...]:
    """The lines of a plain text that are not blank, numbered as they stand."""
    lines: list[Line] = []
    gap = False
    for number, raw in enumerate(re.split(r"\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]", text), 1):
        if raw.strip():
            lines.append(Line(number, number, raw, squeezed(raw), gap))
        gap = not raw.strip()
    return tuple(lines)


def squeezed(text: str) -> str:
    """`text` with runs of white space as one space, and none at its ends. White space is not accounted for."""
    return " ".join(text.split())


def decode(data: bytes) -> tuple[str, str]:
    """Text and its encoding: a byte order mark decides, then a declared charset that fits, then UTF-8, then GB18030.

    Raises NotReadable `import.undecodable`: no encoding fits, or the text is none.
    """
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return _decoded(data, (encoding,))
    declared = _CHARSET.search(data[:4096])
    names = [_FAMILY.get(declared[1].decode("ascii").lower(), "")] if declared else []
    return _decoded(data, tuple(dict.fromkeys(name for name in (*_wide(data), *names, "utf-8", "gb18030") if name)))


def _wide(data: bytes) -> tuple[str, ...]:
    """UTF-16 without a mark: Chinese text has line ends and digits, whose other byte is zero."""
    head = data[:4096]
    if b"\0" not in head:
        return ()
    even, odd = head[::2].count(0), head[1::2].count(0)
    return ("utf-16-le",) if odd > even else ("utf-16-be",)


def _decoded(data: bytes, encodings: tuple[str, ...]) -> tuple[str, str]:
    line = 0
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError as error:
            line = line or data.count(b"\n", 0, error.start) + 1
            continue
        if not _CONTROL.search(text):
            return text, encoding.removesuffix("-sig")
    hint = "the bytes are no text in UTF-8, UTF-16 or GB18030"
    raise NotReadable("import.undecodable", hint, line)
