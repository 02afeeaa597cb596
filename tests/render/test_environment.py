"""The environment: which folder wins, interface texts, addresses of static files, scripts that find one another."""

import re
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

import jinja2
import pytest
from markupsafe import Markup

from publish import urls
from publish.render import static_memory
from publish.render.bulk import Slot
from publish.render.contexts import Meta
from publish.render.environment import environment, load_interface, static_files, translator
from publish.render.page_contexts import NotFoundPage
from tests.render.contexts_samples import SITE
from tests.searchkit import published_files

TEMPLATES = Path(__file__).resolve().parents[2] / "site_templates"


def put(folder: Path, files: Mapping[str, str]) -> Path:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def addresses(folder: Path) -> dict[str, str]:
    return {path: url for path, (url, _) in static_files([folder]).items()}


def test_a_sites_own_template_wins_and_may_extend_ours(tmp_path: Path) -> None:
    own = put(
        tmp_path,
        {"pages/404.html": '{% extends "base.html" %}{% block main %}<h1>{{ t("more") }}!</h1>{% endblock %}'},
    )
    made = environment([own, TEMPLATES], "zh-Hans", SITE, addresses(TEMPLATES))
    html = made.get_template("pages/404.html").render(page=NotFoundPage(Meta("标题", urls.NOT_FOUND)))
    assert "<h1>查看全部!</h1>" in html
    assert SITE.organiser in html, "the rest of the page is still ours"
    assert made.get_template("pages/leaving.html").filename == str(TEMPLATES / "pages/leaving.html")


def test_interface_texts_of_a_site_win_one_by_one(tmp_path: Path) -> None:
    own = put(tmp_path, {"i18n/zh-Hans.yaml": "nav.home: 回到首页\n"})
    texts = load_interface([own, TEMPLATES], "zh-Hans")
    assert texts["nav.home"] == "回到首页"
    assert texts["nav.search"] == "搜索"
    assert load_interface([own, TEMPLATES], "en")["nav.home"] == "Home"


def test_a_blank_file_of_texts_changes_nothing(tmp_path: Path) -> None:
    own = put(tmp_path, {"i18n/zh-Hans.yaml": "# nothing yet\n"})
    assert load_interface([own, TEMPLATES], "zh-Hans") == load_interface([TEMPLATES], "zh-Hans")


def test_t_fills_and_escapes() -> None:
    t = translator({"plain": "甲 & 乙 {x}", "filled": "“{name}”于{date} <停止>"})
    assert t("plain") == Markup("甲 &amp; 乙 {x}")
    assert t("filled", name="<b>", date="{name}") == Markup("“&lt;b&gt;”于{name} &lt;停止&gt;")
    assert t("filled", name=Slot("subject"), date=Markup("<i>")) == "“\ue000subject\ue001”于<i> &lt;停止&gt;"
    with pytest.raises(KeyError):
        t("none")
    with pytest.raises(KeyError):
        t("filled", name="x")


def test_everything_is_escaped_and_undefined_names_are_errors() -> None:
    made = environment([TEMPLATES], "en", SITE, {})
    assert made.from_string("{{ x }}").render(x="<&\"'>") == "&lt;&amp;&#34;&#39;&gt;"
    assert made.autoescape is True
    for text in ("{{ x }}", "{% if x %}{% endif %}", "{% for y in x %}{% endfor %}", "{{ site.none }}"):
        with pytest.raises(jinja2.UndefinedError):
            made.from_string(text).render()
    with pytest.raises(KeyError):
        made.from_string("{{ static('css/none.css') }}").render()


def test_no_template_switches_escaping_off() -> None:
    texts = {path: path.read_text(encoding="utf-8") for path in TEMPLATES.rglob("*.html")}
    off = re.compile(r"\|\s*safe\b|autoescape|Markup|\|\s*forceescape|\{%-?\s*include\s+[^\"']")
    assert [path.name for path, text in texts.items() if off.search(text)] == []


def test_static_files_lie_in_one_folder_named_by_their_hash(tmp_path: Path) -> None:
    folder = put(tmp_path / "a", {"static/css/a.css": "a", "static/js/b.js": "b"})
    files = static_files([folder])
    assert list(files) == ["css/a.css", "js/b.js"]
    found = {re.fullmatch(rf"{urls.STATIC}([0-9a-f]{{12}})/(.+)", url) for url, _ in files.values()}
    assert {match[2] for match in found if match} == {"css/a.css", "js/b.js"}
    assert len({match[1] for match in found if match}) == 1
    assert files["css/a.css"][1] == b"a"
    assert static_files([folder]) == files

    versions: set[str] = set()
    for change in ({"static/css/a.css": "A"}, {"static/js/c.js": "b"}, {"static/css/a.cs": "sa"}):
        changed = put(tmp_path / str(len(versions)), {"static/css/a.css": "a"} | change)
        versions.add(addresses(changed)["css/a.css"])
    assert len(versions) == 3, "any change gives another address"


