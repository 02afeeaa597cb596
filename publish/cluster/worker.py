"""What runs on a worker of a cluster: calls that lie in files of the shared folder, and what it tells of itself.

A worker sees nothing of the build but this program, which is installed there, and the shared folder.
"""

import hashlib
import json
import pickle
import platform
import secrets
import sys
import zlib
from collections.abc import Mapping
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path

from publish import __version__
from publish.model.artifact import written_whole
from publish.model.program import source_digest

# Packages that make bytes of a release on a worker.
PACKAGES = ("deflate", "markdown", "nh3", "numpy", "opencc", "polars")
TOKEN = "token"


class OtherProgramError(Exception):
    """A worker runs something else than the build: what it made could have other bytes."""


def run_call(call: str, result: str, wanted: str) -> None:
    """Do a call (a pickled function, its arguments, its named arguments) and write what it returns, pickled, whole.

    `wanted` is the fingerprint of the build. A worker that came later than the build is checked by this too. Raises
    OtherProgramError, and what the call raises.
    """
    if fingerprint() != wanted:
        raise OtherProgramError
    with Path(call).open("rb") as file:
        function, arguments, named = pickle.load(file)
    value = function(*arguments, **named)
    with written_whole(Path(result)) as new, new.open("wb") as file:
        pickle.dump(value, file, pickle.HIGHEST_PROTOCOL)


def introduce(folder: str, token: str) -> tuple[Mapping[str, str], str]:
    """What a worker is (see `facts`), and the file with `token` that it wrote into the shared folder.

    The name is empty if it cannot write there, or if the folder's file TOKEN does not hold `token`: then it is another
    folder of the same name.
    """
    name = secrets.token_hex(8)
    try:
        if (Path(folder) / TOKEN).read_text(encoding="utf-8") != token:
            return facts(), ""
        (Path(folder) / name).write_text(token, encoding="utf-8")
    except OSError:
        return facts(), ""
    return facts(), name


@lru_cache(maxsize=1)
def fingerprint() -> str:
    """Of all that the bytes of a release depend on beside its inputs, as far as workers make them: `facts`, hashed."""
    return hashlib.blake2b(json.dumps(facts(), sort_keys=True).encode(), digest_size=16).hexdigest()


@lru_cache(maxsize=1)
def facts() -> Mapping[str, str]:
    """Versions by name. The program's has a hash of its source, as two checkouts can have the same number."""
    return {
        "machine": f"{platform.machine()} {sys.byteorder}-endian",
        "python": platform.python_version(),
        "zlib": zlib.ZLIB_RUNTIME_VERSION,
        **{name: version(name) for name in PACKAGES},
        "gongshi": f"{__version__} ({source_digest()[:12]})",
    }
