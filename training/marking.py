"""Words that mark a class: log-odds against the rest, as z-scores under a prior from all words.

Monroe, Colaresi & Quinn 2008, "Fightin' Words": counts alone bring up what is frequent everywhere,
ratios alone what was seen twice. Here each word is taken to have been seen before as often as in
all texts together, scaled down to so many words, and the log-odds is divided by its standard error.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from triage.errors import InvalidInput

_PRIOR_WORDS = 1_000.0
_MOST = 12


@dataclass(frozen=True, slots=True)
class MarkingWord:
    """A word of a class.

    Attributes
    ----------
    log_odds : float
        In the class less in the rest, in nats, both with the prior.
    z : float
        The same over its standard error; above 1.96 chance is an unlikely reason.
    inside, outside : int
        How often it occurs in the class and in the rest.
    """

    word: str
    log_odds: float
    z: float
    inside: int
    outside: int


def marking_words(
    words: Sequence[Sequence[str]],
    labels: Sequence[str],
    *,
    prior_words: float = _PRIOR_WORDS,
    most: int = _MOST,
) -> dict[str, list[MarkingWord]]:
    """Find the words that mark each class.

    Parameters
    ----------
    words : sequence of sequences of str, length n
        Of each text.
    labels : sequence of str, length n
    prior_words : float
        How many words the prior is worth; more of them ask for more evidence.
    most : int
        Words of each class, the surest first.

    Raises
    ------
    InvalidInput
        When the prior is worth nothing: a word unseen in the rest would have no log-odds.
    """
    if prior_words <= 0:
        raise InvalidInput(f"a prior of {prior_words} words", cure="a number above 0 is meant")
    counts: dict[str, Counter[str]] = {}
    for own, label in zip(words, labels, strict=True):
        counts.setdefault(label, Counter()).update(own)
    whole: Counter[str] = Counter()
    for inside in counts.values():
        whole.update(inside)
    # Of one word alone nothing can be said: it has no odds.
    if len(whole) < 2:
        return {label: [] for label in counts}
    return {
        label: _marking(inside, whole, prior_words / whole.total(), prior_words)[:most]
        for label, inside in counts.items()
    }


def _marking(
    inside: Counter[str], whole: Counter[str], scale: float, prior: float
) -> list[MarkingWord]:
    size, rest = inside.total(), whole.total() - inside.total()
    found = []
    for word, count in inside.items():
        other, known = whole[word] - count, whole[word] * scale
        odds = _log_odds(count, size, known, prior) - _log_odds(other, rest, known, prior)
        error = math.sqrt(1 / (count + known) + 1 / (other + known))
        found.append(MarkingWord(word, odds, odds / error, count, other))
    return sorted(found, key=lambda one: (-one.z, one.word))


def _log_odds(count: int, size: int, known: float, prior: float) -> float:
    return math.log((count + known) / (size + prior - count - known))
