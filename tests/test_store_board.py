"""The ledger as people read it, what the board counts, and files: the same in both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from store_fixtures import NOW, database, database_url, decision, stored

from service.store import (
    assessments,
    audit,
    board,
    complaints,
    duties,
    events,
    imports,
    judged,
    overview,
    removal,
    repeats,
    verdicts,
)
from service.store.board import Kept, Overridden, Span, Volume
from service.store.columns import Base
from service.store.database import Database, Session
from service.store.matters import SAME_DAY, Matter
from service.store.overview import Look
from service.store.records import DutyState, Filters, NewDuty, NewEvent
from service.store.records_review import VerdictRecord
from service.store.records_service import Actor
from service.store.sql import table_of
from triage.errors import InvalidInput

__all__ = ["database", "database_url"]

HOUR = timedelta(hours=1)
SPAN = Span(NOW - timedelta(days=7), NOW + HOUR, NOW)
ADMIN = Actor("a-1", "admin", "r-1")


def look(**chosen: object) -> Look:
    matter = chosen.pop("matter", None)
    return Look(Filters(**chosen), NOW, matter)  # type: ignore[arg-type]


def all_of(session: Session, asked: Look, limit: int = 2) -> list[str]:
    found, cursor = [], None
    while True:
        page = overview.page(session, asked, cursor=cursor, limit=limit)
        found += [one.ticket_id for one in page.items]
        cursor = page.next_cursor
        if cursor is None:
            return found


def filled(session: Session) -> dict[str, int]:
    """Five tickets: two overdue, two lines, one that leaks."""
    facts = {
        "A": {"line": "fee_dispute", "unit": "东街支行", "next_due": NOW - HOUR, "band": "high"},
        "B": {"line": "fee_dispute", "unit": "东街支行", "next_due": NOW + HOUR},
        "C": {"line": "fraud", "next_due": NOW - 5 * HOUR, "band": "low"},
        "D": {"line": "fraud", "state": "closed", "barred": True, "owner_level": "outlet"},
        "E": {"line": None, "band": "high", "channel": "regulator_guided"},
    }
    found = {}
    for number, (name, values) in enumerate(facts.items()):
        at = NOW - timedelta(days=number)
        found[name] = stored(session, name, received_at=at, **values)
    return found


def test_overdue_tickets_stand_in_front_on_every_page(database: Database) -> None:
    database.change(filled)
    with database.read() as session:
        for limit in (1, 2, 3, 50):
            assert all_of(session, look(), limit) == ["C", "A", "B", "D", "E"]
        assert all_of(session, look(line="fee_dispute")) == ["A", "B"]
        assert all_of(session, look(overdue_at=NOW)) == ["C", "A"]
        assert all_of(session, look(matter=Matter.LEAK)) == ["D"]
        assert next(iter(overview.every(database, look(), size=2))).ticket_id == "C"


def test_pages_stay_when_time_passes(database: Database) -> None:
    database.change(filled)
    with database.read() as session:
        first = overview.page(session, look(), limit=2)
        later = replace(look(), now=NOW + 9 * HOUR)
        rest = overview.page(session, later, cursor=first.next_cursor, limit=9)
        assert [one.ticket_id for one in rest.items] == ["B", "D", "E"]
        for cursor in ("zz", "W10", "bnVsbA"):
            with pytest.raises(InvalidInput):
                overview.page(session, look(), cursor=cursor)


def test_tickets_are_counted_in_groups(database: Database) -> None:
    database.change(filled)
    with database.read() as session:
        whole = overview.count(session, look())
        assert (whole.total, whole.open, whole.overdue, whole.high) == (5, 4, 2, 2)
        by_line = {one.name: one for one in overview.groups(session, look(), "line")}
        assert {name: one.total for name, one in by_line.items()} == {
            "fee_dispute": 2,
            "fraud": 2,
            None: 1,
        }
        assert (by_line["fraud"].open, by_line["fraud"].overdue) == (1, 1)
        for name in overview.GROUPS:
            # Of all tickets each number is counted for itself, of some in one go.
            since = datetime(2000, 1, 1, tzinfo=UTC)
            some = overview.groups(session, look(received_from=since), name)
            assert set(overview.groups(session, look(), name)) == set(some)
        with pytest.raises(ValueError, match="customer_ref"):
            overview.groups(session, look(), "customer_ref")
        assert overview.count(session, look(line="none")).total == 0


def test_a_day_is_one_of_shanghai(database: Database) -> None:
    def fill(session: Session) -> None:
        for name, hour in (("A", 15), ("B", 16)):
            at = datetime(2026, 11, 22, hour, 30, tzinfo=UTC)  # 23:30 and half past midnight
            stored(session, name, received_at=at, band="high" if name == "A" else None)

    database.change(fill)
    with database.read() as session:
        assert board.volume(session, SPAN) == [Volume("2026-11-22", 1, 1), Volume("2026-11-23", 1)]
        assert board.total(session, SPAN) == 2
        assert board.total(session, replace(SPAN, since=NOW)) == 0


def test_what_the_board_counts_is_what_the_ledger_chooses(database: Database) -> None:
    def fill(session: Session) -> None:
        known = filled(session)
        repeats.link(session, known["A"], known["B"], kind="customer", score=0.9, at=NOW)
        repeats.link(session, known["C"], known["B"], kind="template", score=0.9, at=NOW)
        events.append(session, known["E"], NewEvent("conversion", NOW, "a-1"), NOW)

    database.change(fill)
    with database.read() as session:
        volume = {one.name: one for one in board.volume(session, SPAN, "line")}
        assert volume["fee_dispute"] == Volume("fee_dispute", 2, 1, 1)
        assert board.repeats(session, SPAN) == 1
        assert all_of(session, look(matter=Matter.REPEAT)) == ["A"]
        assert board.guided(session, SPAN) == (1, 1)
        assert all_of(session, look(matter=Matter.CONVERTED)) == ["E"]
        assert board.leaking(session, SPAN) == 1


def test_duties_that_were_kept(database: Database) -> None:
    def fill(session: Session) -> None:
        known = filled(session)
        for name, due in (("A", NOW + HOUR), ("B", NOW - HOUR), ("C", NOW - HOUR), ("D", NOW)):
            owed = NewDuty(SAME_DAY, "R-REG-1", "seed", due)
            duties.put_new(session, [(known[name], [owed], NOW - 9 * HOUR)])
        by_ticket = {
            one.ticket_id: one for name in known for one in duties.of(session, known[name])
        }
        met = {"B": NOW - 2 * HOUR, "D": NOW + 2 * HOUR}
        for name, at in met.items():
            duties.settle(session, by_ticket[name].id, DutyState.MET, at)

    database.change(fill)
    with database.read() as session:
        # A has time left; B was in time, D late, C is over and open.
        assert board.kept(session, SPAN) == [Kept(SAME_DAY, 3, 1)]
        assert sum(one.total for one in board.contacts(session, SPAN)) == 3
        assert all_of(session, look(matter=Matter.CONTACT_LATE)) == ["C", "D"]
        assert all_of(session, look(matter=Matter.LATE)) == ["C", "D"]


def given(session: Session, complaint_id: int, *, at: datetime = NOW, **said: object) -> int:
    number = assessments.add(session, decision(complaint_id))
    told: dict[str, object] = {"kind": "confirm", "agrees": True, "corrections": {}} | said
    record = VerdictRecord(
        complaint_id=complaint_id, assessment_id=number, at=at, who="r", note=None, **told
    )  # type: ignore[arg-type]
    return verdicts.add(session, record)


def test_verdicts_that_corrected_the_model(database: Database) -> None:
    def fill(session: Session) -> None:
        known = filled(session)
        other = {"kind": "correct", "agrees": False, "corrections": {"line": "fraud"}}
        risk = {"kind": "correct", "agrees": False, "corrections": {"risk": "too_low"}}
        given(session, known["A"], **risk)
        given(session, known["A"], **other)
        given(session, known["B"])
        verdicts.undo(session, given(session, known["B"], **other), NOW)
        given(session, known["C"], at=NOW - timedelta(days=99), **other)

    database.change(fill)
    with database.read() as session:
        assert board.overridden(session, SPAN) == [Overridden("fee_dispute", 3, 1, 2)]
        assert board.reviewed(session, SPAN) == [Volume("2026-11-23", 3)]
        assert all_of(session, look(matter=Matter.CORRECTED)) == ["C", "A"]
        found = judged.last(session, limit=9)
        assert [(one.kind, one.line, one.probability) for one in found] == [
            ("correct", "fee_dispute", 0.83),
            ("confirm", "fee_dispute", 0.83),
            ("correct", "fee_dispute", 0.83),
        ]
        assert len(judged.last(session, limit=1)) == 1


def test_a_file_is_kept_for_its_time_and_taken_once(database: Database) -> None:
    def fill(session: Session) -> int:
        facts = {"who": "a", "name": "x.csv", "kind": "csv", "at": NOW, "until": NOW + HOUR}
        return imports.add(session, sealed=b"sealed", **facts)  # type: ignore[arg-type]

    def taken(session: Session) -> bool:
        states = {"came_from": imports.ImportState.DRAFT, "to": imports.ImportState.TAKING}
        return imports.move(session, number, **states, taken_at=NOW)  # type: ignore[arg-type]

    number = database.change(fill)
    assert database.ask(lambda s: imports.sealed(s, number)) == b"sealed"
    with pytest.raises(imports.UnknownImport):
        database.ask(lambda s: imports.get(s, number, NOW + HOUR))
    assert database.change(taken)
    assert not database.change(taken)
    assert not database.change(lambda s: imports.drop(s, number))
    one = database.ask(lambda s: imports.get(s, number, NOW + 9 * HOUR))
    assert [one] == database.ask(lambda s: imports.latest(s, NOW))
    facts = {"who": "a", "name": "y.csv", "kind": "csv", "at": NOW, "until": NOW + HOUR}
    later = facts | {"at": NOW + timedelta(days=2)}
    for told, kept in ((facts, b"sealed"), (later, None)):
        database.change(lambda s, told=told: imports.add(s, sealed=b"x", **told))
        assert database.ask(lambda s: imports.sealed(s, number)) == kept
    mine = replace(ADMIN, request_id=imports.request_of(number))
    acts = [(mine, "A", NOW), (ADMIN, "B", NOW), (mine, "C", NOW)]
    database.change(lambda s: audit.note_many(s, "ticket.received", acts))
    assert database.ask(lambda s: imports.tickets_of(s, one)) == ["A", "C"]


def test_removal_knows_every_table_that_belongs_to_tickets() -> None:
    own = {table_of(kind).name for kind in (*removal.TOUCHES, *removal.OWN)} | {"repeats"}
    for table in Base.metadata.sorted_tables:
        for key in table.foreign_keys:
            if key.column.table.name == "complaints":
                assert table.name in own or key.ondelete == "CASCADE", table.name


def test_only_what_nobody_touched_is_removed(database: Database) -> None:
    def fill(session: Session) -> None:
        known = filled(session)
        other = stored(session, "F")
        assessments.add(session, decision(known["A"]))
        duties.put_new(session, [(known["A"], [NewDuty("x", "r", "b", None)], NOW)])
        repeats.link(session, known["A"], known["B"], kind="customer", score=0.9, at=NOW)
        repeats.link(session, other, known["C"], kind="customer", score=0.9, at=NOW)
        repeats.link(session, known["C"], known["E"], kind="customer", score=0.9, at=NOW)
        events.append(session, known["D"], NewEvent("note", NOW, "a-1"), NOW)

    database.change(fill)
    # D has an event; C is repeated by a ticket that stays, and repeats E.
    free = database.ask(lambda s: removal.untouched(s, ["A", "B", "C", "D", "E", "none"]))
    assert set(free) == {"A", "B"}
    database.change(lambda s: removal.remove(s, free))
    with database.read() as session:
        assert all_of(session, look()) == ["C", "F", "D", "E"]
        assert complaints.find(session, "A") is None
