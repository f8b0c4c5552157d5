"""A challenger in a process of its own: it can be slow, break or fall over, and nobody waits.

What is done there is spared the process that answers callers: its loop, its lock and its memory.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from service.store.shadows import Said
from triage.calibration_files import calibrations
from triage.errors import JiesuError

if TYPE_CHECKING:
    from triage.engine import Engine
    from triage.records import Assessment

_SECONDS = 300.0
# After those who answer callers, and not after everything else there is.
_NICE = 10
Asked = tuple[str, Mapping[str, Any]]


class AsideFailed(JiesuError):
    """The challenger cannot be used."""

    code = "shadow_failed"
    status = 503


class Works(Protocol):
    """What works aside."""

    def assess(self, folder: Path, asked: Sequence[Asked]) -> list[Said | None]:
        """Let the model of a folder assess masked texts with their contexts; None where it fails.

        Raises
        ------
        AsideFailed
            When the model cannot be used at all.
        """
        ...

    def compare(self, url: str, data: Path, ident: int) -> dict[str, Any]:
        """Compare what was said so far; see `service.shadow.report`."""
        ...

    def close(self) -> None:
        """End it."""
        ...


class Aside:
    """Runs the work in a process that is started when it is needed; one thing at a time."""

    def __init__(self, *, seconds: float = _SECONDS) -> None:
        self._seconds = seconds
        self._process: Any = None
        self._pipe: Connection | None = None
        self._busy = threading.Lock()

    def assess(self, folder: Path, asked: Sequence[Asked]) -> list[Said | None]:
        """Let the model of a folder assess masked texts; see `Works`."""
        found: list[Said | None] = self._ask("assess", str(folder), list(asked))
        return found

    def compare(self, url: str, data: Path, ident: int) -> dict[str, Any]:
        """Compare what was said so far."""
        found: dict[str, Any] = self._ask("compare", url, str(data), ident)
        return found

    def close(self) -> None:
        """End the process, whatever it does; who waits for it is told that it fell over."""
        if self._process is not None:
            self._process.kill()
        with self._busy:
            self._end()

    def _end(self) -> None:
        process, pipe, self._process, self._pipe = self._process, self._pipe, None, None
        if pipe is not None:
            pipe.close()
        if process is not None:
            process.kill()
            process.join()

    def _ask(self, *asked: Any) -> Any:
        with self._busy:
            return self._answer(asked)

    def _answer(self, asked: Sequence[Any]) -> Any:
        pipe = self._opened()
        try:
            pipe.send(asked)
            if not pipe.poll(self._seconds):
                raise TimeoutError
            good, found = pipe.recv()
        except (OSError, EOFError) as exc:  # a timeout is one of the first
            self._end()
            late = isinstance(exc, TimeoutError)
            raise AsideFailed(
                f"the challenger {'did not answer' if late else 'fell over'}",
                cure="stop it with `jiesu shadow stop`",
            ) from exc
        if not good:
            raise AsideFailed(str(found), cure="stop it with `jiesu shadow stop`")
        return found

    def _opened(self) -> Connection:
        if self._pipe is None:
            spawn = get_context("spawn")
            self._pipe, theirs = spawn.Pipe()
            self._process = spawn.Process(target=work, args=(theirs,), daemon=True, name="shadow")
            self._process.start()
            theirs.close()
        return self._pipe


def work(pipe: Connection) -> None:
    """Do what is asked for until the other end is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.nice(_NICE)
    acts: dict[str, Callable[..., Any]] = {"assess": Challenger().assess, "compare": compare}
    with suppress(EOFError, OSError):
        while True:
            act, *args = pipe.recv()
            pipe.send(_done(acts[act], args))


def _done(act: Callable[..., Any], args: Sequence[Any]) -> tuple[bool, Any]:
    try:
        return True, act(*args)
    except JiesuError as exc:
        return False, exc.message
    except Exception as exc:  # noqa: BLE001 - its words may repeat a narrative
        return False, f"the challenger failed ({type(exc).__name__})"


class Challenger:
    """The model in the process of its own, opened once for each calibration it is given."""

    def __init__(self) -> None:
        self._folder = ""
        self._calibrations: dict[str, str] = {}
        self._engine: Engine | None = None

    def assess(self, folder: str, asked: Sequence[Asked]) -> list[Said | None]:
        """Assess masked texts; one that fails does not take the others along."""
        from triage.engine import Engine
        from triage.wire import context_from

        made_with = folder, calibrations()
        if self._engine is None or made_with != (self._folder, self._calibrations):
            self._engine = Engine.load(Path(folder))
            self._folder, self._calibrations = made_with
        engine = self._engine
        texts, contexts = [text for text, _ in asked], [context_from(c) for _, c in asked]
        try:
            return [said_by(each) for each in engine.assess(texts, contexts, ruled=False)]
        except Exception:  # noqa: BLE001 - it is told by what is missing
            if len(asked) == 1:
                return [None]
            return [self.assess(folder, [one])[0] for one in asked]


def said_by(assessment: Assessment) -> Said:
    """Take what is compared from an assessment."""
    others = [each for each in (assessment.held, *assessment.alternatives) if each is not None]
    best = assessment.line or (others[0].line if others else None)
    risk = assessment.escalation
    return Said(assessment.line, best, risk.band, risk.probability)


def compare(url: str, data: str, ident: int) -> dict[str, Any]:
    """Compare what was said so far."""
    from service.feedback.settings import load_feedback
    from service.shadow.report import report
    from service.store.database import Database

    database = Database(url)
    try:
        return report(database, load_feedback(Path(data)), ident)
    finally:
        database.close()
