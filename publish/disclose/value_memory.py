"""What a build knows of values, kept for the next one beside the release: keyed hashes, of values and of rows; and how
those values are written that a row of that release shows.

Nothing in it changes a byte of a release; it may be removed at any time. It is believed only if it is of the very
release that is live, made by this very program from the same fields and columns, and whole: all of it is under a digest
whose key is made of the site's secret. Without a secret nothing is kept.
"""

import hashlib
import hmac
import json
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray
from polars.exceptions import PolarsError

from publish.disclose.private_values import Public
from publish.disclose.value_night import Before
from publish.disclose.value_sets import JoinedValues
from publish.disclose.values import Marked, Values
from publish.model.bare import write_bare
from publish.model.kept import Naming, keep, keep_nothing
from publish.model.program import made_by
from publish.model.sieve import Sieve
from publish.model.source import CheckedTable, SourceTable

_FACTS, _DIGEST, _JOINED, _TEXTS, _ODD = "facts.json", "digest", "joined", "texts.arrow", "odd"


def made_of(tables: Sequence[CheckedTable], public: Public) -> str:
    """A digest of what values depend on beside rows: the program, fields and their roles, public columns, folding."""
    sources = [table.source for table in tables]
    fields = [
        (one.package.name, one.resource, one.disclosure and one.disclosure.dataset, _fields(one)) for one in sources
    ]
    shown = [
        (table.info.slug, list(table.frame.schema.items()), [(field.name, field.type) for field in table.fields])
        for table in public.disclosure.public
    ]
    program = made_by("python", "polars", "numpy")
    return hashlib.sha256(repr((program, fields, shown, public.folding)).encode()).hexdigest()


def _fields(source: SourceTable) -> list[tuple[str, str | None]]:
    return [(spec.name, spec.role) for spec in source.schema.fields]


def load_values(folder: Path, release: str | None, made: str, key: bytes) -> Before | None:
    """What was known when `release` (its name) was built; None: that is not known."""
    try:
        if not key or release is None:
            return None
        told, own = (folder / _DIGEST).read_bytes(), _digest(_sums(folder), made, key, release)
        return _read(folder, key) if hmac.compare_digest(told, own.encode()) else None
    except (OSError, ValueError, KeyError, PolarsError):
        return None


def keep_values(folder: Path, made: str, key: bytes, values: Values | None) -> Naming:
    """Keep it for `load_values`, as `keep` has it; without a key, or None: keep nothing."""
    if not key or values is None or values.joined is None:
        return keep_nothing
    return keep(folder, _DIGEST, partial(_written, folder, made, key, values, values.joined))


def _written(folder: Path, made: str, key: bytes, values: Values, joined: JoinedValues) -> Callable[[str], str]:
    _write(folder, values, joined)
    return partial(_digest, _sums(folder), made, key)


def _write(folder: Path, values: Values, joined: JoinedValues) -> None:
    for number, (sieve, witness, held) in enumerate(
        zip(values.sieves, values.marked.witness, values.marked.held(), strict=True)
    ):
        sieve.save(folder / f"set-{number}", with_key=False)
        np.save(folder / f"witness-{number}.npy", witness)
        np.save(folder / f"held-{number}.npy", held)
    write_bare(values.marked.public_texts(values.sieves), folder / _TEXTS, compression="lz4")
    joined.sieve.save(folder / _JOINED, with_key=False)
    for name, array in (
        ("marks", joined.marks),
        ("weak", values.weak),
        ("source", values.source),
        ("public", values.public),
    ):
        np.save(folder / f"{name}.npy", array)
    if values.odd is not None:
        np.save(folder / f"{_ODD}.npy", values.odd)
    facts = {
        "sets": len(values.sieves),
        "lines": values.lines,
        "first": values.first,
        _ODD: values.odd is not None,
    }
    (folder / _FACTS).write_text(json.dumps(facts), encoding="utf-8")


def _read(folder: Path, key: bytes) -> Before:
    def array(name: str) -> NDArray[np.uint64]:
        loaded: NDArray[np.uint64] = np.load(folder / f"{name}.npy", mmap_mode="r", allow_pickle=False)
        return np.asarray(loaded)

    facts = json.loads((folder / _FACTS).read_text(encoding="utf-8"))
    numbers = range(facts["sets"])
    sieves = tuple(Sieve.load(folder / f"set-{number}", key) for number in numbers)
    witness = tuple(array(f"witness-{number}") for number in numbers)
    marked = Marked(witness, Marked.none(sieves).others, [pl.read_ipc(folder / _TEXTS)])
    joined = JoinedValues(Sieve.load(folder / _JOINED, key), array("marks").view(np.uint8))
    values = Values(
        sieves,
        marked,
        joined,
        array("weak").view(np.uint32),
        facts["lines"],
        array("source"),
        array("public"),
        facts["first"],
        array(_ODD) if facts[_ODD] else None,
    )
    return Before(values, tuple(array(f"held-{number}").view(np.bool_) for number in numbers))


def _digest(sums: str, made: str, key: bytes, release: str) -> str:
    """Of all files, of what they are made and for which release."""
    digest = hashlib.blake2b(f"{release} {made}".encode(), key=hashlib.blake2b(b"values\0" + key).digest())
    digest.update(sums.encode())
    return digest.hexdigest()


def _sums(folder: Path) -> str:
    """Of each file its name and SHA-256."""
    sums = list[str]()
    for path in sorted(path for path in folder.rglob("*") if path.is_file() and path != folder / _DIGEST):
        with path.open("rb") as stream:
            sums.append(f"\n{path.relative_to(folder)} {hashlib.file_digest(stream, hashlib.sha256).hexdigest()}")
    return "".join(sums)
