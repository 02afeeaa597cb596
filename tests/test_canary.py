"""Every non-public cell of a test site carries a unique mark; no mark is in any byte that a build leaves behind.

Output, file names, ledgers, registers, reports, console output: all are searched, packed formats unpacked.
"""

import csv
import pickle
from collections.abc import Callable
from concurrent.futures import Executor, Future
from datetime import date
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from publish.cli import main
from publish.executors import SerialExecutor
from publish.model.report import NO_PROGRESS
from publish.pipeline.building import build
from publish.pipeline.inputs import Request
from tests.nightkit import SECRET, edit, site_of_rows, write_rows
from tests.sitekit import build_site, everything_readable

AS_OF = date(2026, 11, 20)
MARK = "CANARY"
GOOD_CODE = "914403001922038216"

FIELDS = {
    # name: (type, role, class)
    "id": ("string", "record_id", None),
    "number": ("string", "document_number", "public"),
    "name": ("string", "subject_name", "public"),
    "code": ("string", "subject_code", "public"),
    "kind": ("string", "subject_kind", "public"),
    "boss": ("string", "other_person", "public"),
    "paper": ("string", "person_number", "public"),
    "decided": ("date", "decision_date", "public"),
    "ends": ("date", "valid_until", None),
    "degree": ("string", "severity", "public"),
    "how": ("string", "procedure", "public"),
    "reason": ("string", "reason", "public"),
    "home": ("string", None, None),
    "gov": ("string", None, "shared"),
    "asked": ("string", None, "authorised"),
    "some": ("string", None, "limited"),
    "day": ("date", None, None),
    "amount": ("integer", None, None),
}


