"""Whether the tickets of the ledger have changed: distances, new phrases, verdicts.

Compared is what was said when a ticket came in. How it stands today is no measure: an old ticket
was reassessed with its days, transfers and events, a new one was not yet.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from service.drift.checked import checked, mean
from service.feedback.settings import load_feedback
from service.store import demo, intakes, slices
from service.store.database import Database
from service.store.intakes import Intake
from triage.drift.change import Change, changes
from triage.drift.groups import grouped
from triage.drift.phrases import new_phrases
from triage.drift.preview import previewed
from triage.drift.settings import DriftSettings
from triage.drift.views import SCORED, Ticket, Views, fit_views, spread, untold
from triage.normalize import normalize
from triage.reading import TextReader
from triage.repeats.settings import load_settings
from triage.repeats.sketch import Sketch

NEW_MODEL = "new_model"
# What is kept from the last time that distances were looked at.
_KEPT = ("compared_at", "views", "changed", "left_out")
Tickets = list[tuple[Intake, Ticket]]


def look(
    database: Database,
    settings: DriftSettings,
    now: datetime,
    *,
    last: Mapping[str, Any] | None = None,
    data: Path | None = None,
) -> dict[str, Any]:
    """Hold the recent tickets of the ledger against the time before.

    Parameters
    ----------
    database : Database
    settings : DriftSettings
    now : datetime with a zone
    last : mapping, optional
        What the last look gave. Its distances stay until `every_days` are over: they were promised
        to ring so seldom for so many looks a year.
    data : Path, optional
        Where `feedback.yaml` and `repeats.yaml` lie.

    Returns
    -------
    dict
        JSON-able; see docs/drift.md. Where a side `lacks` tickets nothing is compared and no
        phrase is searched for.
    """
    days = _span(database, settings, now)
    start = now - timedelta(days=days)
    since = start - timedelta(days=settings.reference_days)
    held = list(intakes.every(database, since, now))
    # Of the model that answers now: of others the verdicts and the confidence tell nothing of it.
    own = [one for one in held if one.said.scorer == held[-1].said.scorer]
    recent = [one for one in held if one.received_at >= start]
    opinions = database.ask(lambda session: intakes.opinions(session, since))
    weights = load_feedback(data).weights
    body: dict[str, Any] = {
        "at": now.isoformat(timespec="seconds"),
        "recent_days": days,
        "tickets": len(recent),
        "tickets_before": len(held) - len(recent),
        "lacks": _lacks(settings, recent=len(recent), before=len(held) - len(recent)),
        "demonstration": sum(one.ticket_id.startswith(demo.PREFIX) for one in held),
        **_scorer(own),
        "estimated_accuracy": _sure([one for one in own if one.received_at >= start]),
        **checked(own, opinions, database.ask(slices.every), weights),
        **{name: (last or {}).get(name, empty) for name, empty in _nothing().items()},
        "phrases": [],
    }
    if body["lacks"]:
        return body
    pairs = _tickets(held, data)
    read = TextReader()
    if _is_due(body["compared_at"], settings, now):
        body |= {"compared_at": body["at"], **_compared(pairs, own, start, settings, read)}
    return body | {"phrases": _phrases(pairs, settings, now, read)}


def _span(database: Database, settings: DriftSettings, now: datetime) -> int:
    newest = partial(intakes.newest, until=now, number=settings.least_tickets)
    oldest = database.ask(newest)
    return settings.span(None if oldest is None else now - oldest)


def _lacks(settings: DriftSettings, **tickets: int) -> dict[str, int]:
    least = settings.least_tickets
    return {side: least - count for side, count in tickets.items() if count < least}


def _nothing() -> dict[str, Any]:
    return dict(zip(_KEPT, (None, [], [], {}), strict=True))


def _is_due(compared_at: str | None, settings: DriftSettings, now: datetime) -> bool:
    if compared_at is None:
        return True
    return now - datetime.fromisoformat(compared_at) >= timedelta(days=settings.every_days)


def _scorer(own: Sequence[Intake]) -> dict[str, Any]:
    if not own:
        return {"model_version": None, "calibration_version": None, "model_since": None}
    version, calibration = own[0].said.scorer
    since = own[0].received_at.isoformat(timespec="seconds")
    return {"model_version": version, "calibration_version": calibration, "model_since": since}


def _sure(recent: Sequence[Intake]) -> float | None:
    named = [one.said.probability or 0.0 for one in recent if one.said.named]
    return mean(named, [1.0] * len(named))


def _compared(
    pairs: Tickets,
    own: Sequence[Intake],
    start: datetime,
    settings: DriftSettings,
    read: TextReader,
) -> dict[str, Any]:
    """Compare what was written over all tickets, what was said of it over those of one model."""
    numbers = {one.id for one in own}
    found: list[Change] = []
    left_out: dict[str, str] = {}
    for scored in (False, True):
        chosen = [pair for pair in pairs if not scored or pair[0].id in numbers]
        before = [ticket for intake, ticket in chosen if intake.received_at < start]
        recent = [ticket for intake, ticket in chosen if intake.received_at >= start]
        if min(len(before), len(recent)) < settings.least_tickets:
            left_out |= dict.fromkeys(SCORED, NEW_MODEL)
            continue
        old = _read(read, spread(before, settings.reference_most))
        new, views = _read(read, recent), fit_views(old)
        own_views = [view for view in views.names if (view in SCORED) == scored]
        silent = {view: side for view, side in untold(views, new).items() if view in own_views}
        left_out |= silent
        only = set(own_views) - set(silent)
        found += _changes(views, old, new, only, settings.permutations)
    level = settings.level()
    return {
        "views": [asdict(change) for change in found],
        "changed": [change.view for change in found if change.p <= level],
        "left_out": left_out,
    }


def _changes(
    views: Views, old: Sequence[Ticket], new: Sequence[Ticket], only: set[str], permutations: int
) -> tuple[Change, ...]:
    counts = views.count(old), views.count(new)
    return changes(views, *counts, only=only, permutations=permutations)


def _phrases(
    pairs: Tickets, settings: DriftSettings, now: datetime, read: TextReader
) -> list[dict[str, Any]]:
    # Of the time before only the text is asked for: it need not be cut into words.
    start = now - timedelta(days=settings.phrase_days)
    known = [ticket for intake, ticket in pairs if intake.received_at < start]
    fresh = _read(read, [ticket for intake, ticket in pairs if intake.received_at >= start])
    rule = settings.phrase_rule()
    found = new_phrases(known, fresh, rule, level=settings.phrase_level)
    return [asdict(one) for one in previewed(found, [*known, *fresh], read.segmenter)]


def _tickets(held: Sequence[Intake], data: Path | None) -> Tickets:
    rule = load_settings(data / "repeats.yaml" if data else None).template
    sketches = [Sketch.from_bytes(one.sketch) if one.sketch else None for one in held]
    groups = grouped([one.customer_ref for one in held], sketches, rule)
    return [(one, _ticket(one, group)) for one, group in zip(held, groups, strict=True)]


def _ticket(one: Intake, group: str) -> Ticket:
    return Ticket(
        id=one.ticket_id,
        words=(normalize(one.masked_text).text,),
        line=one.said.line or "",
        confidence=one.said.probability or 0.0,
        risk=one.said.risk or 0.0,
        channel=one.channel,
        group=group,
    )


def _read(read: TextReader, tickets: Sequence[Ticket]) -> list[Ticket]:
    texts = ["".join(ticket.words) for ticket in tickets]
    documents = read.batch(texts, concepts=False).documents
    return [
        replace(ticket, words=tuple(document.words))
        for ticket, document in zip(tickets, documents, strict=True)
    ]
