"""Tags and entities that a copy holds as text, characters that nobody sees, and text in the wrong encoding."""

import html
import re
from collections.abc import Sequence
from dataclasses import replace

from publish.importers.policy.lines import Kind, Line

_NAMES = (
    "a abbr article aside b big blockquote body br button center code dd del div dl dt em embed fieldset "
    "figure font footer form "
    "h1 h2 h3 h4 h5 h6 head header hr html i iframe img input ins label li link main meta nav noscript "
    "o:p object ol option p "
    "param pre s script section select small span strike strong style sub sup svg table tbody td "
    "textarea tfoot th thead title "
    "tr tt u ucapcontent ul var video wbr"
)
# A name that HTML has, or one with a colon or hyphen; 《》 flattened to <> never begins with a Latin letter.
_TAG = re.compile(
    rf"</?\s?(?:{'|'.join(map(re.escape, _NAMES.split()))}|[a-z]+[:-][a-z-]+)(?:[\s/][^<>]{{0,2000}})?>|"
    rf"<!--[^<>]{{0,2000}}-->",
    re.IGNORECASE,
)
# What is left of a tag that a line end cut in two.
_HEAD = re.compile(rf"</?(?:{'|'.join(map(re.escape, _NAMES.split()))})\s+[a-z-]+\s?=[^<>]{{0,300}}$", re.IGNORECASE)
_TAIL = re.compile(r"^[^<>\u4e00-\u9fff]{0,200}[\"']\s?/?>")
_ENTITY = re.compile(r"&(?:#[0-9]{1,6}|#x[0-9a-f]{1,5}|[a-z]{2,8}[0-9]{0,2});", re.IGNORECASE)
_UNSEEN = re.compile(r"[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\x00-\x08\x0e-\x1b]")
_LATIN = re.compile(
    r"[\u0080-\u00ff\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc\u2013-\u2026\u20ac\u2122]{4,}"
)
_WIDE_RUN = re.compile(r"[^\x00-\x7f]{6,}")
# Four characters or more of UTF-8 in a row: Chinese ones, and the punctuation of U+3000 and U+FF00.
_UTF8 = re.compile(rb"(?:[\xe4-\xe9][\x80-\xbf]{2}|\xe3\x80[\x80-\xbf]|\xef\xbc[\x80-\xbf]){4,}")


def strip_markup(lines: Sequence[Line]) -> list[Line]:
    """Each line without tags as text, with entities as characters. A line of tags only is the page's shell."""
    done: list[Line] = []
    open_tag = False
    for line in lines:
        text = _TAIL.sub("", line.text) if open_tag else line.text
        head = _HEAD.search(text) if "<" in text else None
        open_tag = head is not None
        text = text[: head.start()] if head else text
        text = _TAG.sub("", text) if "<" in text else text
        text = _ENTITY.sub(lambda match: html.unescape(match[0]), text) if "&" in text else text
        text = " ".join(_UNSEEN.sub("", text).split())
        if text == line.text:
            done.append(line)
        elif text:
            done.append(line.changed(Kind.REPAIRED, text, "markup or unseen characters"))
        else:
            done.append(line.removed(Kind.REMOVED_SHELL, "markup only"))
    for at in range(1, len(done)):
        if not done[at - 1].kept and not done[at].gap:
            done[at] = replace(done[at], gap=True)  # what is left out of a line of tags is a blank one
    return done


def repair_encoding(lines: Sequence[Line]) -> list[Line]:
    """Runs that were read in the wrong encoding, where their bytes say for certain what they were.

    GBK read as Latin (·¢²¼), UTF-8 read as Latin (å\x8f\x91) or as GBK (鍙戝竷). U+FFFD holds no bytes: unsure.
    """
    done: list[Line] = []
    for line in lines:
        text = _LATIN.sub(lambda match: _from_latin(match[0]), line.text)
        text = _WIDE_RUN.sub(lambda match: _from_gbk(match[0]), text)
        if text != line.text:
            line = line.changed(Kind.REPAIRED, text, "read in another encoding")
        if "\ufffd" in text:
            line = line.changed(Kind.UNSURE, note="bytes are lost")
        done.append(line)
    return done


def _from_latin(run: str) -> str:
    try:
        data = b"".join(c.encode("latin-1") if ord(c) < 0x100 else c.encode("cp1252") for c in run)
    except UnicodeEncodeError:
        return run
    for encoding in ("utf-8", "gb18030"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if _chinese(text):
            return text
    return run


def _from_gbk(run: str) -> str:
    """UTF-8 read as GBK: hardly any Chinese text has by chance twelve bytes or more of UTF-8 in its GBK bytes."""
    try:
        data = run.encode("gbk")
    except UnicodeEncodeError:
        return run
    return _UTF8.sub(_recoded, data).decode("gbk", "replace") if _UTF8.search(data) else run


def _recoded(match: re.Match[bytes]) -> bytes:
    text = match[0].decode()
    return text.encode("gbk") if match.start() % 2 == match.end() % 2 == 0 and _chinese(text) else match[0]


def _chinese(text: str) -> bool:
    """Whether a text is of common characters: those that GB 2312 has, Chinese ones above all."""
    try:
        text.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return 2 * sum("\u4e00" <= c <= "\u9fff" or c in "，。、；：（）《》“”" for c in text) > len(text)
