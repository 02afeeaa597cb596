"""What this program is, told apart from others that have the same version, such as two checkouts."""

import hashlib
import sys
import zlib
from functools import cache
from importlib import metadata
from pathlib import Path


@cache  # what is at work is what was there when it began, whatever takes its place on the disk meanwhile
def source_digest() -> str:
    """A hash of its source, and of what lies beside it: names and contents of all modules and schemas, as they were
    when this process first asked."""
    digest = hashlib.blake2b(digest_size=16)
    package = Path(__file__).resolve().parents[1]
    for path in sorted(path.relative_to(package) for path in package.rglob("*") if path.suffix in {".py", ".yaml"}):
        digest.update(str(path).encode() + b"\0" + (package / path).read_bytes() + b"\0")
    return digest.hexdigest()


@cache  # it reads a file, and several memories of a build ask
def version(library: str) -> str:
    """The version of an installed library, as it was when this process first asked."""
    return metadata.version(library)


def made_by(*libraries: str) -> str:
    """A digest of this program and the versions of `libraries`, among which may be `python` and `zlib`: by which a
    memory tells that it was made by the very same."""
    own = {"python": sys.version, "zlib": zlib.ZLIB_RUNTIME_VERSION}
    versions = [own[name] if name in own else version(name) for name in libraries]
    return hashlib.blake2b(repr((source_digest(), versions)).encode(), digest_size=16).hexdigest()
