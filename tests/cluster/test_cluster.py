"""Builds on a real scheduler and two workers of its own on loopback: the same bytes, also when a worker is killed."""

import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner

from publish.cli import main
from publish.cluster import executor as cluster_module
from publish.cluster.connect import Patience, cluster_executor
from publish.model.issue import BuildStopped
from publish.pipeline.building import build
from publish.pipeline.inputs import Request
from tests import clusterkit
from tests.clusterkit import ROOT, Cluster, Through, kill_when_held, wait_for
from tests.sitekit import SITES, SilentProgress, build_site, tree

AS_OF = date(2026, 11, 20)
SOON = Patience(scheduler=10, worker=20, alone=1)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    pytest.importorskip("distributed")
    cluster = Cluster(tmp_path_factory.mktemp("cluster"), 2)
    yield cluster
    cluster.close()


@pytest.fixture
def cluster(running: Cluster) -> Cluster:
    """With two workers, whatever an earlier test did to them."""
    running.fill(2)
    with cluster_executor(running.address, running.folder / "shared", SOON) as executor:
        wait_for(lambda: len(executor._client.nthreads()) == 2)
    return running


def code_of(stopped: pytest.ExceptionInfo[BuildStopped]) -> str:
    (issue,) = stopped.value.issues
    return issue.code


def test_a_worker_is_killed_in_the_middle(cluster: Cluster, tmp_path: Path) -> None:
    out, place = tmp_path / "out", tmp_path / "held"
    killer = kill_when_held(cluster, place)
    with cluster_executor(cluster.address, out / "staging", SOON) as executor:
        report = build(
            Request(SITES / "full", out, AS_OF), Through(executor, clusterkit.hold_first_pages, place), SilentProgress()
        )
    killer.join()
    assert [worker.poll() for worker in cluster.workers].count(-9) == 1, "one was killed while it did a task"
    build_site(SITES / "full", tmp_path / "plain", AS_OF, workers=1)
    assert tree(out / "current") == tree(tmp_path / "plain" / "current")
    assert report.release == (tmp_path / "plain" / "current").readlink().name
    assert list((out / "staging").iterdir()) == [], "no files of tasks are left"


def test_the_command_line_with_a_shared_folder_elsewhere(cluster: Cluster, tmp_path: Path) -> None:
    site, shared = SITES / "minimal", tmp_path / "shared"
    options = ["build", "--root", str(site), "--as-of", "2026-11-20", "--out"]
    far = [str(tmp_path / "far"), "--cluster", cluster.address, "--shared", str(shared)]
    result = CliRunner().invoke(main, [*options, *far])
    assert result.exit_code == 0, result.output
    assert CliRunner().invoke(main, [*options, str(tmp_path / "near")]).exit_code == 0
    assert tree(tmp_path / "far" / "current") == tree(tmp_path / "near" / "current")
    assert list(shared.iterdir()) == []


def test_a_task_that_kills_its_workers_stops_the_build(cluster: Cluster, tmp_path: Path) -> None:
    out, site = tmp_path / "out", SITES / "minimal"
    build_site(site, out, AS_OF)
    before, live = tree(out / "current"), (out / "current").readlink()
    with cluster_executor(cluster.address, out / "staging", SOON) as executor:
        deadly = Through(executor, clusterkit.die_at_pages, tmp_path)
        with pytest.raises(BuildStopped) as stopped:
            build(Request(site, out, date(2026, 11, 21)), deadly, SilentProgress())
    assert code_of(stopped) == "cluster.workers-killed"
    assert (tree(out / "current"), (out / "current").readlink()) == (before, live)


def test_a_worker_with_another_program_is_refused(cluster: Cluster, tmp_path: Path) -> None:
    other = tmp_path / "other"
    shutil.copytree(ROOT / "publish", other / "publish", ignore=shutil.ignore_patterns("__pycache__"))
    with (other / "publish" / "urls.py").open("a", encoding="utf-8") as file:
        file.write("# changed\n")
    with cluster_executor(cluster.address, tmp_path / "shared", SOON) as executor:
        cluster.start_worker(other)
        wait_for(lambda: len(executor._client.nthreads()) == 3)
        with pytest.raises(BuildStopped) as late:
            list(executor.map(str, range(50)))
    assert code_of(late) == "cluster.other-program"
    with pytest.raises(BuildStopped) as stopped, cluster_executor(cluster.address, tmp_path / "shared", SOON):
        pass
    cluster.kill(cluster.workers[-1].pid)
    assert code_of(stopped) == "cluster.other-program"
    assert "gongshi 0.1.0 (" in str(stopped.value.issues[0])


def test_results_arguments_and_errors(cluster: Cluster, tmp_path: Path) -> None:
    with cluster_executor(cluster.address, tmp_path / "shared", SOON) as executor:
        assert list(executor.map(divmod, [7, 9], [2, 2])) == [(3, 1), (4, 1)]
        twice = executor.submit(sorted, [2, 1], reverse=True)
        assert twice.result() == twice.result() == [2, 1]
        with pytest.raises(ZeroDivisionError):
            executor.submit(divmod, 1, 0).result()
        assert not list((tmp_path / "shared").glob("*/*.call")), "calls that are done leave no file"
    assert list((tmp_path / "shared").iterdir()) == []


def test_nobody_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """First the only worker dies, then the scheduler."""
    pytest.importorskip("distributed")
    monkeypatch.setattr(cluster_module, "_LOOK", 0.2)
    cluster = Cluster(tmp_path, 1)
    try:
        with cluster_executor(cluster.address, tmp_path / "shared", SOON) as executor:
            task = executor.submit(clusterkit.wait_long, tmp_path, 0)
            wait_for((tmp_path / "0").exists)
            cluster.kill(cluster.workers[0].pid)
            with pytest.raises(BuildStopped) as stopped:
                task.result()
            assert code_of(stopped) == "cluster.no-workers"
            cluster.scheduler.kill()
            with pytest.raises(BuildStopped) as stopped:
                task.result()
            assert code_of(stopped) == "cluster.scheduler-lost"
    finally:
        cluster.close()
