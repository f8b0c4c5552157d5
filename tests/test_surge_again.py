"""An event that is told again: it grows above its own level."""

from dataclasses import replace

import numpy as np
import pytest

from service.alerts.files import markdown
from tests.surge_fakes import day, event, quiet, settings, stories
from triage.rules.rulebook import Rulebook
from triage.surge.alerts import find_alerts
from triage.surge.draft import write_draft
from triage.surge.families import PhraseFamily
from triage.surge.growth import grown_again
from triage.surge.wire import alerts_json
from triage.taxonomy import load_taxonomy

DAYS, FIRST = 75, 60


def since_first(tickets):
    return [each for each in stories(tickets, 85) if each.told >= day(FIRST)]


@pytest.mark.parametrize("seed", range(3))
def test_an_event_that_goes_on_is_told_again_when_it_grows_anew(seed):
    going = quiet(85, seed=seed) + event(FIRST, 20, 18, line="fee_dispute")
    (steady,) = since_first(going)
    assert steady.again == ()
    (story,) = since_first(going + event(FIRST + 12, 8, 28, name="F", line="fee_dispute"))
    assert story.told == steady.told
    (again,) = story.again
    assert day(FIRST + 12) <= again <= day(FIRST + 14)


def test_an_event_is_not_told_again_while_it_begins():
    begins = [
        each
        for n in range(5)
        for each in event(FIRST + n, 15, 5, name=f"E{n}", seed=n, line="fee_dispute")
    ]
    (story,) = stories(quiet(DAYS) + begins, DAYS)
    assert story.again == ()


@pytest.mark.parametrize(("usual", "level"), [(2.0, 4.0), (6.0, 3.0), (20.0, 1.0)])
def test_an_event_at_its_level_grows_anew_no_more_often_than_is_borne(usual, level):
    rng, setting = np.random.default_rng(4), settings()
    windows = np.array(setting.windows)
    count = rng.poisson(usual * level, (5000, windows[-1])).cumsum(axis=1)[:, windows - 1] * 1.0
    mean, family = usual * windows, PhraseFamily(setting)
    p = np.array([grown_again(each, mean, mean, family, setting) for each in count])
    for borne in (0.1, 0.01):
        by_chance = 3 * (borne / len(p)) ** 0.5
        assert 0 < (p <= borne).mean() <= borne + by_chance
    doubled = count.mean(axis=0) + windows[0] * usual * level * np.minimum(windows, 3)
    assert grown_again(doubled, mean, mean, family, setting) < 0.05


def test_an_event_told_again_says_so():
    taxonomy = load_taxonomy()
    going = quiet(85) + event(FIRST, 20, 18, line="fee_dispute")
    alerts = find_alerts(going, settings(), taxonomy, since=day(FIRST), until=day(84))
    (story,) = alerts.stories
    again = replace(alerts, stories=(replace(story, again=(day(FIRST + 9), day(FIRST + 17))),))
    text = markdown(write_draft(again, taxonomy, Rulebook.load(taxonomy=taxonomy)))
    assert "首次提示，2026年5月10日再次升温，2026年5月18日再次升温。" in text
    assert "投诉再次增多" in text or "投诉再次集中出现" in text
    told = alerts_json(again, taxonomy)["surges"][0]["again"]
    assert told == ["2026-05-10", "2026-05-18"]
