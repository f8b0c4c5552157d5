"""Work in a process of its own: it can be slow, large, break or fall over, and nobody waits.

What is done there is spared the process that answers callers: its loop, its lock and its memory.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Any, TypeVar

from anyio import to_thread

from triage.errors import JiesuError

# After those who answer callers, and not after everything else there is.
NICE = 10
_AGAIN_S = 0.05
T = TypeVar("T")
Acts = Mapping[str, Callable[..., Any]]


class Apart:
    """Runs work in a process that is started when it is needed; one thing at a time.

    Parameters
    ----------
    make : callable
        Gives, over there, what can be done by name; of the top of a module, for it is sent by name.
    who : str
        Of whom an error tells.
    failed : type of JiesuError
        What is raised when it does not answer, falls over or fails.
    cure : str
    seconds : float
        For so long an answer is waited for, and those who asked before.
    nice : int
        How far it stands back behind those who answer callers.
    idle_s : float, optional
        After so long without a question the process is ended, with all that it remembers; by
        default it is not.
    """

    def __init__(
        self,
        make: Callable[[], Acts],
        *,
        who: str,
        failed: type[JiesuError],
        cure: str,
        seconds: float,
        nice: int = NICE,
        idle_s: float | None = None,
    ) -> None:
        self._make, self._who, self._failed, self._cure = make, who, failed, cure
        self._seconds, self._nice, self._idle_s = seconds, nice, idle_s
        self._process: Any = None
        self._pipe: Connection | None = None
        self._busy = threading.Lock()
        self._rest: threading.Timer | None = None

    def ask(self, act: str, *args: Any, left: threading.Event | None = None) -> Any:
        """Let something be done; gives what came of it.

        When `left` is set, whoever asked waits no more: what was begun for him is ended, with the
        process, and nothing is begun.

        Raises
        ------
        JiesuError
            The one of this work, when nothing came of it.
        """
        wait = _Wait(time.monotonic() + self._seconds, left)
        while not self._busy.acquire(timeout=_AGAIN_S):
            if wait.over:
                raise self._given_up(wait)
        try:
            if self._rest is not None:
                self._rest.cancel()
            try:
                return self._answer((act, *args), wait)
            finally:
                self._rest_later()
        finally:
            self._busy.release()

    def close(self) -> None:
        """End the process, whatever it does; who waits for it is told that it fell over."""
        while not self._busy.acquire(timeout=_AGAIN_S):
            process = self._process  # it may have been started just now
            if process is not None:
                process.kill()
        try:
            self._end()
        finally:
            self._busy.release()

    def _end(self) -> None:
        process, pipe, self._process, self._pipe = self._process, self._pipe, None, None
        if self._rest is not None:
            self._rest.cancel()
        if pipe is not None:
            pipe.close()
        if process is not None:
            process.kill()
            process.join()

    def _rest_later(self) -> None:
        if self._idle_s is not None and self._process is not None:
            self._rest = threading.Timer(self._idle_s, self._end_idle)
            self._rest.daemon = True
            self._rest.start()

    def _end_idle(self) -> None:
        # Whoever asks just now begins another rest behind his question.
        if self._busy.acquire(blocking=False):
            try:
                self._end()
            finally:
                self._busy.release()

    def _answer(self, asked: Sequence[Any], wait: _Wait) -> Any:
        if wait.over:
            raise self._given_up(wait)
        pipe = self._opened()
        try:
            pipe.send(asked)
            while not pipe.poll(_AGAIN_S):
                if wait.over:
                    self._end()
                    raise self._given_up(wait)
            found, error = pipe.recv()
        except (OSError, EOFError) as exc:
            self._end()
            raise self._failed(f"{self._who} fell over", cure=self._cure) from exc
        if error is not None:
            raise self._raised(error)
        return found

    def _raised(self, error: JiesuError) -> JiesuError:
        """Give what is raised here of what was raised over there."""
        return self._failed(error.message, cure=self._cure)

    def _given_up(self, wait: _Wait) -> JiesuError:
        late = f"did not answer within {self._seconds:g} seconds"
        why = "was broken off: nobody waits for it" if wait.left else late
        return self._failed(f"{self._who} {why}", cure=self._cure)

    def _opened(self) -> Connection:
        if self._pipe is None:
            spawn = get_context("spawn")
            self._pipe, theirs = spawn.Pipe()
            given = (theirs, self._make, self._who, self._nice)
            process = spawn.Process(target=_work, args=given, daemon=True)
            process.start()
            self._process = process
            theirs.close()
        return self._pipe


class _Wait:
    """Until when somebody waits for an answer, if he does not leave before."""

    def __init__(self, until: float, left: threading.Event | None) -> None:
        self._until, self._left = until, left

    @property
    def left(self) -> bool:
        return self._left is not None and self._left.is_set()

    @property
    def over(self) -> bool:
        return self.left or time.monotonic() >= self._until


async def while_waited(work: Callable[[threading.Event], T]) -> T:
    """Do in a thread what is handed an event that is set when the caller is gone."""
    left = threading.Event()
    try:
        return await to_thread.run_sync(work, left)
    finally:
        left.set()


def _work(pipe: Connection, make: Callable[[], Acts], who: str, nice: int) -> None:
    """Do what is asked for until the other end is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.nice(nice)
    acts = make()
    with suppress(EOFError, OSError):
        while True:
            act, *args = pipe.recv()
            pipe.send(_done(acts[act], args, who))


def _done(act: Callable[..., Any], args: Sequence[Any], who: str) -> tuple[Any, JiesuError | None]:
    try:
        return act(*args), None
    except JiesuError as exc:
        return None, exc
    except Exception as exc:  # noqa: BLE001 - its words may repeat a narrative
        return None, JiesuError(f"{who} failed ({type(exc).__name__})")
