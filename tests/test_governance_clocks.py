"""Timed duties: how one ended, and a ticket that two rules ask for the same."""

from __future__ import annotations

from datetime import datetime, timedelta
from types import SimpleNamespace

import pytest

from service.governance.cases import Case
from service.governance.clocks import clocks, end_of
from service.governance.figures import Figure
from service.store.reporting import DutyRow

AT = datetime.fromisoformat("2026-11-01T09:00:00+08:00")
DUE = AT + timedelta(days=15)


def duty(state: str, met: datetime | None = None, due: datetime | None = DUE) -> DutyRow:
    return DutyRow(1, "petition_notice", state, due, met)


def case(ident: int, *duties: DutyRow) -> Case:
    ticket = SimpleNamespace(id=ident, ticket_id=f"T-{ident}", received_at=AT)
    return Case(ticket, duties=duties)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("one", "end"),
    [
        (duty("met", DUE), "kept"),
        (duty("met", DUE + timedelta(seconds=1)), "late"),
        (duty("met", DUE + timedelta(days=9), due=None), "kept"),
        (duty("missed"), "missed"),
        (duty("open"), "open"),
    ],
)
def test_a_duty_that_is_met_after_its_time_is_late(one: DutyRow, end: str) -> None:
    assert end_of(one) == end


def test_of_two_duties_of_one_name_the_worse_end_counts() -> None:
    soon, late = AT + timedelta(hours=4), DUE + timedelta(hours=1)
    cases = [
        case(1, duty("met", soon), duty("missed")),
        case(2, duty("waived"), duty("met", soon)),
        case(3, duty("met", late), duty("met", soon)),
        case(4, duty("open"), duty("met", soon)),
    ]
    (row,) = clocks("duty", "限时事项", cases, {"petition_notice": "告知"}).rows
    told = {cell.code.split(".")[1]: cell for cell in row if isinstance(cell, Figure)}
    ends = {end: told[end].ids for end in ("kept", "late", "missed", "open") if told[end].ids}
    assert ends == {"missed": ("T-1",), "kept": ("T-2",), "late": ("T-3",), "open": ("T-4",)}
    assert told["owed"].value == sum(len(ids) for ids in ends.values())
    assert told["settled"].ids == ("T-1", "T-2", "T-3")
    assert told["rate"].value == pytest.approx(1 / 3)
    # From receipt to the last of them; a ticket on which one was missed has no such time.
    assert told["hours"].value == pytest.approx((4 + 15 * 24 + 1) / 2)
