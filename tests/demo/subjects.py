"""The pool of subjects that the records of all packages are about."""

from typing import Final

import numpy as np
import polars as pl

from tests.demo.identifiers import credit_codes, organisation_bodies, person_numbers, registration_numbers
from tests.demo.kinds import SECTORS
from tests.demo.streams import Ints, Streams, gather
from tests.demo.words import (
    BRAND_CHARACTERS,
    CITY,
    COOPERATIVES,
    DISTRICT_REGIONS,
    DISTRICT_WEIGHTS,
    DISTRICTS,
    FIRM_FORMS,
    FIRMS,
    GIVEN_CHARACTERS,
    INSTITUTIONS,
    SHOPS,
    SHORT_CITY,
    SOCIAL_BODIES,
    SURNAMES,
)

KINDS: Final = ("法人及非法人组织", "个体工商户", "自然人")
ORGANISATION: Final = 0
SOLE_TRADER: Final = 1
PERSON: Final = 2
PLACEHOLDER: Final = "00000000000000000X"  # how a sole trader without a code is reported

_FORMS: Final = (("firm", "91", 46), ("cooperative", "93", 4), ("institution", "12", 4), ("social", "52", 4))
_TRADER_WEIGHT: Final = 22
_PERSON_WEIGHT: Final = 20


def make_subjects(streams: Streams, size: int) -> pl.DataFrame:
    """`size` subjects.

    Columns: `subject` Int64 (0, 1, …); `kind` Int64 (index of KINDS); `sector` Int64 (index of kinds.SECTORS, without
    meaning for persons); `district` Int64; `name`; `code` (null for natural
    persons, PLACEHOLDER for a few sole traders); `registration` (sole traders without a code), `institution_no`,
    `social_no`, `tax_no`, `body_no` (where held); `chief` (legal representative or operator; null for persons);
    `person_no` (the person's own number, else the chief's). Names of organisations and sole traders are distinct.
    """
    form = streams.weighted("subject.form", size, [*(f[2] for f in _FORMS), _TRADER_WEIGHT, _PERSON_WEIGHT])
    kind = np.where(form < len(_FORMS), ORGANISATION, np.where(form == len(_FORMS), SOLE_TRADER, PERSON))
    district = streams.weighted("subject.district", size, DISTRICT_WEIGHTS)
    numbers = np.arange(size, dtype=np.int64)
    sector, parts = _names(streams, form, district)
    frame = pl.DataFrame(
        {"subject": numbers, "kind": kind, "form": form, "district": district, "sector": sector}
    ).with_columns(
        _codes(numbers, form, district).alias("full_code"),
        registration_numbers(numbers, district).alias("registration"),
        person_numbers(numbers, district).alias("person_no"),
        _person_names(streams, "subject.person", size).alias("person"),
        _distinct(streams, parts, size).alias("organisation"),
        pl.Series("uncoded", streams.chance("subject.uncoded", size, 0.05)),
        pl.Series("older", streams.chance("subject.older", size, 0.06)),
    )
    return _finished(frame)


def _finished(frame: pl.DataFrame) -> pl.DataFrame:
    person = pl.col("kind") == PERSON
    uncoded = (pl.col("kind") == SOLE_TRADER) & pl.col("uncoded")
    code = pl.col("full_code")
    older = pl.col("older") & (pl.col("kind") == ORGANISATION)
    return frame.select(
        *("subject", "kind", "sector", "district", "person_no"),
        pl.when(person).then(pl.col("person")).otherwise(pl.col("organisation")).alias("name"),
        pl.when(uncoded).then(pl.lit(PLACEHOLDER)).when(~person).then(code).alias("code"),
        pl.when(uncoded).then(pl.col("registration")).alias("registration"),
        pl.when(pl.col("form") == 2).then("事证第" + code.str.slice(9, 7) + "号").alias("institution_no"),
        pl.when(pl.col("form") == 3).then("民证字第" + code.str.slice(9, 7) + "号").alias("social_no"),
        pl.when(older).then(code).alias("tax_no"),
        pl.when(older).then(code.str.slice(8, 8) + "-" + code.str.slice(16, 1)).alias("body_no"),
        pl.when(~person).then(pl.col("person")).alias("chief"),
    )


