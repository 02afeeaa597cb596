"""The oracle of the ranking: what it says is itself checked by hand."""

import pytest

from publish.model.document import Document
from tests.ranking import kendall_tau, whoosh_order


@pytest.mark.parametrize(
    ("one", "other", "tau"),
    [
        ("abcd", "abcd", 1.0),
        ("abcd", "dcba", -1.0),
        ("abcd", "bacd", 2 / 3),
        ("abcd", "badc", 1 / 3),
        ("axbc", "ycba", -1.0),
        ("a", "a", 1.0),
        ("ab", "cd", 1.0),
    ],
)
def test_kendall(one: str, other: str, tau: float) -> None:
    assert kendall_tau(one, other) == pytest.approx(tau)
    assert kendall_tau(other, one) == pytest.approx(tau)


def test_an_order_has_each_item_once() -> None:
    with pytest.raises(ValueError, match="twice"):
        kendall_tau("aa", "ab")


def test_whoosh_puts_titles_before_texts_and_short_texts_before_long_ones() -> None:
    documents = [
        Document("long", "甲", "# 一 {#a}\n\n" + "其他的许多话。" * 20 + "信用修复。"),
        Document("short", "乙", "信用修复。"),
        Document("title", "信用修复", "丙"),
        Document("none", "丁", "戊"),
    ]
    assert whoosh_order(documents, "信用 修复") == [
        "/policies/title.html",
        "/policies/short.html",
        "/policies/long.html#a",
    ]
