"""What an oracle finds of planted surges, and how the budget of false alarms is shared."""

import numpy as np
import pytest
from scipy.stats import poisson

from benchmarks.surge_oracle import BEARABLE, Seen, found_by_oracle, level_of, tails, told_apart
from benchmarks.surge_year import DAYS, QUIET_DAYS, Plant
from tests.surge_fakes import quiet, watched

APART = 14


def test_tails_are_those_of_the_least_likely_window():
    count, usual = np.full((1, 9), 2.0), np.full((1, 9), 1.5)
    count[0, 7] = 8
    wanted = [poisson.sf(sum(count[0, 8 - n : 9]) - 1, 1.5 * (n + 1)) for n in range(3)]
    assert tails(count, usual)[0, 8] == pytest.approx(min(wanted))


def test_alarms_near_each_other_are_one():
    p = np.ones((1, 28))
    p[0, [3, 4, 20]] = 0.01, 0.001, 0.02
    assert sorted(told_apart(p, APART)) == [0.001, 0.02]


def test_the_level_gives_as_many_false_alarms_as_are_borne():
    usual = np.full((30, DAYS), 4.0)
    level = level_of(usual, np.random.default_rng(1), BEARABLE, APART)
    rng = np.random.default_rng(2)
    years = [tails(rng.poisson(usual).astype(float), usual)[:, QUIET_DAYS:] for _ in range(20)]
    told = sum((told_apart(p, APART) <= level).sum() for p in years)
    months = len(years) * (DAYS - QUIET_DAYS) / 30.44
    assert 0.6 <= told / months <= 1.1


def test_the_oracle_finds_what_chance_does_not_bring_and_no_more():
    rng = np.random.default_rng(3)
    found = found_by_oracle(*year(rng, (5.0, 1.05)), 3, rng, sorts=1, apart=APART)
    assert found == {"all": [True, False], "planted": [True, False]}


def year(rng, factors):
    """Tickets of six lines, of which the first ones surge."""
    plants, day, line, whose = [], [], [], []
    for number in range(6):
        own = np.repeat(np.arange(DAYS), rng.poisson(6.0, DAYS))
        day.append(own)
        line += [f"L{number}"] * len(own)
        whose += [-1] * len(own)
    for number, factor in enumerate(factors):
        plants.append(Plant(200, 10, factor, {"line": f"L{number}"}))
        own = np.repeat(np.arange(200, 210), rng.poisson(6.0 * (factor - 1), 10))
        day.append(own)
        line += [f"L{number}"] * len(own)
        whose += [number] * len(own)
    return Seen(np.concatenate(day), np.array(whose), {"line": np.array(line, object)}), plants


def test_each_sort_of_fields_has_an_equal_part_of_the_budget():
    """However many series of one sort there are, those of the others are allowed no less."""
    watch = watched(quiet(50, per_day=40.0), 50)
    watch.run()
    family = watch.families[0]
    series, among = family.watched(watch.window().only(family.mask))
    parts = {}
    for each, shared in zip(series.tolist(), among.tolist(), strict=True):
        sort = tuple(name for name, _ in family.incidence.keys[each])
        parts[sort] = parts.get(sort, 0.0) + 1 / shared
    assert len(parts) == 5
    assert list(parts.values()) == pytest.approx([1 / 5] * 5)
