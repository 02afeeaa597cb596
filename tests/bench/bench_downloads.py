"""Time, size, peak memory of the data files of a dataset: `python -m tests.bench.bench_downloads [ROWS] [COLUMNS]`.

The table is made up, from a fixed seed. Each file is written by a process of its own, so that peaks do not mix.
"""

import pickle
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl

from publish import urls
from publish.model.public import DatasetInfo, PublicField, PublicTable
from publish.model.terms import Kind
from publish.render.downloads import DownloadTask, render_task
from publish.render.table_rows import table_rows


def make_table(rows: int, columns: int, seed: int = 7) -> PublicTable:
    """A table of `rows` and `columns` public fields: names, codes, dates, amounts, sentences."""
    random = np.random.default_rng(seed)
    kinds = {
        "name": pl.format("虚构市{}实业有限公司", pl.col("d").str.head(5)),
        "code": pl.format("91ABCDEF{}X", "d"),
        "date": pl.format("20{}-0{}-1{}", pl.col("d").str.head(1).str.zfill(2), pl.col("n") % 9 + 1, pl.col("n") % 9),
        "amount": pl.format("{}.{}", pl.col("n") % 100_000, pl.col("n") % 90 + 10),
        "text": pl.format(
            "违反《虚构市管理办法》第{}条的规定，责令改正，处罚款{}元", pl.col("n") % 50, pl.col("n") % 9_999
        ),
    }
    chosen = [list(kinds)[index % len(kinds)] for index in range(columns)]
    made = []
    for index, kind in enumerate(chosen):
        base = pl.DataFrame({"n": random.integers(0, 10**9, rows)})
        base = base.with_columns(pl.col("n").cast(pl.String).str.zfill(9).alias("d"))
        made.append(base.select(kinds[kind].alias(f"{kind}_{index}")))
    cells = pl.concat(made, how="horizontal")
    fields = tuple(
        PublicField(f"{kind}_{index}", f"栏目{index}", type="number" if kind == "amount" else "string")
        for index, kind in enumerate(chosen)
    )
    keys = pl.Series("_key", [f"{value:020x}" for value in range(rows)])
    until = pl.Series("_until", [date(2027, 1, 1)]).new_from_index(0, rows)
    flag = pl.Series("_flag", [None], dtype=pl.String).new_from_index(0, rows)
    info = DatasetInfo("bench", "测试数据", Kind.PENALTY, "虚构市信用办")
    return PublicTable(info, fields, cells.with_columns(keys, until, flag))


def main() -> None:
    """Print one line a file."""
    rows, columns = (int(argument) for argument in (*sys.argv[1:3], "1000000", "20")[:2])
    if len(sys.argv) == 4:
        task = pickle.loads(Path(sys.argv[3]).read_bytes())
        start = time.process_time()
        files = render_task(task).files
        seconds, peak = time.process_time() - start, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        size = sum(file.bytes for file in files) / 1e6
        names = " ".join(task.suffixes)
        print(f"{names:36} {seconds:6.1f} s of processor {size:8.1f} MB  peak {peak / 1e6:5.2f} GB")
        return
    with tempfile.TemporaryDirectory() as folder:
        table = make_table(rows, columns)
        made = table_rows(table, Path(folder) / "rows.arrow", "https://example.test")
        groups = [*((suffix,) for suffix in urls.DOWNLOAD_NAMES), ("json", "ndjson"), urls.DOWNLOAD_NAMES]
        for number, suffixes in enumerate(groups):
            scratch = Path(folder) / str(number)
            scratch.mkdir()
            task = scratch / "task"
            task.write_bytes(pickle.dumps(DownloadTask(table.info, made, scratch, tuple(suffixes))))
            subprocess.run([sys.executable, __file__, str(rows), str(columns), str(task)], check=True)
            shutil.rmtree(scratch)


if __name__ == "__main__":
    main()
