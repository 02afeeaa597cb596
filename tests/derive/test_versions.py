"""What was changed from one text of a document to the next."""

from dataclasses import replace
from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from publish.derive.versions import derive_amendments
from publish.model.document import Document, Version
from publish.model.policy import Amendment, Change, ChangeKind, Run

OLD = """第一章 总则

第一条 为了公示，制定本办法。

第二条 期限为三年，自公示之日起算。

第三条 收费二十元。

第四条 十五个工作日内答复申请人。

第五条 本办法自公布之日起施行。"""
NEW = """第一章 总则

第一条 为了公示，制定本办法。

第二条 期限为一年，自公示之日起算。

第三条 十五个工作日内答复申请人。

第四条 退出公告登载三十日，不得载明内容。

第五条 本办法自公布之日起施行。"""


def amendment(before: str, after: str) -> Amendment:
    document = Document("d", "办法", after)
    version = Version(date(2023, 1, 1), replace(document, body=before))
    (found,) = derive_amendments(replace(document, versions=(version,)))
    return found


def test_each_part_by_what_became_of_it() -> None:
    found = amendment(OLD, NEW)
    assert [(one.kind, one.before, one.after, one.anchor) for one in found.changes] == [
        (ChangeKind.CHANGED, "第二条", "第二条", "art-2"),
        (ChangeKind.REMOVED, "第三条", None, None),
        (ChangeKind.RENUMBERED, "第四条", "第三条", "art-3"),
        (ChangeKind.ADDED, None, "第四条", "art-4"),
    ]
    assert found.unchanged == 3
    assert found.changes[0].runs == (
        (Run.SAME, "期限为"),
        (Run.REMOVED, "三"),
        (Run.ADDED, "一"),
        (Run.SAME, "年，自公示之日起算。"),
    )


def test_no_change() -> None:
    assert amendment(OLD, OLD).changes == ()


def test_several_texts_newest_first_and_links_to_the_present_only() -> None:
    document = Document("d", "办法", "第一条 丙丙。")
    texts = ((date(2020, 1, 1), "第一条 甲甲。"), (date(2022, 1, 1), "第一条 乙甲。"))
    versions = tuple(Version(day, replace(document, body=body)) for day, body in texts)
    found = derive_amendments(replace(document, versions=versions))
    assert [(one.day, one.next_day) for one in found] == [
        (date(2022, 1, 1), None),
        (date(2020, 1, 1), date(2022, 1, 1)),
    ]
    assert [change.anchor for change in found[1].changes] == [None]


def joined(changes: tuple[Change, ...], kind: Run) -> str:
    return "".join(text for change in changes for run, text in change.runs if run in (Run.SAME, kind))


PARTS = st.lists(
    st.text("甲乙丙丁戊己，。", min_size=1, max_size=12).map(lambda text: "文" + text), min_size=1, max_size=6
)


@settings(max_examples=80, deadline=None)
@given(PARTS, PARTS)
def test_runs_hold_both_texts_whole(before: list[str], after: list[str]) -> None:
    """Taking away what was added gives the earlier parts, and the other way round: no character is lost or invented."""
    han = "一二三四五六"
    texts = ["\n\n".join(f"{han[place]}、{text}" for place, text in enumerate(parts)) for parts in (before, after)]
    found = amendment(*texts)
    for change in found.changes:
        old = "".join(text for run, text in change.runs if run is not Run.ADDED)
        new = "".join(text for run, text in change.runs if run is not Run.REMOVED)
        if change.before is not None:
            assert old == before[han.index(change.before[0])]
        if change.after is not None:
            assert new == after[han.index(change.after[0])]
    told = sum(change.after is not None for change in found.changes)
    assert told + found.unchanged == len(after)
    assert sum(change.before is not None for change in found.changes) + found.unchanged == len(before)
