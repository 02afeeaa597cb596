"""The same record pages as other site generators make them: what each is given, how it is called, what it should write.

Each gets the records in the form that it reads: a file a page with front matter (Hugo, Zola, Pelican), or one file of
data (Eleventy, plain Jinja2). The template is the same in all: title, breadcrumbs, a table of all fields, every value
escaped. Feeds, lists, search, sitemaps and tags are off.
"""

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.bench.city import COLUMNS, ROOT

Record = Mapping[str, str]
PLAIN: Final = "ours-plain"  # our bulk pages of the same template, without the rest of a build
ID: Final = "JLBH"
TITLE: Final = "CF_WSH"
DATASET: Final = "行政处罚"
RECORDS_FILE: Final = "records.json"
TEMPLATE_FILE: Final = "record.html"


@dataclass(frozen=True, slots=True)
class Peer:
    """A generator: `write` puts its project into a folder, `arguments` build it there; `page` is a record's file.

    `program` None: this Python, whatever `arguments` say.
    """

    name: str
    program: str | None
    write: Callable[[Sequence[Record], Path], None]
    arguments: tuple[str, ...]
    output: str
    page: str

    def file_of(self, folder: Path, record: Record) -> Path:
        """Where the page of a record should be."""
        return folder / self.output / self.page.format(record[ID])


def page(cell: Callable[[str], str], title: str) -> str:
    """The template: `cell` prints a field, `title` the title, both escaped."""
    rows = "\n".join(f"<tr><th>{name}</th><td>{cell(name)}</td></tr>" for name in COLUMNS)
    return (
        f'<!doctype html>\n<html lang="zh-Hans"><head><meta charset="utf-8"><title>{title}</title></head>\n<body>\n'
        f'<nav><a href="/">首页</a> &gt; <a href="/penalties/">{DATASET}</a> &gt; <span>{title}</span></nav>\n'
        f"<main><h1>{title}</h1>\n<table>\n{rows}\n</table></main>\n</body></html>\n"
    )


def _put(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def write_hugo(records: Sequence[Record], folder: Path) -> None:
    """A content file for each record, with front matter in JSON."""
    kinds = _json(["home", "section", "taxonomy", "term", "RSS", "sitemap", "robotsTXT", "404"])
    plain = "uglyURLs = true\ndisablePathToLower = true\n"
    _put(folder / "hugo.toml", f'baseURL = "https://example.org/"\n{plain}disableKinds = {kinds}\n')
    _put(folder / "layouts/_default/single.html", page(lambda name: f"{{{{ .Params.{name} }}}}", "{{ .Title }}"))
    for record in records:
        _put(folder / f"content/r/{record[ID]}.md", _json({"title": record[TITLE], "slug": record[ID], **record}))


def write_zola(records: Sequence[Record], folder: Path) -> None:
    """A content file for each record, with front matter in TOML, whose strings JSON's are."""
    off = 'compile_sass = false\nbuild_search_index = false\n[slugify]\npaths = "off"\n'
    _put(folder / "config.toml", f'base_url = "https://example.org"\n{off}')
    _put(folder / "content/r/_index.md", "+++\nrender = false\n+++\n")
    _put(folder / "templates/index.html", "<!doctype html><title>-</title>")
    _put(folder / "templates/page.html", page(lambda name: f"{{{{ page.extra.{name} }}}}", "{{ page.title }}"))
    for record in records:
        fields = "\n".join(f"{name} = {_json(value)}" for name, value in record.items())
        head = f"title = {_json(record[TITLE])}\nslug = {_json(record[ID])}\n[extra]\n{fields}"
        _put(folder / f"content/r/{record[ID]}.md", f"+++\n{head}\n+++\n")


def write_eleventy(records: Sequence[Record], folder: Path) -> None:
    """One file of data, and a template that is paged by one record."""
    _put(folder / "_data" / RECORDS_FILE, _json(records))
    pages = "pagination:\n  data: records\n  size: 1\n  alias: record\n"
    head = f'---\n{pages}permalink: "r/{{{{ record.{ID} }}}}.html"\n---\n'
    _put(folder / "record.njk", head + _braces("record"))


def write_pelican(records: Sequence[Record], folder: Path) -> None:
    """A page in Markdown for each record, with its fields as metadata; only pages are made."""
    nothing = [f"{kind}_SAVE_AS" for kind in ("ARCHIVES", "AUTHOR", "AUTHORS", "CATEGORY", "CATEGORIES", "TAG", "TAGS")]
    nothing += [f"{kind}_FEED_ATOM" for kind in ("AUTHOR", "CATEGORY", "TRANSLATION")] + ["FEED_ALL_ATOM"]
    nothing += [f"{kind}_FEED_RSS" for kind in ("AUTHOR",)]
    settings = {
        "PATH": "content",
        "OUTPUT_PATH": "output",
        "THEME": "theme",
        "PAGE_PATHS": ["records"],
        "ARTICLE_PATHS": ["articles"],
        "PAGE_URL": "r/{slug}.html",
        "PAGE_SAVE_AS": "r/{slug}.html",
        "DIRECT_TEMPLATES": [],
        "STATIC_PATHS": [],
        "SITEURL": "",
        "TIMEZONE": "Asia/Shanghai",
        "DEFAULT_LANG": "zh",
        **dict.fromkeys(nothing, ""),
    }
    _put(folder / "pelicanconf.py", "".join(f"{name} = {value!r}\n" for name, value in settings.items()))
    (folder / "theme/static").mkdir(parents=True)
    (folder / "content/articles").mkdir(parents=True)
    template = page(lambda name: f"{{{{ page.{name.lower()}|e }}}}", "{{ page.title|e }}")
    _put(folder / "theme/templates/page.html", template)
    for record in records:
        fields = "\n".join(f"{name}: {value}" for name, value in record.items())
        _put(folder / f"content/records/{record[ID]}.md", f"Title: {record[TITLE]}\nSlug: {record[ID]}\n{fields}\n\n")


def write_jinja(records: Sequence[Record], folder: Path) -> None:
    """One file of data, and the template."""
    _put(folder / RECORDS_FILE, _json(records))
    _put(folder / TEMPLATE_FILE, _braces("record"))


def _braces(of: str) -> str:
    return page(lambda name: f"{{{{ {of}.{name} }}}}", f"{{{{ {of}.{TITLE} }}}}")


def _python(script: str) -> tuple[str, ...]:
    """A script of this folder on the records and the template."""
    return (sys.executable, str(ROOT / "tests/bench" / script), RECORDS_FILE, TEMPLATE_FILE, "out")


PEERS: Final = (
    Peer("hugo", "hugo", write_hugo, ("--quiet",), "public", "r/{}.html"),
    Peer("zola", "zola", write_zola, ("build",), "public", "r/{}/index.html"),
    Peer("eleventy", "eleventy", write_eleventy, ("--quiet",), "_site", "r/{}.html"),
    Peer("pelican", "pelican", write_pelican, ("content", "-s", "pelicanconf.py", "-q"), "output", "r/{}.html"),
    Peer("jinja2", None, write_jinja, _python("peers_jinja.py"), "out", "r/{}.html"),
    Peer(PLAIN, None, write_jinja, _python("peers_bulk.py"), "out", "r/{}.html"),
)
