"""Joined scripts: what becomes of modules, what is left alone, which files stay. In Chromium: tests/browser/."""

import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from publish.render.environment import script_pages
from publish.render.join_js import Scripts, join_scripts
from publish.render.minify import published
from publish.render.minify_notes import UnclearError
from publish.render.module_js import read_module
from publish.render.shorten_js import shortened
from tests.searchkit import published_files

TEMPLATES = Path(__file__).resolve().parents[2] / "site_templates"
PAGE = [frozenset({"e.js"})]
ENTRY = 'import { a } from "./a.js";\na();'


def joined(files: Mapping[str, str], pages: list[frozenset[str]] = PAGE) -> dict[str, str]:
    """The joined scripts of `e.js`, as short as they are published."""
    made = Scripts(files, pages).joined("e.js")
    return {path: data.decode() for path, data in published({p: t.encode() for p, t in made.items()}, []).items()}


def test_modules_stand_in_the_order_in_which_they_are_evaluated() -> None:
    files = {
        "e.js": 'import { c } from "./sub/c.js";\nimport { a } from "./a.js";\nf(a, c, "e");\n',
        "a.js": 'import { b } from "./b.js"\nexport const a = f("a", b);',
        "b.js": 'import "./d.js"; export function b() { return "b" }',
        "d.js": 'f("d")',
        "sub/c.js": 'import { b } from "../b.js";\n/*! rights */\nexport class c { #long = b; d() { this.#long } }',
    }
    made = joined(files)
    assert list(made) == ["e.js"]
    assert re.findall(r'"(\w)"', made["e.js"]) == ["d", "b", "a", "e"]
    assert "/*! rights */" in made["e.js"]
    assert not re.search("import|export|long", made["e.js"])


RUN = {
    "e.js": """import { made, Thing } from "./a.js";
        import { twice } from "./b.js";
        const show = async () => {
          const { more } = await import("./lazy.js");
          console.log(JSON.stringify([made.value, twice(4), made instanceof Thing, ...more(made)]));
        };
        show();""",
    "a.js": """import { twice } from "./b.js"
        export class Thing { #value = 1; get value() { return twice(this.#value) } }
        export const made = new Thing()
        const list = [made]
        list[0].seen = { list: 1, made }""",
    "b.js": "let calls = 0;\nexport function twice(number) { calls += 1; return [2 * number, calls]; }",
    "lazy.js": """import { Thing } from "./a.js";
        import { twice } from "./b.js";
        import { own } from "./own.js";
        export const more = (one) => [one instanceof Thing, one.seen.list, twice(own)];""",
    "own.js": "(() => {})()\nexport const own = 5",
}


def test_node_gives_the_same(tmp_path: Path) -> None:
    """What is imported when it is needed takes from the page's script what that has: each module is there once."""
    made = joined(RUN)
    assert set(made) == {"e.js", "lazy.js"}
    assert made["lazy.js"].startswith('import{Thing,twice}from"./e.js";')
    node = shutil.which("node")
    if not node:
        pytest.skip("Node is not on this machine")
    for name, scripts in (("source", RUN), ("joined", made)):
        folder = tmp_path / name
        folder.mkdir()
        for path, text in (scripts | {"package.json": '{"type": "module"}'}).items():
            (folder / path).write_text(text, encoding="utf-8")
        run = subprocess.run([node, str(folder / "e.js")], capture_output=True, text=True, check=False)
        assert run.stdout == "[[2,1],[8,2],true,true,1,[10,3]]\n", run.stderr


