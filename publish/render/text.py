"""Markdown into safe HTML: rendered, sanitised by an allow-list, its outside links sent through leaving notices."""

import html
import re

import markdown
import nh3
from markupsafe import Markup

from publish.model.document import RESERVED_ANCHORS
from publish.render.outbound import Outbound

_TAGS = {
    *("h2", "h3", "h4", "h5", "h6", "p", "br", "hr", "blockquote", "pre", "code", "ul", "ol", "li", "dl", "dt", "dd"),
    *("table", "thead", "tbody", "tr", "th", "td", "caption", "strong", "em", "del", "sup", "sub", "a", "abbr"),
}
_HEADINGS = {f"h{level}" for level in range(2, 7)}
_ATTRIBUTES = {
    "a": {"href", "title"},
    "abbr": {"title"},
    "th": {"scope", "colspan", "rowspan"},
    "td": {"colspan", "rowspan"},
    "ol": {"start"},
    **{tag: {"id"} for tag in _HEADINGS | {"p", "li"}},
}


def render_markdown(body: str, outbound: Outbound) -> Markup:
    """Sanitised HTML of a Markdown body. First-level headings become second-level: the page has its own h1."""
    text = markdown.markdown(body, extensions=["tables", "attr_list", "sane_lists", "def_list"], output_format="html")
    text = re.sub(r"<(/?)h1(?=[\s>])", r"<\1h2", text)
    clean = nh3.clean(
        text,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        attribute_filter=lambda tag, name, value: _attribute(tag, name, value, outbound),
        url_schemes={"http", "https", "mailto", "tel"},
        link_rel="noopener noreferrer",
        clean_content_tags={"script", "style", "iframe", "object", "template"},
    )
    # Markdown's tables have headings above their columns, and say so to no one who cannot see them.
    return Markup(re.sub(r"<th(?=[\s>])(?![^>]*\sscope=)", '<th scope="col"', clean))


def plain_text(body: str) -> str:
    """The words of a Markdown body, without markup, for descriptions and the search index."""
    text = nh3.clean(markdown.markdown(body, extensions=["tables", "attr_list"]), tags=set())
    return re.sub(r"\s+", " ", html.unescape(text)).strip()


def _attribute(tag: str, name: str, value: str, outbound: Outbound) -> str | None:
    if name == "href":
        return outbound.link(value)
    if name == "id" and RESERVED_ANCHORS.fullmatch(value):
        return None
    return value
