"""Tickets made ready from their masked texts: phrases, repeats, templates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, time

from triage.features import code_points
from triage.normalize import normalize_many
from triage.reading import TextReader
from triage.repeats.index import RepeatIndex
from triage.repeats.matter import read_matter
from triage.repeats.settings import Settings as RepeatSettings
from triage.repeats.sketch import skeleton
from triage.rules.calendar import ZONE
from triage.segment import spelled
from triage.surge.phrases import shared_phrases
from triage.surge.settings import Settings
from triage.surge.tickets import SurgeTicket

# Shorter words are the same by chance: "退我年费" is what two people say.
_LEAST_WORDING = 15


def prepare(
    tickets: Sequence[SurgeTicket],
    settings: Settings,
    repeats: RepeatSettings,
    *,
    reader: TextReader | None = None,
) -> list[SurgeTicket]:
    """Find phrases, wordings, the customers' matters and templates.

    Parameters
    ----------
    tickets : sequence of SurgeTicket
        With masked texts; in any order. What a ticket says already of matter and cluster stays.
    settings, repeats : Settings
        Of `surge.yaml` and `repeats.yaml`.
    reader : TextReader, optional
        Gives the segmenter.

    Returns
    -------
    list of SurgeTicket
        In the order given.
    """
    texts = [each.text for each in normalize_many([ticket.text for ticket in tickets])]
    points = code_points(texts)
    cut = (reader or TextReader()).segmenter.cut_many(points)
    words = [spelled(text, cut.of(number)) for number, text in enumerate(texts)]
    phrases = shared_phrases(words, settings.phrases)
    matters, clusters = _bonds(tickets, repeats)
    return [
        replace(
            ticket,
            phrases=phrases[number],
            wording=ticket.wording or _wording(texts[number]),
            matter=ticket.matter or matters.get(ticket.id),
            cluster=ticket.cluster or clusters.get(ticket.id),
        )
        for number, ticket in enumerate(tickets)
    ]


def _wording(text: str) -> str | None:
    bare = skeleton(text)
    return bare if len(bare) >= _LEAST_WORDING else None


def _bonds(
    tickets: Sequence[SurgeTicket], repeats: RepeatSettings
) -> tuple[dict[str, str], dict[str, str]]:
    """Give each ticket's matter, and its template if it has one, by the oldest ticket of it."""
    index = RepeatIndex(repeats)
    matters: dict[str, str] = {}
    clusters: dict[str, str] = {}
    for ticket in sorted(tickets, key=lambda each: (each.received, each.id)):
        matter = read_matter(
            ticket.id,
            ticket.text,
            repeats,
            received_at=datetime.combine(ticket.received, time(12), ZONE),
            customer_ref=ticket.customer_ref,
            line=ticket.line,
            product=ticket.product,
            amount_cny=ticket.amount_cny,
        )
        matches, _, cluster = index.look(matter)
        matters[ticket.id] = matters[matches[0].id] if matches else ticket.id
        if cluster is not None:
            oldest = next((clusters[i] for i in cluster.ids if i in clusters), cluster.ids[-1])
            clusters.update(dict.fromkeys((ticket.id, *cluster.ids), oldest))
        index.add(matter)
    return matters, clusters
