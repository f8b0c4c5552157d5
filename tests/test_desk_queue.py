"""The queue and the claims of the review desk, in SQLite and in PostgreSQL."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from store_fixtures import NOW, database, database_url, decision, stored

from service.desk.answers import why
from service.desk.settings import load_desk
from service.store import assessments, events, queue, reviews, slices
from service.store.database import Database
from service.store.records import NewEvent
from service.store.records_review import Asked, ReviewFilters, ReviewState, Sort
from triage.errors import InvalidInput

__all__ = ["database", "database_url"]

WEIGHTS = load_desk().weights
HOUR = timedelta(hours=1)


def asked(who: str = "me", sort: Sort = Sort.URGENCY, now: Any = NOW, **chosen: Any) -> Asked:
    return Asked(who, now, WEIGHTS, sort, ReviewFilters(**chosen))


def shown(database: Database, look: Asked, **options: Any) -> list[str]:
    page = database.ask(lambda s: queue.page(s, look, **options))
    return [item.complaint.ticket_id for item in page.items]


@pytest.fixture
def tickets(database: Database) -> dict[str, int]:
    made: dict[str, dict[str, Any]] = {
        "calm": {"risk": 0.01, "band": "low", "probability": 0.9, "line": "other"},
        "risky": {"risk": 0.4, "band": "high", "probability": 0.8},
        "again": {"risk": 0.01, "band": "low", "flags": ("repeat",), "probability": 0.3},
        "late": {"risk": 0.02, "band": "low", "next_due": NOW - HOUR, "probability": 0.7},
        "soon": {"risk": 0.02, "band": "medium", "next_due": NOW + HOUR, "probability": 0.6},
        "life": {"risk": 0.02, "band": "high", "flags": ("human_now",), "probability": 0.5},
        "shut": {"risk": 0.9, "band": "high", "state": "closed"},
    }
    return {
        name: database.change(lambda s, n=name, c=changes: stored(s, n, **c))  # type: ignore[misc]
        for name, changes in made.items()
    }


def test_life_stands_before_time_before_calm(database: Database, tickets: dict[str, int]) -> None:
    assert tickets
    found = shown(database, asked())
    assert found[0] == "life"
    assert found.index("late") < found.index("soon") < found.index("again") < found.index("calm")
    assert "shut" not in found


@pytest.mark.parametrize(
    ("sort", "first"),
    [(Sort.RISK, "risky"), (Sort.DUE, "late"), (Sort.UNCERTAIN, "again"), (Sort.OLDEST, "calm")],
)
def test_another_order(database: Database, tickets: dict[str, int], sort: Sort, first: str) -> None:
    assert tickets
    assert shown(database, asked(sort=sort))[0] == first


@pytest.mark.parametrize("sort", list(Sort))
def test_pages_hold_every_ticket_once(
    database: Database, tickets: dict[str, int], sort: Sort
) -> None:
    found: list[str] = []
    look, cursor = asked(sort=sort), None
    while True:
        with database.read() as session:
            page = queue.page(session, look, cursor=cursor, limit=2)
        found += [item.complaint.ticket_id for item in page.items]
        cursor = page.next_cursor
        if cursor is None:
            break
        # Later calls come later; the order stays that of the first.
        look = asked(sort=sort, now=NOW + 3 * HOUR)
    assert found == shown(database, asked(sort=sort))
    assert len(found) == len(tickets) - 1


@pytest.mark.parametrize("cursor", ["x", "W10", "bnVsbA", "WyJyaXNrIiwxLDIsMyw0XQ", "%", "é"])
def test_a_made_up_cursor_is_refused(database: Database, cursor: str) -> None:
    with pytest.raises(InvalidInput):
        database.ask(lambda s: queue.page(s, asked(), cursor=cursor))


def test_filters_choose(database: Database, tickets: dict[str, int]) -> None:
    assert tickets
    assert set(shown(database, asked(band="high"))) == {"risky", "life"}
    assert shown(database, asked(line="other")) == ["calm"]
    assert shown(database, asked(overdue=True)) == ["late"]
    assert shown(database, asked(life=True)) == ["life"]
    counted = database.ask(lambda s: queue.counts(s, asked(band="high")))
    assert counted == {"high": 2, "medium": 1, "low": 3}


def test_a_claim_keeps_others_out_until_it_ends(
    database: Database, tickets: dict[str, int]
) -> None:
    ident, until = tickets["risky"], NOW + HOUR
    take = lambda who, now: database.change(  # noqa: E731
        lambda s: reviews.claim(s, ident, who, now=now, until=now + HOUR)
    )
    assert take("me", NOW)
    assert not take("you", NOW)
    assert take("me", NOW)
    assert shown(database, asked("you", claimed="others")) == ["risky"]
    assert "risky" not in shown(database, asked("you", claimed="free"))
    assert shown(database, asked("me", claimed="mine")) == ["risky"]
    assert take("you", until)
    assert not database.change(lambda s: reviews.release(s, ident, "me"))
    assert database.change(lambda s: reviews.release(s, ident, "you"))
    assert take("me", NOW)


def test_the_next_ticket_is_one_that_nobody_else_holds(
    database: Database, tickets: dict[str, int]
) -> None:
    order = shown(database, asked())
    second = tickets[order[1]]
    database.change(lambda s: reviews.claim(s, second, "you", now=NOW, until=NOW + HOUR))
    follow = lambda name: database.ask(  # noqa: E731
        lambda s: queue.after(s, asked(), tickets[name])
    )
    assert follow(order[0]) == order[2]
    assert follow(order[-1]) == order[0]


def review_row(session: Any, ident: int) -> None:
    """Two readers differ."""
    reviews.claim(session, ident, "me", now=NOW, until=NOW + HOUR)
    reviews.settle(session, ident, ReviewState.SPLIT, who="me", at=NOW)


def test_what_was_reviewed_comes_back_when_the_customer_writes(
    database: Database, tickets: dict[str, int]
) -> None:
    ident = tickets["risky"]

    def review(session: Any, state: ReviewState) -> None:
        reviews.claim(session, ident, "me", now=NOW, until=NOW + HOUR)
        assessments.add(session, decision(ident))
        reviews.settle(session, ident, state, who="me", at=NOW)

    database.change(lambda s: review(s, ReviewState.DONE))
    assert "risky" not in shown(database, asked())
    database.change(lambda s: reviews.settle(s, ident, ReviewState.SECOND, who="me", at=NOW))
    assert "risky" not in shown(database, asked("me"))
    assert "risky" in shown(database, asked("you"))
    assert shown(database, asked("you", state=ReviewState.SECOND)) == ["risky"]
    assert shown(database, asked("you", Sort.DISAGREEMENT))[0] == "risky"
    split = tickets["soon"]
    database.change(lambda s: review_row(s, split))
    assert shown(database, asked("you", Sort.DISAGREEMENT))[:2] == ["soon", "risky"]
    assert shown(database, asked("me", state=ReviewState.SPLIT)) == ["soon"]
    database.change(lambda s: reviews.settle(s, ident, ReviewState.DONE, who="me", at=NOW))
    later = NOW + HOUR
    database.change(lambda s: events.append(s, ident, NewEvent("message", later, "x"), later))
    assert "risky" in shown(database, asked())


def test_what_chance_sent_to_review_comes_before_the_calm(
    database: Database, tickets: dict[str, int]
) -> None:
    database.change(lambda s: slices.add(s, tickets["calm"], at=NOW, share=0.02))
    page = database.ask(lambda s: queue.page(s, asked()))
    order = [item.complaint.ticket_id for item in page.items]
    assert order.index("calm") < order.index("soon")
    (calm,) = [item for item in page.items if item.complaint.ticket_id == "calm"]
    parts = why(calm, WEIGHTS, NOW)
    assert parts[0] == {"what": "audit", "points": WEIGHTS.audit}
    assert sum(part["points"] for part in parts) == calm.points
