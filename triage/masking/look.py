"""The first look at texts: what each shows of `triage.masking.signs.Sign`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from triage.features import Ints, code_points
from triage.kernels import classes
from triage.kernels.shapes import shapes
from triage.masking.cued import introduced_by
from triage.masking.lexicon import lexicon
from triage.masking.places import address_cues, number_classes
from triage.masking.plain import MAIL_SIGNS, plate_signs
from triage.masking.signs import EVERY, SHAPES
from triage.masking.view import USUAL, numeral_classes, strange_signs
from triage.masking.whole import whole_signs
from triage.screen import Screen
from triage.words import WordFinder

_PLANE = 0x10000


class Look(NamedTuple):
    """What one text shows.

    Attributes
    ----------
    signs : int
        Bits of `Sign`.
    cues, alone : list of int or None
        Where words begin behind which a name may stand, in no order, and where a whole name may;
        None when nobody looked.
    """

    signs: int
    cues: list[int] | None = None
    alone: list[int] | None = None


NOTHING = Look(0, [], [])
"""Of a text that shows no sign."""


def look_at(texts: Sequence[str], telling: int = EVERY) -> dict[int, Look]:
    """Look at texts; give by its number what each shows that has a telling sign."""
    points = code_points(texts)
    bits = _screen().look(points) << SHAPES
    out = np.empty(len(texts), dtype=np.int64)
    cues, alone = (_room(len(texts), n * len(points.codes)) for n in (_nested_cues(), 1))
    shapes(*points, _classes(), _words()[1], out, cues, alone)
    bits |= out
    shown = np.flatnonzero(bits & telling)
    found = map(Look, bits[shown].tolist(), _of(shown, *cues), _of(shown, *alone))
    return dict(zip(shown.tolist(), found, strict=True))


def _room(texts: int, most: int) -> tuple[Ints, Ints]:
    return np.zeros(texts + 1, dtype=np.int64), np.empty(most, dtype=np.int64)


def _of(shown: Ints, bounds: Ints, places: Ints) -> Iterator[list[int]]:
    told = places[: bounds[-1]].tolist()
    edges = zip(bounds[shown].tolist(), bounds[shown + 1].tolist(), strict=True)
    return (told[low:high] for low, high in edges)


@lru_cache(maxsize=1)
def _screen() -> Screen:
    """Give the screen whose gates are those of `Sign` behind the shapes, in its order."""
    signs = lexicon().signs
    gates: list[Iterable[str]] = [signs["nick"], signs["mou"], signs["surnamed"]]
    gates += [strange_signs(), plate_signs(), address_cues(), MAIL_SIGNS]
    gates.append(whole_signs())
    return Screen(gates, beyond=[3])


@lru_cache(maxsize=1)
def _words() -> tuple[list[str], tuple[object, ...]]:
    """Give words and what each of them does."""
    signs, does = lexicon().signs, Counter[str]()
    for act, words in (
        (classes.INTRODUCES_NAME, signs["cue"]),
        (classes.IS_CERTAIN, [cue for cue in signs["cue"] if cue.startswith(signs["certain"])]),
        (classes.IS_TITLE, signs["title"]),
        (classes.INTRODUCES_VALUE, introduced_by("devices", "documents", "accounts", "logins")),
        # Of a birthday there may be as little.
        (classes.INTRODUCES_SECRET, introduced_by("secrets", "id_tails")),
        (classes.INTRODUCES_REFERENCE, introduced_by("references")),
    ):
        does.update(dict.fromkeys(words, act))
    tree = WordFinder(list(does)).tree
    return list(does), (tree, np.array(list(does.values()), dtype=np.int64))


@lru_cache(maxsize=1)
def _nested_cues() -> int:
    """Give how many words that introduce names can end at one place."""
    cues = lexicon().signs["cue"]
    return max(sum(map(cue.endswith, cues)) for cue in cues)


@lru_cache(maxsize=1)
def _classes() -> np.ndarray[tuple[int], np.dtype[np.int32]]:
    """Give the classes of each character of the basic plane."""
    known = {**lexicon().classes, **number_classes(), **numeral_classes()}
    known["WORD_END"] = {word[-1] for word in _words()[0]}
    table = np.zeros(_PLANE, dtype=np.int32)
    for name, characters in known.items():
        table[[ord(char) for char in characters if ord(char) < _PLANE]] |= getattr(classes, name)
    for char, plain in USUAL.items():
        table[ord(char)] |= table[ord(plain)]
    return table
