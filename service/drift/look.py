"""Whether the tickets of the ledger have changed, once a day: distances, new phrases, overrides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from service.store import complaints, verdicts
from service.store.database import Database
from service.store.records import ComplaintRecord, Filters
from service.store.records_review import VerdictRecord
from triage.drift.change import changes
from triage.drift.phrases import new_phrases
from triage.drift.settings import DriftSettings
from triage.drift.views import Ticket, fit_views, spread
from triage.normalize import normalize
from triage.reading import TextReader

_LINE = "line"


def look(database: Database, settings: DriftSettings, now: datetime) -> dict[str, Any]:
    """Hold the recent tickets of the ledger against the time before.

    Parameters
    ----------
    database : Database
    settings : DriftSettings
    now : datetime with a zone

    Returns
    -------
    dict
        JSON-able; see docs/drift.md. `views` and `phrases` are empty where there are fewer than
        `least_tickets` on either side.
    """
    start = now - timedelta(days=settings.recent_days)
    since = start - timedelta(days=settings.reference_days)
    held = _assessed(database, since, now)
    before = [record for record in held if record.received_at < start]
    recent = [record for record in held if record.received_at >= start]
    body: dict[str, Any] = {
        "at": now.isoformat(timespec="seconds"),
        "tickets": len(recent),
        "tickets_before": len(before),
        "estimated_accuracy": _mean(
            [sure for record in recent if (sure := record.standing.probability)]
        ),
        "reviewed": database.ask(lambda session: _reviewed(list(verdicts.every(session)), since)),
        "views": [],
        "changed": [],
        "phrases": [],
    }
    if min(len(before), len(recent)) < settings.least_tickets:
        return body
    return body | _compared(before, recent, settings, now)


def _compared(
    before: Sequence[ComplaintRecord],
    recent: Sequence[ComplaintRecord],
    settings: DriftSettings,
    now: datetime,
) -> dict[str, Any]:
    read = TextReader()
    old = spread([_ticket(record) for record in before], settings.reference_most)
    new = [_ticket(record) for record in recent]
    views = fit_views(_read(read, old))
    found = changes(
        views,
        views.count(_read(read, old)),
        views.count(_read(read, new)),
        permutations=settings.permutations,
    )
    level = settings.level(len(views.names))
    # Of the time before only the text is asked for: it need not be cut into words.
    start = now - timedelta(days=settings.phrase_days)
    known = [_ticket(record) for record in [*before, *recent] if record.received_at < start]
    fresh = [_ticket(record) for record in recent if record.received_at >= start]
    rule = settings.phrase_rule()
    offered = new_phrases(known, _read(read, fresh), rule, level=settings.phrase_level)
    return {
        "views": [asdict(change) for change in found],
        "changed": [change.view for change in found if change.p <= level],
        "phrases": [asdict(phrase) for phrase in offered],
    }


def _assessed(database: Database, since: datetime, until: datetime) -> list[ComplaintRecord]:
    chosen = Filters(received_from=since, received_to=until)
    return [
        record
        for record in complaints.every(database, chosen)
        if record.erased_at is None and record.standing.risk is not None
    ]


def _ticket(record: ComplaintRecord) -> Ticket:
    standing = record.standing
    return Ticket(
        id=record.ticket_id,
        words=(normalize(record.masked_text).text,),
        line=standing.line or "",
        confidence=standing.probability or 0.0,
        risk=standing.risk or 0.0,
        channel=record.context.channel,
        group=record.customer_ref or "",
    )


def _read(read: TextReader, tickets: Sequence[Ticket]) -> list[Ticket]:
    documents = read.many(["".join(ticket.words) for ticket in tickets])
    return [
        Ticket(t.id, tuple(d.words), t.line, t.confidence, t.risk, t.channel, t.group)
        for t, d in zip(tickets, documents, strict=True)
    ]


def _reviewed(said: Sequence[VerdictRecord], since: datetime) -> dict[str, Any]:
    """Tell how often reviewers changed an answer; what is reviewed is no random sample."""
    counted = [one for one in said if one.undone_at is None and one.at >= since]
    return {
        "verdicts": len(counted),
        "overridden": _mean([float(not one.agrees) for one in counted]),
        "line_overridden": _mean([float(_LINE in one.corrections) for one in counted]),
    }


def _mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None
