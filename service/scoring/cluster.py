"""Parts scored by a Dask cluster, and `jiesu cluster`, which starts one on this machine.

The one place of the service that knows Dask. Only part numbers travel: input, model and output
lie under the same paths on every machine, and jiesu is installed there.
"""

from __future__ import annotations

import argparse
import re
import signal
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from typing import TYPE_CHECKING, Any, NoReturn

from service.scoring.part import Done, Job, Task, score_part
from triage.errors import ConfigError, InvalidInput, NotReady

if TYPE_CHECKING:
    from distributed import Client

_ADDRESS = re.compile(r"(tcp|tls)://\S+:\d+")
_CONNECT_S = 10.0
_WORKERS_S = 60.0
# Parts handed in at a time: enough for a thousand workers, and next to nothing to hold.
_AHEAD = 2_000
# A part whose worker dies goes to another one; so does one that a disk or a network refused.
_RETRIES = 3
PORT = 8786
_HOST = "127.0.0.1"


def run_dask(job: Job, tasks: Iterable[Task], scheduler: str) -> Iterator[Done]:
    """Score parts on the cluster of a scheduler. They come in the order they are finished in.

    Raises
    ------
    InvalidInput
        When there is no scheduler, or a worker does not see the files.
    NotReady
        When the cluster has no workers, or goes away; what is finished is kept for `--resume`.
    """
    from distributed import as_completed

    given = iter(tasks)
    with _connected(scheduler) as client, _explained():

        def submit(task: Task) -> Any:
            return client.submit(score_part, job, task, pure=False, retries=_RETRIES)

        first = map(submit, islice(given, _AHEAD))
        waiting = as_completed(first, loop=client.loop, with_results=True)
        for _, done in waiting:
            yield done
            waiting.update(map(submit, islice(given, 1)))


@contextmanager
def _connected(scheduler: str) -> Iterator[Client]:
    from distributed import Client

    if not _ADDRESS.fullmatch(scheduler):
        raise InvalidInput(f"--scheduler {scheduler!r}", cure="it takes tcp://HOST:PORT")
    try:
        client = Client(scheduler, timeout=_CONNECT_S, set_as_default=False)
    except OSError as exc:
        raise InvalidInput(
            f"no Dask scheduler answers at {scheduler}",
            cure="name another, or start one with `jiesu cluster`",
        ) from exc
    with client:
        try:
            client.wait_for_workers(1, timeout=_WORKERS_S)
        except TimeoutError as exc:
            raise NotReady(
                f"the cluster of {scheduler} has no workers", cure="start some: `dask worker`"
            ) from exc
        yield client


@contextmanager
def _explained() -> Iterator[None]:
    from distributed import CancelledError
    from distributed.scheduler import KilledWorker

    try:
        yield
    except ModuleNotFoundError as exc:
        raise NotReady(
            f"a worker of the cluster lacks {exc.name}", cure="install jiesu on every machine"
        ) from exc
    except FileNotFoundError as exc:
        raise InvalidInput(
            f"a worker of the cluster does not see {exc.filename}",
            cure="input, model and output must lie under the same paths on every machine",
        ) from exc
    except KilledWorker as exc:
        raise NotReady(
            "workers of the cluster die over a part, perhaps for want of memory",
            cure="give each 1 GB, and go on with --resume",
        ) from exc
    except CancelledError as exc:
        raise NotReady(
            "the scheduler of the cluster went away", cure="go on with --resume when it is back"
        ) from exc


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `jiesu cluster`."""
    parser = subparsers.add_parser("cluster", help="start a Dask cluster on this machine")
    parser.add_argument("--workers", type=int, help="processes; default: one a core")
    parser.add_argument("--port", type=int, default=PORT, help=f"of the scheduler ({PORT})")
    parser.set_defaults(run=run_cluster)


def run_cluster(args: argparse.Namespace) -> int:
    """Run a scheduler and workers until interrupted; only this machine reaches them."""
    from distributed import LocalCluster

    if args.workers is not None and args.workers < 1:
        raise InvalidInput(f"--workers {args.workers}", cure="it takes a number from 1 up")
    # Ended like an interrupted one: workers must not stay behind.
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        cluster = LocalCluster(
            n_workers=args.workers,
            threads_per_worker=1,
            host=_HOST,
            scheduler_port=args.port,
            dashboard_address=None,
        )
    except (OSError, RuntimeError) as exc:
        raise ConfigError(
            f"no scheduler could be started on port {args.port}", cure="choose another: --port N"
        ) from exc
    with cluster:
        print(cluster.scheduler_address, flush=True)
        print(
            f"{len(cluster.workers)} workers. Score with"
            f" `--engine dask --scheduler {cluster.scheduler_address}`; Ctrl-C ends it.",
            file=sys.stderr,
        )
        try:
            signal.pause()
        except KeyboardInterrupt:
            return 0
    return 0


def _interrupt(*_: object) -> NoReturn:
    raise KeyboardInterrupt