def test_scripts_and_styles_are_published_without_comments(tmp_path: Path) -> None:
    files = {"static/js/a.js": "f( 1 ) // a\n", "static/css/a.css": "a { b: c } /* a */\n", "static/a.txt": "/* a */ "}
    shown = {path: data for path, (_, data) in static_files([put(tmp_path / "a", files)]).items()}
    assert shown == {"js/a.js": b"f(1)", "css/a.css": b"a{b:c}", "a.txt": b"/* a */ "}
    other = files | {"static/js/a.js": "f(1) // another note"}
    assert addresses(put(tmp_path / "b", other)) == addresses(tmp_path / "a"), "of what is published"


def test_static_files_are_published_as_the_last_build_did(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where all is as it was then; whatever has happened to what it left, they are published as ever."""
    files = {"static/js/a.js": "f( 1 ) // 甲", "static/css/a.css": "a { b: c }", "static/a.txt": "\x00", "a.html": ""}
    folder, memory = put(tmp_path / "a", files), tmp_path / "static"
    (folder / "static/logo").write_bytes(b"\xff")
    shown = static_files([folder])
    assert static_files([folder], memory) == shown
    left = memory.read_bytes()

    calls = []
    real = static_memory.published
    monkeypatch.setattr(static_memory, "published", lambda *args: calls.append(args) or real(*args))
    assert static_files([folder], memory) == shown
    assert not calls
    for damaged in (left[:-9], left.replace(b"f(1)", b"f(2)"), b"", b"{}\n{}"):
        memory.write_bytes(damaged)
        assert static_files([folder], memory) == shown
        assert memory.read_bytes() == left
    assert len(calls) == 4

    put(folder, {"static/css/a.css": "a { b: d }"})
    assert static_files([folder], memory) == static_files([folder]) != shown
    put(folder, {"a.html": "{{ static('js/a.js') }}"})
    static_files([folder], memory)
    monkeypatch.setattr(static_memory, "made_by", lambda *of: "another program")
    static_files([folder], memory)
    assert len(calls) == 4 + 2 + 1 + 1
    assert static_files([folder], tmp_path) == static_files([folder]), "where nothing can be kept"


def test_a_sites_own_static_file_wins(tmp_path: Path) -> None:
    own = put(tmp_path, {"static/css/site.css": "body{}", "static/img/logo.svg": "<svg/>"})
    files, ours = static_files([own, TEMPLATES]), static_files([TEMPLATES])
    assert files["css/site.css"][1] == b"body{}"
    assert files["js/search.js"][1] == ours["js/search.js"][1]
    assert files["js/search.js"][0] != ours["js/search.js"][0]
    assert set(files) - set(ours) == {"img/logo.svg"}


def test_hidden_files_are_no_static_files(tmp_path: Path) -> None:
    """Folders are full of what file managers and editors leave there."""
    seen = put(tmp_path, {"static/css/a.css": "a"})
    before = static_files([seen])
    put(tmp_path, {"static/.DS_Store": "x", "static/css/.a.css.swp": "x", "static/.git/config": "x"})
    assert static_files([seen]) == before


def test_folders_without_static_files(tmp_path: Path) -> None:
    assert static_files([tmp_path]) == {}


IMPORT = re.compile(
    r"""(?:^|;)\s*(?:import|export)\b[^;]*?\bfrom\s*["']([^"']+)["']|\bimport\(\s*["']([^"']+)""", re.MULTILINE
)


def test_scripts_find_one_another() -> None:
    """Modules import by relative paths, with suffix, what is there: the sources, and what is published."""
    files = published_files()
    find_one_another({path: data.decode() for path, (_, data) in files.items() if path.endswith(".js")})
    sources = (TEMPLATES / "static/js").glob("*.js")
    find_one_another({f"js/{path.name}": path.read_text(encoding="utf-8") for path in sources})


def find_one_another(scripts: Mapping[str, str]) -> None:
    assert len(scripts) >= 6
    found = 0
    for path, text in scripts.items():
        for match in IMPORT.finditer(text):
            wanted = match[1] or match[2]
            assert re.fullmatch(r"\./[\w-]+\.js", wanted), f"{path} imports {wanted}"
            assert (PurePosixPath(path).parent / wanted).as_posix() in scripts, f"{path} imports {wanted}"
            found += 1
    assert found >= 4


def test_every_static_file_is_asked_for() -> None:
    """By a template, or by a script that is."""
    files = published_files()
    templates = "".join(path.read_text(encoding="utf-8") for path in TEMPLATES.rglob("*.html"))
    asked = set(re.findall(r"static\('([^']+)'\)", templates))
    waiting = [path for path in asked if path.endswith(".js")]
    while waiting:
        path = waiting.pop()
        new = {f"js/{(m[1] or m[2])[2:]}" for m in IMPORT.finditer(files[path][1].decode())} - asked
        asked |= new
        waiting += new
    assert asked == set(files)


def test_scripts_make_no_html_of_text_and_ask_no_other_host() -> None:
    scripts = "".join(data.decode() for path, (_, data) in published_files().items() if path.endswith(".js"))
    for forbidden in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function"):
        assert forbidden not in scripts
    assert re.findall(r"https?://[^\s\"']+", scripts) == []
    assert "document.cookie" not in scripts
    assert "localStorage" not in scripts
