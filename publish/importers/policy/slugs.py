"""Addresses of imported documents: ASCII, of the number where there is one, and the same at every import."""

import hashlib
import re
from collections.abc import Callable

from publish.importers.policy.forms import folded_name
from publish.importers.policy.heads import Head

_DIGITS = 8


def slug_of(head: Head, parent: str, taken: dict[str, int], simplify: Callable[[str], str]) -> str:
    """`2015-2-1f0c33aa` for 平信用〔2015〕2号, `order-58-…` for an order, `doc-…` without a number, `…-annex-2`.

    The hash is of number and title, simplified and without brackets, marks and white space: who prints them otherwise
    gets the same.
    `parent`: the slug of the covering document. `taken` counts what was given, and is written.
    """
    if parent:
        base = f"{parent}-annex"
        return _free(base, taken)
    number = head.number or ""
    digest = hashlib.sha256(folded_name(simplify(f"{number} {head.title}")).encode()).hexdigest()[:_DIGITS]
    found = re.search(r"〔(\d{4})〕(?:第)?(\d+)[号號]$", number)
    order = re.search(r"令.*?第\s?(\d+)\s?[号號]$", number)
    if found:
        return _free(f"{found[1]}-{found[2]}-{digest}", taken)
    return _free(f"order-{order[1]}-{digest}" if order else f"doc-{digest}", taken)


def _free(base: str, taken: dict[str, int]) -> str:
    """`base`, or `base`-2 and so on if it was given before."""
    taken[base] = count = taken.get(base, 0) + 1
    return base if count == 1 else f"{base}-{count}"
