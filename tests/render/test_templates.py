"""Every template with its context: complete, well-formed, escaped, in both languages."""

import dataclasses
import inspect
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jinja2 import Environment, UndefinedError

from publish.render import contexts, page_contexts, policy_contexts
from publish.render.contexts import SiteView
from publish.render.environment import environment
from publish.render.outbound import Outbound
from publish.render.page_contexts import DatasetPage, TextPage
from publish.render.policy_contexts import PolicyPage
from publish.render.text import render_markdown
from tests.render.contexts_samples import (
    BARE_SITE,
    HOSTILE,
    SAMPLES,
    SITE,
    hostile,
    mapped,
    named,
    recording,
    template_of,
)
from tests.render.htmlcheck import Page, faults
from tests.searchkit import published_files

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = ROOT / "site_templates"
LANGUAGES = ("zh-Hans", "en")
STATIC = {path: url for path, (url, _) in published_files().items()}
CASES = [pytest.param(page, id=name) for name, page in named()]

# What a class has and no template of ours shows, and why.
UNUSED = {("Value", "name")}  # a site's own template may pick a field out by its name
CHINESE = re.compile(r"[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]+")


@cache
def jinja(language: str = "zh-Hans", site: SiteView = SITE) -> Environment:
    """Kept between tests: compiling the templates takes longer than rendering them."""
    return environment([TEMPLATES], language, dataclasses.replace(site, language=language), STATIC)


def render(page: Any, made: Environment, template: str = "") -> str:
    return made.get_template(f"pages/{template or template_of(type(page))}.html").render(page=page)


def page_classes() -> dict[str, type]:
    """Context classes by template."""
    modules = (contexts, page_contexts, policy_contexts)
    classes = [(of, value) for of in modules for value in vars(of).values() if inspect.isclass(value)]
    own = [value for of, value in classes if value.__module__ == of.__name__ and value.__name__.endswith("Page")]
    return {template_of(value): value for value in own}


def test_every_template_has_a_context_and_samples_and_the_other_way_round() -> None:
    classes = page_classes()
    assert set(classes) == {path.stem for path in (TEMPLATES / "pages").iterdir()}
    assert set(classes.values()) == {type(page) for page in SAMPLES}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("site", [SITE, BARE_SITE], ids=["site", "bare-site"])
@pytest.mark.parametrize("page", CASES)
def test_pages_are_well_formed(page: Any, language: str, site: SiteView) -> None:
    assert faults(render(page, jinja(language, site))) == []


@pytest.mark.parametrize("page", CASES)
def test_hostile_text_changes_no_structure(page: Any) -> None:
    benign = Page(render(page, jinja()))
    html = render(mapped(page, hostile), jinja(site=mapped(SITE, hostile)))
    attacked = Page(html)
    assert attacked.faults == []
    assert attacked.skeleton() == benign.skeleton()
    assert HOSTILE not in html
    assert html.count("<script ") == len(benign.all("script"))
    assert "{{" in html, "the site's name at least is hostile, and is not run as a template"


def test_every_attribute_is_used() -> None:
    """Each page's own by its template; those of shared parts, of the site and of the head by some template."""
    seen: set[tuple[str, str]] = set()
    made = environment([TEMPLATES], "en", recording(SITE, seen), STATIC)
    for page in SAMPLES:
        render(recording(page, seen), made, template_of(type(page)))
    values = (*vars(contexts).values(), *vars(page_contexts).values(), *vars(policy_contexts).values())
    classes = list(dict.fromkeys(value for value in values if dataclasses.is_dataclass(value)))
    row = {("Row", field.name) for field in dataclasses.fields(contexts.Row)}  # a component of its own, below
    every = {(cls.__name__, field.name) for cls in classes for field in dataclasses.fields(cls)}  # type: ignore[union-attr]
    assert (every - row) - seen == UNUSED


def test_a_vanished_name_is_an_error() -> None:
    made = jinja()
    for text in ("{{ page.nothing }}", "{% if page.nothing %}{% endif %}", "{{ nothing }}", "{{ page.meta.nothing }}"):
        with pytest.raises(UndefinedError):
            made.from_string(text).render(page=SAMPLES[0])
    with pytest.raises(KeyError):
        made.from_string("{{ t('no.such-text') }}").render()
    with pytest.raises(KeyError):
        made.from_string("{{ static('css/none.css') }}").render()


@pytest.mark.parametrize("page", CASES)
def test_an_english_page_shows_no_chinese_but_its_content(page: Any) -> None:
    def latin(text: str) -> str:
        return CHINESE.sub("x", text)

    html = render(mapped(page, latin), jinja("en", mapped(SITE, latin)))
    body = re.sub(r'<(?:ol class="rows[^"]*"|div class="(?:reading|lead)").*?</(?:ol|div)>', "", html, flags=re.DOTALL)
    assert CHINESE.findall(body) == []


@pytest.mark.parametrize("page", [page for page in SAMPLES if isinstance(page, DatasetPage | PolicyPage | TextPage)])
def test_a_document_cannot_take_an_id_of_the_page(page: Any) -> None:
    """Markdown of documents may carry ids; those of the page shell are taken from it."""
    shell = {
        e.attributes["id"]
        for e in Page(render(page, jinja())).elements
        if "id" in e.attributes and "reading" not in e.inside
    }
    text = "\n\n".join(f"## 标题 {{#{name}}}" for name in sorted(shell))
    body = render_markdown(text, Outbound("https://a.example", ()))
    assert [e.attributes for e in Page(body).elements] == [{}] * len(shell)
