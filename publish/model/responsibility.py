"""Who is to do what: the responsibility clauses of policy documents (facts, 9)."""

from dataclasses import dataclass
from enum import StrEnum


class Share(StrEnum):
    """What a unit has to do with a task.

    LEAD: it leads, or it alone is responsible (牵头, 负责). CO_LEAD: one of several that lead. JOINT: one of several
    that are responsible (分别负责, 按照职责分工负责). SUPPORT: it takes part (配合, 参加, 协助, 指导).
    """

    LEAD = "lead"
    CO_LEAD = "co-lead"
    JOINT = "joint"
    SUPPORT = "support"


@dataclass(frozen=True, slots=True)
class Named:
    """A unit as a clause names it. `alias`: what a bracket behind the name calls it too (加挂牌子).

    `collective`: the words stand for many (各区县人民政府). `others`: “and others” (等单位) is said of them.
    """

    name: str
    share: Share
    alias: str | None = None
    collective: bool = False
    others: bool = False


@dataclass(frozen=True, slots=True)
class Clause:
    """A clause at `start` up to `end` of the text that it was found in, brackets included; `named` in its order.

    `persons`: how many it names who are, or look like, natural persons; `unknown`: how many more are not known as
    organisations. Neither are in `named`, and a clause may name nobody else.
    """

    start: int
    end: int
    named: tuple[Named, ...]
    persons: int = 0
    unknown: int = 0


@dataclass(frozen=True, slots=True)
class Unit:
    """A responsible unit: what documents of one place call it. `key` is 12 hex digits, the same in every build.

    `name` is the longest that it has in full; `names` are all, as they stand in clauses too, sorted; `place` is what
    its documents are about (示例市), if they tell.
    """

    key: str
    name: str
    place: str | None
    names: tuple[str, ...]
    collective: bool = False


@dataclass(frozen=True, slots=True)
class Responsibility:
    """One unit's share in one task of a document.

    `document` is its slug, `number` counts its clauses from 1, `order` the units within one from 1. `anchor` and
    `item` (二（一）2.) are those of the item, None where the task stands in none; `task` its text without the clause.
    `unit` is the name in full, as far as the document tells it, `named` as it stands in the clause; `key` the Unit's.
    """

    document: str
    number: int
    anchor: str | None
    item: str | None
    task: str
    key: str
    unit: str
    named: str
    share: Share
    order: int
    collective: bool
    others: bool


@dataclass(frozen=True, slots=True)
class Responsibilities:
    """All rows, by document as documents come, clause and order; the units by place and name; pairs of documents
    (slugs) that have units in common."""

    rows: tuple[Responsibility, ...] = ()
    units: tuple[Unit, ...] = ()
    pairs: tuple[tuple[str, str], ...] = ()
