"""What is told of many tickets: one alert of one event, and none of noise."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.surge_fakes import day, event, quiet, settings, stories, ticket, with_part
from triage.rules.calendar import default_calendar

DAYS = 75
FIRST = 60
NEWS = {"line": "fee_dispute", "unit": "支行02"}


@pytest.fixture(scope="module")
def base():
    return quiet(DAYS)


def test_noise_gives_no_more_than_an_alert_a_month():
    months = 6 * (160 - 34) / 30.44
    told = sum(len(stories(quiet(160, seed=seed), 160)) for seed in range(6))
    assert told <= months


def test_an_event_is_told_once_with_its_growth(base):
    (story,) = stories(base + event(FIRST, 8, 12, line="fee_dispute"), DAYS)
    assert dict(story.key) == {"line": "fee_dispute"}
    assert day(FIRST) <= story.told <= day(FIRST + 2)
    assert abs((story.since - day(FIRST)).days) <= 1
    assert 2 < story.growth < 5
    assert story.count == len(story.tickets)
    assert story.typical in story.tickets


def test_series_that_one_event_drives_are_one_story(base):
    (story,) = stories(base + event(FIRST, 8, 15, channel="app", **NEWS), DAYS)
    assert dict(story.key).items() >= NEWS.items() or dict(story.key)["line"] == "fee_dispute"


def test_two_events_at_once_are_two_stories(base):
    both = event(FIRST, 6, 16, **NEWS)
    both += event(FIRST, 6, 16, name="F", seed=3, line="card_service", unit="支行03")
    told = stories(base + both, DAYS)
    assert {dict(story.key)["line"] for story in told} == {"fee_dispute", "card_service"}
    assert len(told) == 2


def test_what_is_over_is_closed_and_what_goes_on_is_not():
    long, tickets = 90, quiet(90) + event(FIRST, 6, 15, line="fee_dispute")
    (over,) = stories(tickets, long)
    assert over.closed is not None
    assert day(FIRST + 5) <= over.last < over.closed <= day(FIRST + 15)
    (going,) = stories([t for t in tickets if t.received < day(FIRST + 5)], FIRST + 5)
    assert going.closed is None


def test_an_event_that_comes_again_soon_is_the_same_story():
    pulses = event(FIRST, 4, 18, line="fee_dispute")
    pulses += event(FIRST + 14, 4, 18, name="F", line="fee_dispute")
    (story,) = stories(quiet(85) + pulses, 85)
    assert story.again == (day(FIRST + 14),)


def test_an_event_that_comes_again_when_it_was_long_over_is_told_anew():
    pulses = event(FIRST, 4, 18, line="fee_dispute")
    pulses += event(FIRST + 24, 4, 18, name="F", line="fee_dispute")
    first, second = stories(quiet(95) + pulses, 95)
    assert first.closed + timedelta(days=settings().story.again_days) < second.told
    assert second.told >= day(FIRST + 24)


def test_what_lasts_becomes_the_new_level():
    setting = with_part("story", longest_days=10)
    lasting = event(FIRST, 60, 12, line="fee_dispute")
    (story, *more) = stories(quiet(120) + lasting, 120, setting)
    assert story.closed is not None
    assert story.closed <= day(FIRST + 12)
    assert [each for each in more if dict(each.key).get("line") == "fee_dispute"] == []


def test_a_level_that_moves_for_all_alike_is_no_surge_of_one():
    told = stories(quiet(DAYS, factor=lambda number: 1.45 if number > 50 else 1.0), DAYS)
    assert [story for story in told if story.key] == []


def test_holidays_and_the_rush_after_them_do_not_alarm():
    calendar = default_calendar()

    def factor(number):
        on = day(number)
        if not calendar.is_working_day(on):
            return 0.4
        rest = [calendar.is_working_day(day(number - back)) for back in (1, 2, 3)]
        return 1.0 if any(rest) else 1.4

    rushes = [n for n in range(100) if factor(n) == 1.4]
    assert rushes  # 1 May lies in it
    near = {day(rush + off) for rush in rushes for off in range(-5, 4)}
    for seed in range(4):
        told = stories(quiet(100, seed=seed, per_day=40, factor=factor), 100)
        assert [story for story in told if story.told in near] == []


def test_a_template_counts_once_however_many_send_it(base):
    sent = event(FIRST, 6, 15, cluster="L1", **NEWS)
    assert stories(base + sent, DAYS) == []


def test_a_template_within_a_surge_is_flagged(base):
    real = event(FIRST, 6, 14, **NEWS)
    sent = event(FIRST, 6, 3, name="L", cluster="L1", **NEWS)
    (story,) = stories(base + real + sent, DAYS)
    (template,) = story.templates
    assert len(template.tickets) == template.customers == 18
    assert sum(ident.startswith("L") for ident in story.tickets) == 1


def test_a_customer_who_comes_again_counts_once(base):
    again = event(FIRST, 6, 15, customer_ref="C-one", **NEWS)
    assert stories(base + again, DAYS) == []


def test_repeats_within_a_surge_are_named_and_not_counted(base):
    real = event(FIRST, 6, 14, **NEWS)
    again = [replace(each, id=f"R{each.id}") for each in real[:20]]
    (story,) = stories(base + real + again, DAYS)
    (plain,) = stories(base + real, DAYS)
    assert story.count == plain.count
    assert len(story.repeats) == 20


def test_late_tickets_count_on_their_own_day(base):
    spread = [
        ticket(f"L{number}", number % FIRST, recorded=day(FIRST), line="fee_dispute")
        for number in range(90)
    ]
    assert stories(base + spread, DAYS) == []


def test_a_late_ticket_of_a_surge_is_known_from_the_day_of_its_record(base):
    late = [
        replace(each, recorded=day(FIRST + 5)) for each in event(FIRST, 3, 25, line="fee_dispute")
    ]
    (story,) = stories(base + late, DAYS)
    assert story.told == day(FIRST + 5)
    assert story.since <= day(FIRST + 2)
    assert len(set(story.tickets)) == len(story.tickets)


def test_a_new_phrase_is_named_soon_though_its_line_is_not_more_frequent(base):
    said = [
        replace(each, phrases=(*each.phrases, "云盾", "云盾盈"))
        if each.received >= day(FIRST) and each.id.endswith(("1", "5"))
        else each
        for each in base
    ]
    (story,) = stories(said, DAYS)
    assert story.by_phrase
    assert story.phrases[0] == "云盾盈"
    assert story.told <= day(FIRST + 2)


def test_the_same_words_again_are_no_new_phrase(base):
    copied = event(
        FIRST, 5, 1, phrases=("云盾盈",), wording="w", line=None, unit=None, channel=None
    )
    copied = [replace(each, customer_ref=None) for each in copied]
    assert stories(base + copied, DAYS) == []


def test_all_tickets_at_once_are_one_story():
    (story,) = stories(quiet(DAYS, factor=lambda number: 2.5 if number >= FIRST else 1.0), DAYS)
    assert story.key == ()


def test_nothing_is_told_before_there_is_a_baseline():
    days = settings().baseline.least_days + settings().longest - 2
    assert stories(quiet(days) + event(days - 5, 5, 40, **NEWS), days) == []


def test_no_tickets_no_stories():
    assert stories([], 1) == []


def test_the_order_of_the_tickets_does_not_matter(base):
    tickets = base + event(FIRST, 6, 14, **NEWS)
    assert stories(tickets, DAYS) == stories(tickets[::-1], DAYS)


def test_tomorrow_changes_nothing_told_today(base):
    """What was told on a day is told whatever comes after it."""
    tickets = base + event(FIRST, 10, 14, **NEWS)
    (early,) = stories([t for t in tickets if t.received <= day(FIRST + 3)], FIRST + 4)
    (late,) = stories(tickets, DAYS)
    assert (early.id, early.told) == (late.id, late.told)


def test_a_day_of_few_tickets_that_all_come_one_way_is_no_surge():
    """With none by another channel, none was expected by this one: nothing follows from that."""
    assert stories(quiet(61, per_day=10), 61) == []
