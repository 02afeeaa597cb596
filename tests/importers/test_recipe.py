"""Recipes: everything wrong is said at once, by place."""

from collections.abc import Callable
from pathlib import Path

import pytest

from publish.importers.recipe import Ragged, Recipe, Whitespace, load_recipe
from publish.model.issue import BuildStopped

RecipeOf = Callable[..., Recipe]


def test_defaults(recipe_of: RecipeOf) -> None:
    recipe = recipe_of()
    assert recipe.record_id == "record_id"
    assert recipe.whitespace is Whitespace.TRIM
    assert recipe.ragged is Ragged.STOP
    assert recipe.columns[0].aliases == ("会社名",)
    assert recipe.dates[0].past


def test_dates_in_the_disclosure_block_stay_text(recipe_of: RecipeOf) -> None:
    recipe = recipe_of("provider: 役所", "provider: 役所, since: 2017-05-10")
    assert recipe.disclosure["since"] == "2017-05-10"


@pytest.mark.parametrize(
    ("old", "new", "hint"),
    [
        ("resource: cases\n", "", "required is not met at $"),
        ("resource: cases\n", "resource: cases\ncolour: red\n", "additionalProperties is not met at $"),
        ("cp932", "klingon", "enum is not met at $.encodings[1]"),
        ('"\\t"', "tab", "maxLength is not met at $.delimiter"),
        ("field: note", "field: 備考", "pattern is not met at $.columns[2].field"),
        ("field: note", "field: name", "field name is used twice"),
        ("field: said_on", "field: said", "field said is used twice"),
        ("title: 備考", "title: 会 社 名", "a column title or alias is used twice"),
        ("key: [name, said]", "key: [name, sad]", "key names sad, which is no column"),
        ("key: [name, said]", "key: [name, extra]", "key names extra, which is optional"),
        ("source: said", "source: sad", "date said_on is read from sad"),
        ('"\\t"', "'\"'", "the delimiter is the quote"),
    ],
)
def test_faults_are_placed(recipe_of: RecipeOf, old: str, new: str, hint: str) -> None:
    with pytest.raises(BuildStopped) as stopped:
        recipe_of(old, new)
    (issue,) = stopped.value.issues
    assert issue.code == "recipe.bad-value"
    assert issue.hint.startswith(hint)


def test_all_faults_at_once(recipe_of: RecipeOf) -> None:
    with pytest.raises(BuildStopped) as stopped:
        recipe_of("resource: cases\n", "", "cp932", "klingon", "past: true", "past: maybe")
    assert len(stopped.value.issues) == 3


@pytest.mark.parametrize(("text", "line"), [("a: [", 1), ("a: 1\nb: ]\n", 2)])
def test_not_yaml(tmp_path: Path, text: str, line: int) -> None:
    path = tmp_path / "recipe.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(BuildStopped) as stopped:
        load_recipe(path)
    assert stopped.value.issues[0].code == "recipe.bad-file"
    assert stopped.value.issues[0].line == line


def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(BuildStopped) as stopped:
        load_recipe(tmp_path / "none.yaml")
    assert "FileNotFoundError" in stopped.value.issues[0].hint