class Marks:
    """Hands out unique marks, for texts, days and numbers."""

    def __init__(self) -> None:
        self.numbers = count(1)
        self.given: set[str] = set()

    def text(self) -> str:
        return self.keep(f"{MARK}{next(self.numbers):04d}Q")

    def day(self) -> str:
        n = next(self.numbers)
        return self.keep(date(2051 + n // 300, n % 12 + 1, n % 28 + 1).isoformat())

    def number(self) -> str:
        return self.keep(str(86420000 + next(self.numbers)))

    def keep(self, mark: str) -> str:
        self.given.add(mark)
        return mark


def rows(marks: Marks) -> list[dict[str, str]]:
    """Public records, and one for each way of not being public; the latter are marked in their public fields too."""

    def private() -> dict[str, str]:
        texts = {name: marks.text() for name in ("id", "boss", "paper", "home", "gov", "asked", "some")}
        return texts | {"ends": marks.day(), "day": marks.day(), "amount": marks.number()}

    def shown(n: int) -> dict[str, str]:
        return private() | {
            "number": f"公罚〔2026〕{n}号", "name": "示例甲有限公司", "code": GOOD_CODE, "kind": "法人及非法人组织",
            "decided": "2026-10-08", "degree": "一般", "how": "普通程序", "reason": "未公示",
        }  # fmt: skip

    def hidden(**cells: str) -> dict[str, str]:
        marked = {"number": marks.text(), "name": marks.text(), "reason": marks.text()}
        return shown(0) | marked | cells

    name = marks.text()
    person = {"name": f"张{name}", "kind": "自然人", "code": marks.text(), "reason": f"张{name}无照经营"}
    return [
        shown(1),
        shown(2) | person,
        shown(3) | {"kind": "外星人", "name": f"李{marks.text()}", "code": ""},
        shown(4) | {"code": marks.text()},
        shown(5) | {"reason": f"证号{marks.keep('11010519491231002X')}，电话{marks.keep('13800138000')}，已改正"},
        hidden(degree="轻微"),
        hidden(degree="未知"),
        hidden(how="简易程序"),
        hidden(decided="2023-01-01"),
        hidden(decided="2027-01-01"),
        hidden(decided="oops" + marks.text()),
        hidden(id=""),
    ]


def write_site(root: Path, marks: Marks) -> None:
    content, data = root / "content", root / "data" / "penalties"
    content.mkdir(parents=True)
    data.mkdir(parents=True)
    site = {
        "name": "标记站", "organiser": "示例办公室", "base_url": "https://canary.example", "language": "zh-Hans",
        "time_zone": "Asia/Shanghai", "rule_profiles": ["town"], "limits": {"bad_record_share": 0.5},
    }  # fmt: skip
    rule = {
        "id": "town.1",
        "topic": "objection",
        "title": "加注标识",
        "citation": {"title": "办法"},
        "record": "public",
    }
    town = {"profile": "town", "title": "本市", "level": "municipal", "extends": "national", "rules": [rule]}
    (content / "rules").mkdir()
    (content / "rules/town.yaml").write_text(yaml.safe_dump(town, allow_unicode=True), encoding="utf-8")
    (content / "site.yaml").write_text(yaml.safe_dump(site, allow_unicode=True), encoding="utf-8")
    schema = {"fields": [{"name": name, "type": type_, "title": name} for name, (type_, _, _) in FIELDS.items()]}
    block = {
        name: {key: value for key, value in (("role", role), ("class", publicity)) if value}
        for name, (_, role, publicity) in FIELDS.items()
        if role or publicity
    }
    descriptor = {
        "name": "penalties",
        "resources": [
            {"name": "penalties", "path": "penalties.csv", "schema": schema},
            {
                "name": "objections", "path": "objections.csv",
                "schema": {"fields": [{"name": n, "type": "string"} for n in ("id", "day", "state", "who")]},
            },
            {"name": "unpublished", "path": "unpublished.csv", "schema": {"fields": [{"name": "x", "type": "string"}]}},
        ],
        "disclosure": {
            "provider": "示例办公室",
            "resources": {
                "penalties": {
                    "title": "行政处罚", "kind": "penalty", "published_since": date(2020, 1, 1), "fields": block,
                    "values": {
                        "severity": {"轻微": "minor", "一般": "general", "严重": "serious"},
                        "subject_kind": {"法人及非法人组织": "organisation", "自然人": "natural_person"},
                        "procedure": {"简易程序": "summary", "普通程序": "ordinary"},
                    },
                },
                "objections": {
                    "register": "objection", "of": "penalties", "values": {"event_state": {"核查中": "open"}},
                    "fields": {
                        "id": {"role": "record_id"}, "day": {"role": "event_date"}, "state": {"role": "event_state"},
                    },
                },
            },
        },
    }  # fmt: skip
    (data / "datapackage.yaml").write_text(yaml.safe_dump(descriptor, allow_unicode=True), encoding="utf-8")
    cells = rows(marks)
    write_csv(data / "penalties.csv", list(FIELDS), cells)
    events = [{"id": cells[0]["id"], "day": "2026-11-12", "state": "核查中", "who": marks.text()}]
    write_csv(data / "objections.csv", ["id", "day", "state", "who"], events)
    write_csv(data / "unpublished.csv", ["x"], [{"x": marks.text()}])


def write_csv(path: Path, header: list[str], cells: list[dict[str, str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, header, restval="")
        writer.writeheader()
        writer.writerows(cells)


@pytest.fixture(scope="module")
def canary(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str, set[str]]:
    folder = tmp_path_factory.mktemp("canary")
    marks = Marks()
    write_site(folder / "root", marks)
    out, printed = folder / "out", ""
    arguments = ["--root", str(folder / "root"), "--as-of", AS_OF.isoformat()]
    for command in (["build", "--out", str(out)], ["check"], ["build", "--out", str(out), "--workers", "2"]):
        given = [*command, *(arguments if "check" not in command else arguments[:2])]
        result = CliRunner().invoke(main, given)
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        printed += result.output
    return out, printed, marks.given


def test_the_site_is_there(canary: tuple[Path, str, set[str]]) -> None:
    """Without this the canary test could pass on an empty site."""
    out, printed, marks = canary
    pages = list((out / "current" / "r").rglob("*.html"))
    assert len(pages) == 5, printed
    assert len(marks) > 100
    assert any("异议" in page.read_text(encoding="utf-8") for page in pages)


def held(data: bytes, marks: set[str]) -> bool:
    return MARK.encode() in data or any(mark.encode() in data for mark in marks if not mark.startswith(MARK))


def test_no_mark_is_in_any_byte(canary: tuple[Path, str, set[str]]) -> None:
    out, _, marks = canary
    assert [name for name, data in everything_readable(out) if held(data, marks)] == []


class Elsewhere(Executor):
    """Looks, before each call and after it, at all that a worker of a cluster sees of a build: the call as it goes over
    the wire, its result, and the shared folder."""

    def __init__(self, shared: Path, marks: set[str]) -> None:
        self._shared, self._marks = shared, marks
        self.found: set[str] = set()
        self.calls: set[str] = set()

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        self.calls.add(fn.__name__)
        self._look(f"call of {fn.__name__}", pickle.dumps((args, kwargs)))
        self._look_around(fn.__name__)
        done = SerialExecutor().submit(fn, *pickle.loads(pickle.dumps(args)), **kwargs)
        self._look(f"result of {fn.__name__}", pickle.dumps(done.result()))
        self._look_around(fn.__name__)
        return done

    def _look_around(self, name: str) -> None:
        for path in self._shared.rglob("*"):
            if path.is_file():
                self._look(f"{path.name} at {name}", path.read_bytes())

    def _look(self, name: str, data: bytes) -> None:
        if held(data, self._marks):
            self.found.add(name)


def test_workers_elsewhere_see_no_mark(tmp_path: Path) -> None:
    """In a full build and in the night after it."""
    marks, shared = Marks(), tmp_path / "shared"
    write_site(tmp_path / "root", marks)
    shared.mkdir()
    calls = set[str]()
    for day in (AS_OF, date(2026, 11, 21)):
        far = Elsewhere(shared, marks.given)
        request = Request(tmp_path / "root", tmp_path / "out", day, b"k" * 32, shared=shared, wait=False)
        build(request, far, NO_PROGRESS, SerialExecutor())
        assert far.found == set()
        calls |= far.calls
    assert {"render_task", "render_partition", "make_table", "make_blocks"} <= calls


def test_no_mark_is_printed(canary: tuple[Path, str, set[str]]) -> None:
    _, printed, marks = canary
    assert printed
    assert [mark for mark in marks if mark in printed] == []


def test_a_night_forgets_what_is_public_no_more(tmp_path: Path) -> None:
    """What the next build is told of this one has nothing of a record that is not there any more."""
    root, out = site_of_rows(tmp_path / "root"), tmp_path / "out"
    edit(root / "data/penalties/penalties.csv", "示罚〔2026〕7号", "别罚〔2026〕7号之丙丁戊己庚辛")
    for gone in (False, True):
        if gone:
            write_rows(root)
        build_site(root, out, AS_OF, secret=SECRET)
        cache = [path for path in (out / "cache").rglob("*") if path.is_file()]
        found = {path.name for path in cache if "丙丁戊己庚辛".encode() in path.read_bytes()}
        assert found == (set() if gone else {"order-numbers.bin"})
