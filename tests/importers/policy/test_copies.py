"""Copies as they are found, of fictional offices, against the documents that they are of (copies/*.yaml)."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml

from publish.derive.annotate import read_citations
from publish.derive.outline import outline_issues, read_outline
from publish.derive.responsibilities import derive_responsibilities
from publish.importers.policy.cleaning import Cleaned, clean
from publish.importers.policy.lines import Kind, Place
from publish.importers.policy.markdown import written
from publish.importers.policy.reading import read_copy
from publish.importers.policy.report import as_json, as_page, entries
from publish.load.config import load_config
from publish.load.documents import load_documents
from publish.model.document import Document, RelationKind
from tests.importers.policy.account import assert_accounted, squeezed
from tests.importers.policy.conftest import REPOSITORY

COPIES = Path(__file__).parent / "copies"
NAMES = sorted(path.stem for path in COPIES.glob("*.yaml"))
# What a person has to look at, in copies where bytes are lost for good.
UNSURE = {"lost_bytes": 1}


def truth_of(name: str) -> dict[str, Any]:
    truth: dict[str, Any] = yaml.safe_load((COPIES / f"{name}.yaml").read_text(encoding="utf-8"))
    return truth


def imported(truth: dict[str, Any]) -> tuple[Cleaned, ...]:
    return clean(read_copy(COPIES / truth["file"]), simplified="--simplified" in truth["options"])


def published(documents: Sequence[Cleaned], folder: Path) -> tuple[Document, ...]:
    """The documents as the site reads them."""
    policies = folder / "content" / "policies"
    policies.mkdir(parents=True)
    for document in documents:
        (policies / f"{document.slug}.md").write_text(written(document.head, document.lines), encoding="utf-8")
    read, _, issues = load_documents(folder, load_config(REPOSITORY))
    assert issues == ()
    return read


def lines_of(document: Cleaned) -> list[str]:
    body = [line for line in document.lines if line.place is Place.BODY]
    rows = [" ".join(row) for line in body for row in line.rows or ((line.text,),)]
    return [squeezed(row) for row in rows]


@pytest.mark.parametrize("name", NAMES)
def test_text(name: str) -> None:
    truth = truth_of(name)
    documents = imported(truth)
    assert_accounted(read_copy(COPIES / truth["file"]), documents)
    for document, true in zip(documents, truth["documents"], strict=True):
        assert lines_of(document) == [squeezed(line) for line in true["body"].splitlines() if line.strip()]
    unsure = sum(Kind.UNSURE in line.kinds for document in documents for line in document.lines)
    assert unsure == UNSURE.get(name, 0)


@pytest.mark.parametrize("name", NAMES)
def test_front_matter(name: str) -> None:
    truth = truth_of(name)
    for document, true in zip(imported(truth), truth["documents"], strict=True):
        stated = {key: str(getattr(document.head, key)) for key in true if key not in ("body", "repeals")}
        assert stated == {key: true[key] for key in stated}
        if "repeals" in true:
            repealed = [one.number for one in document.head.relations if one.kind is RelationKind.REPEALS]
            assert true["repeals"] in repealed


@pytest.mark.parametrize("name", NAMES)
def test_structure(name: str, tmp_path: Path) -> None:
    truth = truth_of(name)
    documents = published(imported(truth), tmp_path)
    outlines = [read_outline(document) for document in documents]
    mentions = [one.mention for outline in outlines for one in read_citations(outline, ())]
    for citation in truth["citations"]:
        assert any(citation in (mention.title, mention.number) for mention in mentions)
    anchors = Counter(part.anchor for outline in outlines for part in outline.parts)
    assert set(truth.get("anchors", ())) <= anchors.keys()
    assert [issue for document in documents for issue in outline_issues(document)] == []
    told, issues = derive_responsibilities(documents)
    assert (len({(row.document, row.number) for row in told.rows}), issues) == (truth["clauses"], ())


@pytest.mark.parametrize("name", [name for name in NAMES if "absent" in truth_of(name)])
def test_persons_are_nowhere(name: str) -> None:
    truth = truth_of(name)
    copy, documents = read_copy(COPIES / truth["file"]), imported(truth)
    account = entries(documents)
    shown = as_json(copy, documents, account) + as_page(copy, documents, account)
    shown += "".join(written(document.head, document.lines) for document in documents)
    assert [person for person in truth["absent"] if person in shown] == []
