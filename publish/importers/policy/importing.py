"""Copies of policy documents into content/policies/: all of them are read and checked, then all are written."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from publish.importers.policy.cleaning import Cleaned, clean
from publish.importers.policy.faults import NotReadable, stopped
from publish.importers.policy.lines import Copy, Kind
from publish.importers.policy.markdown import written
from publish.importers.policy.reading import read_copy
from publish.importers.policy.report import Entry, as_json, as_page, counts, entries
from publish.model.artifact import written_whole
from publish.model.issue import BuildStopped, Issue, Level


@dataclass(frozen=True, slots=True)
class PolicyImport:
    """What became of one copy. `counts`: entries of each kind; `report`: the page to review; `issues`: warnings."""

    source: str
    files: tuple[Path, ...]
    report: Path
    counts: dict[str, int]
    issues: tuple[Issue, ...]

    @property
    def unsure(self) -> int:
        """How many lines a person has to look at."""
        return self.counts[Kind.UNSURE]


@dataclass(frozen=True, slots=True)
class _Planned:
    copy: Copy
    documents: tuple[Cleaned, ...]
    entries: tuple[Entry, ...]
    report: str


def report_folder(into: Path) -> Path:
    """Where accounts go if nobody says: import-report beside the content/ that `into` lies in, else beside `into`."""
    into = into.absolute()
    content = next((folder for folder in (into, *into.parents) if folder.name == "content"), into)
    return content.parent / "import-report"


def import_policies(
    sources: Sequence[Path],
    into: Path,
    report: Path,
    *,
    simplified: bool = False,
    strict: bool = False,
    force: bool = False,
) -> tuple[PolicyImport, ...]:
    """Write each document of each copy as `into`/<slug>.md, and its account as `report`/<name>.json and .html.

    Equal input gives equal bytes. Raises BuildStopped: what `read_copy` lists, `import.no-title`, `import.exists` (a
    file is there and `force` is not given), `import.duplicate-document`; then no document is written. With `strict`
    none is either if a line is unsure (`import.unsure`), but the accounts are, so that a person can look. A folder that
    cannot be written to stops it in between (`import.not-written`): each file is whole or as it was.
    """
    planned = _plan(sources, simplified)
    faults = list(_faults(planned, into, force))
    if faults:
        raise BuildStopped(tuple(faults))
    for one in planned:
        page, account = _report_files(report, one)
        _put(account, as_json(one.copy, one.documents, one.entries))
        _put(page, as_page(one.copy, one.documents, one.entries))
    doubts = [issue for one in planned for issue in _doubts(one, Level.ERROR if strict else Level.WARNING)]
    if strict and doubts:
        raise BuildStopped(tuple(doubts))
    done: list[PolicyImport] = []
    for one in planned:
        files = tuple(into / f"{document.slug}.md" for document in one.documents)
        for file, document in zip(files, one.documents, strict=True):
            _put(file, written(document.head, document.lines))
        page, _ = _report_files(report, one)
        done.append(PolicyImport(one.copy.name, files, page, counts(one.entries), tuple(_doubts(one, Level.WARNING))))
    return tuple(done)


def _report_files(report: Path, one: _Planned) -> tuple[Path, Path]:
    """The page to review, and the account as JSON."""
    return report / f"{one.report}.html", report / f"{one.report}.json"


def _plan(sources: Sequence[Path], simplified: bool) -> list[_Planned]:
    planned: list[_Planned] = []
    faults: list[Issue] = []
    taken: set[str] = set()
    for source in sources:
        try:
            copy = read_copy(source)
            documents = clean(copy, simplified=simplified)
            if any(not document.head.title for document in documents):
                hint = "no line is the title of a document: put it in a line of its own above the text"
                raise stopped(NotReadable("import.no-title", hint), source.name)
        except BuildStopped as fault:
            faults += fault.issues
            continue
        name, count = source.stem, 1
        while name in taken:
            count += 1
            name = f"{source.stem}-{count}"
        taken.add(name)
        planned.append(_Planned(copy, documents, entries(documents), name))
    if faults:
        raise BuildStopped(tuple(faults))
    return planned


def _faults(planned: Sequence[_Planned], into: Path, force: bool) -> list[Issue]:
    faults: list[Issue] = []
    taken: dict[str, str] = {}
    for one in planned:
        for document in one.documents:
            name = f"{document.slug}.md"
            if name in taken:
                hint = f"{taken[name]} holds the same document ({name})"
                faults.append(Issue("import.duplicate-document", Level.ERROR, hint, file=one.copy.name))
            elif not force and (into / name).exists():
                hint = f"{name} is there already; --force replaces it"
                faults.append(Issue("import.exists", Level.ERROR, hint, file=one.copy.name))
            taken[name] = one.copy.name
    return faults


def _doubts(one: _Planned, level: Level) -> list[Issue]:
    """One issue for all unsure lines, at the first of them."""
    unsure = [entry for entry in one.entries if Kind.UNSURE in entry.kinds]
    if not unsure:
        return []
    hint = f"lines that a person has to look at; they stand first in {one.report}.html"
    return [Issue("import.unsure", level, hint, file=one.copy.name, line=unsure[0].first, count=len(unsure))]


def _put(path: Path, text: str) -> None:
    """A file whole, or not at all."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with written_whole(path) as new:
            new.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else "it failed"
        hint = (
            f"cannot be written ({reason}); files before it are there: mend the folder, then import again with --force"
        )
        raise stopped(NotReadable("import.not-written", hint), path.name) from None
