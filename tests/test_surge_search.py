"""Tickets that come in one after the other: what is told is what a search of all at once tells."""

import random
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from tests.surge_fakes import day, event, quiet, settings, ticket
from triage.surge import prepare as preparing
from triage.surge import search as searching
from triage.surge.alerts import alerts_of, find_alerts
from triage.surge.phrasebook import PhraseBook
from triage.surge.phrases import Lexicon, phrases_of_codes
from triage.surge.prepare import prepare
from triage.surge.search import Search
from triage.surge.watch import Watch
from triage.taxonomy import load_taxonomy

DAYS, FIRST, LATER = 66, 54, 60
SAID = (
    "年费",
    "利息",
    "积分",
    "额度",
    "转账",
    "短信",
    "柜台",
    "排队",
    "密码",
    "挂失",
    "分期",
    "房贷",
)
TAXONOMY = load_taxonomy()


def written(rng, size):
    """Write a text of common words, and now and then of one that is rare."""
    words = [rng.choice(SAID) for _ in range(size)]
    return "，".join([*words, chr(0x4E00 + rng.randrange(900)) * 2])


@pytest.fixture(scope="module")
def year():
    """Tickets in their own words; at the end a surge of a line, and a new name in the texts."""
    rng = random.Random(8)
    found = quiet(DAYS, per_day=14.0)
    found += [
        ticket(f"E{n}-{each}", n, np.random.default_rng(n), line="fraud", unit="支行02")
        for n in range(FIRST, DAYS)
        for each in range(9)
    ]
    told = []
    for each in found:
        text = written(rng, 4)
        if each.id.startswith("E") and rng.random() < 0.6:
            text += f"，在云盾盈里{rng.choice(SAID)}"
        matter = rng.choice((None, *(f"M{n}" for n in range(400))))
        cluster = f"T{rng.randrange(9)}" if rng.random() < 0.05 else None
        told.append(replace(each, text=text, phrases=(), matter=matter, cluster=cluster))
    return told


def at_once(tickets, until, since):
    """Search all tickets anew."""
    ready = prepare(tickets, settings(), None, until=until)
    return find_alerts(ready, settings(), TAXONOMY, since=since, until=until)


def same(found, wanted):
    """Tell whether the same was found: of texts, what the alerts hold of them."""
    assert found.stories == wanted.stories
    assert (found.tickets, found.counted) == (wanted.tickets, wanted.counted)
    assert found.majors == wanted.majors
    assert found.by_id == wanted.by_id


@pytest.mark.parametrize("seed", range(2))
def test_whatever_comes_when_is_told_as_if_all_were_there_at_once(year, seed, monkeypatch):
    monkeypatch.setattr(preparing, "ENOUGH", 100)
    monkeypatch.setattr(searching, "ENOUGH", 100)
    rng = random.Random(seed)
    order = sorted(year, key=lambda each: each.received + timedelta(days=rng.choice((0, 0, 0, 9))))
    start = sum(each.received < day(LATER) for each in order) - 60
    known = {each.id: each for each in order[:start]}
    search, went_on, told = Search(settings(), repeat_days=90), 0, 0
    while start < len(order):
        some = order[start : start + rng.choice((1, 1, 3, 20, 45))]
        start += len(some)
        known |= {each.id: each for each in some}
        for ident in rng.sample(list(known), rng.choice((0, 0, 0, 2))):
            known[ident] = changed(rng, known[ident])
        until = max(each.received for each in known.values())
        search.look(known, until)
        since = until - timedelta(days=29)
        found = alerts_of(search.watch, TAXONOMY, since=since, until=until)
        went_on += search.went_on
        told += len(found.stories)
        if rng.random() < 0.12 or start == len(order):
            same(found, at_once(list(known.values()), until, since))
    assert went_on > 5
    assert told


def changed(rng, each):
    """Read a ticket otherwise, or find that it is another's matter, or of a template."""
    return rng.choice(
        (
            replace(each, line=rng.choice(("fraud", "fee_dispute"))),
            replace(each, cluster=f"T{rng.randrange(9)}"),
            replace(each, matter=f"M{rng.randrange(400)}"),
            replace(each, signals=("media",)),
        )
    )


