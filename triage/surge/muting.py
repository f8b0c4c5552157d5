"""Series whose new level is being learned: for so long they are not told again."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from triage.surge.families import Family
from triage.surge.incidence import Ints, Key
from triage.surge.stories import Running, by_phrase, related


class Muted:
    """Until when each series of each family is not told.

    Attributes
    ----------
    told : tuple of (int, tuple of Key, int)
        Family, series of a story that became a level, and until when they are muted. Never
        changed in place: whoever keeps it has what was muted then.
    """

    def __init__(self, families: Sequence[Family]) -> None:
        self._families = families
        self.told: tuple[tuple[int, tuple[Key, ...], int], ...] = ()

    def mute(self, story: Running, until: int) -> None:
        """Mute the series of a story, and those of fields that are parts of it or hold it."""
        self.told = (*self.told, (story.family, (story.key, *story.others), until))

    def of(self, family: int, series: Ints, day: int) -> np.ndarray:
        """Tell which series are muted on a day."""
        said = [keys for number, keys, until in self.told if number == family and until > day]
        keys = self._families[family].incidence.keys
        muted = [bool(said) and _is_muted(keys[each], said) for each in series.tolist()]
        return np.array(muted, dtype=np.bool_)


def _is_muted(key: Key, said: Sequence[tuple[Key, ...]]) -> bool:
    for told in said:
        if key in told or (not by_phrase(told[0]) and bool(key) and related(key, told[0])):
            return True
    return False
