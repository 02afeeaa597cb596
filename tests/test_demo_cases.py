"""The demonstration city has the cases that disclosure must tell apart."""

from datetime import timedelta

import polars as pl
import pytest

from tests.demo.committed import DATA, PACKAGES, read, read_register
from tests.demo.generate import AS_OF
from tests.demo.penalties import PLANTED, SEVERITIES
from tests.demo.registers import CORRECTIONS, REVOCATIONS
from tests.demo.subjects import KINDS, PLACEHOLDER


@pytest.fixture(scope="module")
def tables() -> dict[str, pl.DataFrame]:
    """The committed record tables."""
    return {package: read(DATA, package) for package in PACKAGES}


def test_every_kind_and_severity_is_there(tables: dict[str, pl.DataFrame]) -> None:
    penalties = tables["penalties"]
    assert set(penalties["CF_SXCD"]) == set(SEVERITIES)
    for kind in KINDS:
        for severity in ("轻微", "一般", "严重"):
            some = penalties.filter((pl.col("CF_XDR_LB") == kind) & (pl.col("CF_SXCD") == severity))
            assert len(some) >= 10, (kind, severity)
    assert set(penalties["CF_CFCX"]) == {"普通程序", "简易程序"}
    assert penalties["CF_WFXW"].n_unique() >= 30
    assert penalties["CF_CFJG"].n_unique() >= 15
    for package, column in (("licences", "XK_XDR_LB"), ("blacklist", "MD_ZTLB"), ("redlist", "主体类别")):
        assert set(tables[package][column]) == set(KINDS), package


def test_end_dates_hold_the_traps(tables: dict[str, pl.DataFrame]) -> None:
    """Blank, long-term marks and two differing dates (facts, section 2)."""
    ends = tables["penalties"].select("CF_YXQ", "CF_GSJZQ")
    for trap in (None, "长期", "2099-12-31", "2999-12-31"):
        assert len(ends.filter(pl.col("CF_YXQ").eq_missing(pl.lit(trap)))) >= 10, trap
    dated = ends.filter(pl.all_horizontal(pl.all().str.starts_with("202")))
    assert len(dated.filter(pl.col("CF_YXQ") != pl.col("CF_GSJZQ"))) >= 20
    for trap in (None, "长期", "2099/12/31"):
        assert len(tables["licences"].filter(pl.col("XK_YXQZI").eq_missing(pl.lit(trap)))) >= 10, trap
    for package, column in (("blacklist", "MD_YXQZ"), ("redlist", "有效期止")):
        assert {None, "长期"} < set(tables[package][column]), package


def test_expired_living_leaving_and_coming(tables: dict[str, pl.DataFrame]) -> None:
    day = pl.col("CF_JDRQ").str.to_date()
    months = pl.when(pl.col("CF_SXCD") == "严重").then(pl.lit("36mo")).otherwise(pl.lit("12mo"))
    graded = tables["penalties"].filter(pl.col("CF_SXCD").is_in(["一般", "严重"]))
    for severity in ("一般", "严重"):
        last = graded.filter(pl.col("CF_SXCD") == severity).select(day.dt.offset_by(months)).to_series()
        assert (last >= AS_OF).sum() >= 100, "living"
        assert (last < AS_OF).sum() >= 5, "expired"
        assert last.is_between(AS_OF - timedelta(days=30), AS_OF - timedelta(days=1)).any(), "left lately"
    for package, column, pattern in (
        ("licences", "XK_YXQZ", "%Y/%m/%d"),
        ("blacklist", "MD_LRRQ", "%Y-%m-%d"),
        ("redlist", "有效期起", "%Y-%m-%d"),
    ):
        assert (tables[package][column].str.to_date(pattern) > AS_OF).any(), f"{package}: not begun yet"