LEFT_ALONE = {
    "names that clash": ({"a.js": "export const a = 1; const b = 2;", "e.js": f"{ENTRY} const b = 3;"}, "word of"),
    "a global name": ({"a.js": "export const a = 1; const name = 2;", "e.js": f"{ENTRY} f(name);"}, "word of"),
    "a default": ({"a.js": "const a = 1; export default a;"}, "declares nothing"),
    "a list of exports": ({"a.js": "const a = 1; export { a };"}, "declares nothing"),
    "exports of another": ({"a.js": 'export * from "./b.js";', "b.js": ""}, "declares nothing"),
    "a pattern": ({"a.js": "export const { b: a } = f();"}, "pattern"),
    "all names": ({"e.js": 'import * as a from "./a.js";'}, "no plain one"),
    "the default": ({"e.js": 'import a from "./a.js";'}, "no plain one"),
    "another name": ({"e.js": 'import { a as b } from "./a.js";'}, "another name"),
    "attributes": ({"e.js": 'import { a } from "./a.js" with { type: "json" };'}, "no plain one"),
    "a package": ({"e.js": 'import { a } from "a";'}, "relative"),
    "no such file": ({"e.js": 'import { a } from "./b.js";'}, "no script"),
    "no such name": ({"a.js": "export const b = 1;"}, "no such export"),
    "meta": ({"a.js": "export const a = import.meta.url;"}, "no plain one"),
    "what is computed": ({"a.js": "export const a = (b) => import(b);"}, "computed"),
    "what is computed elsewhere": ({"x.js": "export default import(`./${b}.js`)"}, "computed"),
    "await": ({"a.js": "export const a = await f();"}, "await"),
    "await in a block": ({"a.js": "export const a = 1; if (a) { await f(); }"}, "await"),
    "modules that import each other": ({"a.js": 'import { e } from "./e.js"; export const a = 1;'}, "each other"),
    "var": ({"a.js": "export const a = 1; { var b = 2; }"}, "`var`"),
    "eval": ({"a.js": "export const a = 1; eval(b);"}, "`eval`"),
    "several names": ({"a.js": "export const a = 1, b = 2;"}, "at once"),
    "an escaped name": ({"a.js": "export const a = 1; const \\u0062 = 2;"}, "u0062"),
    "what is unclear": ({"a.js": "export const a = 1; {}\n/b/.test(c);"}, "slash"),
    "no UTF-8": ({"a.js": "export const a = '\ufffd';"}, "UTF-8"),
    "no module for certain": ({"e.js": 'import("./a.js")'}, "nothing to join"),
    "needed in two ways": ({"e.js": f'{ENTRY} import("./a.js");'}, "two ways"),
    "in two files of a page": (
        {"e.js": f'{ENTRY} import("./b.js"); import("./c.js");', **dict.fromkeys(("b.js", "c.js"), 'import "./d.js";')},
        "several files",
    ),
    "needed by what nothing loads": ({"x.js": 'import "./e.js";'}, "needed elsewhere"),
    "needed lazily elsewhere": ({"e.js": f'{ENTRY} import("./d.js");', "x.js": 'import("./d.js")'}, "needed elsewhere"),
    "a path that would change": (
        {"e.js": 'import { a } from "./sub/a.js";', "sub/a.js": 'export const a = () => import("../d.js");'},
        "path",
    ),
}


@pytest.mark.parametrize("case", LEFT_ALONE)
def test_where_joining_may_mean_another_thing_scripts_stay(case: str) -> None:
    changed, reason = LEFT_ALONE[case]
    usual = {"e.js": ENTRY, "a.js": "export const a = 1;", "d.js": "d()"}
    assert list(joined(usual)) == ["e.js"], "the same without the fault is joined"
    files = usual | changed
    with pytest.raises(UnclearError, match=re.escape(reason)):
        Scripts(files, PAGE).joined("e.js")
    assert join_scripts(files, PAGE) == ({}, set())
    data = {path: text.encode() for path, text in files.items()}
    assert published(data, PAGE) == published(data, []), "as they are"


AWAITS = ["async () => { await b(); }", "{ async b() { for await (const c of d) { if (c) { await c; } } } }", "b.await"]


@pytest.mark.parametrize("value", AWAITS)
def test_functions_may_wait(value: str) -> None:
    assert "await" in joined({"e.js": ENTRY, "a.js": f"export const a = {value};"})["e.js"]


def test_statements_do_not_run_together() -> None:
    files = {
        "e.js": 'const c = 1\nimport { a } from "./a.js"\n;[c].map(a)',
        "a.js": 'f()\nimport { b } from "./b.js"\n(() => b)()\nexport const a = b',
        "b.js": "export const b = 1",
    }
    assert joined(files) == {"e.js": "const d=1\nf();(()=>d)()\nconst e=d\nconst g=1;[g].map(e)"}


def test_what_several_scripts_of_a_page_need_stays_a_file() -> None:
    files = {
        "e.js": 'import { s } from "./s.js";\nimport { a } from "./a.js";\na(s);',
        "a.js": 'import { s } from "./s.js"; export const a = s;',
        "s.js": "export const s = {};",
        "o.js": 'import { s } from "./s.js"; s();',
    }
    pages = [frozenset({"e.js", "o.js"}), frozenset({"e.js"})]
    assert joined(files, pages) == {"e.js": 'import{s}from"./s.js";const b=s;b(s);'}
    data = {path: text.encode() for path, text in files.items()}
    assert set(published(data, pages)) == {"e.js", "o.js", "s.js"}
    assert set(published(data, [frozenset({"e.js"}), frozenset({"o.js"})])) == {"e.js", "o.js"}
    late = files | {
        "e.js": 'import { a } from "./a.js";\nimport { s } from "./s.js";\na(s);',
        "a.js": "export const a = 1;",
    }
    with pytest.raises(UnclearError, match="evaluated first"):
        joined(late, pages)


