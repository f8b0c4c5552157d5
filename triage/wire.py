"""An assessment as the JSON object of files and of HTTP, and a context from one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime
from typing import Any

from triage.errors import InvalidInput
from triage.records import CHANNELS, Assessment, Calibrated, Context, Duty, Owner, Reason

_UNITS = 1_000_000
CONTEXT_FIELDS = tuple(field.name for field in fields(Context))
NO_CONTEXT = Context()
_CONTEXT = frozenset(CONTEXT_FIELDS)
# 1.0 and 0.0 are what tables make of flags where some are missing.
_FLAGS = dict.fromkeys(("true", "1", "1.0", "yes", "是"), True)
_FLAGS |= dict.fromkeys(("false", "0", "0.0", "no", "否"), False)
_BOOLS = {"visited_branch", "outlet_touchpoint"}
_COUNTS = {"prior_complaints_90d", "transfers", "group_size"}
_NUMBERS = {"amount_cny", "days_open"}


def assessment_json(assessment: Assessment, ticket_id: str | None = None) -> dict[str, Any]:
    """Give the JSON object of one assessed complaint (see the README for an example)."""
    risk = assessment.escalation
    body = {
        "id": ticket_id,
        "line": assessment.line,
        "subline": assessment.subline,
        "probability": _round(assessment.probability),
        "abstained": assessment.abstained,
        "abstain_reason": assessment.abstain_reason,
        "alternatives": [
            {
                "line": line,
                "subline": subline,
                "probability": int(probability * _UNITS + 0.5) / _UNITS,
            }
            for line, subline, probability in assessment.alternatives
        ],
        "secondary": list(assessment.secondary),
        "nature": assessment.nature,
        "signals": [
            {"code": s.code, "start": s.start, "end": s.end, "text": s.text}
            for s in assessment.signals
        ],
        "escalation": {
            "probability": _round(risk.probability),
            "band": risk.band,
            "reasons": [_reason(reason, kind=True) for reason in risk.reasons],
        },
        "evidence": [_reason(reason, kind=False) for reason in assessment.evidence],
        "concepts": list(assessment.concepts),
        "duties": [duty_json(duty) for duty in assessment.duties],
        "owner": owner_json(assessment.owner),
        "flags": list(assessment.flags),
        "repeat_of": list(assessment.repeat_of),
        "masked_text": assessment.masked_text,
        "model_version": assessment.model_version,
        "policy_version": assessment.policy_version,
        "rules_version": assessment.rules_version,
    }
    # Without a calibration there are no names for what it would say.
    return body if assessment.calibrated is None else body | _calibrated(assessment.calibrated)


def _calibrated(told: Calibrated) -> dict[str, Any]:
    version = {"calibration_version": told.version}
    if told.lines is None:
        return version
    return {"line_set": list(told.lines), "line_set_coverage": told.coverage, **version}


def held_json(assessment: Assessment) -> dict[str, Any] | None:
    """Give the line that is kept in the decision record alone, if there is one."""
    if assessment.held is None:
        return None
    line, subline, probability = assessment.held
    return {"line": line, "subline": subline, "probability": _round(probability)}


def _round(value: float) -> float:
    # Half the time of `round`, which finds the shortest decimal.
    return int(value * _UNITS + 0.5) / _UNITS


def _reason(reason: Reason, *, kind: bool) -> dict[str, Any]:
    body: dict[str, Any] = {
        "start": reason.start,
        "end": reason.end,
        "text": reason.text,
        "weight": round(reason.weight, 3),
    }
    if kind:
        body["kind"], body["label"] = reason.kind, reason.label
    return body


def duty_json(duty: Duty) -> dict[str, Any]:
    """Give the JSON object of a duty."""
    return {
        "code": duty.code,
        "name": duty.name,
        "due_at": duty.due_at.isoformat() if duty.due_at else None,
        "at_risk": duty.at_risk,
        "target": duty.target,
        "alarms": [moment.isoformat() for moment in duty.alarms],
        "checklist": list(duty.checklist),
        "rule": duty.rule,
        "basis": duty.basis,
        "mark": duty.mark,
    }


def owner_json(owner: Owner | None) -> dict[str, Any] | None:
    """Give the JSON object of an owner."""
    if owner is None:
        return None
    return {
        "level": owner.level,
        "unit": owner.unit,
        "barred_from_outlet": owner.barred_from_outlet,
        "why": list(owner.why),
        "departments": list(owner.departments),
        "accountable": owner.accountable,
    }


def context_from(raw: Mapping[str, Any]) -> Context:
    """Read the context fields of a mapping; others are ignored, empty ones are missing.

    Raises
    ------
    InvalidInput
        Naming the field and what it takes; never the value, which may be a narrative.
    """
    if _CONTEXT.isdisjoint(raw):
        return NO_CONTEXT
    known = {}
    for name in CONTEXT_FIELDS:
        value = raw.get(name)
        if value is None or value == "" or value != value:  # noqa: PLR0124 - pandas' NaN
            continue
        try:
            known[name] = _convert(name, value)
        except (TypeError, ValueError, OverflowError):
            raise InvalidInput(f"{name} is not valid", cure=f"it takes {_takes(name)}") from None
    return Context(**known)


def _takes(name: str) -> str:
    if name == "channel":
        return f"one of {', '.join(CHANNELS)}"
    if name == "received_at":
        return "a moment in ISO 8601 with a zone"
    return "true or false" if name in _BOOLS else "a number from 0 up"


def _convert(name: str, value: Any) -> Any:
    if name == "received_at":
        return _moment(value)
    if name == "channel":
        if value not in CHANNELS:
            raise ValueError
        return value
    if name in _BOOLS:
        return _flag(value)
    if name in _COUNTS:
        return int(_not_negative(float(value)))
    if name in _NUMBERS:
        return _not_negative(float(value))
    return str(value)


def _moment(value: Any) -> datetime:
    moment = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    if moment.tzinfo is None:
        raise ValueError
    return moment


def _flag(value: Any) -> bool:
    try:
        return _FLAGS[str(value).strip().lower()]
    except KeyError:
        raise ValueError from None


def _not_negative(value: float) -> float:
    if not 0 <= value < float("inf"):
        raise ValueError
    return value
