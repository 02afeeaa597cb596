"""Policy documents and pages."""

import hashlib
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from publish.load.documents import load_documents
from publish.model.config import SiteConfig
from publish.model.document import Document, Page, Relation, RelationKind

Write = Callable[[dict[str, str | bytes]], Path]
POLICY = """---
title: 试验市公示办法
number: 试府发〔2026〕1号
issuer: 试验市人民政府
written_on: 2026-01-04
printed_on: 2026-01-05
published_on: 2026-01-06
source: 试验市人民政府网
source_url: https://www.credit.example/1.html
index_number: 000000000/2026-00001
subject_class: 信用
keywords: [公示, 信用]
validity: 有效
---
# 第一章

正文
"""


def test_a_policy_in_full(write_site: Write, config: SiteConfig) -> None:
    root = write_site({"content/policies/measures.md": POLICY})
    assert load_documents(root, config) == (
        (
            Document(
                slug="measures",
                title="试验市公示办法",
                body="# 第一章\n\n正文\n",
                number="试府发〔2026〕1号",
                issuer="试验市人民政府",
                written_on=date(2026, 1, 4),
                printed_on=date(2026, 1, 5),
                published_on=date(2026, 1, 6),
                source="试验市人民政府网",
                source_url="https://www.credit.example/1.html",
                index_number="000000000/2026-00001",
                subject_class="信用",
                keywords=("公示", "信用"),
                validity="有效",
            ),
        ),
        (),
        (),
    )


def test_validity_is_unstated_unless_stated(write_site: Write, config: SiteConfig) -> None:
    (document,), _, _ = load_documents(write_site({"content/policies/a.md": "---\ntitle: 甲\n---\n"}), config)
    assert (document.validity, document.keywords, document.body) == ("unstated", (), "")


def test_pages_and_slugs(write_site: Write, config: SiteConfig) -> None:
    files: dict[str, str | bytes] = {
        "content/pages/about.md": b"\xef\xbb\xbf---\r\ntitle: \xe7\x94\xb2\r\n---\r\nbody\r\n---\r\nmore\r\n",
        "content/pages/异议.md": "---\ntitle: 异议\nslug: objections\n---\n",
        "content/pages/notes.txt": "no page",
    }
    assert load_documents(write_site(files), config)[1:] == (
        (Page("about", "甲", "body\n---\nmore\n"), Page("objections", "异议", "")),
        (),
    )


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("policies/a.md", "# 无\n", "error document.no-front-matter content/policies/a.md: "),
        ("policies/a.md", "---\ntitle: x\n", "error document.no-front-matter content/policies/a.md: "),
        ("policies/a.md", "---\ntitle: [\n---\n", "error document.unreadable content/policies/a.md:3: "),
        ("policies/a.md", b"---\ntitle: \xff\n---\n", "error document.unreadable content/policies/a.md:2: not UTF-8"),
        ("policies/a.md", "---\n---\n", "error document.bad-type content/policies/a.md: the file: "),
        ("policies/a.md", "---\nslug: a\n---\n", "error document.missing-key content/policies/a.md:2: title: "),
        (
            "policies/a.md",
            "---\ntitle: x\ntitel: y\n---\n",
            "error document.unknown-key content/policies/a.md:3: titel: ",
        ),
        ("policies/a.md", "---\ntitle: x\ntitle: y\n---\n", "error document.duplicate-key content/policies/a.md:3: "),
        (
            "policies/a.md",
            "---\ntitle: x\nwritten_on: 2026-02-30\n---\n",
            "error document.bad-value content/policies/a.md:3: written_on: expected a day",
        ),
        (
            "policies/a.md",
            "---\ntitle: x\nsource_url: javascript:alert(1)\n---\n",
            "error document.bad-value content/policies/a.md:3: source_url: ",
        ),
        ("policies/甲.md", "---\ntitle: x\n---\n", "error document.bad-slug content/policies/甲.md"),
        ("policies/index.md", "---\ntitle: x\n---\n", "error document.bad-slug content/policies/index.md"),
        ("pages/404.md", "---\ntitle: x\n---\n", "error document.bad-slug content/pages/404.md"),
        ("pages/a.md", "---\ntitle: x\nslug: A/b\n---\n", "error document.bad-value content/pages/a.md:3: slug: "),
    ],
)
def test_faults(write_site: Write, config: SiteConfig, name: str, content: str | bytes, expected: str) -> None:
    policies, pages, issues = load_documents(write_site({f"content/{name}": content}), config)
    assert (policies, pages, len(issues)) == ((), (), 1)
    assert str(issues[0]).startswith(expected)


def test_two_files_cannot_have_one_address(write_site: Write, config: SiteConfig) -> None:
    files: dict[str, str | bytes] = {
        "content/pages/a.md": "---\ntitle: x\n---\n",
        "content/pages/b.md": "---\ntitle: x\nslug: a\n---\n",
    }
    _, pages, issues = load_documents(write_site(files), config)
    assert (len(pages), [issue.code for issue in issues]) == (1, ["document.duplicate-slug"])


def test_a_link_out_of_the_folder_is_not_followed(write_site: Write, config: SiteConfig) -> None:
    root = write_site({"secret.md": "---\ntitle: x\n---\n", "content/pages/a.md": "---\ntitle: x\n---\n"})
    (root / "content/pages/b.md").symlink_to("../../secret.md")
    _, pages, issues = load_documents(root, config)
    assert ([page.slug for page in pages], [issue.code for issue in issues]) == (["a"], ["document.unreadable"])


