"""Joining a cluster: the scheduler answers, workers run this very program and see the shared folder, or it fails."""

import secrets
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from publish.cluster.executor import ClusterExecutor
from publish.cluster.faults import failed
from publish.cluster.worker import TOKEN, facts, introduce
from publish.release.faults import disk_errors

if TYPE_CHECKING:
    from distributed import Client

_TOLD = 3  # differences that a message names


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds to wait: for the `scheduler` to answer, for a first worker, for a worker when all are `alone` gone."""

    scheduler: float = 15.0
    worker: float = 30.0
    alone: float = 120.0


@contextmanager
def cluster_executor(address: str, folder: Path, patience: Patience | None = None) -> Iterator[ClusterExecutor]:
    """An executor on the workers of the scheduler at `address`; `folder` (absolute, made if missing) is shared.

    Raises BuildStopped `cluster.*` if there is no such cluster, or if it cannot be trusted to give the same bytes.
    """
    patience = patience or Patience()
    client = _connected(address, patience)
    try:
        _check(client, folder)
    except BaseException:
        client.close()
        raise
    with ClusterExecutor(client, folder, patience.alone) as executor:
        yield executor


def _connected(address: str, patience: Patience) -> "Client":
    try:
        from distributed import Client
    except ImportError:
        raise failed("cluster.not-installed") from None
    try:
        client = Client(address, timeout=patience.scheduler, set_as_default=False, name="gongshi")
    except ValueError:
        raise failed("cluster.bad-address") from None
    except OSError:  # no answer, TimeoutError too
        raise failed("cluster.no-scheduler", seconds=patience.scheduler) from None
    try:
        client.wait_for_workers(1, timeout=patience.worker)
    except TimeoutError:
        client.close()
        raise failed("cluster.no-workers", seconds=patience.worker) from None
    return client


def _check(client: "Client", folder: Path) -> None:
    """Every worker that is there now: can it run the program, is it the same one, does it see the folder?"""
    with disk_errors("making the shared folder"):
        folder.mkdir(parents=True, exist_ok=True)
        probe = Path(tempfile.mkdtemp(prefix="probe-", dir=folder))
        token = secrets.token_hex(16)
        (probe / TOKEN).write_text(token, encoding="utf-8")
    try:
        answers = client.run(introduce, str(probe), token, on_error="return")
        told = [answer for answer in answers.values() if not isinstance(answer, BaseException)]
        if len(told) < len(answers):
            raise failed("cluster.no-program", workers=f"{len(answers) - len(told)} of {len(answers)}")
        if differences := _differences([theirs for theirs, _ in told]):
            raise failed("cluster.other-program", differences="; ".join(differences))
        blind = sum(not _wrote(probe, name, token) for _, name in told)
        if blind:
            raise failed("cluster.folder-not-shared", workers=f"{blind} of {len(answers)}")
    finally:
        shutil.rmtree(probe, ignore_errors=True)


def _differences(others: Sequence[Mapping[str, str]]) -> list[str]:
    """What is not as it is here, each once."""
    mine = facts()
    every = {(name, there.get(name, "unknown")) for there in others for name in mine if there.get(name) != mine[name]}
    return [f"{name} {mine[name]} here, {there} there" for name, there in sorted(every)][:_TOLD]


def _wrote(probe: Path, name: str, token: str) -> bool:
    path = probe / name
    return bool(name) and path.is_file() and path.read_text(encoding="utf-8") == token