def test_no_decision_after_the_day_or_on_a_weekend(tables: dict[str, pl.DataFrame]) -> None:
    for package, column, pattern in (
        ("penalties", "CF_JDRQ", "%Y-%m-%d"),
        ("licences", "XK_JDRQ", "%Y/%m/%d"),
        ("blacklist", "MD_RDRQ", "%Y-%m-%d"),
        ("redlist", "认定日期", "%Y-%m-%d"),
    ):
        days = tables[package][column].str.to_date(pattern)
        assert (days <= AS_OF).all()
        assert (days.dt.weekday() <= 5).all(), package


def test_registers(tables: dict[str, pl.DataFrame]) -> None:
    counts: dict[str, int] = {}
    for register, state, closed in (("objections", "YY_ZT", "YY_BJRQ"), ("repairs", "XF_ZT", "XF_BJRQ")):
        for package, encoding in (("penalties", "utf-8-sig"), ("blacklist", "gb18030")):
            text = (DATA / package / f"{register}.csv").read_bytes().decode(encoding)
            events = pl.read_csv(text.encode(), infer_schema=False)
            counts[register] = counts.get(register, 0) + len(events)
            if package == "penalties":
                assert events[state].n_unique() == 3
                assert events["JLBH"].is_in(tables["penalties"]["JLBH"].implode()).all()
                granted = events.filter(pl.col(state) == "准予")[closed].str.to_date()
                assert register == "objections" or (granted > AS_OF - timedelta(days=30)).sum() >= 5
            is_open = pl.col(state).is_in(["核查中", "审核中"])
            assert events.filter(is_open)[closed].null_count() == events.select(is_open).sum().item()
    assert all(50 <= count <= 70 for count in counts.values()), counts


@pytest.mark.parametrize(("package", "ids"), [("penalties", "JLBH"), ("blacklist", "MD_BH")])
def test_corrections_and_revocations_have_every_effect(tables: dict[str, pl.DataFrame], package: str, ids: str) -> None:
    corrections, revocations = read_register(package, "corrections"), read_register(package, "revocations")
    for register, day, effect, effects in (
        (corrections, "GZ_RQ", "GZ_JG", CORRECTIONS),
        (revocations, "CX_RQ", "CX_SY", REVOCATIONS),
    ):
        assert register["record"].is_in(tables[package][ids].implode()).all()
        counts = dict(register[effect].value_counts().iter_rows())
        assert set(counts) == set(effects)
        assert min(counts.values()) >= 2
        assert register[day].str.to_date().is_between(AS_OF - timedelta(days=45), AS_OF).all()
    assert not set(corrections["record"]) & set(revocations["record"])
    exiting = corrections.filter(pl.col("GZ_JG") != "更正内容")
    for other in ("objections", "repairs"):
        assert not set(read_register(package, other)["record"]) & {*exiting["record"], *revocations["record"]}


@pytest.mark.parametrize("package", ["penalties", "blacklist"])
def test_objections_open_rejected_upheld_and_answered_or_not(package: str) -> None:
    objections, corrections = read_register(package, "objections"), read_register(package, "corrections")
    upheld = objections.filter(pl.col("YY_ZT") == "成立")
    answered = upheld.join(corrections, on="record")
    assert (answered["GZ_RQ"] > answered["YY_BJRQ"]).all()
    assert 1 <= len(answered) < len(upheld)
    assert {"核查中", "不成立"} < set(objections["YY_ZT"])
    checked = objections.drop_nulls("YY_HCRQ")
    assert (checked["YY_HCRQ"] > checked["YY_SQRQ"]).all()
    assert (checked["YY_HCRQ"].str.to_date() <= AS_OF).all()
    # Filed more than a week ago, and nobody checked: what is late by the clock of five working days.
    late = pl.col("YY_HCRQ").is_null() & (pl.col("YY_SQRQ").str.to_date() < AS_OF - timedelta(days=8))
    assert len(objections.filter(late)) >= 1


