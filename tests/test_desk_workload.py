"""The riskiest so many a day: what comes in, where it is cut, and what stays whatever the cut."""

from __future__ import annotations

from datetime import timedelta

import pytest
from store_fixtures import NOW, database, database_url, stored

from service.desk.settings import load_desk
from service.store import queue, reviews, workload
from service.store.database import Database
from service.store.records_review import Asked, ReviewFilters, ReviewState
from service.store.workload import Intake

__all__ = ["database", "database_url"]

DAY = timedelta(days=1)
WEIGHTS = load_desk().weights


def look(top: int | None, **chosen: object) -> Asked:
    filters = ReviewFilters(top=top, **chosen)  # type: ignore[arg-type]
    return Asked("me", NOW, WEIGHTS, filters=filters)


def shown(database: Database, top: int | None, **chosen: object) -> set[str]:
    page = database.ask(lambda s: queue.page(s, look(top, **chosen)))
    return {item.complaint.ticket_id for item in page.items}


@pytest.fixture
def twenty(database: Database) -> Database:
    """Two tickets a day for ten days, the newer the riskier; older ones are not looked at."""
    for number in range(20):
        at = NOW - (number // 2) * DAY - timedelta(hours=number % 2)
        risk = (20 - number) / 100
        band = "high" if number < 4 else "low"
        database.change(
            lambda s, n=number, a=at, r=risk, b=band: stored(  # type: ignore[misc]
                s, f"t-{n}", received_at=a, risk=r, band=b
            )
        )
    database.change(lambda s: stored(s, "old", received_at=NOW - 40 * DAY, risk=0.99))
    return database


def test_what_came_in_is_counted_since_the_first_ticket(twenty: Database) -> None:
    known = twenty.ask(lambda s: workload.intake(s, NOW))
    assert known.tickets == 20
    assert known.days == pytest.approx(9 + 1 / 24)
    later = twenty.ask(lambda s: workload.intake(s, NOW + 100 * DAY))
    assert later == Intake(0, 1.0)


def test_the_cut_leaves_so_many_a_day(twenty: Database) -> None:
    known = twenty.ask(lambda s: workload.intake(s, NOW))
    least = twenty.ask(lambda s: workload.least_risk(s, NOW, top=1, known=known))
    assert least == pytest.approx(0.12)  # the ninth of ten days' riskiest
    assert shown(twenty, 1) == {f"t-{n}" for n in range(9)} | {"old"}
    assert shown(twenty, 3) == shown(twenty, None)
    assert shown(twenty, 1, band="high") == {f"t-{n}" for n in range(4)}
    counted = twenty.ask(lambda s: queue.counts(s, look(1)))
    assert counted == {"high": 4, "low": 5, None: 1}


def test_life_and_second_readings_stay_whatever_the_cut(twenty: Database) -> None:
    twenty.change(lambda s: stored(s, "life", risk=0.001, flags=("human_now",)))
    second = twenty.change(lambda s: stored(s, "second", risk=0.001))
    until = NOW + DAY
    twenty.change(lambda s: reviews.claim(s, second, "you", now=NOW, until=until))
    twenty.change(lambda s: reviews.settle(s, second, ReviewState.SECOND, who="you", at=NOW))
    assert {"life", "second"} <= shown(twenty, 1)


def test_an_empty_ledger_has_no_cut(database: Database) -> None:
    assert shown(database, 5) == set()
