"""Every URL and file path of the output. Addresses are a contract: once published, they stay.

URLs are absolute paths on the site's own host. `file_of` turns a URL into the path of its file in a release.
"""

import hashlib

HOME = "/"
DATASETS = "/datasets/"
POLICIES = "/policies/"
EXITS = "/exits/"
EXITS_JSON = "/exits/exits.json"
EXITS_CSV = "/exits/exits.csv"
EXITS_ATOM = "/exits/exits.atom"
WITHDRAWALS = "/withdrawals.json"
RULES = "/rules/"
RULES_COMPARED = "/rules/compare.html"
SEARCH = "/search/"
BULK = "/search/bulk/"
STATISTICS = "/statistics/"
STATISTICS_JSON = "/statistics/statistics.json"
SEARCH_INDEX = "/search/index/"
SEARCH_ROOT = SEARCH_INDEX + "root.gz"
NOT_FOUND = "/404.html"
ABOUT = "/about.html"
SITEMAP = "/sitemap.xml"
SITEMAP_PARTS = "/sitemap-"  # how their URLs begin
ROBOTS = "/robots.txt"
CATALOG_JSONLD = "/catalog.jsonld"
MANIFEST = "/manifest.json"
SHA256SUMS = "/SHA256SUMS"
UNITS = "/units/"
RESPONSIBILITIES = "/data/responsibilities/"
STATIC = "/static/"
HEADERS = "/_headers"
DOWNLOAD_NAMES = ("csv", "excel.csv", "xlsx", "json", "ndjson", "parquet")
# The same of a dataset whose files of lines are packed.
PACKED_NAMES = ("csv.gz", "excel.csv.gz", "xlsx", "json.gz", "ndjson.gz", "parquet")
_GZIP = ".gz"


def file_of(url: str) -> str:
    """Path in the release, relative, `/`-separated, of the file that answers `url` (no query, no fragment)."""
    path = url.partition("#")[0].partition("?")[0].lstrip("/")
    return path + "index.html" if path == "" or path.endswith("/") else path


def record(key: str) -> str:
    """Permalink of a record. `key` is 20 hex digits and its own shard."""
    return f"/r/{key[:2]}/{key}.html"


def subject(code: str) -> str:
    """Page of the subject with this unified social credit code.

    Flat directories are spread by the code's last two characters: both are check characters, so they serve as a hash.
    """
    return f"/s/{code[-2:]}/{code}.html"


def dataset(slug: str) -> str:
    """A dataset's page."""
    return f"/datasets/{slug}/"


def listing(slug: str, month: str, page: int = 1) -> str:
    """Page `page` (from 1) of the records of `month` (yyyy-mm, or `undated`)."""
    return f"/datasets/{slug}/{month}{_page(page)}.html"


def authority(slug: str, name: str, page: int = 1) -> str:
    """Page `page` of a dataset's records by one authority."""
    return f"/datasets/{slug}/by/{hashlib.sha256(name.encode()).hexdigest()[:12]}{_page(page)}.html"


def exits_of(slug: str) -> str:
    """Exit notices of one dataset."""
    return f"/exits/{slug}.html"


def exits_feed(slug: str, suffix: str) -> str:
    """Exit notices of one dataset as data; `suffix` is json, csv or atom."""
    return f"/exits/{slug}.{suffix}"


def exit_notice(key: str) -> str:
    """One exit notice."""
    return f"/exits/{key[:2]}/{key}.html"


def policy(slug: str) -> str:
    """A policy document; slugs are `[a-z0-9-]+`."""
    return f"/policies/{slug}.html"


def policy_version(slug: str, day: str) -> str:
    """What was changed in the text of a policy document that held from `day` (yyyy-mm-dd)."""
    return f"/policies/{slug}/{day}.html"


def policy_file(slug: str, name: str) -> str:
    """An attachment of a policy document."""
    return f"/policies/{slug}/{name}"


def unit(key: str) -> str:
    """All tasks of one responsible unit; `key` is 12 hex digits."""
    return f"/units/{key}.html"


def comparison(one: str, other: str) -> str:
    """Who has to do what by two policy documents (slugs, in either order)."""
    pair = "\0".join(sorted((one, other)))
    return f"/units/compare/{hashlib.sha256(pair.encode()).hexdigest()[:16]}.html"


def responsibilities(name: str) -> str:
    """A file of the data package of responsibilities: responsibilities.csv, .json, datapackage.json."""
    return RESPONSIBILITIES + name


def page(slug: str) -> str:
    """A page of the site's own."""
    return f"/{slug}.html"


def leaving(target: str) -> str:
    """The leaving notice for the outside address `target`."""
    return f"/leaving/{hashlib.sha256(target.encode()).hexdigest()[:16]}.html"


def download(slug: str, suffix: str) -> str:
    """A dataset's current file; `suffix` is one of DOWNLOAD_NAMES or PACKED_NAMES."""
    return f"/data/{slug}/latest/{slug}.{suffix}"


def is_packed(suffix: str) -> bool:
    """Whether a data file of this name is published as gzip."""
    return suffix.endswith(_GZIP)


def plain_name(suffix: str) -> str:
    """What a data file is called where it is not packed."""
    return suffix.removesuffix(_GZIP)


def data_package(slug: str) -> str:
    """The descriptor of a dataset's current files."""
    return f"/data/{slug}/latest/datapackage.json"


def data_versions(slug: str) -> str:
    """Versions of a dataset's files."""
    return f"/data/{slug}/versions.json"


def sitemap_part(first: str) -> str:
    """A part of a large sitemap, by the URL of its first page. Not a contract: /sitemap.xml names them."""
    return f"{SITEMAP_PARTS}{hashlib.sha256(first.encode()).hexdigest()[:12]}.xml"


def static(path: str) -> str:
    """A file of site_templates/static/, such as `css/site.css`."""
    return STATIC + path


def _page(page: int) -> str:
    return "" if page == 1 else f"-{page}"
