"""Speed of the scan of a release: `python -m tests.bench.bench_scan [--records N]`.

First MB/s of `Sieve.hits` for 10,000, 100,000 and 1,000,000 values over text like that of pages, over running Chinese
text and over compressed bytes, and in the same run how many times faster that is than two plain ways to do it:
`find`: `bytes.find` for every value (measured with 200 of them); `Polars`: its Aho-Corasick automaton over the text in
lines (`str.extract_many`, overlapping; up to 100,000 values). Then how long `private_values` takes for N records of 20
columns, half of them public, and the memory that it needed.
"""

import argparse
import resource
import time
from collections.abc import Callable, Sequence
from datetime import date

import numpy as np
import polars as pl

from publish.disclose.private_values import Means, Public, private_values
from publish.model.public import (
    EXIT_SCHEMA,
    LEDGER_SCHEMA,
    DatasetInfo,
    Disclosure,
    ExitTable,
    Ledger,
    PublicField,
    PublicTable,
)
from publish.model.sieve import Sieve
from publish.model.source import CheckedTable, DisclosureSpec, FieldSpec, PackageInfo, Publicity, Schema, SourceTable
from publish.model.terms import Kind

SIZE = 8_000_000
SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"


def values(count: int, seed: int = 1) -> pl.Series:
    """Names, phone and ID numbers, addresses and sentences, a fifth of each."""
    chance = np.random.default_rng(seed)
    numbers = pl.DataFrame({name: chance.integers(0, 1 << 40, count // 5) for name in "xyz"})
    given = pl.Series([chr(code) for code in chance.integers(0x4E00, 0x9000, 3000).tolist()])
    names = pl.Series(list(SURNAMES))

    def some(of: pl.Series, column: str) -> pl.Series:
        return of.gather((numbers[column] % len(of)).to_list())

    def padded(column: str, digits: int) -> pl.Expr:
        return (pl.col(column) % 10**digits).cast(pl.String).str.zfill(digits)

    name = some(names, "x") + some(given, "y")
    kinds = [
        name + some(given, "z"),
        numbers.select("13" + padded("x", 9)).to_series(),
        numbers.select("3201" + padded("x", 2) + "19" + padded("y", 2) + padded("z", 4) + padded("x", 4)).to_series(),
        numbers.select("江苏省南京市建邺区江东中路" + padded("y", 3) + "号" + padded("x", 4) + "室").to_series(),
        name + "因个人原因于当日申请" + some(given, "z") + "退出",
    ]
    return pl.concat([kind.alias("value") for kind in kinds])


def texts() -> dict[str, bytes]:
    """Some MB of each sort."""
    chance = np.random.default_rng(2)
    row = '<tr><td><a href="/r/ab/{key}.html">南京市市场监督管理局</a></td><td>某某{n}公司</td>'
    row += "<td>江苏省南京市建邺区江东中路{n}号甲幢</td></tr>\n"
    page = "".join(row.format(key=f"{n:020x}", n=n) for n in chance.integers(0, 1 << 40, SIZE // 190).tolist())
    chinese = "".join(map(chr, chance.integers(0x4E00, 0x6000, SIZE // 3).tolist()))
    return {"pages": page.encode(), "Chinese": chinese.encode(), "compressed": chance.bytes(SIZE)}


def seconds(work: Callable[[], object], times: int = 3) -> float:
    """The least time of several."""
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return min(taken)


def find_each(data: bytes, some: Sequence[bytes]) -> int:
    """Every place of every value, by bytes.find."""
    found = 0
    for value in some:
        at = data.find(value)
        while at >= 0:
            found, at = found + 1, data.find(value, at + 1)
    return found


def compare(count: int, given: dict[str, bytes]) -> None:
    """One line for each text."""
    chosen = values(count)
    start = time.perf_counter()
    sieve = Sieve.of(chosen)
    made = time.perf_counter() - start
    print(f"{count:,} values: made in {made:.2f} s, {sieve.nbytes / len(sieve):.0f} bytes a value")
    sample = [value.encode() for value in chosen.sample(200, seed=3).to_list()]
    for name, data in given.items():
        taken = seconds(lambda data=data: sieve.hits(data))  # type: ignore[misc]
        line = f"  {name:<11} {len(data) / taken / 1e6:5.0f} MB/s"
        part = data[: len(data) // 4]
        each = seconds(lambda part=part: find_each(part, sample), 1) / 200 * count * len(data) / len(part)  # type: ignore[misc]
        line += f"; find {each / taken:,.0f} times as long"
        if count <= 100_000 and name != "compressed":
            lines = pl.Series(data[: len(data) // 4].decode(errors="ignore").splitlines())
            polars = seconds(lambda lines=lines: lines.str.extract_many(chosen.implode(), overlapping=True), 1) * 4  # type: ignore[misc]
            line += f", Polars {polars / taken:,.1f} times"
        print(line)


def tables(count: int) -> tuple[CheckedTable, Disclosure]:
    """Records of 20 columns, every second one public; a tenth of the records is not."""
    frame = pl.DataFrame({f"f{number}": values(count, seed=number).shuffle(number) for number in range(20)})
    shown = frame.head(count * 9 // 10).select(f"f{number}" for number in range(0, 20, 2))
    fields = tuple(
        FieldSpec(name, type="string", publicity=Publicity.PUBLIC if name in shown.columns else None)
        for name in frame.columns
    )
    spec = DisclosureSpec("records", Kind.PENALTY, "行政处罚", "市监局")
    nothing = pl.DataFrame()
    source = SourceTable(PackageInfo("p", "data/p"), "records", Schema(fields), frame, nothing, spec)
    public = PublicTable(
        DatasetInfo("records", "行政处罚", Kind.PENALTY, "市监局"),
        tuple(PublicField(name, name) for name in shown.columns),
        shown,
    )
    exits, ledger = ExitTable(pl.DataFrame(schema=dict(EXIT_SCHEMA))), Ledger(pl.DataFrame(schema=dict(LEDGER_SCHEMA)))
    return CheckedTable(source, nothing, nothing), Disclosure(date(2026, 11, 20), (public,), exits, ledger, {})


def main() -> None:
    """All of it, in about two minutes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=1_000_000)
    given = parser.parse_args()
    contents = texts()
    for count in (10_000, 100_000, 1_000_000):
        compare(count, contents)
    del contents
    table, disclosure = tables(given.records)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.perf_counter()
    private, _ = private_values([table], Public(disclosure), Means())
    taken = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    held, off = private.counts["held"].sum(), private.counts["let_off"].sum()
    print(f"private_values of {given.records:,} x 20: {taken:.1f} s; held {held:,}, let off {off:,}")
    memory = sum(sieve.nbytes for sieve in private.sieves)
    print(f"sieves {memory / 1e6:.0f} MB, peak {peak / 1e6:.2f} GB, {before / 1e6:.2f} GB of it before, the tables")


if __name__ == "__main__":
    main()
