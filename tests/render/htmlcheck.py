"""A strict HTML checker on html.parser: what a browser would forgive is a fault here."""

import re
from collections import Counter
from dataclasses import dataclass, field
from html.parser import HTMLParser
from itertools import pairwise

VOID = {"br", "hr", "img", "input", "link", "meta", "source", "wbr"}
PHRASING = {"p", "h1", "h2", "h3", "h4", "span", "a", "strong", "em", "code", "button", "label", "dt", "time"}
BLOCKS = {"p", "div", "section", "article", "ul", "ol", "dl", "table", "form", "nav", "main", "h1", "h2", "h3", "pre"}
# Which children may be put where: what a browser would move elsewhere.
CHILDREN = {
    "ul": {"li"},
    "ol": {"li"},
    "dl": {"div", "dt", "dd"},
    "table": {"caption", "thead", "tbody"},
    "thead": {"tr"},
    "tbody": {"tr"},
    "tr": {"th", "td"},
    "select": {"option"},
    "html": {"head", "body"},
}
RESOURCES = {("link", "href"), ("script", "src"), ("img", "src"), ("source", "src"), ("form", "action")}
OUTSIDE = re.compile(r"^\s*(?:[a-z][a-z0-9+.-]*:|//)", re.IGNORECASE)
LINKS = re.compile(r"^(?:/(?!/)|#|https?://|mailto:|tel:)")
BARE = re.compile(r"<|&(?![a-zA-Z]+;|#\d+;|#x[0-9a-fA-F]+;)")


@dataclass
class Element:
    """An element: `text` is all the text in it, `inside` the tags and classes of what it stands in."""

    tag: str
    attributes: dict[str, str]
    inside: tuple[str, ...]
    text: str = ""
    children: list["Element"] = field(default_factory=list)


