"""Packed bytes without what no value can be in: the same is found in them as in all of them."""

import random
from collections.abc import Iterator, Sequence

import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st

from publish.model.sieve import Sieve
from publish.release import packed_bytes
from publish.release.matching import Search
from publish.release.packed_bytes import texts_of

VALUES = (
    "秘密的值",
    "Ab3456",
    "张三",
    "AB12345678",
    "XY123456789",
    "a张三丰",
    "第一行\n第二行",
    "éÀÿñ𠀀中x",
    "长" * 600,
)
ESCAPED = (b"\\u79d8\\u5bc6\\u7684\\u503c", b"&#x5f20;&#19977;", b"%E5%BC%A0%E4%B8%89", b"Ab&#51;456", b"&#65;b3456")
# What may stand beside a value in packed bytes: halves of characters, and what no text has.
BESIDE: tuple[bytes, ...] = (
    b"",
    b"\xff",
    b"\x80",
    b"\x80\x80\x80",
    b"\xe4",
    b"\xe4\xb8",
    b"\xf0\x9f",
    b"\xf0",
    b"\xff\x80",
    b"\xc3A",
    b"text ",
    "字".encode(),
)
BESIDE += (b"\x80\x80\x80abcde", b"12345\xe4", b"12345678\xff", b"\x00\x01")


def blocks_of(data: bytes, size: int) -> Iterator[bytes]:
    return (data[at : at + size] for at in range(0, len(data), size))


def found(blocks: Iterator[bytes]) -> int:
    search = Search([Sieve.of([value.encode() for value in VALUES])], None, frozenset(), 2)
    search.add_blocks("file", "", blocks)
    search.flush()
    return search.found.total()


def noise(seed: int, size: int) -> bytes:
    return random.Random(seed).randbytes(size)


pieces = st.one_of(
    st.sampled_from([value.encode() for value in VALUES]),
    st.sampled_from(ESCAPED),
    st.sampled_from(BESIDE),
    st.builds(noise, st.integers(0, 99), st.integers(0, 300)),
    st.binary(max_size=12),
)


@given(st.lists(pieces, max_size=12), st.sampled_from((1 << 20, 997, 230)))
@settings(max_examples=300, deadline=None)
@example([noise(1, 200), b"\x80\x80\x80abcde", b"Ab3456", b" bcdefg\xe4", noise(2, 300)], 1 << 20)
@example([noise(1, 230 - 60), "长".encode() * 600, noise(2, 200)], 230)
@example([noise(1, 60), b"\xff", "秘密的值".encode(), b"\xff", noise(2, 200)], 1 << 20)
@example([noise(1, 200), b"\xf0", b"AB12345678", b"\x80", noise(2, 300)], 1 << 20)
@example([noise(1, 200), b"\xff", b"XY123456789", b"\x80", noise(2, 300)], 1 << 20)
@example([noise(1, 200), b"\xe4", b"AB12345678", b"\xff", noise(2, 300)], 1 << 20)
def test_the_same_is_found(parts: Sequence[bytes], size: int) -> None:
    data = b"".join(parts)
    assert found(texts_of(blocks_of(data, size))) == found(blocks_of(data, size))


def test_values_of_ten_bytes_are_found_anywhere() -> None:
    lots = random.Random(7)
    for number in range(500):
        value = lots.choice(["AB12345678", "XY123456789", "a张三丰"]).encode()
        data = noise(number, 300) + lots.randbytes(5) + value + lots.randbytes(5) + noise(number + 1, 300)
        assert found(texts_of(iter([data]))) == found(iter([data]))


def test_text_stays_and_noise_goes() -> None:
    text = "公开的文字, public text.\n".encode() * 30_000
    assert b"".join(texts_of(iter([text]))) == text
    packed = noise(3, 1 << 20)
    assert len(b"".join(texts_of(iter([packed])))) < len(packed) // 8
    assert b"".join(texts_of(iter([b""]))) == b""


@given(st.lists(st.booleans(), min_size=12, max_size=60), st.integers(1, 9))
def test_so_many_that_follow(flags: Sequence[bool], count: int) -> None:
    own = packed_bytes._all_of(np.array(flags), count)
    assert own.tolist() == [all(flags[at + 1 : at + 1 + count]) for at in range(len(flags) - count)]
