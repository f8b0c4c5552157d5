"""Reasons in the words of the narrative as submitted."""

from __future__ import annotations

from collections.abc import Sequence

from triage.classifier import Basis
from triage.explain import character_weights, phrases
from triage.features import Ints
from triage.reading import Document
from triage.records import Reason

_MOST = 5
_LEAST_SHARE = 0.06


def evidence(
    basis: Basis | None,
    documents: Sequence[Document],
    narratives: Sequence[str],
    *,
    columns: Ints,
    scale: float,
) -> list[tuple[Reason, ...]]:
    """Give the phrases that pushed each document to its line, strongest first.

    Parameters
    ----------
    basis : Basis or None
        Of n documents; without it nothing is told.
    documents : sequence of Document, length n
    narratives : sequence of str, length n
        As submitted.
    columns : array of int, length n
        The leaf to explain.
    scale : float
        See `triage.explain.character_weights`.
    """
    if basis is None:
        return [()] * len(documents)
    weights = character_weights(basis, columns=columns, scale=scale)
    found = phrases(weights, basis.coded, most=_MOST, least_share=_LEAST_SHARE)
    return [
        tuple(in_submitted(document, narrative, p.start, p.end, p.weight) for p in pushed)
        for document, narrative, pushed in zip(documents, narratives, found, strict=True)
    ]


def in_submitted(document: Document, narrative: str, start: int, end: int, weight: float) -> Reason:
    """Turn a range of the normalised text into a reason with the customer's own words."""
    low, high = document.to_submitted.to_source(start, end)
    return Reason(narrative[low:high], weight, low, high)


def placed(reason: Reason, document: Document, narrative: str) -> Reason:
    """Show the customer's words for a reason that stands in the text, else its phrase."""
    if reason.start is None or reason.end is None:
        return reason
    low, high = document.to_submitted.to_source(reason.start, reason.end)
    return Reason(narrative[low:high], reason.weight, low, high, reason.kind, reason.label)
