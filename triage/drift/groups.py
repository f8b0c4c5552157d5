"""Which tickets are one event: those of a customer, of a template, in the same words."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from triage.bonds import Bonds
from triage.repeats.settings import TemplateRule
from triage.repeats.sketch import Sketch
from triage.repeats.template import alike


def grouped(
    customers: Sequence[str | None], sketches: Sequence[Sketch | None], rule: TemplateRule
) -> list[str]:
    """Name the group of each ticket: one customer, or one template.

    Parameters
    ----------
    customers : sequence of str, length n
        None where nobody is known.
    sketches : sequence of Sketch, length n
        As the index of repeats keeps them; None where there is none.
    rule : TemplateRule
        When two texts are one template.
    """
    bonds = Bonds()
    bonds.join_alike(customers)
    for one, other in _near(sketches):
        left, right = sketches[one], sketches[other]
        if left and right and bonds.of(one) != bonds.of(other) and alike(left, right, rule):
            bonds.join(one, other)
    return [f"g{bonds.of(number)}" for number in range(len(customers))]


def _near(sketches: Sequence[Sketch | None]) -> Iterator[tuple[int, int]]:
    """Pair each ticket with the first and the last before it that share a band with it."""
    held: dict[int, tuple[int, int]] = defaultdict(lambda: (-1, -1))
    for number, one in enumerate(sketches):
        for band in one.bands() if one else ():
            ends = held[band]
            yield from ((other, number) for other in dict.fromkeys(ends) if other >= 0)
            held[band] = (ends[0] if ends[0] >= 0 else number, number)
