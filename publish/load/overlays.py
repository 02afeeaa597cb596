"""Overlays, content/overlays/<name>.yaml: disclosure blocks for packages that stay untouched."""

from collections.abc import Collection
from pathlib import Path

from publish.load.checking import did_you_mean, duplicate_issues, schema_issues
from publish.load.disclosure import CODES
from publish.load.marked import Marked, NotReadable, load_marked
from publish.model.issue import Issue, Level

FOLDER = "content/overlays"


def load_overlays(root: Path, folders: Collection[str]) -> tuple[dict[str, Marked], list[Issue]]:
    """The `disclosure` mapping of each overlay, by the name of the package's folder in data/. `folders` are those
    that exist.

    Codes: `disclosure.bad-overlay`, `disclosure.unknown-package`, `disclosure.second-overlay` and those of a block.
    """
    blocks: dict[str, Marked] = {}
    issues: list[Issue] = []
    for path in sorted((root / FOLDER).glob("*.yaml")):
        file = f"{FOLDER}/{path.name}"
        try:
            marked = load_marked(path, file)
        except NotReadable as fault:
            issues.append(Issue("disclosure.bad-overlay", Level.ERROR, fault.hint, file=file, line=fault.line))
            continue
        faults = duplicate_issues(marked, CODES.duplicate_key) + schema_issues(marked, "overlay.yaml", CODES)
        issues += faults
        if any(issue.code != CODES.duplicate_key for issue in faults):
            continue
        package = marked.value["package"]
        if package not in folders:
            hint = f"package: data/ has no folder of this name{did_you_mean(package, folders)}"
            issues.append(marked.issue("disclosure.unknown-package", hint, "package"))
        elif package in blocks:
            hint = "package: another overlay is for the same package"
            issues.append(marked.issue("disclosure.second-overlay", hint, "package"))
        else:
            blocks[package] = marked.at("disclosure")
    return blocks, issues
