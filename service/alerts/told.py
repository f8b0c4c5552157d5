"""What is told of a period; as JSON too, so that another process of the service tells the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from triage.surge.sections import Draft


@dataclass(frozen=True)
class Findings:
    """The alerts of a period: as a draft, as data without narratives, and who was erased by then.

    `erased` are the tickets behind them that had no words any more when they were read.
    """

    draft: Draft
    body: dict[str, Any]
    erased: frozenset[str] = frozenset()

    @cached_property
    def items(self) -> list[dict[str, Any]]:
        """Give all that is told, one after the other, each with the tickets behind it."""
        surges = [{"kind": "surge", **each} for each in self.body["surges"]]
        majors = [{"kind": "major", **each, "tickets": [each["id"]]} for each in self.body["major"]]
        typical = [
            {
                "kind": "typical",
                "id": each["typical"],
                "of": each["id"],
                "tickets": [each["typical"]],
            }
            for each in self.body["surges"]
            if each["typical"]
        ]
        return [*surges, *majors, *typical]


@dataclass(frozen=True, slots=True)
class Told:
    """All that is told of a period, and each of its events by itself."""

    whole: Findings
    events: tuple[Findings, ...]


def told_json(told: Told) -> dict[str, Any]:
    """Give all that is told of a period as data."""
    return {"whole": _json(told.whole), "events": [_json(each) for each in told.events]}


def told_of(data: dict[str, Any]) -> Told:
    """Give what such data tell."""
    return Told(_findings(data["whole"]), tuple(_findings(each) for each in data["events"]))


def draft_from(data: Mapping[str, Any]) -> Draft:
    """Give the draft of which such data were kept."""
    from triage.surge.sections import Draft, Section

    made = (
        Section(
            each["heading"],
            each["level"],
            text=tuple(each["text"]),
            points=tuple((name, told) for name, told in each["points"]),
            rows=tuple(tuple(row) for row in each["rows"]),
        )
        for each in data["sections"]
    )
    return Draft(data["title"], tuple(made))


def _json(found: Findings) -> dict[str, Any]:
    return {"draft": asdict(found.draft), "body": found.body, "erased": sorted(found.erased)}


def _findings(data: dict[str, Any]) -> Findings:
    return Findings(draft_from(data["draft"]), data["body"], frozenset(data["erased"]))
