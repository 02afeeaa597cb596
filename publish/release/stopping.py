"""Calls that can be taken back together, when what they are for will not be."""

from collections.abc import Callable
from concurrent.futures import CancelledError, Executor, Future
from threading import Lock
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


class Stoppable(Executor):
    """Hands calls to another executor until it is stopped. From then on whoever waits for one that has not begun, or
    has another to hand over, meets CancelledError."""

    def __init__(self, inner: Executor) -> None:
        self._inner = inner
        self._given: set[Future[Any]] = set()
        self._stopped = False
        self._lock = Lock()

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        with self._lock:
            if self._stopped:
                raise CancelledError
            future = self._inner.submit(fn, *args, **kwargs)
            self._given.add(future)
        future.add_done_callback(self._given.discard)  # with its result, which may be large
        return future

    def stop(self) -> None:
        """Take back what has not begun."""
        with self._lock:
            self._stopped = True
        for future in list(self._given):
            future.cancel()
