"""What disclosure leaves for the next build, beside the releases: keyed hashes of rows, which of their texts masking
changes and where, and hashes of the names that they were searched for. It changes no byte of a release and may be
removed.
"""

from publish.disclose.quiet import TextMemory
from publish.model.kept import Naming
from publish.model.program import made_by
from publish.release.searched import keep_hashes, searched_for
from publish.release.writing import Release

_ROWS, _PEOPLE = "quiet-rows", "quiet-people"


def text_memory(release: Release, secret: bytes) -> TextMemory | None:
    """What the live release's build left, if it was of this very program and neither part is damaged; None without a
    secret: whoever has a copy of plain hashes could guess by them what a row holds."""
    if not secret:
        return None
    name = None if release.previous_name is None else f"{release.previous_name}/{_program()}"
    rows, people = (searched_for(release.cache(part), name) for part in (_ROWS, _PEOPLE))
    return TextMemory(secret, rows, people)


def keep_texts(release: Release, memory: TextMemory | None) -> Naming:
    """Make what the next build may know; without a memory it will know nothing."""
    people = keep_hashes(release.next_cache(_PEOPLE), None if memory is None else memory.people)
    rows = keep_hashes(release.next_cache(_ROWS), None if memory is None else memory.rows)
    program = _program()

    def name(of: str) -> None:
        people(f"{of}/{program}")
        rows(f"{of}/{program}")

    return name


def _program() -> str:
    """What masking and hashes depend on: the program and what it runs on."""
    return made_by("python", "polars")
