"""Which narrative a ticket of the simulated year gets, and how it arrived."""

from __future__ import annotations

import numpy as np

from training.simulate_people import Timeline, month_number
from training.simulate_process import Bools, Floats, Ints, Pool, Process, Strs, draw


class Narratives:
    """Draws narratives: wordings live for some months, registers rise and fall."""

    def __init__(self, pool: Pool, process: Process) -> None:
        self.pool = pool
        self.setting = process["narratives"]
        self.leaves = np.unique(pool.leaf)
        alive = int(self.setting["months_alive"])
        self.born = _births(pool, months=12 + alive - 1) - (alive - 1)
        self.base = {key: self._log_weights(key) for key in ("first", "known", "grouped")}
        ends = np.array([self._register(name) for name in pool.register])
        self.register_start, self.register_end = np.log(ends.T)

    def draw(self, rng: np.random.Generator, line: Timeline, *, grouped: Bools) -> Ints:
        """Draw a narrative of the right leaf for each ticket."""
        kind = np.where(grouped, "grouped", np.where(line.step > 0, "known", "first"))
        month = month_number(line.seconds)
        chosen = np.zeros(len(month), dtype=np.int64)
        cell = (line.leaf * 12 + month) * 3 + np.unique(kind, return_inverse=True)[1]
        order = np.argsort(cell, kind="stable")
        for rows in np.split(order, np.flatnonzero(np.diff(cell[order])) + 1):
            if len(rows):
                first = rows[0]
                options, weight = self._options(line.leaf[first], month[first], str(kind[first]))
                chosen[rows] = rng.choice(options, size=len(rows), p=weight)
        return chosen

    def _options(self, leaf: int, month: int, kind: str) -> tuple[Ints, Floats]:
        options = np.flatnonzero(self.pool.leaf == self.leaves[leaf])
        age = month - self.born[options]
        alive = options[(age >= 0) & (age < self.setting["months_alive"])]
        options = alive if len(alive) else options
        share = (month + 0.5) / 12
        register = self.register_start * (1 - share) + self.register_end * share
        weight = np.exp(self.base[kind][options] + register[options])
        return options, weight / weight.sum()

    def _log_weights(self, kind: str) -> Floats:
        total = np.zeros(len(self.pool.texts))
        for code, factor in self.setting[kind].items():
            total += np.log(factor) * self.pool.has(code)
        return total

    def _register(self, name: str) -> list[float]:
        table: dict[str, list[float]] = self.setting["register"]
        return table.get(str(name), table["default"])


def _births(pool: Pool, *, months: int) -> Ints:
    """Spread the groups of each leaf evenly over the months, in an order that looks random."""
    first = np.unique(pool.group, return_index=True)[1]
    mixed = np.argsort((pool.group[first] * 2_654_435_761) % 4_294_967_296, kind="stable")
    order = mixed[np.argsort(pool.leaf[first][mixed], kind="stable")]
    born = np.zeros(len(first), dtype=np.int64)
    born[order] = np.arange(len(order)) % months
    return born[pool.group]


def draw_channels(
    rng: np.random.Generator, narrative: Ints, known: Bools, pool: Pool, process: Process
) -> Strs:
    """Draw how a ticket arrived, given its kind of text, its signals and its past."""
    setting = process["channels"]
    names = list(setting["base"])
    weight = np.tile(np.log(list(setting["base"].values())), (len(narrative), 1))
    place = {name: number for number, name in enumerate(names)}
    registers = {name: pool.register == name for name in setting["register"]}
    held = {code: pool.has(code) for code in setting["signal"]}
    for table, marks in ((setting["register"], registers), (setting["signal"], held)):
        for key, mark in marks.items():
            for name, factor in table[key].items():
                weight[mark[narrative], place[name]] += np.log(factor)
    for name, factor in setting["known_matter"].items():
        weight[known, place[name]] += np.log(factor)
    return np.array(names)[draw(rng, weight)]


def share_wording(narrative: Ints, template: Ints, pool: Pool, rng: np.random.Generator) -> Ints:
    """Give all tickets of a template the wording of one of them, a letter where there is one."""
    shared = narrative.copy()
    lettered = np.isin(pool.register, ["letter", "legal"])[narrative]
    for cluster in range(int(template.max(initial=-1)) + 1):
        members = np.flatnonzero(template == cluster)
        letters = members[lettered[members]]
        shared[members] = narrative[rng.choice(letters if len(letters) else members)]
    return shared
