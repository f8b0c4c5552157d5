"""Series whose new level is being learned: for so long they are not told again."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from triage.surge.families import Family
from triage.surge.incidence import Ints
from triage.surge.stories import Running, related


class Muted:
    """Until when each series of each family is not told."""

    def __init__(self, families: Sequence[Family]) -> None:
        self._families = families
        self._until = [np.zeros(len(f.incidence.keys), dtype=np.int64) for f in families]

    def mute(self, story: Running, until: int) -> None:
        """Mute the series of a story, and those of fields that are parts of it or hold it."""
        told = {story.key, *story.others}
        for number, key in enumerate(self._families[story.family].incidence.keys):
            if key in told or (not story.by_phrase and key and related(key, story.key)):
                self._until[story.family][number] = until

    def of(self, family: int, series: Ints, day: int) -> np.ndarray:
        """Tell which series are muted on a day."""
        return np.asarray(self._until[family][series] > day)
