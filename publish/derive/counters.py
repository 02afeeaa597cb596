"""Which counter of a document stands in which, and where each begins anew, told by how their numbers run."""

from collections.abc import Callable, Hashable, Sequence
from functools import cmp_to_key

from publish.model.outline import Form

_RANK = {form: rank for rank, form in enumerate(Form)}
Chain = Sequence[tuple[Form, Hashable]]


def inner_first(numbers: Sequence[tuple[Form, int]]) -> Callable[[Form, Form], bool]:
    """`outer(a, b)`: whether parts of form `a` hold parts of form `b`.

    As official documents have it (一、 （一） 1. （1） ①), unless a document's numbers show it to be otherwise: where
    2. follows after （一）, （二） and never （二） after 1., 2., it is 1. that holds （一）.
    """
    goes_on: set[tuple[Form, Form]] = set()
    last: dict[Form, int] = {}
    since: dict[Form, set[Form]] = {}
    for form, number in numbers:
        if last.get(form) == number - 1:
            for other in since[form] - {form}:
                # What holds both of them begins both anew.
                between = since[form] - {form, other}
                if all(_RANK[one] > min(_RANK[form], _RANK[other]) for one in between):
                    goes_on.add((form, other))
        for seen in since.values():
            seen.add(form)
        last[form], since[form] = number, set()

    def outer(one: Form, other: Form) -> bool:
        if one is other:
            return False
        usual = _RANK[one] < _RANK[other]
        first, second = (one, other) if usual else (other, one)
        turned = first is not Form.ANNEX and (second, first) in goes_on and (first, second) not in goes_on
        return usual != turned

    return outer


def scopes_of(form: Form, numbers: Sequence[int], chains: Sequence[Chain]) -> list[int | None]:
    """Of each part of one form the place in its chain of the part in which its counter began; None: the document.

    `chains` are what the parts stand in, outermost first. Of all ways to cut the numbers into runs of 1, 2, 3, … the
    one with the fewest faults is taken; where several have as few, a counter begins anew under what it stands in if
    that has no faults, else it runs as far as can be. Articles run through.
    """
    held = {other for chain in chains for other, _ in chain}

    def before(one: Form, other: Form) -> int:
        return _before(one, other, chains)

    order = sorted(held, key=cmp_to_key(before))
    places = [[_place(chain, frozenset(order[:count])) for chain in chains] for count in range(len(order) + 1)]
    first = 1 if order and order[0] is Form.ANNEX else 0  # an annex is a text of its own
    found = [_faults(numbers, chains, each) for each in places]
    if form is not Form.ARTICLE and found[-1] == 0:
        return places[-1]
    best = min(found[first:])
    return places[first + found[first:].index(best)]


def _before(one: Form, other: Form, chains: Sequence[Chain]) -> int:
    """-1 if `one` stands outside of `other` in the chains, 1 the other way round; by rank where they do not meet."""
    for chain in chains:
        forms = [form for form, _ in chain]
        if one in forms and other in forms:
            return -1 if forms.index(one) < forms.index(other) else 1
    return -1 if _RANK[one] < _RANK[other] else 1


def _place(chain: Chain, forms: frozenset[Form]) -> int | None:
    """The innermost place of a chain that is of one of the forms."""
    return max((place for place, (form, _) in enumerate(chain) if form in forms), default=None)


def _faults(numbers: Sequence[int], chains: Sequence[Chain], places: Sequence[int | None]) -> int:
    """How often a number is not the one after that before it in its scope."""
    last: dict[Hashable, int] = {}
    faults = 0
    for number, chain, place in zip(numbers, chains, places, strict=True):
        scope = None if place is None else chain[place][1]
        faults += number not in (last.get(scope, 0), last.get(scope, 0) + 1) or (number == 0)
        last[scope] = number
    return faults
