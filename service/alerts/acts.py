"""What people do with a risk alert, each step one work of the writer and in the audit log."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Any

from service.alerts.told import Findings, draft_from
from service.ledger.answers import moment
from service.store import alerts, audit, complaints, keys
from service.store.database import Session
from service.store.errors import WrongState
from service.store.records import Facts
from service.store.records_governance import AlertRecord, AlertState, NewAlert
from service.store.records_service import Actor
from triage.rules.calendar import local

if TYPE_CHECKING:
    from triage.surge.sections import Draft

ACTOR = Actor("alerts", "service")
"""Who proposes alerts."""
_UNDECIDED = (AlertState.PROPOSED, AlertState.OVER, AlertState.DRAFT)
_CASE = 200
_SEE = "见工单"
Body = dict[str, Any]


def keep(session: Session, found: Findings, actor: Actor, now: datetime) -> int:
    """Keep what was found as a draft; give its number."""
    draft, body = found.draft, found.body
    new = NewAlert(body["since"], body["until"], draft.title, body, draft_json(draft, body))
    ident = alerts.add(session, new, who=actor.who, now=now)
    audit.note(session, actor, "alert.drafted", at=now, data={"alert": ident})
    return ident


def dismiss(session: Session, alert_id: int, actor: Actor, now: datetime) -> None:
    """Take what is proposed for no event; it is not proposed again.

    Raises
    ------
    UnknownAlert, WrongState
    """
    alerts.dismiss(session, alert_id)
    audit.note(session, actor, "alert.dismissed", at=now, data={"alert": alert_id})


def approve(
    session: Session, alert_id: int, typical: Sequence[str] | None, actor: Actor, now: datetime
) -> None:
    """Approve a draft, or what was proposed by itself.

    Tickets taken for typical are of those behind it (default: as it proposes). Their masked words
    are kept with it as they are now.

    Raises
    ------
    UnknownAlert, WrongState
        The latter too when a typical ticket is none of the alert.
    """
    alert = alerts.get(session, alert_id)
    found = alert.found
    picked = found["typical"] if typical is None else list(dict.fromkeys(typical))
    if not behind(found).issuperset(picked):
        raise WrongState("a typical ticket is not behind this alert", cure="pick from its tickets")
    cases = [[each, _told(session, each)] for each in picked]
    draft = {**alert.draft, "cases": cases, "signer": _signer(session, actor)}
    alerts.approve(session, alert_id, who=actor.who, now=now, typical=picked, draft=draft)
    told = {"alert": alert_id, "typical": len(picked)}
    audit.note(session, actor, "alert.approved", at=now, data=told)


def distribute(
    session: Session, alert_id: int, recipients: Sequence[str], actor: Actor, now: datetime
) -> None:
    """Send an approved alert to recipients; those who were sent it are not sent it again.

    Raises
    ------
    UnknownAlert, WrongState
    """
    fresh = alerts.distribute(session, alert_id, recipients, now=now)
    told = {"alert": alert_id, "recipients": fresh}
    audit.note(session, actor, "alert.distributed", at=now, data=told)


def read(session: Session, alert_id: int, recipient: str, actor: Actor, now: datetime) -> None:
    """Mark an alert as read for a recipient; the first time counts.

    Raises
    ------
    UnknownAlert
    """
    if alerts.read(session, alert_id, recipient, who=actor.who, now=now):
        told = {"alert": alert_id, "recipient": recipient}
        audit.note(session, actor, "alert.read", at=now, data=told)


def behind(found: Facts) -> set[str]:
    """Give the tickets that an alert rests on."""
    surges = {ident for surge in found["surges"] for ident in surge["tickets"]}
    return surges | {each["id"] for each in found["major"]}


def alert_body(alert: AlertRecord, *, whole: bool = False) -> Body:
    """Give an alert; the `whole` one with its text and all that was found."""
    body: Body = {
        "id": alert.id,
        "from": alert.since,
        "to": alert.until,
        "title": title_of(alert),
        "state": alert.state.value,
        "created_at": moment(alert.created_at),
        "created_by": alert.created_by,
        "approved_at": moment(alert.approved_at),
        "approved_by": alert.approved_by,
        "distributed_at": moment(alert.distributed_at),
        "typical": list(alert.typical),
        "event": event_of(alert),
        "receipts": [
            {
                "recipient": each.recipient,
                "sent_at": moment(each.sent_at),
                "read_at": moment(each.read_at),
                "read_by": each.read_by,
            }
            for each in alert.receipts
        ],
    }
    if whole:
        body |= {"found": alert.found, "sections": asdict(draft_of(alert))["sections"]}
    return body


def event_of(alert: AlertRecord) -> Body | None:
    """Give what an alert that nobody asked for is about, in figures; None for any other."""
    if alert.created_by != ACTOR.who:
        return None
    surge = alert.found["surges"][0]
    told = ("headline", "since", "told", "last", "closed", "count", "expected", "growth")
    # Alerts of before events were told again do not say it.
    return {name: surge[name] for name in told} | {"again": surge.get("again", [])}


def draft_json(draft: Draft, found: Facts) -> Body:
    """Give a draft as it is kept; `quotes` names the points that hold customers' words."""
    from triage.surge.sections import QUOTED

    told = asdict(draft)
    return {**told, "quotes": [QUOTED, *found["typical"]]}


def title_of(alert: AlertRecord) -> str:
    """Give the title of an alert; one of which somebody has decided is a draft no more."""
    from triage.surge.sections import DRAFT

    return alert.title if alert.state in _UNDECIDED else alert.title.replace(DRAFT, "")


def draft_of(alert: AlertRecord) -> Draft:
    """Give the text of an alert as its state has it.

    Until somebody decides it warns that a person must. An approved one names who approved it and
    when, and tells the cases that were picked.
    """
    from triage.surge.sections import decided, with_cases

    draft = draft_from(alert.draft)
    if alert.state in _UNDECIDED:
        return draft
    if alert.approved_at is None:
        return decided(draft, "处理结果", "经人工核实，判定不属实，不予发布。")
    # Alerts of before words were kept have the identifiers of their cases alone.
    words = dict(alert.draft.get("cases", ()))
    cases = [(ident, words.get(ident, _SEE)) for ident in alert.typical]
    signed = f"{signer_of(alert)}于{local(alert.approved_at):%Y年%m月%d日 %H:%M}审批，准予发布。"
    return with_cases(decided(draft, "签发", signed), cases)


def signer_of(alert: AlertRecord) -> str | None:
    """Give who approved an alert by the name that they had then; None before it is approved."""
    signer: str | None = alert.draft.get("signer", alert.approved_by)
    return signer


def _signer(session: Session, actor: Actor) -> str:
    key = keys.find(session, actor.who)
    return key.label if key is not None and key.label else f"密钥{actor.who}持有人"


def _told(session: Session, ident: str) -> str:
    """Tell a case in masked words, with its day and where it was received."""
    ticket = complaints.find(session, ident)
    if ticket is None:  # it may have been kept long enough
        return _SEE
    text = " ".join(ticket.masked_text.split())
    cut = f"{text[:_CASE]}{'…' if len(text) > _CASE else ''}"
    unit = f"，{ticket.context.unit}" if ticket.context.unit else ""
    return f"{local(ticket.received_at):%Y年%m月%d日}{unit}：“{cut}”"
