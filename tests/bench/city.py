"""A site with any number of penalties, nearly all public, and the same after one and two nights: for whole builds.

The records are those of the bench corpus, as their authority would hand them in: 20 of the demo city's columns, persons
with their names and numbers. Descriptor, templates, policies and rules are the demo city's own. All is invented, made
in columns, and the same arguments give the same bytes.
"""

import shutil
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

import numpy as np
import polars as pl
import yaml

from tests.bench.corpus import penalties
from tests.demo.identifiers import person_numbers
from tests.demo.registers import make_corrections, make_objections, make_repairs, make_revocations, without_events
from tests.demo.streams import Streams, gather
from tests.demo.subjects import KINDS
from tests.demo.words import DISTRICT_REGIONS, GIVEN_CHARACTERS
from tests.demo.writing import Form, Written, write_table

ROOT: Final = Path(__file__).resolve().parents[2]
AS_OF: Final = date(2026, 11, 20)
PACKAGE: Final = "penalties"
COLUMNS: Final = (
    *("JLBH", "CF_XDR_MC", "CF_XDR_LB", "CF_XDR_SHXYM", "CF_FRDB", "CF_XDR_ZJHM", "CF_WSH", "CF_WFXW", "CF_SY"),
    *("CF_YJ", "CF_CFLB", "CF_NR", "CF_NR_FK", "CF_NR_WFFF", "CF_JDRQ", "CF_GSJZQ", "CF_CFCX", "CF_SXCD", "CF_CFJG"),
    "BZ",
)
_DESCRIPTOR: Final = ROOT / "tests/demo/descriptors/penalties.yaml"
# 20,000 events in a million rows; of the objections, about one in eight brings a correction beside these.
_EVENTS: Final = {"objections": 0.008, "repairs": 0.008, "corrections": 0.0015, "revocations": 0.0015}
_HIDDEN: Final = 0.005  # of the records, minor ones; and as many by summary procedure
_BLOCK: Final = 100_000


@dataclass(frozen=True, slots=True)
class City:
    """The records `first`, `later` after a night and `last` after another, all columns String, and the registers about
    those that stay. `changes`: of each night."""

    first: pl.DataFrame
    later: pl.DataFrame
    last: pl.DataFrame
    registers: dict[str, pl.DataFrame]
    changes: dict[str, int]


def make_city(rows: int, seed: int = 1, share: float = 0.001) -> City:
    """`rows` records; in each night a third of `share` of them is new, a third is removed, a third edited."""
    streams = Streams(seed * 1_000_003 + 11)
    each = max(1, round(rows * share / 3))
    table = penalties(rows + 2 * each, seed, AS_OF).frame
    records = _records(streams, table)
    # What is new is of the last days, as it is in life: the table is in order of dates, the newest first.
    fresh = streams.shuffled("night.new", min(6 * each, rows))[: 2 * each]
    old = np.setdiff1d(np.arange(rows + 2 * each), fresh)[streams.shuffled("night.old", rows)]
    marks = np.full(rows + 2 * each, "kept", dtype=object)
    chosen = (fresh[:each], fresh[each:], old[:each], old[each : 2 * each], old[2 * each : 3 * each])
    for name, some in zip(("added", "added last", "removed", "removed last", "edited"), chosen, strict=True):
        marks[some] = name
    marks[old[3 * each : 4 * each]] = "edited last"
    mark = pl.Series("mark", marks.tolist(), dtype=pl.String)
    absent = (["added", "added last"], ["removed", "added last"], ["removed", "removed last"])
    edited: tuple[list[str], ...] = ([], ["edited"], ["edited", "edited last"])
    days = [
        _with_edited(records, mark.is_in(some)).filter(~mark.is_in(gone))
        for gone, some in zip(absent, edited, strict=True)
    ]
    registers = _registers(streams, records.filter(mark == "kept"), rows)
    return City(*days, registers, {name: int((mark == name).sum()) for name in ("added", "removed", "edited")})


def _with_edited(records: pl.DataFrame, chosen: pl.Series) -> pl.DataFrame:
    corrected = pl.when(chosen).then(pl.format("{}（已更正）", "CF_WFXW")).otherwise("CF_WFXW")
    return records.with_columns(corrected.alias("CF_WFXW"))


def write_site(root: Path, city: City) -> None:
    """The whole root of a site, on the first day."""
    shutil.copytree(ROOT / "content", root / "content")
    for name, frame in city.registers.items():
        write_table(root / "data" / PACKAGE / f"{name}.csv", [frame], Form())
    write_records(root, city.first)


def write_records(root: Path, records: pl.DataFrame) -> int:
    """The table of records, and the descriptor that tells its size and hash. Returns the bytes of the table."""
    folder = root / "data" / PACKAGE
    folder.mkdir(parents=True, exist_ok=True)
    blocks = (records.slice(start, _BLOCK) for start in range(0, max(records.height, 1), _BLOCK))
    written = write_table(folder / "penalties.csv", blocks, Form())
    text = yaml.safe_dump(_descriptor(written), allow_unicode=True, sort_keys=False)
    (folder / "datapackage.yaml").write_text(text, encoding="utf-8")
    return written.size


