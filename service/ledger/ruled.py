"""Which rules fired for a stored ticket, on what facts, on what basis."""

from __future__ import annotations

from typing import TYPE_CHECKING

from service.ledger.answers import Body, moment
from service.ledger.deciding import reading_of
from service.ledger.history import history_from
from service.store import assessments, complaints
from service.store.database import Session
from service.store.records import Decision
from triage.wire import context_from

if TYPE_CHECKING:
    from triage.rules.rulebook import Rulebook

_NOT_TOLD = {"complained_employee"}


def latest(session: Session, ticket_id: str) -> Decision:
    """Give the latest decision on a ticket.

    Raises
    ------
    UnknownTicket
    """
    decision = assessments.latest(session, complaints.get(session, ticket_id).id)
    if decision is None:
        raise LookupError("a ticket without an assessment")
    return decision


def ruled(session: Session, ticket_id: str) -> Body:
    """Give the record of the rules for a ticket."""
    decision = latest(session, ticket_id)
    return {
        "ticket_id": ticket_id,
        "decided_at": moment(decision.at),
        "reason": decision.reason,
        "rules_version": decision.rules_version,
        "history": {k: v for k, v in decision.history.items() if k not in _NOT_TOLD},
        "owner": decision.answer["owner"],
        "flags": decision.answer["flags"],
        "fired": decision.ruling.get("fired", []),
    }


def explained(session: Session, ticket_id: str, rulebook: Rulebook) -> str:
    """Tell it in Chinese; under other rules than then, as it was recorded."""
    from triage.rules.explain import explain

    decision = latest(session, ticket_id)
    if decision.rules_version != rulebook.version:
        return _recorded(decision)
    facts = rulebook.facts(
        reading_of(decision.answer),
        context_from(decision.context),
        history_from(decision.history),
    )
    return explain(rulebook.apply(facts, decision.at))


def _recorded(decision: Decision) -> str:
    blocks = [f"规则版本  {decision.rules_version}（此后已更换，以下为当时记录）"]
    for fired in decision.ruling.get("fired", ()):
        facts = "；".join(
            f"{k}={v}" for k, v in fired["facts"].items() if v not in (None, False, [])
        )
        head = f"{fired['rule']}  {fired['name']}"
        blocks.append(
            f"{head}\n  事实  {facts or '无'}\n  依据  {fired['basis']}（{fired['mark']}）"
        )
    return "\n\n".join(blocks)
