"""Markdown into safe HTML: rendered, sanitised by an allow-list, its outside links sent through leaving notices."""

import html
import re

import markdown
import nh3
from markupsafe import Markup

from publish.model.markup import markdown_html
from publish.render.outbound import Outbound


def render_markdown(body: str, outbound: Outbound) -> Markup:
    """Sanitised HTML of a Markdown body. First-level headings become second-level: the page has its own h1."""
    return scoped(markdown_html(body, outbound.link))


def scoped(clean: str) -> Markup:
    """Sanitised HTML whose tables say what their headings are above: Markdown says it to no one who cannot see them."""
    return Markup(re.sub(r"<th(?=[\s>])(?![^>]*\sscope=)", '<th scope="col"', clean))


def plain_text(body: str) -> str:
    """The words of a Markdown body, without markup, for descriptions and the search index."""
    text = nh3.clean(markdown.markdown(body, extensions=["tables", "attr_list"]), tags=set())
    return re.sub(r"\s+", " ", html.unescape(text)).strip()
