"""Sorted lists of files that become one."""

import random

import polars as pl
import pytest

from publish.release import folders
from publish.release.folders import in_order, merged


def _frame(paths: list[str]) -> pl.DataFrame:
    return pl.DataFrame({"path": sorted(paths)}, schema={"path": pl.String}).with_row_index("at")


@pytest.mark.parametrize("seed", range(60))
def test_sorted_frames_in_one_order(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    draw = random.Random(seed)
    monkeypatch.setattr(folders, "_SMALL", draw.choice([0, 1, 3, 50]))
    paths = [f"{draw.choice('abc')}/{draw.choice(['', 'd/', '名/'])}{draw.randrange(20)}" for _ in range(40)]
    if draw.random() < 0.5:  # as they are listed: group after group
        paths.sort()
    edges = sorted(draw.choices(range(len(paths) + 1), k=draw.randrange(6)))
    frames = [_frame(paths[begin:end]) for begin, end in zip([0, *edges], [*edges, len(paths)], strict=True)]
    draw.shuffle(frames)
    found = in_order(frames)
    assert found["path"].to_list() == sorted(paths)
    assert sorted(found.rows()) == sorted(row for frame in frames for row in frame.rows())
    assert in_order([_frame([])]).is_empty()


@pytest.mark.parametrize("seed", range(30))
def test_merged_is_as_if_sorted(seed: int) -> None:
    draw = random.Random(seed)
    one, other = ([f"{draw.randrange(50):02d}" for _ in range(draw.randrange(30))] for _ in range(2))
    assert merged(_frame(one), _frame(other))["path"].to_list() == sorted([*one, *other])
