"""Two readers of one ticket: who is drawn, what each said, whether they differ, how often."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from service.desk.opinion import NOT_COMPLAINT, UNSURE
from service.store.records_review import ReviewState, VerdictRecord

Answers = Mapping[int, Mapping[str, Any]]
"""What was assessed, by the number of the assessment."""

_WHOLE = 2**64


@dataclass(frozen=True, slots=True)
class Agreement:
    """How often two readers said the same.

    Attributes
    ----------
    pairs : int
    raw : float
        Share of the pairs in which they did.
    kappa : float or None
        Cohen's: 1 for always, 0 for as often as by chance; None where chance alone gives 1.
    """

    pairs: int
    raw: float
    kappa: float | None


def drawn(ticket_id: str, share: float) -> bool:
    """Say whether a ticket is one of those that are read twice; of all tickets `share` are.

    By its identifier alone, so that it is the same whoever asks and whenever.
    """
    digest = hashlib.sha256(b"second reader " + ticket_id.encode("utf-8", "surrogatepass"))
    return int.from_bytes(digest.digest()[:8], "big") < share * _WHOLE


def said(verdict: VerdictRecord, answer: Mapping[str, Any]) -> str | None:
    """Give the leaf that a verdict says a ticket has, `not_complaint`, or None when unsure."""
    if verdict.kind == UNSURE:
        return None
    if verdict.kind == NOT_COMPLAINT:
        return NOT_COMPLAINT
    named = verdict.corrections if "line" in verdict.corrections else answer
    line, subline = named.get("line"), named.get("subline")
    return f"{line}.{subline}" if subline else str(line)


def state_after(kept: Sequence[VerdictRecord], answers: Answers) -> ReviewState:
    """Give how the review of a ticket stands after verdicts that were not taken back, in order."""
    state = ReviewState.WAITING
    for place, verdict in enumerate(kept):
        if verdict.second:
            state = ReviewState.SECOND
        elif state is ReviewState.SECOND and _differ(kept[place - 1], verdict, answers):
            state = ReviewState.SPLIT
        else:
            state = ReviewState.DONE
    return state


def pairs_of(given: Sequence[VerdictRecord], answers: Answers) -> list[tuple[str, str]]:
    """Give what the first and the second reader said of each ticket, where both were sure.

    Parameters
    ----------
    given : sequence of VerdictRecord
        Of tickets read twice, ticket by ticket, in order, without those taken back.
    answers : mapping
    """
    found: list[tuple[str, str]] = []
    for first, second in pairwise(given):
        if first.complaint_id != second.complaint_id or not first.second:
            continue
        both = (
            said(first, answers[first.assessment_id]),
            said(second, answers[second.assessment_id]),
        )
        if first.who != second.who and both[0] is not None and both[1] is not None:
            found.append((both[0], both[1]))
    return found


def agreement(pairs: Sequence[tuple[str, str]]) -> Agreement | None:
    """Measure the agreement of pairs; None without any."""
    if not pairs:
        return None
    count = len(pairs)
    raw = sum(one == other for one, other in pairs) / count
    firsts, seconds = (Counter(pair[side] for pair in pairs) for side in (0, 1))
    chance = sum(firsts[label] * seconds[label] for label in firsts) / count**2
    return Agreement(count, raw, (raw - chance) / (1 - chance) if chance < 1 else None)


def by_line(pairs: Sequence[tuple[str, str]]) -> dict[str, Agreement]:
    """Measure for each line whether two readers agree that a ticket is of it.

    Raw agreement is told of the tickets of which either said so; kappa of all of them.
    """
    lines = [(one.split(".")[0], other.split(".")[0]) for one, other in pairs]
    found: dict[str, Agreement] = {}
    for line in sorted({name for pair in lines for name in pair}):
        asked = [(str(one == line), str(other == line)) for one, other in lines]
        named = [pair for pair in asked if "True" in pair]
        whole = agreement(asked)
        raw = sum(one == other for one, other in named) / len(named)
        found[line] = Agreement(len(named), raw, whole.kappa if whole else None)
    return found


def _differ(one: VerdictRecord, other: VerdictRecord, answers: Answers) -> bool:
    first, second = (said(verdict, answers[verdict.assessment_id]) for verdict in (one, other))
    return first is not None and second is not None and first != second
