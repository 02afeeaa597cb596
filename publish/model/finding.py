"""What a search of the command line finds: public values only."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Hit:
    """A record, or a section of a policy document (then `dataset` is None). `url` is its full address.

    `words`: for each term that neither title nor subject shows, the words around it, `field: …text…`. `flag`: what a
    record is marked with (Flag value).
    """

    title: str
    url: str
    date: date | None
    words: tuple[str, ...]
    subject: str | None = None
    dataset: str | None = None
    dataset_title: str | None = None
    flag: str | None = None

    def __str__(self) -> str:
        marked = f"[{self.flag}]" if self.flag else None
        dataset = f"{self.dataset_title} ({self.dataset})" if self.dataset else "policy document"
        about = "  ".join(part for part in (self.subject, dataset, str(self.date or "undated"), marked) if part)
        return "\n   ".join((self.title, about, self.url, *self.words))


@dataclass(frozen=True, slots=True)
class Findings:
    """The first hits of each sort, best sections first, newest records first, and how many there are in all."""

    as_of: date
    sections: tuple[Hit, ...]
    section_count: int
    records: tuple[Hit, ...]
    record_count: int

    def __str__(self) -> str:
        some = self.section_count > len(self.sections) or self.record_count > len(self.records)
        more = f"; --limit shows more than the first {max(len(self.sections), len(self.records))}" if some else ""
        counts = f"sections of policy documents: {self.section_count}, records: {self.record_count}"
        return f"as of {self.as_of}: {counts}{more}"
