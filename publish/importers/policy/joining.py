"""Lines that were broken in the middle of a title, a sentence or a bracket, put together again."""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from publish.importers.policy import forms
from publish.importers.policy.lines import PAGE_NUMBER, Line, joined

_CLOSES = re.compile(r"^[，。、；：？！）》〉”’】〕」』…,;:)]")
_GOES_ON = re.compile(r"[，、,《〈“（(〔【—–]$|[^。]\b(?:和|及|与|以及)$")
_PAIRS = {"《": "》", "“": "”", "（": "）", "(": ")", "〔": "〕", "【": "】"}
_LATIN = re.compile(r"[A-Za-z]$")
_PASSES_ON = re.compile("转发|轉發|批转|[关關][于於]|《$")
_ORDER_NUMBER = re.compile(r"第\s?[0-9一二三四五六七八九十百零〇]{1,5}\s?[号號]")
# 第五十三条、第五十四条处理: cited, no article that begins.
_CITED_ARTICLE = re.compile(
    rf"第\s?[{forms.HAN}0-9]{{1,6}}\s?[条條章节節](?:[、，,和与及至或]|第|[规規]定|的|之)(?!.{{0,3}}(?:为|為|指))"
)
_LONGEST = 20_000
_TITLE_LINES = 5
_INDENT_LONGEST = 12
_SHOWN = re.compile(
    r"[\u1100-\u115f\u2014\u2018-\u201d\u2026\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60]"
)


@dataclass(frozen=True, slots=True)
class _Layout:
    """How a text is set: which lines are full, if it was wrapped; the forms of numbers that headings have.

    `indented`: its paragraphs begin with an indent, so that a line without one begins none.
    """

    full: Callable[[str], bool]
    headed: frozenset[str]
    indented: bool

    def goes_on(self, line: Line, following: Line) -> bool:
        """Whether the next line may go on after a full one that ends as a sentence or a clause does."""
        if not self.full(_set(line)) or following.gap or following.raw[0].isspace():
            return False
        return (line.text[-1] == "。" or self.indented) and following.text[0] not in "附"


def join_broken(lines: Sequence[Line], names: frozenset[str]) -> list[Line]:
    """Lines with broken ones joined. `names`: titles that the text cites, as `forms.folded_name` gives them."""
    kept = [line for line in lines if line.kept]
    layout = _Layout(wrapped_at(kept), headed(kept), _indented(kept))
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
            count = _sentence_lines(order, at, layout)
        if count > 1:
            parts = order[at : at + count]
            line = joined(parts, _joined_text([part.text for part in parts]), note="broken line")
        done.append(line)
        at += count
    return done


def wrapped_at(lines: Sequence[Line]) -> Callable[[str], bool]:
    """Whether a line is a full one of a text wrapped by hand, by columns or by characters; never if it was not."""
    texts = [_set(line) for line in lines if not line.rows and not forms.alone(line.text)]
    found: tuple[int, Callable[[str], bool]] = (0, _never)
    for measure, slack in ((len, 1), (columns, 3)):
        top = _wrapped(texts, measure, slack)
        full = sum(top - slack <= measure(text) <= top for text in texts) if top else 0
        if full > found[0]:
            found = (full, partial(_full, measure, top - slack))
    return found[1]


def _set(line: Line) -> str:
    """A line as it is set: with its indent, which makes the first line of a paragraph full with fewer characters."""
    indent = line.raw[: len(line.raw) - len(line.raw.lstrip())]
    return indent[:_INDENT_LONGEST] + line.text


def _never(text: str) -> bool:
    return False


def _full(measure: Callable[[str], int], least: int, text: str) -> bool:
    return measure(text) >= least


def _wrapped(texts: Sequence[str], measure: Callable[[str], int], slack: int) -> int:
    widths = sorted(measure(text) for text in texts)
    if len(widths) < 8:
        return 0
    top = widths[int(0.95 * (len(widths) - 1))]
    near = [text for text in texts if top - slack <= measure(text) <= top + slack]
    open_ended = sum(not forms.terminal(text) for text in near)
    return (
        top
        if 15 <= top <= 140 and len(near) > 4 and len(near) * 4 >= len(widths) and open_ended * 10 >= len(near) * 6
        else 0
    )


