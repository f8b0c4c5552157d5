"""What belongs to a ticket: decisions, events, duties, repeats, verdicts."""

from __future__ import annotations

from datetime import timedelta

import pytest
from store_fixtures import NOW, database, database_url, decision, stored

from service.store import assessments, duties, events, repeats, verdicts
from service.store.database import Database
from service.store.records import DutyState, NewDuty, NewEvent, Outcome
from service.store.records_review import VerdictRecord

__all__ = ["database", "database_url"]

DAY = timedelta(days=1)


@pytest.fixture
def ident(database: Database) -> int:
    return database.change(stored)


def test_every_decision_is_kept_with_what_it_was_made_from(database: Database, ident: int) -> None:
    given = decision(ident)
    first = database.change(lambda s: assessments.add(s, given))
    second = database.change(
        lambda s: assessments.add(s, decision(ident, reason="message", through_event=7))
    )
    kept = database.ask(lambda s: assessments.of(s, ident))
    assert [one.id for one in kept] == [first, second]
    assert kept[0].answer == {"line": "fee_dispute", "probability": 0.83}
    assert kept[0].context == {"channel": "phone"}
    assert (kept[0].history, kept[0].ruling, kept[0].at) == (given.history, given.ruling, NOW)
    assert given.answer["masked_text"]  # what was handed in is left as it was
    assert database.ask(lambda s: assessments.latest(s, ident)) == kept[1]
    assert database.ask(lambda s: assessments.get(s, first)) == kept[0]
    assert database.ask(lambda s: assessments.get(s, 999)) is None
    assert database.ask(lambda s: assessments.latest(s, 999)) is None


def test_events_are_added_once_for_each_key(database: Database, ident: int) -> None:
    message = NewEvent("message", NOW, "key-1", text="还没人联系我", key="k", body_hash="a")
    other = NewEvent("message", NOW, "key-1", text="别的", key="k", body_hash="b")
    plain = NewEvent("transfer", NOW, "key-1", data={"to": "信用卡部"})
    another = database.change(lambda s: stored(s, "T-2"))
    outcomes = [
        database.change(lambda s, e=e, c=c: events.append(s, c, e, NOW)).outcome  # type: ignore[misc]
        for c, e in [
            *((ident, message), (ident, message), (ident, other)),
            *((ident, plain), (ident, plain), (another, other)),
        ]
    ]
    new = Outcome.NEW
    assert outcomes == [new, Outcome.STORED, Outcome.CONFLICT, new, new, new]
    kept = database.ask(lambda s: events.of(s, ident))
    assert [event.kind for event in kept] == ["message", "transfer", "transfer"]
    assert kept[1].data == {"to": "信用卡部"}
    assert database.ask(lambda s: events.of(s, ident, after=kept[0].id, limit=1)) == [kept[1]]
    assert database.ask(lambda s: events.get(s, kept[0].id)) == kept[0]
    assert database.ask(lambda s: events.texts(s, ident)) == ["还没人联系我"]
    assert database.ask(lambda s: events.texts(s, ident, through=kept[0].id - 1)) == []


def test_duties_open_move_and_are_settled_once(database: Database, ident: int) -> None:
    contact = NewDuty("contact_same_day", "R-REG-1", "seed", NOW + DAY)
    reply = NewDuty("reply", "R-SLA-1", "2020/3 art. 23", NOW + 15 * DAY)
    free = NewDuty("offer_mediation", "R-MED-1", "2020/3 art. 30", None)
    put = [free, reply, contact]
    database.change(lambda s: duties.put(s, ident, put, NOW))
    kept = database.ask(lambda s: duties.of(s, ident))
    assert [duty.code for duty in kept] == ["contact_same_day", "reply", "offer_mediation"]
    assert kept[0].ticket_id == "T-1"
    assert database.change(lambda s: duties.nudge(s, kept[1].id, "day"))
    assert not database.change(lambda s: duties.nudge(s, kept[1].id, "day"))
    assert database.change(lambda s: duties.settle(s, kept[0].id, DutyState.MET, NOW))
    assert not database.change(lambda s: duties.settle(s, kept[0].id, DutyState.WAIVED, NOW))
    later = [NewDuty(duty.code, duty.rule, duty.basis, NOW + 30 * DAY) for duty in (contact, reply)]
    database.change(lambda s: duties.put(s, ident, later, NOW))
    met, moved, still = database.ask(lambda s: duties.of(s, ident))
    assert (met.state, met.met_at, met.due_at) == (DutyState.MET, NOW, NOW + DAY)
    assert (moved.state, moved.due_at, moved.nudged) == (DutyState.OPEN, NOW + 30 * DAY, ())
    assert still.due_at is None


