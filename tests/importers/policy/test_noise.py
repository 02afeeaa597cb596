"""Noise put on clean documents is removed again: precision and recall by lines and by characters."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random

import pytest

from publish.importers.policy.cleaning import Cleaned
from tests.importers.policy import noise
from tests.importers.policy.cleandocs import CleanDocument, demo_documents, generated
from tests.importers.policy.conftest import CleanOf

SEEDS = 25


@dataclass
class Score:
    """Right, surplus and missing, in lines and in characters of the lines that are not right."""

    lines: list[int] = field(default_factory=lambda: [0, 0, 0])
    characters: list[int] = field(default_factory=lambda: [0, 0, 0])

    def add(self, expected: Sequence[str], found: Sequence[str]) -> None:
        for total, one, other in (
            (self.lines, Counter(map(_squeezed, expected)), Counter(map(_squeezed, found))),
            (self.characters, Counter(_squeezed("".join(expected))), Counter(_squeezed("".join(found)))),
        ):
            right = (one & other).total()
            total[0] += right
            total[1] += other.total() - right
            total[2] += one.total() - right

    @staticmethod
    def _of(total: list[int]) -> tuple[float, float]:
        return total[0] / (total[0] + total[1]), total[0] / (total[0] + total[2])

    def __str__(self) -> str:
        line, character = self._of(self.lines), self._of(self.characters)
        return (
            f"lines: precision {line[0]:.4f} recall {line[1]:.4f}, "
            f"characters: precision {character[0]:.4f} recall {character[1]:.4f}"
        )

    def least(self) -> tuple[float, float]:
        return min(self._of(self.lines)), min(self._of(self.characters))


def _squeezed(text: str) -> str:
    return "".join(text.split())


def _copy(document: CleanDocument, steps: Sequence[str], random: Random) -> list[str]:
    """The lines of a copy with these kinds of noise, from the inside out."""
    lines, title = [document.title, document.number], 1
    plain = [line for line in document.lines if isinstance(line, str)]
    if "broken" in steps:
        title = 2 if len(document.title) > 16 else 1
        lines = noise.broken([*lines, *plain], random)
    elif "wrapped" in steps:
        lines = noise.wrapped([*lines, *plain], random)
    else:
        lines += plain
    for line in document.lines:
        if not isinstance(line, str):
            lines += noise.one_cell_a_line(line, random)
    if "flattened" in steps:
        lines = noise.flattened(lines, random)
    if "traditional" in steps:
        lines = noise.traditional(lines)
    if "pinyin" in steps or "lost" in steps:
        lines = noise.with_pinyin(lines, random, lost="lost" in steps)
    if "tagged" in steps:
        lines = noise.tagged(lines, random)[1:]
    if "shelled" in steps:
        lines = noise.shelled(lines, random, title)
    return noise.spammed(lines, random) if "spammed" in steps else lines


def _expected(document: CleanDocument) -> list[str]:
    tables = ["\n".join(" | ".join(row) for row in line) for line in document.lines if not isinstance(line, str)]
    return [document.title, document.number, *(line for line in document.lines if isinstance(line, str)), *tables]


BOUNDS = {
    "": (0.999, 0.999),
    "flattened": (0.999, 0.999),
    "shelled": (0.999, 0.999),
    "spammed": (0.999, 0.999),
    "tagged": (0.999, 0.999),
    "broken": (0.99, 0.999),
    # A paragraph that ends where the paper does cannot be told from one that goes on.
    "wrapped": (0.98, 0.999),
    "traditional pinyin": (0.999, 0.999),
    "traditional lost": (0.999, 0.999),
    "broken flattened tagged shelled spammed": (0.99, 0.999),
    "broken flattened traditional pinyin shelled spammed": (0.99, 0.999),
    "broken flattened traditional lost tagged shelled spammed": (0.99, 0.999),
}


@pytest.mark.parametrize("kinds", BOUNDS)
def test_noise_is_removed(kinds: str, cleaned: CleanOf, texts: Callable[[Cleaned], list[str]]) -> None:
    steps = kinds.split()
    score = Score()
    for seed, document in enumerate([*demo_documents(), *map(generated, range(SEEDS))]):
        copy = _copy(document, steps, Random(seed))
        documents = cleaned("\n".join(copy), simplified="traditional" in steps)
        found = [text for one in documents for text in (one.head.title, one.head.number or "", *texts(one))]
        score.add(_expected(document), [text for text in found if text])
    print(f"\n{kinds or 'no noise'}: {score}")
    lines, characters = score.least()
    assert lines >= BOUNDS[kinds][0], score
    assert characters >= BOUNDS[kinds][1], score
