"""Pinyin in brackets behind characters (發(fā)布), which mirror sites strew into texts.

A syllable is told from other Latin letters in brackets by its form and by the reading of the character before it: the
3,755 common characters of GB 2312 stand in the order of their readings, so that their bytes tell the first letter.
"""

import re
from collections.abc import Callable, Sequence

from publish.importers.policy.lines import Kind, Line

Simplify = Callable[[str], str]
_TONES = {
    **dict.fromkeys("āáǎàăâ", "a"),
    **dict.fromkeys("ēéěèĕê", "e"),
    **dict.fromkeys("īíǐìĭî", "i"),
    **dict.fromkeys("ōóǒòŏô", "o"),
    **dict.fromkeys("ūúǔùŭû", "u"),
    **dict.fromkeys("ǖǘǚǜü", "v"),
    "ɑ": "a",
    "ɡ": "g",
}
_VOWELS = "āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜü"
# A tone letter's UTF-8 bytes, read as GBK, are one Chinese character: fā becomes f膩.
_MISREAD = {
    shown: _TONES[letter]
    for letter in _VOWELS
    if len(shown := letter.encode().decode("gbk", "replace")) == 1 and shown != "\ufffd"
}
_SYLLABLE = re.compile(
    r"(?:zh|ch|sh|[bpmfdtnlgkhjqxrzcsyw])?(?:iang|iong|uang|ang|eng|ing|ong|ian|iao|uai|uan|ai|an|ao|ei|en|er|ia|ie|in|iu"
    r"|ou|ua|ui|un|uo|ue|ve|a|e|i|o|u|v)"
)
_INSIDE = r"[a-zāáǎàăâēéěèĕêīíǐìĭîōóǒòŏôūúǔùŭûǖǘǚǜüɑɡ" + "".join(_MISREAD) + r"?？\ufffd]"
_NOISE = re.compile(rf"([\u3400-\u9fff])((?:\s?[(（]\s?{_INSIDE}{{1,7}}\s?[)）])+)")
_CUT = re.compile(r"([\u3400-\u9fff])[(（]([a-z]{1,6}[?？\ufffd]{1,2})(?=[\u3400-\u9fff])")
_GROUP = re.compile(r"[(（]\s?([^()（）]*?)\s?[)）]")
_LOST = re.compile(r"[?？\ufffd]")
# The first GBK code of each first letter among the common characters.
_FIRST = (
    *((0xB0A1, "a"), (0xB0C5, "b"), (0xB2C1, "c"), (0xB4EE, "d"), (0xB6EA, "e"), (0xB7A2, "f"), (0xB8C1, "g")),
    *((0xB9FE, "h"), (0xBBF7, "j"), (0xBFA6, "k"), (0xC0AC, "l"), (0xC2E8, "m"), (0xC4C3, "n"), (0xC5B6, "o")),
    *((0xC5BE, "p"), (0xC6DA, "q"), (0xC8BB, "r"), (0xC8F6, "s"), (0xCBFA, "t"), (0xCDDA, "w"), (0xCEF4, "x")),
    *((0xD1B9, "y"), (0xD4D1, "z"), (0xD7FA, "")),
)
_SURE, _LIKELY, _NO = 2, 1, 0
_MANY = 3


def strip_pinyin(lines: Sequence[Line], simplify: Simplify) -> list[Line]:
    """Each line without pinyin in brackets. What looks like it but may be meant stays and is unsure."""
    sure = sum(_count(line.text, simplify) for line in lines)
    return [_strip(line, simplify, sure >= _MANY) for line in lines]


def _count(text: str, simplify: Simplify) -> int:
    return sum(_verdict(match, simplify) == _SURE for match in _NOISE.finditer(text))


def _strip(line: Line, simplify: Simplify, noisy: bool) -> Line:
    if "(" not in line.text and "（" not in line.text:
        return line
    doubts = False

    def replaced(match: re.Match[str]) -> str:
        nonlocal doubts
        verdict = _verdict(match, simplify)
        if verdict == _SURE or (verdict == _LIKELY and noisy):
            return match[1]
        doubts = doubts or (verdict == _LIKELY) or (noisy and _LOST.search(match[2]) is not None)
        return match[0]

    text = _NOISE.sub(replaced, line.text)
    if noisy:
        text = _CUT.sub(lambda match: match[1] if _form(match[2]) else match[0], text)
    if text != line.text:
        line = line.changed(Kind.REPAIRED, text, "pinyin in brackets")
    return line.changed(Kind.UNSURE, note="pinyin, or letters that are meant") if doubts else line


def _verdict(match: re.Match[str], simplify: Simplify) -> int:
    """Whether what stands in brackets behind a character is its reading: the least certain group decides."""
    return min(_group(match[1], group[1], simplify) for group in _GROUP.finditer(match[2]))


def _group(character: str, inside: str, simplify: Simplify) -> int:
    form = _form(inside)
    if not form:
        return _NO
    letter = first_letter(simplify(character))
    agrees = letter is None or form.startswith(letter)
    toned = any(c in _TONES or c in _MISREAD for c in inside)
    if toned and (agrees or len(form) > 1):
        return _SURE
    if len(form.rstrip("?")) < 2:  # (a), (e) or (f?) may be something else
        return (_SURE if "?" in inside and letter else _LIKELY) if agrees and letter != "" else _NO
    return _SURE if agrees else _LIKELY


def _form(inside: str) -> str:
    """A syllable without its tone, `?` where a letter is lost; "" if there is no such syllable."""
    plain = "".join(_TONES.get(c, _MISREAD.get(c, c)) for c in _LOST.sub("?", inside))
    if "?" not in plain:
        return plain if _SYLLABLE.fullmatch(plain) else ""
    if plain.strip("?") == "" or len(plain) > 7:
        return ""
    # A tone letter is one character or two bytes: one or two marks stand for one vowel.
    whole = (re.sub(r"\?{1,2}", vowel, plain) for vowel in "aeiouv")
    return plain if any(_SYLLABLE.fullmatch(form) for form in whole) else ""


def first_letter(character: str) -> str | None:
    """The first letter of a common character's reading in GB 2312; None where its place there does not tell."""
    try:
        data = character.encode("gb2312")
    except UnicodeEncodeError:
        return None
    code = int.from_bytes(data, "big")
    if len(data) != 2 or not _FIRST[0][0] <= code < _FIRST[-1][0]:
        return None
    return [letter for first, letter in _FIRST if first <= code][-1]
