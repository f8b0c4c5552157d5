"""Champion and challenger on the same tickets: where they agree, who is right, whose risk is up.

Intervals are at 95 % and over customers, because tickets of one customer stand or fall together.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np

from service.feedback.rows import exported
from service.feedback.settings import Feedback
from service.shadow.acts import described, moment
from service.store import shadows
from service.store.database import Database, Session
from service.store.shadows import Pair, Said, ShadowRecord
from triage.errors import InvalidInput
from triage.evaluation import Floats, Interval, bootstrap
from triage.intervals import wilson

_MOST = 20_000
_SHOWN = 20
# A difference of risk that anybody would look at.
_APART = 0.001
Figure = dict[str, Any]
Marks = Sequence[float] | Floats


class _Tickets:
    """Tickets that both answered, with the number of each one's customer."""

    def __init__(self, pairs: Sequence[Pair]) -> None:
        self.pairs = pairs
        names = [pair.customer_ref or f"ticket {pair.ticket_id}" for pair in pairs]
        place = {name: number for number, name in enumerate(dict.fromkeys(names))}
        self._customers = np.array([place[name] for name in names], dtype=np.int64)

    def mean(self, marks: Marks, weights: Marks | None = None) -> Figure | None:
        """Give a mean with its interval; marks that are nan are of tickets that are not counted."""
        values = np.asarray(marks, dtype=np.float64)
        kept = np.flatnonzero(~np.isnan(values))
        if not len(kept):
            return None
        weighed = np.ones(len(kept)) if weights is None else np.asarray(weights)[kept]
        _, groups = np.unique(self._customers[kept], return_inverse=True)
        above = np.bincount(groups, weights=values[kept] * weighed)
        below = np.bincount(groups, weights=weighed)
        found = bootstrap(
            lambda rows: float(above[rows].sum() / below[rows].sum()), rows=len(below)
        )
        return {"tickets": len(kept), **_told(found)}

    def share(self, marks: Marks) -> Figure | None:
        """Give a share; where all or none are marked, the interval is that of so many customers."""
        found = self.mean(marks)
        if found is None or 0.0 < found["value"] < 1.0:
            return found
        kept = np.flatnonzero(~np.isnan(np.asarray(marks)))
        whole = len(np.unique(self._customers[kept]))
        low, high = wilson(round(found["value"] * whole), whole)
        return found | {"low": round(low, 4), "high": round(high, 4)}

    def both(self, mark: Callable[[Said, Pair], float], weights: Marks | None = None) -> Figure:
        """Give a figure of each model, and the paired change from champion to challenger."""
        sides = self._sides(mark)
        return {
            "champion": self.mean(sides[0], weights),
            "challenger": self.mean(sides[1], weights),
            "change": self.mean(sides[1] - sides[0], weights),
        }

    def _sides(self, mark: Callable[[Said, Pair], float]) -> tuple[Floats, Floats]:
        rows = [(mark(one, pair), mark(two, pair)) for one, two, pair in self]
        left, right = np.array(rows, dtype=np.float64).reshape(-1, 2).T
        return left, right

    def __iter__(self) -> Any:
        """Give what champion and challenger said, ticket by ticket."""
        for pair in self.pairs:
            assert pair.challenger is not None  # noqa: S101 - those that failed are not here
            yield pair.champion, pair.challenger, pair


def report(
    database: Database, feedback: Feedback, ident: int, *, now: datetime | None = None
) -> dict[str, Any]:
    """Compare what a challenger and the champion said of the same tickets.

    Parameters
    ----------
    database : Database
    feedback : Feedback
        How much a reviewed ticket stands for.
    ident : int
        Number of the shadow.

    Returns
    -------
    dict
        JSON-able; see docs/shadow.md. A figure is None where no ticket has it.
    """
    shadow = database.ask(lambda session: _shadow(session, ident))
    found = database.ask(lambda session: list(shadows.pairs(session, ident, limit=_MOST)))
    champion = found[0].champion_version if found else None
    answered = [pair for pair in found if pair.challenger is not None]
    same = [pair for pair in answered if pair.champion_version == champion]
    labels = {} if not same else _labels(database, feedback, shadow)
    moments = [pair.received_at for pair in same]
    return {
        "at": moment(now or datetime.now(UTC)),
        **described(shadow),
        "champion": champion,
        "tickets": len(same),
        "failed": len(found) - len(answered),
        "other_champions": len(answered) - len(same),
        "waiting": database.ask(lambda session: _behind(session, shadow)),
        "since": moment(min(moments, default=None)),
        "until": moment(max(moments, default=None)),
        **_compared(_Tickets(same), labels),
    }


