"""Lines that were broken in the middle of a title, a sentence or a bracket, put together again."""

import re
from collections.abc import Sequence

from publish.importers.policy import forms
from publish.importers.policy.lines import Line, joined

_CLOSES = re.compile(r"^[，。、；：？！）》〉”’】〕」』…,;:)]")
_GOES_ON = re.compile(r"[，、,《〈“（(〔【—–]$|[^。]\b(?:和|及|与|以及)$")
_PAIRS = {"《": "》", "“": "”", "（": "）", "(": ")", "〔": "〕", "【": "】"}
_LATIN = re.compile(r"[A-Za-z]$")
_LONGEST = 20_000
_TITLE_LINES = 5
_SHOWN = re.compile(
    r"[\u1100-\u115f\u2014\u2018-\u201d\u2026\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60]"
)


def join_broken(lines: Sequence[Line], names: frozenset[str]) -> list[Line]:
    """Lines with broken ones joined. `names`: titles that the text cites, as `forms.folded_name` gives them."""
    kept = [line for line in lines if line.kept]
    width = wrapped_at(kept)
    done: list[Line] = []
    at = 0
    order = list(lines)
    while at < len(order):
        line = order[at]
        if not line.kept or line.rows:
            done.append(line)
            at += 1
            continue
        count = _title_lines(order, at, names, _heads(done))
        if count == 1:
            count = _sentence_lines(order, at, width)
        if count > 1:
            parts = order[at : at + count]
            line = joined(parts, _joined_text([part.text for part in parts]), note="broken line")
        done.append(line)
        at += count
    return done


def wrapped_at(lines: Sequence[Line]) -> int:
    """The width, in columns, at which a text was wrapped by hand; 0 if it was not."""
    widths = [columns(line.text) for line in lines if not line.rows and not forms.alone(line.text)]
    broken = [width for width, line in zip(widths, lines, strict=False) if not forms.terminal(line.text)]
    if len(broken) < 8:
        return 0
    top = sorted(broken)[int(len(broken) * 0.95)]
    near = sum(top - 4 <= width <= top + 4 for width in broken)
    return top - 3 if top >= 30 and near * 10 >= len(broken) * 5 and max(widths) <= top + 12 else 0


def columns(text: str) -> int:
    """How wide a text is: a Chinese character takes two columns."""
    return len(text) + len(_SHOWN.findall(text))


def _heads(done: list[Line]) -> bool:
    """Whether a title is due: nothing stands above, or a number, a date, a mark, a label, the head of a paper."""
    last = next((line.text for line in reversed(done) if line.kept), None)
    return last is None or forms.alone(last) or forms.red_head_of(last) is not None


def _title_lines(lines: list[Line], at: int, names: frozenset[str], due: bool) -> int:
    """How many lines from here on are one title; 1 if it is not a broken one."""
    first = lines[at].text
    if _plain_end(first) or forms.is_addressees(first) or forms.alone(first):
        return 1
    texts = [first]
    best = 1
    for following in lines[at + 1 : at + _TITLE_LINES]:
        text = following.text
        if not following.kept or following.rows or forms.structural(text) or forms.alone(text) or _plain_end(text):
            break
        texts.append(text)
        whole = _joined_text(texts)
        about = (due or re.search("[关關][于於]", whole)) and not (forms.is_title(first) and forms.is_title(text))
        if forms.folded_name(whole) in names or (forms.is_title(whole) and about and not _complete(texts[:-1], names)):
            best = len(texts)
    return best


def _complete(texts: list[str], names: frozenset[str]) -> bool:
    whole = _joined_text(texts)
    return forms.folded_name(whole) in names or (
        forms.is_title(whole) and re.search("的?(?:通知|公告|决定|通報|决議|函)$", whole) is not None
    )


def _plain_end(text: str) -> bool:
    return len(text) > 100 or re.search(r"[。；;！？，：:]", text) is not None


def _sentence_lines(lines: list[Line], at: int, width: int) -> int:
    count, text = 1, lines[at].text
    while at + count < len(lines) and len(text) < _LONGEST:
        following = lines[at + count]
        after = lines[at + count + 1].text if at + count + 1 < len(lines) else ""
        last = lines[at + count - 1].text
        if not following.kept or following.rows or not _continues(text, last, following, after, width):
            break
        text = _joined_text([text, following.text])
        count += 1
    return count


def _continues(text: str, last: str, following: Line, after: str, width: int) -> bool:
    """Whether the line after `text` belongs to it. `last` is the last of its lines, `after` the line after the next."""
    new = following.text
    if forms.alone(last) or forms.alone(new) or forms.red_head_of(text):
        return False
    if _CLOSES.match(new) and not forms.structural(new):
        return True
    if forms.structural(new):
        # A broken line may begin like an item by chance; only an open bracket or comma tells.
        return bool(re.search(r"[、，,]$", last)) and not re.match(r"[(（第0-9]", new) and columns(last) >= width > 0
    if forms.terminal(last):
        return False
    if _GOES_ON.search(last) or _open(text):
        return True
    if forms.is_title(text) or forms.is_addressees(new) or (forms.is_office(new) and forms.date_of(after)):
        return False
    if width:
        return columns(last) >= width
    if forms.heading(text) or following.gap:
        return False
    return len(text) >= 30 or re.search(r"[，。；]|[\u4e00-\u9fff],", text) is not None


def _open(text: str) -> bool:
    """Whether a bracket near the end of a text waits for its partner."""
    tail = text[-200:]
    return any(
        tail.rfind(left) > tail.rfind(right) and tail.count(left) > tail.count(right) for left, right in _PAIRS.items()
    )


def _joined_text(texts: Sequence[str]) -> str:
    whole = texts[0]
    for text in texts[1:]:
        latin = _LATIN.search(whole) and re.match("[A-Za-z]", text)
        whole += (" " if latin else "") + text
    return whole
