"""The outline of a policy document: its numbered parts in the scope of their counters."""

from dataclasses import dataclass
from enum import StrEnum


class Form(StrEnum):
    """How a part is numbered, outermost first.

    附件1; 第一编, 第一章, 第一节, 第一条; 一、; （一）; 1. or 1、; （1）; ①.
    """

    ANNEX = "annex"
    BOOK = "book"
    CHAPTER = "chapter"
    SECTION = "section"
    ARTICLE = "article"
    HAN = "han"
    HAN_BRACKETS = "han-brackets"
    DIGITS = "digits"
    DIGITS_BRACKETS = "digits-brackets"
    CIRCLED = "circled"


@dataclass(frozen=True, slots=True)
class Part:
    """A chapter, article or item. `label` as it stands (第三十条, （二）, 3.), `number` what it says.

    `anchor` is stable and unique in the document: `chapter-2`, `art-30`, `part-2` (二、), `item-2-3` (the third item
    under the second heading), `art-30-2` (the second item of article 30); docs/policies.md has them all. `parent`: the
    anchor of the part that it stands in. `title`: what follows the number if that is a heading; `text`: what stands in
    it before its own first part, plain, one line a block (a row of a table is one), with its number.
    """

    anchor: str
    form: Form
    label: str
    number: int
    parent: str | None
    depth: int
    title: str | None
    text: str
