"""A Dask scheduler and its workers, each a process of its own as on machines of their own."""

import os
import subprocess
import sys
import time
from pathlib import Path

from distributed import Client

from benchmarks.servers import ROOT, free_port

_START_S = 90


class Cluster:
    """Runs while the block does; a worker can be killed.

    Parameters
    ----------
    folder : Path
        For what the processes write.
    workers : int
        Of one thread each.
    """

    def __init__(self, folder, *, workers):
        self._folder = Path(folder)
        self._count = workers
        self._workers = []
        self._scheduler = None
        self.address = f"tcp://127.0.0.1:{free_port()}"

    def __enter__(self):
        port = self.address.rpartition(":")[2]
        self._scheduler = self._start("scheduler", "--host", "127.0.0.1", "--port", port)
        how = ("--nthreads", "1", "--no-nanny", "--memory-limit", "0", "--host", "127.0.0.1")
        for _ in range(self._count):
            self._workers.append(self._start("worker", self.address, *how))
        try:
            with Client(self.address, timeout=_START_S, set_as_default=False) as client:
                client.wait_for_workers(self._count, timeout=_START_S)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for process in (*self._workers, self._scheduler):
            process.terminate()
        for process in (*self._workers, self._scheduler):
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def kill_worker(self):
        """Kill a worker, which has no chance to say anything."""
        worker = self._workers.pop()
        worker.kill()
        worker.wait()

    def _start(self, role, *options):
        said = (self._folder / f"{role}-{time.monotonic_ns()}.log").open("wb")
        with said:
            return subprocess.Popen(
                [sys.executable, "-m", "dask", role, *options, "--no-dashboard"],
                cwd=self._folder,
                stdout=said,
                stderr=said,
                env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "ignore"},
            )
