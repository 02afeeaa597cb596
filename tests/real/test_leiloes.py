"""A state's own data package, built through an overlay; not a byte of the package changes."""

import csv
import hashlib
import json
import re
import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import polars as pl
import pytest

HERE = Path(__file__).resolve().parent
DATA = Path("data/leiloes-2019-2023.csv")
KEY = ("ano", "leilao", "lote")
OUTSIDE = ("https://github.com/dados-mg/leiloes", "https://creativecommons.org/licenses/by/4.0/")


def digests(folder: Path) -> dict[str, str]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


@pytest.fixture(scope="module")
def root(
    shared_input: Callable[[str], Path], program: Callable[..., str], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """The site's root; the release is in `site/current` beside its content and data."""
    package = shared_input("leiloes")
    root = tmp_path_factory.mktemp("leiloes")
    shutil.copytree(HERE / "leiloes" / "content", root / "content")
    shutil.copytree(package, root / "data" / "leiloes")
    program("build.py", "build", "--root", root, "--out", root / "site", "--as-of", "2026-04-01")
    return root


@pytest.fixture(scope="module")
def rows(root: Path) -> list[dict[str, str]]:
    """The rows that may be published, read with Python's csv: their numbers are numbers, their key is theirs alone."""
    with (root / "data/leiloes" / DATA).open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream, delimiter=";"))
    seen = Counter(tuple(row[name] for name in KEY) for row in rows)
    whole, number = re.compile(r"-?[0-9]+"), re.compile(r"-?[0-9]+(\.[0-9]+)?")
    good = [row for row in rows if all(whole.fullmatch(row[name]) for name in (*KEY, "orgao_de_origem"))]
    good = [row for row in good if number.fullmatch(row["valor_lance_inicial"])]
    good = [row for row in good if seen[tuple(row[name] for name in KEY)] == 1]
    assert 0 < len(rows) - len(good) < 0.01 * len(rows), "the default share of bad records holds"
    return good


def test_the_package_is_untouched(root: Path, shared_input: Callable[[str], Path]) -> None:
    assert digests(root / "data/leiloes") == digests(shared_input("leiloes"))


def test_every_sound_lot_has_its_page(root: Path, rows: list[dict[str, str]]) -> None:
    assert len(list((root / "site/current/r").glob("*/*.html"))) == len(rows)


def test_downloads_hold_the_sound_lots(root: Path, rows: list[dict[str, str]]) -> None:
    folder = root / "site/current/data/leiloes/latest"
    expected = sorted(tuple(row.values()) for row in rows)
    names = list(rows[0])
    with (folder / "leiloes.csv").open(encoding="utf-8", newline="") as stream:
        published = list(csv.DictReader(stream))
    assert sorted(tuple(row[name] for name in names) for row in published) == expected
    parquet = pl.read_parquet(folder / "leiloes.parquet").select(pl.col(names).cast(pl.String))
    assert parquet.height == len(rows)
    lines = [json.loads(line) for line in (folder / "leiloes.ndjson").read_text(encoding="utf-8").splitlines()]
    assert sorted(line["descricao"] for line in lines) == sorted(row["descricao"] for row in rows)
    assert (folder / "leiloes.excel.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    assert (folder / "leiloes.xlsx").stat().st_size > 0


def test_outside_links_go_through_leaving_notices(root: Path) -> None:
    current = root / "site/current"
    notices = {path.name: path.read_text(encoding="utf-8") for path in (current / "leaving").glob("*.html")}
    for target in OUTSIDE:
        name = hashlib.sha256(target.encode()).hexdigest()[:16] + ".html"
        assert target in notices[name]
        assert f"/leaving/{name}" in (current / "datasets/leiloes/index.html").read_text(encoding="utf-8")
    anchor = re.compile(r"<a\b[^>]*\bhref=[\"']?(https?:)?//([^/\"'>\s]+)", re.IGNORECASE)
    for page in current.rglob("*.html"):
        if page.parent.name != "leaving":
            hosts = {urlsplit(f"//{match[1]}").hostname for match in anchor.findall(page.read_text(encoding="utf-8"))}
            assert hosts <= {"leiloes.example.org"}, page
