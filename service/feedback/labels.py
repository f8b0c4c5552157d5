"""What reviewers settled of a ticket: the label, who stands behind it, who said otherwise."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from service.desk.opinion import NOT_COMPLAINT, UNSURE
from service.store.records import Decision
from service.store.records_review import VerdictRecord

_FIELDS = ("line", "subline", "secondary", "nature", "signals")

Leaf = tuple[str, str | None]


@dataclass(frozen=True, slots=True)
class Settled:
    """The label of a ticket.

    Attributes
    ----------
    verdict : VerdictRecord
        The last that says so.
    decision : Decision
        The assessment it speaks of.
    label : mapping
        line, subline, secondary, nature, signals: as assessed, corrected where somebody did.
    agreed_by : tuple of str
        Other readers who say the same line.
    """

    verdict: VerdictRecord
    decision: Decision
    label: Mapping[str, Any]
    agreed_by: tuple[str, ...]


def settle(given: Sequence[VerdictRecord], decisions: Mapping[int, Decision]) -> Settled | str:
    """Settle the label of a ticket, or tell why there is none.

    Each reader counts once, with the last verdict that was not taken back; the line that most of
    them say is the label. `unsure`, `no_line` (no complaint, or an abstention that was confirmed)
    and `disputed` (as many say something else) are the reasons.
    """
    last = {one.who: one for one in given if one.undone_at is None and one.kind != UNSURE}
    if not last:
        return "unsure"
    said = {who: _label(one, decisions[one.assessment_id]) for who, one in last.items()}
    votes = Counter((label["line"], label["subline"]) for label in said.values() if label)
    if not votes:
        return "no_line"
    (leaf, most), *others = votes.most_common()
    if any(count == most for _, count in others) or 2 * most <= len(last):
        return "disputed"
    readers = [who for who, label in said.items() if label and _leaf(label) == leaf]
    behind = max(readers, key=lambda who: last[who].id)
    verdict = last[behind]
    label = said[behind]
    assert label is not None  # noqa: S101 - it has a vote
    agreed = tuple(sorted(who for who in readers if who != behind))
    return Settled(verdict, decisions[verdict.assessment_id], label, agreed)


def _leaf(label: Mapping[str, Any]) -> Leaf:
    return label["line"], label["subline"]


def _label(verdict: VerdictRecord, decision: Decision) -> Mapping[str, Any] | None:
    """Give what a verdict says of a ticket; None where it names no line."""
    answer = {name: decision.answer.get(name) for name in _FIELDS}
    label = answer | {k: v for k, v in verdict.corrections.items() if k in _FIELDS}
    return None if verdict.kind == NOT_COMPLAINT or label["line"] is None else label
