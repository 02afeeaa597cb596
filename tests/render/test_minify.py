"""Scripts and styles as published: what goes, what stays, and what is left alone.

That a script means the same is tried in Chromium too: tests/browser/test_minify.py.
"""

import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publish.render.minify import minified
from publish.render.minify_css import minify_styles
from publish.render.minify_js import minify_script, script_tokens
from publish.render.minify_notes import UnclearError
from tests.searchkit import published_files

TEMPLATES = Path(__file__).resolve().parents[2] / "site_templates"
TORTURE = Path(__file__).with_name("minify_torture.js")

SCRIPTS = {
    "comments": ("a() // b\n/* c */ /** @type {d} */ e()", "a()\ne()"),
    "white space": ("if ( a ) {\n  b ( c , 1 )  ;\n}\n", "if(a){b(c,1);}"),
    "words": ("return /* a */ typeof  b in c", "return typeof b in c"),
    "ends of lines that may end a statement": ("a\nb\n(c)\n++d\n[e]", "a\nb\n(c)\n++d\n[e]"),
    "ends of lines that end none": ("a =\n  b\n  .c\n  ?.d\n  ? e\n  : f", "a=b.c?.d?e:f"),
    "a comment of lines is an end of line": ("return /*\n*/ a", "return\na"),
    "other ends of lines": ("a // b\u2028c /*\u2029*/ d\r\ne\rf", "a\nc\nd\ne\nf"),
    "signs that would grow": ("a + +b - -c + ++d / /e/", "a+ +b- -c+ ++d/ /e/"),
    "a comment of HTML is not made": ("a < ! --b; a <! --b", "a< ! --b;a<! --b"),
    "numbers": ("1 .a + 1.0 .b ? .5 : 1..c", "1 .a+1.0 .b? .5:1..c"),
    "a number at the end of a line": ("1\n.a", "1\n.a"),
    "strings": ("a = '  // ' + \" /* \\\" */ \" + '\\\n  b'", "a='  // '+\" /* \\\" */ \"+'\\\n  b'"),
    "templates": ("`  // ${ a /* ` */ + `  ${ {b : 1} }  ` }  } /* c */`", "`  // ${a+`  ${{b:1}}  `}  } /* c */`"),
    "tagged templates": ("a `  \\`  `\nb\n`  `", "a `  \\`  `\nb\n`  `"),
    "divisions": ("a / b / c[ 0 ] / 2 / (d) / e // f", "a/b/c[0]/2/(d)/e"),
    "regular expressions": ("a(/  [/*'`]  \\//g , b) ; c = /'  \"/", "a(/  [/*'`]  \\//g,b);c= /'  \"/"),
    "after words": ("return /  a/ ; x.return / a / b", "return /  a/;x.return/a/b"),
    "after heads": ("if (a) /  b/.c(d) ; e.if(a) / b / c", "if(a)/  b/.c(d);e.if(a)/b/c"),
    "after arrows": ("(a) => /b  c/ . d", "(a)=> /b  c/.d"),
    "private names": ("class A { #b = 1 ; c( ) { return #b in this } }", "class A{#b=1;c(){return #b in this}}"),
    "fields": (
        "class A {\n  static async\n  b() {}\n  get\n  c\n  *d() {}\n}",
        "class A{static async\nb(){}\nget\nc\n*d(){}}",
    ),
    "notes on rights": ("/*! a */ b // c\n// @license d\ne", "/*! a */ b\n// @license d\ne"),
    "a hashbang": ("#!/a  b\n// c\nd", "#!/a  b\nd"),
    "nothing": (" // a", ""),
}
UNCLEAR = {
    "after a block or an object": "{}\n/a  b/.test(c)",
    "after signs on either side": "a ++ /b/ c",
    "words that are names elsewhere": "for (a of /b  c/) d()",
    "at the beginning of a line": "var a\n/b  c/.test(d)",
    "comments of HTML": "a()\n--> b",
    "another comment of HTML": "a <!-- b",
    "brackets": "a(]",
    "more brackets": "a({)}",
    "a bracket that stays open": "a(`${b`",
    "a string that stays open": "a = 'b",
    "a comment that stays open": "a /* b",
    "what is no script": "@a class B {}",
}
STYLES = {
    "comments": ("a { b : c ; } /* d */\n\n@media print { e , f { g : h } }", "a{b :c;}@media print{e,f{g :h}}"),
    "a comment between": ("a/**/b.c/* d */.e { f:/* g */h }", "a/**/b.c/**/.e{f:h}"),
    "selectors": ("a > b + c ~ d  e :hover , f:not( .g ) {}", "a > b + c ~ d e :hover,f:not( .g ){}"),
    "sums": ("a { b: calc( 1px + 2px  -  var(--c) ) }", "a{b:calc( 1px + 2px - var(--c) )}"),
    "strings": ("a::b { c: \"  /* d */ ; \" '  \\'  ' }", "a::b{c:\"  /* d */ ; \" '  \\'  '}"),
    "addresses": ("a { b: url( c//d/*e*/;f ) , URL( 'g  h' ) }", "a{b:url( c//d/*e*/;f ),URL( 'g  h' )}"),
    "escapes": (".a\\;  b\\31  c\\,d { }", ".a\\; b\\31  c\\,d{}"),
    "blank values": ("a { --b: ; --c: }", "a{--b: ;--c: }"),
    "nesting": ("a { & b { c: d } @media (e: f) { g: h } }", "a{& b{c:d}@media (e:f){g:h}}"),
    "notes on rights": ("/*! a */ b { c: d } /* @license e */", "/*! a */b{c:d}/* @license e */"),
}


