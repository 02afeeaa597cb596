"""What all builds do alike, done once in a process that builds many sites: half of a small site's build and more.

Each of these functions is pure, and remembered by all that it reads. Their own tests call them where they are defined,
as they are; so do builds in processes of their own: the command line's, workers, and those of .ci/run.
"""

import hashlib
import pickle
from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import jinja2
import polars as pl
import pytest
from jinja2.bccache import Bucket

from publish import proof
from publish.disclose import private_values, public_values
from publish.load import calendar, checking, config, descriptor, marked, rules
from publish.release import ending
from publish.release.public_matches import PublicMatches
from publish.render import environment, stage, static_memory

_FEW, _LONG = 5000, 1_000_000  # texts, bytes


@contextmanager
def once() -> Iterator[None]:
    """Scripts joined and minified, templates parsed and compiled, interface texts, schemas, configurations,
    descriptors, rules and calendars parsed, the last two checked too, the program's own texts read, searched for
    patterns and spelt otherwise. And nobody waits for the disk: no test takes its power away."""
    texts = _remembered(environment.load_interface, _interface)
    files = _remembered(marked.load_marked, _file)
    schema, parsed = _remembered(checking.load_schema), _remembered(rules.parse_own_yaml)
    faults = _remembered(checking.schema_issues, _bytes)
    own_texts = proof._own_texts
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ending, "sync_file_system", lambda folder: None)
        patch.setattr(static_memory, "published", _remembered(static_memory.published, _bytes))
        patch.setattr(stage, "environment", _with_compiled(environment.environment))
        patch.setattr(environment, "_named_in", _remembered(environment._named_in))
        patch.setattr(proof, "_own_texts", _remembered(lambda: list(own_texts())))
        for module in (environment, stage):
            patch.setattr(module, "load_interface", texts)
        for module in (checking, rules):
            patch.setattr(module, "load_schema", schema)
        for module in (calendar, rules):
            patch.setattr(module, "parse_own_yaml", parsed)
            patch.setattr(module, "schema_issues", faults)
        for module in (config, descriptor):
            patch.setattr(module, "load_marked", files)
        patch.setattr(proof, "public_matches", _with_patterns(proof.public_matches))
        speller = _by_equality(public_values.speller)
        for module in (private_values, public_values):
            patch.setattr(module, "speller", speller)
        patch.setattr(public_values, "_spellings", _with_spellings(public_values._spellings))
        yield


def _interface(folders: Sequence[Path], language: str) -> Hashable:
    """All that `load_interface` can find in these folders."""
    paths = (path for folder in folders for path in sorted((folder / "i18n").rglob("*")) if path.is_file())
    return (*map(str, folders), *((str(path), path.read_bytes()) for path in paths), language)


def _file(path: Path, file: str) -> Hashable:
    """What `load_marked` reads; a file that cannot be read is one of which nothing is remembered."""
    try:
        return path.suffix, file, path.read_bytes()
    except (OSError, ValueError):
        return object()


def _remembered(function: Callable[..., Any], key_of: Callable[..., Hashable] = lambda *key: key) -> Callable[..., Any]:
    """The function, called once for each key; every caller has a copy of its own (pickle is quicker than copy)."""
    known: dict[Hashable, bytes] = {}

    def remembered(*arguments: Any) -> Any:
        key = key_of(*arguments)
        if key not in known:
            known[key] = pickle.dumps(function(*arguments))
        return pickle.loads(known[key])

    return remembered


def _bytes(*arguments: Any) -> Hashable:
    """Of arguments that have no hash."""
    return hashlib.sha256(pickle.dumps(arguments)).digest()


class _Compiled(jinja2.BytecodeCache):
    """Templates that were compiled before, by name, file and source."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], Any] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._known.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._known[bucket.key, bucket.checksum] = bucket.code


def _with_compiled(environment_of: Callable[..., jinja2.Environment]) -> Callable[..., jinja2.Environment]:
    compiled = _Compiled()

    def environment_with(*arguments: Any) -> jinja2.Environment:
        made = environment_of(*arguments)
        made.bytecode_cache = compiled
        return made

    return environment_with


def _with_patterns(matches: Callable[..., PublicMatches]) -> Callable[..., PublicMatches]:
    """Each of the texts is looked through once; the cells of the tables are one text more, which is not kept."""
    known: dict[tuple[Any, str], Any] = {}

    def matches_of(texts: Sequence[str], tables: Any, patterns: Callable[[str], Any], plain: Any) -> PublicMatches:
        for text in texts:
            if (patterns, text) not in known:
                known[patterns, text] = list(patterns(text))
        finds = lambda text: known[patterns, text] if (patterns, text) in known else patterns(text)  # noqa: E731
        return matches(texts, tables, finds, plain)

    return matches_of


def _by_equality(speller: Callable[..., Any]) -> Callable[..., Any]:
    """A folding is told by its content, but has no hash."""
    known: list[tuple[Any, Any]] = []

    def speller_of(folding: Any) -> Any:
        found = [made for other, made in known if other == folding]
        if not found:
            found = [speller(folding)]
            known.append((folding, found[0]))
        return found[0]

    return speller_of


def _with_spellings(spellings: Callable[..., Any]) -> Callable[..., Any]:
    """Few long texts, such as those of the program, are spelt once for builds that follow one another."""
    known: list[tuple[pl.Series, pl.Series, Any, Any]] = []

    def spellings_of(cells: pl.Series, rows: pl.Series, folding: Any) -> Any:
        if len(cells) > _FEW or cells.str.len_bytes().sum() < _LONG:
            return spellings(cells, rows, folding)
        for other, its_rows, its_folding, spelt in known:
            if other.equals(cells) and its_rows.equals(rows) and its_folding == folding:
                return spelt
        del known[:-3]
        known.append((cells, rows, folding, list(spellings(cells, rows, folding))))
        return known[-1][-1]

    return spellings_of
