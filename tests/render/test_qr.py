"""QR codes: the modules are those of segno, at every length, and the path data paints them and nothing else."""

import random
import string

import polars as pl
import pytest

from publish.render.qr import qr_paths, qr_sizes
from publish.render.qr_masks import best_masks
from publish.render.qr_symbol import VERSIONS, version_of
from tests.render.qrcheck import matrix_of, painted

URL = string.ascii_letters + string.digits + "-._~:/?#[]@!$&'()*+,;=%"
CODE = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def text(length: int, seed: int = 0) -> str:
    return "".join(random.Random(1000 * seed + length).choices(URL, k=length))


def subjects(count: int) -> pl.Series:
    chosen = random.Random(1)
    codes = ["".join(chosen.choices(CODE, k=18)) for _ in range(count)]
    return pl.Series([f"https://credit.example/s/{code[-2:]}/{code}.html" for code in codes])


@pytest.mark.parametrize("version", VERSIONS, ids=lambda version: str(version.number))
def test_codes_equal_those_of_segno_at_every_length(version: object) -> None:
    lengths = [length for length in range(1, VERSIONS[-1].capacity + 1) if version_of(length) == version]
    addresses = pl.Series([text(length) for length in lengths])
    for address, path, size in zip(addresses, qr_paths(addresses), qr_sizes(addresses), strict=True):
        assert painted(path, size) == matrix_of(address)[0], len(address)


def test_codes_of_subjects_equal_those_of_segno() -> None:
    addresses = subjects(20)
    for address, path, size in zip(addresses, qr_paths(addresses), qr_sizes(addresses), strict=True):
        assert painted(path, size) == matrix_of(address)[0]


def test_codes_of_every_mask_equal_those_of_segno() -> None:
    addresses = pl.Series([text(14, seed) for seed in range(150)])
    masks = set()
    for address, path in zip(addresses, qr_paths(addresses), strict=True):
        modules, mask = matrix_of(address)
        assert painted(path, len(modules)) == modules
        masks.add(mask)
    assert masks == set(range(8))


def test_addresses_of_any_lengths_keep_their_order() -> None:
    """Also where there are more than are worked on at once, and where an address is there twice."""
    addresses = pl.concat([subjects(5000), pl.Series([text(length) for length in (7, 300, 90, 7)]), subjects(3)])
    mixed = addresses.sample(fraction=1, shuffle=True, seed=3)
    paths = dict(zip(mixed, qr_paths(mixed), strict=True))
    some = addresses[[0, 1, 2, 2047, 2048, 4999, 5000, 5002]]
    assert [paths[address] for address in some] == [qr_paths(pl.Series([address])).item() for address in some]
    assert paths[text(300)] is None


def test_what_is_too_long_or_nothing_has_no_code() -> None:
    addresses = pl.Series([text(213), text(214), "", None, text(1)])
    assert qr_sizes(addresses).to_list() == [65, None, None, None, 29]
    assert [path is None for path in qr_paths(addresses)] == [False, True, True, True, False]
    assert qr_paths(pl.Series([], dtype=pl.String)).to_list() == []
    assert qr_sizes(pl.Series([], dtype=pl.String)).dtype == pl.UInt8


def test_an_address_is_encoded_as_utf8() -> None:
    addresses = pl.Series(["https://信用.example/s/1X/91110108551385081X.html"])
    assert painted(qr_paths(addresses).item(), qr_sizes(addresses).item()) == matrix_of(addresses.item())[0]


def test_the_first_of_equal_masks_is_taken() -> None:
    blank = pl.Series([0] * 21, dtype=pl.UInt64).to_numpy()[:, None]
    assert best_masks(blank, pl.Series([0] * 168, dtype=pl.UInt64).to_numpy().reshape(8, 21)).tolist() == [0]