def test_a_module_that_something_names_is_published() -> None:
    data = {
        "e.js": ENTRY.encode(),
        "a.js": b'import { b } from "./b.js"; export const a = b;',
        "b.js": b"export const b = 1;",
    }
    assert set(published(data, PAGE)) == {"e.js"}
    assert set(published(data | {"x.html": b"<script type=module src=a.js>"}, PAGE)) == {
        "e.js",
        "a.js",
        "b.js",
        "x.html",
    }
    assert set(published(data | {"x.js": b'import { b } from "./b.js"'}, PAGE)) == {"e.js", "b.js", "x.js"}


SHORT = {
    "private names": ("class A { #long = 1; #a() { return #long in this } }", "class a{#a=1;#b(){return #a in this}}"),
    "names": ("const long = 1; function f(long) { return long }", "const a=1;function b(a){return a}"),
    "dots": ("const long = 1; x.long", "const long=1;x.long"),
    "keys": ("const long = 1; f({ long: 2 })", "const long=1;f({long:2})"),
    "short keys": ("const long = 1; f({ x, long })", "const long=1;f({x,long})"),
    "patterns": ("const long = 1; ({ long = 2 }) => 3", "const long=1;({long=2})=>3"),
    "methods": ("const long = 1; f({ long() {} })", "const long=1;f({long(){}})"),
    "accessors": ("const long = 1; f({ x, get long() {} })", "const long=1;f({x,get long(){}})"),
    "classes": (
        "const long = 1; (class extends f({}) { static long\nx() {} })",
        "const long=1;(class extends f({}){static long\nx(){}})",
    ),
    "what is declared in classes": ("const long = 1; (class { x = long })", "const a=1;(class{x=a})"),
    "words in texts": ("const long = 1; `long ${long}`", "const a=1;`long ${a}`"),
    "taken names": ("const long = 1; a.b(c)", "const d=1;a.b(c)"),
    "names of expressions": ("const long = class Map {}; new Map()", "const a=class Map{};new Map()"),
    "patterns with defaults": ("const [long = document] = []; document", "const[long=document]=[];document"),
}


@pytest.mark.parametrize("case", SHORT)
def test_names_are_shortened_unless_they_may_be_properties(case: str) -> None:
    source, expected = SHORT[case]
    short = shortened(source, read_module("e.js", source).plain)
    assert published({"e.js": short.encode()}, [])["e.js"].decode() == expected


def put(folder: Path, files: Mapping[str, str]) -> Path:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def test_pages_are_read_from_the_templates(tmp_path: Path) -> None:
    files = {
        "base.html": "{% from 'part.html' import x %}{{ static('a.css') }}",
        "part.html": "{% macro x() %}{{ static('js/x.js') }}{% endmacro %}",
        "pages/p.html": '{% extends "base.html" %}{{ static( "js/p.js" ) }}',
        "static/js/x.html": "{{ static('js/none.js') }}",
    }
    pages = script_pages([put(tmp_path / "a", files)])
    assert frozenset({"a.css", "js/x.js", "js/p.js"}) in pages
    assert not any("js/none.js" in page for page in pages)
    for text in ("{{ static(name) }}", "{% set s = static %}", "{% include name %}"):
        assert script_pages([put(tmp_path / "b", files | {"pages/q.html": text})]) == []


def test_our_own_scripts_are_joined() -> None:
    texts = {f"js/{path.name}": path.read_text(encoding="utf-8") for path in (TEMPLATES / "static/js").glob("*.js")}
    scripts = Scripts(texts, [page & texts.keys() for page in script_pages([TEMPLATES])])
    alone = {"js/policies.js", "js/reading.js"}  # which import nothing
    entries = {"js/bulk.js", "js/expiry.js", "js/search.js"} | alone
    assert scripts.entries == entries
    made: dict[str, str] = {}
    for entry in entries - alone:
        made |= scripts.joined(entry)  # or says why not
    lazy = {"js/search-fields.js", "js/search-filters.js", "js/search-hints.js", "js/search-subjects.js"}
    assert set(made) == entries - alone | lazy
    shown = {path for path in published_files() if path.endswith(".js")}
    assert shown == entries | lazy | {"js/day.js"}, "and what went into others is not published"
