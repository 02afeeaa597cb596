"""What machines read beside the data files: sitemap, robots.txt, exits, withdrawals. Pure; no clock."""

import csv
import io
import json
from collections.abc import Callable, Collection, Mapping
from datetime import date
from itertools import pairwise
from string import ascii_letters, digits
from urllib.parse import quote
from xml.sax.saxutils import escape

import polars as pl

from publish import urls
from publish.model.public import WITHDRAWAL_DAYS, ExitTable
from publish.render.cutting import address_weights, cut_pages
from publish.render.digests import digest_of, group_digests
from publish.render.rows import exit_path

SITEMAP_URLS = 50_000  # sitemaps.org: at most 50,000 addresses and 50 MB in a file, and 50,000 files in an index
PART_URLS = 1000  # of a file beside others: what is removed in a night is in few places

_XML = '<?xml version="1.0" encoding="UTF-8"?>\n'
_SITEMAPS = "http://www.sitemaps.org/schemas/sitemap/0.9"
_ESCAPED = r'["\\\x00-\x1f]'  # what JSON writes in another way
_PLAIN = (
    f"{ascii_letters}{digits}/._~-\n".encode()
)  # what stands in the sitemap as it is; addresses are lines of a text
_HIDDEN = (urls.EXITS, "/leaving/")
_EXIT_COLUMNS = ("url", "dataset", "list", "subject", "left_on", "reason", "citation", "notice_until")


# Of files (`path`, and `inputs`, UInt64, a hash of what each is made of) those that need not be made (Boolean).
Kept = Callable[[pl.DataFrame], pl.Series]


def _none_kept(files: pl.DataFrame) -> pl.Series:
    return pl.repeat(False, files.height, dtype=pl.Boolean, eager=True)


def render_sitemap(
    base_url: str,
    pages: pl.Series,
    limit: int = SITEMAP_URLS,
    *,
    most: int = PART_URLS,
    searchable: Collection[str] = (),
    kept: Kept = _none_kept,
) -> tuple[tuple[str, bytes], ...]:
    """(URL, bytes) of /sitemap.xml; beyond `limit` pages it is an index of parts of up to `most` pages, or more where
    there would be more parts than `limit`. They are cut where the pages say so and named by their first page, so that a
    page more or less changes one or two. Parts that are `kept` are not made.

    `pages` are URLs on the site, in the order given. Exit notices but for the `searchable` ones, leaving notices and
    the 404 page, which search engines are kept out of, are left out. There is no `lastmod`: a build has no clock.
    """
    hidden = pages.str.starts_with(_HIDDEN[0]) | pages.str.starts_with(_HIDDEN[1]) | (pages == urls.NOT_FOUND)
    shown = pages.filter(~hidden | pages.is_in(list(searchable)))
    if shown.len() <= limit:
        return ((urls.SITEMAP, _url_set(base_url, shown)),)
    while shown.len() * 2 > most * limit:  # a part has three fifths of `most` at least
        most *= 2
    numbers = cut_pages(address_weights(shown), pl.repeat(0, shown.len(), dtype=pl.UInt8, eager=True), most)
    counts = numbers.rle().struct.field("len")
    bounds = [0, *counts.cum_sum()]
    names = [urls.sitemap_part(first) for first in shown.gather(bounds[:-1])]
    inputs = group_digests(shown.hash(digest_of(base_url)), counts).alias("inputs")
    known = kept(pl.DataFrame([pl.Series("path", map(urls.file_of, names), dtype=pl.String), inputs]))
    new = [(name, span) for name, span, old in zip(names, pairwise(bounds), known, strict=True) if not old]
    parts = [(name, _url_set(base_url, shown[begin:end])) for name, (begin, end) in new]
    locations = "".join(f"<sitemap><loc>{_location(base_url + name)}</loc></sitemap>\n" for name in names)
    index = f'{_XML}<sitemapindex xmlns="{_SITEMAPS}">\n{locations}</sitemapindex>\n'.encode()
    return (urls.SITEMAP, index), *parts


