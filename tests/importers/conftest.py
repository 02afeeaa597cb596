"""A small legacy table and its recipe."""

from collections.abc import Callable
from pathlib import Path

import pytest

from publish.importers.recipe import Recipe, load_recipe

RECIPE = """
package: {name: ledger, title: 台帳}
resource: cases
encodings: [utf-8, cp932, gb18030]
delimiter: "\\t"
columns:
  - {field: name, title: 企業名, aliases: [会社名]}
  - {field: said, title: 公表日}
  - {field: note, title: 備考}
  - {field: extra, title: 追記, optional: true}
dates:
  - {field: said_on, source: said, title: 公表日（西暦）, past: true}
key: [name, said]
disclosure: {provider: 役所, resources: {cases: {dataset: cases, kind: other, title: 台帳}}}
"""
RecipeOf = Callable[..., Recipe]


@pytest.fixture
def recipe_of(tmp_path: Path) -> RecipeOf:
    """`recipe_of(old, new, ...)`: RECIPE with texts replaced, loaded."""

    def load(*replacements: str) -> Recipe:
        text = RECIPE
        for old, new in zip(replacements[::2], replacements[1::2], strict=True):
            assert old in text
            text = text.replace(old, new)
        path = tmp_path / "recipe.yaml"
        path.write_text(text, encoding="utf-8")
        return load_recipe(path)

    return load
