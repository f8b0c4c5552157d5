"""How alike texts about different matters read: by the pairs of characters that both have.

A pair tells the more the fewer texts have it (`data/repeats_common.txt`), so two texts are not
alike because both say 信用卡. Sketches find what was copied; this finds what is told anew.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from triage.features import Floats, Ints
from triage.repeats.settings import Settings
from triage.repeats.sketch import skeleton

_CHARACTERS = 400
# So many of the best by a quick estimate are compared exactly.
_CHOSEN = 16
# The last code point, which is no character: texts stand apart by it.
_APART = chr(0x10FFFF)
_SHIFT = 21


def likest(
    text: str, others: Sequence[str], settings: Settings, *, most: int, least: float
) -> list[tuple[int, float]]:
    """Give the texts that read most like one.

    Parameters
    ----------
    text, others : str and sequence of str
        Masked; of each the first 400 characters are compared.
    settings : Settings
    most : int
        At most so many.
    least : float
        Likeness that counts, from 0 (nothing in common that tells) to 1 (the same pairs).

    Returns
    -------
    list of (int, float)
        Places in `others` and likeness, the likest first.
    """
    own = _pairs(text)
    if not own or not others:
        return []
    order = np.argsort(-_estimate(own, others, settings), kind="stable")[:_CHOSEN].tolist()
    exact = [(place, _likeness(own, _pairs(others[place]), settings)) for place in order]
    found = sorted((one for one in exact if one[1] >= least), key=lambda one: -one[1])
    return found[:most]


def _likeness(own: frozenset[str], other: frozenset[str], settings: Settings) -> float:
    both = _nats(own, settings) * _nats(other, settings)
    return _nats(own & other, settings) / math.sqrt(both) if both else 0.0


def _estimate(own: frozenset[str], others: Sequence[str], settings: Settings) -> Floats:
    """Give shared nats over the root of the length: enough to choose whom to look at."""
    told = sorted(own)
    known = np.array([(ord(pair[0]) << _SHIFT) | ord(pair[1]) for pair in told], dtype=np.int64)
    worth = np.array([settings.nats.get(pair, settings.rare) for pair in told])
    order = np.argsort(known)
    codes, row = _coded(others)
    place = np.searchsorted(known, codes, sorter=order).clip(max=len(known) - 1)
    hit = known[order][place] == codes
    # Each pair once a text.
    seen = np.unique(row[hit] * len(known) + place[hit])
    shared = np.bincount(
        seen // len(known), weights=worth[order][seen % len(known)], minlength=len(others)
    )
    length = np.bincount(row, minlength=len(others))
    return np.asarray(shared / np.sqrt(np.maximum(length, 1)), dtype=np.float64)


def _coded(others: Sequence[str]) -> tuple[Ints, Ints]:
    """Give the code of every pair of neighbours, and whose it is."""
    cut = [text[:_CHARACTERS] for text in others]
    sizes = np.array([len(text) + 1 for text in cut])
    joined = _APART.join([*cut, ""])
    points = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), dtype="<u4")
    codes = (points[:-1].astype(np.int64) << _SHIFT) | points[1:].astype(np.int64)
    return codes, np.repeat(np.arange(len(others)), sizes)[:-1]


def _pairs(text: str) -> frozenset[str]:
    bare = skeleton(text[:_CHARACTERS])
    return frozenset(bare[at : at + 2] for at in range(len(bare) - 1))


def _nats(pairs: frozenset[str], settings: Settings) -> float:
    return math.fsum(settings.nats.get(pair, settings.rare) for pair in pairs)
