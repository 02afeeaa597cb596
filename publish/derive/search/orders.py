"""Files that one build leaves of the order of something for the next: arrays, mapped and not copied."""

import hashlib
import json
import mmap
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

_ROW = 4096  # words that are summed up together
_WORD = 8  # bytes; arrays begin at multiples of it


@dataclass(frozen=True, slots=True)
class Order:
    """A file that the last build left of the order of something, and its `digest`: of that build and of no other."""

    path: Path
    digest: str

    def content(self) -> mmap.mmap | bytes:
        """What is in it, mapped; nothing if it is another file by now, or on this machine."""
        data = _mapped(self.path)
        return data if data and digest_of(data) == self.digest else b""


def digest_of_file(path: Path) -> str:
    """As digest_of, of what is in a file; of nothing where there is none."""
    return digest_of(_mapped(path))


def digest_of(data: mmap.mmap | bytes) -> str:
    """What tells these bytes from those of another build, or from damaged ones; nobody means to deceive. A digest of
    sums of words, by rows and by columns: one of all bytes takes five times as long."""
    words = np.frombuffer(data, dtype="<u8", count=len(data) // _WORD // _ROW * _ROW).reshape(-1, _ROW)
    digest = hashlib.sha256(words.sum(axis=1).tobytes())
    digest.update(words.sum(axis=0).tobytes())
    digest.update(data[words.nbytes :])
    return digest.hexdigest()


def write_order(arrays: Mapping[str, NDArray[np.generic]], path: Path) -> None:
    """Arrays one after the other, behind a line that says what they are."""
    told = [(name, one.dtype.str, one.size) for name, one in arrays.items()]
    head = json.dumps(told).encode()
    with path.open("wb") as file:
        file.write(head + b" " * (-(len(head) + 1) % _WORD) + b"\n")
        for one in arrays.values():
            file.write(np.ascontiguousarray(one).data)
            file.write(bytes(-one.nbytes % _WORD))


def load_order(order: Order | None) -> Mapping[str, NDArray[np.generic]]:
    """Arrays that the last build left, which cannot be written to; none if they are not there as it left them."""
    data = order.content() if order is not None else b""
    if not data:
        return {}
    at = data.find(b"\n") + 1
    arrays: dict[str, NDArray[np.generic]] = {}
    for name, dtype, size in json.loads(data[:at]):
        arrays[name] = np.frombuffer(data, dtype=dtype, count=size, offset=at)
        at += -(-arrays[name].nbytes // _WORD) * _WORD
    return arrays


def _mapped(path: Path) -> mmap.mmap | bytes:
    try:
        with path.open("rb") as file:
            return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except (OSError, ValueError):  # an empty file cannot be mapped
        return b""
