"""Reading copies: encodings, HTML, DOCX; what is not readable is a clear error and no document."""

import zipfile
from pathlib import Path

import pytest

from publish.importers.policy.cleaning import clean
from publish.importers.policy.reading import MAX_BYTES, MAX_LINE, read_copy
from publish.importers.policy.webpage import read_html
from publish.model.issue import BuildStopped
from tests.importers.policy.account import assert_accounted
from tests.importers.policy.docxkit import W, paragraph, table, write_docx

TEXT = "关于加强信用信息公示工作的通知\n汀澜信用办〔2026〕3号\n各区人民政府：\n一、总体要求\n做好公示工作。\n"


def code(path: Path) -> str:
    with pytest.raises(BuildStopped) as stopped:
        read_copy(path)
    issue = stopped.value.issues[0]
    assert issue.file == path.name
    assert issue.hint
    return issue.code


def written(folder: Path, data: bytes, name: str = "copy.txt") -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


@pytest.mark.parametrize(
    ("encoding", "told"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8"),
        ("gb18030", "gb18030"),
        ("utf-16", "utf-16"),
        ("utf-16-le", "utf-16-le"),
    ],
)
def test_the_encoding_is_told(tmp_path: Path, encoding: str, told: str) -> None:
    copy = read_copy(written(tmp_path, TEXT.encode(encoding)))
    assert [line.text for line in copy.lines] == TEXT.split()
    assert copy.encoding == told


def test_a_declared_charset_is_honoured_and_checked(tmp_path: Path) -> None:
    page = '<html><head><meta charset="gb2312"><title>x</title></head><body><p>信用信息〇公示</p></body></html>'
    assert read_copy(written(tmp_path, page.encode("gb18030"))).lines[-1].text == "信用信息〇公示"
    wrong = page.replace("gb2312", "gb2312").encode("utf-8")  # says GB 2312 and is UTF-8
    assert "信用信息〇公示" in [
        line.text for line in read_copy(written(tmp_path, wrong.replace(b"gb2312", b"utf-16"))).lines
    ]


def test_line_numbers_are_those_of_the_file(tmp_path: Path) -> None:
    lines = read_copy(written(tmp_path, "甲\r\n\r\n乙\r丙\n".encode())).lines
    assert [(line.first, line.text, line.gap) for line in lines] == [
        (1, "甲", False),
        (3, "乙", True),
        (4, "丙", False),
    ]


def test_bytes_that_are_no_text(tmp_path: Path) -> None:
    assert code(written(tmp_path, bytes(range(256)) * 4)) == "import.undecodable"
    assert code(written(tmp_path, "信用\n".encode() + b"\xff\xff\n")) == "import.undecodable"
    assert code(written(tmp_path, b"")) == "import.no-text"
    assert code(written(tmp_path, b" \n\n")) == "import.no-text"


def test_a_line_of_fifty_megabytes(tmp_path: Path) -> None:
    assert code(written(tmp_path, b"a" * 50_000_000)) == "import.too-large"
    assert MAX_BYTES < 50_000_000
    assert code(written(tmp_path, "信".encode() * (MAX_LINE + 1))) == "import.line-too-long"
    assert code(written(tmp_path, b"a\n" * 60_000)) == "import.too-large"


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    assert code(tmp_path / "none.txt") == "import.unreadable"


PAGE = """<!DOCTYPE html><html><head><meta name="ArticleTitle" content="关于做好&quot;双公示&quot;工作的通知">
<meta name="PubDate" content="2026-03-02 10:00"><script>var a = "<p>x</p>";</script><style>p{}</style></head>
<body><div class=nav><a href=/>首页</a> &gt; <a>政务公开</a></div><!-- 注释 <p>x</p> -->
<table><tr><td>索引号：99-01</td><td>发文机关：汀澜市信用办</td></tr></table>
<p style="text-align:center">关于做好双公示<br>工作的通知</p><P ALIGN='center'>汀澜信用办〔2026〕<b>5</b>号
<p>各区人民政府：<p>公示期限为A&lt;B&amp;C。
<table border=1><tr><th>序号<th>任务<th>牵头单位<tr><td>1<td>建立目录<td>市信用<br>中心</table>
<script>document.write("x")</script></body>"""


