"""What happens to a ticket after intake, recorded as one work of the writer."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from service.ledger import refusals
from service.ledger.answers import stored_by_id
from service.ledger.change import Change
from service.ledger.intake import clean
from service.ledger.orders import Happening, Recorded
from service.ledger.reread import Reread, Ticket
from service.ledger.standing import course_of
from service.store import audit, duties, events, raw
from service.store.database import Session
from service.store.errors import ChangedMeanwhile
from service.store.privacy import Vault
from service.store.records import NewEvent, Outcome
from service.store.records_service import Actor
from triage.masking.mask import mask

if TYPE_CHECKING:
    from triage.rules.rulebook import Rulebook

# Free words and names of places; everything else is a code, a number or an opaque key.
_FREE = frozenset(("reason", "note", "to_unit", "unit", "station"))


def record(
    session: Session,
    ticket_id: str,
    happening: Happening,
    actor: Actor,
    *,
    now: datetime,
    rulebook: Rulebook,
    reread: Reread | None = None,
    vault: Vault | None = None,
    raw_days: int = 0,
) -> Recorded:
    """Record an event of a ticket; one work of the writer.

    Parameters
    ----------
    rulebook : Rulebook
    reread : Reread, optional
        The new assessment; needed for what the customer wrote.
    vault, raw_days : optional
        Where and for how long the customer's words are kept as submitted.

    Raises
    ------
    UnknownTicket, TicketErased, EventConflict, EventRefused
    ChangedMeanwhile
        When something was recorded since the ticket was read; read it again.
    """
    ticket = Ticket.of(session, ticket_id)
    _refuse_older(ticket, reread)
    new = _masked_event(happening, now, actor)
    added = events.append(session, ticket.complaint.id, new, now)
    if added.outcome is not Outcome.NEW:
        return _recorded_before(session, ticket, added.outcome, added.id)
    event = events.get(session, added.id)
    owed = duties.of(session, ticket.complaint.id)
    refusals.refuse(event, ticket.complaint, course_of(ticket.events), owed)
    if raw_days and vault is not None and happening.text is not None:
        keep = partial(raw.keep, session, vault, ticket.complaint.id, event_id=event.id)
        keep(happening.text, now=now, days=raw_days)
    audit.note(
        session, actor, f"event.{event.kind}", at=now, ticket_id=ticket_id, data={"id": event.id}
    )
    change = Change(session, ticket, now, rulebook)
    raised = change.apply(event, reread)
    return Recorded(event.id, change.body(), new=True, raised_to=raised)


def reconsider(
    session: Session,
    ticket_id: str,
    *,
    reason: str,
    now: datetime,
    rulebook: Rulebook,
    reread: Reread,
) -> bool:
    """Judge a ticket as it is now; say whether that changed anything. One work of the writer.

    Raises
    ------
    UnknownTicket, TicketErased, ChangedMeanwhile
    """
    ticket = Ticket.of(session, ticket_id)
    _refuse_older(ticket, reread)
    return Change(session, ticket, now, rulebook).pass_time(reread, reason)


def _refuse_older(ticket: Ticket, reread: Reread | None) -> None:
    if reread is not None and reread.last_text != ticket.last_text:
        raise ChangedMeanwhile("the customer wrote again meanwhile", cure="read the ticket again")


def masked(text: str) -> str:
    """Mask what somebody wrote."""
    return mask(clean(text)).text


def _masked_event(happening: Happening, now: datetime, actor: Actor) -> NewEvent:
    data: dict[str, Any] = {
        name: masked(value) if name in _FREE and isinstance(value, str) else value
        for name, value in happening.data.items()
    }
    return NewEvent(
        kind=happening.kind,
        at=happening.at or now,
        actor=actor.who,
        text=None if happening.text is None else masked(happening.text),
        data=data,
        key=happening.key,
        body_hash=happening.body_hash,
    )


def _recorded_before(session: Session, ticket: Ticket, outcome: Outcome, ident: int) -> Recorded:
    if outcome is Outcome.CONFLICT:
        raise refusals.EventConflict(
            "an event with this key and another body is recorded", cure="use another key"
        )
    return Recorded(ident, stored_by_id(session, ticket.complaint.id), new=False)
