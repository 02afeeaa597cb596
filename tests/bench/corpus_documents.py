"""Policy documents of the bench: chapters of sentences as the demo city's documents have them, in any order."""

import random
import re
from datetime import date, timedelta
from pathlib import Path

from publish.model.document import Document

_POLICIES = Path(__file__).resolve().parents[2] / "content" / "policies"
_CHAPTERS, _SENTENCES = 12, 8
_DAY = date(2026, 11, 1)
_CHARACTERS = "甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉戌亥"


def documents(count: int, seed: int = 3) -> list[Document]:
    """`count` documents of a dozen chapters, the newest first."""
    source = random.Random(seed)
    known = _sentences()
    return [_document(source, known, number) for number in range(count)]


def _sentences() -> list[str]:
    texts = [path.read_text(encoding="utf-8").split("---", 2)[-1] for path in sorted(_POLICIES.glob("*.md"))]
    plain = re.sub(r"\{#[^}]*\}|[#>*\[\]|`]|\([^)]*\)", "", "\n".join(texts))
    return [one.strip() for one in re.split(r"[。；\n]", plain) if len(one.strip()) >= 12]


def _document(source: random.Random, known: list[str], number: int) -> Document:
    """Each sentence speaks of a district of its own, so that no two chapters are the same."""
    chapters = []
    for chapter in range(_CHAPTERS):
        said = "。".join(f"{_district(source)}：{one}" for one in source.sample(known, min(_SENTENCES, len(known))))
        chapters.append(f"# 第{chapter + 1}章 {_district(source)} {{#c{chapter + 1}}}\n\n{said}。\n")
    title = f"关于{_district(source)}信用信息公示的通知"
    day = _DAY - timedelta(days=number)
    text = "\n".join(chapters)
    return Document(f"policy-{number}", title, text, number=f"汀政发〔{day.year}〕{number + 1}号", published_on=day)


def _district(source: random.Random) -> str:
    return "".join(source.choice(_CHARACTERS) for _ in range(3)) + "区"
