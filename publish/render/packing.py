"""Parts of a zip file that are deflated in pieces, each of which can be taken from another file as it is."""

import struct
import zipfile
import zlib
from types import TracebackType
from typing import BinaryIO, Self, cast

import numpy as np

from publish.model.crc import combined_crc

_LEVEL = 5  # three quarters of the time of level 6, for 6 % more bytes
_DATE = (1980, 1, 1, 0, 0, 0)  # the zip format's first
# Room in the header of a part for sizes beyond 4 GiB, as long as they are not known: a growth hint (ECMA-376 part 2).
_ROOM = struct.pack("<HHHH12x", 0xA220, 16, 0xA028, 0)


def deflated(data: bytes, is_last: bool = False, level: int = _LEVEL) -> tuple[bytes, int, int]:
    """Raw deflate blocks that know of nothing before them and end with a byte; size and CRC-32 of what is in them."""
    packer = zlib.compressobj(level, zlib.DEFLATED, -zlib.MAX_WBITS)
    packed = packer.compress(data) + packer.flush(zlib.Z_FINISH if is_last else zlib.Z_FULL_FLUSH)
    return packed, len(data), zlib.crc32(data)


def part_info(name: str) -> zipfile.ZipInfo:
    """Of a part; the same on each system, at any time."""
    info = zipfile.ZipInfo(name, _DATE)
    info.compress_type = zipfile.ZIP_DEFLATED
    info.create_system = 3  # else it is the system that runs
    info.external_attr = 0o644 << 16
    return info


class PackedPart:
    """A part that is written piece by piece, at the end of an archive that is open for writing."""

    def __init__(self, archive: zipfile.ZipFile, name: str) -> None:
        self._archive = archive
        self._stream = cast(BinaryIO, archive.fp)
        self._info = part_info(name)
        self._info.CRC = 0
        self._pieces: list[tuple[int, int]] = []

    def __enter__(self) -> Self:
        self._stream.seek(self._archive.start_dir)
        self._info.header_offset = self._stream.tell()
        self._write_header()
        return self

    def put(self, data: bytes, size: int, crc: int) -> int:
        """Blocks of `deflated`. Returns where they begin in the file."""
        self._pieces.append((size, crc))
        self._stream.write(data)
        self._info.compress_size += len(data)
        return self._stream.tell() - len(data)

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        if kind is not None:
            return
        end = self._stream.tell()
        sizes, crcs = np.array(self._pieces, np.int64).reshape(-1, 2).T
        self._info.file_size, self._info.CRC = int(sizes.sum()), combined_crc(crcs.astype(np.uint32), sizes)
        self._stream.seek(self._info.header_offset)
        self._write_header()
        self._stream.seek(end)
        # As ZipFile does itself when a part is written: it writes the directory when it is closed.
        self._archive.start_dir = end
        self._archive.filelist.append(self._info)
        self._archive.NameToInfo[self._info.filename] = self._info

    def _write_header(self) -> None:
        """As long with large sizes as with small ones."""
        large = max(self._info.file_size, self._info.compress_size) > zipfile.ZIP64_LIMIT
        self._info.extra = b"" if large else _ROOM
        self._stream.write(self._info.FileHeader(zip64=large))
        self._info.extra = b""
