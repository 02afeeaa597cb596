"""A process that dies before one of its changes to the file system: told by number, as by kill -9."""

import os
import signal
from collections.abc import Callable, Iterable
from typing import Any


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
