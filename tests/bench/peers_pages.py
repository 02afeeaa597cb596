"""The same record pages as other site generators make them: what each is given, how it is called, what it should write.

Each gets the records in the form that it reads: a file a page with front matter (Hugo, Zola, Pelican), or one file of
data (Eleventy, plain Jinja2). The template is the same in all: title, breadcrumbs, a table of all fields, every value
escaped. Feeds, lists, search, sitemaps and tags are off.
"""

import html
import json
import re
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
_TELLING: Final = 6  # characters of a value that is replaced wherever it stands
RECORDS_FILE: Final = "records.json"
TEMPLATE_FILE: Final = "record.html"


@dataclass(frozen=True, slots=True)
class Peer:
    """A generator: `write` puts its project into a folder, `arguments` build it there; `page` is a record's file.

    `program` None: this Python, whatever `arguments` say.
    """

    name: str
    program: str | None
    write: Callable[[Sequence[Record], Path, "Template"], None]
    arguments: tuple[str, ...]
    output: str
    page: str

    def file_of(self, folder: Path, record: Record) -> Path:
        """Where the page of a record should be."""
        return folder / self.output / self.page.format(record[ID])


@dataclass(frozen=True, slots=True)
class Template:
    """A page of ours about a record: `html` without the list of its fields, which stands between `begin` and `end`."""

    begin: str
    end: str
    record: Record
    key: str

    def text(self, cell: Callable[[str], str], title: str) -> str:
        """The template: `cell` prints a field, `title` the title, both escaped.

        Head, menus, breadcrumbs and foot are those of our page with its record's values replaced, in place of its
        address and a list of the fields that it has are the id and one of all 20 fields.
        """
        rows = "\n".join(f"  <div><dt>{name}</dt><dd>{cell(name)}</dd></div>" for name in COLUMNS)
        values = {html.escape(value): name for name, value in self.record.items() if len(value) >= _TELLING}
        known = {f"{self.key[:2]}/{self.key}": cell(ID)} | {
            value: title if name == TITLE else cell(name) for value, name in values.items()
        }
        wanted = re.compile("|".join(map(re.escape, sorted(known, key=len, reverse=True))))
        begin, end = (wanted.sub(lambda match: known[match[0]], part) for part in (self.begin, self.end))
        return f'{begin}<dl class="values">\n{rows}\n</dl>{end}'


def template_of(release: Path, records: Sequence[Record]) -> Template:
    """Of the first record page of a release that shows one of the records. RuntimeError: none does."""
    by_title = {html.escape(record[TITLE]): record for record in records}
    for path in sorted((release / "r").rglob("*.html")):
        text = path.read_text(encoding="utf-8")
        begin, _, rest = text.partition('<dl class="values">')
        end = rest.partition("</dl>")[2]
        title = begin.partition("<h1>")[2].partition("</h1>")[0]
        if end and title in by_title:
            return Template(begin, end, by_title[title], path.stem)
    raise RuntimeError("no page of the release is as this bench expects; see site_templates/record.html")


def _put(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def write_hugo(records: Sequence[Record], folder: Path, page: Template) -> None:
    """A content file for each record, with front matter in JSON."""
    kinds = _json(["home", "section", "taxonomy", "term", "RSS", "sitemap", "robotsTXT", "404"])
    plain = "uglyURLs = true\ndisablePathToLower = true\n"
    _put(folder / "hugo.toml", f'baseURL = "https://example.org/"\n{plain}disableKinds = {kinds}\n')
    _put(folder / "layouts/_default/single.html", page.text(lambda name: f"{{{{ .Params.{name} }}}}", "{{ .Title }}"))
    for record in records:
        _put(folder / f"content/r/{record[ID]}.md", _json({"title": record[TITLE], "slug": record[ID], **record}))


def write_zola(records: Sequence[Record], folder: Path, page: Template) -> None:
    """A content file for each record, with front matter in TOML, whose strings JSON's are."""
    off = 'compile_sass = false\nbuild_search_index = false\n[slugify]\npaths = "off"\n'
    _put(folder / "config.toml", f'base_url = "https://example.org"\n{off}')
    _put(folder / "content/r/_index.md", "+++\nrender = false\n+++\n")
    _put(folder / "templates/index.html", "<!doctype html><title>-</title>")
    _put(folder / "templates/page.html", page.text(lambda name: f"{{{{ page.extra.{name} }}}}", "{{ page.title }}"))
    for record in records:
        fields = "\n".join(f"{name} = {_json(value)}" for name, value in record.items())
        head = f"title = {_json(record[TITLE])}\nslug = {_json(record[ID])}\n[extra]\n{fields}"
        _put(folder / f"content/r/{record[ID]}.md", f"+++\n{head}\n+++\n")


def write_eleventy(records: Sequence[Record], folder: Path, page: Template) -> None:
    """One file of data, and a template that is paged by one record."""
    _put(folder / "_data" / RECORDS_FILE, _json(records))
    pages = "pagination:\n  data: records\n  size: 1\n  alias: record\n"
    head = f'---\n{pages}permalink: "r/{{{{ record.{ID} }}}}.html"\n---\n'
    _put(folder / "record.njk", head + _braces(page, "record"))


def write_pelican(records: Sequence[Record], folder: Path, page: Template) -> None:
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
    template = page.text(lambda name: f"{{{{ page.{name.lower()}|e }}}}", "{{ page.title|e }}")
    _put(folder / "theme/templates/page.html", template)
    for record in records:
        fields = "\n".join(f"{name}: {value}" for name, value in record.items())
        _put(folder / f"content/records/{record[ID]}.md", f"Title: {record[TITLE]}\nSlug: {record[ID]}\n{fields}\n\n")


def write_jinja(records: Sequence[Record], folder: Path, page: Template) -> None:
    """One file of data, and the template."""
    _put(folder / RECORDS_FILE, _json(records))
    _put(folder / TEMPLATE_FILE, _braces(page, "record"))


def _braces(page: Template, of: str) -> str:
    return page.text(lambda name: f"{{{{ {of}.{name} }}}}", f"{{{{ {of}.{TITLE} }}}}")


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
