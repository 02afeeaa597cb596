"""The last look before a release goes live: is it what its manifest says, and may all of it be public?"""

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from publish.model.issue import Issue, Level
from publish.model.public import Ledger
from publish.model.report import NO_PROGRESS, Progress
from publish.model.terms import Outcome
from publish.release.early import EarlyListing
from publish.release.faults import disk_errors, place
from publish.release.hashing import compared, to_hash
from publish.release.links import Hosts, check_pages
from publish.release.manifest import MANIFEST_FILE, SUMS_FILE, Manifest
from publish.release.samples import DATA, FULL, files_to_hash, pages_to_read
from publish.release.stamps import Stamp
from publish.release.trees import Listing, list_tree, read_ahead, sizes_of

_PAGE = ".html"
_SHOWN = 20
_NO_KEYS = pl.Series("key", [], dtype=pl.String)


Noticed = Callable[[Listing], None]


def _nothing(listing: Listing) -> None:
    """Nobody is to be told."""


@dataclass(frozen=True, slots=True)
class Checks:
    """What the site allows: its own address and the domains that pages may link to without a leaving notice."""

    base_url: str
    government_domains: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Verification:
    """What was looked at, of how much, and what was wrong. Names and sizes are always those of all files. `hashed`:
    read once more; files that nobody has written into since they were hashed need not be. `stamps`: of the former and
    the latter, by path, from before they were read."""

    files: int
    hashed: int
    pages: int
    pages_read: int
    issues: tuple[Issue, ...]
    stamps: Mapping[str, Stamp | None] = field(default_factory=dict, compare=False, repr=False)


def verify(
    tree: Path,
    manifest: Manifest,
    checks: Checks,
    *,
    withheld: pl.Series = _NO_KEYS,
    exits: pl.Series = _NO_KEYS,
    inodes: pl.Series | None = None,
    stamps: Mapping[str, Stamp] | None = None,
    full: int = FULL,
    progress: Progress = NO_PROGRESS,
    executor: Executor | None = None,
    noticed: Noticed = _nothing,
    early: EarlyListing | None = None,
) -> Verification:
    """Compare a release with its manifest and look for what must not be in it. Every issue is an ERROR.

    `withheld` are keys (20 hex digits) that may not appear in a path; those in `exits` may, below /exits/ only.
    Up to `full` pages all are looked through; beyond, up to `full` of those that do not exist in great numbers, and an
    even sample of SAMPLE of the sorted paths of others. Up to `full` files all are hashed; beyond, data files, all that
    are looked through, since they are read anyhow, and as many in a thousand of what is no page. `inodes`: see
    verify_files.
    `stamps`, by path, of files that were hashed when they were written: beyond `full` files one that has its stamp
    still is not hashed once more, but for one in AGAIN of them (hashing.py), others each time.
    `executor`: who does it, with the same result; None: this process. `noticed` is told what is in the tree. `early`:
    its listing, begun after all but the seals was in it; then `inodes` are told, and sizes of all not asked for.
    """
    paths = manifest.files["path"]
    pages = pages_to_read(paths, full)
    reading = disk_errors("reading the release to verify it")
    with progress.step("names"), reading, ThreadPoolExecutor(1, thread_name_prefix="names") as beside:
        names = beside.submit(_names, tree, manifest, full, executor, inodes, noticed, early)
        # Handed out while folders are listed: workers are at it while names are compared, and pages chosen.
        sample, begun = to_hash(
            tree, files_to_hash(manifest.files, full, pages), stamps if paths.len() > full else None
        )
        hashes = compared(tree, sample, executor)
        if paths.len() > full:
            # Workers come to them when the scan is done; most are shared, and were not read for days.
            read_ahead(f"{tree}/", sample["path"].filter(~sample["path"].str.starts_with(DATA)))
        whole, issues = names.result()
    is_whole = not issues
    issues += _withheld_keys(paths, withheld, exits)
    hosts = Hosts(checks.base_url, tuple(domain.lower().lstrip(".") for domain in checks.government_domains))
    of_pages: tuple[Issue, ...] = ()
    if is_whole:  # else a page may be missing
        every = pl.concat([paths, pl.Series("path", [MANIFEST_FILE, SUMS_FILE])])
        with progress.step("links"):
            progress.expect(pages.len(), "pages")
            of_pages = check_pages(tree, pages.to_list(), every, hosts, progress.advance, executor)
    with progress.step("hashes"):
        progress.expect(sample.height)
        others = _others(sample, hashes, whole, progress.advance)
    issues += others or of_pages  # what is not as it was made says nothing of how it was made
    total = int(paths.str.ends_with(_PAGE).sum())
    return Verification(paths.len(), sample.height, total, pages.len(), tuple(issues), begun)


def verify_files(
    tree: Path,
    manifest: Manifest,
    full: int = FULL,
    advance: Callable[[int], None] = lambda files: None,
    executor: Executor | None = None,
    inodes: pl.Series | None = None,
) -> Verification:
    """Whether the tree has exactly the manifest's files (and the manifest itself and SHA256SUMS), with its contents.

    `advance` is told how many files have been read. `inodes`: of each of the manifest's files that of the last release
    which it shall be, null for others. Beyond `full` files, a file that is that very one has the size that it had when
    that release was verified, or this build began; so the system is asked for the sizes of all others alone.
    """
    with disk_errors("reading the release to verify it"):
        whole, issues = _names(tree, manifest, full, executor, inodes)
        sample = files_to_hash(whole, full)
    issues += _others(sample, compared(tree, sample, executor), whole, advance)
    return Verification(manifest.files.height, sample.height, 0, 0, tuple(issues))


