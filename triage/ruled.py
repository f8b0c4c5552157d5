"""The rules applied to what an engine has decided."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from triage.decision import Decision
from triage.records import Context, Escalation, Signal
from triage.rules.facts import Reading
from triage.rules.rulebook import Rulebook
from triage.rules.ruling import Ruling


def rule(
    rulebook: Rulebook,
    decided: Decision,
    nature: str,
    signals: Sequence[Signal],
    risk: Escalation,
    context: Context,
    *,
    now: datetime | None,
) -> Ruling:
    """Apply the rules to one narrative; where no line is given they are told none."""
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
    return rulebook.apply(rulebook.facts(read, context), now)
