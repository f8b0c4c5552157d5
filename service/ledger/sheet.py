"""What is added for several new tickets at once: decisions, duties, audit, messages to webhooks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from service.ledger import notices
from service.ledger.facts import assessment_facts
from service.ledger.notices import Kind
from service.store import assessments, audit, duties, webhooks
from service.store.database import Session
from service.store.records import NewDecision, NewDuty, Standing
from service.store.records_service import Actor


@dataclass(frozen=True, slots=True)
class _Row:
    decision: NewDecision
    owed: Sequence[NewDuty]
    ticket_id: str
    actor: Actor
    standing: Standing


class Sheet:
    """Collects rows of new tickets and writes them together.

    Parameters
    ----------
    session : Session
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._rows: list[_Row] = []

    def add(
        self,
        decision: NewDecision,
        owed: Sequence[NewDuty],
        ticket_id: str,
        actor: Actor,
        standing: Standing,
    ) -> None:
        """Note what belongs to a ticket that was just stored."""
        self._rows.append(_Row(decision, owed, ticket_id, actor, standing))

    def write(self) -> None:
        """Write what was noted."""
        rows, self._rows = self._rows, []
        if not rows:
            return
        session = self._session
        if webhooks.hooks(session):
            self._tell(rows)
        else:
            assessments.add_many(session, [row.decision for row in rows])
        duties.put_new(
            session, [(row.decision.complaint_id, row.owed, row.decision.at) for row in rows]
        )
        audit.note_many(
            session,
            "ticket.received",
            [(row.actor, row.ticket_id, row.decision.at) for row in rows],
        )

    def _tell(self, rows: Sequence[_Row]) -> None:
        for row in rows:
            number = assessments.add(self._session, row.decision)
            facts = assessment_facts(row.decision.answer, row.standing, number, "intake")
            notices.post(
                self._session,
                Kind.ASSESSMENT,
                ticket_id=row.ticket_id,
                facts=facts,
                now=row.decision.at,
            )
