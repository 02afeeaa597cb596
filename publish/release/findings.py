"""Findings of a scan as issues: where, of which field, how often; never the value, nor a place that would tell it."""

import os
from collections import Counter
from collections.abc import Iterator, Sequence

from publish.model.issue import Issue, Level
from publish.model.private_values import PrivateValues
from publish.model.sieve import Sieve
from publish.model.unescaping import unescaped
from publish.release.faults import place
from publish.release.matching import NOT_SCANNABLE, PATTERN, Finding, PatternFinder, spans

PRIVATE_VALUE = "release.private-value"
_SHOWN = 20

_LEAK = (
    "holds a private value of this field: it is not public, and no public data or text has it; nothing was published; "
    "look at the templates and at the field's publicity class"
)
_PERSONAL = (
    "holds what looks like personal data ({}); mask it in the source, or name it in a public text if it is meant"
)


class _Namer:
    """Names places in issues: without what a private value or a pattern in them would tell."""

    def __init__(self, sieves: Sequence[Sieve], patterns: PatternFinder | None) -> None:
        self._sieves = sieves
        self._patterns = patterns

    def name(self, finding: Finding) -> str:
        return " ".join(self._redacted(text) for text in (place(finding.path), finding.part) if text)

    def _redacted(self, name: str) -> str:
        data = unescaped(os.fsencode(name))
        hidden = {
            at for sieve in self._sieves for begin, size in spans(sieve.hits(data)) for at in range(begin, begin + size)
        }
        text = bytes(0x2A if at in hidden else byte for at, byte in enumerate(data)).decode(errors="replace")
        for _, begin, end in self._patterns(text) if self._patterns else ():
            text = text[:begin] + "*" * (end - begin) + text[end:]
        return text if "*" in text else name


def issues_of(found: Counter[Finding], private: PrivateValues, patterns: PatternFinder | None) -> Iterator[Issue]:
    """At most so many issues with a place, and how many more there are."""
    namer = _Namer(private.sieves, patterns)
    ordered = sorted(found)
    for finding in ordered[:_SHOWN]:
        yield _issue(finding, found[finding], private, namer.name(finding))
    rest = ordered[_SHOWN:]
    for code in sorted({_code(finding) for finding in rest}):
        more = sum(found[finding] for finding in rest if _code(finding) == code)
        yield Issue(code, Level.ERROR, "more like those before", count=more)


def _code(finding: Finding) -> str:
    special = {NOT_SCANNABLE: "release.not-scannable", PATTERN: "release.personal-pattern"}
    return special.get(finding.owner, PRIVATE_VALUE)


def _issue(finding: Finding, count: int, private: PrivateValues, where: str) -> Issue:
    code = _code(finding)
    if finding.owner == NOT_SCANNABLE:
        return Issue(code, Level.ERROR, f"{finding.what}; nothing is proven of it, so it is not published", file=where)
    if finding.owner == PATTERN:
        return Issue(code, Level.ERROR, _PERSONAL.format(finding.what), file=where, count=count)
    of = private.places[finding.owner]
    return Issue(
        code, Level.ERROR, _LEAK, file=where, package=of.package, resource=of.resource, field=of.field, count=count
    )
