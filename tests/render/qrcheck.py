"""What a QR code must look like, by segno, and what path data paints. Matrices are lists of rows of 0 and 1."""

import re
from unittest import mock

import segno
import segno.encoder

Matrix = list[list[int]]
QUIET = 4


def matrix_of(address: str) -> tuple[Matrix, int]:
    """The smallest symbol of `address` with error correction M in byte mode and its quiet zone, and its mask."""
    # segno 1.6 puts a codeword of zeros before the padding where the message ends with a byte (its issues 123 and 148).
    with mock.patch.object(segno.encoder, "write_padding_bits", _pad):
        code = segno.make(address, error="m", boost_error=False, mode="byte", micro=False, encoding="utf-8", eci=False)
    return [[int(module) for module in row] for row in code.matrix_iter(border=QUIET)], code.mask


def painted(path: str, size: int) -> Matrix:
    """The modules that the path data darkens in a square of `size`; nothing but `M`, `m` and `h` is known."""
    assert re.fullmatch(r"M4 4\.5(?:h\d+|m-?\d+ [01])+", path), path[:40]
    modules = [[0] * size for _ in range(size)]
    column, row = QUIET, QUIET
    for stroke, move, down in re.findall(r"h(\d+)|m(-?\d+) ([01])", path):
        if stroke:
            assert not any(modules[row][column : column + int(stroke)]), "painted twice"
            modules[row][column : column + int(stroke)] = [1] * int(stroke)
        column += int(stroke or move)
        row += int(down or 0)
    assert {len(line) for line in modules} == {size}, "painted beyond the edge"
    return modules


def _pad(buff: segno.encoder.Buffer, version: int, length: int) -> None:
    buff.extend([0] * (-length % 8))
