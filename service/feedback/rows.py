"""Verdicts as the rows of a labelled file, each text once, with where its label comes from."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from service.feedback.labels import Settled, settle
from service.feedback.settings import Feedback, Weights
from service.feedback.weights import (
    Selected,
    Stratum,
    selected,
    stratum_of,
    stratum_when_read,
)
from service.ledger.texts import text_of
from service.store import assessments, complaints, keys, slices, verdicts
from service.store.database import Database, Session
from service.store.records import ComplaintRecord, Filters
from triage.normalize import normalize
from triage.repeats.sketch import Sketch, similarity, sketch
from triage.rules.calendar import local

Row = dict[str, Any]
AUDIT, QUEUE = "audit", "queue"


@dataclass(frozen=True, slots=True)
class Reviewed:
    """A ticket with a label; `copies` counts those with nearly the same text and the same label."""

    ticket: ComplaintRecord
    settled: Settled
    text: str
    drawn: float | None
    copies: int = 1


@dataclass(slots=True)
class Export:
    """What was exported, and why the rest was not."""

    rows: list[Row] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)


def exported(database: Database, settings: Feedback, *, since: datetime | None = None) -> Export:
    """Turn the verdicts of a ledger into rows.

    Parameters
    ----------
    database : Database
    settings : Feedback
    since : datetime, optional
        Leave out tickets that came in earlier.
    """
    export = Export()
    read: dict[int, Stratum] = {}
    found = database.ask(
        lambda session: _reviewed(session, settings.weights, since, export.left_out, read)
    )
    if not found:
        return export
    came_in = _came_in(database, settings, [one.ticket.received_at for one in found], read)
    strata = [read[one.ticket.id] for one in found]
    weighed = dict(
        zip(
            (one.ticket.id for one in found),
            selected(strata, came_in, settings.weights),
            strict=True,
        )
    )
    kept = list(without_copies(found, settings.copies_at_least))
    export.left_out["copy"] += len(found) - len(kept)
    roles = database.ask(lambda session: {k.ident: k.role.value for k in keys.every(session)})
    export.rows = [row_of(one, weighed[one.ticket.id], roles) for one in kept]
    return export


def without_copies(found: Sequence[Reviewed], least: float) -> Iterator[Reviewed]:
    """Keep one of the tickets with nearly the same text and one label: one drawn at random, or
    else the one that was reviewed last."""
    order = sorted(found, key=lambda one: (one.drawn is None, -one.settled.verdict.id))
    shelves: dict[tuple[Any, ...], list[int]] = defaultdict(list)
    kept: list[tuple[Reviewed, Sketch]] = []
    for one in order:
        drawing = sketch(normalize(one.text).text)
        label = one.settled.label["line"], one.settled.label["subline"]
        places = [(label, band) for band in drawing.bands()]
        near = dict.fromkeys(number for place in places for number in shelves[place])
        same = next((n for n in near if similarity(drawing, kept[n][1]) >= least), None)
        if same is not None:
            first, its = kept[same]
            kept[same] = replace(first, copies=first.copies + 1), its
            continue
        for place in places:
            shelves[place].append(len(kept))
        kept.append((one, drawing))
    return iter([one for one, _ in kept])


def row_of(one: Reviewed, weighed: Selected, roles: Mapping[str, str]) -> Row:
    """Write a row; docs/feedback.md tells what each column means."""
    verdict, decision = one.settled.verdict, one.settled.decision
    # Of a line in shadow mode the record alone tells.
    said = {**decision.answer, **decision.ruling.get("held", {})}
    label, context = one.settled.label, one.ticket.context
    return {
        "id": one.ticket.ticket_id,
        "text": one.text,
        **{name: label[name] for name in ("line", "subline")},
        "secondary": list(label["secondary"] or ()),
        "nature": label["nature"],
        "signals": [dict(signal) for signal in label["signals"] or ()],
        "group": one.ticket.customer_ref,
        "received_at": local(one.ticket.received_at).isoformat(),
        "channel": context.channel,
        "product": context.product,
        "verdict": verdict.kind,
        "labelled_by": verdict.who,
        "labelled_role": roles.get(verdict.who),
        "labelled_at": local(verdict.at).isoformat(),
        "agreed_by": list(one.settled.agreed_by),
        "agreed_roles": [roles.get(who) for who in one.settled.agreed_by],
        "model_version": decision.model_version,
        "calibration_version": decision.answer.get("calibration_version"),
        "assessment": decision.id,
        "predicted_line": said.get("line"),
        "predicted_subline": said.get("subline"),
        "predicted_probability": said.get("probability"),
        "selected_by": QUEUE if one.drawn is None else AUDIT,
        "audit_share": one.drawn,
        "propensity": round(weighed.propensity, 6),
        "weight": round(weighed.weight, 6),
        "copies": one.copies,
    }


def _reviewed(
    session: Session,
    weights: Weights,
    since: datetime | None,
    left_out: Counter[str],
    read: dict[int, Stratum],
) -> list[Reviewed]:
    given = defaultdict(list)
    for verdict in verdicts.every(session):
        given[verdict.complaint_id].append(verdict)
    drawn, found = slices.every(session), []
    for number, said in given.items():
        ticket = complaints.by_id(session, number)
        if since is not None and ticket.received_at < since:
            continue
        if ticket.erased_at is not None:
            left_out["erased"] += 1
            continue
        decisions = {one.id: one for one in assessments.of(session, number)}
        # The first verdict, taken back or not: it was then that the ticket was chosen.
        read[number] = stratum_when_read(decisions[said[0].assessment_id].answer, weights)
        settled = settle(said, decisions)
        if isinstance(settled, str):
            left_out[settled] += 1
            continue
        text = text_of(session, ticket, settled.decision)
        found.append(Reviewed(ticket, settled, text, drawn.get(number)))
    return found


def _came_in(
    database: Database,
    settings: Feedback,
    moments: Sequence[datetime],
    read: Mapping[int, Stratum],
) -> Counter[Stratum]:
    """Count what came in from the first reviewed ticket to the last."""
    last = max(moments)
    since = Filters(received_from=min(moments))
    return Counter(
        read.get(ticket.id) or stratum_of(ticket.standing, settings.weights)
        for ticket in complaints.every(database, since)
        if ticket.received_at <= last
    )
