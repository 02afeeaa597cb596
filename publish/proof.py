"""The proof that nothing leaks: every byte of a finished release against the private values of the build.

What is public by decision is told here: public tables, documents, pages, the site's configuration, rules, templates
and the program's own words. Whatever else of the source is found in the release stops it.
"""

import json
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from contextlib import contextmanager
from dataclasses import asdict
from itertools import chain, islice
from pathlib import Path

import polars as pl

from publish.derive.folding import folding_table
from publish.disclose.private_values import count_fields, private_values
from publish.model.config import SiteConfig
from publish.model.data_memory import DataMemory
from publish.model.document import Document, Page
from publish.model.issue import Issue
from publish.model.personal_patterns import patterns_in
from publish.model.public import Disclosure
from publish.model.report import Progress
from publish.model.rules import RuleProfile
from publish.model.source import CheckedTable
from publish.release.data_files import LiveData
from publish.release.scan import ReleaseScan, allowed_matches
from publish.release.searched import remember_searched, searched_for
from publish.release.staging import Release

_SEARCHED, DATA = "searched", "data"
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
            known=searched_for(release.cache(_SEARCHED), release.previous_name),
        )
    with progress.step("matches that are public"):
        allowed = allowed_matches(texts, disclosure.public, patterns_in)
    live = LiveData(DataMemory(release.cache(DATA), release.previous_name).load(), release.previous_file)
    scan = ReleaseScan(private, release.scratch(), patterns_in, allowed, live)
    try:
        yield scan, private.counts
    finally:
        scan.close()


def prove(release: Release, scan: ReleaseScan, executor: Executor, progress: Progress) -> tuple[Issue, ...]:
    """Search every file of the staged release that has not been searched yet, packed ones unpacked. Returns all
    findings, each an ERROR."""
    with progress.step("files"):
        files = release.manifest().files
        rest = scan.rest(files["path"]).to_frame().join(files, on="path", how="left", maintain_order="left")
        sizes = iter(rest["size"].to_list())  # of the files in the order in which they are told to be done
        progress.expect(int(rest["size"].sum()) // 1000, "KB")
        return scan.finish(
            release.tree,
            rest["path"],
            executor,
            advance=lambda count: progress.advance(sum(islice(sizes, count)) // 1000),
        )


def remember(release: Release, scan: ReleaseScan, name: str, secret: bytes) -> None:
    """Keep for the next build what the finished release `name` was searched for, if there is a secret: without one,
    whoever has a copy of the hashes could guess telephone numbers by them; and what data files have of which public
    row."""
    remember_searched(release.cache(_SEARCHED), name, scan.private.sieves if secret else ())
    files = release.manifest().files.filter(pl.col("path").str.starts_with(_DATA_FILES))
    known = scan.known_data(dict(files.select("path", "sha256").iter_rows()))
    DataMemory(release.cache(DATA), None).write(name, known)
