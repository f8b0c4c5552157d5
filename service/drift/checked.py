"""How sure the model was of the very tickets that were reviewed, and how often it was right."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from service.feedback.settings import Weights
from service.feedback.weights import Stratum, selected, stratum_of
from service.store.intakes import Intake, Opinion, Said
from service.store.records import Standing
from triage.intervals import wilson

# Other verdicts say nothing of the line.
_JUDGING = ("confirm", "correct")
_LINE = ("line", "subline")


class Pair(NamedTuple):
    """A ticket and what a reviewer said of it."""

    ticket: Intake
    opinion: Opinion


def checked(
    tickets: Sequence[Intake],
    opinions: Mapping[int, Opinion],
    drawn: Mapping[int, float],
    weights: Weights,
) -> dict[str, dict[str, Any]]:
    """Hold the model's confidence against verdicts on the same tickets.

    Parameters
    ----------
    tickets : sequence of Intake
        All that came in, oldest first, scored by one model.
    opinions : mapping of a ticket's number to Opinion
    drawn : mapping of a ticket's number to float
        Tickets that chance sent to review, with the share of that day.
    weights : Weights

    Returns
    -------
    dict
        `reviewed` counts each verdict once, `reviewed_weighted` for the tickets like it that were
        not reviewed, `reviewed_audit` the random slice alone, for the share that was drawn.
    """
    pairs = [
        Pair(ticket, opinion)
        for ticket in tickets
        if (opinion := opinions.get(ticket.id)) and opinion.said.scorer == ticket.said.scorer
    ]
    audit = [pair for pair in pairs if pair.ticket.id in drawn]
    return {
        "reviewed": figures(pairs, [1.0] * len(pairs)),
        "reviewed_weighted": figures(pairs, _weights(pairs, tickets, weights)),
        "reviewed_audit": figures(audit, [1 / drawn[pair.ticket.id] for pair in audit]),
    }


def figures(pairs: Sequence[Pair], weights: Sequence[float]) -> dict[str, Any]:
    """Give the figures of some verdicts, each with its 95 % interval.

    `estimated` and `verified` are of the tickets to which a line was given and whose verdict says
    something of it; overrides are of all.
    """
    said = [pair.opinion for pair in pairs]
    told = [
        (opinion, weight)
        for opinion, weight in zip(said, weights, strict=True)
        if opinion.said.named and opinion.kind in _JUDGING
    ]
    kept = [weight for _, weight in told]
    sure = [float(opinion.said.probability or 0.0) for opinion, _ in told]
    right = [float(not set(_LINE) & opinion.corrections.keys()) for opinion, _ in told]
    body: dict[str, Any] = {
        "verdicts": len(pairs),
        "named": len(told),
        "estimated": mean(sure, kept),
        **_with_ends("verified", right, kept),
        **_with_ends("overridden", [float(not one.agrees) for one in said], weights),
        **_with_ends(
            "line_overridden", [float("line" in one.corrections) for one in said], weights
        ),
    }
    return body


def mean(values: Sequence[float], weights: Sequence[float]) -> float | None:
    """Give a weighted mean; None of nothing."""
    if not values:
        return None
    return sum(v * w for v, w in zip(values, weights, strict=True)) / sum(weights)


def interval(share: float, weights: Sequence[float]) -> tuple[float, float]:
    """Give Wilson's 95 % interval of a weighted share.

    Weighted verdicts tell as much as (sum w)^2 / sum w^2 that weigh the same (Kish 1965).
    """
    count = sum(weights) ** 2 / sum(weight * weight for weight in weights)
    return wilson(share * count, count)


def _with_ends(name: str, values: Sequence[float], weights: Sequence[float]) -> dict[str, Any]:
    found = mean(values, weights)
    low, high = (None, None) if found is None else interval(found, weights)
    return {name: found, f"{name}_low": low, f"{name}_high": high}


def _weights(pairs: Sequence[Pair], tickets: Sequence[Intake], weights: Weights) -> list[float]:
    if not pairs:
        return []
    # Of what came in later than the last reviewed ticket nothing could be reviewed yet.
    last = max(pair.ticket.received_at for pair in pairs)
    came_in = Counter(_stratum(one.said, weights) for one in tickets if one.received_at <= last)
    strata = [_stratum(pair.ticket.said, weights) for pair in pairs]
    return [one.weight for one in selected(strata, came_in, weights)]


def _stratum(said: Said, weights: Weights) -> Stratum:
    """Give the stratum that a ticket had when it came in, whatever it has become."""
    standing = Standing(
        state="open", band=said.band, abstained=not said.named, probability=said.probability
    )
    return stratum_of(standing, weights)
