"""The sieve against bytes.find, in small alphabets where everything overlaps; its memory; its copies on disk."""

import random
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from publish.model import sieve as sieve_module
from publish.model import sieve_building, sieve_windows
from publish.model.sieve import Sieve, hits_of
from publish.model.sieve_windows import MAX_BYTES, MIN_BYTES


def is_word(byte: int) -> bool:
    return chr(byte).isascii() and chr(byte).isalnum()


def naive(data: bytes, values: Sequence[bytes]) -> set[tuple[int, int]]:
    """Position and length of every hit, by bytes.find."""
    found = set()
    for value in {value[:MAX_BYTES] for value in values}:
        at = data.find(value)
        while at >= 0:
            end = at + len(value)
            begins = not (is_word(value[0]) and at and is_word(data[at - 1]))
            ends = len(value) == MAX_BYTES or not (is_word(value[-1]) and end < len(data) and is_word(data[end]))
            if begins and ends:
                found.add((at, len(value)))
            at = data.find(value, at + 1)
    return found


def hits(sieve: Sieve, data: bytes) -> set[tuple[int, int]]:
    found = sieve.hits(data)
    spans = list(zip(found.positions.tolist(), found.lengths.tolist(), strict=True))
    assert len(spans) == len(set(spans)), "each hit once"
    assert spans == sorted(spans)
    return set(spans)


def can_be_held(value: bytes) -> bool:
    return len(value) >= MIN_BYTES and (is_word(value[0]) or value[0] >= 0xC0)


texts = st.sampled_from(["ab1 .", "张三李ab ", "张三李四", "01a-张", "aaaa"]).flatmap(
    lambda alphabet: st.text(alphabet, min_size=10, max_size=400)
)


@settings(max_examples=200, deadline=None)
@given(texts, st.data())
def test_hits_are_those_of_find(text: str, data: st.DataObject) -> None:
    encoded = text.encode()
    spans = data.draw(
        st.lists(st.tuples(st.integers(0, len(encoded)), st.sampled_from([6, 7, 11, 12, 13, 24, 47, 96])))
    )
    values = [encoded[at : at + size] for at, size in spans] + [b"strange value"]
    values = [value for value in values if can_be_held(value)]
    assert hits(Sieve.of(values), encoded) == naive(encoded, values)


# Characters of one to four bytes, whole and broken, and what stands beside words.
OCTETS = [b"a", b"7", b" ", b"-", b"\0", b"\x80", b"\xbf", b"\xc3", b"\xe5", b"\xf0", b"\xff", b"\xe5\xbc"]
OCTETS += [one.encode() for one in ("é", "张", "三", "𠮷")]


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from(OCTETS), min_size=8, max_size=80).map(b"".join), st.booleans(), st.data())
def test_hits_in_broken_text(text: bytes, only_whole: bool, data: st.DataObject) -> None:
    """Values that end with whole characters, or anywhere, in what is no UTF-8; whatever stands beside them, and
    wherever the text is cut to be looked at."""
    spans = data.draw(st.lists(st.tuples(st.integers(0, len(text)), st.sampled_from([6, 7, 8, 9, 12, 13, 15, 25]))))
    values = [text[at : at + size] for at, size in spans]
    if only_whole:
        values = [value.decode(errors="ignore").encode() for value in values] + ["张三丰".encode()]
    values = [value for value in values if can_be_held(value)]
    sieve = Sieve.of(values)
    assert not only_whole or sieve._tables.are_whole
    with pytest.MonkeyPatch.context() as patch:
        if data.draw(st.booleans()):
            patch.setattr(sieve_module, "_SCAN", 40)
            patch.setattr(sieve_module, "_NEAR", data.draw(st.sampled_from([3, 7, 16])))
        assert hits(sieve, text) == naive(text, values)
        grown = Sieve.of(values[::2]).with_more(
            pl.Series(values[1::2], dtype=pl.Binary), np.zeros(len(values[1::2]), np.uint16)
        )
        assert hits(grown, text) == naive(text, values)
        whole = [value for value in values if value.decode(errors="ignore").encode() == value]
        sets = [
            (sieve, values),
            (Sieve.of([]), []),
            (Sieve.of(whole), whole),
            (Sieve.of(values[:3], key=b"k"), values[:3]),
        ]
        for found, (one, its) in zip(hits_of([one for one, _ in sets], text), sets, strict=True):
            spans = zip(found.positions.tolist(), found.lengths.tolist(), strict=True)
            assert set(spans) == naive(text, its)
            assert found.ids.tolist() == one.hits(text).ids.tolist()