def _descriptor(written: Written) -> dict[str, Any]:
    """The demo city's, without the columns that are not there, and with other forms of document numbers."""
    descriptor: dict[str, Any] = yaml.safe_load(_DESCRIPTOR.read_text(encoding="utf-8"))
    for resource in descriptor["resources"]:
        del resource["bytes"], resource["hash"]
    records = descriptor["resources"][0]
    records |= {"bytes": written.size, "hash": f"sha256:{written.sha256}"}
    by_name = {field["name"]: field for field in records["schema"]["fields"]}
    records["schema"]["fields"] = [by_name[name] for name in COLUMNS]
    del by_name["CF_WSH"]["constraints"]["pattern"]
    fields = descriptor["disclosure"]["resources"][PACKAGE]["fields"]
    descriptor["disclosure"]["resources"][PACKAGE]["fields"] = {name: fields[name] for name in COLUMNS}
    return descriptor


def _records(streams: Streams, table: pl.DataFrame) -> pl.DataFrame:
    """The public table of the corpus, as it was before anything was masked or left out."""
    size = table.height
    person = table["CF_XDR_LB"] == KINDS[2]
    name = _unmasked(streams, "person", table["_subject"])
    number = person_numbers(np.arange(size), streams.below("person.region", size, len(DISTRICT_REGIONS)))
    grade = table["_severity"].replace_strict({"general": "一般", "serious": "严重"}, return_dtype=pl.String)
    frame = table.with_columns(
        name.alias("name"),
        number.alias("number"),
        grade.alias("grade"),
        pl.Series("minor", streams.chance("row.minor", size, _HIDDEN)),
        pl.Series("summary", streams.chance("row.summary", size, _HIDDEN)),
    )
    since = 3 + pl.col("_subject").str.len_chars()
    return frame.select(
        pl.format("CF{}-{}", pl.col("_date").dt.year(), (pl.int_range(1, pl.len() + 1)).cast(pl.String).str.zfill(7))
        .alias("JLBH"),
        pl.col("name").alias("CF_XDR_MC"),
        "CF_XDR_LB",
        "CF_XDR_SHXYM",
        pl.when(~person).then(_unmasked(streams, "chief", table["CF_FRDB"])).alias("CF_FRDB"),
        pl.when(person).then("number").alias("CF_XDR_ZJHM"),
        "CF_WSH",
        pl.col("_reason").alias("CF_WFXW"),
        pl.concat_str(pl.lit("经查，"), "name", pl.col("CF_SY").str.slice(since)).alias("CF_SY"),
        "CF_YJ",
        *_graded_by_severity_alone(),
        "CF_NR_WFFF",
        "CF_JDRQ",
        "CF_GSJZQ",
        pl.when("summary").then(pl.lit("简易程序")).otherwise(pl.lit("普通程序")).alias("CF_CFCX"),
        pl.when("minor").then(pl.lit("轻微")).otherwise("grade").alias("CF_SXCD"),
        "CF_CFJG",
        "BZ",
    )  # fmt: skip


def _graded_by_severity_alone() -> list[pl.Expr]:
    """Types, content and fine. The rules grade a warning as minor and a suspended permit as general, but not a fine:
    one goes with each, so that the severity that is stated holds."""
    warned, suspended = pl.col("CF_CFLB") == "警告", pl.col("CF_CFLB") == "暂扣许可证件"
    types = pl.when(warned).then(pl.lit("警告;罚款")).when(suspended).then(pl.lit("罚款;暂扣许可证件"))
    return [
        types.otherwise(pl.col("CF_CFLB").str.replace_all("、", ";")).alias("CF_CFLB"),
        pl.when(warned).then(pl.lit("给予警告，并处罚款人民币500元。")).otherwise("CF_NR").alias("CF_NR"),
        pl.when(warned).then(pl.lit("0.05")).otherwise("CF_NR_FK").alias("CF_NR_FK"),
    ]


def _unmasked(streams: Streams, name: str, masked: pl.Series) -> pl.Series:
    """Given names in the place of the stars; what has none stays."""
    size = len(masked)
    first, second = (
        gather(GIVEN_CHARACTERS, streams.below(f"{name}.{part}", size, len(GIVEN_CHARACTERS))) for part in "ab"
    )
    frame = pl.DataFrame({"masked": masked, "first": first, "second": second})
    surname = pl.col("masked").str.strip_chars_end("*")
    given = pl.when(pl.col("masked").str.ends_with("**")).then(pl.concat_str("first", "second")).otherwise("first")
    starred = pl.col("masked").str.ends_with("*")
    return frame.select(pl.when(starred).then(pl.concat_str(surname, given)).otherwise("masked")).to_series()


def _registers(streams: Streams, kept: pl.DataFrame, rows: int) -> dict[str, pl.DataFrame]:
    """Events about records that are there on both days, as the demo city's are made."""
    kinds = {title: number for number, title in enumerate(KINDS)}
    shown = kept.select(
        "JLBH",
        pl.col("CF_JDRQ").str.to_date().alias("day"),
        pl.col("CF_XDR_LB").replace_strict(kinds, return_dtype=pl.Int64).alias("kind"),
    )
    ids = pl.col("JLBH")
    size = {name: max(1, round(rows * part)) for name, part in _EVENTS.items()}
    objections = make_objections(streams, "penalty", shown, ids, size["objections"], AS_OF)
    repairs = make_repairs(streams, "penalty", shown, ids, size["repairs"], AS_OF)
    free = without_events(shown, ids, objections, repairs)
    corrections = make_corrections(streams, "penalty", objections, free, ids, size["corrections"], AS_OF)
    free = without_events(free, ids, corrections)
    revocations = make_revocations(streams, "penalty", free, ids, size["revocations"], AS_OF)
    return {"objections": objections, "repairs": repairs, "corrections": corrections, "revocations": revocations}
