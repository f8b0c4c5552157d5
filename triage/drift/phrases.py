"""Phrases of recent tickets that the time before hardly knew, offered as terms of the dictionary.

Of all tickets with a phrase, how many are recent is a matter of chance when nothing has changed;
the tail of that binomial, times the phrases looked at, bounds how often any is offered wrongly.
Tickets of one group and tickets in the same words count once: one letter sent forty times is a
template, not a new word.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, lgamma, log

from triage.drift.views import Ticket
from triage.surge.phrases import shared_phrases
from triage.surge.settings import PhraseRule

_NAMED = 20


@dataclass(frozen=True, slots=True)
class NewPhrase:
    """A phrase that is news.

    Attributes
    ----------
    recent, before : int
        Groups of tickets that have it.
    p : float
        How seldom chance alone makes any phrase as new, all that were looked at counted.
    tickets : tuple of str
        The recent tickets in which it stands.
    cut_now, cut_then : tuple of str
        The words around it in the first of them, as they are cut, and as they would be with the
        phrase in the dictionary; the same where it is a word already. See `preview`.
    recut, looked_at : int
        Tickets that would be cut otherwise, of how many that were looked at.
    """

    text: str
    recent: int
    before: int
    p: float
    tickets: tuple[str, ...]
    cut_now: tuple[str, ...] = ()
    cut_then: tuple[str, ...] = ()
    recut: int = 0
    looked_at: int = 0


def new_phrases(
    before: Sequence[Ticket], recent: Sequence[Ticket], rule: PhraseRule, *, level: float
) -> list[NewPhrase]:
    """Find the phrases that are news.

    Parameters
    ----------
    before, recent : sequence of Ticket
    rule : PhraseRule
        Of data/surge.yaml; `least_count` is how many recent groups must have a phrase.
    level : float
        Largest `p` that is told.

    Returns
    -------
    list of NewPhrase
        The surest first. Of phrases in the same tickets the longest stands for all.
    """
    old, new = distinct(before), distinct(recent)
    own = shared_phrases([ticket.words for ticket in new], rule)
    wanted = {phrase for phrases in own for phrase in phrases}
    with_it: dict[str, list[int]] = {phrase: [] for phrase in wanted}
    for number, phrases in enumerate(own):
        for phrase in phrases:
            with_it[phrase].append(number)
    texts = ["".join(ticket.words) for ticket in old]
    share = len(new) / max(1, len(new) + len(old))
    found = []
    for phrase, numbers in with_it.items():
        # The least that could be said of it: where even that is no news, nobody need look back.
        if chance_of(len(numbers), 0, share) * len(wanted) > level:
            continue
        seen = sum(phrase in text for text in texts)
        p = min(1.0, chance_of(len(numbers), seen, share) * len(wanted))
        if p <= level:
            tickets = tuple(new[number].id for number in numbers)
            found.append(NewPhrase(phrase, len(numbers), seen, p, tickets))
    return _longest(found)[:_NAMED]


def distinct(tickets: Sequence[Ticket]) -> list[Ticket]:
    """Keep the first ticket of each group and of each wording."""
    seen: set[object] = set()
    kept = []
    for ticket in tickets:
        marks = (ticket.group or ticket.id, ticket.words)
        if seen.isdisjoint(marks):
            kept.append(ticket)
        seen.update(marks)
    return kept


def chance_of(recent: int, before: int, share: float) -> float:
    """P(at least so many of them are recent), each being recent with the probability `share`."""
    total = recent + before
    if share >= 1.0:
        return 1.0
    return min(1.0, sum(_binomial(k, total, share) for k in range(recent, total + 1)))


def _binomial(hits: int, total: int, share: float) -> float:
    ways = lgamma(total + 1) - lgamma(hits + 1) - lgamma(total - hits + 1)
    return exp(ways + hits * log(share) + (total - hits) * log(1 - share))


def _longest(found: Sequence[NewPhrase]) -> list[NewPhrase]:
    """Leave out a phrase that stands in a longer one with most of its tickets, and the reverse."""
    kept: list[NewPhrase] = []
    for phrase in sorted(found, key=lambda one: (one.p, -len(one.text), one.text)):
        if not any(
            (phrase.text in other.text or other.text in phrase.text)
            and 2 * len(set(phrase.tickets) & set(other.tickets)) >= len(phrase.tickets)
            for other in kept
        ):
            kept.append(phrase)
    return kept
