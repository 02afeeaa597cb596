"""The private values of a night are those that a build from nothing would look for, whatever has happened to the rows;
and what is remembered is believed only if it is whole and of this very release, program and secret."""

import pickle
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from numpy.typing import NDArray

from publish.derive.folding import folding_table
from publish.disclose import value_night, value_sets
from publish.disclose.basis import Basis
from publish.disclose.private_values import Means, Public, private_values
from publish.disclose.stage import disclose
from publish.disclose.value_memory import keep_values, load_values, made_of
from publish.disclose.value_night import values_tonight
from publish.disclose.values import Values
from publish.model.calendar import WorkingCalendar
from publish.model.private_values import PrivateValues
from publish.model.rules import RuleBook
from publish.model.sieve import Sieve
from publish.model.source import CheckedTable, Publicity
from tests.disclose.spelt import SPELT

AS_OF, KEY, RELEASE = date(2026, 11, 20), b"a secret", "2026-11-20-abc"
PUBLIC = Publicity.PUBLIC
Keys = NDArray[np.uint64]

PARTS = [
    *SPELT,
    *("50%折", "13812345678", "11010519491231002X", "甲\n乙", "甲乙", "x\0y市", "赵一、钱二二;孙三 三"),
]


def keys_of(sieves: tuple[Sieve, ...]) -> Keys:
    return np.unique(np.concatenate([np.zeros(0, np.uint64), *(sieve.keys for sieve in sieves)]))


@dataclass
class Site:
    """A site whose rows change, what each build of it knows, and how it is asked."""

    make_table: Callable[..., CheckedTable]
    make_register: Callable[..., CheckedTable]
    book: RuleBook
    calendar: WorkingCalendar
    folder: Path
    rows: list[dict[str, Any]]
    as_of: date = AS_OF
    texts: tuple[bytes, ...] = ()
    _last: tuple[bytes, tuple[tuple[CheckedTable, ...], Public]] | None = None

    def source(self) -> tuple[tuple[CheckedTable, ...], Public]:
        """Tables and what is public of them: made again only where something has changed."""
        state = pickle.dumps((self.rows, self.as_of, self.texts))
        if self._last is None or self._last[0] != state:
            self._last = state, self._source()
        return self._last[1]

    def _source(self) -> tuple[tuple[CheckedTable, ...], Public]:
        columns: dict[str, tuple[Publicity | None, list[str | None]]] = {
            "home": (None, [row["home"] for row in self.rows]),
            "note": (PUBLIC, [row["note"] for row in self.rows]),
        }
        own = [{name: cell for name, cell in row.items() if name not in columns} for row in self.rows]
        events = [{"record_id": row["record_id"], "event_state": f"事由{row['home']}"} for row in self.rows[::7]]
        tables = (self.make_table(own, extra=columns), self.make_register("repair", events))
        disclosure, _, _ = disclose(tables, Basis(self.book, self.calendar, self.as_of), previous=None, notice_days=30)
        return tables, Public(disclosure, self.texts, folding_table())

    def from_nothing(self) -> tuple[PrivateValues, Values]:
        tables, public = self.source()
        private, values = private_values(tables, public, Means(KEY))
        assert values is not None
        return private, values

    def remember(self, values: Values) -> None:
        tables, public = self.source()
        keep_values(self.folder, made_of(tables, public), KEY, values)(RELEASE)

    def night(self) -> tuple[PrivateValues, Values]:
        tables, public = self.source()
        before = load_values(self.folder, RELEASE, made_of(tables, public), KEY)
        assert before is not None
        found = values_tonight(before, tables, public, Means(KEY))
        assert found is not None
        return found


class Dice(random.Random):
    """Makes cells and rows."""

    def text(self) -> str | None:
        return None if self.random() < 0.1 else "".join(self.choices(PARTS, k=self.randint(1, 3)))

    def row(self, number: int, penalty: Callable[..., dict[str, Any]]) -> dict[str, Any]:
        is_person = self.random() < 0.3
        return penalty(
            number,
            subject_name=self.choice(["张三丰", "李小明", "王五"])
            if is_person
            else self.choice(["甲", "张三丰"]) + "公司",
            subject_kind="natural_person" if is_person else "organisation",
            subject_code=None,
            severity=self.choice(["minor", "general", "general"]),
            reason=self.text(),
            document_number=self.choice([f"罚〔2026〕{number}号", self.text()]),
            other_person=self.text(),
            decision_date=date(2025, 11, self.randint(18, 28)) if self.random() < 0.3 else date(2026, 5, 6),
        ) | {"home": self.text(), "note": self.text()}


@pytest.fixture
def site(make_table: Any, make_register: Any, book: RuleBook, calendar: WorkingCalendar, tmp_path: Path) -> Site:
    return Site(make_table, make_register, book, calendar, tmp_path / "values", [])


