"""Checks inside HTML pages, in columns: links that lead nowhere, other hosts, scripts in the page."""

import html
import re
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

import polars as pl

from publish.model.issue import Issue, Level
from publish.release.faults import disk_errors, place
from publish.release.folders import in_parallel

_TAG = r"""<[a-zA-Z](?:[^"'>]|"[^"]*"|'[^']*')*>"""
# One attribute at a time, in any of the three ways HTML writes values; so text inside a value is no attribute.
_ATTRIBUTE = re.compile(
    r"""(?:[\s/]|(?<=["']))([^\s=>"'/<]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""",
)
# Attributes from which a browser takes an address.
_ADDRESSES = frozenset(
    {"href", "src", "srcset", "action", "formaction", "poster", "data", "cite", "ping", "background", "xlink:href"}
)
# In whatever tag `_faults` or `_judge` can have an opinion of; in others too.
_TELLING = "(?i)^<script|[^a-z](?:" + "|".join(sorted({*_ADDRESSES, "on", "http-equiv"})) + ")"
_PLAIN = re.compile(r"/[A-Za-z0-9_%/.-]*")
# Tags of which `_faults` and `_judge` say no more than the path of a plain address, if there is one: nearly all.
_ATTRIBUTES = r"""(?: (?:class|hreflang|id|lang|rel|role|tabindex|title|type|aria-[a-z]+|data-[a-z-]+)="[^"]*")*"""
_STEP = r"[A-Za-z0-9_-][A-Za-z0-9_.-]*"
_PATH = rf"/(?:{_STEP}/)*(?:{_STEP})?"
_NAMES = "a|button|dd|details|div|dl|li|link|main|nav|ol|p|section|span|table|td|th|time|tr|ul"
_ORIGIN = re.compile(r"https?://([a-z0-9.-]+)")
_DATA_BLOCKS = frozenset({"application/json", "application/ld+json"})
_PAGES_AT_ONCE = 1000
_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Hosts:
    """The site's own address, and the domains (with their subdomains) that a page may link to directly."""

    base_url: str
    government_domains: tuple[str, ...] = ()

    def is_own(self, host: str) -> bool:
        """Whether a host is the site's own."""
        return host == (urlsplit(self.base_url).hostname or "").lower()

    def is_government(self, host: str) -> bool:
        """Whether a host is on a domain counted as government."""
        return any(host == domain or host.endswith("." + domain) for domain in self.government_domains)


@dataclass(frozen=True, slots=True)
class PagesTask:
    """Pages to be looked through: files of the folder `root` (with a / at its end)."""

    root: str
    pages: tuple[str, ...]
    hosts: Hosts


def check_pages(
    tree: Path,
    pages: Sequence[str],
    files: pl.Series,
    hosts: Hosts,
    advance: Callable[[int], None] = lambda pages: None,
    executor: Executor | None = None,
) -> tuple[Issue, ...]:
    """Look through the HTML files `pages` (relative to `tree`). `files` are all paths of the release; `advance` is told
    how many pages are done. `executor`: who does it; None: this process.

    Reports, at most 20 of each: `release.dead-link` (an address on the site without a file), `release.foreign-link`
    (another host: neither a link to a government domain nor a link on a leaving notice), `release.inline-script`
    (a script in the page, an event handler, a javascript: address).
    """
    found: dict[str, dict[str, None]] = {code: {} for code in _HINTS}
    wanted: list[pl.DataFrame] = []
    groups = [tuple(pages[start : start + _PAGES_AT_ONCE]) for start in range(0, len(pages), _PAGES_AT_ONCE)]
    tasks = [PagesTask(f"{tree}/", group, hosts) for group in groups]
    with disk_errors("reading pages to verify them"):
        for task, (faults, targets) in zip(tasks, in_parallel(executor, look_through, tasks), strict=True):
            for code, where in faults.items():
                found[code].update(where)
            wanted.append(targets)
            advance(len(task.pages))
    for page in _dead(wanted, files):
        found["dead-link"].setdefault(page)
    return tuple(issue for code, where in found.items() for issue in _issues(code, list(where)))


def look_through(task: PagesTask) -> tuple[dict[str, dict[str, None]], pl.DataFrame]:
    """Pages with faults by code, in order; and `path`, `page`: what must be on the site, and one page that says so.
    In whichever process."""
    found: dict[str, dict[str, None]] = {code: {} for code in _HINTS}
    tags = _tags(task.root, task.pages)
    # The same tag is on every page (menus), and one that is plain says the same in all folders.
    firsts = tags.unique("tag", keep="first", maintain_order=True).filter(pl.col("tag").str.contains(_TELLING))
    firsts = firsts.with_columns(path=_plain_targets(task.hosts))
    targets = []
    for at, tag, number in _to_look_at(tags, firsts.filter(pl.col("path").is_null()), task.pages):
        page = task.pages[number]
        name, attributes = _parse(tag)
        for code in _faults(name, attributes):
            found[code].setdefault(page)
        for value in (value for attribute, value in attributes if attribute in _ADDRESSES):
            code, target = _judge(name, value, _base(page), task.hosts)
            if code:
                found[code].setdefault(page)
            elif target is not None:
                targets.append((at, target, number))
    plain = firsts.filter(pl.col("path") != "").select("at", "path", "page")
    others = pl.DataFrame(targets, schema=plain.schema, orient="row")
    every = pl.concat([plain, others]).sort("at", maintain_order=True)
    every = every.unique("path", keep="first", maintain_order=True)
    return found, every.select("path", pl.Series("page", task.pages, dtype=pl.String).gather(every["page"]))


