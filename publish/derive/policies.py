"""derive_policies(): what the pages of the policy documents show beside the documents themselves."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date

from publish.derive.annotate import Cited, annotate, citation_of, read_citations, resolve
from publish.derive.articles import Articles, citation_issues, fold_title
from publish.derive.numbers import number_key
from publish.derive.outline import full_labels, outline_issues, read_outline
from publish.derive.standing import standing_of
from publish.derive.ties import ties_of
from publish.derive.versions import derive_amendments
from publish.model.document import Document
from publish.model.issue import Issue
from publish.model.policy import CitedBy, Named, PolicyText, Resting
from publish.model.rules import RuleBook


def derive_policies(documents: Sequence[Document], book: RuleBook, as_of: date) -> Mapping[str, PolicyText]:
    """Of each document by slug its text with anchors and links, its citations both ways, its rules and standing."""
    outlines = {document.slug: read_outline(document) for document in documents}
    numbers = tuple(number_key(document.number) for document in documents if document.number)
    cited = {document.slug: read_citations(outlines[document.slug], numbers) for document in documents}
    asked = [citation_of(one.mention) for each in cited.values() for one in each if not one.mention.own]
    articles = Articles(
        documents,
        [*asked, *(rule.citation for rule in book.rules())],
        {slug: outline.parts for slug, outline in outlines.items()},
    )
    for document in documents:
        found = [replace(one, found=resolve(document, one.mention, articles)) for one in cited[document.slug]]
        cited[document.slug] = found
    labels = {slug: full_labels(outline.parts) for slug, outline in outlines.items()}
    backwards = _cited_by(documents, cited, labels)
    resting = _resting(book, articles)
    return {
        document.slug: PolicyText(
            status=standing_of(document, documents, as_of),
            pieces=annotate(document, outlines[document.slug], cited[document.slug]),
            parts=outlines[document.slug].parts,
            missing=tuple(_missing(cited[document.slug], articles)),
            cited_by=tuple(backwards.get(document.slug, ())),
            resting=resting.get(document.slug, {}),
            amendments=derive_amendments(document),
            ties=ties_of(document, documents),
        )
        for document in documents
    }


def policy_issues(documents: Sequence[Document], book: RuleBook) -> Iterator[Issue]:
    """Faults of documents that no schema can tell: numbers that do not follow, articles that rules cite in vain."""
    for document in documents:
        yield from outline_issues(document, document.file)
    yield from citation_issues(book, documents)


def _missing(cited: Sequence[Cited], articles: Articles) -> Iterator[Named]:
    """Documents that are cited and not published here, each once, in the order of the text."""
    named: list[Named] = []
    places: dict[str, int] = {}
    for one in cited:
        mention = one.mention
        if not mention.listed or one.found is not None or articles.find(citation_of(mention)) is not None:
            continue
        keys = [fold_title(key) for key in (mention.title, mention.number) if key]
        at = next((places[key] for key in keys if key in places), len(named))
        if at == len(named):
            named.append(Named(mention.title or None, mention.number or None))
        else:  # a title and its number may first stand apart
            known = named[at]
            named[at] = Named(known.title or mention.title or None, known.number or mention.number or None)
        places |= dict.fromkeys(keys, at)
    yield from named


def _cited_by(
    documents: Sequence[Document], cited: Mapping[str, Sequence[Cited]], labels: Mapping[str, Mapping[str, str]]
) -> Mapping[str, list[CitedBy]]:
    """By slug of the cited document: who cites it where, each place and article once."""
    found: dict[str, list[CitedBy]] = {}
    for document in documents:
        seen: set[CitedBy] = set()
        for one in cited[document.slug]:
            if one.found is None or one.found.document.slug == document.slug:
                continue
            part, target = one.part, one.found.part
            back = CitedBy(
                slug=document.slug,
                title=document.title,
                anchor=part.anchor if part else None,
                label=labels[document.slug][part.anchor] if part else "",
                article=one.mention.article,
                cited_anchor=target.anchor if target else None,
            )
            if back not in seen:
                seen.add(back)
                found.setdefault(one.found.document.slug, []).append(back)
    return found


def _resting(book: RuleBook, articles: Articles) -> Mapping[str, Mapping[str, tuple[Resting, ...]]]:
    """By slug and anchor the rules that cite the part; by "" those whose article cannot be told."""
    found: dict[str, dict[str, tuple[Resting, ...]]] = {}
    for rule in book.rules():
        place = articles.find(rule.citation)
        if place is not None:
            anchor = place.part.anchor if place.part else ""
            own = found.setdefault(place.document.slug, {})
            own[anchor] = (*own.get(anchor, ()), Resting(rule.id, rule.title))
    return found
