"""Reading and checking a generated table, against frictionless on the same file in the same run.

    python -m tests.bench.bench_validate --rows 100000
    python -m tests.bench.bench_validate --rows 1000000 --ours-only

Prints one JSON line: seconds (wall; the machine may be busy, hence CPU seconds too), their ratio, and the peak of
resident memory in MB, which counts the mapped file. Each side runs in a process of its own.
"""

import argparse
import json
import multiprocessing
import random
import resource
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

WORDS = "示例有限公司未按规定公示年度报告经营范围超出核准行政处罚决定书市场监督管理局"
TEXT = {"type": "string"}
FIELDS: list[dict[str, Any]] = [
    {"name": "id", **TEXT, "constraints": {"required": True, "unique": True}},
    {"name": "number", **TEXT, "constraints": {"required": True, "maxLength": 64}},
    {"name": "name", **TEXT, "constraints": {"required": True}},
    {"name": "code", **TEXT, "constraints": {"pattern": "[0-9A-HJ-NPQRTUWXY]{18}"}},
    {"name": "kind", **TEXT, "constraints": {"enum": ["法人及非法人组织", "自然人", "个体工商户"]}},
    {"name": "legal_person", **TEXT},
    {"name": "breach", **TEXT},
    {"name": "fact", **TEXT},
    {"name": "basis", **TEXT},
    {"name": "class", **TEXT, "constraints": {"enum": ["警告", "罚款", "没收违法所得"]}},
    {"name": "content", **TEXT},
    {"name": "fine", "type": "number", "constraints": {"minimum": 0}},
    {"name": "confiscated", "type": "number"},
    {"name": "decided", "type": "date", "constraints": {"required": True, "minimum": "2000-01-01"}},
    {"name": "valid_until", "type": "date"},
    {"name": "publish_until", "type": "date"},
    {"name": "authority", **TEXT},
    {"name": "repaired", "type": "boolean"},
    {"name": "count", "type": "integer", "constraints": {"minimum": 0, "maximum": 1000}},
    {"name": "note", **TEXT},
]
SCHEMA = {"fields": FIELDS, "primaryKey": ["id"], "missingValues": [""]}


def write_table(path: Path, rows: int, seed: int = 1) -> None:
    """A table of penalties of nobody; one row in a thousand is wrong somewhere."""
    dice = random.Random(seed)
    pool = ["".join(dice.choices(WORDS, k=dice.randint(4, 24))) for _ in range(5000)]
    names = [f"{text}公司" for text in pool]

    def day() -> str:
        return f"20{dice.randint(15, 26)}-{dice.randint(1, 12):02}-{dice.randint(1, 28):02}"

    with path.open("w", encoding="utf-8", newline="") as target:
        target.write(",".join(field["name"] for field in FIELDS) + "\n")
        for number in range(rows):
            bad = dice.random() < 0.001
            cells = [
                f"P{number:09}",
                f"示罚〔2026〕{number}号",
                dice.choice(names),
                f"91{dice.randint(10**14, 10**15 - 1)}XY"[:18].ljust(18, "0"),
                dice.choice(("法人及非法人组织", "自然人", "个体工商户")),
                dice.choice(pool)[:3],
                dice.choice(pool),
                f'"{dice.choice(pool)}, ""{dice.choice(pool)}"""' if dice.random() < 0.2 else dice.choice(pool),
                dice.choice(pool),
                dice.choice(("警告", "罚款", "没收违法所得")),
                dice.choice(pool),
                "many" if bad else f"{dice.randint(0, 9999) / 100}",
                "" if dice.random() < 0.7 else f"{dice.randint(0, 99)}",
                day(),
                day(),
                "长期" if bad else day(),
                dice.choice(pool),
                dice.choice(("true", "false")),
                str(dice.randint(0, 1001) if bad else dice.randint(0, 1000)),
                "" if dice.random() < 0.5 else dice.choice(pool),
            ]
            target.write(",".join(cells) + "\n")


def ours(path: Path) -> dict[str, Any]:
    """read_table and validate."""
    from publish.load.tables import read_table
    from publish.model.source import PackageInfo, ResourceFile, SourceTable
    from publish.validate.stage import validate
    from tests.validate.oracle import lenient, schema_of

    schema, config = schema_of(SCHEMA), lenient()
    clock = time.perf_counter()
    frame, odd, issues = read_table(ResourceFile((path,)), schema, package="p", resource="r", limit=10**11)
    read_in = time.perf_counter() - clock
    tables, _ = validate([SourceTable(PackageInfo("p", "data/p"), "r", schema, frame, odd)], config)
    assert not issues
    return {"read": round(read_in, 3), "errors": tables[0].errors.height}


def theirs(path: Path) -> dict[str, Any]:
    """frictionless, with all its errors."""
    from frictionless import Package

    resource_ = {"name": "t", "path": path.name, "type": "table", "format": "csv", "encoding": "utf-8"}
    resource_ |= {"schema": SCHEMA, "dialect": {"csv": {"delimiter": ",", "skipInitialSpace": False}}}
    package = Package.from_descriptor({"name": "p", "resources": [resource_]}, basepath=str(path.parent))
    report = package.validate(limit_errors=10**9)
    return {"errors": len(report.flatten(["type"]))}


def measured(work: Callable[[Path], dict[str, Any]], path: Path) -> dict[str, Any]:
    """The work's result with seconds and peak memory, from a process of its own."""
    context = multiprocessing.get_context("spawn")
    parent, child = context.Pipe(duplex=False)
    process = context.Process(target=_run, args=(work, path, child))
    process.start()
    result: dict[str, Any] = parent.recv()
    process.join()
    return result


def _run(work: Callable[[Path], dict[str, Any]], path: Path, pipe: Any) -> None:
    warm = path.with_name("warm.csv")  # imports, thread pools and compiled patterns are not what is measured
    work(warm)
    start, cpu = time.perf_counter(), time.process_time()
    found = work(path)
    found |= {"seconds": round(time.perf_counter() - start, 3), "cpu": round(time.process_time() - cpu, 3)}
    found["peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    pipe.send(found)


def main() -> None:
    parser = argparse.ArgumentParser(description="Time read_table and validate against frictionless.")
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--ours-only", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "table.csv"
        write_table(path, options.rows)
        write_table(path.with_name("warm.csv"), 100)
        line: dict[str, Any] = {"rows": options.rows, "mb": path.stat().st_size // 1_000_000}
        line["ours"] = measured(ours, path)
        if not options.ours_only:
            line["frictionless"] = measured(theirs, path)
            line["ratio"] = round(line["frictionless"]["seconds"] / line["ours"]["seconds"], 1)
            line["cpu_ratio"] = round(line["frictionless"]["cpu"] / line["ours"]["cpu"], 1)
    print(json.dumps(line))


if __name__ == "__main__":
    main()
