"""Decides of a new phrase, for the desk and for other systems, and notes it in the audit log."""

from __future__ import annotations

from functools import partial

from anyio import to_thread

from service.access.keys import Role
from service.drift.terms import Choice, Decided
from service.store import audit
from service.store.records_service import Actor
from service.wiring import Parts

# A term means another training.
DECIDING = (Role.SCIENTIST, Role.ADMIN)


async def decide(parts: Parts, text: str, choice: Choice, actor: Actor) -> Decided:
    """Keep what somebody decided of a phrase.

    Raises
    ------
    NothingThere
        When the phrase is neither offered nor decided upon.
    """
    now = parts.ledger.now()
    kept = await to_thread.run_sync(
        partial(parts.drift.decide, text, choice, who=actor.who, at=now)
    )
    told = {"text": text, "choice": choice.value}
    await parts.writer.write(
        partial(audit.note, actor=actor, what="phrase.decided", at=now, data=told)
    )
    return kept
