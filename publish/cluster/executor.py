"""An executor whose calls run on the workers of a Dask cluster; calls and results are files in a shared folder.

Through the scheduler go only the names of files. So a task is small and can be done again anywhere, and results wait
on disk, not in the memory of a worker that may be lost.
"""

import pickle
import shutil
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import CancelledError, Executor, Future
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from publish.cluster.faults import failed
from publish.cluster.worker import OtherProgramError, fingerprint, run_call
from publish.model.artifact import written_whole
from publish.release.faults import disk_errors

if TYPE_CHECKING:
    from distributed import Client

P = ParamSpec("P")
T = TypeVar("T")

_LOOK = 5.0  # seconds after which a wait looks whether anybody is left to wait for


class ClusterExecutor(Executor):
    """Runs calls on a cluster. What is called stands at the top of a module, so that a worker finds it by its name.

    Dask does the tasks of a lost worker again on another; the files of a task are written whole, or not at all. A
    result raises BuildStopped where the cluster fails: see `faults`.

    `folder` is one that every worker sees under the same name. `alone`: seconds for which a build waits for a worker
    when all are gone.
    """

    def __init__(self, client: "Client", folder: Path, alone: float) -> None:
        self._client = client
        self._inner = client.get_executor(pure=False)
        self._parent = folder
        self._folder: Path | None = None
        self._numbers = count()
        self._alone = alone
        self._alone_since: float | None = None

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Write the call into a file and hand out its name."""
        number = next(self._numbers)
        with disk_errors("writing a task into the shared folder"):
            if self._folder is None:
                # Not before the first call: a build that begins removes what lies in OUT/staging.
                self._folder = Path(tempfile.mkdtemp(prefix="cluster-", dir=self._parent))
            call, result = self._folder / f"{number}.call", self._folder / f"{number}.result"
            with written_whole(call) as new, new.open("wb") as file:
                pickle.dump((fn, args, kwargs), file, pickle.HIGHEST_PROTOCOL)
        future = _FiledFuture[T](self, result)
        inner = self._inner.submit(run_call, str(call), str(result), fingerprint())
        inner.add_done_callback(lambda done: _hand_over(done, future, call))
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Leave the cluster; it forgets the tasks of this build. What still runs there is not waited for: all results
        that anybody wanted have been fetched, or the build has failed."""
        self._client.close()
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)

    def look(self) -> None:
        """Raise BuildStopped if the scheduler is gone, or if it has had no worker for too long."""
        try:
            workers = len(self._client.nthreads())
        except Exception:  # whatever a broken connection raises
            raise failed("cluster.scheduler-lost") from None
        if workers:
            self._alone_since = None
            return
        now = time.monotonic()
        self._alone_since = self._alone_since or now
        if now - self._alone_since >= self._alone:
            raise failed("cluster.no-workers", seconds=self._alone)


class _FiledFuture(Future[T]):
    """A result that stays in its file until it is asked for, each time anew: a build has more than memory holds."""

    def __init__(self, executor: ClusterExecutor, path: Path) -> None:
        super().__init__()
        self._executor = executor
        self._path = path

    def result(self, timeout: float | None = None) -> T:
        while True:
            try:
                super().result(_LOOK if timeout is None else timeout)
                break
            except TimeoutError:
                if self.done() or timeout is not None:
                    raise
                self._executor.look()
            except CancelledError:
                raise failed("cluster.scheduler-lost") from None
        with disk_errors("reading what a worker wrote into the shared folder"), self._path.open("rb") as file:
            value: T = pickle.load(file)
        return value


def _hand_over(done: "Future[None]", future: "_FiledFuture[T]", call: Path) -> None:
    """What became of a task, told to whoever waits for it."""
    from distributed import KilledWorker

    if done.cancelled():
        future.cancel()
        future.set_running_or_notify_cancel()
        return
    error = done.exception()
    call.unlink(missing_ok=True)
    if error is None:
        # The value is in the file, where result() reads it; a Future of any type has to be told something.
        future.set_result(None)  # type: ignore[arg-type]
    elif isinstance(error, OtherProgramError):
        future.set_exception(failed("cluster.other-program", differences="a worker that came later"))
    elif isinstance(error, KilledWorker):
        future.set_exception(failed("cluster.workers-killed"))
    else:
        future.set_exception(error)
