"""Why a record is shown, masked, withheld or gone: what `explain` prints."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Explanation:
    """One decision. `field` is empty for a decision about the whole record; `rule` for plain publication."""

    dataset: str
    key: str
    row: int
    as_of: date
    outcome: str
    field: str = ""
    rule: str = ""
    citation: str = ""
    start: date | None = None
    until: date | None = None

    def __str__(self) -> str:
        what = f"field {self.field}" if self.field else f"{self.dataset} {self.key} (row {self.row}) as of {self.as_of}"
        span = ""
        if not self.field:
            span = f", from {self.start or 'no stated day'} until {self.until or 'no stated day'}"
        why = f" by {self.rule} {self.citation}" if self.rule else ""
        return f"{'  ' if self.field or self.rule else ''}{what}: {self.outcome}{span}{why}"