def edit(site: Site, dice: Dice, penalty: Callable[..., dict[str, Any]]) -> None:
    """A night's changes: rows that come, go or are edited, cells that move, texts, days that pass."""
    for _ in range(dice.randint(0, 3)):
        one, other = dice.choice(site.rows), dice.choice(site.rows)
        match dice.randint(0, 7):
            case 0:
                site.rows.remove(one)
            case 1:
                site.rows.append(dice.row(dice.randint(100, 10_000), penalty))
            case 2:
                one["reason"] = dice.text()
            case 3:
                one["home"], other["note"] = other["note"], one["home"]
            case 4:
                one["subject_kind"] = "natural_person"
            case 5:
                one["severity"] = "minor" if one["severity"] == "general" else "general"
            case 6:
                site.texts = tuple((dice.text() or "").encode() for _ in range(dice.randint(0, 2)))
            case 7:
                site.as_of = date(2026, 11, min(site.as_of.day + 1, 28))


# Several sets of values, and one.
@pytest.mark.parametrize(("seed", "batch"), [*((n, 80) for n in range(8)), *((n, value_sets.BATCH) for n in range(4))])
def test_nights(seed: int, batch: int, site: Site, penalty: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(value_sets, "BATCH", batch)
    dice = Dice(seed)
    site.rows = [dice.row(number, penalty) for number in range(40)]
    private, values = site.from_nothing()
    assert (len(values.sieves) > 1) == (batch == 80)
    site.remember(values)
    searched = keys_of(private.sieves)
    moved = 0
    for _ in range(8):
        edit(site, dice, penalty)
        night, known = site.night()
        exact, anew = site.from_nothing()
        every, those = keys_of(known.sieves), keys_of(anew.sieves)
        assert np.isin(those, every).all(), "all that may be private is known"
        held, wanted = keys_of(night.sieves), keys_of(exact.sieves)
        assert np.isin(wanted, held).all(), "all that is private is looked for"
        assert np.intersect1d(held, those).tolist() == wanted.tolist(), "and let off is what would be let off"
        assert night.fresh is not None
        assert keys_of(night.fresh).tolist() == np.setdiff1d(held, searched).tolist()
        assert night.joined is not None
        assert exact.joined is not None
        assert np.isin(exact.joined.keys, night.joined.keys).all()
        assert exact.joints <= night.joints
        assert exact.lines <= night.lines
        moved += sum(map(len, night.fresh))
        site.remember(known)
        searched = held
    assert moved > 0


def test_an_expired_record_is_private_by_its_date_alone(site: Site, penalty: Any) -> None:
    site.rows = [
        penalty(1, reason="经查明的第一件事", decision_date=date(2025, 11, 22)) | {"home": None, "note": "旧的说明"},
        penalty(2, reason="经查明的第二件事") | {"home": None, "note": "新的说明"},
        penalty(3, severity="minor", reason="经查明的第一件事") | {"home": None, "note": None},
    ]
    private, values = site.from_nothing()
    secret = Sieve.keys_of(pl.Series(["经查明的第一件事", "旧的说明"]), KEY)
    assert not np.isin(secret, keys_of(private.sieves)).any()
    site.remember(values)
    site.as_of = date(2026, 11, 28)
    night, _ = site.night()
    assert np.isin(secret, keys_of(night.sieves)).all()
    assert night.fresh is not None
    assert np.isin(secret, keys_of(night.fresh)).all()
    assert keys_of(night.sieves).tolist() == keys_of(site.from_nothing()[0].sieves).tolist()


@pytest.mark.parametrize("repeated", [True, False])
def test_which_rows_are_odd_is_remembered(
    repeated: bool, site: Site, penalty: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A cell whose pieces are told by its spelling alone, in rows of which the first one goes; one that comes later."""
    site.rows = [penalty(n) | {"home": None, "note": "第０００１７号院"} for n in (1, 2)]
    site.rows += [penalty(n, reason=f"经查明的第{n}件事") | {"home": None, "note": f"说明{n}"} for n in range(3, 30)]
    if repeated:  # so that of the column each text is looked at once
        site.rows += [{**row, "record_id": f"again-{row['record_id']}"} for row in site.rows[2:]]
    site.remember(site.from_nothing()[1])
    looked = list[int]()
    noted = value_night.note_odd
    monkeypatch.setattr(value_night, "note_odd", lambda rows, pattern, cells: noted(rows, pattern, counted(cells)))

    def counted(cells: Iterator[Any]) -> Iterator[Any]:
        for some in cells:
            looked.append(len(some.cells))
            yield some

    site.rows[2]["home"] = "望海区一号路"  # so that something is looked for
    _, known = site.night()
    first = sum(looked)
    assert known.odd is not None
    assert len(known.odd) == 2
    site.remember(known)
    site.rows[0]["note"] = "说明"
    site.rows[4]["note"] = "第 00018 号院"
    looked.clear()
    site.rows[3]["home"], site.rows[5]["home"] = "第00017号院", "第00018号院"
    private, known = site.night()
    assert 0 < sum(looked) < first / 2
    assert known.odd is not None
    assert len(known.odd) == 2
    shown = Sieve.keys_of(pl.Series(["第00017号院"]), KEY)
    assert np.isin(shown, keys_of(known.sieves)).all()
    assert not np.isin(shown, keys_of(private.sieves)).any()
    exact, anew = site.from_nothing()
    held = keys_of(private.sieves)
    assert np.intersect1d(held, keys_of(anew.sieves)).tolist() == keys_of(exact.sieves).tolist()


def test_what_left_the_source_is_looked_for_too(site: Site, penalty: Any) -> None:
    site.rows = [penalty(n) | {"home": f"望海区三号路{n}号院", "note": None} for n in range(3)]
    _, values = site.from_nothing()
    site.remember(values)
    site.rows.pop()
    gone = Sieve.keys_of(pl.Series(["望海区三号路2号院"]), KEY)
    assert np.isin(gone, keys_of(site.night()[0].sieves)).all()
    assert not np.isin(gone, keys_of(site.from_nothing()[0].sieves)).any()


def test_too_much_is_new(site: Site, penalty: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    site.rows = [penalty(n) | {"home": f"望海区{n}号路", "note": None} for n in range(20)]
    _, values = site.from_nothing()
    site.remember(values)
    tables, public = site.source()
    before = load_values(site.folder, RELEASE, made_of(tables, public), KEY)
    assert before is not None
    monkeypatch.setattr(value_night, "_SPARE", 0)
    assert values_tonight(before, tables, public, Means(KEY)) is not None
    few = replace(before, values=replace(before.values, first=1))
    assert values_tonight(few, tables, public, Means(KEY)) is None, "values have come and come"
    for row in site.rows[:5]:
        row["home"] += "东"
    tables, public = site.source()
    assert values_tonight(before, tables, public, Means(KEY)) is None, "many rows are new"


@pytest.fixture
def remembered(site: Site, penalty: Any) -> Site:
    site.rows = [penalty(n) | {"home": f"望海区{n}号路,甲", "note": "公开的说明"} for n in range(5)]
    site.remember(site.from_nothing()[1])
    return site


def loads(site: Site, release: str | None = RELEASE, key: bytes = KEY, made: str | None = None) -> bool:
    tables, public = site.source()
    return load_values(site.folder, release, made or made_of(tables, public), key) is not None


def test_of_another_release_or_secret_or_program_nothing_is_believed(remembered: Site) -> None:
    assert loads(remembered)
    assert remembered.folder.stat().st_mode & 0o777 == 0o700
    assert not loads(remembered, release="2026-11-19-abc")
    assert not loads(remembered, release=None)
    assert not loads(remembered, key=b"another")
    assert not loads(remembered, key=b"")
    assert not loads(remembered, made="another program")


def test_another_column_or_role_is_another_source(remembered: Site) -> None:
    tables, public = remembered.source()
    made = made_of(tables, public)
    spec = tables[0].source.schema.named("home")
    object.__setattr__(spec, "role", "other_person")
    assert made_of(tables, public) != made
    object.__setattr__(spec, "role", None)
    assert made_of(tables, public) == made
    assert made_of(tables[:1], public) != made
    assert made_of(tables, replace(public, folding=None)) != made
    table = public.disclosure.public[0]
    fewer = replace(public.disclosure, public=(replace(table, frame=table.frame.drop("note")),))
    assert made_of(tables, replace(public, disclosure=fewer)) != made


def test_every_file_is_under_the_digest(remembered: Site) -> None:
    files = sorted(path for path in remembered.folder.rglob("*") if path.is_file())
    assert len(files) > 15
    for path in files:
        data = path.read_bytes()
        assert KEY not in data
        assert KEY.hex().encode() not in data
        for damaged in (bytes([data[0] ^ 1]) + data[1:], data[:-1], data[:-1] + bytes([data[-1] ^ 0x80])):
            path.write_bytes(damaged)
            assert not loads(remembered), path.name
        path.write_bytes(data)
    assert loads(remembered)
    (remembered.folder / "one-more").write_bytes(b"")
    assert not loads(remembered)


def test_nothing_is_kept_without_a_secret(remembered: Site) -> None:
    _, values = remembered.from_nothing()
    keep_values(remembered.folder, "made", b"", values)(RELEASE)
    assert not remembered.folder.exists()
    keep_values(remembered.folder, "made", KEY, values)(RELEASE)
    keep_values(remembered.folder, "made", KEY, None)(RELEASE)
    assert not remembered.folder.exists()