def _compared(tickets: _Tickets, labels: Mapping[str, tuple[str, float]]) -> dict[str, Any]:
    pairs = tickets.pairs
    reviewed = [pair for pair in pairs if pair.ticket_id in labels]
    return {
        "agreement": _agreement(tickets),
        "given": tickets.both(lambda said, _: float(said.line is not None)),
        "risk": _risk(tickets),
        "reviewed": _reviewed(_Tickets(reviewed), labels),
        "changes": _changes(tickets),
        "apart": _apart(tickets, labels),
    }


def _agreement(tickets: _Tickets) -> dict[str, Figure | None]:
    nan = float("nan")
    both_given = [
        nan if one.line is None or two.line is None else float(one.line == two.line)
        for one, two, _ in tickets
    ]
    return {
        "line": tickets.share(both_given),
        "best_line": tickets.share([float(one.best == two.best) for one, two, _ in tickets]),
        "band": tickets.share([float(one.band == two.band) for one, two, _ in tickets]),
        "abstention": tickets.share(
            [float((one.line is None) == (two.line is None)) for one, two, _ in tickets]
        ),
    }


def _risk(tickets: _Tickets) -> dict[str, Any]:
    changes = [(two.risk or 0.0) - (one.risk or 0.0) for one, two, _ in tickets]
    bands = Counter((one.band, two.band) for one, two, _ in tickets if one.band != two.band)
    return {
        **tickets.both(lambda said, _: said.risk or 0.0),
        "distance": tickets.mean([abs(change) for change in changes]),
        "bands": [
            {"champion": one, "challenger": two, "tickets": count}
            for (one, two), count in bands.most_common()
        ],
    }


def _reviewed(tickets: _Tickets, labels: Mapping[str, tuple[str, float]]) -> dict[str, Any]:
    """Judge both by what reviewers settled; abstaining is neither right nor wrong."""
    weights = [labels[pair.ticket_id][1] for pair in tickets.pairs]

    def right(said: Said, pair: Pair) -> float:
        return float(said.line == labels[pair.ticket_id][0])

    def wrong(said: Said, pair: Pair) -> float:
        return float(said.line is not None and said.line != labels[pair.ticket_id][0])

    def best(said: Said, pair: Pair) -> float:
        return float(said.best == labels[pair.ticket_id][0])

    return {
        "tickets": len(tickets.pairs),
        "accuracy": tickets.both(best, weights),
        "right": tickets.both(right, weights),
        "wrong": tickets.both(wrong, weights),
    }


def _changes(tickets: _Tickets) -> list[dict[str, Any]]:
    lines = Counter((one.best, two.best) for one, two, _ in tickets if one.best != two.best)
    return [
        {"champion": one, "challenger": two, "tickets": count}
        for (one, two), count in lines.most_common(_SHOWN)
    ]


def _apart(tickets: _Tickets, labels: Mapping[str, tuple[str, float]]) -> list[dict[str, Any]]:
    def distance(one: Said, two: Said) -> float:
        told = (one.line != two.line) + (one.band != two.band)
        return told + abs((two.risk or 0.0) - (one.risk or 0.0))

    found = sorted(tickets, key=lambda each: -distance(each[0], each[1]))[:_SHOWN]
    return [
        {
            "ticket_id": pair.ticket_id,
            "reviewed": labels.get(pair.ticket_id, (None,))[0],
            "champion": _said(one),
            "challenger": _said(two),
        }
        for one, two, pair in found
        if distance(one, two) >= _APART
    ]


def _said(said: Said) -> dict[str, Any]:
    return {"line": said.line, "best": said.best, "band": said.band, "risk": said.risk}


def _labels(
    database: Database, feedback: Feedback, shadow: ShadowRecord
) -> dict[str, tuple[str, float]]:
    rows = exported(database, feedback, since=shadow.started_at).rows
    return {row["id"]: (row["line"], row["weight"]) for row in rows}


def _shadow(session: Session, ident: int) -> ShadowRecord:
    found = shadows.last(session)
    if found is None or found.id != ident:
        raise InvalidInput("no such challenger", cure="start one with `jiesu shadow start`")
    return found


def _behind(session: Session, shadow: ShadowRecord) -> int:
    return shadows.behind(session, shadow) if shadow.stopped_at is None else 0


def _told(found: Interval) -> Figure:
    return {name: round(getattr(found, name), 4) for name in ("value", "low", "high")}