def test_relations_and_days_in_force(write_site: Write, config: SiteConfig) -> None:
    more = """in_force_from: 2026-02-01
in_force_until: 2031-01-31
repealed_on: 2030-01-01
archived: true
addressees: 各区人民政府，各市直单位
publicity: 此件公开发布
relations:
  - {kind: repeals, number: 试府发〔2019〕3号}
  - {kind: based_on, title: 试验省公示条例}
validity: 有效
"""
    root = write_site({"content/policies/measures.md": POLICY.replace("validity: 有效\n", more)})
    (document,), _, issues = load_documents(root, config)
    assert not issues
    assert document.relations == (
        Relation(RelationKind.REPEALS, None, "试府发〔2019〕3号"),
        Relation(RelationKind.BASED_ON, "试验省公示条例", None),
    )
    days = (document.in_force_from, document.in_force_until, document.repealed_on)
    assert days == (date(2026, 2, 1), date(2031, 1, 31), date(2030, 1, 1))
    assert (document.archived, document.addressees, document.publicity) == (
        True,
        "各区人民政府，各市直单位",
        "此件公开发布",
    )


@pytest.mark.parametrize(
    "relation", ["{kind: repeals}", "{kind: cites, title: 甲}", "{kind: repeals, title: 甲, url: 乙}"]
)
def test_a_faulty_relation_is_told(relation: str, write_site: Write, config: SiteConfig) -> None:
    faulty = POLICY.replace("validity: 有效\n", f"relations: [{relation}]\n")
    documents, _, issues = load_documents(write_site({"content/policies/measures.md": faulty}), config)
    assert not documents
    assert [(issue.file, issue.line) for issue in issues] == [("content/policies/measures.md", 13)]


FRONT = "---\ntitle: 办法\n---\n正文\n"
ATTACHED = "---\ntitle: 办法\nattachments:\n  - {file: form.csv, title: 申请表}\n  - {file: map.pdf}\n---\n正文\n"


def test_earlier_texts_and_attachments(write_site: Write, config: SiteConfig) -> None:
    root = write_site(
        {
            "content/policies/measures.md": ATTACHED,
            "content/policies/measures/2024-05-01.md": FRONT.replace("正文", "旧文"),
            "content/policies/measures/2022-01-01.md": FRONT.replace("正文", "更旧"),
            "content/policies/measures/form.csv": "甲,乙\n",
            "content/policies/measures/map.pdf": b"%PDF-",
        }
    )
    (found,), _, issues = load_documents(root, config)
    assert issues == ()
    assert [(one.day, one.document.body) for one in found.versions] == [
        (date(2022, 1, 1), "更旧\n"),
        (date(2024, 5, 1), "旧文\n"),
    ]
    form, plan = found.attachments
    assert (form.name, form.title, form.bytes) == ("form.csv", "申请表", 8)
    assert form.sha256 == hashlib.sha256("甲,乙\n".encode()).hexdigest()
    assert (plan.title, plan.path.read_bytes()) == ("map.pdf", b"%PDF-")


@pytest.mark.parametrize(
    ("files", "code", "place"),
    [
        ({"measures.md": ATTACHED}, "document.no-attachment", "content/policies/measures.md"),
        ({"measures.md": FRONT, "measures/old.md": FRONT}, "document.bad-version", "content/policies/measures/old.md"),
        ({"measures.md": FRONT, "measures/2024-13-01.md": FRONT}, "document.bad-version", "2024-13-01.md"),
        ({"measures.md": FRONT, "measures/2024-05-01.md": "x"}, "document.no-front-matter", "2024-05-01.md"),
        ({"measures.md": FRONT, "measures/draft.docx": b"x"}, "document.unused-file", "measures/draft.docx"),
        ({"measures.md": ATTACHED.replace("form.csv", "../../site.yaml")}, "document.bad-value", "measures.md"),
        ({"measures.md": ATTACHED.replace("form.csv", "page.html")}, "document.bad-value", "measures.md"),
        ({"measures.md": ATTACHED.replace("form.csv", "picture.svg")}, "document.bad-value", "measures.md"),
    ],
)
def test_faults_of_what_belongs_to_a_document(
    files: dict[str, str | bytes], code: str, place: str, write_site: Write, config: SiteConfig
) -> None:
    root = write_site({f"content/policies/{name}": content for name, content in files.items()})
    _, _, issues = load_documents(root, config)
    assert (code, True) in [(issue.code, issue.file.endswith(place)) for issue in issues]


def test_an_attachment_that_is_a_link_out_of_the_folder_is_not_published(write_site: Write, config: SiteConfig) -> None:
    root = write_site({"content/policies/measures.md": ATTACHED, "content/policies/measures/map.pdf": b"%PDF-"})
    (root / "secret.csv").write_text("x", encoding="utf-8")
    (root / "content/policies/measures/form.csv").symlink_to(root / "secret.csv")
    (found,), _, issues = load_documents(root, config)
    assert [one.name for one in found.attachments] == ["map.pdf"]
    assert [issue.code for issue in issues] == ["document.no-attachment"]
