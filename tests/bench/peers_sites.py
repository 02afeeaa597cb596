"""Zola and Hugo for the same site as ours: how each is told to make it, and where it puts it.

Both have a taxonomy of subjects, paged listings, a sitemap and a feed of the newest records, by their own means. Zola
has a section for each authority instead of a second taxonomy: it gives all records of a term to each page of its
listing, which a section does not. Sections that are `transparent` hand their records on to the one above, whose listing
has all, and let record pages do without their neighbours. Hugo has a file for each record, which takes it less than
pages made from one file of data (a content adapter); rows of lists kept for their next list (`partialCached`) take as
long as rows made anew.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.bench.peers_pages import ID, TITLE, Record
from tests.bench.peers_site import AUTHORITY, CODE, DATE, EVERYTHING, FEED, NAME, ROWS, Language, Places, SiteTemplate

_FEEDS_SINCE: Final = (0, 19)  # of Zola; before, there was one feed
_BASE: Final = "https://example.org"
_PAGER: Final = '<nav class="pager" aria-label="分页">{}</nav>'


@dataclass(frozen=True, slots=True)
class SitePeer:
    """A generator: `write` puts its project into a folder, for a version of it; `arguments` build it there.

    `search` are the files of records for Pagefind, a pattern below the folder of its output.
    """

    name: str
    program: str
    write: Callable[[Sequence[Record], Path, SiteTemplate, str], None]
    arguments: tuple[str, ...]
    output: str
    places: Places
    search: str


def write_zola_site(records: Sequence[Record], folder: Path, site: SiteTemplate, version: str) -> None:
    """A content file for each record in the folder of its authority, with front matter in TOML."""
    for name, text in site.pages(_TERA).items():
        _put(folder / f"templates/{_TERA_FILES[name]}", text)
    _put(folder / "templates/subjects/list.html", "<!doctype html><title>-</title>")
    feeds = "generate_feeds" if _number(version) >= _FEEDS_SINCE else "generate_feed"
    _put(
        folder / "config.toml",
        f'base_url = "{_BASE}"\ntitle = "-"\ndefault_language = "zh"\ncompile_sass = false\n'
        f"build_search_index = false\n{feeds} = true\nfeed_limit = {FEED}\n"
        'taxonomies = [{ name = "subjects" }]\n[slugify]\npaths = "off"\ntaxonomies = "off"\n',
    )
    listing = f'sort_by = "date"\npaginate_by = {ROWS}\ntransparent = true\ntemplate = "listing.html"\n'
    _front(folder / "content/_index.md", f"title = {_json(EVERYTHING)}\n{listing}")
    _front(folder / "content/authorities/_index.md", "transparent = true\nrender = false\n")
    _front(folder / "content/all.md", 'path = "authorities"\ntemplate = "authorities.html"\n')
    places = {name: f"{at:04d}" for at, name in enumerate(dict.fromkeys(record[AUTHORITY] for record in records))}
    for name, place in places.items():
        _front(folder / f"content/authorities/{place}/_index.md", f"title = {_json(name)}\n{listing}")
    for record in records:
        fields = "\n".join(f"{name} = {_json(value)}" for name, value in record.items())
        of = f"[taxonomies]\nsubjects = [{_json(record[CODE])}]\n" if record[CODE] else ""
        head = f'title = {_json(record[TITLE])}\ndate = {record[DATE]}\npath = "r/{record[ID]}"\n'
        place = folder / f"content/authorities/{places[record[AUTHORITY]]}"
        _front(place / f"{record[ID]}.md", f"{head}{of}[extra]\n{fields}\n")


def write_hugo_site(records: Sequence[Record], folder: Path, site: SiteTemplate, _: str) -> None:
    """A content file for each record, with front matter in JSON."""
    for name, text in site.pages(_GO).items():
        _put(folder / f"layouts/{_GO_FILES[name]}", text)
    for name in ("index.html", "subjects/taxonomy.html"):  # a home page, and a list of all subjects, which ours lacks
        _put(folder / "layouts" / name, "<!doctype html><title>-</title>")
    _put(
        folder / "hugo.toml",
        f'baseURL = "{_BASE}/"\ntitle = "-"\nlanguageCode = "zh"\nuglyURLs = true\ndisablePathToLower = true\n'
        "capitalizeListTitles = false\nbuildFuture = true\n"
        'disableKinds = ["robotsTXT", "404"]\n'
        '[taxonomies]\nsubject = "subjects"\nauthority = "authorities"\n'
        f"[pagination]\npagerSize = {ROWS}\ndisableAliases = true\n"
        '[outputs]\nhome = ["html", "rss"]\nsection = ["html"]\ntaxonomy = ["html"]\nterm = ["html"]\n'
        f"[services.rss]\nlimit = {FEED}\n",
    )
    _put(folder / "content/r/_index.md", f'---\ntitle: "{EVERYTHING}"\n---\n')
    for record in records:
        head = {"title": record[TITLE], "slug": record[ID], "date": record[DATE], "authorities": [record[AUTHORITY]]}
        head |= {"subjects": [record[CODE]]} if record[CODE] else {}
        _put(folder / f"content/r/{record[ID]}.md", _json({**head, **record}))


def _front(path: Path, head: str) -> None:
    _put(path, f"+++\n{head}+++\n")


def _put(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _number(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".") if part.isdigit())


_TERA_FILES: Final = {
    "record": "page.html",
    "subject": "subjects/single.html",
    "listing": "listing.html",
    "authorities": "authorities.html",
}
_TERA: Final = Language(
    field=lambda name: f"{{{{ page.extra.{name} }}}}",
    title="{{ page.title }}",
    when=lambda name, text: f"{{% if page.extra.{name} %}}{text}{{% endif %}}",
    subject_url=f"/subjects/{{{{ page.extra.{CODE} }}}}/",
    row_field=lambda name: f"{{{{ record.extra.{name} }}}}",
    row_url="{{ record.path | safe }}",
    name=f"{{{{ term.pages.0.extra.{NAME} }}}}",
    code="{{ term.name }}",
    count="{{ term.pages | length }}",
    of_subject=lambda row: f"{{% for record in term.pages %}}{row}{{% endfor %}}",
    of_listing=lambda row: f"{{% for record in paginator.pages %}}{row}{{% endfor %}}",
    heading="{% if section %}{{ section.title }}{% endif %}",
    address="{{ current_path | safe }}",
    total="{{ paginator.total_pages }}",
    pager=_PAGER.format(
        '{% if paginator.previous %}<a href="{{ paginator.first | safe }}">第一页</a><a rel="prev" '
        'href="{{ paginator.previous | safe }}">上一页</a>{% endif %}<span aria-current="page">'
        "{{ paginator.current_index }} / {{ paginator.number_pagers }}</span>"
        '{% if paginator.next %}<a rel="next" href="{{ paginator.next | safe }}">下一页</a>'
        '<a href="{{ paginator.last | safe }}">最后一页</a>{% endif %}'
    ),
    authorities='{% set all = get_section(path="authorities/_index.md", metadata_only=true) %}'
    "{% for path in all.subsections %}{% set one = get_section(path=path, metadata_only=true) %}"
    '<li><a href="{{ one.path | safe }}">{{ one.title }}</a></li>{% endfor %}',
)
_GO_FILES: Final = {
    "record": "_default/single.html",
    "subject": "subjects/term.html",
    "listing": "_default/list.html",
    "authorities": "authorities/taxonomy.html",
}
_GO: Final = Language(
    field=lambda name: f"{{{{ .Params.{name} }}}}",
    title="{{ .Title }}",
    when=lambda name, text: f"{{{{ if .Params.{name} }}}}{text}{{{{ end }}}}",
    subject_url=f"/subjects/{{{{ .Params.{CODE} }}}}.html",
    row_field=lambda name: f"{{{{ .Params.{name} }}}}",
    row_url="{{ .RelPermalink }}",
    name=f"{{{{ (index .Pages 0).Params.{NAME} }}}}",
    code="{{ .Title }}",
    count="{{ len .Pages }}",
    of_subject=lambda row: f"{{{{ range .Pages }}}}{row}{{{{ end }}}}",
    of_listing=lambda row: f"{{{{ range .Paginator.Pages }}}}{row}{{{{ end }}}}",
    heading="{{ .Title }}",
    address="{{ .RelPermalink }}",
    total="{{ .Paginator.TotalNumberOfElements }}",
    pager=_PAGER.format(
        '{{ with .Paginator }}{{ if .HasPrev }}<a href="{{ .First.URL }}">第一页</a><a rel="prev" '
        'href="{{ .Prev.URL }}">上一页</a>{{ end }}<span aria-current="page">{{ .PageNumber }} / {{ .TotalPages }}'
        '</span>{{ if .HasNext }}<a rel="next" href="{{ .Next.URL }}">下一页</a>'
        '<a href="{{ .Last.URL }}">最后一页</a>{{ end }}{{ end }}'
    ),
    authorities='{{ range .Pages }}<li><a href="{{ .RelPermalink }}">{{ .Title }}</a></li>{{ end }}',
)
_NUMBER: Final = r"(?:[2-9]|\d{2,})"

SITES: Final = (
    SitePeer(
        "zola-site",
        "zola",
        write_zola_site,
        ("build",),
        "public",
        Places(
            {
                "record": r"r/[^/]+/index\.html",
                "subject": r"subjects/[^/]+/index\.html",
                "listing": rf"(?:authorities/[^/]+/)?(?:page/{_NUMBER}/)?index\.html",
            },
            "r/{}/index.html",
            "subjects/{}/index.html",
            "index.html",
            "atom.xml",
        ),
        "r/CF*/index.html",
    ),
    SitePeer(
        "hugo-site",
        "hugo",
        write_hugo_site,
        ("--quiet",),
        "public",
        Places(
            {
                "record": r"r/(?!index)[^/]+\.html",
                "subject": r"subjects/(?!index)[^/]+\.html",
                "listing": rf"(?:r|authorities/(?!index\.)[^/]+)(?:/page/{_NUMBER})?(?:/index)?\.html",
            },
            "r/{}.html",
            "subjects/{}.html",
            "r/index.html",
            "index.xml",
        ),
        "r/CF*.html",
    ),
)
