"""A ticket with all that the report asks of it, the period, and all of it together."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from service.store.records_governance import AlertRecord, ItemRecord
from service.store.reporting import CheckRow, DutyRow, EventRow, IntakeRow, RepeatRow, TicketRow
from triage.rules.calendar import local, midnight

REGULATOR = ("regulator_guided", "regulator_formal")
_ACCEPTED = frozenset(("agreed", "delegated", "confirmed"))
_DECIDED = ("replied", "closed")
_HOUR = timedelta(hours=1)
_ENDED = (*_DECIDED, "withdrawn")


@dataclass(frozen=True, slots=True)
class Case:
    """A ticket of the period with its events, duties, repeats and first assessment.

    `followed` says whether a later complaint of the same customer's matter repeats it.
    """

    ticket: TicketRow
    events: tuple[EventRow, ...] = ()
    duties: tuple[DutyRow, ...] = ()
    repeats: tuple[RepeatRow, ...] = ()
    intake: IntakeRow | None = None
    check: CheckRow | None = None
    followed: bool = False

    @property
    def day(self) -> date:
        """The day of its receipt in Shanghai."""
        return local(self.ticket.received_at).date()

    @property
    def regulator(self) -> bool:
        """Whether a regulator sent it, guided or formal."""
        return self.ticket.channel in REGULATOR

    @property
    def told_before(self) -> bool:
        """Whether the intake recorded that the customer complained in the 90 days before."""
        return bool(self.ticket.prior_complaints_90d)

    @property
    def again(self) -> bool:
        """Whether anything says that it is a repeat: the ledger, the intake, its own words."""
        return bool(self.repeats) or self.told_before or "repeat" in self.signals

    @property
    def sued(self) -> bool:
        """Whether it came to court, first or later."""
        return any(code == "E3" for _, code in self.escalations)

    @property
    def runs(self) -> bool:
        """Whether it is neither decided nor withdrawn."""
        return self.ticket.state not in _ENDED

    @property
    def accountable(self) -> str | None:
        """Who answers for it, as its latest assessment says."""
        return (self.intake and self.intake.accountable) or None

    @property
    def signals(self) -> frozenset[str]:
        """What its words signalled at intake."""
        return frozenset() if self.intake is None else self.intake.signals

    @property
    def root_cause(self) -> str | None:
        """What a person found to be the cause, the last time that it was said."""
        told = [e.data["root_cause"] for e in self.of("outcome") if e.data.get("root_cause")]
        return told[-1] if told else None

    def of(self, kind: str) -> list[EventRow]:
        """Give its events of a kind."""
        return [event for event in self.events if event.kind == kind]

    @property
    def contacted_at(self) -> datetime | None:
        """When the customer was first spoken with."""
        return min((e.at for e in self.of("contact") if e.data.get("two_way")), default=None)

    @property
    def contact_hours(self) -> float | None:
        """Hours from its receipt until the customer was first spoken with."""
        at = self.contacted_at
        return None if at is None else (at - self.ticket.received_at) / _HOUR

    @property
    def same_day(self) -> bool:
        """Whether the customer was spoken with on the day of the receipt."""
        at = self.contacted_at
        return at is not None and local(at).date() == self.day

    @property
    def decided_at(self) -> datetime | None:
        """When the decision was first told to the customer."""
        told = [e.at for e in self.of("outcome") if e.data.get("status") in _DECIDED]
        return min(told, default=None)

    @property
    def withdrawn(self) -> bool:
        """Whether the customer withdrew it, and it was not taken up again."""
        return self.ticket.state == "withdrawn"

    @property
    def escalations(self) -> list[tuple[date, str]]:
        """Day and code of what it escalated to, the first in front; old erasures took the day."""
        told = (event.data.get("escalated") or {} for event in self.of("outcome"))
        return sorted((date.fromisoformat(e["on"]), e["code"]) for e in told if e.get("on"))

    @property
    def escalated_on(self) -> date | None:
        """The day of its first escalation."""
        return next((day for day, _ in self.escalations), None)

    @property
    def acts(self) -> frozenset[str]:
        """What happened in mediation."""
        return frozenset(event.data["act"] for event in self.of("mediation"))

    @property
    def accepted_on(self) -> date | None:
        """The day on which the customer went along with mediation."""
        days = [local(e.at).date() for e in self.of("mediation") if e.data["act"] in _ACCEPTED]
        return min(days, default=None)

    @property
    def allowed_days(self) -> int | None:
        """Days of the longest extension that was granted."""
        return max((int(event.data["days"]) for event in self.of("extension")), default=None)

    @property
    def missed(self) -> list[DutyRow]:
        """Its duties that were missed."""
        return [duty for duty in self.duties if duty.state == "missed"]

    @property
    def sent_to_outlets(self) -> list[str]:
        """The outlets that it was sent down to."""
        told = [event.data for event in self.of("sent_down")]
        return [data["to_unit"] for data in told if data["to_level"] == "outlet"]


@dataclass(frozen=True, slots=True)
class Period:
    """Days of a report, both within, and the moment at which it is made."""

    since: date
    until: date
    as_of: datetime

    @property
    def start(self) -> datetime:
        """The first moment."""
        return midnight(self.since)

    @property
    def end(self) -> datetime:
        """The first moment after it."""
        return midnight(self.until + timedelta(days=1))

    @property
    def before(self) -> tuple[datetime, datetime]:
        """The as many days before it, as moments."""
        return midnight(self.since - (self.until - self.since) - timedelta(days=1)), self.start


@dataclass(frozen=True, slots=True)
class Book:
    """All that a report is made from.

    Attributes
    ----------
    period : Period
    cases : list of Case
        Received in the period, oldest first.
    before : list of Case
        Received in the period of the same length before it; of what happened to them only that
        they were sent down.
    earlier : dict of int to list of EventRow
        What happened to tickets that were repeated, by their number.
    items : list of ItemRecord
        Items alive in the period.
    about : list of ItemRecord
        Those and what was opened since: for what is asked of tickets until now.
    measured : dict of int to list of Case
        For each item that is a measure its line's or unit's tickets, weeks before and after.
    alerts : list of AlertRecord
        Approved in the period.
    texts : dict of str to str
        Masked narratives of the typical cases.
    """

    period: Period
    cases: list[Case]
    before: list[Case]
    earlier: dict[int, list[EventRow]]
    items: list[ItemRecord]
    about: list[ItemRecord]
    measured: dict[int, list[Case]]
    alerts: list[AlertRecord]
    texts: dict[str, str]
