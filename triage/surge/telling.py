"""What the tickets of a story say and others do not."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

_LEAST = 2
_LIKE = 0.7


def telling(
    own: Mapping[str, int],
    expected: Mapping[str, float],
    *,
    named: int,
    least: float = 0.0,
    first: Iterable[str] = (),
) -> tuple[str, ...]:
    """Give the phrases that tell a story from other tickets, the most telling first.

    Parameters
    ----------
    own : mapping of str to int
        In how many tickets of the story each phrase stands.
    expected : mapping of str to float
        In how many of as many other tickets it would stand.
    named : int
        So many phrases at most.
    least : float
        In so many tickets of the story a phrase must stand.
    first : iterable of str
        Phrases that are named before others: those the story was found by.
    """
    weight = {
        phrase: count * math.log(count / max(expected[phrase], 1e-9))
        for phrase, count in own.items()
        if count >= max(_LEAST, least) and count > expected[phrase]
    }
    ranked = sorted(weight, key=lambda phrase: (-weight[phrase], -len(phrase), phrase))
    chosen: list[str] = []
    for phrase in [*(each for each in first if each in own and own[each] >= least), *ranked]:
        if len(chosen) >= named:
            break
        best = _longest(phrase, own, least)
        if not any(best in other or other in best for other in chosen):
            chosen.append(best)
    return tuple(chosen)


def _longest(phrase: str, own: Mapping[str, int], least: float) -> str:
    """Give the longest phrase that stands nearly wherever a phrase does."""
    near = max(_LEAST, least, _LIKE * own[phrase])
    longer = [other for other, count in own.items() if count >= near and phrase in other]
    return max(longer, key=lambda other: (len(other), own[other], other), default=phrase)
