"""A record table with what was decided of its records."""

from dataclasses import dataclass

from publish.disclose.decide import RecordDecisions
from publish.disclose.fields import spec_of
from publish.model.source import CheckedTable, DisclosureSpec


@dataclass(frozen=True, slots=True)
class DecidedTable:
    """A record table with its decisions."""

    table: CheckedTable
    decisions: RecordDecisions

    @property
    def spec(self) -> DisclosureSpec:
        return spec_of(self.table)

    @property
    def dataset(self) -> str:
        return self.spec.dataset
