"""How tickets are counted for drift: the kinds of each view, learned from a reference."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from triage.errors import InvalidInput

REST = "…"
WORDS, CHARACTERS = "words", "characters"
# What a model says of a ticket: another model says something else of the same one.
SCORED = ("line", "risk", "confidence")
_KINDS = 300
_PARTS = 10


@dataclass(frozen=True, slots=True)
class Ticket:
    """What drift looks at of one ticket; masked and normalised.

    Attributes
    ----------
    group : str
        Tickets of one customer or template; empty where it stands alone.
    line : str
        The most probable one.
    confidence, risk : float
        Probabilities of that line, and of an escalation.
    """

    id: str
    words: tuple[str, ...]
    line: str
    confidence: float
    risk: float
    channel: str | None = None
    group: str = ""


@dataclass(frozen=True)
class Views:
    """How tickets are counted: the kinds of each view, as the reference had them.

    Attributes
    ----------
    kinds : mapping of view to tuple of str
        Words, characters, lines, channels; what is not named is `REST`, the last column.
    edges : mapping of view to tuple of float
        Inner borders of `risk`, `confidence` and `length`.
    """

    kinds: Mapping[str, tuple[str, ...]]
    edges: Mapping[str, tuple[float, ...]]

    @property
    def names(self) -> tuple[str, ...]:
        """The views in order."""
        return (*self.kinds, *self.edges)

    def labels(self, view: str) -> tuple[str, ...]:
        """Name the columns of a view."""
        if view in self.kinds:
            return (*self.kinds[view], REST)
        ends = ("", *_written(self.edges[view]), "")
        return tuple(f"{low}–{high}" for low, high in pairwise(ends))

    def tells(self, view: str) -> bool:
        """Say whether anything was known of a view that has kinds, such as the channel."""
        return not set(self.kinds[view]) <= {REST}

    def count(self, tickets: Sequence[Ticket]) -> Sample:
        """Count tickets, each in its row."""
        counts = {
            view: _counted([_items(view, ticket) for ticket in tickets], kinds)
            for view, kinds in self.kinds.items()
        }
        for view, edges in self.edges.items():
            place = np.searchsorted(edges, [_number(view, t) for t in tickets], side="right")
            counts[view] = np.eye(len(edges) + 1, dtype=np.uint16)[place]
        groups = tuple(ticket.group or ticket.id for ticket in tickets)
        return Sample(counts, groups, tuple(_wording(ticket) for ticket in tickets))


@dataclass(frozen=True)
class Sample:
    """Counted tickets.

    Attributes
    ----------
    counts : mapping of view to array (n, kinds)
    groups : tuple of str
    wordings : tuple of int
        A digest of the words of each.
    """

    counts: Mapping[str, NDArray[np.uint16]]
    groups: tuple[str, ...]
    wordings: tuple[int, ...]


def fit_views(tickets: Sequence[Ticket], *, kinds: int = _KINDS) -> Views:
    """Learn from a reference which kinds there are.

    Parameters
    ----------
    tickets : sequence of Ticket
    kinds : int
        Words and characters that are counted by name, the most frequent ones.

    Raises
    ------
    InvalidInput
        Without tickets.
    """
    if not tickets:
        raise InvalidInput("no tickets to refer to", cure="hand in tickets of a quiet time")
    named = {}
    for view in (WORDS, CHARACTERS, "line", "channel"):
        often = Counter(item for ticket in tickets for item in _items(view, ticket))
        named[view] = tuple(sorted(often, key=lambda kind: (-often[kind], kind))[:kinds])
    edges = {}
    for view in ("risk", "confidence", "length"):
        numbers = [_number(view, ticket) for ticket in tickets]
        inner = np.quantile(numbers, np.linspace(0, 1, _PARTS + 1)[1:-1])
        edges[view] = tuple(np.unique(inner).tolist())
    return Views(named, edges)


def untold(views: Views, recent: Sequence[Ticket]) -> dict[str, str]:
    """Name the views of which one side knows nothing, and that side.

    Where nobody noted a channel, channels cannot have changed, though every share of them has.

    Returns
    -------
    dict of view to str
        `reference` or `recent`.
    """
    found = {}
    for view in (kind for kind in views.kinds if kind not in (WORDS, CHARACTERS)):
        if not views.tells(view):
            found[view] = "reference"
        elif not any(getattr(ticket, view) for ticket in recent):
            found[view] = "recent"
    return found


def spread(tickets: Sequence[Ticket], most: int) -> list[Ticket]:
    """Pick so many tickets at most, evenly over all of them."""
    if len(tickets) <= most:
        return list(tickets)
    return [tickets[i] for i in np.linspace(0, len(tickets) - 1, most).astype(int).tolist()]


def _wording(ticket: Ticket) -> int:
    digest = blake2b("\0".join(ticket.words).encode("utf-8", "surrogatepass"), digest_size=8)
    return int.from_bytes(digest.digest())


def _items(view: str, ticket: Ticket) -> list[str]:
    if view == WORDS:
        return [word for word in ticket.words if len(word) > 1]
    if view == CHARACTERS:
        return [letter for word in ticket.words for letter in word if letter.isalpha()]
    return [getattr(ticket, view) or REST]


def _number(view: str, ticket: Ticket) -> float:
    if view == "length":
        return float(sum(map(len, ticket.words)))
    return float(getattr(ticket, view))


def _written(edges: Sequence[float]) -> list[str]:
    """Write borders as short as tells one from the next: a sure model's lie close to 1."""
    found: list[str] = []
    for digits in range(3, 8):
        found = [f"{edge:.{digits}g}" for edge in edges]
        if len(set(found)) == len(found):
            break
    return found


def _counted(items: Sequence[Sequence[str]], kinds: Sequence[str]) -> NDArray[np.uint16]:
    place = {kind: number for number, kind in enumerate(kinds)}
    found = np.zeros((len(items), len(kinds) + 1), dtype=np.uint16)
    for row, own in zip(found, items, strict=True):
        for kind, count in Counter(place.get(item, len(kinds)) for item in own).items():
            row[kind] = count
    return found
