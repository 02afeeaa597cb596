"""Distinct numbers, as numpy has them."""

import numpy as np
import pytest

from publish.model.distinct import distinct


@pytest.mark.parametrize("size", [0, 1, 2, 1000])
@pytest.mark.parametrize("kind", [np.uint64, np.int64])
def test_as_numpy_has_them(size: int, kind: type[np.uint64] | type[np.int64]) -> None:
    numbers = np.random.default_rng(size).integers(0, 1 + size // 2, size).astype(kind)
    numbers[:1] = np.iinfo(kind).max
    found = distinct(numbers)
    assert found.dtype == kind
    assert found.tolist() == np.unique(numbers).tolist()
