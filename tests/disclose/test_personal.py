"""Personal data in free text: what is somebody's is found and masked, and what is nobody's stays.

The corpora are texts of one line each: never.txt, organisations.txt (nothing to be found), personal.txt.
"""

import re
import string
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from publish.disclose.identifiers import CREDIT_ALPHABET, valid_credit_codes
from publish.disclose.personal import HITS, MASK, _may_still_hold, find_personal, mask_personal
from publish.model import personal_numbers, personal_patterns
from publish.model.personal_numbers import id_check, is_credit_code, is_plausible_id
from publish.model.personal_patterns import SPACES, UNSEEN, patterns_in, personal_in
from publish.model.terms import Pattern

STRONG = (personal_numbers._ID, personal_patterns._MOBILE, personal_numbers._CARD)
CORPUS = Path(__file__).parent / "corpus"
ALL = frozenset(Pattern)
MARK = re.compile(r"\[\[([a-z-]+): (.*?)\]\]")
WIDE = str.maketrans({chr(code): chr(code + 0xFEE0) for code in range(0x21, 0x7F)})


def lines(name: str) -> list[str]:
    texts = (CORPUS / name).read_text(encoding="utf-8").split("\n")
    return [text for text in texts if text and not text.startswith("#")]


def found(texts: list[str], person: bool) -> list[tuple[int, str, int, int]]:
    series = pl.Series(texts, dtype=pl.String)
    return find_personal(series, pl.repeat(person, len(texts), eager=True), ALL).rows()


def masked(text: str, person: bool = False) -> str:
    series = pl.Series([text])
    (result,) = mask_personal(series, find_personal(series, pl.Series([person]), ALL))
    assert isinstance(result, str)
    return result


def marked() -> Iterator[tuple[str, str, set[tuple[str, str]], str]]:
    """Whose, the text, what is to be found in it (pattern, characters), the text masked."""
    for line in lines("personal.txt"):
        whose, text = line.split(" | ", 1)
        yield whose, MARK.sub(r"\2", text), set(MARK.findall(text)), MARK.sub(MASK, text)


def test_the_corpora_are_large_enough() -> None:
    assert len(set(lines("never.txt"))) >= 400
    assert len(set(lines("organisations.txt"))) >= 25


@pytest.mark.parametrize("person", [False, True])
def test_what_is_nobodys_is_not_found(person: bool) -> None:
    texts = lines("never.txt")
    assert [(texts[index], what) for index, what, _, _ in found(texts, person)] == []


def test_addresses_of_organisations_are_not_found() -> None:
    texts = lines("organisations.txt")
    assert [(texts[index], what) for index, what, _, _ in found(texts, person=False)] == []


@pytest.mark.parametrize("name", ["never.txt", "organisations.txt"])
def test_the_scan_of_releases_finds_nothing_there_either(name: str) -> None:
    """A hit there stops a release; texts are searched one by one and as a file of lines."""
    texts = lines(name)
    assert [(text, what) for text in texts for what, _, _ in patterns_in(text)] == []
    assert list(patterns_in("\n".join(texts))) == []


@pytest.mark.parametrize(("whose", "text", "what", "result"), list(marked()))
def test_what_is_somebodys_is_found_and_masked(whose: str, text: str, what: set[tuple[str, str]], result: str) -> None:
    hits = {(pattern, text[start:end]) for _, pattern, start, end in found([text], person=True)}
    assert what <= hits
    assert masked(text, person=True) == result
    assert masked(text, person=False) == (result if whose == "any" else text)


@pytest.mark.parametrize(("whose", "text", "what", "result"), list(marked()))
def test_a_masked_text_holds_nothing_more(whose: str, text: str, what: set[tuple[str, str]], result: str) -> None:
    assert masked(result, person=True) == result
    assert list(patterns_in(result)) == []


def test_only_what_is_wanted_is_found() -> None:
    text = pl.Series(["电话13800138000，邮箱z@qq.com，家住汀州市长江路1号，11010519491231002X，6222021234567890128"])
    for pattern in Pattern:
        hits = find_personal(text, pl.Series([True]), frozenset({pattern}))
        assert hits["pattern"].unique().to_list() == [pattern.value]
    assert find_personal(text, pl.Series([True]), frozenset()).height == 0


def test_shape_of_the_hits() -> None:
    texts = pl.Series([None, "无", "，电话13800138000", "", "z@qq.com"], dtype=pl.String)
    hits = find_personal(texts, pl.Series([True] * 5), ALL)
    assert dict(hits.schema) == HITS
    assert hits.rows() == [(2, "mobile", 3, 14), (4, "e-mail", 0, 8)]
    assert mask_personal(texts, hits).to_list() == [None, "无", "，电话***", "", "***"]
    nothing = find_personal(pl.Series([], dtype=pl.String), pl.Series([], dtype=pl.Boolean), ALL)
    assert (nothing.height, dict(nothing.schema)) == (0, HITS)


