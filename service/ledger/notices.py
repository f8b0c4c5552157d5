"""What webhooks are told: written into the outbox together with what it tells of, sent later."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

import orjson

from service.store import webhooks
from service.store.database import Session
from triage.rules.calendar import local


class Kind(StrEnum):
    """What is told."""

    ASSESSMENT = "assessment"
    BAND_RAISED = "band_raised"
    DUTY_DUE = "duty_due"
    DUTY_OVERDUE = "duty_overdue"
    ALERT_PROPOSED = "alert_proposed"


# Codes, names of the bank's own, numbers and times; nothing that a customer wrote.
FACTS = frozenset(
    (
        *("assessment_id", "reason", "model_version", "policy_version", "rules_version"),
        "calibration_version",
        *("nature", "line", "subline", "secondary", "probability", "abstained", "signals"),
        *("band", "previous_band", "risk", "flags", "state", "repeat_of"),
        *("owner_level", "owner_unit", "barred_from_outlet", "next_action", "next_due"),
        *("duties", "code", "rule", "due_at", "level"),
        *("alert", "since", "count", "expected", "growth", "fields", "channel", "again"),
    )
)
# Of one duty a level is told once, however often it is looked at; anything else each time anew.
_TOLD_ONCE = {Kind.DUTY_DUE, Kind.DUTY_OVERDUE}
_ID_CHARS = 32
_LONGEST = 200
_MOST = 50


def post(
    session: Session,
    kind: Kind | str,
    *,
    ticket_id: str | None = None,
    facts: Mapping[str, Any],
    now: datetime,
) -> int:
    """Put a message into the outbox of every webhook that asked for its kind; give how many.

    Parameters
    ----------
    kind : Kind
    ticket_id : str, optional
        What it is about, if it is about one ticket.
    facts : mapping
        Only the names of `FACTS` leave the house, with codes, numbers, moments, or lists of codes.
    now : datetime
        When it happened.
    """
    kind = Kind(kind)
    if not webhooks.asked(session, kind):
        return 0
    data: dict[str, Any] = {} if ticket_id is None else {"ticket_id": ticket_id}
    data |= {name: _shown(facts[name]) for name in sorted(FACTS & facts.keys())}
    told = {"type": kind.value, "data": data}
    at = local(now).isoformat()
    known_by = told if kind in _TOLD_ONCE else {**told, "at": at}
    return webhooks.enqueue(
        session,
        kind=kind,
        message_id=_ident(known_by),
        payload={"type": kind.value, "timestamp": at, "data": data},
        now=now,
        ticket_id=ticket_id,
    )


def _ident(told: Mapping[str, Any]) -> str:
    # Dots are not for ids: they part what is signed.
    digest = hashlib.sha256(orjson.dumps(told, option=orjson.OPT_SORT_KEYS)).hexdigest()
    return f"msg_{digest[:_ID_CHARS]}"


def _shown(value: Any) -> Any:
    if isinstance(value, datetime):
        return local(value).isoformat()
    if isinstance(value, str):
        return value[:_LONGEST]
    if value is None or isinstance(value, (bool, int, float)):
        return value
    if isinstance(value, (list, tuple, set, frozenset)):
        ordered = sorted(value, key=str) if isinstance(value, (set, frozenset)) else value
        return [_shown(one) for one in list(ordered)[:_MOST]]
    raise TypeError(f"a notice carries codes, numbers and moments, not {type(value).__name__}")
