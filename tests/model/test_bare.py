"""A frame that is bare holds its cells, and nothing of what they were made from."""

import pickle
from io import BytesIO

import polars as pl
import pytest

from publish.model.bare import bare, write_bare


@pytest.mark.parametrize("dtype", [pl.String, pl.Binary])
def test_what_is_masked_or_left_out_is_not_there(dtype: type[pl.DataType]) -> None:
    secrets = pl.Series("text", [f"secret of row {number}" for number in range(9)]).cast(dtype)
    frame = pl.DataFrame({"text": secrets, "number": range(9)})
    masked = frame.with_columns(pl.when(pl.col("number") == 4).then("text")).filter(pl.col("number") > 2)
    plain, written = BytesIO(), BytesIO()
    masked.write_ipc(plain)
    assert b"secret of row 8" in plain.getvalue(), "else nothing need be done"
    write_bare(masked, written)
    assert pl.read_ipc(written.getvalue()).equals(masked)
    for data in (written.getvalue(), pickle.dumps(bare(masked)), pickle.dumps(bare(masked).filter(number=3))):
        assert {number for number in range(9) if f"secret of row {number}".encode() in data} <= {4}
    assert bare(masked.clear()).equals(masked.clear())