@pytest.mark.parametrize("seed", range(4))
def test_long_texts_in_small_pieces(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Values of every level, across the borders of the pieces in which texts and values are worked on."""
    monkeypatch.setattr(sieve_module, "_SCAN", 1000)
    monkeypatch.setattr(sieve_module, "_NEAR", 170)
    monkeypatch.setattr(sieve_windows, "_NEAR", 130)
    monkeypatch.setattr(sieve_building, "AT_ONCE", 7)
    chance = random.Random(seed)
    text = "".join(chance.choice("张三a1 ") for _ in range(20_000)).encode()
    sizes = [6, 12, 23, 24, 25, 48, 100, 200, 383, 384, 767, 768, 1535, 1536, 1537, 5000]
    values = [text[at : at + size] for size in sizes for at in (chance.randrange(len(text)) for _ in range(8))]
    values = [value for value in values if can_be_held(value)]
    sieve = Sieve.of(values)
    found = hits(sieve, text)
    assert found == naive(text, values)
    assert {size for _, size in found} >= {6, 1536}


@pytest.mark.parametrize("at", [0, 990, 994, 999, 1000, 1001, 1993, 3994])
def test_values_at_borders(at: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sieve_module, "_SCAN", 1000)
    monkeypatch.setattr(sieve_module, "_NEAR", 170)
    for value in (b"abc123", "张三丰的住址".encode(), b"x" * 1600):
        data = (b" " * at + value).ljust(max(4000, at + len(value)))
        assert hits(Sieve.of([value]), data) == {(at, min(len(value), MAX_BYTES))}
        assert not hits(Sieve.of([b"y" + value]), data)


def test_words_are_whole() -> None:
    sieve = Sieve.of([b"12345678", "张三丰".encode(), "A座十二".encode()])
    assert hits(sieve, b"12345678") == hits(sieve, b"12345678-9") == {(0, 8)}
    for text in ("912345678", "123456789", "a12345678", "12345678Z", "BA座十二"):
        assert not hits(sieve, text.encode())
    for text in ("1张三丰2", "号12345678号", "的A座十二9"):
        assert len(hits(sieve, text.encode())) == 1


def test_nothing_is_found_where_nothing_is() -> None:
    """A hundred thousand values and some megabytes of noise: no false alarm."""
    chance = random.Random(5)
    values = [f"{chance.randrange(10**11, 10**12)}".encode() for _ in range(50_000)]
    values += ["".join(chr(chance.randrange(0x4E00, 0x9FA5)) for _ in range(4)).encode() for _ in range(50_000)]
    sieve = Sieve.of(values)
    noise = np.random.default_rng(5).bytes(2_000_000)
    chinese = "".join(map(chr, np.random.default_rng(6).integers(0x4E00, 0x9FA5, 700_000).tolist())).encode()
    for data in (noise, noise.hex().encode(), chinese, " ".join(map(str, range(300_000))).encode()):
        assert len(sieve.hits(data)) == 0
    assert len(sieve.hits(noise + b" " + values[7] + b" " + noise)) == 1


def test_owners_are_told_and_the_first_keeps_a_value() -> None:
    sieve = Sieve.of([b"first value", b"second value", b"first value"], [7, 8, 9])
    assert len(sieve) == 2
    found = sieve.hits(b"second value, first value")
    assert sieve.owners[found.ids].tolist() == [8, 7]


def test_values_can_be_taken_out() -> None:
    sieve = Sieve.of([b"first value", b"second value", "第三个值".encode()])
    less = sieve.without(sieve.hits(b"second value").ids)
    assert len(less) == 2
    assert hits(less, "first value second value 第三个值".encode()) == {(0, 11), (25, 12)}
    nothing = sieve.without(np.arange(3))
    assert len(nothing) == 0
    assert not hits(nothing, b"first value")


def test_the_empty_sieve_finds_nothing() -> None:
    assert len(Sieve.of([]).hits(b"some text")) == 0
    assert len(Sieve.of([b"a value"]).hits(b"")) == 0


@pytest.mark.parametrize("value", [b"", b"short", b" leading", b"(bracket", b"\x80\x80\x80\x80\x80\x80"])
def test_what_cannot_be_looked_for_is_refused(value: bytes) -> None:
    with pytest.raises(ValueError):
        Sieve.of([b"fine value", value])
    with pytest.raises(ValueError):
        Sieve.of([b"fine value"], [1, 2])


def test_no_value_is_in_it(tmp_path: Path) -> None:
    values = pl.Series([f"秘密第{number}号之住址" for number in range(20_000)])
    sieve = Sieve.of(values, key=b"secret")
    assert sieve.nbytes < 64 * len(values)  # the tables of a small set are emptier, see test_memory_a_value
    sieve.save(tmp_path / "saved")
    assert (tmp_path / "saved").stat().st_mode & 0o077 == 0
    stored = b"".join(path.read_bytes() for path in (tmp_path / "saved").iterdir())
    assert "秘密".encode() not in stored
    loaded = Sieve.load(tmp_path / "saved")
    text = "。".join(values[:50]).encode()
    assert hits(loaded, text) == hits(sieve, text)
    assert len(hits(loaded, text)) == 50


def test_the_key_changes_the_hashes(tmp_path: Path) -> None:
    for name in ("a", "b"):
        Sieve.of([b"some value"], key=name.encode()).save(tmp_path / name)
    assert (tmp_path / "a" / "keys.npy").read_bytes() != (tmp_path / "b" / "keys.npy").read_bytes()


def test_memory_a_value() -> None:
    numbers = np.random.default_rng(1).permutation(200_000)
    values = pl.Series([f"13{number:09d}" for number in numbers] + [f"江苏省某市某路{number}号" for number in numbers])
    assert Sieve.of(values).nbytes / len(values) < 24


@pytest.mark.parametrize("seed", range(6))
def test_more_values(seed: int) -> None:
    """A set that grew finds what one made at once finds; longer values than it had, and values that it had, too."""
    dice = random.Random(seed)
    texts = ["".join(dice.choices(["甲", "乙丙", "丁1", "ab", "7", "x-"], k=dice.randint(6, 60))) for _ in range(200)]
    values = pl.Series([text for text in texts if text[0] not in "-"])
    first, more = values.head(60 if seed % 2 else 0), values.tail(120)
    owners = np.arange(len(values), dtype=np.uint16)
    small = Sieve.of(first, owners[: len(first)], b"key")
    grown = small.with_more(more, owners[-120:])
    every = pl.concat([first, more])
    whole = Sieve.of(every, np.concatenate([owners[: len(first)], owners[-120:]]), b"key")
    assert grown.keys.tolist() == whole.keys.tolist()
    assert grown.owners.tolist() == whole.owners.tolist()
    data = " ".join(dice.sample(every.to_list(), 50)).encode()
    one, other = grown.hits(data), whole.hits(data)
    assert len(one) >= 50
    assert (one.positions.tolist(), one.lengths.tolist(), one.ids.tolist()) == (
        other.positions.tolist(),
        other.lengths.tolist(),
        other.ids.tolist(),
    )
    assert small.keys.tolist() == Sieve.of(first, key=b"key").keys.tolist(), "what it grew from is as it was"
    assert len(grown.with_more(every.head(0), owners[:0])) == len(grown)
