"""What anybody could find of planted surges: an oracle for `benchmarks.surge`.

It knows which series may surge, how many tickets each brings on each day without a surge (from four
weeks on either side, the future too), and that nothing but chance moves them. It asks on every day
whether the last one, two or three days brought more than chance would, by Poisson's exact
distribution, at the level at which all that is watched gives one false alarm a month.
What it misses within three days cannot be told from chance.
"""

from dataclasses import dataclass

import numpy as np
from scipy.stats import poisson

from benchmarks.surge_year import DAYS, QUIET_DAYS

WINDOWS = (1, 2, 3)
NEAR = 28  # days on either side that tell what is usual
BEARABLE = 1.0  # false alarms a month
_FIELDS = ("line", "subline", "product", "unit")
_REPEATS = 40  # years without surges by which the level is found


@dataclass(frozen=True)
class Seen:
    """Tickets that count, as arrays: their days, whose plant each is (-1: nobody's), fields."""

    day: np.ndarray
    plant: np.ndarray
    fields: dict

    def of(self, key):
        """Tell which tickets have the fields of a key."""
        found = np.ones(len(self.day), dtype=bool)
        for name, value in key.items():
            found &= self.fields[name] == value
        return found


def seen_of(watch, plants):
    """Take the tickets that count from a watch."""
    owner = {ident: number for number, plant in enumerate(plants) for ident in plant.ids}
    tickets = [t for t, c in zip(watch.counted.tickets, watch.counted.counts, strict=True) if c]
    return Seen(
        day=np.array([(t.received - watch.first).days for t in tickets]),
        plant=np.array([owner.get(t.id, -1) for t in tickets]),
        fields={n: np.array([getattr(t, n) for t in tickets], dtype=object) for n in _FIELDS},
    )


def found_by_oracle(seen, plants, within, rng, *, sorts, apart):
    """Say of each plant whether an oracle finds it in time.

    Parameters
    ----------
    seen : Seen
    plants : sequence of Plant
    within : int
        Days, the first one of the surge being one of them.
    rng : numpy.random.Generator
    sorts : int
        Sorts of fields that are watched; each has an equal part of the false alarms.
    apart : int
        Days within which another false alarm of a series is the same one.

    Returns
    -------
    dict of str to list of bool
        `all`: it watches all series, as the watch does; `planted`: those that will surge alone.
    """
    quiet = seen.plant < 0
    total = np.bincount(seen.day[quiet], minlength=DAYS)
    own = [seen.of(plant.key) for plant in plants]
    counts = [np.bincount(seen.day[each & quiet], minlength=DAYS) for each in own]
    usual = np.array([expected(count, total) for count in counts])
    names = sorted({tuple(plant.key) for plant in plants})
    levels = {
        "all": level_of(alike(seen, names, total), rng, BEARABLE * len(names) / sorts, apart),
        "planted": level_of(usual, rng, BEARABLE, apart),
    }
    least = []
    for number, plant in enumerate(plants):
        mine = own[number] & (quiet | (seen.plant == number))
        p = tails(np.bincount(seen.day[mine], minlength=DAYS)[None], usual[number][None])[0]
        least.append(p[plant.day : plant.day + within].min())
    return {name: (np.array(least) <= level).tolist() for name, level in levels.items()}


def expected(count, total):
    """Tickets that a series is to bring on each day: its share of the weeks around, times all."""
    around = np.ones(2 * NEAR + 1)
    share = np.convolve(count, around, "same") / np.maximum(np.convolve(total, around, "same"), 1)
    return share * total


def alike(seen, names, total):
    """Expected tickets of all series of the fields of planted ones: series by days."""
    found, quiet = [], seen.plant < 0
    for wanted in names:
        rows = list(zip(*(seen.fields[name][quiet] for name in wanted), strict=True))
        whole = np.array([all(row) for row in rows])
        keys = np.array(["|".join(map(str, row)) for row in rows])[whole]
        _, codes = np.unique(keys, return_inverse=True)
        count = np.zeros((codes.max() + 1, DAYS))
        np.add.at(count, (codes, seen.day[quiet][whole]), 1)
        found += [expected(row, total) for row in count]
    return np.array(found)


def tails(count, usual):
    """Least P(so many or more) of the windows that end on a day: series by days."""
    best = np.ones(count.shape)
    for size in WINDOWS:
        sums = [np.cumsum(each, axis=1) for each in (count, usual)]
        for each in sums:
            each[:, size:] = each[:, size:] - each[:, :-size]
        best = np.minimum(best, poisson.sf(sums[0] - 1, np.maximum(sums[1], 1e-12)))
    return best


def level_of(usual, rng, bearable, apart):
    """Find the level that gives so many false alarms a month where chance alone is at work."""
    alarms = []
    for _ in range(_REPEATS):
        p = tails(rng.poisson(usual).astype(float), usual)[:, QUIET_DAYS:]
        alarms.append(told_apart(p, apart))
    p = np.sort(np.concatenate(alarms))
    allowed = int(bearable * _REPEATS * (DAYS - QUIET_DAYS) / 30.44)
    return p[allowed] * (1 - 1e-9) if len(p) > allowed else 1.0


def told_apart(p, apart):
    """Least p of each alarm: so many days of a series are one."""
    blocks = np.array_split(p, max(1, p.shape[1] // apart), axis=1)
    return np.concatenate([block.min(axis=1) for block in blocks])
