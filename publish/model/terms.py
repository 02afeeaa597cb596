"""The terms of the domain: enums that every stage may name.

The values are the words used in `disclosure` blocks, rule profiles, ledgers and feeds.
"""

from collections.abc import Mapping
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


class Pattern(StrEnum):
    """What free text is scanned for."""

    RESIDENT_ID = "resident-id"
    MOBILE = "mobile"
    BANK_CARD = "bank-card"
    EMAIL = "e-mail"
    ADDRESS = "address"


class Area(StrEnum):
    """Areas with a longer minimum of publication (N58)."""

    FOOD = "food"
    DRUGS = "drugs"
    SPECIAL_EQUIPMENT = "special_equipment"
    WORK_SAFETY = "work_safety"
    FIRE = "fire"


class PenaltyType(StrEnum):
    """Types of penalty (处罚类别) by which N36 grades a decision; a plain fine is graded by its amount."""

    WARNING = "warning"
    CRITICISM = "criticism"
    FINE = "fine"
    LARGE_FINE = "large_fine"
    VERY_LARGE_FINE = "very_large_fine"
    CONFISCATION = "confiscation"
    PERMIT_SUSPENDED = "permit_suspended"
    DOWNGRADE = "downgrade"
    PERMIT_REVOKED = "permit_revoked"
    STOPPED = "stopped"
    CLOSED = "closed"
    RESTRICTION = "restriction"
    DETENTION = "detention"
    OTHER = "other"


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
    WRONGLY_LISTED = "wrongly_listed"
    DISSOLVED = "dissolved"
    REMOVED = "removed"


class Outcome(StrEnum):
    """What disclosure decided of a record or a field. Strictest last.

    SUSPENDED: under objection, where the profile takes the record off for so long; PENDING: not yet begun; EXPIRED: by
    its dates; EXITED: by an event of a register.
    """

    PUBLIC = "public"
    MASKED = "masked"
    WITHHELD = "withheld"
    SUSPENDED = "suspended"
    PENDING = "pending"
    EXPIRED = "expired"
    EXITED = "exited"


class Flag(StrEnum):
    """What a public record is marked with."""

    OBJECTION = "objection"
    OBJECTION_SUSPENDED = "objection_suspended"
    REPAIR_NOTICE = "repair_notice"


class LifeState(StrEnum):
    """Where a record is in its life (docs/lifecycle.md draws it from publish/disclose/lifecycle.py)."""

    PENDING = "pending"
    NOTICED = "noticed"
    LISTED = "listed"
    DISPUTED = "disputed"
    CORRECTING = "correcting"
    REPAIR_APPLIED = "repair_applied"
    REPAIR_NOTICE = "repair_notice"
    EXPIRED = "expired"
    REPAIRED = "repaired"
    REVOKED = "revoked"
    CORRECTED = "corrected"
    WRONGLY_LISTED = "wrongly_listed"
    DISSOLVED = "dissolved"


class Register(StrEnum):
    """Kinds of register: events that change the life of a record in a dataset of the same package."""

    OBJECTION = "objection"
    REPAIR = "repair"
    CORRECTION = "correction"
    REVOCATION = "revocation"
    PRIOR_NOTICE = "prior_notice"


class EventState(StrEnum):
    """State of a register event as of its own dates."""

    OPEN = "open"
    GRANTED = "granted"
    REJECTED = "rejected"


class Effect(StrEnum):
    """What a correction or a revocation did to the record.

    AMENDED: its content was put right and it goes on; WITHDRAWN: taken back by a correction; WRONGLY_LISTED: it should
    never have been (clarification with apology, JS-J 24); REVOKED: the decision was set aside; DISSOLVED: the subject
    is no more.
    """

    AMENDED = "amended"
    WITHDRAWN = "withdrawn"
    WRONGLY_LISTED = "wrongly_listed"
    REVOKED = "revoked"
    DISSOLVED = "dissolved"


# The effects that an event of a register can have; events of the other registers have none.
REGISTER_EFFECTS: Mapping[Register, frozenset[Effect]] = {
    Register.CORRECTION: frozenset({Effect.AMENDED, Effect.WITHDRAWN, Effect.WRONGLY_LISTED}),
    Register.REVOCATION: frozenset({Effect.REVOKED, Effect.DISSOLVED}),
}


class DeadlineState(StrEnum):
    """How a duty stands on the as-of date. UNKNOWN: the working-day calendar or a date that it needs is not known."""

    ON_TIME = "on_time"
    DUE_SOON = "due_soon"
    LATE = "late"
    UNKNOWN = "unknown"
