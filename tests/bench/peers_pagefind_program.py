"""Pagefind itself: getting it from npm, its index over a site that is there, and how much it wrote."""

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any, Final

from tests.bench.city import COLUMNS
from tests.bench.measured import Limits, run

VERSION: Final = "1.6.0"
# What our search looks at, on a page that shows all fields by their own names; its heading is the document number.
_SEARCHED: Final = ("CF_XDR_MC", "CF_XDR_SHXYM", "CF_WFXW", "CF_SY", "CF_CFJG")


class MissingPeerError(RuntimeError):
    """Pagefind cannot be had here; the message says why."""


def installed(folder: Path) -> Path:
    """The program, from the npm package of this platform."""
    npm = shutil.which("npm")
    if npm is None:
        raise MissingPeerError("npm is not installed; Pagefind is distributed through it")
    folder.mkdir(parents=True)
    command = [npm, "install", "--no-audit", "--no-fund", "--prefix", str(folder), f"pagefind@{VERSION}"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    except subprocess.TimeoutExpired:
        raise MissingPeerError("npm did not answer within five minutes") from None
    if done.returncode:
        codes = re.findall(r"npm (?:error|ERR!) code (\w+)", done.stderr)
        raise MissingPeerError(f"npm cannot install pagefind@{VERSION}: {', '.join(codes) or 'unknown error'}")
    programs = sorted(folder.glob("node_modules/@pagefind/*/bin/pagefind_extended"))
    if not programs:
        raise MissingPeerError(f"pagefind@{VERSION} brings no program for this platform")
    return programs[0]


def index_site(folder: Path, site: Path, files: str, pages: int, limits: Limits) -> dict[str, Any]:
    """Figures of an index of a site that is there: of its `files` (a pattern) with a record each, of the fields in
    them that our search looks at. The program goes into `folder`. Raises MissingPeerError; RuntimeError beyond the
    limits, or if it has not as many `pages`."""
    program = installed(folder / "npm")
    fields = (f"dl.values > div:nth-child({at})" for at, name in enumerate(COLUMNS, 1) if name not in _SEARCHED)
    ignored = ("section", "p", "dt", *fields)
    options = ("--root-selector", "main", "--exclude-selectors", ", ".join(ignored))
    done = run((program, "--site", site, "--glob", files, *options, "--quiet"), limits=limits).needed()
    written = sizes(site)
    if written["fragment_files"] != pages:
        raise RuntimeError(f"its index has {written['fragment_files']} pages of {pages}")
    return {"peer": f"pagefind {VERSION}", **done.figures(), **written}


def sizes(site: Path) -> dict[str, int]:
    """What it wrote. What it writes for its own widgets is not counted: a page that asks needs none of that."""
    output = site / "pagefind"
    needed = [*output.glob("*/*"), *output.glob("*.pf_meta"), *output.glob("wasm.*")]
    needed += [output / name for name in ("pagefind.js", "pagefind-worker.js", "pagefind-entry.json")]
    known = {file.relative_to(output).as_posix(): file.stat().st_size for file in needed if file.is_file()}
    return {
        "files": len(known),
        "bytes": sum(known.values()),
        "index_files": sum(name.startswith("index/") for name in known),
        "index_bytes": sum(size for name, size in known.items() if name.startswith("index/")),
        "meta_bytes": sum(size for name, size in known.items() if name.endswith(".pf_meta")),
        "fragment_files": sum(name.startswith("fragment/") for name in known),
        "fragment_bytes": sum(size for name, size in known.items() if name.startswith("fragment/")),
    }
