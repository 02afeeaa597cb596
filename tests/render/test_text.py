"""Markdown becomes safe HTML, and outside links go through leaving notices."""

import pytest

from publish import urls
from publish.render.outbound import Outbound
from publish.render.text import plain_text, render_markdown


@pytest.fixture
def outbound() -> Outbound:
    return Outbound("https://city.example", ("gov.cn",))


@pytest.mark.parametrize(
    ("body", "gone"),
    [
        ("<script>alert(1)</script>x", "alert"),
        ('<a href="javascript:alert(1)">x</a>', "javascript"),
        ('<p onclick="x()">x</p>', "onclick"),
        ('<p style="color:red">x</p>', "style"),
        ("![x](https://other.example/pixel.png)", "img"),
        ("<iframe src=//other.example></iframe>x", "iframe"),
        ('<h2 id="search-results">x</h2>', "search-results"),
        ("[x](data:text/html;base64,xxxx)", "data:"),
        ("[x](//other.example/x)", "other.example"),
    ],
)
def test_nothing_active_or_foreign_is_left(outbound: Outbound, body: str, gone: str) -> None:
    assert gone not in render_markdown(body, outbound)


def test_links(outbound: Outbound) -> None:
    body = (
        "[a](https://other.example/x?y=1&z) [b](https://www.gov.cn/a) [c](/policies/) [d](https://city.example/q) "
        "[e](https://notgov.cn/) [f](#art-3)"
    )
    html = render_markdown(body, outbound)
    for kept in ('href="https://www.gov.cn/a"', 'href="/policies/"', 'href="https://city.example/q"', 'href="#art-3"'):
        assert kept in html
    assert outbound.met() == ("https://notgov.cn/", "https://other.example/x?y=1&z")
    assert urls.leaving("https://notgov.cn/") in html
    assert "other.example" not in html


def test_the_page_keeps_its_only_h1(outbound: Outbound) -> None:
    assert render_markdown("# 总则\n\n第一条", outbound).startswith("<h2>总则</h2>")


def test_anchors_stay(outbound: Outbound) -> None:
    assert 'id="objection"' in render_markdown("## 异议申请 {#objection}", outbound)


def test_plain_text() -> None:
    assert plain_text("# 一 & 二\n\n*三* <b>四</b>") == "一 & 二 三 四"