def render_robots(base_url: str, *, searchable: Collection[str] = ()) -> bytes:
    """/robots.txt (RFC 9309): everything may be crawled but exit notices and leaving notices.

    As soon as one exit notice is `searchable`, the pages of all may be crawled: each says itself whether it may be
    listed, which a crawler only learns from a page that it may fetch. The data files have no such head.
    """
    paths = ("/exits/*.json$", "/exits/*.csv$", "/exits/*.atom$", "/leaving/") if searchable else _HIDDEN
    hidden = "".join(f"Disallow: {path}\n" for path in paths)
    return f"User-agent: *\n{hidden}\nSitemap: {base_url}{urls.SITEMAP}\n".encode()


def exit_data(exits: ExitTable, titles: Mapping[str, str], base_url: str) -> pl.DataFrame:
    """The notices that are due, newest first, as data: _EXIT_COLUMNS, all String, nothing of the record but the list
    and, where it may be told, the subject; and `object`, the same in JSON. `titles` maps a dataset's slug to its
    title."""
    rows = exits.frame.select(
        (pl.lit(f"{base_url}/") + exit_path()).alias("url"),
        "dataset",
        pl.col("dataset").replace_strict(titles, default=pl.col("dataset"), return_dtype=pl.String).alias("list"),
        "subject",
        pl.col("left_on").cast(pl.String),
        "reason",
        "citation",
        pl.col("notice_until").cast(pl.String),
    ).select(_EXIT_COLUMNS)
    cells = [pl.concat_str(pl.lit(f'   "{name}": '), _json(rows[name])) for name in rows.columns]
    object_ = pl.concat_str(pl.lit("  {\n"), pl.concat_str(cells, separator=",\n"), pl.lit("\n  }"))
    return rows.with_columns(object_.alias("object"))


def render_exits_json(exits: pl.DataFrame, as_of: date) -> bytes:
    """/exits/exits.json: some or all of `exit_data`."""
    head = json.dumps({"as_of": as_of.isoformat(), "count": exits.height}, indent=1)[:-2]
    if exits.is_empty():
        return f'{head},\n "exits": []\n}}\n'.encode()
    body = exits["object"].str.join(",\n").item()
    return f'{head},\n "exits": [\n{body}\n ]\n}}\n'.encode()


def render_exits_csv(exits: pl.DataFrame) -> bytes:
    """/exits/exits.csv: the same in RFC 4180 (UTF-8 without BOM, CRLF), blank where there is no subject's name."""
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerow(_EXIT_COLUMNS)
    rows = exits.select(_EXIT_COLUMNS)
    return text.getvalue().encode() + rows.write_csv(include_header=False, line_terminator="\r\n").encode()


def render_withdrawals(withdrawals: pl.DataFrame, as_of: date) -> bytes:
    """/withdrawals.json: ids of records (WITHDRAWAL_SCHEMA) that were public and are not, in the order given.

    One entry a line, made in columns: there can be as many as there were records. It names nobody and gives no reason.
    """
    head = {"as_of": as_of.isoformat(), "retention_days": WITHDRAWAL_DAYS, "count": withdrawals.height}
    rows = withdrawals.select(pl.col("key").alias("id"), "dataset", pl.col("withdrawn_on").cast(pl.String))
    # A line feed in a value is written \n, so that every one in the bytes ends an object.
    lines = rows.write_ndjson().rstrip("\n").replace("\n", ",\n")
    return f'{json.dumps(head)[:-1]}, "withdrawals": [\n{lines}\n]}}\n'.encode()


def _json(texts: pl.Series) -> pl.Expr:
    """A column of String as json.dumps writes its values. Few have anything to escape."""
    special = texts.str.contains(_ESCAPED).fill_null(False).arg_true()
    plain = '"' + texts + '"'
    if len(special):
        plain = plain.scatter(special, [json.dumps(text, ensure_ascii=False) for text in texts[special]])
    return pl.lit(plain.fill_null("null"))


def _url_set(base_url: str, pages: pl.Series) -> bytes:
    listed = pages.str.join("\n").item().encode()
    if listed.translate(None, _PLAIN) or listed.count(b"\n") >= max(pages.len(), 1):
        listed = "\n".join(map(_location, pages)).encode()
    head, tail = f"<url><loc>{_location(base_url)}".encode(), b"</loc></url>\n"
    body = head + listed.replace(b"\n", tail + head) + tail if pages.len() else b""
    return f'{_XML}<urlset xmlns="{_SITEMAPS}">\n'.encode() + body + b"</urlset>\n"


def _location(url: str) -> str:
    return escape(quote(url, safe="/:?&=#%~+,;@!$()*"), {"'": "&apos;", '"': "&quot;"})