def headed(lines: Sequence[Line]) -> frozenset[str]:
    """The forms of numbers (一、 1. ...) that headings have: three in ten of their lines or more are such."""
    seen: Counter[str] = Counter()
    heads: Counter[str] = Counter()
    for line in lines:
        if form := forms.form_of(line.text):
            seen[form] += 1
            heads[form] += forms.heading(line.text) and not line.text.endswith("。")
    return frozenset(form for form, count in heads.items() if count * 10 >= seen[form] * 3)


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
    if first.endswith("令") and at + 1 < len(lines) and _ORDER_NUMBER.fullmatch(lines[at + 1].text):
        return 2
    if _plain_end(first) or forms.is_addressees(first) or forms.alone(first):
        return 1
    texts = [first]
    best = 1
    for following in lines[at + 1 : at + _TITLE_LINES]:
        text = following.text
        if not following.kept or following.rows or forms.structural(text) or forms.alone(text) or _plain_end(text):
            break
        if (
            re.search("[关關][于於]", text)
            and forms.is_title(text)
            and not (forms.is_office(first) or _PASSES_ON.search(first))
        ):
            break  # a whole title: what stands above is not of it
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


def _sentence_lines(lines: list[Line], at: int, layout: _Layout) -> int:
    count, text = 1, lines[at].text
    last = lines[at]
    while at + count < len(lines) and len(text) < _LONGEST:
        skip = _page_number(lines[at + count])
        if at + count + skip >= len(lines):
            break
        following = lines[at + count + skip]
        after = lines[at + count + skip + 1].text if at + count + skip + 1 < len(lines) else ""
        if not following.kept or following.rows or not _continues(text, last, following, after, layout):
            break
        text, last = _joined_text([text, following.text]), following
        count += 1 + skip
    return count


def _page_number(line: Line) -> bool:
    """Whether a page's number stood here: a sentence goes on over it."""
    return not line.kept and PAGE_NUMBER in line.notes


def _continues(text: str, line: Line, following: Line, after: str, layout: _Layout) -> bool:
    """Whether the line after `text` belongs to it. `line` is the last of its lines, `after` the line after the next."""
    new, last = following.text, line.text
    about = re.search("[关關][于於]", new) is not None and forms.is_title(new)
    if forms.alone(last) or forms.alone(new) or forms.red_head_of(text) or about:
        return False
    if _CLOSES.match(new) and not forms.structural(new):
        return True
    full = layout.full(_set(line))
    if forms.structural(new):
        # A broken line may begin like an item by chance; only a comma at the end of a full line tells.
        by_chance = re.search(r"[、，,]$", last) is not None and re.match(r"[(（第0-9]", new) is None
        return full and (by_chance or _CITED_ARTICLE.match(new) is not None)
    if forms.terminal(last) and not (full and _inside(text)):
        # The end of a sentence, perhaps of a paragraph too: then the next one would be set off.
        return layout.goes_on(line, following)
    if _GOES_ON.search(last) or _open(text) or (_addressed(text, new) and not following.gap):
        return True
    if forms.is_title(text) or forms.is_addressees(new) or (forms.is_office(new) and forms.date_of(after)):
        return False
    if full or layout.full is not _never:
        return full
    if forms.heading(text) and forms.form_of(text) not in layout.headed:
        return not following.gap and len(text) > 8
    if forms.heading(text) or following.gap:
        return False
    return len(text) >= 30 or re.search(r"[，。；]|[\u4e00-\u9fff],", text) is not None


def _inside(text: str) -> bool:
    """Whether what looks like an end is none: in a bracket, in an address."""
    return re.search(r"[；;：:]$", text) is not None and (_open(text) or re.search("https?:$", text) is not None)


def _indented(lines: Sequence[Line]) -> bool:
    """Whether paragraphs are told by their indents: some lines have one, as many or more have none."""
    having = sum(line.raw[0].isspace() for line in lines)
    return len(lines) > 8 and len(lines) <= having * 10 <= len(lines) * 9


def _addressed(text: str, new: str) -> bool:
    """Whether a broken line and the next are whom a document addresses, more than one."""
    several = re.match(r"[各市县縣区區省有].*[，,]", text) is not None and not forms.is_title(text)
    return several and forms.is_addressees(text + new)


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
