"""The rules applied to what an engine has decided."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from triage.decision import Decision
from triage.records import Context, Escalation, Signal
from triage.rules.facts import Reading
from triage.rules.rulebook import Rulebook
from triage.rules.ruling import Ruling


def rulings(
    rulebook: Rulebook,
    decided: Sequence[Decision],
    natures: Sequence[str],
    signals: Sequence[Sequence[Signal]],
    risks: Sequence[Escalation],
    *,
    contexts: Sequence[Context],
    now: datetime | None,
) -> list[Ruling]:
    """Apply the rules to n narratives; everything but the rulebook and `now` has length n."""
    read = map(_reading, decided, natures, signals, risks)
    return [rulebook.apply(rulebook.facts(*each), now) for each in zip(read, contexts, strict=True)]


def _reading(
    decided: Decision, nature: str, signals: Sequence[Signal], risk: Escalation
) -> Reading:
    # Where no line is given, rules are told none either.
    refused = decided.abstain_reason is not None
    read = Reading(
        None if refused else decided.line,
        None if refused else decided.subline,
        decided.secondary,
        decided.alternatives,
        decided.probability,
        refused,
        nature,
        frozenset([signal.code for signal in signals]),
        risk.band,
    )
    return read.unsettled() if decided.suggested else read
