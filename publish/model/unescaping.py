"""One spelling for text that files write in many: character references, JSON and percent escapes, doubled quotes.

Whoever searches a release for values looks at the unescaped bytes, once, instead of listing every way in which a value
may be written: `张`, `&#24352;`, `&#x5f20;`, `\\u5f20`, `%E5%BC%A0`, mixed and one inside the other. What has no such
escape is handed back as it is, which is nearly every page.
"""

import re
from functools import lru_cache

import numpy as np

_ENTITIES = {
    b"amp": b"&",
    b"lt": b"<",
    b"gt": b">",
    b"quot": b'"',
    b"apos": b"'",
    b"nbsp": "\u00a0".encode(),
}
_CONTROLS = {b"b": b"\b", b"f": b"\f", b"n": b"\n", b"r": b"\r", b"t": b"\t"}

# HTML and XML: the references that escaping writes, and every character by its number.
_REFERENCE = re.compile(rb"&(?:#[xX]([0-9a-fA-F]{1,6})|#([0-9]{1,7})|(amp|lt|gt|quot|apos|nbsp));")
# RFC 8259, section 7, and \xHH and \' of scripts. A pair of surrogates is one character.
_BACKSLASH = re.compile(
    rb"\\(?:u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})"
    rb"|([bfnrt])|([\"\\/']))"
)
_CONTROL = re.compile(rb"\\u00[01]")
_LARGE = 1 << 14  # bytes of a text that is worth a look at all its backslashes together
_HEX = np.array([int(chr(one), 16) if chr(one) in "0123456789abcdefABCDEF" else 16 for one in range(256)], np.uint8)
_STEP = 1 << 16  # bytes that are looked at together: so few stay near the processor
# RFC 3986, section 2.1. Written so that it begins with a plain byte, which is looked for ten times as fast.
_PERCENT = re.compile(rb"%[0-9a-fA-F]{2}(?:%[0-9a-fA-F]{2})*")


def unescaped(data: bytes) -> bytes:
    """`data` with its escapes undone, in this order, each once: references, backslashes, doubled quotes, percents."""
    for undo in STEPS:
        data = undo(data)
    return data


def _references(data: bytes) -> bytes:
    return _REFERENCE.sub(_referred, data) if b"&" in data else data


def _backslashes(data: bytes) -> bytes:
    at = data.find(b"\\")
    if at >= 0 and len(data) >= _LARGE and _CONTROL.match(data, at):
        data = _controls(data)
    return _BACKSLASH.sub(_slashed, data) if b"\\" in data else data


def _controls(data: bytes) -> bytes:
    """Those escapes undone of which large files of the search index have thousands, of a control character by its
    number. No byte of such a character belongs to another escape, so it does not matter which are undone first; but
    where two backslashes stand together, the second may begin none."""
    octets = np.frombuffer(data, np.uint8)
    steps = (octets[begin : begin + _STEP] == ord("\\") for begin in range(0, len(octets), _STEP))
    at = np.concatenate([np.flatnonzero(step) + number * _STEP for number, step in enumerate(steps)])
    if (np.diff(at) == 1).any():
        return data
    at = at[at + 6 <= len(octets)]
    high, low = _HEX[octets[at + 4]], _HEX[octets[at + 5]]
    is_control = (octets[at + 1] == ord("u")) & (octets[at + 2] == ord("0")) & (octets[at + 3] == ord("0"))
    is_control &= (high < 2) & (low < 16)
    at = at[is_control]
    if not len(at):
        return data
    places, written = at.tolist(), (16 * high + low)[is_control].tobytes()
    begins = [0, *(at + 6).tolist()]
    pieces = [b""] * (2 * len(places) + 1)
    pieces[::2] = [data[begin:end] for begin, end in zip(begins, [*places, len(data)], strict=True)]
    pieces[1::2] = [written[number : number + 1] for number in range(len(places))]
    return b"".join(pieces)


def _quotes(data: bytes) -> bytes:
    return data.replace(b'""', b'"') if b'"' in data and _has_pair(data) else data  # RFC 4180, section 2.7


def _has_pair(data: bytes) -> bool:
    """Whether two quotes stand together: eight times as fast as `in`, which stumbles over each single one."""
    octets = np.frombuffer(data, np.uint8)
    for begin in range(0, len(octets), _STEP):
        same = octets[begin : begin + _STEP + 1] == ord('"')
        if (same[1:] & same[:-1]).any():
            return True
    return False


def _percents(data: bytes) -> bytes:
    return _PERCENT.sub(_hexed, data) if b"%" in data else data


# Each step alone, in the order of `unescaped`.
STEPS = (_references, _backslashes, _quotes, _percents)


def _referred(match: re.Match[bytes]) -> bytes:
    hexadecimal, decimal, name = match.groups()
    if name:
        return _ENTITIES[name]
    return _character(int(hexadecimal, 16) if hexadecimal else int(decimal), match[0])


def _slashed(match: re.Match[bytes]) -> bytes:
    return _unslashed(match[0])


@lru_cache(maxsize=1024)  # files that have any have few sorts of them, and those by the ten thousand
def _unslashed(written: bytes) -> bytes:
    match = _BACKSLASH.fullmatch(written)
    if match is None:
        return written
    high, low, unit, byte, control, same = match.groups()
    if same:
        return bytes(same)
    if control:
        return _CONTROLS[control]
    if high:
        return _character(0x10000 + ((int(high, 16) & 0x3FF) << 10) + (int(low, 16) & 0x3FF), match[0])
    return _character(int(unit or byte, 16), match[0])


def _hexed(match: re.Match[bytes]) -> bytes:
    """The bytes that make characters. Others, such as the %95 of 80%95%, stay as written: text stays text."""
    written = match[0]
    data = bytes.fromhex(written.replace(b"%", b"").decode())
    if data.isascii():
        return data
    parts, at = list[bytes](), 0
    for character in data.decode(errors="surrogateescape"):
        is_lone = "\udc80" <= character <= "\udcff"
        parts.append(written[3 * at : 3 * at + 3] if is_lone else character.encode())
        at += 1 if is_lone else len(parts[-1])
    return b"".join(parts)


def _character(code: int, written: bytes) -> bytes:
    """UTF-8 of a code point; what is none stays as it was written."""
    if code > 0x10FFFF or 0xD800 <= code <= 0xDFFF:
        return written
    return chr(code).encode()
