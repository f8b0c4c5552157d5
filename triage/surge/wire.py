"""Alerts as the JSON object of files and of HTTP."""

from __future__ import annotations

from typing import Any

from triage.surge.alerts import Alerts
from triage.surge.incidence import Key
from triage.surge.stories import Story
from triage.surge.wording import headline, name_of
from triage.taxonomy import Taxonomy


def alerts_json(alerts: Alerts, taxonomy: Taxonomy) -> dict[str, Any]:
    """Give the JSON object of a period's alerts; no narrative is in it."""
    return {
        "since": alerts.since.isoformat(),
        "until": alerts.until.isoformat(),
        "tickets": alerts.tickets,
        "counted": alerts.counted,
        "surges": [story_json(each, taxonomy) for each in alerts.stories],
        "major": [{"id": each.ticket.id, "why": list(each.why)} for each in alerts.majors],
        "typical": [each.typical for each in alerts.stories if each.typical],
    }


def story_json(story: Story, taxonomy: Taxonomy) -> dict[str, Any]:
    """Give the JSON object of one surge."""
    return {
        "id": story.id,
        "headline": headline(story, taxonomy),
        "series": _series(story.key, taxonomy),
        "seen_in": [_series(key, taxonomy) for key in story.others],
        "since": story.since.isoformat(),
        "told": story.told.isoformat(),
        "again": [day.isoformat() for day in story.again],
        "last": story.last.isoformat(),
        "closed": story.closed.isoformat() if story.closed else None,
        "count": story.count,
        "expected": round(story.expected, 2),
        "growth": round(story.growth, 2),
        "p": story.p,
        "phrases": list(story.phrases),
        "typical": story.typical,
        "tickets": list(story.tickets),
        "repeats": list(story.repeats),
        "templates": [
            {"tickets": list(each.tickets), "customers": each.customers} for each in story.templates
        ],
    }


def _series(key: Key, taxonomy: Taxonomy) -> dict[str, Any]:
    return {"name": name_of(key, taxonomy), "fields": dict(key)}
