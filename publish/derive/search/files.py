"""The files of an index while it is made: what is new, and what the last index has already."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from publish import urls
from publish.derive.search.memory import PRINT_BYTES, Remembered
from publish.derive.search.packing import Packed, compress, name_of


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
        if name in self.remembered.there:
            self.kept.add(_url(name))
        else:
            self.parts.setdefault(_url(name), b"")
            self.parts[_url(name)] = self.parts[_url(name)] or compress(body)
        return name.hex()

    def put_packed(self, packed: Packed, fingerprint: bytes | None = None) -> bytes:
        """Add a finished file; returns its name."""
        if packed.name in self.remembered.there:
            self.kept.add(_url(packed.name))
        else:
            self.parts[_url(packed.name)] = packed.data
        if fingerprint is not None:
            self.names[fingerprint] = packed.name
        return packed.name

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


def block_prints(
    kind: str, rows: NDArray[np.uint64], starts: Sequence[int], notes: Sequence[Sequence[str]] = ()
) -> list[bytes]:
    """A fingerprint of each block: of the fingerprints of its rows in their order, and of its notes."""
    data = memoryview(np.ascontiguousarray(rows).tobytes())
    head = hashlib.blake2b(kind.encode(), digest_size=PRINT_BYTES)
    out = []
    for place, (first, last) in enumerate(pairwise(starts)):
        digest = head.copy()
        digest.update(data[8 * first : 8 * last])
        if notes and notes[place]:
            digest.update("\n".join(notes[place]).encode())
        out.append(digest.digest())
    return out


def _url(name: bytes) -> str:
    return f"{urls.SEARCH_INDEX}{name.hex()}.gz"
