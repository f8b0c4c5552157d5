"""That few tickets are not made much of: watch lists, targets, measures; surveys of the staff."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml
from scipy.stats import binomtest, poisson

from service.governance.cases import Book, Case, Period
from service.governance.figures import Figure, Part, count, ranged
from service.governance.intervals import below_mean
from service.governance.measures import measures
from service.governance.settings import Settings, load_settings
from service.governance.surveys import surveyed, surveys_of
from service.governance.targets import Target, targets
from service.governance.watching import reasons
from triage.config import data_dir
from triage.errors import ConfigError

AT = datetime.fromisoformat("2026-10-05T09:00:00+08:00")
PERIOD = Period(date(2026, 9, 1), date(2026, 11, 29), AT + timedelta(days=80))


def case(ident: int, day: int = 0, **said: Any) -> Case:
    at = AT + timedelta(days=day)
    told = {"id": ident, "ticket_id": f"T-{ident}", "received_at": at, **said}
    return Case(SimpleNamespace(**told))  # type: ignore[arg-type]


def book(cases: list[Case], **said: Any) -> Book:
    empty: dict[str, Any] = {"items": [], "about": [], "measured": {}, "before": [], "earlier": {}}
    return Book(period=PERIOD, cases=cases, alerts=[], texts={}, **{**empty, **said})


def test_one_repeat_puts_no_unit_on_the_list() -> None:
    settings = load_settings()
    some = [case(number) for number in range(5)]
    again: Any = (SimpleNamespace(),)
    once = [replace(some[0], repeats=again), *some[1:]]
    twice = [replace(each, repeats=again) for each in some[:2]] + some[2:]
    assert reasons(once, 5, settings) == []
    assert reasons(twice, 5, settings) == ["重复率高"]
    assert reasons(twice[:4], 4, settings) == []


def test_growth_is_held_to_chance_in_both_spans() -> None:
    settings = load_settings()
    found = {}
    for now, before in ((30, 17), (32, 12), (6, 0), (7, 0), (9, 20)):
        found[now, before] = reasons([case(n) for n in range(now)], before, settings)
        told = binomtest(now, now + before, alternative="greater").pvalue
        assert bool(found[now, before]) == (told < settings.watch.growth_p)
    assert found[32, 12] == found[7, 0] == ["增长显著"]
    assert found[30, 17] == found[6, 0] == []


def _aimed(hits: dict[int, tuple[int, int]], aim: Target) -> list[Any]:
    """Hold a share to an aim; hits and all by the day from October 5."""
    cases = [case(n, day) for day, (_, size) in hits.items() for n in range(size)]
    good = {(day, n) for day, (hit, _) in hits.items() for n in range(hit)}

    def counted(of: Book) -> Part:
        whole = count("x.all", "全部", of.cases)
        some = [c for c in of.cases if ((c.ticket.received_at - AT).days, c.ticket.id) in good]
        rate = ranged("x.rate", "率", count("x.some", "其中", some), whole)
        return Part("x", "x", (), (_table(whole, rate),))

    row = targets(book(cases), (aim,), {"x": counted}).tables[0].rows[0]
    return list(row[3:])


def _table(*figures: Figure) -> Any:
    return SimpleNamespace(rows=[figures])


def test_a_target_within_the_interval_is_not_decided() -> None:
    most = Target("x.rate", None, 0.1)
    assert _aimed({0: (1, 20)}, most) == ["达到（尚不能断定）", "—"]
    assert _aimed({0: (3, 20)}, most) == ["未达到（尚不能断定）", "—"]
    assert _aimed({0: (1, 200)}, most) == ["达到", "—"]
    assert _aimed({0: (90, 200)}, most) == ["未达到", "—"]


def test_what_must_hold_of_all_is_broken_by_one() -> None:
    every = Target("x.rate", 1.0, None)
    assert _aimed({0: (2, 3)}, every)[0] == "未达到"
    assert _aimed({0: (3, 3)}, every)[0] == "达到"


def test_a_month_is_better_only_beyond_chance() -> None:
    most = Target("x.rate", None, 0.1)
    assert _aimed({0: (4, 20), 30: (2, 20)}, most)[1] == "无明显变化"
    assert _aimed({0: (90, 200), 30: (20, 200)}, most)[1] == "改善"
    assert _aimed({0: (20, 200), 30: (90, 200)}, most)[1] == "变差"


def _measured(before: int, after: list[int], *, more: int = 0) -> list[Any]:
    """Give the row of a measure: so many a week before, `more` in the last of them, and after."""
    change = date(2026, 8, 3)
    first = (change - AT.date()).days
    weeks = [before] * 11 + [before + more] + after
    cases = [case(n, first + 7 * (k - 12)) for k, size in enumerate(weeks) for n in range(size)]
    item: Any = SimpleNamespace(id=1, title="措施", effective_on=change.isoformat())
    until = change + timedelta(weeks=len(after), days=-1)
    period = replace(PERIOD, until=until)
    made = replace(book([], items=[item], measured={1: cases}), period=period)
    part = measures(made, load_settings())
    return [c.value if isinstance(c, Figure) else c for c in part.tables[0].rows[0]]


def test_weeks_outside_the_limits_are_told_to_both_sides() -> None:
    assert _measured(16, [3, 15, 29])[5:] == [1, 1, 2, "有周低于下限、有周高于上限"]


def test_a_low_level_shows_itself_in_a_run_alone() -> None:
    """With a mean of 4 the lower limit is nought: no week can be below it."""
    assert _measured(4, [3] * 7 + [5, 2])[5:] == [0, 0, 7, "看不出变化"]
    assert _measured(4, [5] + [3] * 8)[5:] == [0, 0, 8, "连续8周低于中心线"]
    assert _measured(4, [3] * 3)[5:] == [0, 0, 3, "生效后仅3个整周，尚看不出"]


def test_a_run_below_a_very_low_level_is_told_only_where_it_is_seldom() -> None:
    """Of a mean of 1.08 seven weeks of ten lie below it by themselves."""
    assert below_mean(13 / 12) == pytest.approx(poisson.cdf(1, 13 / 12))
    assert _measured(1, [1] * 9, more=1)[7:] == [9, "看不出变化"]
    assert _measured(1, [1] * 17, more=1)[7:] == [17, "连续17周低于中心线"]
    assert _measured(0, [1] * 9)[7:] == [0, "有周高于上限"]


# ---- surveys ---------------------------------------------------------------------------------

GOOD = {"on": date(2026, 9, 20), "asked": 120, "answered": 96, "content": 71}


def test_a_survey_is_shown_with_how_sure_its_share_is() -> None:
    (row,) = surveyed(surveys_of([GOOD])).rows
    told = [cell for cell in row if isinstance(cell, Figure)]
    assert [cell.value for cell in told] == pytest.approx([120, 96, 0.8, 71, 71 / 96])
    ends = binomtest(71, 96).proportion_ci(method="wilson")
    assert (told[-1].low, told[-1].high) == pytest.approx((ends.low, ends.high))


def test_a_survey_that_nobody_answered_says_nothing() -> None:
    (row,) = surveyed(surveys_of([GOOD | {"answered": 0, "content": 0}])).rows
    last = row[-1]
    assert isinstance(last, Figure)
    assert (last.value, last.low) == (None, None)


@pytest.mark.parametrize(
    "bad",
    [
        [GOOD | {"content": 97}],
        [GOOD | {"answered": 121}],
        [GOOD | {"content": -1}],
        [GOOD | {"asked": 120.5}],
        [GOOD | {"asked": True}],
        [GOOD | {"on": "九月"}],
        [GOOD | {"other": 1}],
        [{"on": date(2026, 9, 20)}],
        ["2026-09-20"],
        [GOOD, GOOD],
    ],
)
def test_what_is_no_survey_is_refused(bad: Any, tmp_path: Path) -> None:
    told = yaml.safe_load((data_dir() / "governance.yaml").read_text("utf-8"))
    path = tmp_path / "governance.yaml"
    path.write_text(yaml.safe_dump(told | {"staff_surveys": bad}, allow_unicode=True), "utf-8")
    with pytest.raises(ConfigError, match="staff_surveys"):
        load_settings(path)


def test_surveys_stand_in_the_order_of_their_days() -> None:
    later = GOOD | {"on": date(2026, 12, 20)}
    assert [survey.on.month for survey in surveys_of([later, GOOD])] == [9, 12]
    assert load_settings().staff_surveys == surveys_of(None) == ()
    assert isinstance(load_settings(), Settings)
