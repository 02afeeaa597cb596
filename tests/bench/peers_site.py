"""The same site for other generators: its pages cut out of ours, and whether what was made of them is all there.

Beside a page for each record: a page for each subject with the list of its records, listings of all records and of each
authority's, newest first, and a list of the authorities. Each is a page of ours (head, menus, breadcrumbs, foot) whose
list the generator makes. Left out are what it has no means for, or none that is cheap: the QR code of a subject's
page, days on which a page expires, and a listing's chips of days and months; what is listed by month with us is one
listing there, with as many rows in all.
"""

import html
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

from tests.bench.peers_pages import ID, TITLE, Record, Template, template_of

CODE: Final = "CF_XDR_SHXYM"
NAME: Final = "CF_XDR_MC"
DATE: Final = "CF_JDRQ"
AUTHORITY: Final = "CF_CFJG"
ROWS: Final = 50  # records on a page of a listing, as in content/site.yaml
FEED: Final = 50  # records in the feed
EVERYTHING: Final = "全部"
_ROW: Final = """<li class="row row-penalty" data-expires="{CF_GSJZQ}">
<a class="row-title" href="{url}">{CF_WSH}</a>
<span class="row-subject">{CF_XDR_MC}</span><span class="row-reason">{CF_WFXW}</span><span class="row-meta">\
<span class="tag">行政处罚</span><span class="tag tag-severity">{CF_SXCD}</span><span>{CF_CFJG}</span>\
<time datetime="{CF_JDRQ}">{CF_JDRQ}</time></span>
</li>
"""
_FIELD: Final = re.compile(r"\{(\w+)\}")
_SAMPLES: Final = 20


@dataclass(frozen=True, slots=True)
class Language:
    """How a language of templates says what pages tell: of a record on its page and in a list, of a subject, of a
    page of a listing. `of_subject` and `of_listing` repeat a row for each of its records, `when` keeps a text if there
    is a value; `pager` is all links of a listing to its other pages, `authorities` those to all authorities."""

    field: Callable[[str], str]
    title: str
    when: Callable[[str, str], str]
    subject_url: str
    row_field: Callable[[str], str]
    row_url: str
    name: str
    code: str
    count: str
    of_subject: Callable[[str], str]
    of_listing: Callable[[str], str]
    heading: str
    address: str
    total: str
    pager: str
    authorities: str


@dataclass(frozen=True, slots=True)
class SiteTemplate:
    """Pages of ours as (begin, end), around the list; `marks` in them stand for what a page tells."""

    record: Template
    subject: tuple[str, str]
    listing: tuple[str, str]

    def pages(self, say: Language) -> dict[str, str]:
        """The templates `record`, `subject`, `listing` and `authorities`."""
        told = {"name": say.name, "code": say.code, "count": say.count, "heading": say.heading, "address": say.address}
        row = _FIELD.sub(lambda match: say.row_url if match[1] == "url" else say.row_field(match[1]), _ROW)
        begin, end = (_filled(part, told) for part in self.listing)
        subject = tuple(_filled(part, told) for part in self.subject)
        total = f'<p class="quiet">共 {say.total} 条</p>'
        link = f'<p><a class="more" href="{say.subject_url}">查看该主体的全部公示信息</a></p>'
        record = self.record.text(say.field, say.title).replace("</dl>", f"</dl>\n{say.when(CODE, link)}", 1)
        return {
            "record": record,
            "subject": f'{subject[0]}<ol class="rows rows-of-one">{say.of_subject(row)}</ol>{subject[1]}',
            "listing": f'{begin}{total}<ol class="rows">{say.of_listing(row)}</ol>\n{say.pager}\n{end}',
            "authorities": f'{begin}<ul class="chips">{say.authorities}</ul>\n{end}',
        }


def site_template_of(release: Path, records: Sequence[Record]) -> SiteTemplate:
    """Of pages of a release. RuntimeError: they are not as this bench expects."""
    record = template_of(release, records)
    begin, end = (re.sub(r'<p><a class="more".*?</p>', "", part) for part in (record.begin, record.end))
    return SiteTemplate(Template(begin, end, record.record, record.key), _subject(release), _listing(release))


def _subject(release: Path) -> tuple[str, str]:
    """A page about a subject, without its QR code and the days on which it expires."""
    path = min((release / "s").rglob("*.html"), default=None)
    text = path.read_text(encoding="utf-8") if path else ""
    begin, _, rest = text.partition('<ol class="rows rows-of-one">')
    end = rest.partition("</ol>")[2]
    name = begin.partition("<h1>")[2].partition("</h1>")[0]
    if not (path and end and name):
        raise RuntimeError("no page of the release is as this bench expects; see site_templates/subject.html")
    for pattern in (r'<figure class="qr">.*?</figure>\n?', r'<meta name="robots"[^>]*>\n?', r' data-expires="[^"]*"'):
        begin = re.sub(pattern, "", begin, flags=re.DOTALL)
    begin = re.sub(r"<dd>\d+</dd>", "<dd>[count]</dd>", begin)
    known = {f"{path.stem[:2]}/{path.name}": "[address]", path.stem: "[code]", name: "[name]"}
    return _marked(begin, known), _marked(end, known)


