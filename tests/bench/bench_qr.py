"""QR codes made in columns against segno one by one, in one run.

`python -m tests.bench.bench_qr --codes 100000` prints one JSON line: seconds, codes a second and the ratio. segno makes
fewer, and only the path data of what it made is compared in number: tests compare every module.
"""

import argparse
import json
import random
import time

import polars as pl
import segno

from publish.render.qr import qr_paths

CODE = "0123456789ABCDEFGHJKLMNPQRTUWXY"
FOR_SEGNO = 200


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--codes", type=int, default=100_000)
    count = parser.parse_args().codes
    chosen = random.Random(0)
    codes = ["".join(chosen.choices(CODE, k=18)) for _ in range(count)]
    addresses = pl.Series([f"https://credit.tinglan.example/s/{code[-2:]}/{code}.html" for code in codes])

    begin = time.perf_counter()
    paths = qr_paths(addresses)
    seconds = time.perf_counter() - begin

    begin = time.perf_counter()
    for address in addresses[:FOR_SEGNO]:
        segno.make(address, error="m", boost_error=False, mode="byte", micro=False).svg_inline()
    each = (time.perf_counter() - begin) / FOR_SEGNO

    result = {
        "codes": count,
        "bytes_of_a_path": round(paths.str.len_bytes().mean() or 0),  # type: ignore[arg-type]
        "seconds": round(seconds, 3),
        "codes_per_second": round(count / seconds),
        "segno_codes_per_second": round(1 / each),
        "ratio": round(each * count / seconds, 1),
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
