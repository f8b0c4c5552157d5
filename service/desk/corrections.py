"""The form of a verdict, read as an opinion: what differs from the assessment is a correction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from service.desk.opinion import CONFIRM, CORRECT, NOT_COMPLAINT, RISKS, UNSURE, Opinion
from service.review_schemas import NOTE_CHARS
from service.store import assessments, complaints
from service.store.database import Session
from triage.errors import InvalidInput

_ACTS = (CONFIRM, NOT_COMPLAINT, UNSURE)


@dataclass(frozen=True, slots=True)
class Form:
    """The fields of a form."""

    fields: Mapping[str, list[str]]

    def one(self, name: str) -> str:
        """Give a field; one that is not there is empty."""
        return self.fields.get(name, [""])[0]

    def all(self, name: str) -> list[str]:
        """Give every value of a field."""
        return [value for value in self.fields.get(name, []) if value]


def opinion_from(session: Session, ticket_id: str, form: Form) -> Opinion:
    """Read the form of a verdict.

    Raises
    ------
    UnknownTicket, InvalidInput
    """
    act, note = form.one("act"), form.one("note")
    if len(note) > NOTE_CHARS:
        raise InvalidInput(f"a note has at most {NOTE_CHARS} characters", cure="make it shorter")
    known: dict[str, Any] = {"note": note, "second": bool(form.one("second"))}
    known["assessment"] = _number(form.one("assessment")) if form.one("assessment") else None
    if act in _ACTS:
        return Opinion(act, **known)
    if act in RISKS:
        return Opinion(CORRECT, {"risk": act}, **known)
    if act != CORRECT:
        raise InvalidInput("the form says no verdict", cure="press one of its buttons")
    decision = assessments.latest(session, complaints.get(session, ticket_id).id)
    answer = decision.answer if decision else {}
    return Opinion(CORRECT, corrections_of(form, answer), **known)


def corrections_of(form: Form, answer: Mapping[str, Any]) -> dict[str, Any]:
    """Give what of the form differs from an assessment."""
    found: dict[str, Any] = {}
    if leaf := form.one("leaf"):
        line, _, subline = leaf.partition(".")
        if (line, subline or None) != (answer.get("line"), answer.get("subline")):
            found |= {"line": line, "subline": subline or None}
    if form.one("whole"):
        secondary = form.all("secondary")
        if set(secondary) != set(answer.get("secondary", ())):
            found["secondary"] = secondary
        signals = _signals(form)
        if _places(signals) != _places(answer.get("signals", ())):
            found["signals"] = signals
    if (nature := form.one("nature")) and nature != answer.get("nature"):
        found["nature"] = nature
    if risk := form.one("risk"):
        found["risk"] = risk
    return found


def _signals(form: Form) -> list[dict[str, Any]]:
    told = [value.rsplit(":", 2) for value in form.all("signal")]
    if code := form.one("new_code"):
        told.append([code, form.one("new_start"), form.one("new_end")])
    if any(len(one) != 3 for one in told):
        raise InvalidInput("a signal cannot be read", cure="open the page again")
    return [{"code": c, "start": _number(s), "end": _number(e)} for c, s, e in told]


def _places(signals: Any) -> set[tuple[str, int, int]]:
    return {(one["code"], one["start"], one["end"]) for one in signals}


def _number(told: str) -> int:
    if not told.isascii() or not told.isdigit() or len(told) > 9:
        raise InvalidInput("a number of the form cannot be read", cure="write digits alone")
    return int(told)
