"""A tiny release to build: a few pages, its register and its ledger."""

from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from publish.model.public import EXIT_SCHEMA, LEDGER_SCHEMA, PUBLICATION_SCHEMA, Ledger, Publication
from publish.release.activate import Released
from publish.release.staging import staged_release
from publish.release.state import State
from publish.release.verify import Checks

AS_OF = date(2026, 5, 4)
KEY = "0123456789abcdef0123"
CHECKS = Checks("https://credit.example.test", ("gov.test",))
PAGES = {
    "/": b'<!doctype html><html><a href="/r/01/%s.html">x</a></html>' % KEY.encode(),
    f"/r/01/{KEY}.html": b'<!doctype html><html><a href="/">home</a></html>',
    "/robots.txt": b"User-agent: *\n",
}

Build = Callable[..., Released]


def publication_of(as_of: date = AS_OF, keys: tuple[str, ...] = (KEY,), exits: tuple[str, ...] = ()) -> Publication:
    records = pl.DataFrame(
        [("penalties", key, "甲公司", date(2027, 1, 1), None, False) for key in keys],
        schema=dict(PUBLICATION_SCHEMA),
        orient="row",
    )
    left = pl.DataFrame(
        [("k", "penalties", None, as_of, "expired", "《办法》第三十条", as_of, True) for _ in exits],
        schema=dict(EXIT_SCHEMA),
        orient="row",
    ).with_columns(pl.Series("key", list(exits), dtype=pl.String))
    return Publication(as_of, records, left, {"penalties": len(keys)})


def ledger_of(keys: tuple[str, ...] = ()) -> Ledger:
    rows = [("penalties", key, 2, None, "withheld", "rule", "《办法》", None) for key in keys]
    return Ledger(pl.DataFrame(rows, schema=dict(LEDGER_SCHEMA), orient="row"))


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "site"


@pytest.fixture
def build(out: Path) -> Build:
    def run(
        pages: Mapping[str, bytes] = PAGES, as_of: date = AS_OF, ledger: Ledger | None = None, link: bool = True
    ) -> Released:
        with staged_release(out, as_of, wait=False, link=link, durable=False) as release:
            for url, data in pages.items():
                release.write(url, data)
            return release.finish(State(publication_of(as_of), ledger or ledger_of()), {"records": 1}, CHECKS)

    return run


def tree(folder: Path) -> dict[str, bytes]:
    """Every file below a folder with its content, symlinked folders included."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def release(out: Path, as_of: date, page: bytes = b"<!doctype html>", publication: Publication | None = None) -> str:
    """One more release, with a single page; its name."""
    with staged_release(out, as_of, durable=False) as staged:
        staged.write("/", page)
        return staged.finish(State(publication or publication_of(as_of), ledger_of()), {"n": 1}, CHECKS).name
