"""The terms of the domain: enums that every stage may name.

The values are the words used in `disclosure` blocks, rule profiles, ledgers and feeds.
"""

from enum import StrEnum


class Kind(StrEnum):
    """What kind of act or list a dataset holds (classes: JS-M 9-13)."""

    PENALTY = "penalty"
    LICENCE = "licence"
    BLACKLIST = "blacklist"
    REDLIST = "redlist"
    COMMITMENT = "commitment"
    INSPECTION = "inspection"
    OTHER = "other"


NEGATIVE_KINDS = frozenset({Kind.PENALTY, Kind.BLACKLIST})


class SubjectKind(StrEnum):
    """Who a record is about. Anything that cannot be told is handled as a natural person."""

    ORGANISATION = "organisation"
    SOLE_TRADER = "sole_trader"
    NATURAL_PERSON = "natural_person"


class Severity(StrEnum):
    """Degree of discredit: 轻微, 一般, 严重 (N36; JS-M 15)."""

    MINOR = "minor"
    GENERAL = "general"
    SERIOUS = "serious"


class Procedure(StrEnum):
    """Procedure of a penalty: 简易程序 or 一般 (普通) 程序 (JS-M 12(9))."""

    SUMMARY = "summary"
    ORDINARY = "ordinary"


class Absence(StrEnum):
    """What it means when a record is gone from the source without an event."""

    ALARM = "alarm"
    EXIT = "exit"


class ExitReason(StrEnum):
    """Reason class of an exit notice; nothing finer is published."""

    EXPIRED = "expired"
    REPAIRED = "repaired"
    REVOKED = "revoked"
    CORRECTED = "corrected"
    REMOVED = "removed"


class Outcome(StrEnum):
    """What disclosure decided of a record or a field. Strictest last."""

    PUBLIC = "public"
    MASKED = "masked"
    WITHHELD = "withheld"
    PENDING = "pending"
    EXPIRED = "expired"
    EXITED = "exited"


class Register(StrEnum):
    """Kinds of register: events that change the life of a record in a dataset of the same package."""

    OBJECTION = "objection"
    REPAIR = "repair"


class EventState(StrEnum):
    """State of a register event as of its own dates."""

    OPEN = "open"
    GRANTED = "granted"
    REJECTED = "rejected"
