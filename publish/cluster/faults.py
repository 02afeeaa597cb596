"""What can be wrong with a cluster, as issues: each stops the build, and the live release stays as it was."""

from collections.abc import Mapping

from publish.model.issue import BuildStopped, Issue, Level

_HINTS: Mapping[str, str] = {
    "cluster.not-installed": "--cluster needs Dask, which is not installed here: pip install 'gongshi[cluster]'",
    "cluster.bad-address": "the address of the scheduler is not one; it looks like tcp://10.0.0.1:8786",
    "cluster.no-scheduler": "no scheduler has answered for {seconds:g} s; start `dask scheduler`, or correct --cluster",
    "cluster.no-workers": "the scheduler has had no worker for {seconds:g} s; start `dask worker` on the machines",
    "cluster.no-program": "{workers} workers cannot run this program; install it there as it is here",
    "cluster.other-program": "workers differ from this build, so their bytes could differ: {differences}; install "
    "the same locked packages and the same version of this program on all machines",
    "cluster.folder-not-shared": "{workers} workers do not see or may not write the shared folder; it must be "
    "mounted under the same path on all machines, and workers must run as the user of the build (--shared)",
    "cluster.workers-killed": "a task was given up after several workers died while they did it; most likely it needs "
    "more memory than a worker has: look at the workers' logs",
    "cluster.scheduler-lost": "the connection to the scheduler broke off; nothing was published: build once more",
}


def failed(code: str, **facts: object) -> BuildStopped:
    """The exception for one fault; `facts` fill its hint. Never a cell's value: they are counts and versions."""
    return BuildStopped((Issue(code, Level.ERROR, _HINTS[code].format(**facts)),))
