"""Processes that die before one of their changes to the file system: told by number, as by kill -9."""

import os
import pickle
import signal
import subprocess
import sys
import traceback
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

Killed = Callable[..., int]


def die_before(change: int, names: Iterable[str]) -> None:
    """From now on calls of these functions of `os` are counted; before that number of them this process is killed."""
    left = change

    def counted(function: Callable[..., Any]) -> Callable[..., Any]:
        def run(*arguments: Any, **more: Any) -> Any:
            nonlocal left
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            return function(*arguments, **more)

        return run

    for name in names:
        setattr(os, name, counted(getattr(os, name)))


@contextmanager
def killed(module: str, name: str) -> Iterator[Killed]:
    """Calls that function of a module with what is given, in a process of its own each time; gives its exit code.

    They are forked from a process that has imported the module and has never worked with Polars, whose threads do not
    survive a fork: to import it takes far longer than what is tried.
    """
    command = [sys.executable, "-m", "tests.release.killing", module, name]
    root = Path(__file__).parents[2]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=root) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        questions, answers = process.stdin, process.stdout

        def run(*arguments: Any) -> int:
            print(pickle.dumps(arguments).hex(), file=questions, flush=True)
            return int(answers.readline())

        yield run
        questions.close()


def _serve(function: Callable[..., object]) -> None:
    for line in sys.stdin:
        arguments = pickle.loads(bytes.fromhex(line))
        pid = os.fork()
        if pid == 0:
            os._exit(_code_of(function, arguments))
        print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)


def _code_of(function: Callable[..., object], arguments: Iterable[Any]) -> int:
    try:
        function(*arguments)
    except BaseException:
        traceback.print_exc()
        return 1
    return 0


if __name__ == "__main__":
    _serve(getattr(import_module(sys.argv[1]), sys.argv[2]))
