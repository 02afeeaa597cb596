"""Write the demo city's data packages: `python -m tests.demo.generate --out data --scale 1`.

The same arguments give the same bytes. Benchmarks call `generate` with sizes of their own.
"""

import argparse
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

import polars as pl

from tests.demo.licences import plan_licences, write_out_licences
from tests.demo.lists import (
    listing_ids,
    living_listings,
    plan_blacklist,
    plan_redlist,
    write_out_blacklist,
    write_out_redlist,
)
from tests.demo.penalties import penalty_ids, plan_penalties, write_out_penalties
from tests.demo.registers import (
    living_penalties,
    make_corrections,
    make_objections,
    make_prior_notices,
    make_repairs,
    make_revocations,
    without_events,
)
from tests.demo.streams import Streams
from tests.demo.subjects import make_subjects
from tests.demo.writing import Form, Written, write_table

SEED: Final = 20261120
AS_OF: Final = date(2026, 11, 20)
_BLOCK: Final = 100_000
_DESCRIPTORS: Final = Path(__file__).parent / "descriptors"


@dataclass(frozen=True, slots=True)
class Sizes:
    """Rows of each package. `events`: objections, and as many repairs, among the penalties; a quarter as many
    corrections and revocations."""

    penalties: int = 2_000
    licences: int = 1_500
    blacklist: int = 120
    redlist: int = 150
    events: int = 50
    list_events: int = 12

    @classmethod
    def of(cls, scale: float = 1.0, penalties: int | None = None, licences: int | None = None) -> "Sizes":
        """Sizes times `scale`; explicit counts win. One penalty in a hundred has an objection, as many a repair."""
        penalties = round(cls().penalties * scale) if penalties is None else penalties
        licences = round(cls().licences * scale) if licences is None else licences
        return cls(
            penalties=penalties,
            licences=licences,
            blacklist=round(120 * scale),
            redlist=round(150 * scale),
            events=max(round(50 * scale), penalties // 100),
            list_events=round(12 * scale),
        )

    @property
    def penalised(self) -> int:
        """Distinct subjects with a penalty."""
        return round(0.6 * self.penalties)

    @property
    def subjects(self) -> int:
        """Subjects in all: those with a penalty, then others that only hold licences or are on a list."""
        return self.penalised + self.licences // 2 + 2 * self.redlist


def generate(out: Path, sizes: Sizes, seed: int = SEED, as_of: date = AS_OF) -> dict[str, Written]:
    """Write all four packages below `out`. Returns what was written, by path relative to `out`."""
    streams = Streams(seed)
    subjects = make_subjects(streams, sizes.subjects)
    penalties = plan_penalties(streams, subjects, sizes.penalties, sizes.penalised, as_of)
    licences = plan_licences(streams, subjects, sizes.licences, as_of)
    black = plan_blacklist(streams, subjects, penalties, sizes.blacklist, as_of)
    red = plan_redlist(streams, subjects, penalties, black, sizes.redlist, as_of)

    some = sizes.list_events
    of_penalties = _registers(
        streams, "penalty", living_penalties(penalties, as_of), penalty_ids(), sizes.events, as_of
    )
    of_list = _registers(streams, "blacklist", living_listings(black, as_of), listing_ids("HD"), some, as_of)
    of_list["prior_notices"] = make_prior_notices(streams, black, listing_ids("HD"))

    chinese, marked = Form(encoding="gb18030", line_end="\r\n"), {"repairs", "revocations"}
    packed = Form(gzipped=True, line_end="\r\n")
    tables: list[tuple[str, Iterator[pl.DataFrame], Form]] = [
        ("penalties/penalties.csv", _blocks(penalties, subjects, write_out_penalties), Form()),
        *((f"penalties/{name}.csv", iter([frame]), Form(bom=name in marked)) for name, frame in of_penalties.items()),
        ("licences/licences.csv.gz", _blocks(licences, subjects, write_out_licences), packed),
        ("blacklist/blacklist.csv", _blocks(black, subjects, write_out_blacklist), chinese),
        *(
            (f"blacklist/{name}.csv", iter([frame.rename({"JLBH": "MD_BH"})]), chinese)
            for name, frame in of_list.items()
        ),
        ("redlist/redlist.tsv", _blocks(red, subjects, write_out_redlist), Form(bom=True, separator="\t")),
    ]
    written = {name: write_table(out / name, blocks, form) for name, blocks, form in tables}
    _write_descriptors(out, written)
    return written


def _registers(
    streams: Streams, name: str, shown: pl.DataFrame, ids: pl.Expr, size: int, as_of: date
) -> dict[str, pl.DataFrame]:
    """Events about the records that are `shown`, by register; a record is corrected or revoked but not both."""
    objections = make_objections(streams, name, shown, ids, size, as_of)
    repairs = make_repairs(streams, name, shown, ids, size, as_of)
    free, few = without_events(shown, ids, objections, repairs), max(size // 4, 6)
    corrections = make_corrections(streams, name, objections, free, ids, few, as_of)
    revocations = make_revocations(streams, name, without_events(free, ids, corrections), ids, few, as_of)
    return {"objections": objections, "repairs": repairs, "corrections": corrections, "revocations": revocations}


def _blocks(
    plan: pl.DataFrame, subjects: pl.DataFrame, write_out: Callable[[pl.DataFrame, pl.DataFrame], pl.DataFrame]
) -> Iterator[pl.DataFrame]:
    for start in range(0, max(len(plan), 1), _BLOCK):
        yield write_out(plan.slice(start, _BLOCK), subjects)


def _write_descriptors(out: Path, written: dict[str, Written]) -> None:
    """Copy the descriptors, with the size and hash of the files as stored in their `@bytes` and `@sha256` marks."""
    for source in sorted(_DESCRIPTORS.iterdir()):
        package, suffix = source.stem, source.suffix
        text = source.read_text(encoding="utf-8")
        for name, file in written.items():
            folder, _, base = name.partition("/")
            if folder == package:
                text = text.replace(f'"@bytes {base}"', str(file.size)).replace(f"@sha256 {base}", file.sha256)
        (out / package / f"datapackage{suffix}").write_text(text, encoding="utf-8", newline="\n")


def main(arguments: list[str] | None = None) -> None:
    """Command line; prints what was written."""
    parser = argparse.ArgumentParser(prog="python -m tests.demo.generate", description="Write the demo city's data.")
    parser.add_argument("--out", type=Path, required=True, help="folder to write the packages into")
    parser.add_argument("--scale", type=float, default=1.0, help="times the usual size (default 1)")
    parser.add_argument("--penalties", type=int, help="number of penalties, whatever the scale")
    parser.add_argument("--licences", type=int, help="number of licences, whatever the scale")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--as-of", type=date.fromisoformat, default=AS_OF, help="day up to which acts are dated")
    options = parser.parse_args(arguments)
    sizes = Sizes.of(options.scale, options.penalties, options.licences)
    for name, file in generate(options.out, sizes, options.seed, options.as_of).items():
        print(f"{file.size:>12} {file.sha256[:12]} {name}")


if __name__ == "__main__":
    main()
