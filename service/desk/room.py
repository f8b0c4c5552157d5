"""What every part of the desk works with, and its acts: each one work of the writer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache, partial
from pathlib import Path
from typing import TypeVar

from anyio import to_thread

from service.desk import verdicts
from service.desk.opinion import Opinion
from service.desk.settings import Desk, load_desk
from service.desk.verdicts import Reviewer
from service.store import audit
from service.store.database import Session
from service.store.records_review import Asked, ReviewFilters, ReviewRecord, Sort, VerdictRecord
from service.store.records_service import Actor
from service.wiring import Parts
from triage.repeats.settings import Settings, load_settings
from triage.rules.rulefile import read_rules
from triage.taxonomy import Taxonomy, load_taxonomy

T = TypeVar("T")


@lru_cache(maxsize=4)
def _read(folder: Path) -> tuple[Desk, Taxonomy]:
    return load_desk(folder), load_taxonomy(folder / "taxonomy.yaml")


@lru_cache(maxsize=4)
def _read_repeats(folder: Path) -> Settings:
    return load_settings(folder / "repeats.yaml")


@lru_cache(maxsize=4)
def _read_accountables(folder: Path) -> tuple[str, ...]:
    return read_rules(folder / "rules.yaml", _read(folder)[1]).accountables


def settings_of(parts: Parts) -> tuple[Desk, Taxonomy]:
    """Give the settings of the desk and the labels."""
    return _read(parts.settings.data)


@dataclass(frozen=True)
class Room:
    """The desk as one person uses it.

    Attributes
    ----------
    parts : Parts
    actor : Actor
    """

    parts: Parts
    actor: Actor

    @cached_property
    def desk(self) -> Desk:
        """The settings of the desk."""
        return settings_of(self.parts)[0]

    @cached_property
    def taxonomy(self) -> Taxonomy:
        """The labels."""
        return settings_of(self.parts)[1]

    @property
    def like(self) -> Settings:
        """What makes two texts alike."""
        return _read_repeats(self.parts.settings.data)

    @property
    def accountables(self) -> tuple[str, ...]:
        """Who may answer for a ticket, by the rules."""
        return _read_accountables(self.parts.settings.data)

    def by(self) -> Reviewer:
        """Give who acts, now."""
        return Reviewer(self.actor, self.parts.ledger.now(), self.desk)

    def asked(self, sort: Sort | None = None, filters: ReviewFilters | None = None) -> Asked:
        """Give a look at the queue, now."""
        now = self.parts.ledger.now()
        order = sort or self.desk.sort
        return Asked(self.actor.who, now, self.desk.weights, order, filters or ReviewFilters())

    async def ask(self, work: Callable[[Session], T]) -> T:
        """Read the database."""
        return await to_thread.run_sync(self.parts.database.ask, work)

    async def note(self, what: str, ticket_id: str | None = None, **data: object) -> None:
        """Note a look in the audit log; what was looked at is shown once that is written."""
        now = self.parts.ledger.now()
        work = partial(
            audit.note, actor=self.actor, what=what, at=now, ticket_id=ticket_id, data=data
        )
        await self.parts.writer.write(work)

    async def claim(self, ticket_id: str) -> ReviewRecord:
        """Take a ticket, or hold it longer."""
        return await self._write(partial(verdicts.claim, ticket_id=ticket_id, by=self.by()))

    async def release(self, ticket_id: str) -> ReviewRecord:
        """Give a ticket up."""
        return await self._write(partial(verdicts.release, ticket_id=ticket_id, by=self.by()))

    async def give(self, ticket_id: str, opinion: Opinion) -> VerdictRecord:
        """Keep a verdict; its note is masked here."""
        note = (opinion.note or "").strip()
        kept = await to_thread.run_sync(_masked, note) if note else None
        opinion = replace(opinion, note=kept)
        return await self._write(
            partial(
                verdicts.give,
                ticket_id=ticket_id,
                opinion=opinion,
                by=self.by(),
                taxonomy=self.taxonomy,
            )
        )

    async def undo(self, ticket_id: str) -> VerdictRecord:
        """Take one's own last verdict back."""
        return await self._write(partial(verdicts.undo, ticket_id=ticket_id, by=self.by()))

    async def _write(self, work: Callable[[Session], T]) -> T:
        return await self.parts.writer.write(work)


def _masked(note: str) -> str:
    from service.ledger.later import masked

    return masked(note)
