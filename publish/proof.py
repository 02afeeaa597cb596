"""The proof that nothing leaks: every byte of a finished release against the private values of the build.

What is public by decision is told here: public tables, documents, pages, the site's configuration, rules, templates
and the program's own words. Whatever else of the source is found in the release stops it.
"""

import hashlib
import json
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from contextlib import contextmanager
from dataclasses import asdict
from importlib.metadata import version
from itertools import chain, islice
from pathlib import Path

import polars as pl

from publish.derive.folding import folding_table
from publish.disclose.private_values import count_fields, private_values
from publish.model.config import SiteConfig
from publish.model.document import Document, Page
from publish.model.issue import Issue
from publish.model.personal_patterns import patterns_in
from publish.model.program import source_digest
from publish.model.public import Disclosure
from publish.model.report import Progress
from publish.model.rules import RuleProfile
from publish.model.source import CheckedTable
from publish.release.data_files import RowMemory
from publish.release.scan import ReleaseScan, allowed_matches
from publish.release.searched import remember_hashes, remember_searched, searched_for
from publish.release.staging import Release

_SEARCHED, _ROWS = "searched", "data-rows"


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
    for folder in (*folders, Path(__file__).resolve().parent):
        for path in sorted(folder.rglob("*")):
            if path.is_file() and path.suffix in {".html", ".yaml", ".css", ".js", ".svg", ".py", ".xml"}:
                yield path.read_text(encoding="utf-8", errors="replace")


@contextmanager
def release_scan(
    tables: Sequence[CheckedTable],
    disclosure: Disclosure,
    texts: Sequence[str],
    secret: bytes,
    executor: Executor,
    release: Release,
    progress: Progress,
) -> Iterator[tuple[ReleaseScan, pl.DataFrame]]:
    """What a release is searched with, what `texts` hold being public; and PRIVATE_COUNTS_SCHEMA: what is looked for,
    in numbers."""
    encoded = (text.encode() for text in texts)
    with progress.step("private values"):
        progress.expect(count_fields(tables), "fields")
        folding, advance = folding_table(), progress.advance
        private = private_values(
            tables,
            disclosure,
            public_texts=encoded,
            folding=folding,
            key=secret,
            advance=advance,
            executor=executor,
            scratch=release.scratch(),
            known=searched_for(release.cache(_SEARCHED), _program_of(release.previous_name)),
        )
    del tables  # they are large, and the caller may let go of them
    with progress.step("matches that are public"):
        allowed = allowed_matches(texts, disclosure.public, patterns_in)
    rows = searched_for(release.cache(_ROWS), _program_of(release.previous_name)) if secret else None
    scan = ReleaseScan(private, release.scratch(), patterns_in, allowed, RowMemory(secret, rows) if secret else None)
    try:
        yield scan, private.counts
    finally:
        scan.close()


def prove(release: Release, scan: ReleaseScan, executor: Executor, progress: Progress) -> tuple[Issue, ...]:
    """Search every file of the staged release that has not been searched yet, packed ones unpacked. Returns all
    findings, each an ERROR."""
    with progress.step("files"):
        files = release.manifest().files
        paths = scan.rest(files["path"])
        few = files.filter(pl.col("path").is_in(paths.implode()))
        rest = paths.to_frame().join(few, on="path", how="left", maintain_order="left")
        rest = rest.filter(~pl.col("path").is_in(scan.searched_before(release.shared(rest)).implode()))
        sizes = iter(rest["size"].to_list())  # of the files in the order in which they are told to be done
        progress.expect(int(rest["size"].sum()) // 1000, "KB")
        return scan.finish(
            release.tree,
            rest["path"],
            executor,
            advance=lambda count: progress.advance(sum(islice(sizes, count)) // 1000),
        )


def remember(release: Release, scan: ReleaseScan, name: str, secret: bytes) -> None:
    """Keep for the next build what the finished release `name` was searched for, and which rows of data files were, if
    there is a secret: without one, whoever has a copy of the hashes could guess telephone numbers by them."""
    remember_searched(release.cache(_SEARCHED), _program_of(name) or "", scan.private.sieves if secret else ())
    remember_hashes(release.cache(_ROWS), _program_of(name) or "", scan.searched_rows() if secret else None)


def _program_of(release: str | None) -> str | None:
    """By what a memory is known: how a release was searched and what is plain in it is up to the program, and a hash up
    to its library."""
    program = hashlib.sha256(f"{version('polars')} {source_digest()}".encode()).hexdigest()
    return None if release is None else f"{release}/{program}"
