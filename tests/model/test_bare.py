"""A file of a frame holds its cells, and nothing of what they were made from."""

from io import BytesIO

import polars as pl

from publish.model.bare import write_bare


def test_what_is_masked_or_left_out_is_not_in_the_file() -> None:
    secrets = pl.Series("text", [f"secret of row {number}" for number in range(9)])
    frame = pl.DataFrame({"text": secrets, "number": range(9)})
    masked = frame.with_columns(pl.when(pl.col("number") == 4).then("text")).filter(pl.col("number") > 2)
    plain, bare = BytesIO(), BytesIO()
    masked.write_ipc(plain)
    assert b"secret of row 8" in plain.getvalue(), "else nothing need be done"
    write_bare(masked, bare)
    assert pl.read_ipc(bare.getvalue()).equals(masked)
    assert [number for number in range(9) if f"secret of row {number}".encode() in bare.getvalue()] == [4]
    write_bare(masked.clear(), BytesIO())
