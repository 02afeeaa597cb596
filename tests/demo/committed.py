"""The committed demo data as tests read them: without frictionless and without the site's own loading."""

import gzip
from collections.abc import Iterator
from pathlib import Path

import polars as pl

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT / "data"
CONTENT = ROOT / "content"
PACKAGES = {
    "penalties": "datapackage.yaml",
    "licences": "datapackage.json",
    "blacklist": "datapackage.yaml",
    "redlist": "datapackage.json",
}


def read(folder: Path, package: str) -> pl.DataFrame:
    """The record table of a package, all columns String, decoded as we know it to be, whatever its descriptor says."""
    file = {"penalties": "penalties.csv", "licences": "licences.csv.gz", "blacklist": "blacklist.csv"}
    raw = (folder / package / file.get(package, "redlist.tsv")).read_bytes()
    raw = gzip.decompress(raw) if package == "licences" else raw
    text = raw.decode("gb18030" if package == "blacklist" else "utf-8-sig")
    return pl.read_csv(text.encode(), infer_schema=False, separator="\t" if package == "redlist" else ",")


def read_register(package: str, register: str) -> pl.DataFrame:
    """A committed register, all columns String; its column of record ids is called `record`."""
    raw = (DATA / package / f"{register}.csv").read_bytes()
    text = raw.decode("gb18030" if package == "blacklist" else "utf-8-sig")
    return pl.read_csv(text.encode(), infer_schema=False).rename(
        {"JLBH" if package == "penalties" else "MD_BH": "record"}
    )


def comparable(path: Path) -> bytes:
    """A file's bytes; packed ones unpacked, since zlib may pack better in another version of itself."""
    data = path.read_bytes()
    return gzip.decompress(data) if path.suffix == ".gz" else data


def files(folder: Path) -> list[str]:
    """Paths of all files below a folder, hidden ones left out, sorted."""
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file() and p.name[0] != ".")


def everything_written() -> Iterator[tuple[str, str]]:
    """Name and text of every file in data/ and content/."""
    for name in files(DATA):
        raw = comparable(DATA / name)
        yield name, raw.decode("gb18030" if name.startswith("blacklist/") and name.endswith(".csv") else "utf-8")
    for name in files(CONTENT):
        yield name, (CONTENT / name).read_text(encoding="utf-8")
