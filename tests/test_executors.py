"""What the processes of a build inherit."""

import os

import pytest

from publish.executors import make_executor

MEMORY = "_RJEM_MALLOC_CONF"


@pytest.mark.parametrize("own", [None, "dirty_decay_ms:5000"])
def test_workers_give_memory_back_unless_they_are_told_otherwise(
    own: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(MEMORY, own or "")
    if own is None:
        monkeypatch.delenv(MEMORY)
    with make_executor(2) as executor:
        told = executor.submit(os.getenv, MEMORY).result()
    assert told == (own or "dirty_decay_ms:200,muzzy_decay_ms:0")


def test_one_worker_is_this_process_and_changes_nothing_in_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(MEMORY, raising=False)
    with make_executor(1) as executor:
        assert executor.submit(os.getpid).result() == os.getpid()
    assert MEMORY not in os.environ
