"""What is inside packed files: every format, one in the other, broken ones, and bombs."""

import bz2
import gzip
import io
import lzma
import sqlite3
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from publish.release import unpacking
from publish.release.unpacking import NotUnpackable, is_packed, plain_parts

SECRET = "张三丰的住址".encode()


def parts_of(data: bytes) -> dict[str, bytes]:
    return {part.name: b"".join(part.blocks) for part in plain_parts(io.BytesIO(data))}


def inside(data: bytes) -> bytes:
    """Everything but the bytes of the file itself."""
    return b"\n".join(text for name, text in parts_of(data).items() if name)


def zipped(*members: tuple[str, bytes], **options: int) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", options.get("compression", zipfile.ZIP_DEFLATED)) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return stream.getvalue()


def parquet(frame: pl.DataFrame, **options: object) -> bytes:
    stream = io.BytesIO()
    frame.write_parquet(stream, compression="zstd", **options)  # type: ignore[arg-type]
    return stream.getvalue()


def database(folder: Path, *statements: str) -> bytes:
    path = folder / "some.db"
    with sqlite3.connect(path) as connection:
        for statement in statements:
            connection.execute(statement)
    connection.close()
    return path.read_bytes()


def test_plain_files_are_themselves() -> None:
    assert parts_of(b"") == {"": b""}
    assert parts_of(SECRET) == {"": SECRET}
    assert not is_packed(SECRET)


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress])
def test_compressed_streams(pack: Callable[[bytes], bytes]) -> None:
    text = SECRET + b"x" * 3_000_000
    assert is_packed(pack(text)[:16])
    assert inside(pack(text)) == text
    assert inside(pack(SECRET) + pack(b"second")) == SECRET + b"second"


def test_a_gzip_header_has_texts() -> None:
    packed = gzip.compress(b"content", mtime=0)
    named = packed[:3] + b"\x18" + packed[4:10] + SECRET + b"\0" + b"a comment\0" + packed[10:]
    assert gzip.decompress(named) == b"content"
    assert SECRET in parts_of(named)["(header)"]
    assert b"a comment" in parts_of(named)["(header)"]
    extra = packed[:3] + b"\x04" + packed[4:10] + struct.pack("<H", len(SECRET)) + SECRET + packed[10:]
    assert SECRET in parts_of(extra)["(header)"]


def test_zip_members_names_and_comments() -> None:
    stream = io.BytesIO(zipped(("one.txt", SECRET), ("二.txt", b"other")))
    with zipfile.ZipFile(stream, "a") as archive:
        archive.comment = b"about all"
        info = zipfile.ZipInfo("three")
        info.comment = b"about one"
        archive.writestr(info, b"3")
    parts = parts_of(stream.getvalue())
    assert parts["one.txt"] == SECRET
    for text in ("二.txt".encode(), b"about all", b"about one"):
        assert text in parts["(names)"]


def test_packed_in_packed() -> None:
    deep = zipped(("inner.zip", zipped(("a.gz", gzip.compress(SECRET)))))
    assert parts_of(gzip.compress(deep))["(gzip)/inner.zip/a.gz/(gzip)"] == SECRET


def test_parquet_columns_and_metadata(tmp_path: Path) -> None:
    frame = pl.DataFrame(
        {
            "text": ["a" * 99, SECRET.decode() * 9, None],
            "day": pl.Series(["2051-01-02", None, None]).str.to_date(),
            "number": [86420001, 2, 3],
            "list": [["一"], ["二三四", "五"], []],
            "raw": [b"\xff\x00bytes", None, b"more"],
        }
    )
    data = parquet(frame, metadata={"note": "秘密的元数据"}, statistics=False)
    (tmp_path / "some.parquet").write_bytes(data)
    with (tmp_path / "some.parquet").open("rb") as stream:
        from_disk = {part.name: b"".join(part.blocks) for part in plain_parts(stream)}
    parts = parts_of(data)
    assert parts == from_disk
    found = b"\n".join(parts.values())
    for text in (SECRET, b"2051-01-02", b"86420001", "二三四".encode(), b"\xff\x00bytes", "秘密的元数据".encode()):
        assert text in found
    assert SECRET * 9 not in data, "else this would not show that columns are read"
    assert [name for name in parts if name.startswith("(column")] == [f"(column {n})" for n in range(1, 6)]


def test_a_parquet_file_inside_another() -> None:
    data = gzip.compress(parquet(pl.DataFrame({"a": [SECRET.decode()] * 200_000})))
    assert inside(data).count(SECRET) >= 200_000


def test_sqlite_rows_and_schema(tmp_path: Path) -> None:
    data = database(
        tmp_path,
        "pragma journal_mode = wal",
        'create table "a ""quoted"" name" (x, y default "默认的秘密")',
        f'insert into "a ""quoted"" name" (x) values (\'{SECRET.decode()}\')',
        "create virtual table found using fts5(body)",
        "insert into found values ('全文检索的内容')",
    )
    text = inside(data)
    for expected in (SECRET, "默认的秘密".encode(), "全文检索的内容".encode()):
        assert expected in text
    assert SECRET in inside(zipped(("some.db", data)))


@pytest.mark.parametrize(
    "data",
    [
        gzip.compress(b"x" * 1000, mtime=0)[:-9],
        gzip.compress(b"x", mtime=0) + b"tail",
        zipped(("a", b"x" * 100))[:-30],
        b"PAR1 and nothing",
        b"SQLite format 3\0" + b"\1" * 200,
        b"\x28\xb5\x2f\xfd zstandard",
        b"7z\xbc\xaf\x27\x1c",
    ],
    ids=["short gzip", "gzip and more", "short zip", "parquet", "sqlite", "zstandard", "7-zip"],
)
def test_what_cannot_be_read_is_a_fault(data: bytes) -> None:
    with pytest.raises(NotUnpackable) as caught:
        parts_of(data)
    assert "x" * 10 not in str(caught.value)


def test_a_damaged_member_is_a_fault() -> None:
    data = bytearray(zipped(("a", SECRET), compression=zipfile.ZIP_STORED))
    data[data.index(SECRET) + 1] ^= 1
    with pytest.raises(NotUnpackable):
        parts_of(bytes(data))


def test_an_encrypted_member_is_a_fault() -> None:
    data = bytearray(zipped(("a", SECRET)))
    for at in (data.index(b"PK\3\4") + 6, data.index(b"PK\1\2") + 8):
        data[at] |= 1
    with pytest.raises(NotUnpackable):
        parts_of(bytes(data))


def test_depth_and_size_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    deep = SECRET
    for _ in range(unpacking.MAX_DEPTH):
        deep = gzip.compress(deep)
    assert SECRET in inside(deep)
    with pytest.raises(NotUnpackable, match="deep"):
        parts_of(gzip.compress(deep))
    monkeypatch.setattr(unpacking, "MAX_BYTES", 5_000_000)
    assert len(inside(gzip.compress(b"x" * 4_900_000))) == 4_900_000
    with pytest.raises(NotUnpackable, match="more than the scan reads"):
        parts_of(gzip.compress(b"x" * 50_000_000))


def test_blocks_are_small() -> None:
    bomb = gzip.compress(b"x" * 50_000_000)
    sizes = [len(block) for part in plain_parts(io.BytesIO(bomb)) for block in part.blocks]
    assert max(sizes) <= 1 << 21
