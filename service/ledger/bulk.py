"""Many tickets of the past at once, each with what happened to it since."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from functools import partial
from typing import Any

import orjson

from service.ledger.change import Change
from service.ledger.intake import Intake, Prepared
from service.ledger.orders import Order
from service.ledger.reread import Ticket as Recorded
from service.serving import Assessor
from service.store import events
from service.store.database import Database, Session
from service.store.privacy import Privacy, Vault
from service.store.records import NewEvent, Outcome
from service.store.records_service import Actor
from triage.records import Context
from triage.repeats.settings import load_settings

ACTOR = Actor("demo", "admin")
_CONTEXT = tuple(field.name for field in fields(Context))
Ticket = Mapping[str, Any]


class Loader:
    """Takes tickets in as if each had been sent at the moment of its receipt.

    A ticket is judged at intake and once more after all that happened to it; nobody is told.

    Parameters
    ----------
    database : Database
    engine : Assessor
    privacy : Privacy
    vault : Vault
    raw_days : int
        Days for which narratives are kept as submitted; 0 keeps none.
    """

    def __init__(
        self,
        database: Database,
        engine: Assessor,
        privacy: Privacy,
        vault: Vault,
        *,
        raw_days: int = 0,
    ) -> None:
        self._database = database
        self._engine = engine
        self._privacy = privacy
        self._intake = Intake(privacy, vault, raw_days, load_settings())

    def load(self, tickets: Sequence[Ticket]) -> int:
        """Assess tickets together and store them in one transaction; give how many were new.

        A ticket has `ticket_id`, `text`, `received_at`, the other context fields, and `events`
        with `kind`, `at` and `data`, in order of time and without words of the customer.
        """
        orders = [self._order(ticket) for ticket in tickets]
        now = max(ticket["received_at"] for ticket in tickets)
        prepared = self._intake.prepare(orders, self._engine, now)
        dated = [
            replace(new, at=ticket["received_at"])
            for new, ticket in zip(prepared, tickets, strict=True)
        ]
        return self._database.change(partial(self._store, prepared=dated, tickets=tickets))

    def _order(self, ticket: Ticket) -> Order:
        body = orjson.dumps([ticket["ticket_id"], ticket["text"]])
        context = Context(**{name: ticket[name] for name in _CONTEXT if name in ticket})
        return Order(ticket["ticket_id"], ticket["text"], context, self._privacy.body_hash(body))

    def _store(
        self, session: Session, prepared: Sequence[Prepared], tickets: Sequence[Ticket]
    ) -> int:
        added = 0
        for new, ticket in zip(prepared, tickets, strict=True):
            taken = self._intake.store(session, new, ACTOR)
            if taken.outcome is Outcome.NEW:
                added += 1
                self._events(session, ticket)
        return added

    def _events(self, session: Session, ticket: Ticket) -> None:
        past = ticket["events"]
        if not past:
            return
        known = Recorded.of(session, ticket["ticket_id"])
        for event in past:
            new = NewEvent(event["kind"], event["at"], ACTOR.who, data=event["data"])
            events.append(session, known.complaint.id, new, event["at"])
        change = Change(session, known, past[-1]["at"], self._engine.rulebook)
        change.catch_up(events.of(session, known.complaint.id))