def _to_look_at(tags: pl.DataFrame, some: pl.DataFrame, pages: Sequence[str]) -> Iterator[tuple[int, str, int]]:
    """`at`, `tag`, `page` of `some` of the tags, of each the first in every folder: a relative address sees it."""
    bases = pl.Series([_base(page) for page in pages], dtype=pl.String)
    chosen = tags.join(some, on="tag", how="semi", maintain_order="left")
    chosen = chosen.with_columns(base=bases.gather(chosen["page"]))
    yield from chosen.unique(["tag", "base"], keep="first", maintain_order=True).select("at", "tag", "page").iter_rows()


def _base(page: str) -> str:
    """The folder of a page, with a / at its end; empty: the site's own."""
    return page[: page.rfind("/") + 1]


def _plain_targets(hosts: Hosts) -> pl.Expr:
    """What must be on the site by a plain `tag`, as the others tell it: empty for nothing. Null for a tag that is to be
    looked at."""
    own = _ORIGIN.match(hosts.base_url)
    origin, fragment = "", ""
    if own and hosts.is_own(own[1]):
        origin, fragment = f"(?:{re.escape(own[0])})?", "(?:#[A-Za-z0-9_.-]*)?"
    head = f"^<(?:{_NAMES}){_ATTRIBUTES}"
    path = pl.col("tag").str.extract(f'{head} href="{origin}({_PATH}){fragment}"{_ATTRIBUTES}>$').str.slice(1)
    file = pl.when((path == "") | path.str.ends_with("/")).then(path + "index.html").otherwise(path)
    return pl.when(pl.col("tag").str.contains(f"{head}>$")).then(pl.lit("")).otherwise(file)


def _tags(root: str, pages: Sequence[str]) -> pl.DataFrame:
    """`at`, `tag`, `page` (its number): all tags of the pages, one page after the other."""
    texts = []
    for page in pages:
        with open(root + page, "rb") as stream:  # noqa: PTH123  (many files: no Path objects)
            texts.append(stream.read().decode(errors="replace"))
    tags = pl.Series("tag", texts, dtype=pl.String).str.extract_all(_TAG).to_frame().with_row_index("page")
    return tags.explode("tag", empty_as_null=False).with_row_index("at").select("at", "tag", "page")


def _parse(tag: str) -> tuple[str, list[tuple[str, str]]]:
    """Name of a start tag, and its attributes that have a value."""
    name = re.match(r"<([a-zA-Z][^\s/>]*)", tag)
    attributes = [(key.lower(), html.unescape(a or b or c).strip()) for key, a, b, c in _ATTRIBUTE.findall(tag)]
    return name[1].lower() if name else "", attributes


def _judge(name: str, value: str, base: str, hosts: Hosts) -> tuple[str, str | None]:
    """Of an address in a tag: (code of a fault or empty, path in the release that must exist or None)."""
    if not value or value[0] in "#?":
        return "", None  # the page itself
    if _PLAIN.fullmatch(value) and "//" not in value and "/." not in value:
        return "", _file(value)  # nearly all are so
    try:
        parts = urlsplit(urljoin(f"{hosts.base_url}/{base}", value))
        host = (parts.hostname or "").lower()
    except ValueError:
        return "dead-link", None
    if parts.scheme in ("mailto", "tel") or (parts.scheme == "data" and name in ("img", "link")):
        return "", None
    if parts.scheme not in ("http", "https"):
        return "inline-script" if parts.scheme in ("javascript", "vbscript") else "foreign-link", None
    if hosts.is_own(host):
        return "", _file(parts.path)
    allowed = name == "a" and (base == "leaving/" or hosts.is_government(host))
    return "" if allowed else "foreign-link", None


def _file(path: str) -> str:
    """The file that is served at a path of the site."""
    file = unquote(path).lstrip("/")
    return file + "index.html" if file == "" or file.endswith("/") else file


def _faults(name: str, attributes: Sequence[tuple[str, str]]) -> list[str]:
    """Codes of what is wrong with a tag apart from its addresses: scripts inside the page, automatic redirects."""
    values = dict(attributes)
    if any(key.startswith("on") for key in values):
        return ["inline-script"]
    if name == "script" and "src" not in values and values.get("type", "").lower() not in _DATA_BLOCKS:
        return ["inline-script"]
    if name == "meta" and values.get("http-equiv", "").lower() == "refresh":
        return ["foreign-link"]
    return []


def _dead(wanted: Sequence[pl.DataFrame], files: pl.Series) -> list[str]:
    if not wanted:
        return []
    targets = pl.concat(wanted).unique("path", keep="first", maintain_order=True)
    return targets.join(files.to_frame("path"), on="path", how="anti", maintain_order="left")["page"].to_list()


_HINTS = {
    "dead-link": "a link of this page leads to no file of the release",
    "foreign-link": "this page asks another host, or links to one that is neither government nor on a leaving notice",
    "inline-script": "this page has a script inside it; scripts are files under /static/",
}


def _issues(code: str, pages: list[str]) -> list[Issue]:
    shown = [Issue(f"release.{code}", Level.ERROR, _HINTS[code], file=place(page)) for page in pages[:_SHOWN]]
    if len(pages) > _SHOWN:
        more = len(pages) - _SHOWN
        shown.append(Issue(f"release.{code}", Level.ERROR, "more pages like those before", count=more))
    return shown
