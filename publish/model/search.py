"""The search index as files: what derive makes, render writes and the page's script loads (docs/search.md)."""

from collections.abc import Mapping
from dataclasses import dataclass, field

POLICIES = "@policies"  # no slug: slugs hold no `@`

# The columns of public tables that results show, by their short names in the index.
SHOWN: Mapping[str, str] = {"t": "_title", "s": "_subject", "c": "_code", "a": "_authority", "r": "_reason"}
# What is said of a policy document beside its title and issuer, as people call it.
SECTION_FIELDS = ("文号", "索引号", "主题分类", "关键词", "正文")
# Words for the shown columns in a query such as `机关:市场监督管理局`, beside the names and titles of fields.
ALIASES: Mapping[str, str] = {
    "标题": "t",
    "文号": "t",
    "title": "t",
    "主体": "s",
    "名称": "s",
    "subject": "s",
    "代码": "c",
    "code": "c",
    "机关": "a",
    "authority": "a",
    "事由": "r",
    "reason": "r",
}


@dataclass(frozen=True, slots=True)
class SearchDataset:
    """A dataset as the index sees it.

    `fields`: (name, title, stored, usual). A field's cell is what the block's column `stored` has, and where that is
    null or there is none, what the shown column `usual` has; each may be ''.
    """

    slug: str
    title: str
    kind: str
    fields: tuple[tuple[str, str, str, str], ...]


@dataclass(frozen=True, slots=True)
class SearchIndex:
    """All files of the index: `root`, the only one that changes under its address (`urls.SEARCH_ROOT`); `parts` by URL.

    `kept` are the URLs of files that the last release has already, with the same content. `figures`: counts for reports
    and tests (units, blocks, grams, files, new files and bytes).
    """

    root: bytes
    parts: Mapping[str, bytes]
    kept: frozenset[str] = frozenset()
    figures: Mapping[str, int] = field(default_factory=dict)
