"""Earlier tickets that a new one repeats, looked for in the store."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import chain

from service.store import repeats
from service.store.database import Session
from service.store.records import Candidate
from triage.repeats.counting import Earlier, RepeatState, count
from triage.repeats.matter import Matter, read_matter
from triage.repeats.same import same_matter
from triage.repeats.settings import Settings
from triage.repeats.sketch import Sketch
from triage.repeats.template import Sighting, template_cluster
from triage.rules.facts import NO_HISTORY, History

SAME, TEMPLATE = "customer", "template"
# A template that thousands send is told of by its newest.
_MOST_LINKS = 20


@dataclass(frozen=True, slots=True)
class Found:
    """What a ticket repeats.

    Attributes
    ----------
    state : RepeatState
        Earlier tickets of the same customer and matter, counted.
    links : tuple of (int, str, float)
        Number of the earlier ticket, kind of the link, score.
    template : bool
        Whether other customers sent nearly the same text.
    """

    state: RepeatState = field(default_factory=RepeatState)
    links: tuple[tuple[int, str, float], ...] = ()
    template: bool = False

    def history(self, prior: int | None) -> History:
        """Give the counts as rules look at them; `prior` is what the intake knew of 90 days."""
        if not self.links:
            return NO_HISTORY
        earlier, often = self.state.repeats_90d, self.state.repeats_15d
        return History(
            # A ledger may be younger than what the intake knows.
            repeats_90d=max(earlier, prior or 0) if earlier else None,
            repeats_15d=often or None,
            template=self.template,
        )


def find(session: Session, matters: Sequence[Matter], settings: Settings) -> Iterator[Found]:
    """Look for what each of several tickets repeats; none of them is stored itself yet."""
    customers = [matter.customer_ref for matter in matters if matter.customer_ref is not None]
    met = repeats.met(session, customers, chain.from_iterable(m.bands for m in matters))
    for matter in matters:
        yield _find(session, matter, settings, met)


def _find(session: Session, matter: Matter, settings: Settings, met: repeats.Met) -> Found:
    state, same = RepeatState(), list[tuple[int, str, float]]()
    if (customer := matter.customer_ref) is not None and customer in met.customers:
        state, same = _same_matter(session, matter, customer, settings)
    template = _template(session, matter, settings) if met.shares(matter.bands) else []
    if not same and not template:
        return _NOTHING
    return Found(state, (*same, *template), template=bool(template))


_NOTHING = Found()


def note(session: Session, complaint_id: int, found: Found, now: datetime) -> None:
    """Keep the links of a ticket to what it repeats."""
    for other, kind, score in found.links:
        repeats.link(session, complaint_id, other, kind=kind, score=score, at=now)


def _same_matter(
    session: Session, matter: Matter, customer_ref: str, settings: Settings
) -> tuple[RepeatState, list[tuple[int, str, float]]]:
    since = _back(matter.received_at, settings.windows.same_matter)
    links: list[tuple[int, str, float]] = []
    earlier: list[Earlier] = []
    for other in repeats.of_customer(session, customer_ref, since=since):
        if other.received_at > matter.received_at:
            continue
        match = same_matter(matter, earlier_matter(other, settings), settings)
        if match is not None:
            links.append((other.id, SAME, match.score))
            earlier.append(Earlier(other.ticket_id, other.received_at))
    return count(earlier, matter.received_at, settings.windows), links


def _template(session: Session, matter: Matter, settings: Settings) -> list[tuple[int, str, float]]:
    since = _back(matter.received_at, settings.template.window)
    like = {
        other.ticket_id: (other, Sketch.from_bytes(other.sketch))
        for other in repeats.sharing(session, matter.bands, since=since)
        if other.sketch is not None
    }
    seen = [
        Sighting(ident, other.customer_ref, other.received_at, sketch)
        for ident, (other, sketch) in like.items()
    ]
    cluster = template_cluster(Sighting.of(matter), seen, settings.template) if seen else None
    if cluster is None:
        return []
    return [(like[i][0].id, TEMPLATE, cluster.similarity) for i in cluster.ids[:_MOST_LINKS]]


def _back(moment: datetime, span: timedelta) -> datetime:
    try:
        return moment - span
    except OverflowError:
        return datetime.min.replace(tzinfo=UTC)


def earlier_matter(other: Candidate, settings: Settings) -> Matter:
    """Make an earlier ticket ready from what the store gives."""
    return read_matter(
        other.ticket_id,
        other.masked_text,
        settings,
        received_at=other.received_at,
        customer_ref=other.customer_ref,
        line=other.line,
        product=other.product,
        amount_cny=other.amount_cny,
        known=Sketch.from_bytes(other.sketch) if other.sketch else None,
    )
