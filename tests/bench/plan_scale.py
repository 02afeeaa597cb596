"""What a large site would take, worked out from unit costs: tasks, hours, files, storage, uploads. Nothing is built.

    python -m tests.bench.plan_scale --records 100000000 --workers 32 --parts 13 --no-record-pages --subject-shard 128

Unit costs are those of `Costs`, each measured on the 2-core machine of docs/performance.md (docs/scale.md says how);
all that is larger than what was measured is multiplied, not known. Tasks are dealt out to workers as a scheduler would,
the longest first, each to whoever is free; what the process of the build does itself is added, stage after stage.
`parts`: the records are cut into so many builds (a city each), one after the other.
"""

import argparse
import heapq
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from math import ceil

from publish import urls
from publish.model.sieve import MAX_VALUES
from publish.release.scan_files import _TASK_BYTES, _TASK_FILES
from publish.render.bulk_pages import PARTITION_ROWS

SEARCH_TASK_ROWS = 24_000
MB, GB, MILLION = 1e6, 1e9, 1e6


@dataclass(frozen=True, slots=True)
class Costs:
    """Seconds are of one core. `per_m`: for a million records. Shares of the search are those of its whole time."""

    read_per_m: float = 1.74  # load and validate
    disclose_per_m: float = 5.5
    private_per_m: float = 26.0
    search_per_m: float = 75.4
    search_here: float = 0.17  # by the process of the build
    search_tables: tuple[float, ...] = (0.16, 0.08, 0.02, 0.02)  # names, numbers, codes, known names: a task each
    downloads_per_m: float = 29.5
    page: float = 1 / 29_000
    write_file: float = 1 / 12_500
    seal_file: float = 20.3 / 1_600_000
    scan_sieve: float = 1 / (163 * MB)  # a byte, for each sieve
    scan_patterns: float = 2 / (28 * MB)  # a byte
    task: float = 0.0037  # of the scheduler, which deals out one after the other
    record_page: int = 6_329  # bytes
    subject_page: int = 7_069
    subject_packed: int = 117  # in a shard, gzipped
    downloads: int = 3_571  # bytes a record, six formats
    listing: int = 1_331  # bytes a record
    listing_rows: int = 40  # on average; each record is in two listings
    search: int = 209  # bytes a record
    search_files_per_m: int = 19_682
    source: int = 438  # bytes a record as CSV
    values: float = 10.6  # private ones a record
    value: int = 28  # bytes of one in a sieve
    memory_per_m: float = 2.54e9  # of the build with its workers, in the search


@dataclass(frozen=True, slots=True)
class Case:
    """A site. `subject_shard`: subjects in a file instead of a page each; 0: pages."""

    records: int
    subjects: int
    datasets: int = 8
    workers: int = 32
    parts: int = 1
    record_pages: bool = True
    subject_shard: int = 0


@dataclass(frozen=True, slots=True)
class Stage:
    """`here`: seconds of the process of the build; `tasks`: seconds of each task of the workers."""

    name: str
    here: float = 0.0
    tasks: Sequence[float] = ()
    files: int = 0
    bytes: float = 0.0


def makespan(tasks: Iterable[float], workers: int, overhead: float = 0.0) -> float:
    """Seconds until the last task is done. Tasks are dealt out one after the other, `overhead` seconds apart."""
    free = [0.0] * workers
    for number, seconds in enumerate(sorted(tasks, reverse=True)):
        begin = max(heapq.heappop(free), number * overhead)
        heapq.heappush(free, begin + seconds)
    return max(free)


def even(total: float, units: float, size: int) -> list[float]:
    """Seconds of each task, if `units` are cut by `size` and take `total` seconds together."""
    count = ceil(units / size)
    return [total / count] * count


def stages(case: Case, costs: Costs) -> list[Stage]:
    """The stages of one build, whose records are all of the case."""
    millions = case.records / MILLION
    search = costs.search_per_m * millions
    blocks = search * (1 - costs.search_here - sum(costs.search_tables))
    tables = [search * share for share in costs.search_tables]
    made = [*pages(case, costs), _listings(case, costs), _downloads(case, costs)]
    made.append(
        Stage(
            "search index",
            search * costs.search_here,
            [*tables, *even(blocks, case.records, SEARCH_TASK_ROWS)],
            ceil(costs.search_files_per_m * millions),
            costs.search * case.records,
        )
    )
    files, size = sum(stage.files for stage in made), sum(stage.bytes for stage in made)
    reading = Stage("load, validate, disclose", (costs.read_per_m + costs.disclose_per_m) * millions)
    writing = Stage("write and seal", files * (costs.write_file + costs.seal_file))
    return [reading, *made, *_scan(case, costs, files, size), writing]


def pages(case: Case, costs: Costs) -> list[Stage]:
    """Record and subject pages, or what takes their place."""
    out = []
    if case.record_pages:
        tasks = even(case.records * costs.page, case.records, PARTITION_ROWS)
        out.append(Stage("record pages", 0.0, tasks, case.records, float(case.records * costs.record_page)))
    tasks = even(case.subjects * costs.page, case.subjects, PARTITION_ROWS)
    if case.subject_shard:
        files, size = ceil(case.subjects / case.subject_shard), case.subjects * costs.subject_packed
        out.append(Stage("subject shards", 0.0, tasks, files, float(size)))
    else:
        out.append(Stage("subject pages", 0.0, tasks, case.subjects, float(case.subjects * costs.subject_page)))
    return out


