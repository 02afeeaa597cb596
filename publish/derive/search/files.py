"""The files of an index while it is made: what is new, and what the last index has already."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from publish import urls
from publish.derive.search.memory import PRINT_BYTES, Remembered
from publish.derive.search.packing import Packed, compress, name_of, unpack


@dataclass(slots=True)
class Files:
    """`parts` by URL; `kept`: URLs of files that the last index has; `names` by fingerprint, for the next memory."""

    remembered: Remembered
    parts: dict[str, bytes] = field(default_factory=dict)
    kept: set[str] = field(default_factory=set)
    names: dict[bytes, bytes] = field(default_factory=dict)

    def put(self, body: bytes) -> str:
        """Add a file by its content; returns its name in hexadecimal digits."""
        name = name_of(body)
        self._add(name, lambda: body, lambda: compress(body))
        return name.hex()

    def put_packed(self, packed: Packed, fingerprint: bytes | None = None) -> bytes:
        """Add a finished file; returns its name."""
        self._add(packed.name, lambda: unpack(packed.data), lambda: packed.data)
        if fingerprint is not None:
            self.names[fingerprint] = packed.name
        return packed.name

    def _add(self, name: bytes, body: Callable[[], bytes], packed: Callable[[], bytes]) -> None:
        """Raises ValueError if another content has the same name: by chance once in a million builds."""
        url = _url(name)
        if url in self.parts:
            same = unpack(self.parts[url]) == body()
        elif url in self.kept or name in self.remembered.there:
            same = self.remembered.content(name) == body()
            self.kept.add(url)
        else:
            same = True
            self.parts[url] = packed()
        if not same:
            raise ValueError("two files of the search index have the same name; remove the cache and build once more")

    def keep_name(self, name: bytes) -> bytes:
        """Keep a file of the last index by its name."""
        self.kept.add(_url(name))
        return name

    def keep(self, fingerprint: bytes) -> bytes | None:
        """The name of the file that was made from the same before; None if it must be made."""
        name = self.remembered.names.get(fingerprint)
        if name is not None:
            self.kept.add(_url(name))
            self.names[fingerprint] = name
        return name


def block_prints(kind: str, rows: NDArray[np.uint64], starts: Sequence[int]) -> list[bytes]:
    """A fingerprint of each block: of the fingerprints of its rows in their order."""
    data = np.ascontiguousarray(rows).view(np.uint8).data
    head = hashlib.blake2b(kind.encode(), digest_size=PRINT_BYTES)
    out = []
    for first, last in pairwise(starts):
        digest = head.copy()
        digest.update(data[8 * first : 8 * last])
        out.append(digest.digest())
    return out


def _url(name: bytes) -> str:
    return f"{urls.SEARCH_INDEX}{name.hex()}.gz"
