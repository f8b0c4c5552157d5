"""Near-identical text by different customers: a sign for people to look, nothing else.

Whoever writes from a template or through an agent may be right: a cluster never lowers a
ticket's priority, and no rule may refuse a ticket for it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from triage.repeats.matter import Matter
from triage.repeats.settings import TemplateRule
from triage.repeats.sketch import Sketch, similarity


class Sighting(NamedTuple):
    """A ticket with a like text, as found by its bands."""

    id: str
    customer_ref: str | None
    received_at: datetime
    sketch: Sketch

    @classmethod
    def of(cls, matter: Matter) -> Sighting:
        """Take of a matter what is compared."""
        return cls(matter.id, matter.customer_ref, matter.received_at, matter.sketch)


@dataclass(frozen=True, slots=True)
class Cluster:
    """Tickets of different customers with one text.

    Attributes
    ----------
    ids : tuple of str
        The other tickets, the newest first.
    customers : int
        Different ones, the new ticket's among them.
    similarity : float
        Of the likest text of another customer.
    reason : str
        In Chinese.
    """

    ids: tuple[str, ...]
    customers: int
    similarity: float
    reason: str


def alike(one: Sketch, other: Sketch, rule: TemplateRule) -> float | None:
    """Give the similarity of two texts that are long and like enough, else None."""
    if min(one.length, other.length) < rule.min_length:
        return None
    found = similarity(one, other)
    return found if found >= rule.similarity else None


def template_cluster(
    new: Sighting, others: Iterable[Sighting], rule: TemplateRule
) -> Cluster | None:
    """Look for the template of a new ticket among tickets that share bands with it.

    A customer's own earlier tickets are passed over; nobody's (`customer_ref` None) are listed,
    but count as no customer, for they may be anybody's.

    Returns
    -------
    Cluster or None
        None with fewer customers than the rule asks for.
    """
    found: dict[str, tuple[Sighting, float]] = {}
    for other in others:
        own = new.customer_ref is not None and other.customer_ref == new.customer_ref
        near = abs(new.received_at - other.received_at) <= rule.window
        if other.id == new.id or own or not near:
            continue
        like = alike(new.sketch, other.sketch, rule)
        if like is not None:
            found[other.id] = (other, like)
    refs = {other.customer_ref for other, _ in found.values()} | {new.customer_ref}
    customers = len(refs - {None})
    if not found or customers < rule.min_customers:
        return None
    newest = sorted(found.values(), key=lambda pair: (pair[0].received_at, pair[0].id))[::-1]
    return Cluster(
        tuple(other.id for other, _ in newest),
        customers,
        max(like for _, like in newest),
        f"{customers}位客户在{rule.days}天内提交了几乎相同的文字，请人工核实是否代理、群体或模板；"
        "不影响办理顺序",
    )
