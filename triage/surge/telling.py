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
    first : iterable of str
        Phrases that are named in any case: those the story was found by.
    """
    weight = {
        phrase: count * math.log(count / max(expected[phrase], 1e-9))
        for phrase, count in own.items()
        if count >= _LEAST and count > expected[phrase]
    }
    ranked = sorted(weight, key=lambda phrase: (-weight[phrase], -len(phrase), phrase))
    chosen: list[str] = []
    for phrase in [*(each for each in first if each in own), *ranked]:
        if len(chosen) >= named:
            break
        best = _longest(phrase, own)
        if not any(best in other or other in best for other in chosen):
            chosen.append(best)
    return tuple(chosen)


def _longest(phrase: str, own: Mapping[str, int]) -> str:
    """Give the longest phrase that stands nearly wherever a phrase does."""
    least = max(_LEAST, _LIKE * own[phrase])
    longer = [other for other, count in own.items() if count >= least and phrase in other]
    return max(longer, key=lambda other: (len(other), own[other], other), default=phrase)