def test_who_said_it_before_it_was_a_phrase_counts_for_what_is_expected(year, monkeypatch):
    monkeypatch.setattr(preparing, "ENOUGH", 100)
    monkeypatch.setattr(searching, "ENOUGH", 100)
    calm = [each for each in year if each.id.startswith("Q")]
    rng, until = random.Random(5), day(DAYS - 1)

    def naming(ident, number):
        text = f"{written(rng, 4)}，桐花宝，{written(rng, 4)}"
        return ticket(ident, number, np.random.default_rng(number), text=text, phrases=())

    known = {each.id: each for each in [*calm, *(naming(f"O{n}", 15 * n) for n in (1, 2, 3))]}
    search = Search(settings(), repeat_days=90)
    search.look(known, until)
    alerts_of(search.watch, TAXONOMY, since=day(0), until=until)
    for number in range(7):
        known |= {f"N{number}": naming(f"N{number}", DAYS - 1)}
        search.look(known, until)
        found = alerts_of(search.watch, TAXONOMY, since=day(0), until=until)
        assert search.went_on
    same(found, at_once(list(known.values()), until, day(0)))
    assert any("桐花宝" in phrase for story in found.stories for phrase in story.phrases)


def test_an_event_is_one_alert_from_day_to_day_closed_when_over_and_taken_up_again(monkeypatch):
    monkeypatch.setattr(preparing, "ENOUGH", 100)
    monkeypatch.setattr(searching, "ENOUGH", 100)
    start, again, end = 62, 76, 88
    come = quiet(end) + event(start, 4, 18, line="fee_dispute")
    come += event(again, 4, 18, name="F", line="fee_dispute")
    search, course = Search(settings(), repeat_days=90), []
    for number in range(start - 1, end):
        known = {each.id: each for each in come if each.received <= day(number)}
        since = day(number - 29)
        search.look(known, day(number))
        found = alerts_of(search.watch, TAXONOMY, since=since, until=day(number))
        course.append([(story.id, story.closed is None) for story in found.stories])
    told = [each[0] for each in course if each]
    assert all(len(each) <= 1 for each in course)
    assert len({ident for ident, _ in told}) == 1
    turns = [open_ for n, (_, open_) in enumerate(told) if n == 0 or told[n - 1][1] != open_]
    assert turns == [True, False, True, False]


def test_what_is_not_touched_is_not_looked_at_again(year, monkeypatch):
    monkeypatch.setattr(searching, "ENOUGH", 100)
    monkeypatch.setattr(preparing, "ENOUGH", 100)
    known = {each.id: each for each in year if each.received < day(DAYS - 1)}
    search = Search(settings(), repeat_days=90)
    search.look(known, day(DAYS - 1))
    search.watch.run()
    looked = []
    monkeypatch.setattr(Watch, "look", lambda _, number: looked.append(number))
    late = [each for each in year if each.received == day(DAYS - 1)]
    search.look(known | {late[0].id: late[0]}, day(DAYS - 1))
    search.watch.run()
    assert search.went_on
    assert looked == [DAYS - 1]


@pytest.mark.parametrize("what", ["gone", "reworded", "many", "old", "month"])
def test_what_changes_all_is_searched_anew(year, what, monkeypatch):
    monkeypatch.setattr(preparing, "ENOUGH", 100)
    monkeypatch.setattr(searching, "ENOUGH", 100)
    until = day(DAYS - 20)
    known = {each.id: each for each in year if each.received < until}
    search = Search(settings(), repeat_days=90)
    search.look(known, until)
    first = next(iter(known))
    later = [each for each in year if each.received == until]
    other = {
        "gone": {ident: each for ident, each in known.items() if ident != first},
        "reworded": known | {first: replace(known[first], text="[已删除]")},
        "many": known | {f"N{n}": replace(later[0], id=f"N{n}") for n in range(900)},
        "old": known | {"O": replace(known[first], id="O")},
        "month": known,
    }[what]
    end = until + timedelta(days=31 if what == "month" else 0)
    search.look(other, end)
    assert not search.went_on
    found = alerts_of(search.watch, TAXONOMY, since=day(0), until=end)
    same(found, at_once(list(other.values()), end, day(0)))


@pytest.mark.parametrize("seed", range(6))
def test_phrases_of_texts_that_come_later_are_those_of_all_at_once(seed):
    rng, lexicon, rule = random.Random(seed), Lexicon(), settings().phrases
    some = [*"[]，1_的", "3.5", "A", *SAID, *(f"词{chr(0x4E00 + n)}" for n in range(40 * seed))]

    def texts(most):
        return [
            lexicon.code(rng.choices(some, k=rng.randrange(20))) for _ in range(rng.randrange(most))
        ]

    known = texts(120)
    usual = np.array([rng.random() < 0.6 for _ in known], dtype=np.bool_)
    book = PhraseBook(known, usual, lexicon, rule)
    for _ in range(8):
        before, new = [*book.phrases], texts(rng.choice((4, 4, 90)))
        more = book.add(new)
        known, usual = known + new, np.append(usual, np.zeros(len(new), dtype=np.bool_))
        assert book.phrases == phrases_of_codes(known, lexicon, rule, usual=usual)
        assert {n for n, own in enumerate(before) if own != book.phrases[n]} <= set(more)
