"""DOCX into lines and tables: an archive within bounds, XML without entities, automatic numbers written out."""

import zipfile
import zlib
from dataclasses import dataclass, field
from pathlib import Path
from xml.parsers import expat

from publish.importers.policy.docx_numbers import Numbering, read_numbering, read_styles
from publish.importers.policy.docx_xml import parse_xml
from publish.importers.policy.faults import NotReadable
from publish.importers.policy.lines import Kind, Line

MAX_MEMBERS = 5000
MAX_MEMBER_BYTES = 64 << 20
# Deflate reaches about 1000:1; Word's own XML stays below 30:1 or is small.
MAX_RATIO = 200
_RATIO_FROM = 1 << 20
_BODY = "word/document.xml"


def read_docx(path: Path) -> tuple[Line, ...]:
    """The paragraphs and tables of a document that are not blank, footnotes behind them.

    Deleted text is left out, inserted text is kept. Raises NotReadable `import.bad-docx`.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            if len(archive.infolist()) > MAX_MEMBERS:
                raise NotReadable("import.bad-docx", f"the archive has more than {MAX_MEMBERS} files")
            if _BODY not in archive.namelist():
                raise NotReadable("import.bad-docx", f"the archive has no {_BODY}")
            body = _member(archive, _BODY)
            styles = read_styles(_member(archive, "word/styles.xml"))
            numbering = read_numbering(_member(archive, "word/numbering.xml"), styles)
            notes = _member(archive, "word/footnotes.xml")
        handler = _Body(numbering)
        parse_xml(body, handler.start, handler.end, handler.data)
        if notes:
            handler.notes = True
            parse_xml(notes, handler.start, handler.end, handler.data)
        return tuple(handler.done)
    except (zipfile.BadZipFile, zlib.error, EOFError, KeyError, NotImplementedError, RuntimeError, OSError):
        raise NotReadable("import.bad-docx", "the file is no whole archive that can be read") from None
    except (expat.ExpatError, UnicodeError, ValueError):
        raise NotReadable("import.bad-docx", "the document's XML is broken") from None


def _member(archive: zipfile.ZipFile, name: str) -> bytes:
    """The bytes of a member, b"" if there is none; read in bounds, whatever the archive says of their number."""
    try:
        info = archive.getinfo(name)
    except KeyError:
        return b""
    bomb = NotReadable("import.bad-docx", f"{name} unpacks to more than a document holds")
    if info.file_size > MAX_MEMBER_BYTES:
        raise bomb
    with archive.open(info) as stream:
        data = stream.read(MAX_MEMBER_BYTES + 1)
    if len(data) > MAX_MEMBER_BYTES or (len(data) > _RATIO_FROM and len(data) > MAX_RATIO * max(1, info.compress_size)):
        raise bomb
    return data


@dataclass(slots=True)
class _Paragraph:
    parts: list[str] = field(default_factory=list)
    style: str = ""
    number: str = ""
    level: int = 0


@dataclass(slots=True)
class _Body:
    """Handles the events of document.xml and footnotes.xml."""

    numbering: Numbering
    done: list[Line] = field(default_factory=list)
    notes: bool = False
    _open: list[_Paragraph] = field(default_factory=list)
    _tables: list[list[list[list[str]]]] = field(default_factory=list)
    _text: bool = False
    _skip: int = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if self._skip or name in ("Fallback", "del", "moveFrom"):
            self._skip += 1
        elif name == "tbl":
            self._tables.append([])
        elif name == "tr" and self._tables:
            self._tables[-1].append([])
        elif name == "tc" and self._tables and self._tables[-1]:
            self._tables[-1][-1].append([])
        elif name == "p":
            self._open.append(_Paragraph())
        elif self._open:
            self._inside(name, attributes)

    def _inside(self, name: str, attributes: dict[str, str]) -> None:
        paragraph = self._open[-1]
        value = attributes.get("val", "")
        if name == "t":
            self._text = True
        elif name in ("tab", "br", "cr"):
            paragraph.parts.append("\n" if name != "tab" else " ")
        elif name == "noBreakHyphen":
            paragraph.parts.append("-")
        elif name == "pStyle":
            paragraph.style = value
        elif name == "numId":
            paragraph.number = value
        elif name == "ilvl" and value.isdigit():
            paragraph.level = min(int(value), 8)

    def end(self, name: str) -> None:
        if self._skip:
            self._skip -= 1
        elif name == "t":
            self._text = False
        elif name == "p" and self._open:
            self._end_paragraph(self._open.pop())
        elif name == "tbl" and self._tables:
            self._end_table(self._tables.pop())

    def data(self, text: str) -> None:
        if self._text and self._open and not self._skip:
            self._open[-1].parts.append(text)

    def _end_paragraph(self, paragraph: _Paragraph) -> None:
        text = "".join(paragraph.parts)
        label = "" if not text.strip() else self.numbering.label(paragraph.number, paragraph.level, paragraph.style)
        if self._tables and self._tables[-1] and self._tables[-1][-1]:
            self._tables[-1][-1][-1].append(label + text)
            return
        for number, part in enumerate(text.split("\n")):
            self._line(part, label if number == 0 else "")

    def _line(self, text: str, label: str = "") -> None:
        squeezed = label + " ".join(text.split())
        if squeezed:
            number = len(self.done) + 1
            line = Line(number, number, squeezed, squeezed)
            if label:
                line = line.changed(Kind.CONVERTED, squeezed, "the number was set by the word processor")
            self.done.append(line)

    def _end_table(self, table: list[list[list[str]]]) -> None:
        rows = tuple(tuple(" ".join(" ".join(cell).split()) for cell in row) for row in table)
        rows = tuple(row for row in rows if any(row))
        text = " ".join(" ".join(row) for row in rows)
        if self._tables and self._tables[-1] and self._tables[-1][-1]:
            self._tables[-1][-1][-1].append(text)
        elif len(rows) > 1 and max(len(row) for row in rows) > 1:
            number = len(self.done) + 1
            self.done.append(Line(number, number, text, text, rows=rows).changed(Kind.CONVERTED))
        else:
            for row in rows:
                for cell in row:
                    self._line(cell)
