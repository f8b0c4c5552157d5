"""How far a run is: rows, rows a second, time left."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from time import monotonic

from service.scoring.part import Done

_FORMAT = "score {percentage:3.0f} %|{bar:20}| {desc}"
_UNITS = ((86_400, "d"), (3600, "h"), (60, "min"), (1, "s"))


def followed(done: Iterable[Done], size: int) -> Iterator[Done]:
    """Give the finished parts again and draw a bar on stderr as they come.

    Parameters
    ----------
    done : iterable of Done
    size : int
        Bytes of the whole input; what an earlier run did counts for the bar and not for the rate.
    """
    from tqdm import tqdm

    rows = fresh_rows = fresh = seen = 0
    start = monotonic()
    with tqdm(total=size, file=sys.stderr, bar_format=_FORMAT) as bar:
        for item in done:
            yield item
            rows, seen = rows + item.rows + item.rejected, seen + item.task.part.weight
            if item.fresh:
                fresh_rows, fresh = fresh_rows + item.rows, fresh + item.task.part.weight
            gone = monotonic() - start
            left = gone * (size - seen) / fresh if fresh else 0.0
            told = f"{rows:,} rows, {fresh_rows / gone:,.0f} rows/s, {spoken(left)} left"
            bar.set_description_str(told, refresh=False)
            bar.update(item.task.part.weight)


def spoken(seconds: float) -> str:
    """Give a time in its two largest units: `3 h 20 min`."""
    left = round(seconds)
    for place, (size, unit) in enumerate(_UNITS):
        if left >= size:
            words = [f"{left // size} {unit}"]
            words += [f"{left % size // s} {u}" for s, u in _UNITS[place + 1 : place + 2]]
            return " ".join(words)
    return "0 s"
