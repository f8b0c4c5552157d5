"""How far a run is: rows, rows a second, time left."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from time import monotonic

from service.scoring.part import Done

_FORMAT = "score {percentage:3.0f} %|{bar:20}| {desc}"
# Parts of several workers end together: the first moments tell no rate.
_SETTLED_S = 3.0
_UNITS = ((86_400, "d"), (3600, "h"), (60, "min"), (1, "s"))


def followed(done: Iterable[Done], size: int) -> Iterator[Done]:
    """Give the finished parts again and draw a bar on stderr as they come.

    Parameters
    ----------
    done : iterable of Done
    size : int
        Bytes of the whole input; what an earlier run did counts for the bar and not for the rate,
        nor does what came before the first part was finished: starting, compiling.
    """
    from tqdm import tqdm

    pace = Pace(size)
    with tqdm(total=size, file=sys.stderr, bar_format=_FORMAT) as bar:
        for item in done:
            yield item
            bar.set_description_str(pace.after(item), refresh=False)
            bar.update(item.task.part.weight)


class Pace:
    """How fast parts are finished; `size` is of the whole input, in bytes."""

    def __init__(self, size: int) -> None:
        self._left = size
        self._rows = self._fresh_rows = self._fresh = 0
        self._start: float | None = None

    def after(self, item: Done) -> str:
        """Count a finished part and tell rows; rate and time left once they are known."""
        self._rows += item.rows + item.rejected
        self._left -= item.task.part.weight
        told = f"{self._rows:,} rows"
        if not item.fresh:
            return told
        if self._start is None:
            self._start = monotonic()
            return told
        self._fresh_rows += item.rows
        self._fresh += item.task.part.weight
        gone = monotonic() - self._start
        if gone < _SETTLED_S or not self._fresh:
            return told
        left = spoken(gone * max(0, self._left) / self._fresh)
        return f"{told}, {self._fresh_rows / gone:,.0f} rows/s, {left} left"


def spoken(seconds: float) -> str:
    """Give a time in its two largest units: `3 h 20 min`."""
    left = round(seconds)
    for place, (size, unit) in enumerate(_UNITS):
        if left >= size:
            words = [f"{left // size} {unit}"]
            words += [f"{left % size // s} {u}" for s, u in _UNITS[place + 1 : place + 2]]
            return " ".join(words)
    return "0 s"
