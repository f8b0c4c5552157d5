"""All that is told of a period: surges (频发), major tickets (重大), typical ones (典型)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from triage.rules.calendar import Calendar
from triage.surge.families import PhraseFamily
from triage.surge.incidence import PHRASE
from triage.surge.major import Major, majors
from triage.surge.settings import Settings
from triage.surge.stories import Running, Story, Template
from triage.surge.telling import telling
from triage.surge.tickets import SurgeTicket, count_once
from triage.surge.typical import most_central
from triage.surge.watch import Watch
from triage.taxonomy import Taxonomy


@dataclass(frozen=True, slots=True)
class Alerts:
    """What is told of a period, both days included.

    Attributes
    ----------
    since, until : date
    tickets : int
        Received in the period.
    counted : int
        Of those, repeats and templates counted once.
    stories : tuple of Story
        Told or still going on in the period, the newest first.
    majors : tuple of Major
        Received in the period.
    by_id : mapping of str to SurgeTicket
        The tickets behind them.
    """

    since: date
    until: date
    tickets: int
    counted: int
    stories: tuple[Story, ...]
    majors: tuple[Major, ...]
    by_id: dict[str, SurgeTicket]


def find_alerts(
    tickets: Sequence[SurgeTicket],
    settings: Settings,
    taxonomy: Taxonomy,
    *,
    since: date,
    until: date,
    repeat_days: int = 90,
    calendar: Calendar | None = None,
) -> Alerts:
    """Look at every day up to `until`, and give what is told of a period.

    Parameters
    ----------
    tickets : sequence of SurgeTicket
        In any order; the more of the past there is, the better is what is expected.
    settings : Settings
    taxonomy : Taxonomy
        Names and tiers of signals.
    since, until : date
        The period, both days included.
    repeat_days : int
        For so long a customer's same matter, or a template, counts once.
    calendar : Calendar, optional
    """
    known = [ticket for ticket in tickets if ticket.known <= until]
    again, worded = timedelta(days=repeat_days), timedelta(days=settings.longest)
    counted = count_once(known, window=again, wording_window=worded)
    watch = Watch(counted, settings, until=until, calendar=calendar)
    return alerts_of(watch, taxonomy, since=since, until=until)


def alerts_of(watch: Watch, taxonomy: Taxonomy, *, since: date, until: date) -> Alerts:
    """Let a watch look at the days it has not looked at, and give what is told of a period."""
    stories = stories_of(watch, since=since)
    counted = watch.counted
    inside = [since <= ticket.received <= until for ticket in counted.tickets]
    whole = [t for t, within in zip(counted.tickets, inside, strict=True) if within]
    major = majors(whole, watch.settings.major, taxonomy)
    behind = {ident for story in stories for ident in story.tickets}
    behind |= {each.ticket.id for each in major}
    return Alerts(
        since,
        until,
        len(whole),
        sum(c for c, within in zip(counted.counts, inside, strict=True) if within),
        tuple(sorted(stories, key=lambda each: (each.told, each.id), reverse=True)),
        major,
        {ticket.id: ticket for ticket in counted.tickets if ticket.id in behind},
    )


def stories_of(watch: Watch, *, since: date = date.min) -> list[Story]:
    """Let a watch look, and give its stories in the order in which they were told.

    Those that were told and over before a day are left out.
    """

    def name(_day: int) -> None:
        for story in watch.running:
            if story.closed is None:
                story.phrases = phrases_of(watch, story)

    running = watch.run(name)
    shown = [
        (number, each)
        for number, each in enumerate(running)
        if each.closed is None or watch.date(max(each.told, each.closed)) >= since
    ]
    beside = _beside(watch, min((each.since for _, each in shown), default=None))
    return [_story(watch, number, each, beside) for number, each in shown]


def phrases_of(watch: Watch, story: Running) -> tuple[str, ...]:
    """Give what the tickets of a running story say and others, as of today, do not."""
    family = next(each for each in watch.families if isinstance(each, PhraseFamily))
    tickets = np.array(list(story.tickets), dtype=np.int64)
    tickets = tickets[family.mask[tickets]]
    _, found = family.incidence.of(tickets)
    found = found[family.told(found)]
    series, counts = np.unique(found, return_counts=True)
    usual = len(tickets) * family.shares(series)
    names = [family.incidence.keys[each][0][1] for each in series.tolist()]
    return telling(
        dict(zip(names, counts.tolist(), strict=True)),
        dict(zip(names, usual.tolist(), strict=True)),
        named=watch.settings.phrases.named,
        least=watch.settings.phrases.named_share * len(tickets),
        first=[v for key in (story.key, *story.others) for field, v in key if field == PHRASE],
    )


def _story(watch: Watch, number: int, own: Running, beside: dict[str, list[int]]) -> Story:
    tickets = watch.counted.tickets
    inside = [n for n in own.tickets if own.since <= watch.received[n] <= own.last]
    inside.sort(key=lambda n: (tickets[n].received, tickets[n].id))
    told = watch.date(own.told)
    repeats, templates = _not_counted(watch, inside, own, beside)
    return Story(
        id=f"A{told:%Y%m%d}-{1 + sum(o.told == own.told for o in watch.running[:number])}",
        key=own.key,
        others=tuple(own.others),
        since=watch.date(own.since),
        told=told,
        last=watch.date(own.last),
        closed=None if own.closed is None else watch.date(own.closed),
        count=len(inside),
        expected=sum(v for day, v in own.expected.items() if own.since <= day <= own.last),
        p=own.p,
        phrases=own.phrases,
        tickets=tuple(tickets[n].id for n in inside),
        repeats=repeats,
        templates=templates,
        again=tuple(watch.date(day) for day in own.again),
        typical=most_central([tickets[n] for n in inside]),
    )


def _beside(watch: Watch, since: int | None) -> dict[str, list[int]]:
    """Tickets from a day on by customer's matter and by template."""
    found: dict[str, list[int]] = defaultdict(list)
    if since is None:
        return found
    for number in np.flatnonzero(watch.received >= since).tolist():
        for key in watch.counted.tickets[number].people():
            found["|".join(key)].append(number)
    return found


def _not_counted(
    watch: Watch, inside: list[int], own: Running, beside: dict[str, list[int]]
) -> tuple[tuple[str, ...], tuple[Template, ...]]:
    """Give the tickets that belong to those counted and do not count: repeats, templates."""
    tickets, repeats, templates = watch.counted.tickets, set[str](), {}
    for number in inside:
        for key in tickets[number].people():
            near = [n for n in beside["|".join(key)] if own.since <= watch.received[n]]
            ids = tuple(tickets[n].id for n in near)
            if key[0] == "matter":
                repeats.update(set(ids) - {tickets[number].id})
            elif len(near) > 1:
                people = {tickets[n].customer_ref or tickets[n].id for n in near}
                templates[key[1]] = Template(key[1], ids, len(people))
    return tuple(sorted(repeats)), tuple(templates.values())
