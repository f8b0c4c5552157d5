"""Whether a customer tells the same matter again.

Each sign is a number, weighed in natural-log odds by `data/repeats.yaml`:

- `shared_words`: log(1 + nats) of the pairs of characters in both texts, beyond what two texts of
  these lengths share by chance; a pair tells the more the fewer texts have it;
- `shared_numbers`: numbers in both, up to two; `other_numbers`: both name numbers, none alike;
- `other_line`: both lines are known, differ, and neither is the other's secondary;
- `other_product`: both products are known and differ;
- `refers_back`: words of the later text for what was said before, halves of them, up to two;
- `says_another`: the later text says it is about something else.

Concepts were tried as a sign and found to tell nothing beside words and numbers.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from triage.repeats.matter import Matter
from triage.repeats.settings import Settings

_MOST_NUMBERS, _MOST_WORDS_BACK = 2, 4.0
# Fewer pairs of characters stand in many a longer text.
_LEAST_RESENT = 8
_MOST_SHOWN, _LONGEST_SHOWN = 3, 12


@dataclass(frozen=True, slots=True)
class Match:
    """An earlier ticket of the same matter.

    Attributes
    ----------
    id : str
        Of the earlier ticket.
    score : float
        From 0 to 1; the measured threshold lies in `data/repeats.yaml`.
    reasons : tuple of str
        In Chinese, the weightiest first. They quote masked text: not for logs.
    """

    id: str
    score: float
    reasons: tuple[str, ...]


def same_matter(new: Matter, old: Matter, settings: Settings) -> Match | None:
    """Decide whether two tickets of one customer are the same matter.

    Which is the later one goes by `received_at`, so the two may be handed in either way round.

    Returns
    -------
    Match or None
        None for tickets of different or unknown customers, too far apart, or unlike.
    """
    if new.customer_ref is None or new.customer_ref != old.customer_ref:
        return None
    if abs(new.received_at - old.received_at) > settings.windows.same_matter:
        return None
    signs = signs_of(new, old, settings)
    resent = _resent(new, old, settings, signs)
    if not (resent or signs["shared_words"] or signs["shared_numbers"]):
        # Words for what was before point to any earlier ticket: alone they tell nothing.
        return None
    found = max(score(signs, settings), settings.matter.resent if resent else 0.0)
    if found < settings.matter.threshold:
        return None
    return Match(old.id, round(found, 4), _reasons(new, old, signs, settings, resent=resent))


def signs_of(one: Matter, other: Matter, settings: Settings) -> dict[str, float]:
    """Measure the signs of two tickets; the order of the two does not matter."""
    later = [one, other]
    if one.received_at != other.received_at:
        later = [max(one, other, key=lambda matter: matter.received_at)]
    back = max(matter.refers_back for matter in later)
    shared = len(one.numbers & other.numbers)
    told = _nats(one.pairs & other.pairs, settings)
    chance = settings.matter.chance * len(one.pairs) * len(other.pairs)
    return {
        "shared_words": math.log1p(max(0.0, told - chance)),
        "shared_numbers": float(min(shared, _MOST_NUMBERS)),
        "other_numbers": float(bool(one.numbers and other.numbers and not shared)),
        "other_line": float(_other_line(one, other)),
        "other_product": float(
            bool(one.product and other.product and one.product != other.product)
        ),
        "refers_back": min(back, _MOST_WORDS_BACK) / 2,
        "says_another": float(any(matter.says_another for matter in later)),
    }


def score(signs: Mapping[str, float], settings: Settings) -> float:
    """Turn signs into a score from 0 to 1."""
    rule = settings.matter
    odds = rule.bias + sum(rule.weights[sign] * value for sign, value in signs.items())
    return 1.0 / (1.0 + math.exp(-odds))


def _nats(pairs: frozenset[str], settings: Settings) -> float:
    # Sorted: sums of floats depend on their order, and sets have another in each process.
    return sum(settings.nats.get(pair, settings.rare) for pair in sorted(pairs))


def _other_line(one: Matter, other: Matter) -> bool:
    if one.line is None or other.line is None or one.line == other.line:
        return False
    return one.line not in other.secondary and other.line not in one.secondary


def _resent(one: Matter, other: Matter, settings: Settings, signs: Mapping[str, float]) -> bool:
    """Whether nearly all of the shorter text stands in the other, as when one sends it again."""
    shorter = min(one.pairs, other.pairs, key=len)
    if one.bare == other.bare:
        return bool(one.bare)
    if len(shorter) < _LEAST_RESENT or signs["says_another"]:
        return False
    whole = _nats(shorter, settings)
    return _nats(one.pairs & other.pairs, settings) >= settings.matter.resent * whole


def _reasons(
    new: Matter, old: Matter, signs: Mapping[str, float], settings: Settings, *, resent: bool
) -> tuple[str, ...]:
    weights = settings.matter.weights
    words = "、".join(f"“{_cut(run)}”" for run in _runs(new, old, settings))
    numbers = "、".join(f"{value:g}" for value in sorted(new.numbers & old.numbers)[:_MOST_SHOWN])
    told = {
        "shared_words": f"两次都说到{words}" if words else "",
        "shared_numbers": f"提到同样的数字：{numbers}" if numbers else "",
        "refers_back": "提到此前的反映、答复或承诺" if signs["refers_back"] else "",
    }
    ranked = sorted(told, key=lambda sign: -weights[sign] * signs[sign])
    found = [told[sign] for sign in ranked if told[sign]]
    if resent:
        found.insert(0, "与前一次的文字基本相同")
    if new.line is not None and new.line == old.line:
        found.append("同一业务类别")
    if new.product and new.product == old.product:
        found.append("同一产品")
    return tuple(found)


def _runs(new: Matter, old: Matter, settings: Settings) -> list[str]:
    """Give the longest shared runs of characters, those that tell most first."""
    shared = new.pairs & old.pairs
    runs: dict[str, float] = {}
    start = 0
    for place in range(len(new.bare)):
        if new.bare[place : place + 2] in shared:
            continue
        run = new.bare[start : place + 1]
        start = place + 1
        if len(run) > 1 and not run.isdecimal():
            pairs = {run[i : i + 2] for i in range(len(run) - 1)}
            runs[run] = _nats(frozenset(pairs), settings)
    return sorted(runs, key=lambda run: (-runs[run], run))[:_MOST_SHOWN]


def _cut(run: str) -> str:
    return run if len(run) <= _LONGEST_SHOWN else f"{run[:_LONGEST_SHOWN]}…"
