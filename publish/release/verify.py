"""The last look before a release goes live: is it what its manifest says, and may all of it be public?"""

import hashlib
import secrets
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from itertools import chain
from pathlib import Path

import numpy as np
import polars as pl

from publish.model.issue import Issue, Level
from publish.model.public import Ledger
from publish.model.report import NO_PROGRESS, Progress
from publish.model.terms import Outcome
from publish.release.faults import disk_errors, place
from publish.release.folders import in_parallel
from publish.release.links import Hosts, check_pages
from publish.release.manifest import MANIFEST_FILE, SUMS_FILE, Manifest
from publish.release.stamps import Stamp, stamp_of
from publish.release.trees import Listing, list_tree, sizes_of

# Up to here every file is read again and every page looked through. Beyond, samples, the same each time: what is wrong
# with one file in a thousand is found but for once in 150, and reading more waits for the disk alone.
FULL = 20_000
SAMPLE = 5_000

_BULK = r"^(r|s|exits/[0-9a-f]{2})/|^datasets/[^/]+/(by/[0-9a-f]{12}|\d{4}-\d\d|undated)-\d+\.html$"
_DATA, _PAGE = "data/", ".html"
_SHOWN = 20
_READERS = 8  # threads that read at the same time
_AT_ONCE = 1000  # files that are hashed in one task
_AGAIN = 8  # one of so many files that were hashed when they were written is hashed again
_BLOCK = 1 << 18
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


@dataclass(frozen=True, slots=True)
class HashTask:
    """Files of the folder `root` (with a / at its end) to be hashed, and what is expected."""

    root: str
    paths: tuple[str, ...]
    sha256: tuple[str, ...]


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
) -> Verification:
    """Compare a release with its manifest and look for what must not be in it. Every issue is an ERROR.

    `withheld` are keys (20 hex digits) that may not appear in a path; those in `exits` may, below /exits/ only.
    Up to `full` pages all are looked through; beyond, up to `full` of those that do not exist in great numbers, and an
    even sample of SAMPLE of the sorted paths of others. Up to `full` files all are hashed; beyond, data files, all that
    are looked through, since they are read anyhow, and as many in a thousand of what is no page. `inodes`: see
    verify_files.
    `stamps`, by path, of files that were hashed when they were written: beyond `full` files one that has its stamp
    still is not hashed once more, but for one in _AGAIN of them, others each time.
    `executor`: who does it, with the same result; None: this process. `noticed` is told what is in the tree.
    """
    paths = manifest.files["path"]
    pages = _pages_to_read(paths, full)
    reading = disk_errors("reading the release to verify it")
    with progress.step("names"), reading, ThreadPoolExecutor(1, thread_name_prefix="names") as beside:
        names = beside.submit(_names, tree, manifest, full, executor, inodes, noticed)
        # Handed out while folders are listed: workers are at it while names are compared, and pages chosen.
        sample, begun = _to_hash(tree, _sample(manifest.files, full, pages), stamps if paths.len() > full else None)
        hashes = _hashes(tree, sample, executor)
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
        sample = _sample(whole, full)
    issues += _others(sample, _hashes(tree, sample, executor), whole, advance)
    return Verification(manifest.files.height, sample.height, 0, 0, tuple(issues))


def _names(
    tree: Path,
    manifest: Manifest,
    full: int,
    executor: Executor | None,
    inodes: pl.Series | None,
    noticed: Noticed = _nothing,
) -> tuple[pl.DataFrame, list[Issue]]:
    """Files that have their sizes, and what is wrong with names, kinds and sizes."""
    few = inodes is None or manifest.files.height <= full or 2 * inodes.null_count() > manifest.files.height
    found = _found(tree, manifest, executor, None if few else inodes, noticed)
    both = _beside(manifest.files, found)
    whole = both.filter(pl.col("found") == pl.col("size"))
    seals = [name for name in (MANIFEST_FILE, SUMS_FILE) if not (tree / name).is_file()]
    issues = [
        *_report("file-missing", "the manifest names a file that is not there", both.filter(pl.col("found").is_null())),
        *_report("file-unknown", "a file is not in the manifest", _unknown(manifest.files, found)),
        *_report("file-special", "only plain files belong in a release", found.filter(pl.col("found") < 0)),
        *_report("size-mismatch", "a file has not the size that the manifest says", _other_size(both)),
        *_report("file-missing", "a release has a manifest and sums", pl.DataFrame({"path": seals})),
    ]
    return whole, issues


def _found(
    tree: Path, manifest: Manifest, executor: Executor | None, inodes: pl.Series | None, noticed: Noticed
) -> pl.DataFrame:
    """`path` and `found`, the size, of all that is in the tree but for its seals, sorted by path."""
    files, root = manifest.files, f"{tree}/"
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


def _beside(files: pl.DataFrame, found: pl.DataFrame) -> pl.DataFrame:
    """The manifest's files with the size that each was `found` to have."""
    if _same(files["path"], found["path"]):
        return files.with_columns(found["found"])
    return files.join(found, on="path", how="left", maintain_order="left")


def _unknown(files: pl.DataFrame, found: pl.DataFrame) -> pl.DataFrame:
    return found.clear() if _same(files["path"], found["path"]) else found.join(files, on="path", how="anti")


