"""Responsibility clauses of real documents (facts, 9: PDS 35, SW 26, TJ 117), in the raw texts and as documents."""

import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from publish.derive.duties.clauses import derive_clauses
from publish.derive.outline import derive_outline
from publish.derive.responsibilities import derive_responsibilities
from publish.model.document import Document
from publish.model.responsibility import Share
from tests.real.test_policies import as_markdown

# File, title, clauses, and how many there are besides of what stands where clauses do and is none.
DOCUMENTS = {
    "000_085d57c061feaec5.txt": ("平顶山市社会信用体系建设实施方案", 35, ["(市各有关部门)"]),
    "001_c38e8cd30e00964f.txt": ("汕尾市加快推进社会信用体系建设的工作方案", 26, []),
    "004_45551e19d29f385e.txt": ("贯彻落实《天津市社会信用体系建设规划(2014—2020年)》责任分工", 117, []),
}
# A bracket behind a full stop, at the end of a line.
_LAST = re.compile(r"。\s*(\([^()]*\))\s*$", re.MULTILINE)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_known_totals(shared_input: Callable[[str], Path], name: str) -> None:
    text = (shared_input("policies") / name).read_text(encoding="utf-8")
    title, count, others = DOCUMENTS[name]
    found = [text[clause.start : clause.end] for clause in derive_clauses(text)]
    assert len(found) == count
    assert sum(clause.persons + clause.unknown for clause in derive_clauses(text)) == 0
    # Counted in another way: all brackets at the ends of items.
    assert [bracket for bracket in _LAST.findall(text) if bracket not in found] == others
    document = Document("a", title, as_markdown(text))
    told, issues = derive_responsibilities([document])
    assert len({row.number for row in told.rows}) == count
    assert issues == ()
    assert len(told.rows) == sum(len(clause.named) for clause in derive_clauses(text))
    anchors = {part.anchor for part in derive_outline(document)}
    assert {row.anchor for row in told.rows} <= anchors
    assert all(len(row.task) > 6 and "牵头" not in row.task[-8:] for row in told.rows)


def test_what_they_say(shared_input: Callable[[str], Path]) -> None:
    folder = shared_input("policies")
    documents = [
        Document(name[:3], title, as_markdown((folder / name).read_text(encoding="utf-8")))
        for name, (title, _, _) in DOCUMENTS.items()
    ]
    told, _ = derive_responsibilities(documents)
    assert {unit.place for unit in told.units} == {"平顶山市", "汕尾市", "天津市"}
    assert told.pairs == ()  # three cities: no unit of one is one of another
    rows = [row for row in told.rows if row.document == "000"]
    # 发改委 and 中级法院 have other names in the same document; 畜牧局 stands nowhere else with its level.
    full = {row.named: row.unit for row in rows}
    assert (full["市发改委"], full["工信局"], full["畜牧局"]) == ("市发展改革委", "市工信局", "畜牧局")
    shares = Counter(row.share for row in told.rows if row.document == "001")
    assert shares[Share.SUPPORT] == 0
    # （二）（六）（十八）（二十）（二十二）（二十四）: one unit leads.
    assert shares[Share.LEAD] == 6
    (split,) = [row.task for row in rows if row.task.startswith("各金融机构在贷款投放")][:1]
    assert split.endswith("联动奖惩。")