def test_whoever_is_not_known_to_be_an_organisation_is_a_person() -> None:
    texts = pl.Series(["住所：汀州市长江路1号"])
    assert find_personal(texts, pl.Series([None], dtype=pl.Boolean), ALL).height == 1


def test_overlapping_hits_are_one() -> None:
    hits = pl.DataFrame([(0, "mobile", 1, 4), (0, "e-mail", 3, 6), (0, "e-mail", 6, 7)], schema=HITS, orient="row")
    assert mask_personal(pl.Series(["abcdefgh"]), hits).to_list() == ["a******h"]


def test_born_too_late_to_be_somebody_without_a_word_for_it() -> None:
    number = "34070220260115001" + id_check("34070220260115001")
    texts, person = pl.Series([number, f"身份证号{number}"]), pl.Series([True, True])
    assert find_personal(texts, person, ALL)["index"].to_list() == [0, 1]
    called = find_personal(texts, person, ALL, latest_birth=date(2016, 1, 15))["index"].to_list()
    assert called == [1], "what the text calls an ID number is one, whatever the date"


# Generated numbers

birthdays = st.dates(date(1900, 1, 1), date(2003, 12, 31))
regions = st.sampled_from(["110105", "340702", "440300", "650102", "820000", "511902"])
chinese = st.text("汀州市监管局责令改正违法行为罚款依据公司产品检查，。；：（）", max_size=12)


@st.composite
def resident_ids(draw: st.DrawFn) -> str:
    parts = [draw(regions), f"{draw(birthdays):%Y%m%d}", draw(st.text(string.digits, min_size=3, max_size=3))]
    parts[2] += id_check("".join(parts))
    return draw(st.sampled_from(["", "", " ", "-", "－", " - ", "\u00a0", "\u3000", "–"])).join(parts)


@st.composite
def mobiles(draw: st.DrawFn) -> str:
    number = "1" + draw(st.sampled_from("3456789")) + draw(st.text(string.digits, min_size=9, max_size=9))
    parts = (number[:3], number[3:7], number[7:])
    prefix = draw(st.sampled_from(["", "", "+86", "+86 ", "0086", "86-"]))
    return prefix + draw(st.sampled_from(["", "", " ", "-", "－", "\u200b"])).join(parts)


@st.composite
def cards(draw: st.DrawFn) -> str:
    """Of UnionPay, with 16 or 19 digits."""
    body = "622" + draw(st.sampled_from("2458")) + draw(st.sampled_from(["0", "1"]))
    body += draw(st.text(string.digits, min_size=10, max_size=10) | st.text(string.digits, min_size=13, max_size=13))
    doubled = [int(digit) * (1 if place % 2 else 2) for place, digit in enumerate(reversed(body))]
    number = body + str(-sum(value - 9 if value > 9 else value for value in doubled) % 10)
    groups = [number[at : at + 4] for at in range(0, len(number), 4)]
    return draw(st.sampled_from(["", "", " ", "-"])).join(groups)


mails = st.from_regex(r"[a-z][a-z0-9._-]{0,12}[a-z0-9]@[a-z][a-z0-9]{1,8}\.(com|cn|example)", fullmatch=True)


@given(resident_ids() | mobiles() | cards() | mails, chinese, chinese, st.booleans(), st.booleans())
@settings(max_examples=400, deadline=None)
def test_a_planted_number_is_masked_whole(planted: str, before: str, after: str, wide: bool, person: bool) -> None:
    secret = planted.translate(WIDE) if wide else planted
    text = before + secret + after
    assert masked(text, person) == before + MASK + after
    assert list(patterns_in(text)) != []


@given(st.lists(resident_ids() | mobiles() | cards() | mails, min_size=2, max_size=5), st.sampled_from("，；、。"))
@settings(max_examples=100, deadline=None)
def test_each_of_several_is_masked(planted: list[str], between: str) -> None:
    assert masked(between.join(planted)) == between.join([MASK] * len(planted))


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=60), st.booleans())
@settings(max_examples=300, deadline=None)
def test_text_outside_the_hits_is_untouched(text: str, person: bool) -> None:
    hits = found([text], person)
    assert all(0 <= start < end <= len(text) for _, _, start, end in hits)
    if not hits:
        assert masked(text, person) == text


@given(st.text("0123456789-－ ×*Xx身份证号码账卡住址男，。市路@.a\u200b", max_size=50), st.booleans())
@settings(max_examples=500, deadline=None)
def test_the_columns_find_what_the_single_text_does(text: str, person: bool) -> None:
    """The cheap look ahead loses nothing, and what the scan of a release would find was masked before."""
    single = {(what.value, start, end) for what, start, end in personal_in(text, person, ALL)}
    assert {hit[1:] for hit in found([text], person)} == single
    assert list(patterns_in(masked(text, person))) == []


@given(st.sampled_from(["91", "92", "12", "53"]), st.text(CREDIT_ALPHABET, min_size=15, max_size=15))
@settings(max_examples=200, deadline=None)
def test_both_readings_of_credit_codes_agree(kind: str, rest: str) -> None:
    codes = [kind + rest[:6] + rest[6:] + check for check in CREDIT_ALPHABET]
    columnar = valid_credit_codes(pl.Series(codes)).to_list()
    shaped = rest[:6].isdigit()
    assert [is_credit_code(code) and shaped for code in codes] == columnar


