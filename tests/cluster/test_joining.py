"""What stops a build before a cluster does anything for it; and files that are there whole or not at all."""

import socket
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from publish.cli import main
from publish.cluster import connect
from publish.cluster.connect import Patience, cluster_executor
from publish.cluster.worker import TOKEN, OtherProgramError, facts, fingerprint, introduce, run_call
from publish.model.artifact import written_whole
from publish.model.issue import BuildStopped
from tests.sitekit import SITES


class Workers:
    """A client whose workers give these answers."""

    def __init__(self, *answers: Any) -> None:
        self._answers = dict(enumerate(answers))

    def run(self, *arguments: Any, on_error: str) -> Mapping[int, Any]:
        return self._answers


def nobody() -> str:
    """An address on loopback where nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return f"tcp://127.0.0.1:{server.getsockname()[1]}"


def built(out: Path, *options: str) -> tuple[int, str]:
    result = CliRunner().invoke(main, ["build", "--root", str(SITES / "minimal"), "--out", str(out), *options])
    return result.exit_code, result.output


def test_without_dask_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    code, output = built(tmp_path, "--cluster", "tcp://127.0.0.1:1")
    assert code == 1
    assert "error cluster.not-installed" in output
    assert "pip install 'gongshi[cluster]'" in output


def test_where_no_scheduler_answers_it_stops_after_a_while(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("distributed")
    monkeypatch.setattr(connect, "Patience", lambda: Patience(scheduler=0.5))
    code, output = built(tmp_path, "--cluster", nobody())
    assert code == 1
    assert "no scheduler has answered for 0.5 s" in output
    assert not (tmp_path / "current").exists()


@pytest.mark.parametrize("address", ["nonsense://x:1", "tcp://127.0.0.1:port"])
def test_an_address_that_is_none(tmp_path: Path, address: str) -> None:
    pytest.importorskip("distributed")
    with pytest.raises(BuildStopped) as stopped, cluster_executor(address, tmp_path, Patience(scheduler=0.5)):
        pass
    assert [issue.code for issue in stopped.value.issues] == ["cluster.bad-address"]


def test_a_shared_folder_wants_a_cluster(tmp_path: Path) -> None:
    assert built(tmp_path, "--shared", str(tmp_path))[0] == 2


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ((facts(), ""), "folder-not-shared"),
        ((facts(), "not-there"), "folder-not-shared"),
        (({**facts(), "polars": "0.1"}, "x"), "other-program"),
        (({}, "x"), "other-program"),
        (ModuleNotFoundError("publish"), "no-program"),
    ],
)
def test_a_worker_that_cannot_be_trusted(tmp_path: Path, answer: Any, code: str) -> None:
    with pytest.raises(BuildStopped) as stopped:
        connect._check(Workers(answer), tmp_path)  # type: ignore[arg-type]
    assert [issue.code for issue in stopped.value.issues] == [f"cluster.{code}"]
    assert list(tmp_path.iterdir()) == []


def test_a_worker_introduces_itself(tmp_path: Path) -> None:
    (tmp_path / TOKEN).write_text("abc", encoding="utf-8")
    told, name = introduce(str(tmp_path), "abc")
    assert {"python", "polars", "gongshi"} < set(told)
    assert (tmp_path / name).read_text(encoding="utf-8") == "abc"
    assert introduce(str(tmp_path), "abd")[1] == ""
    assert introduce(str(tmp_path / "elsewhere"), "abc")[1] == ""


def test_a_worker_refuses_calls_of_another_program(tmp_path: Path) -> None:
    with pytest.raises(OtherProgramError):
        run_call(str(tmp_path / "call"), str(tmp_path / "result"), fingerprint()[::-1])


def test_a_file_is_there_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old")
    with pytest.raises(ZeroDivisionError), written_whole(path) as new:
        new.write_bytes(b"half" * (1 // 0))
    assert path.read_bytes() == b"old"
    with written_whole(path) as new, written_whole(path) as other:
        new.write_bytes(b"whole")
        other.write_bytes(b"whole")
        assert path.read_bytes() == b"old"
    assert path.read_bytes() == b"whole"
    assert list(tmp_path.iterdir()) == [path]
