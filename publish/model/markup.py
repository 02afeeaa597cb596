"""Markdown into HTML that is safe: one rendering and one allow-list for pages, search, outlines and citations.

What a reader cannot see on the page must not be found, numbered or cited either, so all of them start from here.
"""

import re
from collections.abc import Callable

import markdown
import nh3

from publish.model.document import RESERVED_ANCHORS

HEADINGS = frozenset({f"h{level}" for level in range(2, 7)})
_TAGS = HEADINGS | {
    *("p", "br", "hr", "blockquote", "pre", "code", "ul", "ol", "li", "dl", "dt", "dd", "span"),
    *("table", "thead", "tbody", "tr", "th", "td", "caption", "strong", "em", "del", "sup", "sub", "a", "abbr"),
}
_ATTRIBUTES = {
    "a": {"href", "title"},
    "abbr": {"title"},
    "th": {"scope", "colspan", "rowspan"},
    "td": {"colspan", "rowspan"},
    "ol": {"start"},
    **{tag: {"id"} for tag in HEADINGS | {"p", "li", "span"}},
}
_SCHEMES = {"http", "https", "mailto", "tel"}
_UNSEEN = {"script", "style", "iframe", "object", "template"}


def markdown_html(body: str, link: Callable[[str], str | None] | None = None) -> str:
    """Sanitised HTML of a Markdown body. First-level headings become second-level: the page has its own h1.

    `link` says what stands in an `href` for an address, None for nothing; without it addresses stay as they are.
    """
    text = markdown.markdown(body, extensions=["tables", "attr_list", "sane_lists", "def_list"], output_format="html")
    return clean_html(re.sub(r"<(/?)h1(?=[\s>])", r"<\1h2", text), link)


def clean_html(html: str, link: Callable[[str], str | None] | None = None) -> str:
    """HTML by the allow-list, its links as `link` has them, without the ids that the page shell uses itself."""

    def attribute(_: str, name: str, value: str) -> str | None:
        if name == "href" and link is not None:
            return link(value)
        return None if name == "id" and RESERVED_ANCHORS.fullmatch(value) else value

    return nh3.clean(
        html,
        tags=set(_TAGS),
        attributes=_ATTRIBUTES,
        attribute_filter=attribute,
        url_schemes=_SCHEMES,
        link_rel="noopener noreferrer",
        clean_content_tags=_UNSEEN,
    )
