"""Texts that were wrapped by hand at a width are whole again, however their paragraphs are set off."""

from collections import Counter

import pytest

from tests.importers.policy.conftest import CleanOf
from tests.importers.policy.test_copies import COPIES, lines_of, truth_of

NAMES = ("plan_wrapped", "flattened", "points")


def wrapped(line: str, indent: str, width: int) -> list[str]:
    text = indent + line
    return [text[at : at + width] for at in range(0, len(text), width)]


@pytest.mark.parametrize("indent", ["\u3000\u3000", "    "], ids=["wide", "spaces"])
@pytest.mark.parametrize("width", [26, 33, 42])
@pytest.mark.parametrize("name", NAMES)
def test_paragraphs(name: str, width: int, indent: str, cleaned: CleanOf) -> None:
    assert COPIES.is_dir()
    document = truth_of(name)["documents"][-1]
    plain = [document["title"], *document["body"].splitlines()]
    copy = [document["title"], *(part for line in plain[1:] for part in wrapped(line, indent, width))]
    expected = Counter(line for one in cleaned("\n".join(plain)) for line in lines_of(one))
    found = Counter(line for one in cleaned("\n".join(copy)) for line in lines_of(one))
    lost = (expected - found).total() / expected.total()
    print(f"{name}, {width} characters: {lost:.3f} of {expected.total()} paragraphs not whole")
    assert lost <= 0.1