def _listings(case: Case, costs: Costs) -> Stage:
    files = ceil(2 * case.records / costs.listing_rows)
    return Stage("listings", files * costs.page, (), files, float(case.records * costs.listing))


def _downloads(case: Case, costs: Costs) -> Stage:
    """One task a dataset: they are not partitioned."""
    seconds = costs.downloads_per_m * case.records / MILLION / case.datasets
    return Stage(
        "data files",
        0.0,
        [seconds] * case.datasets,
        len(urls.DOWNLOAD_NAMES) * case.datasets,
        float(case.records * costs.downloads),
    )


def _scan(case: Case, costs: Costs, files: int, size: float) -> list[Stage]:
    """Every sieve is searched for in every byte. A data file is one task, however large; other files go in groups."""
    sieves = ceil(case.records * costs.values / MAX_VALUES)
    byte = sieves * costs.scan_sieve + costs.scan_patterns
    large, count = case.records * costs.downloads, len(urls.DOWNLOAD_NAMES) * case.datasets
    groups = max(ceil((files - count) / _TASK_FILES), ceil((size - large) / _TASK_BYTES))
    tasks = [large * byte / count] * count + even((size - large) * byte, groups, 1)
    return [
        Stage("private values", costs.private_per_m * case.records / MILLION),
        Stage(f"scan ({sieves} sieves)", 0.0, tasks),
    ]


def part_of(case: Case) -> Case:
    """One of the builds."""
    return replace(case, records=ceil(case.records / case.parts), subjects=ceil(case.subjects / case.parts), parts=1)


def lines(case: Case, costs: Costs) -> Iterable[str]:
    """The table of a case: all its parts together."""
    plan = stages(part_of(case), costs)
    spans = [makespan(stage.tasks, case.workers, costs.task) if stage.tasks else 0.0 for stage in plan]
    yield "| stage | tasks | core-hours of workers | hours, workers | hours, build itself | files | GB |"
    yield "|---|---:|---:|---:|---:|---:|---:|"
    for stage, span in zip(plan, spans, strict=True):
        yield _row(stage.name, len(stage.tasks), sum(stage.tasks), span, stage, case.parts)
    files, size = sum(stage.files for stage in plan), sum(stage.bytes for stage in plan)
    whole = Stage("all", sum(stage.here for stage in plan), (), files, size)
    tasks = sum(len(stage.tasks) for stage in plan)
    yield _row("all", tasks, sum(sum(stage.tasks) for stage in plan), sum(spans), whole, case.parts)
    yield ""
    yield f"hours, {case.parts} builds one after the other: {(sum(spans) + whole.here) * case.parts / 3600:.1f}"
    yield f"first upload: {files * case.parts:,} requests, {size * case.parts / GB:,.0f} GB"
    yield from _places(case, costs, size)


def _places(case: Case, costs: Costs, size: float) -> Iterable[str]:
    """Disk and memory that one build needs."""
    one = part_of(case)
    rendered = sum(stage.bytes for stage in pages(one, costs))
    scratch = rendered + 2 * one.records * costs.source + one.records * costs.values * costs.value
    yield f"shared folder while a part is built, beside its release: {scratch / GB:,.0f} GB"
    yield f"disk: source {case.records * costs.source / GB:,.0f} GB, release {size * case.parts / GB:,.0f} GB"
    yield f"memory of one build, in one process: {costs.memory_per_m * one.records / MILLION / GB:,.0f} GB"


def _row(name: str, tasks: int, seconds: float, span: float, stage: Stage, parts: int) -> str:
    hours = [value * parts / 3600 for value in (seconds, span, stage.here)]
    told = [f"{value:,.2f}" if value else "" for value in hours]
    counts = [f"{tasks * parts:,}" if tasks else "", *told, f"{stage.files * parts:,}" if stage.files else ""]
    return f"| {name} | {' | '.join(counts)} | {f'{stage.bytes * parts / GB:,.1f}' if stage.bytes else ''} |"


def main() -> None:
    """Print the plan."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=int, default=100_000_000, help="public records")
    parser.add_argument("--subjects", type=int, help="default: one for 1.74 records, as in the demonstration")
    parser.add_argument("--datasets", type=int, default=8, help="in each part")
    parser.add_argument("--workers", type=int, default=32, help="of one core each")
    parser.add_argument("--parts", type=int, default=1)
    parser.add_argument("--no-record-pages", action="store_true")
    parser.add_argument("--subject-shard", type=int, default=0, help="subjects in a file; 0: a page each")
    asked = parser.parse_args()
    case = Case(
        asked.records,
        asked.subjects or round(asked.records / 1.74),
        asked.datasets,
        asked.workers,
        asked.parts,
        not asked.no_record_pages,
        asked.subject_shard,
    )
    print("\n".join(lines(case, Costs())))


if __name__ == "__main__":
    main()
