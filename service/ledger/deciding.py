"""An answer and what it rests on: rules applied with the history, and the decision record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import datetime
from typing import Any

from service.ledger.history import history_json
from service.ledger.standing import Placed, placed_owner
from service.store.records import Facts, NewDecision, NewDuty
from triage.modes import SUGGESTED, flagged
from triage.records import Context, LineScore
from triage.rules.facts import NO_HISTORY, History, Reading
from triage.rules.rulebook import Rulebook
from triage.rules.ruling import Ruling
from triage.wire import duty_json, owner_json

Answer = dict[str, Any]
_HIDDEN = {"ticket_id", "customer_key"}
_OPAQUE = "complained_employee"


@dataclass(frozen=True, slots=True)
class Basis:
    """What a ticket is judged by besides its texts.

    Attributes
    ----------
    context : Context
        Without the customer's key.
    history : History
    placed : Placed or None
        Where a person transferred it to.
    repeat_of : tuple of str
        Earlier tickets of the same customer and matter, the newest first.
    """

    context: Context
    history: History = NO_HISTORY
    placed: Placed | None = None
    repeat_of: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Give what a decision record keeps of it besides the context."""
        told = history_json(self.history)
        if self.placed is not None:
            told["placed"] = asdict(self.placed)
        if self.repeat_of:
            told["repeat_of"] = list(self.repeat_of)
        return told


@dataclass(frozen=True, slots=True)
class Versions:
    """What an answer was made with."""

    model: str
    policy: str
    taxonomy: str
    terms: str

    @classmethod
    def of(cls, version: str, policy: str, manifest: Mapping[str, Any]) -> Versions:
        """Take the versions of an engine and of its answer."""
        taxonomy = str(manifest.get("taxonomy_version", ""))
        return cls(version, policy, taxonomy, str(manifest.get("reading_digest", "")))


@dataclass(frozen=True, slots=True)
class Judged:
    """An assessed complaint with the word of the rules, and the ruling as JSON."""

    answer: Answer
    ruling: Ruling
    told: dict[str, Any] = field(default_factory=dict)


def judge(answer: Answer, basis: Basis, rulebook: Rulebook, now: datetime) -> Judged:
    """Apply the rules to an assessed complaint.

    Parameters
    ----------
    answer : dict
        As JSON; it is not changed.
    basis : Basis
    rulebook : Rulebook
    now : datetime
        With a zone.
    """
    facts = rulebook.facts(reading_of(answer), basis.context, basis.history)
    ruling = rulebook.apply(facts, now)
    judged = {
        **answer,
        "owner": owner_json(placed_owner(ruling.owner, basis.placed)),
        "duties": [duty_json(duty) for duty in ruling.duties],
        "flags": list(flagged(ruling.flags, suggested=SUGGESTED in answer["flags"])),
        "repeat_of": list(basis.repeat_of),
        "rules_version": ruling.version,
    }
    return Judged(judged, ruling, ruling_json(ruling))


def reading_of(answer: Facts) -> Reading:
    """Take from an assessed complaint what rules look at."""
    read = Reading(
        line=answer["line"],
        subline=answer["subline"],
        secondary=tuple(answer["secondary"]),
        alternatives=tuple(
            LineScore(a["line"], a["subline"], a["probability"]) for a in answer["alternatives"]
        ),
        probability=answer["probability"],
        abstained=answer["abstained"],
        nature=answer["nature"],
        signals=frozenset([signal["code"] for signal in answer["signals"]]),
        band=answer["escalation"]["band"],
    )
    return read.unsettled() if SUGGESTED in answer["flags"] else read


def ruling_json(ruling: Ruling) -> dict[str, Any]:
    """Give which rules fired, on what facts, on what basis, to what effect."""
    facts = ruling.facts
    return {
        "version": ruling.version,
        "fired": [
            {
                "rule": rule.id,
                "name": rule.name,
                "mark": rule.mark,
                "basis": rule.basis,
                "facts": {
                    name: _plain(name, getattr(facts, name)) for name in rule.condition.fields
                },
                "effect": rule.effect.told,
            }
            for rule in ruling.rules
        ],
    }


def stopped_by(ruling: Ruling) -> frozenset[str]:
    """Give the codes of duties that rules stopped."""
    return frozenset([code for rule in ruling.rules for code in rule.effect.stop])


def decision_of(
    complaint_id: int,
    judged: Judged,
    basis: Basis,
    versions: Versions,
    *,
    at: datetime,
    reason: str,
    through_event: int | None = None,
    carried: list[dict[str, Any]] | None = None,
    held: Facts | None = None,
) -> NewDecision:
    """Make the decision record: all that is needed to come to the same answer again.

    `held` is a line that is kept here and shown to nobody who asks.
    """
    more = {name: kept for name, kept in (("carried", carried), ("held", held)) if kept}
    return NewDecision(
        complaint_id=complaint_id,
        at=at,
        reason=reason,
        model_version=versions.model,
        policy_version=versions.policy,
        taxonomy_version=versions.taxonomy,
        terms_version=versions.terms,
        rules_version=judged.ruling.version,
        context=context_json(basis.context),
        answer=judged.answer,
        history=basis.to_json(),
        ruling={**judged.told, **more} if more else judged.told,
        through_event=through_event,
    )


def duties_of(judged: Judged) -> list[NewDuty]:
    """Give the duties that the rules demand."""
    return [NewDuty(d.code, d.rule, d.basis, d.due_at, d.alarms) for d in judged.ruling.duties]


def context_json(context: Context) -> dict[str, Any]:
    """Give what of a context is known, without who the customer is."""
    told = {name: getattr(context, name) for name in _KEPT}
    return {name: value for name, value in told.items() if value is not None}


_KEPT = tuple(f.name for f in fields(Context) if f.name not in _HIDDEN)


def _plain(name: str, value: Any) -> Any:
    if name == _OPAQUE:
        return value is not None
    return sorted(value) if isinstance(value, frozenset) else value
