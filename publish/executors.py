"""Where work in parallel runs: any concurrent.futures.Executor. Here are those that the command line makes."""

import multiprocessing
import os
import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import CancelledError, Executor, Future, ProcessPoolExecutor
from functools import partial
from importlib import import_module
from multiprocessing.connection import wait
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")
# Told of a finished task: what was returned when it was given, name of its function, begin and end (time.perf_counter),
# process id.
TaskDone = Callable[[object, str, float, float, int], None]


class SerialExecutor(Executor):
    """Runs each call at once in this process; for one worker, and to debug."""

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        future: Future[T] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:
            future.set_exception(error)
        return future


class OneByOne(Executor):
    """Hands calls to another executor, the next one when the last is done: whoever needs its workers for what cannot
    wait finds all of them but one. After `widen` some are done at a time."""

    def __init__(self, executor: Executor) -> None:
        self.inner = executor
        self._waiting: deque[tuple[Future[Any], Callable[[], Future[Any]]]] = deque()
        self._at_once, self._running = 1, 0
        self._lock = threading.Lock()

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        told: Future[T] = Future()
        with self._lock:
            self._waiting.append((told, partial(self.inner.submit, fn, *args, **kwargs)))
        self._next()
        return told

    def widen(self, at_once: int) -> None:
        """From now on so many at a time."""
        with self._lock:
            self._at_once = at_once
        self._next()

    def _next(self) -> None:
        while (told_begin := self._taken()) is not None:
            told, begin = told_begin
            try:
                inner = begin()
            except Exception as error:  # a pool that is broken or shut down: whoever waits must hear of it
                self._leave()
                told.set_exception(error)
                continue
            inner.add_done_callback(partial(self._finish, told))

    def _taken(self) -> tuple[Future[Any], Callable[[], Future[Any]]] | None:
        with self._lock:
            while self._waiting and self._running < self._at_once:
                told, begin = self._waiting.popleft()
                if told.set_running_or_notify_cancel():
                    self._running += 1
                    return told, begin
            return None

    def _leave(self) -> None:
        with self._lock:
            self._running -= 1

    def _finish(self, told: Future[Any], inner: Future[Any]) -> None:
        error = CancelledError() if inner.cancelled() else inner.exception()
        if error is not None:
            told.set_exception(error)
        else:
            told.set_result(inner.result())
        self._leave()
        self._next()


class _Told(Future[T]):
    """What stands for a call of another executor, and is taken back only if that is: not while it runs."""

    inner: Future[Any] | None = None

    def cancel(self) -> bool:
        return self.inner is not None and self.inner.cancel() and super().cancel()


class WatchedExecutor(Executor):
    """Hands every call to another executor and tells of each: `given` when it comes, in the thread that hands it out,
    and `done`, from any thread, when it has succeeded, with what `given` has returned of it."""

    def __init__(self, executor: Executor, given: Callable[[], object], done: TaskDone) -> None:
        self.inner = executor
        self._given = given
        self._done = done

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        call = self._given()
        told: _Told[T] = _Told()

        def finish(inner: Future[tuple[T, float, float, int]]) -> None:
            if inner.cancelled():
                told.cancel()
            if not told.set_running_or_notify_cancel():
                return
            if error := inner.exception():
                told.set_exception(error)
                return
            result, begin, end, process = inner.result()
            self._done(call, getattr(fn, "__name__", "task"), begin, end, process)
            told.set_result(result)

        told.inner = inner = self.inner.submit(_timed, fn, *args, **kwargs)
        inner.add_done_callback(finish)
        return told

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        self.inner.shutdown(wait, cancel_futures=cancel_futures)


def is_serial(executor: Executor) -> bool:
    """Whether it runs each call at once in this process."""
    if isinstance(executor, WatchedExecutor | OneByOne):
        return is_serial(executor.inner)
    return isinstance(executor, SerialExecutor)


def runs_here(executor: Executor) -> bool:
    """Whether it runs each call at most once, on this machine and as this user: what a call does beside its result is
    done once. A cluster does calls again whose worker was lost. False of executors that are not known here."""
    if isinstance(executor, WatchedExecutor | OneByOne):
        return runs_here(executor.inner)
    return isinstance(executor, SerialExecutor | ProcessPoolExecutor)


def make_executor(workers: int) -> Executor:
    """One worker: this process. More: that many processes, spawned, since Polars' threads do not survive a fork."""
    if workers <= 1:
        return SerialExecutor()
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(workers, mp_context=context, initializer=end_with_parent)
    for _ in range(workers):
        pool.submit(_begin)  # all of them now, while this process reads and decides alone
    return pool


def end_with_parent() -> None:
    """Let this process end when the one that started it does, however that ends. A worker waits for work on a pipe that
    its fellows hold open: after a build was killed it would stay for ever, with all its memory."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_after, args=(parent.sentinel,), name="parent", daemon=True).start()


def _begin() -> None:
    """What every task needs and takes a while."""
    import_module("polars")


def _end_after(sentinel: int) -> None:
    wait([sentinel])
    os._exit(1)


def _timed(fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> tuple[T, float, float, int]:
    begin = time.perf_counter()
    result = fn(*args, **kwargs)
    return result, begin, time.perf_counter(), os.getpid()
