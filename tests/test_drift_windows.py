from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from training.drift_windows import over_time, overridden, windows
from triage.drift.reference import Reference
from triage.drift.views import Ticket
from triage.errors import InvalidInput

START = datetime(2026, 1, 1, 9, tzinfo=UTC)


def ticket(number: int, line: str, words: tuple[str, ...]) -> Ticket:
    length = (f"第{number}件", *words)
    return Ticket(str(number), length, line, confidence=0.8, risk=0.02, channel="phone")


def year(count: int, *, changed_from: int) -> tuple[list[Ticket], list[datetime]]:
    calm, new = ("年费", "多扣"), ("云护通", "转账")
    tickets = [
        ticket(n, "fraud" if n >= changed_from else ("fee_dispute", "other")[n % 2], words)
        for n in range(count)
        for words in [new if n >= changed_from else calm]
    ]
    return tickets, [START + timedelta(hours=12 * n) for n in range(count)]


def test_windows_are_whole_days_and_keep_what_came_when() -> None:
    tickets, moments = year(20, changed_from=20)
    later = [*moments[:10], *(moment + timedelta(days=30) for moment in moments[10:])]
    cut = windows(tickets, later, days=5)
    assert [window.start for window in cut] == [date(2026, 1, 1), date(2026, 2, 5)]
    assert [len(window.tickets) for window in cut] == [10, 10]
    assert cut[1].places == tuple(range(10, 20))
    assert cut[1].tickets == tuple(tickets[10:])
    assert windows([], [], days=5) == []
    with pytest.raises(InvalidInput):
        windows(tickets, later, days=0)


def test_the_window_in_which_something_changed_rings_and_those_before_do_not() -> None:
    tickets, moments = year(160, changed_from=120)
    reference = Reference.of(tickets[:40], most=100)
    cut = windows(tickets, moments, days=20)
    told = list(over_time(reference, [*cut[1:], cut[0]], permutations=199, least=40))
    ps = [{change.view: change.p for change in found} for _, found in told]
    assert [window.start for window, _ in told] == [
        date(2026, 1, 21),
        date(2026, 2, 10),
        date(2026, 3, 2),
        date(2026, 1, 1),
    ]
    assert ps[2]["line"] <= 0.01
    assert ps[2]["words"] <= 0.01
    assert min(ps[0]["line"], ps[1]["line"]) > 0.05
    assert not list(over_time(reference, cut, permutations=199, least=41))


def test_overrides_are_counted_on_a_slice_drawn_by_lot() -> None:
    tickets, moments = year(40, changed_from=40)
    (window,) = windows(tickets, moments, days=30)
    right = [one.line for one in tickets]
    assert overridden(window, right, read=10).value == 0.0  # type: ignore[union-attr]
    wrong = [line if n % 2 else "fraud" for n, line in enumerate(right)]
    found = overridden(window, wrong, read=1_000)
    assert found is not None
    assert found.value == 0.5
    assert found.low < 0.5 < found.high
    assert overridden(window, wrong, read=0) is None
