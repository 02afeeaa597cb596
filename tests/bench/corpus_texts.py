"""Authorities of the bench corpus, and the texts of its records: reason, facts, basis, content."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl

from publish.model.terms import SubjectKind
from tests.bench.corpus_subjects import surnames
from tests.bench.corpus_words import (
    ARTICLES,
    BUREAUS,
    CITIES,
    EVIDENCE,
    LEADS,
    ROADS,
    STEMS,
    Bureau,
    city_of,
    place_name,
)
from tests.demo.identifiers import credit_codes, organisation_bodies
from tests.demo.streams import Ints, Streams, gather
from tests.demo.words import SURNAMES

_CITY_BUREAUS: Final = 5
_DISTRICT_BUREAUS: Final = 2
_ACTS: Final = len(BUREAUS[0].acts)
_GOODS: Final = max(len(bureau.goods) for bureau in BUREAUS)
_LAWS: Final = len(BUREAUS[0].laws) * len(ARTICLES)
_KIND_TITLES: Final = {
    SubjectKind.ORGANISATION.value: "法人及非法人组织",
    SubjectKind.SOLE_TRADER.value: "个体工商户",
    SubjectKind.NATURAL_PERSON.value: "自然人",
}
_PENALTIES: Final = (
    ("警告", "给予警告。", 12),
    ("罚款", "罚款人民币{f}元。", 50),
    ("警告、罚款", "给予警告，并处罚款人民币{f}元。", 12),
    ("罚款、没收违法所得", "1.没收违法所得{t}元；2.罚款人民币{f}元，上缴国库。", 16),
    ("没收非法财物、罚款", "1.没收涉案物品；2.处以罚款{f}元；3.责令改正违法行为。", 8),
    ("暂扣许可证件", "罚款{f}元，暂扣许可证件，责令停产停业整顿。", 2),
)
_WARNING, _CONFISCATION, _SUSPENSION = 0, 3, 5


@dataclass(frozen=True, slots=True)
class Authority:
    """A bureau of a place: `head` and `middle` are what stands before and after the year in its document numbers."""

    name: str
    bureau: int
    head: str
    middle: str


def _authority(place: int, slot: int) -> Authority:
    """The first bureau of every place watches its market; the others go round."""
    at = 0 if slot == 0 else 1 + (place * 3 + slot * 2) % (len(BUREAUS) - 1)
    bureau: Bureau = BUREAUS[at]
    # 汀 is 汀澜; every other place is written out.
    short = STEMS[place][0] if STEMS[place].endswith("澜") and place < CITIES else STEMS[place]
    style = (place + slot) % 3
    head = short + bureau.mark + ("罚〔", "罚字〔", "行罚决〔")[style]
    return Authority(place_name(place) + bureau.name, at, head, "〕第" if style == 1 else "〕")


AUTHORITIES: Final = (
    *(_authority(place, slot) for place in range(CITIES) for slot in range(_CITY_BUREAUS)),
    *(_authority(place, slot) for place in range(CITIES, len(STEMS)) for slot in range(_DISTRICT_BUREAUS)),
)


def authorities_of(streams: Streams, place: Ints) -> Ints:
    """Who decides: half of the cases of a district its own bureaus, the rest those of the city."""
    size = len(place)
    city = np.array([city_of(at) for at in range(len(STEMS))])[place]
    above = city * _CITY_BUREAUS + streams.weighted("row.bureau", size, [32, 20, 18, 16, 14])
    own = CITIES * _CITY_BUREAUS + (place - CITIES) * _DISTRICT_BUREAUS
    own = own + streams.weighted("row.own", size, [65, 35])
    return np.where((place >= CITIES) & streams.chance("row.local", size, 0.5), own, above)


def texts(streams: Streams, frame: pl.DataFrame) -> pl.DataFrame:
    """The fields that no system column repeats, and `_reason`, for rows with `bureau`, `place`, `_date`, `_kind`, …."""
    size = frame.height
    authority = frame["bureau"].to_numpy()
    bureau = np.array([a.bureau for a in AUTHORITIES])[authority]
    reason = _reasons(streams, bureau, frame["_date"])
    organisation = (frame["_kind"] != SubjectKind.NATURAL_PERSON.value).alias("organisation")
    stars = gather(["*", "**"], streams.weighted("chief.stars", size, [1, 2]))
    chief = surnames(streams, "chief.surname", size) + stars
    parts = pl.DataFrame({"chief": chief, "organisation": organisation})
    laws = [f"{law}{article}" for b in BUREAUS for law in b.laws for article in ARTICLES]
    basis = gather(laws, bureau * _LAWS + streams.below("basis", size, _LAWS))
    procedure = gather(["普通程序", "简易程序"], streams.weighted("procedure", size, [85, 15]))
    note = gather([None, "已履行完毕", "分期缴纳", "已申请行政复议"], streams.weighted("note", size, [90, 7, 2, 1]))
    return pl.DataFrame(
        [
            reason.alias("_reason"),
            frame["_kind"].replace_strict(_KIND_TITLES, return_dtype=pl.String).alias("CF_XDR_LB"),
            parts.select(pl.when("organisation").then("chief")).to_series().alias("CF_FRDB"),
            gather([f"违反{b.trade}管理规定" for b in BUREAUS], bureau).alias("CF_WFXW"),
            _facts(streams, frame, reason).alias("CF_SY"),
            ("依据" + basis + "的规定").alias("CF_YJ"),
            *_contents(streams, size),
            frame["_date"].cast(pl.String).alias("CF_JDRQ"),
            frame["_until"].cast(pl.String).alias("CF_GSJZQ"),
            procedure.alias("CF_CFCX"),
            gather(_authority_codes(), authority).alias("CF_CFJGDM"),
            note.alias("BZ"),
        ]
    )


def _reasons(streams: Streams, bureau: Ints, decided: pl.Series) -> pl.Series:
    """One of 400 templates with its date, goods and quantity: 25 to 80 characters."""
    size = len(bureau)
    found = decided.to_physical().to_numpy() - 5 - streams.below("reason.found", size, 110)
    lead = streams.below("reason.lead", size, len(LEADS))
    act = bureau * _ACTS + streams.below("reason.act", size, _ACTS)
    slots = [_cut(text) for b in BUREAUS for text in b.acts]
    goods = gather(
        [b.goods[at % len(b.goods)] for b in BUREAUS for at in range(_GOODS)],
        bureau * _GOODS + streams.below("reason.goods", size, _GOODS),
    )
    count = pl.Series(_amounts(streams, "reason.count", size, 2, 2_000)).cast(pl.String)
    swapped = pl.Series(np.array([goods_first for *_, goods_first in slots])[act])
    return (
        gather([text.split("{d}")[0] for text in LEADS], lead)
        + _written_days(found)
        + gather([text.split("{d}")[1] for text in LEADS], lead)
        + gather([first for first, *_ in slots], act)
        + goods.zip_with(swapped, count)
        + gather([second for _, second, *_ in slots], act)
        + count.zip_with(swapped, goods)
        + gather([third for _, _, third, _ in slots], act)
    )


def _cut(text: str) -> tuple[str, str, str, bool]:
    """The pieces of an act around its two slots, and whether the goods come first."""
    goods_first = text.index("{g}") < text.index("{q}")
    first, second, third = text.replace("{q}", "{g}").split("{g}")
    return first, second, third, goods_first


def _written_days(days: Ints) -> pl.Series:
    """2026年3月7日, for days since 1970."""
    first = int(days.min()) if len(days) else 0
    known = pl.Series(np.arange(first, (int(days.max()) if len(days) else 0) + 1)).cast(pl.Int32).cast(pl.Date)
    return known.dt.strftime("%Y年%-m月%-d日").gather(pl.Series(days - first, dtype=pl.UInt32))


def _facts(streams: Streams, frame: pl.DataFrame, reason: pl.Series) -> pl.Series:
    """Who, where, what, and by which evidence."""
    size = frame.height
    place = frame["place"].to_numpy()
    road = gather(ROADS, streams.below("facts.road", size, len(ROADS)))
    house = pl.Series(streams.below("facts.house", size, 480) + 1).cast(pl.String)
    evidence = gather(EVIDENCE, streams.below("facts.evidence", size, len(EVIDENCE)))
    witness = gather([word for word, _ in SURNAMES], streams.below("facts.witness", size, len(SURNAMES)))
    where = gather([place_name(at) for at in range(len(STEMS))], place) + road + house + "号"
    known = "经查，" + frame["_subject"] + "的经营场所位于" + where + "。" + reason
    return known + "。上述事实有" + evidence + "等证据证实，并有" + witness + "某某的陈述在卷。"


def _contents(streams: Streams, size: int) -> list[pl.Series]:
    """Type of penalty, what was decided, and the amounts (in units of ten thousand)."""
    kind = streams.weighted("penalty", size, [weight for *_, weight in _PENALTIES])
    fine = _amounts(streams, "penalty.fine", size, 2, 2_000) * 100
    taken = _amounts(streams, "penalty.taken", size, 50, 90_000)
    pieces = [_filled(text) for _, text, _ in _PENALTIES]
    fined, confiscated = pl.Series(kind != _WARNING), pl.Series(kind == _CONFISCATION)
    empty = pl.Series([""]).new_from_index(0, size)
    content = (
        gather([before for before, *_ in pieces], kind)
        + pl.Series(taken).cast(pl.String).zip_with(confiscated, empty)
        + gather([middle for _, middle, _ in pieces], kind)
        + pl.Series(fine).cast(pl.String).zip_with(fined, empty)
        + gather([after for *_, after in pieces], kind)
    )
    amounts = pl.DataFrame({"f": fine, "t": taken, "fined": fined, "taken": confiscated})
    licence = gather(["食品经营许可证", "道路运输经营许可证", "安全生产许可证"], streams.below("licence", size, 3))
    suspended = pl.DataFrame({"licence": licence, "held": kind == _SUSPENSION})
    return [
        gather([name for name, *_ in _PENALTIES], kind).alias("CF_CFLB"),
        content.alias("CF_NR"),
        amounts.select(
            pl.when("fined").then((pl.col("f") / 10_000).round(4).cast(pl.String)).alias("CF_NR_FK")
        ).to_series(),
        amounts.select(
            pl.when("taken").then((pl.col("t") / 10_000).round(4).cast(pl.String)).alias("CF_NR_WFFF")
        ).to_series(),
        suspended.select(pl.when("held").then("licence").alias("CF_NR_ZKDX")).to_series(),
    ]


def _filled(text: str) -> tuple[str, str, str]:
    """What stands before the confiscated amount, between it and the fine, and after the fine."""
    before, found, rest = text.rpartition("{t}")
    middle, _, after = rest.partition("{f}") if found else text.partition("{f}")
    return before, middle, after


def _amounts(streams: Streams, name: str, size: int, low: int, high: int) -> Ints:
    """Numbers between the bounds, small ones more often."""
    return np.floor(low * (high / low) ** streams.uniform(name, size)).astype(np.int64)


def _authority_codes() -> list[str]:
    """Credit codes of the authorities; they belong to nobody."""
    size = len(AUTHORITIES)
    bodies = organisation_bodies(np.arange(size) * 3 + 90_000_000)
    return credit_codes(["11"] * size, ["990000"] * size, bodies.to_list()).to_list()