def _names(
    tree: Path,
    manifest: Manifest,
    full: int,
    executor: Executor | None,
    inodes: pl.Series | None,
    noticed: Noticed = _nothing,
    early: EarlyListing | None = None,
) -> tuple[pl.DataFrame, list[Issue]]:
    """Files that have their sizes, and what is wrong with names, kinds and sizes."""
    all_sizes = early is None and asks_all_sizes(manifest, inodes, full)
    found = _found(tree, manifest, executor, None if all_sizes else inodes, noticed, early)
    is_same = _same(manifest.files["path"], found["path"])
    both = _beside(manifest.files, found, is_same=is_same)
    whole = both.filter(pl.col("found") == pl.col("size"))
    seals = [name for name in (MANIFEST_FILE, SUMS_FILE) if not (tree / name).is_file()]
    issues = [
        *_report("file-missing", "the manifest names a file that is not there", both.filter(pl.col("found").is_null())),
        *_report("file-unknown", "a file is not in the manifest", _unknown(manifest.files, found, is_same=is_same)),
        *_report("file-special", "only plain files belong in a release", found.filter(pl.col("found") < 0)),
        *_report("size-mismatch", "a file has not the size that the manifest says", _other_size(both)),
        *_report("file-missing", "a release has a manifest and sums", pl.DataFrame({"path": seals})),
    ]
    return whole, issues


def asks_all_sizes(manifest: Manifest, inodes: pl.Series | None, full: int = FULL) -> bool:
    """Whether the system is asked for the sizes of all files: there are few, or most are not the last release's."""
    files = manifest.files.height
    return inodes is None or files <= full or 2 * inodes.null_count() > files


def _found(
    tree: Path,
    manifest: Manifest,
    executor: Executor | None,
    inodes: pl.Series | None,
    noticed: Noticed,
    early: EarlyListing | None = None,
) -> pl.DataFrame:
    """`path` and `found`, the size, of all that is in the tree but for its seals, sorted by path."""
    files, root = manifest.files, f"{tree}/"
    listing = early.listing() if early is not None else None
    if listing is None:
        listing = list_tree(root, files["path"], executor, sizes=1 if inodes is None else 0)
    noticed(listing)
    listed = listing.files.filter(~pl.col("path").is_in([MANIFEST_FILE, SUMS_FILE]))
    if inodes is None:
        return listed.select("path", found="size")
    if not _same(listed["path"], files["path"]):
        return _found(tree, manifest, executor, None, noticed)  # then sizes of all are to be told too
    known = (listed["inode"] == inodes).fill_null(value=False) & listed["size"].is_null()
    sizes = pl.select(pl.when(known).then(files["size"])).to_series()
    others = (~known).arg_true()
    return listed.select("path", found=sizes.scatter(others, sizes_of(root, listed["path"].gather(others).to_list())))


def _beside(files: pl.DataFrame, found: pl.DataFrame, *, is_same: bool) -> pl.DataFrame:
    """The manifest's files with the size that each was `found` to have. `is_same`: of both the paths are."""
    if is_same:
        return files.with_columns(found["found"])
    return files.join(found, on="path", how="left", maintain_order="left")


def _unknown(files: pl.DataFrame, found: pl.DataFrame, *, is_same: bool) -> pl.DataFrame:
    return found.clear() if is_same else found.join(files, on="path", how="anti")


def _same(one: pl.Series, other: pl.Series) -> bool:
    return one.len() == other.len() and bool((one == other).all())


def withheld_keys(ledger: Ledger) -> pl.Series:
    """Keys of records that are not public, by the ledger: decisions about a whole record other than to show it."""
    shown = [Outcome.PUBLIC.value, Outcome.MASKED.value]
    records = ledger.frame.filter(pl.col("field").is_null(), pl.col("key").is_not_null())
    return records.filter(~pl.col("outcome").is_in(shown))["key"].unique().sort()


def _others(
    sample: pl.DataFrame, hashes: Iterator[list[bool]], whole: pl.DataFrame, advance: Callable[[int], None]
) -> list[Issue]:
    """Which of the sample have another hash; of those that are not `whole` it is told already that they are others."""
    found: list[bool] = []
    with disk_errors("reading the release to verify it"):
        for differ in hashes:
            found += differ
            advance(len(differ))
    wrong = sample.filter(pl.Series(found, dtype=pl.Boolean))
    if wrong.height:
        wrong = wrong.filter(pl.col("path").is_in(whole["path"].implode()))
    return list(_report("hash-mismatch", "a file is not the one that the manifest says; build without linking", wrong))


def _other_size(both: pl.DataFrame) -> pl.DataFrame:
    return both.filter(pl.col("found") >= 0, pl.col("found") != pl.col("size"))


def _withheld_keys(paths: pl.Series, withheld: pl.Series, exits: pl.Series) -> list[Issue]:
    keys = paths.to_frame("path").with_columns(pl.col("path").str.extract_all(r"[0-9a-f]{20,}").alias("key"))
    keys = keys.explode("key", empty_as_null=False).filter(pl.col("key").str.len_bytes() == 20)
    hits = keys.join(withheld.to_frame("key"), on="key", how="semi")
    noticed = hits.filter(pl.col("path").str.starts_with("exits/")).join(exits.to_frame("key"), on="key", how="semi")
    hits = hits.join(noticed, on=["path", "key"], how="anti")
    return list(_report("withheld-key", "a file is named by the key of a record that is not public", hits))


def _report(code: str, hint: str, where: pl.DataFrame) -> Iterator[Issue]:
    paths = where["path"].sort()
    for path in paths.head(_SHOWN):
        yield Issue(f"release.{code}", Level.ERROR, hint, file=place(path))
    if paths.len() > _SHOWN:
        yield Issue(f"release.{code}", Level.ERROR, "more files like those before", count=paths.len() - _SHOWN)
