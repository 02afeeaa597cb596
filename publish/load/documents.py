"""Policy documents and pages of the site: Markdown with YAML front matter. Nothing is rendered here."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from publish.load.checking import Codes, duplicate_issues, schema_issues
from publish.load.marked import Marked, NotReadable, parse_yaml
from publish.load.paths import UnsafePath, inside
from publish.model.config import SiteConfig
from publish.model.document import Attachment, Document, Page, Relation, RelationKind, Version
from publish.model.issue import Issue, Level

POLICIES = "content/policies"
PAGES = "content/pages"
CODES = Codes(
    unknown_key="document.unknown-key",
    missing_key="document.missing-key",
    bad_type="document.bad-type",
    bad_value="document.bad-value",
    duplicate_key="document.duplicate-key",
)
# Addresses of the program itself: /policies/index.html; /index.html and /404.html.
_RESERVED = {POLICIES: frozenset({"index"}), PAGES: frozenset({"index", "404"})}
_DAYS = ("written_on", "printed_on", "published_on", "in_force_from", "in_force_until", "repealed_on")
_SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,99}")
_FRONT = re.compile(r"---[ \t]*\n(?P<front>.*?)(?<=\n)---[ \t]*(?:\n|\Z)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class _Text:
    """One file: how findings call it, its checked front matter, the slug and the Markdown below."""

    file: str
    slug: str
    front: dict[str, Any]
    body: str


def load_documents(root: Path, config: SiteConfig) -> tuple[tuple[Document, ...], tuple[Page, ...], tuple[Issue, ...]]:
    """Read content/policies/*.md and content/pages/*.md, in the order of the file names.

    What belongs to a policy lies in content/policies/<slug>/: earlier texts (<yyyy-mm-dd>.md) and the attachments that
    its front matter names. A faulty file is left out and told as an issue of level ERROR. Codes: `document.unreadable`,
    `document.no-front-matter`, `document.bad-slug`, `document.duplicate-slug`, `document.bad-version`,
    `document.no-attachment`, and `document.*` for keys; WARNING `document.unused-file`.
    """
    policies, issues = _texts(root, POLICIES, "policy.yaml")
    pages, page_issues = _texts(root, PAGES, "page.yaml")
    documents = []
    for text in policies:
        versions, of_versions = _versions(root, text.slug)
        attachments, of_files = _attachments(root, text)
        issues += [*of_versions, *of_files]
        documents.append(_document(text, attachments, versions))
    return (
        tuple(documents),
        tuple(Page(text.slug, text.front["title"], text.body) for text in pages),
        tuple(issues + page_issues),
    )


def _texts(root: Path, folder: str, schema: str, *, of_days: bool = False) -> tuple[list[_Text], list[Issue]]:
    texts: list[_Text] = []
    issues: list[Issue] = []
    taken: set[str] = set()
    for path in sorted((root / folder).glob("*.md")):
        file = f"{folder}/{path.name}"
        try:
            marked, body = _read(path, file)
        except NotReadable as fault:
            code = "document.no-front-matter" if fault.line < 0 else "document.unreadable"
            issues.append(Issue(code, Level.ERROR, fault.hint, file=file, line=max(fault.line, 0)))
            continue
        faults = [*duplicate_issues(marked, CODES.duplicate_key), *schema_issues(marked, schema, CODES)]
        if not faults:
            slug = path.stem if of_days else marked.value.get("slug", path.stem)
            faults = list(_day_issues(marked, slug) if of_days else _slug_issues(marked, slug, folder, taken))
            if not faults:
                texts.append(_Text(file, slug, marked.value, body))
                taken.add(slug)
        issues += faults
    return texts, issues


def _read(path: Path, file: str) -> tuple[Marked, str]:
    """Front matter and body. A missing front matter is a NotReadable with line -1."""
    try:
        # Decoded by hand: a text stream would pass over the place of the fault.
        data = inside(path.parent, path.name).read_bytes()
        text = data.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise NotReadable("not UTF-8", data.count(b"\n", 0, error.start) + 1) from None
    except (OSError, UnsafePath):
        raise NotReadable("the file cannot be read, or is a link that leads out of its folder") from None
    match = _FRONT.match(text)
    if match is None:
        raise NotReadable("expected front matter: keys between two lines of three hyphens at the top", -1)
    return parse_yaml(match["front"], file, first_line=2), text[match.end() :]


def _slug_issues(marked: Marked, slug: str, folder: str, taken: set[str]) -> Iterator[Issue]:
    if not _SLUG.fullmatch(slug):
        yield marked.issue("document.bad-slug", "the file's name is no address (a-z, 0-9, -): give a slug", "slug")
    elif slug in _RESERVED[folder]:
        yield marked.issue("document.bad-slug", "this address is the program's own: give another slug", "slug")
    elif slug in taken:
        yield marked.issue("document.duplicate-slug", "another file has the same address: give another slug", "slug")


def _day_issues(marked: Marked, name: str) -> Iterator[Issue]:
    try:
        date.fromisoformat(name)
    except ValueError:
        hint = "an earlier text is named by the day from which it was in force, such as 2024-05-01.md"
        yield marked.issue("document.bad-version", hint)


def _versions(root: Path, slug: str) -> tuple[tuple[Version, ...], list[Issue]]:
    """Earlier texts of a document, oldest first."""
    folder = f"{POLICIES}/{slug}"
    texts, issues = _texts(root, folder, "policy.yaml", of_days=True)
    return tuple(Version(date.fromisoformat(text.slug), _document(text, (), ())) for text in texts), issues


def _attachments(root: Path, text: _Text) -> tuple[tuple[Attachment, ...], list[Issue]]:
    """The files that the front matter names, and issues: a name without a file, a file without a name."""
    folder = root / POLICIES / text.slug
    issues: list[Issue] = []
    found: list[Attachment] = []
    for one in text.front.get("attachments", ()):
        try:
            path = inside(folder, one["file"])
        except UnsafePath:
            hint = f"there is no file {one['file']} in {POLICIES}/{text.slug}/, or it cannot be read"
            issues.append(Issue("document.no-attachment", Level.ERROR, hint, file=text.file, field="attachments"))
            continue
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        found.append(Attachment(one["file"], one.get("title", one["file"]), path.stat().st_size, digest, path))
    named = {one["file"] for one in text.front.get("attachments", ())}
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        if path.suffix != ".md" and not path.name.startswith(".") and path.name not in named:
            hint = "not published: only files that the document's `attachments` name are"
            issues.append(
                Issue("document.unused-file", Level.WARNING, hint, file=f"{POLICIES}/{text.slug}/{path.name}")
            )
    return tuple(found), issues


def _document(text: _Text, attachments: tuple[Attachment, ...], versions: tuple[Version, ...]) -> Document:
    front = {key: value for key, value in text.front.items() if key not in ("slug", "attachments")}
    for key in _DAYS:
        if key in front:
            front[key] = date.fromisoformat(front[key])
    front["keywords"] = tuple(front.get("keywords", ()))
    front["relations"] = tuple(
        Relation(RelationKind(one["kind"]), one.get("title"), one.get("number")) for one in front.get("relations", ())
    )
    return Document(slug=text.slug, body=text.body, attachments=attachments, versions=versions, file=text.file, **front)