@given(st.sampled_from(["91", "92", "93", "12", "52"]), st.text(string.digits, min_size=15, max_size=15))
@settings(max_examples=400, deadline=None)
def test_credit_codes_of_digits_are_no_persons(kind: str, rest: str) -> None:
    for last in string.digits:
        code = kind + rest + last
        if is_credit_code(code) and not (is_plausible_id(code) and id_check(code) == last):
            assert masked(code) == code
            assert masked(f"证件号码：{code}，已核") == f"证件号码：{code}，已核"


@given(st.dates(date(2006, 1, 1), date(2030, 1, 1)), st.integers(0, 9999), regions)
@settings(max_examples=300, deadline=None)
def test_permits_are_numbered_by_region_and_day(day: date, order: int, region: str) -> None:
    number = f"{region}{day:%Y%m%d}{order:04d}"
    assert masked(f"施工许可证编号：{number}") == f"施工许可证编号：{number}"
    if number[17] != id_check(number):
        assert masked(number) == number


def test_both_wholly_valid_is_somebodys() -> None:
    """A number that is a credit code and a resident ID number in every respect is masked."""
    day, codes = date(1950, 1, 1), list[str]()
    while len(codes) < 3:
        for order in range(1000):
            body = f"110105{day:%Y%m%d}{order:03d}"
            if is_credit_code(body + id_check(body)) and id_check(body) != "X":
                codes.append(body + id_check(body))
        day += timedelta(days=1)
    assert [masked(code) for code in codes] == [MASK] * len(codes)


def test_a_text_of_any_size_is_searched_in_time_that_grows_with_it() -> None:
    """No pattern goes back and forth in long runs of letters, digits, spaces or marks."""
    for run in (
        "a" * 200_000,
        "1" * 200_000,
        "1 " * 100_000,
        "住" * 100_000,
        "a." * 100_000,
        "男，" * 50_000,
        "*" * 100_000,
    ):
        assert len(list(patterns_in(run + "，13800138000"))) >= 1
        found([run[:20_000]], person=True)


WORDS = "身份证 证件号 账户 卡号 开户 住址 地 址 户籍 家庭 ，现住 负责人 男， 望海区三号路12号 张三 ： 。 年"
NUMBERS = "110105 19491231 002X ６２２２ 13800138000 1380-0138 *** ××× ｘ a@b.cn ＠ － ．"
pieces = st.sampled_from([*WORDS.split(), *NUMBERS.split(), "\u200b", "\u00ad", " ", "\u3000", "\n"])


@settings(max_examples=400, deadline=None)
@given(st.lists(pieces, max_size=12).map("".join), st.booleans())
def test_the_closer_look_before_the_closest_misses_nothing(text: str, person: bool) -> None:
    """Whatever `personal_in` finds has what is asked of a text before it is worked on."""
    texts = pl.Series([text])
    for wanted in (ALL, ALL - {Pattern.ADDRESS}):
        hits = list(personal_in(text, person, wanted))
        assert _may_still_hold(texts, wanted).item() or not hits


@pytest.mark.parametrize("name", ["never.txt", "organisations.txt", "personal.txt"])
def test_nor_in_the_corpora(name: str) -> None:
    texts = [MARK.sub(r"\2", line) for line in lines(name)]
    for text in [*texts, *(text.translate(WIDE) for text in texts)]:
        held = bool(_may_still_hold(pl.Series([text]), ALL).item())
        assert held or not any(list(personal_in(text, person, ALL)) for person in (True, False))


@pytest.mark.parametrize("mark", [*SPACES, *UNSEEN])
def test_any_space_or_unseen_character_may_come_before_a_dwelling(mark: str) -> None:
    assert masked(f"张三{mark}住望海区三号路12号", person=True) == f"张三{mark}住***" or mark in UNSEEN
    assert masked(f"{mark}住望海区三号路12号", person=True) == f"{mark}住***"
    assert masked(f"业主张三，{mark}住望海区三号路12号") == f"业主张三，{mark}住***"


@pytest.mark.parametrize("before", ["10.", "共12.", "￥", "编号"])
def test_a_number_after_a_line_break_is_one(before: str) -> None:
    """What stands at the end of the line before says nothing of it."""
    assert [found for found, _, _ in patterns_in(f"{before}\n13812345678")] == [Pattern.MOBILE]
    assert list(patterns_in(f"{before}13812345678")) == []


@settings(max_examples=300)
@given(st.one_of(*map(st.from_regex, STRONG)))
def test_whatever_a_strong_pattern_finds_holds_what_is_looked_for_first(text: str) -> None:
    """Else the patterns would not be asked."""
    for pattern in STRONG:
        for match in pattern.finditer(text):
            assert personal_patterns._NUMBER.search(text, match.start())