def test_an_unchanged_duty_keeps_its_nudges_and_an_attempt_may_still_succeed(
    database: Database, ident: int
) -> None:
    contact = NewDuty("contact_same_day", "R-REG-1", "seed", NOW + DAY)
    database.change(lambda s: duties.put(s, ident, [contact], NOW))
    duty = database.ask(lambda s: duties.of(s, ident))[0]
    database.change(lambda s: duties.nudge(s, duty.id, "day"))
    database.change(lambda s: duties.put(s, ident, [contact], NOW))
    assert database.ask(lambda s: duties.of(s, ident))[0].nudged == ("day",)
    for state in (DutyState.ATTEMPTED, DutyState.MISSED, DutyState.MET):
        assert database.change(lambda s, to=state: duties.settle(s, duty.id, to, NOW))  # type: ignore[misc]


def test_duties_are_looked_at_at_once_and_then_when_it_is_said(database: Database) -> None:
    alarm = NOW + DAY / 2
    for number in range(4):
        new = NewDuty("reply", "R-SLA-1", "", NOW + (number // 2) * DAY, alarms=(alarm,))
        database.change(
            lambda s, n=number, d=new: duties.put(s, stored(s, f"T-{n}"), [d], NOW)  # type: ignore[misc]
        )
    free = NewDuty("offer_mediation", "R-MED-1", "", None)
    database.change(lambda s: duties.put(s, stored(s, "T-9"), [free], NOW))
    assert database.ask(lambda s: duties.waiting(s, NOW - DAY)) == []
    found = database.ask(lambda s: duties.waiting(s, NOW, limit=3))
    assert [duty.ticket_id for duty in found] == ["T-0", "T-1", "T-2"]
    assert found[0].alarms == (alarm,)
    again = {found[0].id: NOW + DAY, found[1].id: None}
    database.change(lambda s: duties.look_again(s, again))
    database.change(lambda s: duties.settle(s, found[2].id, DutyState.MET, NOW))
    assert [d.ticket_id for d in database.ask(lambda s: duties.waiting(s, NOW))] == ["T-3"]
    assert [d.ticket_id for d in database.ask(lambda s: duties.waiting(s, NOW + DAY))] == [
        *("T-3", "T-0")
    ]
    later = NewDuty("reply", "R-SLA-1", "", NOW + 30 * DAY)
    database.change(lambda s: duties.put(s, found[0].complaint_id, [later], NOW + DAY / 4))
    (moved,) = database.ask(lambda s: duties.of(s, found[0].complaint_id))
    assert (moved.due_at, moved.alarms) == (NOW + 30 * DAY, ())
    assert moved.id in [d.id for d in database.ask(lambda s: duties.waiting(s, NOW + DAY / 4))]


def test_overdue_duties_are_counted_missed_or_not_but_not_of_settled_tickets(
    database: Database,
) -> None:
    for number, state in enumerate(("open", "open", "open", "closed")):
        new = NewDuty("reply", "R-SLA-1", "", NOW + (number // 2) * DAY)
        database.change(
            lambda s, n=number, st=state, d=new: duties.put(  # type: ignore[misc]
                s, stored(s, f"T-{n}", state=st), [d], NOW
            )
        )
    assert database.ask(lambda s: duties.overdue(s, NOW)) == 0
    assert database.ask(lambda s: duties.overdue(s, NOW + DAY / 2)) == 2
    assert database.ask(lambda s: duties.overdue(s, NOW + 2 * DAY)) == 3
    first = database.ask(lambda s: duties.waiting(s, NOW))[0]
    database.change(lambda s: duties.settle(s, first.id, DutyState.MISSED, NOW))
    assert database.ask(lambda s: duties.overdue(s, NOW + DAY / 2)) == 2
    database.change(lambda s: duties.settle(s, first.id, DutyState.MET, NOW))
    assert database.ask(lambda s: duties.overdue(s, NOW + DAY / 2)) == 1


def test_tickets_that_share_bands_are_found(database: Database) -> None:
    big, small = 2**64 - 1, -(2**63)
    rows = {"T-1": (1, 2, big), "T-2": (2, big, big), "T-3": (small,), "T-4": (9,)}
    for ticket_id, bands in rows.items():
        database.change(
            lambda s, t=ticket_id, b=bands: stored(s, t, bands=b, sketch=b"sk", product="信用卡")  # type: ignore[misc]
        )
    asked = (2, big, 1, small)
    found = database.ask(lambda s: repeats.sharing(s, asked, since=NOW - DAY))
    assert [(one.ticket_id, one.shared) for one in found] == [("T-1", 3), ("T-2", 2), ("T-3", 1)]
    assert (found[0].sketch, found[0].product) == (b"sk", "信用卡")
    assert database.ask(lambda s: repeats.sharing(s, asked, since=NOW + DAY)) == []
    assert database.ask(lambda s: repeats.sharing(s, (), since=NOW)) == []


def test_of_a_template_only_the_newest_are_looked_at(database: Database) -> None:
    for number in range(9):
        database.change(lambda s, n=number: stored(s, f"T-{n}", bands=(1, n + 10)))  # type: ignore[misc]
    found = database.ask(lambda s: repeats.sharing(s, (1, 10), since=NOW, per_band=3))
    assert [one.ticket_id for one in found] == ["T-8", "T-7", "T-6", "T-0"]
    best = database.ask(lambda s: repeats.sharing(s, (1, 18), since=NOW, per_band=3, most=1))
    assert [(one.ticket_id, one.shared) for one in best] == [("T-8", 2)]


def test_tickets_of_a_customer_are_found(database: Database) -> None:
    for number in range(4):
        database.change(
            lambda s, n=number: stored(  # type: ignore[misc]
                s, f"T-{n}", customer_ref="b" if n == 2 else "a", received_at=NOW + n * DAY
            )
        )
    found = database.ask(lambda s: repeats.of_customer(s, "a", since=NOW + DAY))
    assert [one.ticket_id for one in found] == ["T-3", "T-1"]


def test_links_are_kept_once_and_seen_from_both_ends(database: Database, ident: int) -> None:
    later = database.change(lambda s: stored(s, "T-2"))

    def note(kind: str) -> bool:
        return database.change(
            lambda s: repeats.link(s, later, ident, kind=kind, score=0.9, at=NOW)
        )

    assert [note("customer"), note("customer"), note("template")] == [True, False, True]
    seen = database.ask(lambda s: repeats.links(s, ident))
    assert [(one.ticket_id, one.other_ticket_id, one.kind) for one in seen] == [
        ("T-2", "T-1", "customer"),
        ("T-2", "T-1", "template"),
    ]
    assert database.ask(lambda s: repeats.links(s, later)) == seen


def test_verdicts_are_kept(database: Database, ident: int) -> None:
    about = database.change(lambda s: assessments.add(s, decision(ident)))
    given = VerdictRecord(
        ident, about, NOW, "key-1", agrees=False, corrections={"line": "loan"}, note="看错了"
    )
    number = database.change(lambda s: verdicts.add(s, given))
    kept = database.ask(lambda s: verdicts.of(s, ident))
    assert [(one.id, one.corrections, one.agrees) for one in kept] == [
        (number, {"line": "loan"}, False)
    ]
    assert database.ask(lambda s: list(verdicts.every(s))) == kept
    assert database.ask(lambda s: list(verdicts.every(s, after=number))) == []