def _listing(release: Path) -> tuple[str, str]:
    """The first page of a month, up to its heading and from its foot on."""
    pages = (release / "datasets").rglob("*.html")
    path = min((page for page in pages if re.fullmatch(r"\d{4}-\d\d", page.stem)), default=None)
    text = path.read_text(encoding="utf-8") if path else ""
    begin, heading, rest = text.partition("</h1>")
    label = begin.rpartition('<span class="h1-part">')[2].partition("</span>")[0]
    foot = rest.partition("</main>")[2]
    if not (path and label and foot):
        raise RuntimeError("no page of the release is as this bench expects; see site_templates/listing.html")
    known = {path.relative_to(release).as_posix(): "[address]", label: "[heading]"}
    return _marked(begin + heading, known), f"</main>{foot}"


def _marked(text: str, known: Mapping[str, str]) -> str:
    return re.sub("|".join(map(re.escape, known)), lambda match: known[match[0]], text)


def _filled(text: str, told: Mapping[str, str]) -> str:
    return re.sub(r"\[(" + "|".join(told) + r")\]", lambda match: told[match[1]], text)


@dataclass(frozen=True, slots=True)
class Places:
    """Where a generator puts things: `files` are patterns of paths below the folder of its output, by sort of page;
    `record` and `subject` the path of one; `first` the first page of the listing of all records."""

    files: Mapping[str, str]
    record: str
    subject: str
    first: str
    feed: str


def expected(records: Sequence[Record]) -> dict[str, int]:
    """How many pages of each sort there should be."""
    authorities = Counter(record[AUTHORITY] for record in records)
    return {
        "record": len(records),
        "subject": len({record[CODE] for record in records if record[CODE]}),
        "listing": sum(-(-count // ROWS) for count in (len(records), *authorities.values())),
    }


def check_site(places: Places, records: Sequence[Record], output: Path) -> dict[str, Any]:
    """How many pages and bytes. RuntimeError: too few or too many, a page does not show what it should, or a record is
    not in both listings."""
    files = list(output.rglob("*.html"))
    sorts = {path: _sort_of(path.relative_to(output).as_posix(), places) for path in files}
    made = Counter(sorts.values())
    for sort, count in expected(records).items():
        if made[sort] != count:
            raise RuntimeError(f"it wrote {made[sort]} {sort} pages where {count} are wanted")
    _check_samples(places, records, output)
    rows = sum(path.read_text(encoding="utf-8").count('<li class="row ') for path in files if sorts[path] == "listing")
    if rows != 2 * len(records):
        raise RuntimeError(f"its listings have {rows} rows for {len(records)} records")
    _check_order(_text(output / places.first))
    addresses = sum(_text(path).count("<loc>") for path in output.glob("sitemap*.xml"))
    entries = _text(output / places.feed)
    if addresses < made["record"] + made["subject"] or entries.count("</entry>") + entries.count("</item>") < 1:
        raise RuntimeError("its sitemap or its feed lacks pages")
    sizes = {sort: sum(path.stat().st_size for path in files if sorts[path] == sort) for sort in made}
    return {
        "pages": made["record"],
        "bytes": sizes["record"],
        "pages_by_sort": dict(sorted(made.items())),
        "bytes_by_sort": dict(sorted(sizes.items())),
    }


def _sort_of(path: str, places: Places) -> str:
    """A page that only sends on to another one, such as Zola's `page/1`, is `other`."""
    return next((sort for sort, pattern in places.files.items() if re.fullmatch(pattern, path)), "other")


def _check_samples(places: Places, records: Sequence[Record], output: Path) -> None:
    of_subjects: dict[str, list[Record]] = {}
    for record in records:
        of_subjects.setdefault(record[CODE], []).append(record)
    for record in records[:: max(1, len(records) // _SAMPLES)]:
        page, code = _text(output / places.record.format(record[ID])), record[CODE]
        linked = re.findall(r'<a class="more" href="([^"]*)"', page)
        if page.count(record[TITLE]) < 4 or record[ID] not in page or len(linked) != bool(code):
            raise RuntimeError("a page does not show its record")
        if not code:
            continue
        subject = _text(output / places.subject.format(code))
        shown = _text(_file_of(output, linked[0]))
        if shown != subject or any(other[TITLE] not in subject for other in of_subjects[code]):
            raise RuntimeError("a page does not show its subject")
        if subject.count('<li class="row ') != len(of_subjects[code]) or subject.count(record[NAME]) < 4:
            raise RuntimeError("a page does not show its subject")
        if not all(_text(_file_of(output, url)) for url in _titles(subject)):
            raise RuntimeError("a link leads nowhere")


def _check_order(text: str) -> None:
    days = re.findall(r'<time datetime="([^"]*)"', text)
    if any(one < other for one, other in pairwise(days)):
        raise RuntimeError("its listing is not in order")
    if not days:
        raise RuntimeError("its listing is empty")


def _titles(text: str) -> Iterator[str]:
    return (match[1] for match in re.finditer(r'<a class="row-title" href="([^"]*)"', text))


def _file_of(output: Path, url: str) -> Path:
    path = output / url.removeprefix("/")
    return path / "index.html" if url.endswith("/") else path


def _text(path: Path) -> str:
    return html.unescape(path.read_text(encoding="utf-8")) if path.is_file() else ""
