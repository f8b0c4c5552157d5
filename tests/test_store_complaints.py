"""Tickets: stored once, listed by filters and cursor, changed by one at a time."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from store_fixtures import NOW, database, database_url, stored, ticket

from service.store import complaints, new_complaints
from service.store.complaints import page
from service.store.database import Database
from service.store.errors import ChangedMeanwhile, UnknownTicket
from service.store.records import Filters, Outcome, Standing
from triage.errors import InvalidInput
from triage.records import Context

__all__ = ["database", "database_url"]

HOUR = timedelta(hours=1)
FULL = {
    "line": "fee_dispute",
    "subline": "annual_fee",
    "nature": "complaint",
    "probability": 0.83,
    "band": "high",
    "risk": 0.07,
    "owner_level": "branch_department",
    "owner_unit": "信用卡部",
    "barred": True,
    "next_action": "contact_same_day",
    "next_due": NOW + HOUR,
    "flags": ("template",),
}


def test_the_same_ticket_is_stored_once(database: Database) -> None:
    first = database.change(lambda s: new_complaints.add(s, ticket(), NOW))
    again = database.change(lambda s: new_complaints.add(s, ticket(masked_text="改了"), NOW + HOUR))
    other = database.change(lambda s: new_complaints.add(s, ticket(body_hash="other"), NOW))
    assert [first.outcome, again.outcome, other.outcome] == [
        Outcome.NEW,
        Outcome.STORED,
        Outcome.CONFLICT,
    ]
    assert first.id == again.id == other.id
    kept = database.ask(lambda s: complaints.get(s, "T-1"))
    assert kept.masked_text == ticket().masked_text
    assert kept.created_at == NOW
    known = database.ask(lambda s: new_complaints.known(s, "T-1", ticket().body_hash))
    assert known == again
    assert database.ask(lambda s: new_complaints.known(s, "T-2", "")) is None


def test_what_was_stored_comes_back_without_the_customers_key(database: Database) -> None:
    context = {
        "channel": "phone",
        "customer_key": "C-1",
        "product": "信用卡",
        "unit": "朝阳支行",
        "visited_branch": False,
        "amount_cny": 12.5,
        "transfers": 2,
        "customer_segment": "elderly",
    }
    new = ticket(customer_ref="ref", **context, **FULL)
    added = database.change(lambda s: new_complaints.add(s, new, NOW))
    kept = database.ask(lambda s: complaints.by_id(s, added.id))
    assert kept.standing == new.standing
    assert kept.context == Context(
        ticket_id="T-1", received_at=NOW, **context | {"customer_key": None}
    )
    assert (kept.customer_ref, kept.version, kept.erased_at) == ("ref", 1, None)


def test_a_ticket_that_is_not_there(database: Database) -> None:
    assert database.ask(lambda s: complaints.find(s, "T-1")) is None
    with pytest.raises(UnknownTicket):
        database.ask(lambda s: complaints.get(s, "T-1"))


def test_of_two_who_change_a_ticket_one_is_told(database: Database) -> None:
    ident = database.change(stored)
    standing = Standing("open", line="fee_dispute", band="high")
    database.change(lambda s: complaints.stand(s, ident, standing, NOW + HOUR, expected=1))
    with pytest.raises(ChangedMeanwhile):
        database.change(lambda s: complaints.stand(s, ident, Standing("closed"), NOW, expected=1))
    database.change(
        lambda s: complaints.stand(s, ident, standing, NOW + HOUR, context={"transfers": 3})
    )
    kept = database.ask(lambda s: complaints.by_id(s, ident))
    assert (kept.standing, kept.version, kept.updated_at) == (standing, 3, NOW + HOUR)
    assert kept.context.transfers == 3
    with pytest.raises(ValueError, match="customer_key"):
        database.change(
            lambda s: complaints.stand(s, ident, standing, NOW, context={"customer_key": "C"})
        )


@pytest.fixture
def ledger(database: Database) -> Database:
    rows: list[dict[str, Any]] = [
        {"line": "fee_dispute", "band": "high", "owner_unit": "信用卡部", "next_due": NOW},
        {"line": "fee_dispute", "band": "low", "owner_level": "outlet", "unit": "朝阳支行"},
        {"line": "card_repayment", "band": "high", "channel": "phone", "next_due": NOW + 2 * HOUR},
        {"line": None, "abstained": True, "state": "closed", "customer_ref": "ref"},
    ]
    for number, row in enumerate(rows):
        # The last two at the same moment.
        at = NOW + min(number, 2) * HOUR
        database.change(
            lambda s, n=number, r=row, at=at: stored(s, f"T-{n}", received_at=at, **r)  # type: ignore[misc]
        )
    return database


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        (Filters(), "3210"),
        (Filters(line="fee_dispute"), "10"),
        (Filters(band="high"), "20"),
        (Filters(band="high", line="fee_dispute"), "0"),
        (Filters(unit="朝阳支行"), "1"),
        (Filters(owner_unit="信用卡部"), "0"),
        (Filters(owner_level="outlet"), "1"),
        (Filters(channel="phone"), "2"),
        (Filters(state="closed"), "3"),
        (Filters(customer_ref="ref"), "3"),
        (Filters(overdue_at=NOW), ""),
        (Filters(overdue_at=NOW + HOUR), "0"),
        (Filters(overdue_at=NOW + 3 * HOUR), "20"),
        (Filters(received_from=NOW + HOUR), "321"),
        (Filters(received_to=NOW + HOUR), "0"),
        (Filters(line="'; DROP TABLE complaints"), ""),
        (Filters(line="\x00"), ""),
    ],
)
def test_filters_choose(ledger: Database, filters: Filters, expected: str) -> None:
    found = ledger.ask(lambda s: page(s, filters))
    assert [item.ticket_id for item in found.items] == [f"T-{number}" for number in expected]
    assert found.next_cursor is None
    assert ledger.ask(lambda s: complaints.count(s, filters)) == len(expected)
    every = complaints.every(ledger, filters, size=1)
    assert [item.ticket_id for item in every] == [f"T-{number}" for number in expected]


def test_pages_follow_each_other_whatever_comes_in_meanwhile(ledger: Database) -> None:
    first = ledger.ask(lambda s: page(s, Filters(), limit=1))
    assert first.next_cursor
    ledger.change(lambda s: stored(s, "T-new", received_at=NOW + 9 * HOUR))
    second = ledger.ask(lambda s: page(s, Filters(), cursor=first.next_cursor, limit=2))
    third = ledger.ask(lambda s: page(s, Filters(), cursor=second.next_cursor, limit=1))
    found = [item.ticket_id for one in (first, second, third) for item in one.items]
    assert found == ["T-3", "T-2", "T-1", "T-0"]
    assert third.next_cursor is None


@pytest.mark.parametrize(
    "cursor",
    ["", "x", "键", "MS4y.", "MS4yLjM", "LTEuLTE", "OTk5OTk5OTk5OTk5OTk5OTk5OTkuMQ", "=" * 9],
)
def test_a_cursor_that_was_not_given_is_refused(database: Database, cursor: str) -> None:
    with pytest.raises(InvalidInput, match="cursor"):
        database.ask(lambda s: page(s, Filters(), cursor=cursor))


def test_tickets_are_counted_by_what_can_be_filtered(ledger: Database) -> None:
    assert ledger.ask(lambda s: complaints.counts(s, "band")) == {"high": 2, "low": 1, None: 1}
    assert ledger.ask(lambda s: complaints.counts(s, "state")) == {"open": 3, "closed": 1}
    with pytest.raises(ValueError, match="masked_text"):
        ledger.ask(lambda s: complaints.counts(s, "masked_text"))


@pytest.mark.parametrize(
    ("name", "value"),
    [("line", "fee_dispute"), ("band", "high"), ("state", "open"), ("customer_ref", "ref")],
)
def test_filters_are_answered_by_an_index(database: Database, name: str, value: str) -> None:
    if not database.is_sqlite:
        pytest.skip("PostgreSQL's plan hangs on how many rows there are")
    plans: list[str] = []
    with database.read() as session:
        statement = complaints._SHOWN.where(*complaints.conditions(Filters(**{name: value})))
        statement = statement.order_by(complaints._T.c.received_at.desc()).limit(5)
        compiled = statement.compile(database._reading, compile_kwargs={"literal_binds": True})
        rows = session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {compiled}")
        plans = [row[3] for row in rows]
    assert len(plans) == 1  # no sorting
    assert f"ix_complaints_{name}_received_at" in plans[0]
