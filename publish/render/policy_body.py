"""The text of a policy document on its page: its table of contents, its pieces, with a link on every part."""

import re
from collections.abc import Callable, Mapping, Sequence

from markupsafe import Markup, escape

from publish import urls
from publish.model.markup import clean_html
from publish.model.outline import Form, Part
from publish.model.policy import PolicyText, Resting
from publish.render.contexts import Link
from publish.render.policy_contexts import BodyPiece, TocEntry
from publish.render.text import scoped
from publish.render.views import Desk

_LISTED = frozenset({Form.ANNEX, Form.BOOK, Form.CHAPTER, Form.SECTION, Form.ARTICLE, Form.HAN, Form.HAN_BRACKETS})
_SPACED = frozenset({Form.ANNEX, Form.BOOK, Form.CHAPTER, Form.SECTION, Form.ARTICLE})
_LEAD = 20  # characters of an item without a heading in the table of contents


def table_of_contents(parts: Sequence[Part]) -> tuple[TocEntry, ...]:
    """Chapters, articles and items outside of articles, each within the one that it stands in."""
    by_anchor = {part.anchor: part for part in parts}
    kept = [part for part in parts if part.form in _LISTED and not _in_article(part, by_anchor)]
    if not kept:
        kept = [part for part in parts if part.depth == 0]
    known = {part.anchor for part in kept}
    children: dict[str | None, list[Part]] = {}
    for part in kept:
        above = part.parent
        while above is not None and above not in known:
            above = by_anchor[above].parent
        children.setdefault(above, []).append(part)

    def entries(above: str | None) -> tuple[TocEntry, ...]:
        return tuple(
            TocEntry(_toc_label(part), f"#{part.anchor}", entries(part.anchor)) for part in children.get(above, ())
        )

    return entries(None)


def _in_article(part: Part, by_anchor: Mapping[str, Part]) -> bool:
    above = part.parent
    while above is not None:
        if by_anchor[above].form is Form.ARTICLE:
            return True
        above = by_anchor[above].parent
    return False


def _toc_label(part: Part) -> str:
    """The number with the heading, or with how the item begins; an article's number says enough."""
    if part.title:
        return part.label + (" " if part.form in _SPACED else "") + part.title
    if part.form is Form.ARTICLE:
        return part.label
    text = part.text.partition("\n")[0].removeprefix(part.label).strip()
    lead = re.split("[。；：;:，,]", text)[0]
    return part.label + (lead if len(lead) <= _LEAD else lead[:_LEAD] + "…")


def body_pieces(desk: Desk, text: PolicyText, title: str) -> tuple[BodyPiece, ...]:
    """The document's HTML with links out as they may be, tables that can be scrolled, a link on every part.

    The rules that rest on a part stand behind the piece with which the part ends.
    """
    by_anchor = {part.anchor: part for part in text.parts}
    ends = _ends(text)
    pieces = []
    within = title
    for place, piece in enumerate(text.pieces):
        if piece.anchor is not None:
            part = by_anchor[piece.anchor]
            within = _toc_label(part)
        html = clean_html(piece.html, desk.outbound.link)
        html = _tables(scoped(html), str(desk.t("policy.table", part=within)))
        html = _anchored(html, by_anchor, lambda label: str(desk.t("policy.link-to", part=label)))
        rules = tuple(rule_link(rule) for anchor in ends.get(place, ()) for rule in text.resting[anchor])
        heading = re.match(r"\s*<(h[2-6])[\s>].*?</\1>", html, re.DOTALL)
        if rules and heading and ends[place] == [piece.anchor]:  # beneath its heading: its text may be long
            pieces += [BodyPiece(Markup(heading[0]), rules), BodyPiece(Markup(html[heading.end() :]))]
        else:
            pieces.append(BodyPiece(Markup(html), rules))
    return tuple(pieces)


def rule_link(rule: Resting) -> Link:
    """A rule on the rules page."""
    return Link(rule.title, f"{urls.RULES}#{rule.rule_id}")


def _ends(text: PolicyText) -> Mapping[int, list[str]]:
    """By place of a piece the parts with rules that end with it."""
    places: dict[str, int] = {}
    place = 0
    order = {piece.anchor: number for number, piece in enumerate(text.pieces) if piece.anchor is not None}
    for part in text.parts:
        place = order.get(part.anchor, place)
        places[part.anchor] = place
    found: dict[int, list[str]] = {}
    for number, part in enumerate(text.parts):
        if part.anchor not in text.resting:
            continue
        last = places[part.anchor]
        for other in text.parts[number + 1 :]:
            if other.depth <= part.depth:
                break
            last = max(last, places[other.anchor])
        found.setdefault(last, []).append(part.anchor)
    return found


def _tables(html: str, caption: str) -> str:
    """Tables with a caption, in a frame that scrolls where they are wider than the screen."""
    region = f'<div class="wide" role="region" tabindex="0" aria-label="{escape(caption)}"><table>'
    html = re.sub(r"<table>(?!\s*<caption>)", f'<table><caption class="unseen">{escape(caption)}</caption>', html)
    return html.replace("<table>", region).replace("</table>", "</table></div>")


def _anchored(html: str, by_anchor: Mapping[str, Part], name: Callable[[str], str]) -> str:
    """A link to itself at the end of each part's paragraph or heading; it has no text, only a name."""

    def link(match: re.Match[str]) -> str:
        part = by_anchor.get(match["id"])
        if part is None:
            return match[0]
        made = f'<a href="#{escape(part.anchor)}" aria-label="{escape(name(part.label))}"></a>'
        return f"{match['open']}{match['text']}{made}{match['close']}"

    pattern = r'(?P<open><(?P<tag>p|h[2-6])(?:\s[^>]*?)?\sid="(?P<id>[^"]*)"[^>]*>)(?P<text>.*?)(?P<close></(?P=tag)>)'
    html = re.sub(pattern, link, html, flags=re.DOTALL)
    # Of items of lists at the beginning: lists may stand in them.
    lists = r'(?P<open><li(?:\s[^>]*?)?\sid="(?P<id>[^"]*)"[^>]*>)(?P<text>)(?P<close>)'
    return re.sub(lists, link, html)
