"""The rounds of the watch under a frozen clock: once, whoever makes them, and after any pause."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

from cryptography.fernet import Fernet
from store_fixtures import NOW, database, database_url, stored
from watch_fakes import LEASE_S, PACE, china, duty_of, outbox, owe, subscribe, told, watching

from service.ledger.watch import Round
from service.store import audit, complaints, duties, raw, webhooks
from service.store.database import Database
from service.store.privacy import Vault
from service.store.records import DutyState, NewDuty, Standing
from triage.errors import NotReady

__all__ = ["database", "database_url"]

DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)
OPENED = china(2026, 11, 23, 10)
DUE = china(2026, 12, 8, 23, 59, 59)


def _rounds(start: datetime, end: datetime, every: timedelta) -> list[datetime]:
    return [start + every * n for n in range(int((end - start) / every) + 1)]


def test_each_level_is_given_once_and_then_the_duty_is_missed(database: Database) -> None:
    subscribe(database)
    ident = owe(database, DUE, opened_at=OPENED)
    with watching(database) as watcher:
        for now in _rounds(OPENED, DUE + DAY, timedelta(hours=3)):
            watcher.tick(now)
    assert told(database) == [
        ("duty_due", "three_days"),
        ("duty_due", "one_day"),
        ("duty_due", "due_day"),
        ("duty_overdue", "overdue"),
    ]
    duty = duty_of(database, ident)
    assert duty.state is DutyState.MISSED
    assert duty.nudged == ("three_days", "one_day", "due_day", "overdue")
    (noted,) = database.ask(lambda s: audit.entries(s, ticket_id="T-1"))
    assert (noted.what, noted.who, noted.data["code"]) == ("duty.missed", "watch", "reply")


def test_a_duty_is_not_missed_before_its_last_second_is_over(database: Database) -> None:
    ident = owe(database, DUE, opened_at=OPENED)
    with watching(database) as watcher:
        watcher.tick(DUE)
        assert duty_of(database, ident).state is DutyState.OPEN
        assert watcher.tick(DUE + timedelta(seconds=1)).missed == 1
    assert duty_of(database, ident).state is DutyState.MISSED


def test_alarms_of_a_regulators_ticket_are_given_to_the_minute(database: Database) -> None:
    subscribe(database)
    received = china(2026, 11, 23, 9, 15)
    alarms = (china(2026, 11, 23, 11, 15), china(2026, 11, 23, 17), china(2026, 11, 23, 20))
    owe(database, china(2026, 11, 23, 23, 59, 59), opened_at=received, alarms=alarms)
    found = []
    with watching(database) as watcher:
        for now in _rounds(received, china(2026, 11, 24, 1), MINUTE * 15):
            if watcher.tick(now).reminded:
                found.append(now)
    assert found == [received, *alarms, china(2026, 11, 24)]
    assert [kind for kind, _ in told(database)] == ["duty_due"] * 4 + ["duty_overdue"]


def test_what_was_due_while_nobody_watched_is_told_once_the_latest_alone(
    database: Database,
) -> None:
    subscribe(database)
    late = owe(database, DUE, opened_at=OPENED)
    soon = owe(database, DUE + DAY, opened_at=OPENED, ticket_id="T-2")
    done = owe(database, DUE, opened_at=OPENED, ticket_id="T-3")
    with watching(database) as watcher:
        watcher.tick(OPENED)
    database.change(lambda s: duties.settle(s, duty_of(database, done).id, DutyState.MET, DUE))
    with watching(database, "after the restart") as watcher:
        back = DUE + timedelta(hours=12)
        assert watcher.tick(back) == Round(True, reminded=2, missed=1)
        assert watcher.tick(back + MINUTE) == Round(True)
    assert sorted(told(database)) == [("duty_due", "due_day"), ("duty_overdue", "overdue")]
    assert duty_of(database, late).nudged == ("overdue",)
    assert duty_of(database, soon).nudged == ("due_day",)
    assert duty_of(database, done).nudged == ()


def test_one_of_two_processes_makes_the_rounds_and_the_other_takes_over(
    database: Database,
) -> None:
    subscribe(database)
    ident = owe(database, DUE, opened_at=OPENED)
    with watching(database, "one") as one, watching(database, "two") as two:
        morning = china(2026, 12, 5, 8, 30)
        assert one.tick(morning).reminded == 1
        assert two.tick(morning) == Round(held=False)
        assert two.tick(morning + timedelta(seconds=LEASE_S - 1)) == Round(held=False)
        # The first falls silent.
        later = morning + timedelta(seconds=LEASE_S)
        assert two.tick(later) == Round(True)
        assert one.tick(later) == Round(held=False)
        assert two.tick(china(2026, 12, 7, 8, 30)).reminded == 1
        # Both think it is their turn: the lease is asked for where the work is done.
        assert {one.tick(DUE + DAY).held, two.tick(DUE + DAY).held} == {True, False}
    assert [level for _, level in told(database)] == ["three_days", "one_day", "overdue"]
    assert len({one.message_id for one in outbox(database)}) == 3
    assert duty_of(database, ident).state is DutyState.MISSED


def test_who_leaves_gives_up_the_lease(database: Database) -> None:
    async def leave_and_tick() -> tuple[Round, Round]:
        first = await one.watch.tick(NOW)
        await one.watch.leave()
        return first, await two.watch.tick(NOW)

    with watching(database, "one") as one, watching(database, "two") as two:
        assert [found.held for found in asyncio.run(leave_and_tick())] == [True, True]


def test_a_duty_with_a_new_time_is_told_of_anew(database: Database) -> None:
    subscribe(database)
    ident = owe(database, DUE, opened_at=OPENED)
    moved = DUE + 15 * DAY
    with watching(database) as watcher:
        watcher.tick(china(2026, 12, 5, 9))
        extended = china(2026, 12, 6, 10)
        new = NewDuty("reply", "R-SLA-1", "art. 23", moved)
        database.change(lambda s: duties.put(s, ident, [new], extended))
        assert watcher.tick(extended).reminded == 0
        assert watcher.tick(DUE + DAY).reminded == 0
        assert watcher.tick(moved - 3 * DAY).reminded == 1
    assert [one.payload["data"]["due_at"] for one in outbox(database)] == [
        *(DUE.isoformat(), moved.isoformat())
    ]


def test_a_backlog_is_worked_off_in_one_round(database: Database) -> None:
    for number in range(450):
        owe(database, DUE, opened_at=OPENED, ticket_id=f"T-{number}")
    with watching(database) as watcher:
        assert watcher.tick(DUE + DAY).missed == 450
        assert watcher.tick(DUE + DAY) == Round(True)


def test_open_tickets_are_assessed_again_every_day_some_at_a_time(database: Database) -> None:
    asked: list[tuple[str, str]] = []

    async def reconsider(ticket_id: str, reason: str, now: datetime) -> None:
        del now
        asked.append((ticket_id, reason))
        if ticket_id == "T-1":
            raise KeyError(ticket_id)

    for number in range(5):
        database.change(lambda s, n=number: stored(s, f"T-{n}"))  # type: ignore[misc]
    database.change(lambda s: stored(s, "T-closed", state="closed"))
    some = PACE.reassess.model_copy(update={"at_once": 3})
    pace = PACE.model_copy(update={"reassess": some})
    with watching(database, reconsider=reconsider, pace=pace) as watcher:
        assert watcher.tick(NOW + DAY - MINUTE).reassessed == 0
        assert watcher.tick(NOW + DAY).reassessed == 2
        assert watcher.tick(NOW + DAY).reassessed == 2
        assert watcher.tick(NOW + DAY).reassessed == 0
        assert asked == [(f"T-{number}", "time") for number in range(5)]
        assert watcher.tick(NOW + 2 * DAY).reassessed == 2


def test_without_a_model_tickets_wait_for_one(database: Database) -> None:
    ready = False

    async def reconsider(ticket_id: str, reason: str, now: datetime) -> None:
        if not ready:
            raise NotReady(f"no model for {ticket_id}, {reason}, {now}")

    database.change(stored)
    with watching(database, reconsider=reconsider) as watcher:
        assert watcher.tick(NOW + DAY).reassessed == 0
        ready = True
        assert watcher.tick(NOW + DAY).reassessed == 1


def test_a_ticket_that_was_assessed_or_closed_waits(database: Database) -> None:
    idents = [database.change(lambda s, n=n: stored(s, f"T-{n}")) for n in range(3)]  # type: ignore[misc]
    for ident, state in zip(idents, ("in_progress", "closed"), strict=False):
        database.change(
            lambda s, i=ident, st=state: complaints.stand(s, i, Standing(st), NOW + DAY / 2)  # type: ignore[misc]
        )
    unseen = database.ask(lambda s: complaints.long_unseen(s, NOW, limit=9))
    assert unseen == [(idents[2], "T-2")]
    database.change(lambda s: complaints.stand(s, idents[1], Standing("in_progress"), NOW))
    assert len(database.ask(lambda s: complaints.long_unseen(s, NOW + DAY, limit=9))) == 3


def test_what_was_kept_long_enough_is_cleared_away(database: Database) -> None:
    subscribe(database)
    ident = owe(database, DUE, opened_at=OPENED)
    vault = Vault(Fernet.generate_key().decode())
    with watching(database) as watcher:
        watcher.tick(DUE + DAY)
        (message,) = database.change(lambda s: webhooks.claim(s, now=DUE + DAY, hold_s=1, limit=9))
        database.change(lambda s: webhooks.sent(s, message.id, DUE + DAY))
        database.change(lambda s: raw.keep(s, vault, ident, "原话", now=DUE, days=90))
        assert watcher.tick(DUE + 30 * DAY).purged == 0
        assert watcher.tick(DUE + 32 * DAY).purged == 1
        assert watcher.tick(DUE + 32 * DAY + 59 * MINUTE).purged == 0
        assert watcher.tick(DUE + 91 * DAY).purged == 1
    assert database.ask(raw.accesses)[0].act == "purge"
