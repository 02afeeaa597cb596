"""The arithmetic of the plan of a large site."""

import pytest

from publish.model.sieve import MAX_VALUES
from publish.render.bulk_pages import PARTITION_ROWS
from tests.bench.plan_scale import Case, Costs, even, lines, makespan, part_of, stages

COSTS = Costs()


def named(case: Case, name: str) -> list[float]:
    """Tasks of a stage."""
    return [seconds for stage in stages(case, COSTS) if stage.name.startswith(name) for seconds in stage.tasks]


@pytest.mark.parametrize(
    ("tasks", "workers", "overhead", "seconds"),
    [
        ([], 2, 0.0, 0.0),
        ([3.0], 4, 0.0, 3.0),
        ([1.0] * 10, 4, 0.0, 3.0),
        ([5.0, 4.0, 3.0, 3.0, 3.0], 2, 0.0, 10.0),
        ([0.0] * 101, 2, 0.5, 50.0),  # one every half second, however many workers
        ([2.0, 2.0], 2, 1.0, 3.0),
    ],
)
def test_makespan(tasks: list[float], workers: int, overhead: float, seconds: float) -> None:
    assert makespan(tasks, workers, overhead) == pytest.approx(seconds)


def test_even_tasks_add_up() -> None:
    assert even(10.0, 101, 50) == pytest.approx([10 / 3] * 3)


def test_tasks_are_partitions() -> None:
    case = Case(3 * PARTITION_ROWS + 1, PARTITION_ROWS)
    assert len(named(case, "record pages")) == 4
    assert len(named(case, "subject pages")) == 1
    assert sum(named(case, "record pages")) == pytest.approx(case.records * COSTS.page)


def test_the_search_takes_what_it_takes_however_it_is_cut() -> None:
    case = Case(2_000_000, 1_000_000)
    (search,) = [stage for stage in stages(case, COSTS) if stage.name == "search index"]
    assert search.here + sum(search.tasks) == pytest.approx(2 * COSTS.search_per_m)


def test_what_is_switched_off_costs_no_file() -> None:
    whole, small = Case(1_000_000, 500_000), Case(1_000_000, 500_000, record_pages=False, subject_shard=128)
    files = [sum(stage.files for stage in stages(case, COSTS)) for case in (whole, small)]
    assert files[0] - files[1] == 1_000_000 + 500_000 - 3_907


def test_more_values_than_a_sieve_holds_take_another_search() -> None:
    fits = int(MAX_VALUES / COSTS.values)
    names = [stage.name for size in (fits, fits + 1000) for stage in stages(Case(size, size), COSTS)]
    assert [name for name in names if name.startswith("scan")] == ["scan (1 sieves)", "scan (2 sieves)"]


def test_the_scan_reads_every_byte_once_and_a_data_file_in_one_piece() -> None:
    plan = stages(Case(1_000_000, 500_000), COSTS)
    size, tasks = sum(stage.bytes for stage in plan), named(Case(1_000_000, 500_000), "scan")
    assert sum(tasks) == pytest.approx(size * (COSTS.scan_sieve + COSTS.scan_patterns))
    assert max(tasks) == pytest.approx(COSTS.downloads * 1e6 / 48 * (COSTS.scan_sieve + COSTS.scan_patterns))


def test_parts_share_the_records() -> None:
    part = part_of(Case(1_000, 100, parts=3))
    assert (part.records, part.subjects, part.parts) == (334, 34, 1)


def test_the_table_has_every_stage_and_the_sum() -> None:
    told = list(lines(Case(1_000_000, 500_000, parts=2), COSTS))
    rows = [line for line in told if line.startswith("| ")]
    assert len(rows) == 2 + len(stages(Case(1, 1), COSTS))
    assert "1,000,000" in next(row for row in rows if row.startswith("| record pages"))
    assert any(line.startswith("first upload: ") for line in told)
