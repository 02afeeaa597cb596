"""The subjects of the bench corpus: organisations with names that recur as real ones do, and masked persons."""

from functools import cache
from typing import Final

import numpy as np
import polars as pl

from publish.model.terms import SubjectKind
from tests.bench.corpus_words import (
    CITIES,
    FORMS,
    INDUSTRIES,
    NAME_CHARACTERS,
    NICKNAMES,
    REGIONS,
    SHOPS,
    STEMS,
    city_of,
    district_name,
    place_name,
)
from tests.demo.identifiers import credit_codes, organisation_bodies
from tests.demo.streams import Floats, Ints, Streams, gather, weighted
from tests.demo.words import SURNAMES

# Trade names by length: how many exist, the share of subjects, and their skew: weight (rank + flat) ** -power. At
# 600,000 subjects, the names of three characters have 1 to 30 bearers, the best known of two some hundreds.
_TRADE_NAMES: Final = {2: (25_000, 0.45, 20, 0.7), 3: (60_000, 0.30, 150, 0.5), 4: (120_000, 0.25, 200, 0.4)}
_TRADER_SHARE: Final = 0.25
_PLACES: Final = len(STEMS)
_ORGANISATION: Final = SubjectKind.ORGANISATION.value
_TRADER: Final = SubjectKind.SOLE_TRADER.value


def organisations(streams: Streams, size: int, first: int = 0) -> pl.DataFrame:
    """`size` organisations and sole traders: `name`, `code`, `kind`, `place`. Codes are distinct from `first` on."""
    place = places(streams, "organisation.place", size)
    trader = streams.chance("organisation.trader", size, _TRADER_SHARE)
    trade = _trade_names(streams, size)
    number = first + streams.shuffled("organisation.number", size)
    heads = gather(["91", "92"], trader.astype(np.int64))
    code = credit_codes(heads.to_list(), gather(REGIONS, place).to_list(), organisation_bodies(number).to_list())
    frame = pl.DataFrame({"place": place, "trader": trader, "code": code})
    frame = frame.with_columns(_firms(streams, trade, place).alias("firm"), _shops(streams, trade, place).alias("shop"))
    return frame.select(
        pl.when("trader").then("shop").otherwise("firm").alias("name"),
        "code",
        pl.when("trader").then(pl.lit(_TRADER)).otherwise(pl.lit(_ORGANISATION)).alias("kind"),
        "place",
    )


def persons(streams: Streams, size: int) -> pl.DataFrame:
    """`size` natural persons, masked: the same columns, without codes."""
    stars = gather(["*", "**"], streams.weighted("person.stars", size, [1, 3]))
    return pl.DataFrame(
        {
            "name": surnames(streams, "person.surname", size) + stars,
            "code": pl.Series([None], dtype=pl.String).new_from_index(0, size),
            "kind": pl.Series([SubjectKind.NATURAL_PERSON.value]).new_from_index(0, size),
            "place": places(streams, "person.place", size),
        }
    )


def places(streams: Streams, name: str, size: int) -> Ints:
    """Where subjects are: mostly in districts, the larger ones first."""
    rank = np.arange(_PLACES)
    weights = np.where(rank < CITIES, 0.6, 1.0) / (rank % CITIES + 5)
    return streams.weighted(name, size, weights.tolist())


def surnames(streams: Streams, name: str, size: int) -> pl.Series:
    """Surnames, as frequent as they are."""
    return gather([word for word, _ in SURNAMES], streams.weighted(name, size, [weight for _, weight in SURNAMES]))


def _firms(streams: Streams, trade: pl.Series, place: Ints) -> pl.Series:
    """汀澜市字号行业有限公司, or the place in brackets, or none."""
    size = len(trade)
    choice = streams.weighted("firm.head", size, [30, 20, 6, 8, 13, 9, 2, 12])
    heads, brackets = [], []
    for at in range(_PLACES):
        city, district = STEMS[city_of(at)], district_name(at)
        heads += [city + "市", city, city + "市" + STEMS[at], district, "", "", "", ""]
        brackets += [*[""] * 4, f"（{city}）", f"（{STEMS[at]}）", f"({city})", ""]
    index = place * 8 + choice
    industries = Streams(0).shuffled("industries", len(INDUSTRIES))
    industry = industries[streams.weighted("firm.industry", size, (1 / (np.arange(len(INDUSTRIES)) + 12)).tolist())]
    form = streams.weighted("firm.form", size, [weight for _, weight in FORMS])
    tail = gather(INDUSTRIES, industry) + gather([word for word, _ in FORMS], form)
    return gather(heads, index) + trade + gather(brackets, index) + tail


def _shops(streams: Streams, trade: pl.Series, place: Ints) -> pl.Series:
    """汀澜市桐阳区老李餐馆, 桐阳区字号便利店."""
    size = len(trade)
    nicknames = [form.format(surname) for surname, weight in SURNAMES for form in NICKNAMES]
    weights = [weight for _, weight in SURNAMES for _ in NICKNAMES]
    nickname = gather(nicknames, streams.weighted("shop.nickname", size, weights))
    familiar = pl.Series(streams.chance("shop.familiar", size, 0.4))
    shop = gather(SHOPS, streams.weighted("shop.trade", size, (1 / (np.arange(len(SHOPS)) + 6)).tolist()))
    heads = [name for at in range(_PLACES) for name in (place_name(at), district_name(at))]
    head = gather(heads, place * 2 + streams.weighted("shop.head", size, [7, 3]))
    return head + nickname.zip_with(familiar, trade) + shop


def _trade_names(streams: Streams, size: int) -> pl.Series:
    lengths = list(_TRADE_NAMES)
    chosen = streams.weighted("trade.length", size, [share for _, share, _, _ in _TRADE_NAMES.values()])
    uniform = streams.uniform("trade.name", size)
    index = np.zeros(size, dtype=np.int64)
    start = 0
    for at, length in enumerate(lengths):
        count, _, flat, power = _TRADE_NAMES[length]
        mine = chosen == at
        index[mine] = start + _skewed(uniform[mine], count, flat, power)
        start += count
    return _pool().gather(pl.Series(index, dtype=pl.UInt32))


@cache
def _pool() -> pl.Series:
    """All trade names that exist, the same for every seed, by length; each length with the usual ones first."""
    streams, parts = Streams(0), []
    for length, (count, *_) in _TRADE_NAMES.items():
        cells = _skewed(streams.uniform(f"pool.{length}", count * length), len(NAME_CHARACTERS), 30, 1.15)
        columns = [gather(NAME_CHARACTERS, cells[at::length]) for at in range(length)]
        parts.append(pl.select(pl.concat_str(*columns)).to_series())
    return pl.concat(parts)


def _skewed(uniform: Floats, count: int, flat: int, power: float) -> Ints:
    return weighted(uniform, ((np.arange(count) + flat) ** -power).tolist())
