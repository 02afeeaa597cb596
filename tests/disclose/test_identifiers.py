"""Golden identifiers (facts, 4), periods and keys."""

from datetime import date

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from publish.disclose.identifiers import CREDIT_ALPHABET, organisation_checks, valid_credit_codes
from publish.disclose.keys import record_keys
from publish.disclose.periods import period_end
from publish.disclose.secrets import masked_name
from publish.model.terms import Severity

VALID = [
    "914403001922038216",
    "91110108551385082Q",
    "11230500001755309F",
    "91100000100003962T",
    "12100000400002259P",
    "91350100M000100Y43",
    "911100001000002860",
]
INVALID = [
    None,
    "",
    "000000000000000000",
    "00000000000000000X",
    "914403001922038217",
    "91440300192203821",
    "9144030019220382166",
    "91440300192203821I",
    "９14403001922038216",
    "11010519491231002X",
]


def test_golden_credit_codes() -> None:
    verdicts = valid_credit_codes(pl.Series(VALID + INVALID, dtype=pl.String))
    assert verdicts.to_list() == [True] * len(VALID) + [False] * len(INVALID)


def test_no_codes_at_all() -> None:
    assert valid_credit_codes(pl.Series([None, None], dtype=pl.String)).to_list() == [False, False]
    assert valid_credit_codes(pl.Series([], dtype=pl.String)).to_list() == []


@given(st.sampled_from(VALID), st.integers(0, 17), st.sampled_from(CREDIT_ALPHABET))
def test_one_wrong_character_is_seen(code: str, place: int, character: str) -> None:
    """The weights are prime to 31, so every single substitution changes the sum."""
    changed = code[:place] + character + code[place + 1 :]
    assert valid_credit_codes(pl.Series([changed])).to_list() == [changed == code]


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        (date(2025, 8, 31), 1, date(2025, 9, 30)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2023, 11, 30), 3, date(2024, 2, 29)),
        (date(2026, 1, 1), 36, date(2029, 1, 1)),
        (date(2024, 12, 31), 2, date(2025, 2, 28)),
    ],
)
def test_period_ends_on_the_corresponding_day(start: date, months: int, end: date) -> None:
    frame = pl.DataFrame({"start": [start], "severity": ["general"]})
    expression = period_end(pl.col("start"), pl.col("severity"), {Severity.GENERAL: months})
    assert frame.select(expression).item() == end


def test_a_severity_without_a_period_has_no_end() -> None:
    frame = pl.DataFrame({"start": [date(2026, 1, 1)] * 2, "severity": ["minor", None]})
    ends = frame.select(period_end(pl.col("start"), pl.col("severity"), {Severity.GENERAL: 12})).to_series()
    assert ends.to_list() == [None, None]


def test_keys_depend_on_dataset_id_and_secret() -> None:
    ids = pl.Series(["a", "b", None])
    keys = record_keys("penalties", ids, b"")
    assert keys.to_list()[2] is None
    assert (
        len(
            {
                *keys.to_list(),
                *record_keys("licences", ids, b"").to_list(),
                *record_keys("penalties", ids, b"k").to_list(),
            }
        )
        == 7
    )
    assert all(len(key) == 20 and set(key) <= set("0123456789abcdef") for key in keys.drop_nulls())


@given(st.text(min_size=1, max_size=6))
def test_a_masked_name_shows_one_character_at_most(name: str) -> None:
    masked = pl.DataFrame({"n": [name]}).select(masked_name(pl.col("n"))).item()
    bare = masked.removesuffix("**")
    assert masked.endswith("**")
    assert len(bare) <= 1
    assert bare in name
    assert len(name) > 1 or bare == "", "of a name of one character nothing is left"


def test_the_organisation_code_within_a_credit_code() -> None:
    """GB 11714: the facts' samples carry its check; another last character fails."""
    codes = ["914403001922038216", "91110108551385082Q", "91350100M000100Y43", "911100001000002860"]
    assert organisation_checks(pl.Series(codes)).to_list() == [True] * 4
    assert organisation_checks(pl.Series([code[:16] + "7" + code[17:] for code in codes])).to_list() == [False] * 4