def _codes(numbers: Ints, form: Ints, district: Ints) -> pl.Series:
    heads = gather([*(f[1] for f in _FORMS), "92", "92"], form)
    return credit_codes(
        heads.to_list(), gather(DISTRICT_REGIONS, district).to_list(), organisation_bodies(numbers).to_list()
    )


def _person_names(streams: Streams, name: str, size: int) -> pl.Series:
    surname = gather([s for s, _ in SURNAMES], streams.weighted(f"{name}.surname", size, [w for _, w in SURNAMES]))
    first = gather(GIVEN_CHARACTERS, streams.below(f"{name}.first", size, len(GIVEN_CHARACTERS)))
    second_of = [*GIVEN_CHARACTERS, *[""] * (len(GIVEN_CHARACTERS) // 4)]
    return surname + first + gather(second_of, streams.below(f"{name}.second", size, len(second_of)))


def _brands(streams: Streams, size: int) -> pl.Series:
    """The distinguishing part of a name (字号): two characters, sometimes three."""
    first = streams.below("brand.first", size, len(BRAND_CHARACTERS))
    step = streams.below("brand.second", size, len(BRAND_CHARACTERS) - 1) + 1
    third_of = [*BRAND_CHARACTERS, *[""] * (len(BRAND_CHARACTERS) * 4)]
    third = gather(third_of, streams.below("brand.third", size, len(third_of)))
    return gather(BRAND_CHARACTERS, first) + gather(BRAND_CHARACTERS, (first + step) % len(BRAND_CHARACTERS)) + third


def _names(streams: Streams, form: Ints, district: Ints) -> tuple[Ints, pl.DataFrame]:
    """The sector that each name tells of, and the parts of the name: `head`, `brand`, `tail`."""
    size = len(form)
    trade = streams.weighted("firm.trade", size, [weight for _, _, weight in FIRMS])
    prefix = gather([CITY, SHORT_CITY, ""], streams.weighted("firm.prefix", size, [45, 40, 15])).to_numpy()
    legal_form = gather([f for f, _ in FIRM_FORMS], streams.weighted("firm.form", size, [w for _, w in FIRM_FORMS]))
    area = gather(DISTRICTS, district).to_numpy()
    pick = streams.uniform("name.pick", size)
    firm, trader = form == 0, form >= len(_FORMS)
    bracket = np.where(prefix == "", f"（{SHORT_CITY}）", "")
    tail = bracket + (gather([word for word, _, _ in FIRMS], trade) + legal_form).to_numpy()
    sector = np.array([SECTORS.index(letter) for _, letter, _ in FIRMS], dtype=np.int64)[trade]
    for these, words, ending in (
        (form == 1, COOPERATIVES, "专业合作社"),
        (form == 2, INSTITUTIONS, ""),
        (form == 3, SOCIAL_BODIES, ""),
        (trader, SHOPS, ""),
    ):
        index = np.floor(pick * len(words)).astype(np.int64)
        tail = np.where(these, gather([word + ending for word, _ in words], index).to_numpy(), tail)
        sector = np.where(these, np.array([SECTORS.index(letter) for _, letter in words])[index], sector)
    head = np.where(firm, prefix, np.where(trader, area, CITY + area))
    parts = {"head": head, "brand": _brands(streams, size).to_numpy(), "tail": tail}
    return sector, pl.DataFrame({name: pl.Series(texts.tolist(), dtype=pl.String) for name, texts in parts.items()})


def _distinct(streams: Streams, parts: pl.DataFrame, size: int) -> pl.Series:
    """Whole names; a name that an earlier subject has gets one more character, until none is left."""
    whole = pl.concat_str("head", "brand", "tail")
    for attempt in range(20):
        again = parts.select(~whole.is_first_distinct()).to_series()
        if not again.any():
            break
        more = gather(BRAND_CHARACTERS, streams.below(f"brand.more.{attempt}", size, len(BRAND_CHARACTERS)))
        longer = pl.when(again).then(pl.col("brand") + more).otherwise(pl.col("brand"))
        parts = parts.with_columns(longer.alias("brand"))
    return parts.select(whole).to_series()
