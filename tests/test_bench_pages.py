"""The bench of pages beside other generators: what each is given, that its output is looked at, and none is hidden."""

import json
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from tests.bench import bench_pages_peers as bench
from tests.bench import peers_programs
from tests.bench.city import COLUMNS, make_city
from tests.bench.measured import Limits, Run, run
from tests.bench.peers_pages import ID, PEERS, PLAIN, TITLE, Peer, Record, Template, template_of
from tests.bench.peers_programs import MissingPeerError, Program, get

BY_NAME = {peer.name: peer for peer in PEERS}
RECORDS: list[Record] = bench.as_records(make_city(40).first)
TEMPLATE = Template(
    "<title>No. 1 (a)</title><nav>No. 1 (a)</nav><h1>No. 1 (a)</h1><b>No. 1 (a)</b>",
    '<a href="/r/ab/abc">2026-01-02</a>',
    {TITLE: "No. 1 (a)", "CF_SXCD": "a", "CF_JDRQ": "2026-01-02"},
    "abc",
)
AWKWARD = {**RECORDS[0], "BZ": 'a "b" <c> & d\\e'}


def test_ours_and_a_plain_loop_are_compared(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    figures = bench.compare(tmp_path, 60, 1, [BY_NAME["jinja2"], BY_NAME[PLAIN]])
    ours, peer = figures["ours"], figures["peers"]["jinja2"]
    assert figures["pages"] == ours["pages"] == peer["pages"]
    assert 55 <= ours["pages"] <= 60
    assert ours["render"]["pages"] > ours["pages"]
    for of in (ours, peer):
        assert min(of[name] for name in ("seconds", "cpu_seconds", "pages_per_second", "bytes")) > 0
        assert of["peak_mb"] >= 1
    times = figures["times_as_long"]["jinja2"]
    assert set(times) >= {"as_our_whole_build", "as_our_record_pages", "as_our_render_stage", "as_ours_plain"}
    for alone in (ours["record_pages"], figures["again"]["ours"]["record_pages"]):
        assert alone["pages"] == ours["pages"]
        assert set(alone["parts"]) == {"read", "disclose", "pages_made"}
        assert 0 < sum(alone["parts"].values()) <= alone["seconds"]
    assert "jinja2" in capsys.readouterr().out
    assert figures["again"]["peer"] == "jinja2"
    assert set(figures["again"]["times_as_long"]) == set(times) - {"as_ours_plain"}
    record = bench.as_records(make_city(60).first)[0]
    theirs = BY_NAME["jinja2"].file_of(tmp_path / "jinja2/project", record).read_text(encoding="utf-8")
    for part in ("<meta name=", 'class="crumbs', "<footer", record[TITLE], record["CF_JDRQ"]):
        assert part in theirs


def test_our_record_pages_must_be_those_of_the_whole_build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    release = tmp_path / "release"
    (release / "r").mkdir(parents=True)
    for number in range(2):
        (release / f"r/{number}.html").write_text(f"page {number}", encoding="utf-8")

    def made(pages: int, text: str) -> None:
        def run(command: Any, *_: Any) -> Run:
            folder = Path(command[4]) / "r"
            folder.mkdir()
            for number in range(pages):
                (folder / f"{number}.html").write_text(f"{text} {number}", encoding="utf-8")
            return Run(1.0, 1.0, 1, 0, json.dumps({"pages": pages}), "")

        monkeypatch.setattr(bench, "run", run)

    made(2, "page")
    figures = bench.measure_alone(tmp_path, tmp_path / "same", release, 2, 2)
    assert (figures["pages"], figures["pages_per_second"]) == (2, 2)
    for name, pages, text in (("fewer", 1, "page"), ("others", 2, "another page")):
        made(pages, text)
        with pytest.raises(RuntimeError, match=f"{pages} of 2 record pages"):
            bench.measure_alone(tmp_path, tmp_path / name, release, 2, 2)


def test_a_missing_program_is_told_and_no_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    figures = bench.measure(BY_NAME["eleventy"], RECORDS, TEMPLATE, tmp_path / "eleventy")
    assert figures == {"missing": "npm is not installed"}
    assert "MISSING: eleventy: npm is not installed" in capsys.readouterr().out
    failing = Peer("x", None, lambda *_: None, (sys.executable, "-c", "exit('it cannot')"), "out", "{}")
    assert bench.measure(failing, RECORDS, TEMPLATE, tmp_path / "x") == {
        "missing": "a program ended with 1: it cannot\n"
    }


def test_each_way_to_a_program_is_tried_and_each_reason_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(command: list[str], **_: Any) -> "subprocess.CompletedProcess[str]":
        said = f"npm error code E404\nERROR: no {command[0]} at https://registry.example/simple/ for /home/somebody\n"
        return subprocess.CompletedProcess(command, 1, "", said)

    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(subprocess, "run", refused)
    for name, ways in (("hugo", 2), ("zola", 2), ("eleventy", 1), ("pelican", 1)):
        with pytest.raises(MissingPeerError) as failed:
            get(name, tmp_path / name)
        assert str(failed.value).count("failed") == ways
        assert "registry.example" not in str(failed.value)
        assert "somebody" not in str(failed.value)
    monkeypatch.setattr(peers_programs, "_called", lambda *_, **__: "zola 1.2.3")
    with pytest.raises(MissingPeerError, match="brings no program"):
        get("eleventy", tmp_path)
    assert get("pelican", tmp_path).version == "1.2.3"


def fake(records: list[Record], folder: Path, peer: Peer, wrong: Record | None = None) -> None:
    """What a generator should have written, but for the record that is wrong."""
    for record in records:
        path = peer.file_of(folder, record)
        path.parent.mkdir(parents=True, exist_ok=True)
        shown = {**record, TITLE: "-"} if record is wrong else record
        path.write_text(TEMPLATE.text(lambda name, shown=shown: shown[name], shown[TITLE]), encoding="utf-8")  # type: ignore[misc]


def test_the_template_is_a_page_of_ours_with_the_values_of_another_record(tmp_path: Path) -> None:
    made = TEMPLATE.text(lambda name: f"[{name}]", "[title]")
    assert made.startswith("<title>[title]</title><nav>[title]</nav>")
    assert made.endswith('<a href="/r/[JLBH]">[CF_JDRQ]</a>')
    assert all(f"<dd>[{name}]</dd>" in made for name in COLUMNS)
    (tmp_path / "r/ab").mkdir(parents=True)
    (tmp_path / "r/ab/abc.html").write_text("<h1>another</h1>", encoding="utf-8")
    with pytest.raises(RuntimeError, match="no page of the release"):
        template_of(tmp_path, RECORDS)


def test_what_takes_too_much_is_ended() -> None:
    waiting = (sys.executable, "-c", "import time; time.sleep(100)")
    with pytest.raises(RuntimeError, match="more than 1 seconds"):
        run(waiting, limits=Limits(1, 100_000))
    with pytest.raises(RuntimeError, match="more than 1 MB"):
        run(waiting, limits=Limits(100, 1))


@pytest.mark.parametrize("peer", PEERS, ids=lambda peer: peer.name)
def test_too_few_pages_and_pages_of_nothing_are_noticed(peer: Peer, tmp_path: Path) -> None:
    fake(RECORDS, tmp_path / "good", peer)
    assert bench.check(peer, RECORDS, tmp_path / "good")["pages"] == len(RECORDS)
    fake(RECORDS, tmp_path / "wrong", peer, wrong=RECORDS[0])
    with pytest.raises(RuntimeError, match="does not show"):
        bench.check(peer, RECORDS, tmp_path / "wrong")
    fake(RECORDS[1:], tmp_path / "few", peer)
    with pytest.raises(RuntimeError, match="39 pages of 40"):
        bench.check(peer, RECORDS, tmp_path / "few")


def test_each_gets_every_field_of_every_record(tmp_path: Path) -> None:
    records = [AWKWARD, *RECORDS[1:]]
    for peer in PEERS:
        (tmp_path / peer.name).mkdir()
        peer.write(records, tmp_path / peer.name, TEMPLATE)
    for record in records:
        hugo = json.loads((tmp_path / f"hugo/content/r/{record[ID]}.md").read_text(encoding="utf-8"))
        zola = (tmp_path / f"zola/content/r/{record[ID]}.md").read_text(encoding="utf-8").split("+++\n")[1]
        lines = (tmp_path / f"pelican/content/records/{record[ID]}.md").read_text(encoding="utf-8").splitlines()
        assert {name: hugo[name] for name in COLUMNS} == tomllib.loads(zola)["extra"] == record
        assert dict(line.partition(": ")[::2] for line in lines if line).items() >= record.items()
    for data in ("eleventy/_data/records.json", "jinja2/records.json"):
        assert json.loads((tmp_path / data).read_text(encoding="utf-8")) == records


@pytest.mark.parametrize("name", ["jinja2", PLAIN])
def test_the_loops_escape(name: str, tmp_path: Path) -> None:
    peer = BY_NAME[name]
    figures = bench.measure(peer, [AWKWARD], TEMPLATE, tmp_path)
    assert figures["pages"] == 1
    assert "a &#34;b&#34; &lt;c&gt; &amp; d\\e" in peer.file_of(tmp_path / "project", AWKWARD).read_text(
        encoding="utf-8"
    )


def test_a_program_runs_with_what_it_needs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def write(records: list[Record], folder: Path, _: Template) -> None:
        fake(records, folder / "made", peer)

    peer = Peer("x", "x", write, ("-c", 'test "$GIVEN" = yes && mv made/out out'), "out", "r/{}.html")  # type: ignore[arg-type]
    monkeypatch.setattr(bench, "get", lambda *_: Program(("sh",), "somewhere", "1.0", {"GIVEN": "yes"}))
    figures = bench.measure(peer, RECORDS, TEMPLATE, tmp_path)
    assert (figures["from"], figures["version"], figures["pages"]) == ("somewhere", "1.0", len(RECORDS))