def test_repair_notices_run_on_the_day() -> None:
    """Granted from 13 November on: five working days after it the notice ends on the day itself or later."""
    for package, least in (("penalties", 4), ("blacklist", 1)):
        granted = read_register(package, "repairs").filter(pl.col("XF_ZT") == "准予")["XF_BJRQ"].str.to_date()
        assert granted.is_between(AS_OF - timedelta(days=7), AS_OF).sum() >= least, package


def test_nearly_all_listings_were_announced(tables: dict[str, pl.DataFrame]) -> None:
    notices, black = read_register("blacklist", "prior_notices"), tables["blacklist"]
    assert notices["record"].is_unique().all()
    told = black.join(notices, left_on="MD_BH", right_on="record", how="left")
    assert 2 <= told["TZ_SDRQ"].null_count() <= 6
    assert len(notices) + told["TZ_SDRQ"].null_count() == len(black)
    ahead = told.select(pl.col("MD_RDRQ").str.to_date() - pl.col("TZ_SDRQ").str.to_date()).to_series().drop_nulls()
    assert ahead.is_between(timedelta(days=10), timedelta(days=40)).all()
    living = told.filter(pl.col("MD_YXQZ") >= str(AS_OF))
    assert living["TZ_SDRQ"].null_count() >= 1, "a listing that is not published for want of its notice"


def test_penalties_of_several_types(tables: dict[str, pl.DataFrame]) -> None:
    types = tables["penalties"]["CF_CFLB"].str.split(";")
    assert (types.list.len() >= 2).sum() >= 200
    assert types.explode(empty_as_null=True).n_unique() >= 8
    for pair in ({"警告", "罚款"}, {"罚款", "没收违法所得"}):
        assert sum(pair <= set(cell) for cell in types.to_list()) >= 10


def test_some_subjects_are_on_both_lists(tables: dict[str, pl.DataFrame]) -> None:
    black = set(tables["blacklist"]["MD_SHXYM"].drop_nulls()) - {PLACEHOLDER}
    assert 2 <= len(black & set(tables["redlist"]["统一社会信用代码"].drop_nulls())) <= 4
    day = str(AS_OF)
    untold = set(tables["blacklist"]["MD_BH"]) - set(read_register("blacklist", "prior_notices")["record"])
    listed = tables["blacklist"].filter(
        (pl.col("MD_YXQZ") >= day) & (pl.col("MD_LRRQ") <= day) & ~pl.col("MD_BH").is_in(untold)
    )
    praised = tables["redlist"].filter((pl.col("有效期止") >= day) & (pl.col("有效期起") <= day))
    both = listed.join(praised, left_on="MD_SHXYM", right_on="统一社会信用代码")
    assert len(both) >= 1, "on both on the day itself"


def test_numbers_are_planted_in_texts_of_records_that_are_shown(tables: dict[str, pl.DataFrame]) -> None:
    recent = tables["penalties"].filter(
        (pl.col("CF_JDRQ") > str(AS_OF - timedelta(days=360)))
        & pl.col("CF_SXCD").is_in(["一般", "严重"])
        & (pl.col("CF_CFCX") == "普通程序")
    )
    for number in PLANTED:
        assert 3 <= tables["penalties"]["CF_SY"].str.contains(number, literal=True).sum() <= 40
        assert recent["CF_SY"].str.contains(number, literal=True).any(), number


def test_facts_name_the_person_and_sometimes_the_number(tables: dict[str, pl.DataFrame]) -> None:
    """The text that masking must handle is really there."""
    persons = tables["penalties"].filter(pl.col("CF_XDR_LB") == "自然人")
    assert persons.select(pl.col("CF_SY").str.contains(pl.col("CF_XDR_MC"), literal=True).all()).item()
    telling = persons.select(pl.col("CF_SY").str.contains(pl.col("CF_XDR_ZJHM"), literal=True).sum()).item()
    assert 5 <= telling <= 50
