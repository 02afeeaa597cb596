"""A register that lives: records come, change and end, documents and datasets come and go, days pass."""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from publish.model.document import Document
from publish.model.public import PublicTable
from tests.search.awkward import text_of
from tests.searchkit import key_of, table_of

Record = dict[str, object]


def code_of(number: int) -> str:
    """A code of 18 characters, for each number another."""
    return f"91990100MA{number:07}X"


@dataclass
class Register:
    """Datasets of records, and documents, on a day. `live` does one thing after the other to it, by chance."""

    source: random.Random
    today: date
    datasets: dict[str, list[Record]] = field(default_factory=dict)
    documents: list[Document] = field(default_factory=list)
    _serial: int = 0

    def tables(self) -> list[PublicTable]:
        """The public tables of the day, without what has ended."""
        return [
            table_of(slug, slug, [record for record in records if self._is_public(record)], ["内容", "文号"])
            for slug, records in self.datasets.items()
        ]

    def add(self, slug: str, count: int, days: int) -> None:
        """New records of the last `days` days."""
        rows = self.datasets.setdefault(slug, [])
        for _ in range(count):
            self._serial += 1
            rows.append(self._record(slug, self._serial, days))

    def document(self, paragraphs: int = 3) -> Document:
        """A new document."""
        self._serial += 1
        body = "\n\n".join(f"# 第{place}章 {{#c{place}}}\n\n{text_of(self.source)}" for place in range(paragraphs))
        return Document(f"doc-{self._serial}", text_of(self.source), body, published_on=self._day(300))

    def live(self, count: int) -> list[str]:
        """Some things happen; returns which."""
        chosen = self.source.choices(list(THINGS), list(WEIGHTS), k=count)
        for name in chosen:
            THINGS[name](self)
        return chosen

    def some(self, most: int) -> list[Record]:
        """Some records by chance."""
        every = [record for records in self.datasets.values() for record in records]
        return self.source.sample(every, min(len(every), self.source.randint(1, most)))

    def _is_public(self, record: Record) -> bool:
        last = record["_until"]
        return not isinstance(last, date) or last >= self.today

    def _day(self, days: int) -> date:
        return self.today - timedelta(days=self.source.randint(0, days))

    def _record(self, slug: str, number: int, days: int) -> Record:
        day = self.source.choice([self._day(days)] * 20 + [None])
        # Mostly whole years from a day on, so that most months have none that ends soon.
        base = day or self.today
        last = self.source.choice([None, *[date(base.year + years, base.month, 20) for years in (1, 3, 3, 3, 3)]])
        if last and last < self.today:
            last = None
        who = number if self.source.random() < 0.6 else self.source.randint(1, max(1, number))
        title = f"汀{slug[:2]}〔2026〕{number}号"
        return {
            "_key": key_of(slug, number),
            "_title": self.source.choice([title, title, title, None]),
            "_subject": self.source.choice(
                [f"汀澜{who % 50}{NAMES[who % len(NAMES)]}{who}有限公司", text_of(self.source), None]
            ),
            "_code": self.source.choice([code_of(who), code_of(who), None]),
            "_kind": self.source.choice(["organisation", "natural_person"]),
            "_date": day,
            "_until": last,
            "_authority": self.source.choice(["市场监督管理局", "卫生健康委员会", "城市管理局"]),
            "_severity": self.source.choice([None, "general", "serious"]),
            "_reason": self.source.choice([text_of(self.source), text_of(self.source), None]),
            "_flag": None,
            "内容": text_of(self.source),
            "文号": title,
        }


NAMES = ["商贸", "餐饮", "食品", "機械", "物业", "古丽"]


def _few_new(register: Register) -> None:
    for slug in register.datasets:
        register.add(slug, register.source.randint(1, 6), 8)


def _backdated(register: Register) -> None:
    for slug in list(register.datasets)[:1]:
        register.add(slug, register.source.randint(1, 3), 700)


def _many_new(register: Register) -> None:
    register.add(register.source.choice([*register.datasets, "penalties"]), register.source.randint(50, 150), 60)


def _removed(register: Register) -> None:
    gone = {str(record["_key"]) for record in register.some(5)}
    for slug, records in register.datasets.items():
        register.datasets[slug] = [record for record in records if record["_key"] not in gone]


def _most_removed(register: Register) -> None:
    for slug, records in register.datasets.items():
        register.datasets[slug] = [record for record in records if register.source.random() < 0.3]


def _change(column: str, make: Callable[[Register], object]) -> Callable[[Register], None]:
    def change(register: Register) -> None:
        for record in register.some(4):
            record[column] = make(register)

    return change


def _last_day(register: Register) -> date | None:
    days = register.source.choice([None, 0, 5, 20, 40, 400])
    return None if days is None else register.today + timedelta(days=days)


def _next_day(register: Register) -> None:
    register.today += timedelta(days=1)


def _weeks(register: Register) -> None:
    register.today += timedelta(days=register.source.randint(7, 45))


def _set_comes_or_goes(register: Register) -> None:
    if "redlist" in register.datasets:
        del register.datasets["redlist"]
    else:
        register.add("redlist", register.source.randint(0, 80), 400)


def _order_of_sets(register: Register) -> None:
    register.datasets = dict(reversed(register.datasets.items()))


def _document_comes_or_goes(register: Register) -> None:
    if register.documents and register.source.random() < 0.5:
        register.documents.pop(register.source.randrange(len(register.documents)))
    else:
        register.documents.append(register.document(register.source.randint(1, 8)))


def _document_changes(register: Register) -> None:
    if register.documents:
        place = register.source.randrange(len(register.documents))
        one = register.documents[place]
        register.documents[place] = replace(one, body=one.body + f"\n\n{text_of(register.source)}\n")


THINGS: Mapping[str, Callable[[Register], None]] = {
    "few new": _few_new,
    "backdated": _backdated,
    "many new": _many_new,
    "removed": _removed,
    "most removed": _most_removed,
    "reason": _change("_reason", lambda register: text_of(register.source)),
    "subject": _change("_subject", lambda register: text_of(register.source)),
    "code": _change("_code", lambda register: code_of(register.source.randint(1, 3000))),
    "title": _change("_title", lambda register: f"改〔2026〕{register.source.randint(1, 3000)}号"),
    "flag": _change("_flag", lambda register: register.source.choice([None, "objection"])),
    "date": _change("_date", lambda register: register.source.choice([None, register.today])),
    "until": _change("_until", _last_day),
    "next day": _next_day,
    "weeks": _weeks,
    "set comes or goes": _set_comes_or_goes,
    "order of sets": _order_of_sets,
    "document comes or goes": _document_comes_or_goes,
    "document changes": _document_changes,
}
WEIGHTS: Sequence[float] = (8, 3, 1, 6, 0.4, 4, 4, 3, 3, 2, 2, 3, 4, 3, 1, 0.5, 2, 2)
