"""Tickets made ready from their masked texts: phrases, repeats, templates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from hashlib import blake2b

import numpy as np

from triage.features import code_points
from triage.normalize import normalize_many
from triage.reading import TextReader
from triage.repeats.index import RepeatIndex
from triage.repeats.matter import read_matter
from triage.repeats.settings import Settings as RepeatSettings
from triage.repeats.sketch import skeleton
from triage.rules.calendar import ZONE
from triage.segment import spelled
from triage.surge.phrases import Bools, Codes, Lexicon, phrases_of_codes
from triage.surge.settings import Settings
from triage.surge.tickets import SurgeTicket

# Shorter words are the same by chance: "退我年费" is what two people say.
_LEAST_WORDING = 15
# Texts made ready at once: what is needed meanwhile is many times what is kept.
_PIECE = 2_000
ENOUGH = 1_000
"""So many older tickets say what is too common by themselves."""


class Texts:
    """Texts made ready once: the words of each as numbers, and what makes two of them the same.

    A text is known by its hash; what is not among the tickets that are asked for is forgotten.

    Parameters
    ----------
    reader : TextReader, optional
        Gives the segmenter.
    """

    def __init__(self, reader: TextReader | None = None) -> None:
        self.lexicon = Lexicon()
        self._segmenter = (reader or TextReader()).segmenter
        self._known: dict[bytes, _Text] = {}

    def read(self, texts: Sequence[str]) -> list[_Text]:
        """Make masked texts ready, those that are known not again."""
        keys = [_hash(text) for text in texts]
        if self._known.keys().isdisjoint(keys):
            self.lexicon, self._known = Lexicon(), {}
        read = self.more(texts)
        self._known = dict(zip(keys, read, strict=True))
        return read

    def more(self, texts: Sequence[str]) -> list[_Text]:
        """Make more masked texts ready; none is forgotten."""
        keys = [_hash(text) for text in texts]
        new = {key: text for key, text in zip(keys, texts, strict=True) if key not in self._known}
        texts = list(new.values())
        made = (each for at in range(0, len(texts), _PIECE) for each in self._made(texts, at))
        self._known.update(zip(new, made, strict=True))
        return [self._known[key] for key in keys]

    def _made(self, texts: list[str], start: int) -> list[_Text]:
        normal = [each.text for each in normalize_many(texts[start : start + _PIECE])]
        cut = self._segmenter.cut_many(code_points(normal))
        return [
            _Text(self.lexicon.code(spelled(text, cut.of(number))), _wording(text))
            for number, text in enumerate(normal)
        ]


@dataclass(frozen=True, slots=True)
class _Text:
    """A text made ready."""

    codes: Codes
    wording: str | None


def _hash(text: str) -> bytes:
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()


def prepare(
    tickets: Sequence[SurgeTicket],
    settings: Settings,
    repeats: RepeatSettings | None,
    *,
    until: date | None = None,
) -> list[SurgeTicket]:
    """Find phrases, wordings, the customers' matters and templates.

    Parameters
    ----------
    tickets : sequence of SurgeTicket
        With masked texts; in any order. What a ticket says already of matter and cluster stays.
    settings : Settings
        Of `surge.yaml`.
    repeats : Settings, optional
        Of `repeats.yaml`; None where the tickets say all that there is of matters and clusters.
    until : date, optional
        The last day that will be looked at; the newest ticket's when it is left out.

    Returns
    -------
    list of SurgeTicket
        In the order given.
    """
    texts = Texts()
    read = texts.read([ticket.text for ticket in tickets])
    usual = usual_of(tickets, until or max((t.received for t in tickets), default=date.max))
    codes = [each.codes for each in read]
    phrases = phrases_of_codes(codes, texts.lexicon, settings.phrases, usual=usual)
    matters, clusters = _bonds(tickets, repeats) if repeats else ({}, {})
    return [
        replace(
            ticket,
            phrases=own,
            wording=ticket.wording or text.wording,
            matter=ticket.matter or matters.get(ticket.id),
            cluster=ticket.cluster or clusters.get(ticket.id),
        )
        for ticket, text, own in zip(tickets, read, phrases, strict=True)
    ]


def told_until(until: date) -> date:
    """Give the day before which texts tell what is too common: the month before begins."""
    return (until.replace(day=1) - timedelta(days=1)).replace(day=1)


def usual_of(tickets: Sequence[SurgeTicket], until: date) -> Bools:
    """Say which tickets tell what is too common: the older ones, all where those are few.

    So new tickets do not change what is too common until a month is over.
    """
    older = np.array([each.received < told_until(until) for each in tickets], dtype=np.bool_)
    return older if older.sum() >= ENOUGH else np.ones(len(tickets), dtype=np.bool_)


def _wording(text: str) -> str | None:
    bare = skeleton(text)
    return _hash(bare).hex() if len(bare) >= _LEAST_WORDING else None


def _bonds(
    tickets: Sequence[SurgeTicket], repeats: RepeatSettings
) -> tuple[dict[str, str], dict[str, str]]:
    """Give each ticket's matter, and its template if it has one, by the oldest ticket of it."""
    index = RepeatIndex(repeats)
    matters: dict[str, str] = {}
    clusters: dict[str, str] = {}
    ordered = sorted(tickets, key=lambda each: (each.received, each.id))
    normal = normalize_many([ticket.text for ticket in ordered])
    for ticket, read in zip(ordered, normal, strict=True):
        matter = read_matter(
            ticket.id,
            ticket.text,
            repeats,
            received_at=datetime.combine(ticket.received, time(12), ZONE),
            customer_ref=ticket.customer_ref,
            line=ticket.line,
            product=ticket.product,
            amount_cny=ticket.amount_cny,
            normal=read.text,
        )
        matches, _, cluster = index.look(matter)
        matters[ticket.id] = matters[matches[0].id] if matches else ticket.id
        if cluster is not None:
            oldest = next((clusters[i] for i in cluster.ids if i in clusters), cluster.ids[-1])
            clusters.update(dict.fromkeys((ticket.id, *cluster.ids), oldest))
        index.add(matter)
    return matters, clusters