@pytest.mark.parametrize("case", SCRIPTS)
def test_a_script(case: str) -> None:
    source, expected = SCRIPTS[case]
    assert minify_script(source) == expected
    assert minify_script(expected) == expected


@pytest.mark.parametrize("case", UNCLEAR)
def test_what_cannot_be_read_for_certain_is_left_alone(case: str) -> None:
    with pytest.raises(UnclearError):
        minify_script(UNCLEAR[case])
    data = UNCLEAR[case].encode()
    assert minified("js/a.js", data) == data


@pytest.mark.parametrize("case", STYLES)
def test_a_style_sheet(case: str) -> None:
    source, expected = STYLES[case]
    assert minify_styles(source) == expected
    assert minify_styles(expected) == expected


@pytest.mark.parametrize("text", ["a { b: 'c }", "a { b: url( 'c ) }", "/* a"])
def test_styles_that_stay_open_are_left_alone(text: str) -> None:
    assert minified("a.css", text.encode()) == text.encode()


def test_other_files_are_left_alone() -> None:
    for path in ("a.svg", "a.json", "js", "a.js.txt"):
        assert minified(path, b"a  /* b */") == b"a  /* b */"
    assert minified("a.js", b"a  /* \xff */") == b"a  /* \xff */", "not UTF-8"
    assert minified("a.mjs", b"a  /* b */") == b"a"


LITERALS = st.sampled_from(
    [
        "'//  a'",
        '"/*  "',
        r"'\'  //'",
        "`  //  `",
        "`${a}  /*`",
        r"/[/*'`]  \/\//g",
        "/\"  '/",
        "`${`${/}  `/}  `}  `",
    ]
)
IN_LINE = st.sampled_from([" ", "  ", " /* ' */", "\t/* ` */ "])
GAPS = IN_LINE | st.sampled_from(["\n", " /* ' \n */", ' // " ` /*\n', " // }\n  ", "\t/**\n * ${ */\r\n"])
SHAPES = st.sampled_from(
    ["a = {}", "f ( {} , {} )", "if ( a ) {}", "a = b / c / f ( {} )", "( ) => {}", "return {}", "[ {} ]"]
)


@given(st.lists(st.tuples(SHAPES, LITERALS, LITERALS), max_size=6), st.data())
def test_strings_templates_and_expressions_survive(parts: list[tuple[str, str, str]], data: st.DataObject) -> None:
    """Gaps of every sort between the words of a script, literals among them: the same tokens and no comment."""
    source, expected = "", []
    for shape, *literals in parts:
        waiting = iter(literals)
        for word in (*shape.split(" "), ";"):
            text = next(waiting) if word == "{}" else word
            expected += [text] if word == "{}" else []
            source += data.draw(IN_LINE if text[0] == "/" else GAPS) + text
    shown = minify_script(source)
    assert [(t.kind, t.text) for t in script_tokens(shown)] == [(t.kind, t.text) for t in script_tokens(source)]
    assert not any("/*" in t.gap or "//" in t.gap for t in script_tokens(shown))
    assert minify_script(shown) == shown
    place = 0
    for literal in expected:
        place = shown.index(literal, place) + len(literal)


@pytest.mark.parametrize("path", [p for p in published_files() if p.endswith((".js", ".css"))])
def test_our_own_files_are_read_for_certain(path: str) -> None:
    source = (TEMPLATES / "static" / path).read_bytes()
    shown = minified(path, source)
    assert len(shown) < 0.95 * len(source)
    assert minified(path, shown) == shown
    if path.endswith(".js"):
        assert not any("/" in token.gap for token in script_tokens(shown.decode()))


def test_the_torture_is_read_for_certain() -> None:
    source = TORTURE.read_bytes()
    shown = minified("torture.js", source)
    assert len(shown) < 0.9 * len(source)
    kept, all_of = (list(script_tokens(text.decode(), text.index(b"\n"))) for text in (shown, source))
    assert [(t.kind, t.text) for t in kept] == [(t.kind, t.text) for t in all_of]


def test_node_reads_what_is_published(tmp_path: Path) -> None:
    node = shutil.which("node")
    if not node:
        pytest.skip("Node is not on this machine: scripts are read by Chromium only")
    files = {path: data for path, (_, data) in published_files().items() if path.endswith(".js")}
    for path, data in (files | {"torture.js": minified("torture.js", TORTURE.read_bytes())}).items():
        module = tmp_path / f"{Path(path).stem}.mjs"
        module.write_bytes(data)
        read = subprocess.run([node, "--check", str(module)], capture_output=True, text=True, check=False)
        assert read.returncode == 0, f"{path}: {read.stderr[-500:]}"