def _same(one: pl.Series, other: pl.Series) -> bool:
    return one.len() == other.len() and bool((one == other).all())


def withheld_keys(ledger: Ledger) -> pl.Series:
    """Keys of records that are not public, by the ledger: decisions about a whole record other than to show it."""
    shown = [Outcome.PUBLIC.value, Outcome.MASKED.value]
    records = ledger.frame.filter(pl.col("field").is_null(), pl.col("key").is_not_null())
    return records.filter(~pl.col("outcome").is_in(shown))["key"].unique().sort()


def _hashes(tree: Path, sample: pl.DataFrame, executor: Executor | None) -> Iterator[list[bool]]:
    """Which are others, some files at a time; of data files, which are large, each by itself, before all others."""
    is_data = pl.col("path").str.starts_with(_DATA)
    parts = chain(sample.filter(is_data).iter_slices(1), sample.filter(~is_data).iter_slices(_AT_ONCE))
    tasks = [HashTask(f"{tree}/", tuple(part["path"]), tuple(part["sha256"])) for part in parts if part.height]
    return in_parallel(executor, compare_hashes, tasks)


def _to_hash(
    tree: Path, sample: pl.DataFrame, known: Mapping[str, Stamp] | None
) -> tuple[pl.DataFrame, dict[str, Stamp | None]]:
    """Which of the sample are hashed: plain files, and not most of those that are `known`. And stamps of all of the
    sample."""
    stamps = [stamp_of(f"{tree}/{path}") for path in sample["path"]]
    is_plain = pl.Series([stamp is not None for stamp in stamps], dtype=pl.Boolean)
    begun = dict(zip(sample["path"], stamps, strict=True))
    same = [path for path, stamp in (known or {}).items() if begun.get(path) == stamp and secrets.randbelow(_AGAIN)]
    return sample.filter(is_plain, ~pl.col("path").is_in(same)), begun


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


def compare_hashes(task: HashTask) -> list[bool]:
    """Of each file whether its SHA-256 is another. In whichever process."""
    # They lie all over the disk, and most of the time is waiting for it.
    with ThreadPoolExecutor(_READERS) as readers:
        return list(readers.map(partial(_is_other, task.root), task.paths, task.sha256))


def _is_other(root: str, path: str, expected: str) -> bool:
    digest = hashlib.sha256()
    with open(root + path, "rb", buffering=0) as stream:  # noqa: PTH123  (many files: no Path objects)
        while block := stream.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest() != expected


def _other_size(both: pl.DataFrame) -> pl.DataFrame:
    return both.filter(pl.col("found") >= 0, pl.col("found") != pl.col("size"))


def _withheld_keys(paths: pl.Series, withheld: pl.Series, exits: pl.Series) -> list[Issue]:
    keys = paths.to_frame("path").with_columns(pl.col("path").str.extract_all(r"[0-9a-f]{20,}").alias("key"))
    keys = keys.explode("key", empty_as_null=False).filter(pl.col("key").str.len_bytes() == 20)
    hits = keys.join(withheld.to_frame("key"), on="key", how="semi")
    noticed = hits.filter(pl.col("path").str.starts_with("exits/")).join(exits.to_frame("key"), on="key", how="semi")
    hits = hits.join(noticed, on=["path", "key"], how="anti")
    return list(_report("withheld-key", "a file is named by the key of a record that is not public", hits))


def _pages_to_read(paths: pl.Series, full: int) -> pl.Series:
    pages = paths.filter(paths.str.ends_with(_PAGE)).to_frame("path")
    if pages.height <= full:
        return pages["path"]
    bulk = pl.col("path").str.contains(_BULK)
    return pl.concat([_even(pages.filter(~bulk), full), _even(pages.filter(bulk), min(full, SAMPLE))])["path"]


def _sample(whole: pl.DataFrame, full: int, pages: pl.Series | None = None) -> pl.DataFrame:
    """What is hashed. All data files first, since lines that they share with the last release are not searched again;
    and even ones, or in their place `pages`, and even ones of all else."""
    is_data = pl.col("path").str.starts_with(_DATA)
    data, others = whole.filter(is_data), whole.filter(~is_data)
    if whole.height <= full:
        return pl.concat([data, others])
    count = min(full, SAMPLE)
    if pages is None:
        return pl.concat([data, _even(others, count)])
    is_page = others["path"].str.ends_with(_PAGE)
    rest = _even(others.filter(~is_page), -(-count * (others.height - int(is_page.sum())) // whole.height))
    return pl.concat([data, others.filter(others["path"].is_in(pages.implode())), rest])


def _even(frame: pl.DataFrame, count: int) -> pl.DataFrame:
    """At most `count` rows, evenly spaced: the same ones each time, of every part of the site."""
    if frame.height <= count:
        return frame
    return frame[np.linspace(0, frame.height - 1, count).round().astype(np.int64)]


def _report(code: str, hint: str, where: pl.DataFrame) -> Iterator[Issue]:
    paths = where["path"].sort()
    for path in paths.head(_SHOWN):
        yield Issue(f"release.{code}", Level.ERROR, hint, file=place(path))
    if paths.len() > _SHOWN:
        yield Issue(f"release.{code}", Level.ERROR, "more files like those before", count=paths.len() - _SHOWN)
