"""Parts scored by the cores of this machine."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain, islice

from service.scoring.part import Done, Job, Task, score_part
from triage.errors import NotReady


def run_local(job: Job, tasks: Iterable[Task], workers: int) -> Iterator[Done]:
    """Score parts with processes; 0 is one a core. They come in the order they are finished in."""
    from joblib import Parallel, cpu_count, delayed

    given = iter(tasks)
    first = list(islice(given, workers or cpu_count()))
    if len(first) < 2:
        yield from (score_part(job, task) for task in chain(first, given))
        return
    run = Parallel(len(first), return_as="generator_unordered")
    try:
        yield from run(delayed(score_part)(job, task) for task in chain(first, given))
    except RuntimeError as exc:
        if type(exc).__name__ != "TerminatedWorkerError":
            raise
        raise NotReady(
            "a worker was ended from outside, perhaps for want of memory",
            cure="go on with --resume, if need be with fewer --workers",
        ) from exc
