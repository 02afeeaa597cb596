"""The proof that nothing leaks: every byte of a finished release against the private values of the build.

What is public by decision is told here: public tables, documents, pages, the site's configuration, rules, templates
and the program's own words. Whatever else of the source is found in the release stops it.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, replace
from functools import partial
from itertools import chain, islice
from pathlib import Path

import numpy as np
import polars as pl

from publish.derive.folding import folding_table
from publish.disclose.private_values import Means, Public, count_fields, private_values
from publish.disclose.value_memory import keep_values, load_values, made_of
from publish.disclose.value_night import values_tonight
from publish.disclose.value_rows import source_rows
from publish.disclose.values import Values
from publish.model.config import SiteConfig
from publish.model.data_memory import DataMemory, KnownData
from publish.model.distinct import distinct
from publish.model.document import Document, Page
from publish.model.issue import BuildStopped, Issue
from publish.model.kept import Naming
from publish.model.personal_patterns import patterns_in
from publish.model.private_values import PrivateValues
from publish.model.program import made_by
from publish.model.public import Disclosure
from publish.model.report import Progress
from publish.model.rules import RuleProfile
from publish.model.sieve_windows import Words
from publish.model.source import CheckedTable
from publish.release.data_files import LiveData
from publish.release.findings import PRIVATE_VALUE
from publish.release.public_matches import NO_ROWS, public_matches
from publish.release.scan import ReleaseScan
from publish.release.searched import keep_hashes, keep_searched, searched_for
from publish.release.writing import Release

_SEARCHED, DATA, _VALUES, _PLAIN = "searched", "data", "values", "plain-rows"
_DATA_FILES = "data/"


def public_texts(
    config: SiteConfig,
    books: Sequence[Sequence[RuleProfile]],
    documents: Sequence[Document | Page],
    folders: Sequence[Path],
) -> Iterator[str]:
    """What is public by decision beside the tables. `folders` are those of the templates.

    The program's own source counts, since its words (names of columns, of formats) are in pages and data files.
    """
    yield json.dumps(asdict(config), ensure_ascii=False, default=str)
    for profile in chain.from_iterable(books):
        yield from (text for rule in profile.rules for text in (rule.id, rule.title, str(rule.citation)))
        yield profile.title
    for document in documents:
        yield "\n".join(str(value) for value in asdict(document).values() if value is not None)
    for folder in folders:
        yield from _texts_in(folder)
    yield from _own_texts()


def _own_texts() -> Iterator[str]:
    return _texts_in(Path(__file__).resolve().parent)


def _texts_in(folder: Path) -> Iterator[str]:
    for path in sorted(folder.rglob("*")):
        if path.suffix in {".html", ".yaml", ".css", ".js", ".svg", ".py", ".xml"} and path.is_file():
            yield path.read_text(encoding="utf-8", errors="replace")


@dataclass(slots=True)
class Sought:
    """What a release is searched for, and with what. `values`: what the next build may go on from, if anything, and of
    what it is `made`.

    `again`: works out the private values from nothing, where those of `scan` may be more: some that only earlier
    sources had; it gives None if the source is not the same any more. None: they are no more. `plain`: as
    public_matches has it."""

    scan: ReleaseScan
    made: str
    values: Values | None
    again: Callable[[], tuple[ReleaseScan, Values | None] | None] | None
    plain: Words


@contextmanager
def release_scan(
    tables: Sequence[CheckedTable],
    disclosure: Disclosure,
    texts: Sequence[str],
    secret: bytes,
    executor: Executor,
    release: Release,
    progress: Progress,
    known: Mapping[str, KnownData],
    reread: Callable[[], Sequence[CheckedTable]],
) -> Iterator[tuple[Sought, pl.DataFrame]]:
    """What a release is searched with, what `texts` hold being public; and PRIVATE_COUNTS_SCHEMA: what is looked for,
    in numbers. `known`: of data files of the live release, by dataset. `reread`: the tables once more, from their
    files; they are not kept, since only what is found in a night may need them."""
    public = Public(disclosure, tuple(text.encode() for text in texts), folding_table())
    means = Means(secret, executor, release.scratch(), progress.advance)
    with progress.step("private values"):
        progress.expect(count_fields(tables), "fields")
        made = made_of(tables, public)
        before = load_values(release.cache(_VALUES), release.previous_name, made, secret)
        tonight = values_tonight(before, tables, public, means) if before else None
        then = None if tonight else searched_for(release.cache(_SEARCHED), _program_of(release.previous_name))
        private, values = tonight or private_values(tables, public, means, then)
    with progress.step("matches that are public"):
        before_plain = searched_for(release.cache(_PLAIN), _program_of(release.previous_name))
        plain = NO_ROWS if before_plain is None else before_plain
        allowed, plain = public_matches(texts, disclosure.public, patterns_in, plain)
    live = LiveData(known, release.previous_file)
    with ExitStack() as closing:
        scan_for = partial(_scan_for, release, allowed, closing)
        again = partial(_exactly, reread, (made, tonight[1].source), public, means, scan_for) if tonight else None
        del tables, before, tonight  # they are large
        scan = scan_for(private, live)
        release.read_ahead(scan.likely_again)
        yield Sought(scan, made, values, again, plain), private.counts


def _scan_for(
    release: Release, allowed: frozenset[bytes], closing: ExitStack, private: PrivateValues, live: LiveData | None
) -> ReleaseScan:
    scan = ReleaseScan(private, release.scratch(), patterns_in, allowed, live)
    closing.callback(scan.close)
    return scan


def _exactly(
    reread: Callable[[], Sequence[CheckedTable]],
    source: tuple[str, Words],
    public: Public,
    means: Means,
    scan_for: Callable[[PrivateValues, LiveData | None], ReleaseScan],
) -> tuple[ReleaseScan, Values | None] | None:
    """`source`: of what and of which rows the release is made. None: the files have others now, or cannot be read."""
    try:
        tables = reread()
    except BuildStopped:
        return None
    if made_of(tables, public) != source[0]:
        return None
    hashes = [one.hashes for one in source_rows(tables, public.disclosure, means.key)]
    if not np.array_equal(distinct(np.concatenate(hashes)), source[1]):
        return None
    exact, values = private_values(tables, public, replace(means, advance=lambda fields: None))
    return scan_for(exact, None), values


def prove(release: Release, sought: Sought, executor: Executor, progress: Progress) -> tuple[Issue, ...]:
    """Search every file of the staged release that has not been searched yet, packed ones unpacked. Returns all
    findings, each an ERROR.

    Where a value is found that may be one of an earlier source only, all files are searched for those of this one; if
    its files have been changed meanwhile, what was found counts."""
    with progress.step("files"):
        scan, files = sought.scan, release.manifest().files
        rest = files[scan.rest(files["path"])]
        rest = rest.filter(~pl.col("path").is_in(scan.searched_before(release.shared(rest)).implode()))
        issues = _search(release, scan, rest, executor, progress)
    if sought.again is None or all(issue.code != PRIVATE_VALUE for issue in issues):
        return issues
    with progress.step("files again"):
        exact = sought.again()
        if exact is None:
            return issues
        sought.scan, sought.values = exact
        return _search(release, sought.scan, files, executor, progress)


def _search(
    release: Release, scan: ReleaseScan, files: pl.DataFrame, executor: Executor, progress: Progress
) -> tuple[Issue, ...]:
    sizes = iter(files["size"].to_list())  # of the files in the order in which they are told to be done
    progress.expect(int(files["size"].sum()) // 1000, "KB")
    return scan.finish(
        release.tree,
        files,
        executor,
        advance=lambda count: progress.advance(sum(islice(sizes, count)) // 1000),
    )


def keep_sought(release: Release, sought: Sought, secret: bytes) -> Naming:
    """Make what the next build may know of what a release is searched for, to be named when it has been searched for
    just that: if there is a secret, since without one whoever has a copy of the hashes could guess telephone numbers by
    them; and which public rows hold nothing that looks like a person's number."""
    program = _program()
    searched = keep_searched(release.next_cache(_SEARCHED), sought.scan.private.sieves if secret else ())
    plain = keep_hashes(release.next_cache(_PLAIN), sought.plain)
    values = keep_values(release.next_cache(_VALUES), sought.made, secret, sought.values)

    def name(of: str) -> None:
        searched(f"{of}/{program}")
        plain(f"{of}/{program}")
        values(of)

    return name


def remember_data(release: Release, sought: Sought, name: str) -> None:
    """Make what the build after the release of that name may know of what its data files have of which public row, when
    it has been searched."""
    files = release.manifest().files.filter(pl.col("path").str.starts_with(_DATA_FILES))
    known = sought.scan.known_data(dict(files.select("path", "sha256").iter_rows()))
    DataMemory(release.next_cache(DATA), None).write(name, known)


def _program_of(release: str | None) -> str | None:
    """By what the memory of a release is known."""
    return None if release is None else f"{release}/{_program()}"


def _program() -> str:
    """How a release was searched and what is plain in it is up to the program, and a hash up to its library."""
    return made_by("polars")
