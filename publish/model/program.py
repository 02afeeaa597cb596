"""What this program is, told apart from others that have the same version, such as two checkouts."""

import hashlib
from functools import cache
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
