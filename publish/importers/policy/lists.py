"""Lists that a page has below a document: titles of other pages, names of files to be loaded down."""

import re
from collections.abc import Sequence

from publish.importers.policy import forms
from publish.importers.policy.lines import Kind, Line

# Labels as `shell.folded` gives them.
_OTHERS = re.compile(
    r"[•·|\-\s【\[]*(?:相关(?:稿件|链接|阅读|文章|信息|政策|解读|新闻|推荐|文件|文档|内容|报道)|(?:猜你喜欢|推荐|延伸)阅读|猜你喜欢|(?:今日|近期)?热[点门].{0,4}|"
    r"最新(?:文章|文件|信息|更新)|解读链接|更多|友情链接)[】\]]? ?[:：]?(?: ?更多.{0,4})?"
)
_FILE = re.compile(
    r"(?:[0-9]{1,2} ?[.、．] ?)?[^。；]{2,100}\.(?:docx?|xlsx?|pptx?|pdf|wps|et|ofd|ceb|rar|zip|7z|rtf|jpe?g|png)"
    r"(?: ?[(\[【][^()]{0,20}[)\]】])?(?: ?下载)?",
    re.IGNORECASE,
)
_DAY = re.compile(r".{4,120}[\s\[(【][12][0-9]{3}[-/.年][0-9]{1,2}[-/.月][0-9]{1,2}日?[\])】]?")
_INTERPRETS = re.compile(r".{4,80}答记者问|[【\[(]?(?:一图读懂|图解|图文解读|文字解读|政策解读|解读)[】\])]?.{0,90}")
_NUMBERED = re.compile(r"[0-9]{1,2} ?[.、．]")
_LONGEST = 130


def strip_lists(lines: Sequence[Line], texts: Sequence[str]) -> list[Line]:
    """Lines without such lists below a line of the shell. `texts`: the lines as `shell.folded` gives them.

    A list of other pages begins with its label and ends with the first line that is no title; what has a document's
    text below it is no entry of a list. A file's name goes below a line of the shell only.
    """
    done = list(lines)
    listing = False
    for at, (line, text) in enumerate(zip(lines, texts, strict=True)):
        if not line.kept or line.rows:
            listing = bool(_OTHERS.fullmatch(text)) or (listing and not line.kept)
            continue
        if _FILE.fullmatch(text) and at and not done[at - 1].kept:
            done[at] = line.removed(Kind.REMOVED_SHELL, "the name of a file")
        elif listing and _entry(line, text) and not _begins(lines, at):
            done[at] = line.removed(Kind.REMOVED_SHELL, "a title in a list of other pages")
        else:
            listing = False
    return done


def _entry(line: Line, text: str) -> bool:
    """Whether a line can be an entry: a title, with or without a day, no sentence."""
    if len(text) > _LONGEST or forms.terminal(line.text) or forms.annex_of(line.text) is not None:
        return False
    listed = _NUMBERED.match(text) is not None
    return listed or bool(_DAY.fullmatch(text) or _INTERPRETS.fullmatch(text)) or forms.is_title(line.text)


def _begins(lines: Sequence[Line], at: int) -> bool:
    """Whether a document's text stands right below: its number, whom it addresses, a numbered part, a sentence."""
    below = next((line.text for line in lines[at + 1 :] if line.kept), "")
    return bool(forms.number_of(below)) or forms.is_addressees(below) or _is_text(below)


def _is_text(text: str) -> bool:
    return (forms.structural(text) and (forms.terminal(text) or not _NUMBERED.match(text))) or (
        len(text) > 40 and "。" in text
    )
