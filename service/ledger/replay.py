"""A decision made again from its record."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from service.ledger.deciding import Basis, judge
from service.ledger.history import history_from
from service.ledger.standing import Placed
from service.ledger.texts import read_text, text_of
from service.serving import Assessor
from service.store import complaints
from service.store.database import Session
from service.store.records import Decision, Facts
from triage.wire import assessment_json, context_from

_NOT_KEPT = "masked_text"


@dataclass(frozen=True, slots=True)
class Replayed:
    """A decision made again.

    Attributes
    ----------
    answer : dict
        The assessed complaint as JSON, with its text.
    differs : tuple of str
        Names of the fields that came out otherwise; empty when nothing did.
    other_versions : tuple of str
        What was not the same as then: `model`, `calibration`, `policy`, `rules`, `terms`,
        `taxonomy`.
    """

    answer: dict[str, Any]
    differs: tuple[str, ...]
    other_versions: tuple[str, ...]


def replay(decision: Decision, engine: Assessor, texts: Sequence[str]) -> Replayed:
    """Make a decision again.

    Parameters
    ----------
    decision : Decision
    engine : Assessor
        With the model of `decision.model_version`, and the calibration, rules and terms of then.
    texts : sequence of str
        The masked complaint, and the customer's words up to `decision.through_event`.
    """
    context = context_from(decision.context)
    (assessment,) = engine.assess([read_text(texts)], [context], ruled=False)
    basis = Basis(
        context=context,
        history=history_from(decision.history),
        placed=_placed(decision),
        repeat_of=tuple(decision.history.get("repeat_of", ())),
    )
    told = assessment_json(assessment, decision.answer["id"])
    answer = judge(told, basis, engine.rulebook, decision.at).answer
    kept = {name: value for name, value in answer.items() if name != _NOT_KEPT}
    names = kept.keys() | decision.answer.keys()
    differs = [name for name in names if kept.get(name) != decision.answer.get(name)]
    return Replayed(answer, tuple(sorted(differs)), _other_versions(decision, engine, answer))


def replay_stored(session: Session, decision: Decision, engine: Assessor) -> Replayed:
    """Make a decision of the store again."""
    complaint = complaints.by_id(session, decision.complaint_id)
    return replay(decision, engine, [text_of(session, complaint, decision)])


def _placed(decision: Decision) -> Placed | None:
    told = decision.history.get("placed")
    return Placed(**told) if told else None


def _other_versions(decision: Decision, engine: Assessor, answer: Facts) -> tuple[str, ...]:
    manifest, calibrated = engine.manifest, (decision.answer, answer)
    then_and_now = {
        "model": (decision.model_version, engine.version),
        "calibration": tuple(each.get("calibration_version", "") for each in calibrated),
        "policy": (decision.policy_version, answer["policy_version"]),
        "rules": (decision.rules_version, engine.rulebook.version),
        "taxonomy": (decision.taxonomy_version, str(manifest.get("taxonomy_version", ""))),
        "terms": (decision.terms_version, str(manifest.get("reading_digest", ""))),
    }
    return tuple(name for name, (then, now) in then_and_now.items() if then != now)
