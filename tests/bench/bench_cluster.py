"""What a task costs beside its work: on Dask through our executor, on Dask alone, and in processes of this machine.

    python -m tests.bench.bench_cluster --tasks 2000

Prints one JSON line: milliseconds a task, for tasks that do nothing, with two workers of one thread on loopback; and
seconds to join the cluster (connection, versions, shared folder). Files of calls and results lie on a disk here; a
network file system adds its own round trips, four to six a task.
"""

import argparse
import json
import os
import tempfile
import time
from concurrent.futures import Executor
from pathlib import Path

from publish.cluster.connect import cluster_executor
from publish.executors import make_executor
from tests.clusterkit import Cluster, wait_for


def milliseconds(executor: Executor, tasks: int) -> float:
    """Of each of so many tasks, submitted at once. The first ones, which wait for imports, do not count."""
    list(executor.map(abs, range(50)))
    started = time.perf_counter()
    list(executor.map(abs, range(tasks)))
    return round(1000 * (time.perf_counter() - started) / tasks, 2)


def main() -> None:
    """Print the figures as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tasks", type=int, default=1000)
    tasks = parser.parse_args().tasks
    figures: dict[str, float] = {"tasks": tasks, "load": os.getloadavg()[0]}
    with tempfile.TemporaryDirectory(prefix="bench-cluster-") as name:
        cluster = Cluster(Path(name), 2)
        try:
            started = time.perf_counter()
            with cluster_executor(cluster.address, Path(name) / "shared") as executor:
                figures["join_seconds"] = round(time.perf_counter() - started, 2)
                wait_for(lambda: len(executor._client.nthreads()) == 2)
                figures["cluster_ms"] = milliseconds(executor, tasks)
                figures["dask_alone_ms"] = milliseconds(executor._client.get_executor(pure=False), tasks)
        finally:
            cluster.close()
    with make_executor(2) as here:
        figures["processes_ms"] = milliseconds(here, tasks)
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
