"""What tests of `jiesu score` do to it."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from service.scoring import local
from service.scoring.part import Done, Job, Task


def give_input(monkeypatch: pytest.MonkeyPatch, content: bytes) -> None:
    """Let standard input hold these bytes."""
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))


@contextmanager
def cut_off(monkeypatch: pytest.MonkeyPatch, parts: int) -> Iterator[list[Task]]:
    """Cut a run off when so many parts are scored; gives their tasks."""
    real, scored = local.score_part, list[Task]()

    def dies(job: Job, task: Task) -> Done:
        if len(scored) == parts:
            raise KeyboardInterrupt
        scored.append(task)
        return real(job, task)

    with monkeypatch.context() as patched:
        patched.setattr(local, "score_part", dies)
        with pytest.raises(KeyboardInterrupt):
            yield scored
