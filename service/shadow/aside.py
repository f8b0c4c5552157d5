"""A challenger in a process of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from service.apart import Acts, Apart
from service.store.shadows import Said
from triage.calibration_files import calibrations
from triage.errors import JiesuError

if TYPE_CHECKING:
    from triage.engine import Engine
    from triage.records import Assessment

_SECONDS = 300.0
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


class Aside(Apart):
    """Runs the work in a process that is started when it is needed; one thing at a time."""

    def __init__(self, *, seconds: float = _SECONDS) -> None:
        stop = "stop it with `jiesu shadow stop`"
        super().__init__(acts, who="the challenger", failed=AsideFailed, cure=stop, seconds=seconds)

    def assess(self, folder: Path, asked: Sequence[Asked]) -> list[Said | None]:
        """Let the model of a folder assess masked texts; see `Works`."""
        found: list[Said | None] = self.ask("assess", str(folder), list(asked))
        return found

    def compare(self, url: str, data: Path, ident: int) -> dict[str, Any]:
        """Compare what was said so far."""
        found: dict[str, Any] = self.ask("compare", url, str(data), ident)
        return found


def acts() -> Acts:
    """Give what is done in the process of its own."""
    return {"assess": Challenger().assess, "compare": compare}


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
