"""How far recent tickets have moved from a reference, and how seldom chance does as much.

A distance alone is no alarm: with few tickets it is always large. So each distance is held against
what it would be if recent and reference tickets were one pile, cut at random. How seldom that is as
large says how often an alarm would be false, whatever the number of tickets (a permutation test;
Good 2005). Tickets of one group (a customer, a template) or in the same words are moved together.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from triage.bonds import Bonds
from triage.drift.views import Sample, Views
from triage.errors import InvalidInput

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Singles = NDArray[np.float32]

_PERMUTATIONS = 999
_SEED = 20
# What every kind is taken to have been seen: a share of nothing has no logarithm.
_HALF = 0.5
_BATCH = 64


@dataclass(frozen=True, slots=True)
class Change:
    """How far one view has moved.

    Attributes
    ----------
    psi : float
        Population stability index.
    distance : float
        Jensen-Shannon, in bits: 0 for the same shares, 1 for nothing in common.
    p : float
        How often tickets of one pile are as far apart, cut at random.
    moved : tuple of (str, float, float)
        Kinds that account for most of it, with their shares before and now.
    """

    view: str
    psi: float
    distance: float
    p: float
    moved: tuple[tuple[str, float, float], ...] = ()


def changes(
    views: Views,
    reference: Sample,
    recent: Sample,
    *,
    only: Collection[str] | None = None,
    permutations: int = _PERMUTATIONS,
    seed: int = _SEED,
) -> tuple[Change, ...]:
    """Tell how far each view has moved, and how seldom chance does as much.

    Parameters
    ----------
    views : Views
    reference, recent : Sample
    only : collection of str, optional
        Views to compare; all when left out.
    permutations, seed : int

    Raises
    ------
    InvalidInput
        Without recent tickets.
    """
    size = len(recent.groups)
    if not size or not reference.groups:
        raise InvalidInput("no tickets to compare", cure="hand in reference and recent tickets")
    bonds = Bonds()
    bonds.join_alike([*reference.groups, *recent.groups])
    bonds.join_alike([*reference.wordings, *recent.wordings])
    oldest = [bonds.of(number) or 0 for number in range(len(reference.groups) + size)]
    owner = np.unique(oldest, return_inverse=True)[1]
    picks = _picks(owner, size, permutations, seed)
    found = []
    for view in views.names if only is None else [v for v in views.names if v in only]:
        before, now = reference.counts[view].sum(axis=0), recent.counts[view].sum(axis=0)
        own = float(jensen_shannon(before, now))
        chance = _by_chance(reference.counts[view], recent.counts[view], owner, picks)
        p = (1 + int((chance >= own - 1e-12).sum())) / (permutations + 1)
        moved = _moved(views.labels(view), before, now)
        found.append(Change(view, psi(before, now), own, p, moved))
    return tuple(found)


def psi(before: Ints, now: Ints) -> float:
    """Population stability index of two counts of the same kinds."""
    old, new = _shares(before), _shares(now)
    return float(((new - old) * np.log(new / old)).sum())


def jensen_shannon(before: Ints | Floats, now: Ints | Floats) -> Floats:
    """Jensen-Shannon divergence of counts, in bits, over the last axis."""
    old, new = _plain(before), _plain(now)
    middle = (old + new) / 2
    return np.asarray((_towards(old, middle) + _towards(new, middle)) / 2)


def _towards(shares: Floats, middle: Floats) -> Floats:
    parts = np.zeros(np.broadcast_shapes(shares.shape, middle.shape))
    np.divide(shares, middle, out=parts, where=middle > 0)
    np.log2(parts, out=parts, where=parts > 0)
    return np.asarray((shares * parts).sum(axis=-1))


def _plain(counts: Ints | Floats) -> Floats:
    return np.asarray(counts / np.maximum(counts.sum(axis=-1, keepdims=True), 1))


def _shares(counts: Ints) -> Floats:
    return np.asarray((counts + _HALF) / (counts.sum() + _HALF * len(counts)))


def _picks(owner: Ints, size: int, permutations: int, seed: int) -> Singles:
    """Draw groups until they hold as many tickets as the recent ones, (permutations, groups)."""
    rng = np.random.default_rng(seed)
    sizes = np.bincount(owner)
    picks = np.zeros((permutations, len(sizes)), dtype=np.float32)
    for row in picks:
        order = rng.permutation(len(sizes))
        filled = np.cumsum(sizes[order])
        row[order[: int(np.searchsorted(filled, size)) + 1]] = 1.0
    return picks


def _by_chance(
    before: NDArray[np.uint16], now: NDArray[np.uint16], owner: Ints, picks: Singles
) -> Floats:
    both = np.concatenate([before, now])
    # Single floats count exactly up to sixteen million.
    grouped = np.zeros((picks.shape[1], both.shape[1]), dtype=np.float32)
    np.add.at(grouped, owner, both)
    whole = both.sum(axis=0, dtype=np.float64)
    found = []
    for start in range(0, len(picks), _BATCH):
        drawn = np.asarray(picks[start : start + _BATCH] @ grouped, dtype=np.float64)
        found.append(jensen_shannon(whole - drawn, drawn))
    return np.concatenate(found)


def _moved(
    names: Sequence[str], before: Ints, now: Ints, most: int = 8
) -> tuple[tuple[str, float, float], ...]:
    old, new = _shares(before), _shares(now)
    order = np.argsort(-np.abs((new - old) * np.log(new / old)), kind="stable")[:most]
    return tuple((names[i], float(old[i]), float(new[i])) for i in order.tolist())
