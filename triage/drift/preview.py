"""What a new phrase would change as a term of the dictionary: tried out, nothing is written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from triage.drift.phrases import NewPhrase
from triage.drift.views import Ticket
from triage.segment import Segmenter


def previewed(
    phrases: Sequence[NewPhrase], tickets: Sequence[Ticket], segmenter: Segmenter
) -> list[NewPhrase]:
    """Cut the tickets with each phrase once more, with it in the dictionary.

    Parameters
    ----------
    phrases : sequence of NewPhrase
    tickets : sequence of Ticket
        All that were looked at, recent or not, cut into words or whole.
    segmenter : Segmenter
        With the terms that are there.

    Returns
    -------
    list of NewPhrase
        With `recut`, `looked_at` and the words around the phrase in its first ticket.
    """
    texts = {ticket.id: "".join(ticket.words) for ticket in tickets}
    return [_previewed(phrase, texts, segmenter) for phrase in phrases]


def _previewed(phrase: NewPhrase, texts: dict[str, str], segmenter: Segmenter) -> NewPhrase:
    known = {term.partition("\t")[0] for term in segmenter.terms}
    more = () if phrase.text in known else (phrase.text,)
    trial = Segmenter(terms=(*segmenter.terms, *more))
    concerned = [text for text in texts.values() if phrase.text in text]
    first = texts[phrase.tickets[0]]
    return replace(
        phrase,
        cut_now=around(segmenter.cut(first), phrase.text),
        cut_then=around(trial.cut(first), phrase.text),
        recut=sum(segmenter.cut(text) != trial.cut(text) for text in concerned),
        looked_at=len(texts),
    )


def around(words: Sequence[str], phrase: str) -> tuple[str, ...]:
    """Give the words that hold any of the first place of a phrase."""
    start = "".join(words).index(phrase)
    end, at, found = start + len(phrase), 0, []
    for word in words:
        if at < end and at + len(word) > start:
            found.append(word)
        at += len(word)
    return tuple(found)