class Page(HTMLParser):
    """A parsed page: `elements` in order, `faults` of its syntax, `text` of its body."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=False)
        self.elements: list[Element] = []
        self.faults: list[str] = []
        self._open: list[Element] = []
        self.declarations: list[str] = []
        self.feed(html)
        self.close()
        self.faults += [f"<{element.tag}> is not closed" for element in self._open]
        if not html.lower().startswith("<!doctype html>"):
            self.faults.append("no doctype")

    def handle_decl(self, decl: str) -> None:
        self.declarations.append(decl)

    def handle_comment(self, data: str) -> None:
        self.faults.append("a comment")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        source = self.get_starttag_text() or ""
        if BARE.search(source[1:]):
            self.faults.append(f"unescaped < or & in <{tag}>")
        self.faults += [f"{name} twice in <{tag}>" for name, n in Counter(name for name, _ in attrs).items() if n > 1]
        parent = self._open[-1] if self._open else None
        if parent:
            self._place(tag, parent)
        inside = (*parent.inside, parent.tag, *parent.attributes.get("class", "").split()) if parent else ()
        element = Element(tag, {name: value or "" for name, value in attrs}, inside)
        self.elements.append(element)
        if parent:
            parent.children.append(element)
        if tag not in VOID:
            self._open.append(element)

    def _place(self, tag: str, parent: Element) -> None:
        if tag not in CHILDREN.get(parent.tag, {tag}):
            self.faults.append(f"<{tag}> in <{parent.tag}>")
        if parent.tag in PHRASING and tag in BLOCKS:
            self.faults.append(f"block <{tag}> in <{parent.tag}>")
        if tag in ("a", "button") and {"a", "button"} & {element.tag for element in self._open}:
            self.faults.append(f"<{tag}> in a link or button")

    def handle_endtag(self, tag: str) -> None:
        if not self._open or self._open[-1].tag != tag:
            self.faults.append(f"</{tag}> closes <{self._open[-1].tag if self._open else ''}>")
            return
        self._open.pop()

    def handle_data(self, data: str) -> None:
        if BARE.search(data) and not (self._open and self._open[-1].tag == "script"):
            self.faults.append(f"unescaped text: {data.strip()[:40]}")
        if data.strip() and self._open and self._open[-1].tag in CHILDREN:
            self.faults.append(f"text in <{self._open[-1].tag}>")
        self._add(data)

    def handle_entityref(self, name: str) -> None:
        self._add({"amp": "&", "lt": "<", "gt": ">", "quot": '"'}[name])

    def handle_charref(self, name: str) -> None:
        self._add(chr(int(name[1:], 16) if name[0] in "xX" else int(name)))

    def _add(self, text: str) -> None:
        for element in self._open:
            element.text += text

    def all(self, tag: str) -> list[Element]:
        """Every element of a tag."""
        return [element for element in self.elements if element.tag == tag]

    def meta(self, name: str) -> str | None:
        """Content of a named meta tag; None if there is none. Twice is an error."""
        found = [e.attributes["content"] for e in self.all("meta") if e.attributes.get("name") == name]
        assert len(found) < 2, f"{name} twice"
        return found[0] if found else None

    def skeleton(self) -> list[tuple[str, tuple[str, ...]]]:
        """Tags and names of attributes: all that text must not be able to change."""
        return [(element.tag, tuple(element.attributes)) for element in self.elements]


def faults(html: str) -> list[str]:
    """Everything that is wrong with a page, as sentences; empty if nothing is."""
    page = Page(html)
    return [*page.faults, *_ids(page), *_structure(page), *_links(page), *_forms(page), *_foreign(page)]


def _ids(page: Page) -> list[str]:
    ids = Counter(e.attributes["id"] for e in page.elements if "id" in e.attributes)
    wrong = [f"id {name} {n} times" for name, n in ids.items() if n > 1 or not name]
    for element in page.elements:
        for name in ("for", "aria-labelledby", "aria-describedby", "aria-controls"):
            wrong += [f"{name} {to} is nowhere" for to in element.attributes.get(name, "").split() if to not in ids]
        href = element.attributes.get("href", "")
        if href.startswith("#") and href[1:] not in ids:
            wrong.append(f"{href} is nowhere")
    return wrong


def _structure(page: Page) -> list[str]:
    wrong = []
    if len(page.all("h1")) != 1:
        wrong.append(f"{len(page.all('h1'))} h1")
    if not page.all("html") or not page.all("html")[0].attributes.get("lang"):
        wrong.append("no lang")
    if [e.text.strip() for e in page.all("title")] in ([], [""]):
        wrong.append("no title")
    headings = [e for e in page.elements if re.fullmatch("h[1-6]", e.tag) and "reading" not in e.inside]
    wrong += [f"empty <{e.tag}>" for e in headings if not e.text.strip()]
    levels = [int(e.tag[1]) for e in headings]
    wrong += [f"h{one} before h{two}" for one, two in pairwise(levels) if two > one + 1]
    wrong += ["th without scope" for e in page.all("th") if e.attributes.get("scope") not in ("col", "row")]
    wrong += ["img without alt" for e in page.all("img") if "alt" not in e.attributes]
    for table in page.all("table"):
        if "reading" not in table.inside and not any(child.tag == "caption" for child in table.children):
            wrong.append("table without caption")
    return wrong


def _links(page: Page) -> list[str]:
    wrong = []
    for element in page.all("a"):
        if not LINKS.match(element.attributes.get("href", "")):
            wrong.append(f"link to {element.attributes.get('href')!r}")
        if not (element.text.strip() or element.attributes.get("aria-label")):
            wrong.append(f"empty link to {element.attributes.get('href')}")
    wrong += ["empty button" for e in page.all("button") if not e.text.strip()]
    return wrong + ["nav without label" for e in page.all("nav") if not e.attributes.get("aria-label")]


def _forms(page: Page) -> list[str]:
    labelled = {e.attributes.get("for") for e in page.all("label")}
    seen = [field for field in page.all("input") if field.attributes.get("type") != "hidden"]
    fields = [*seen, *page.all("select"), *page.all("textarea")]
    return [f"{e.tag} without label" for e in fields if e.attributes.get("id") not in labelled]


def _foreign(page: Page) -> list[str]:
    wrong = []
    for element in page.elements:
        handlers = [name for name in element.attributes if name.startswith("on") or name == "style"]
        wrong += [f"{name} on <{element.tag}>" for name in handlers]
        if element.attributes.get("rel") != "canonical":  # which is an address, not a resource
            loaded = [value for name, value in element.attributes.items() if (element.tag, name) in RESOURCES]
            wrong += [f"<{element.tag}> loads {value}" for value in loaded if OUTSIDE.match(value)]
    wrong += ["inline script" for e in page.all("script") if "src" not in e.attributes or e.text.strip()]
    return wrong + [f"<{tag}>" for tag in ("style", "iframe", "object", "embed", "base") if page.all(tag)]