def test_html_with_unclosed_tags(tmp_path: Path) -> None:
    copy = read_copy(written(tmp_path, PAGE.encode(), "copy.html"))
    documents = clean(copy)
    assert_accounted(copy, documents)
    assert [document.head.title for document in documents] == ["关于做好双公示工作的通知"]
    head = documents[0].head
    assert (head.number, head.index_number, head.issuer) == ("汀澜信用办〔2026〕5号", "99-01", "汀澜市信用办")
    assert str(head.published_on) == "2026-03-02"
    body = [line for line in documents[0].lines if line.place == "body"]
    assert [line.text for line in body[:2]] == ["各区人民政府：", "公示期限为A<B&C。"]
    assert body[2].rows == (("序号", "任务", "牵头单位"), ("1", "建立目录", "市信用 中心"))
    assert len(body) == 3


def test_tables_that_lay_a_page_out_are_text() -> None:
    page = "<table><tr><td><table><tr><td>甲</td></tr><tr><td>乙</td></tr></table></td><td>丙</td></tr></table><p>丁"
    assert [line.text for line in read_html(page)[0]] == ["甲", "乙", "丙", "丁"]


@pytest.mark.parametrize(
    "unit", ["<div>", "<table>", "<td>", "<", "<!--", "<a ", "</p>", "&", "<p x='", "<script>", '<p "']
)
def test_malformed_html_takes_no_time_and_does_no_harm(unit: str) -> None:
    lines, _ = read_html("<p>甲</p>" + unit * 60_000)
    assert lines[0].text == "甲"


def test_docx_with_numbers_tables_and_footnotes(tmp_path: Path) -> None:
    notes = f'<w:footnotes {W}><w:footnote w:id="1">{paragraph("注：见国家标准。")}</w:footnote></w:footnotes>'
    deleted = "<w:del><w:r><w:t>删去的</w:t></w:r></w:del><w:r><w:delText>删去的</w:delText></w:r>"
    path = write_docx(
        tmp_path / "copy.docx",
        *(
            paragraph("汀澜市信用工作方案"),
            paragraph("总体要求", 0),
            paragraph("指导思想", 1),
            paragraph("坚持公开。", None, deleted),
        ),
        *(paragraph("基本原则", 1), paragraph("依法依规。", 2), paragraph("统筹推进。", 2), paragraph("主要任务", 0)),
        *(paragraph("任务一", 1), paragraph("甲。", 2), table([["任务", "单位"], ["建立目录", "市信用中心"]])),
        members={"word/footnotes.xml": notes},
    )
    copy = read_copy(path)
    assert [line.text for line in copy.lines] == [
        *(
            "汀澜市信用工作方案",
            "一、总体要求",
            "（一）指导思想",
            "坚持公开。",
            "（二）基本原则",
            "1.依法依规。",
            "2.统筹推进。",
        ),
        *("二、主要任务", "（一）任务一", "1.甲。", "任务 单位 建立目录 市信用中心", "注：见国家标准。"),
    ]
    assert copy.lines[10].rows == (("任务", "单位"), ("建立目录", "市信用中心"))
    assert_accounted(copy, clean(copy))


def test_broken_docx(tmp_path: Path) -> None:
    sound = write_docx(tmp_path / "sound.docx", paragraph("甲")).read_bytes()
    assert code(written(tmp_path, sound[: len(sound) // 2], "half.docx")) == "import.bad-docx"
    assert code(written(tmp_path, b"PK\x03\x04" + b"x" * 100, "junk.bin")) == "import.bad-docx"
    assert code(write_docx(tmp_path / "xml.docx", "<w:p><w:r>")) == "import.bad-docx"
    with zipfile.ZipFile(tmp_path / "other.docx", "w") as archive:
        archive.writestr("a.txt", "x")
    assert code(tmp_path / "other.docx") == "import.bad-docx"


def test_docx_without_entities(tmp_path: Path) -> None:
    path = tmp_path / "entity.docx"
    with zipfile.ZipFile(path, "w") as archive:
        laughs = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;"><!ENTITY f SYSTEM "file:///etc/passwd">]>'
        archive.writestr(
            "word/document.xml", f"{laughs}<w:document {W}><w:p><w:r><w:t>&f;&b;</w:t></w:r></w:p></w:document>"
        )
    assert code(path) == "import.bad-docx"


def test_zip_bombs(tmp_path: Path) -> None:
    assert code(write_docx(tmp_path / "bomb.docx", paragraph("0" * 30_000_000))) == "import.bad-docx"
    many = {f"word/media/{number}": "" for number in range(5001)}
    assert code(write_docx(tmp_path / "many.docx", paragraph("甲"), members=many)) == "import.bad-docx"
    assert code(write_docx(tmp_path / "deep.docx", "<w:p>" * 600 + "</w:p>" * 600)) == "import.bad-docx"
