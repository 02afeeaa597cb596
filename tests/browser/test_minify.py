"""Minified scripts and styles mean the same in Chromium: results of awkward modules, rules of style sheets."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page

from publish.render.minify import minified

ROOT = Path(__file__).resolve().parents[2]
TORTURE = ROOT / "tests/render/minify_torture.js"
STYLES = sorted((ROOT / "site_templates/static/css").glob("*.css"))
AWKWARD = r"""
/* a */ :root { --a: ; --b: 1px  +  2px; --f: "  /* g */  " }
.a/**/.b > .c ~ .d + .e  .f :hover , .g:not( .h , .i ):nth-child( 2n + 1 ) ::before { content: "\"  ; } /* " ' \'  ' ; }
.j\;  k, .l\31  m, .n\:hover { width : calc( 1px + 2px  -  var( --b ) * ( 2 + 3 ) ) ; color : RED !important }
@media screen and ( min-width : 10em ) , print { .o { background : url( data:image/gif;base64,R0/*x*/lG== ) , none } }
@supports not ( display:none ) { .p { color : red } }
.q { grid-template : "a  a"
  "b  b" / 1fr 2fr ; & .r { margin : -1px +2px } & :focus , &:hover { top : 0 } @media ( width ) { left : 0 } }
@font-face { font-family : "s"; src : url( "t  t.woff" ) , url(u.woff) ; unicode-range : U+26 , U+0-7F }
@keyframes v { from , 50% { top : 0 } to { top : 1px } }
.w[ x = "  y" i ], .z { transition : all .5s cubic-bezier( .1 , -.2 , 1 , 1 ) , top 1s ; margin:0/**/auto }
"""


def rules_of(page: Page, css: str) -> list[str]:
    """The rules as Chromium writes them, runs of white space as one space."""
    script = """(css) => { const sheet = new CSSStyleSheet(); sheet.replaceSync(css);
        return [...sheet.cssRules].map((rule) => rule.cssText.replace(/\\s+/g, " ")) }"""
    rules: list[str] = page.evaluate(script, css)
    return rules


@pytest.mark.parametrize("css", [*(path.read_text(encoding="utf-8") for path in STYLES), AWKWARD], ids=len)
def test_styles_have_the_same_rules(plain_page: Page, css: str) -> None:
    shown = minified("a.css", css.encode()).decode()
    assert len(shown) < len(css)
    assert len(rules_of(plain_page, css)) >= 5
    assert rules_of(plain_page, shown) == rules_of(plain_page, css)


def test_an_awkward_module_gives_the_same(plain_page: Page, served: Callable[[Path], str], tmp_path: Path) -> None:
    source = TORTURE.read_bytes()
    (tmp_path / "source.js").write_bytes(source)
    (tmp_path / "shown.js").write_bytes(minified("shown.js", source))
    (tmp_path / "index.html").write_text("<!doctype html><link rel=icon href=i.svg><title>t</title>", encoding="utf-8")
    (tmp_path / "i.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg"/>', encoding="utf-8")
    plain_page.goto(f"{served(tmp_path)}/")
    script = """async (name) => JSON.stringify((await import(name)).out,
        (_, value) => typeof value === "bigint" ? `${value}n` : Number.isNaN(value) ? "NaN" : value)"""
    source_out, shown_out = (plain_page.evaluate(script, f"./{name}.js") for name in ("source", "shown"))
    assert shown_out == source_out
    assert len(source_out) > 500
