"""Parts of a reason: its number and the place in the text that it points to."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from triage.records import Mention


def shown(value: float, show: str) -> str:
    """Give a feature's number as people say it; see `Column.show`."""
    if show == "count":
        value = float(np.expm1(value))
    elif show == "yuan":
        value = 10.0**value - 1.0
    return f"{value:.0f}"


def pointed(mentions: Sequence[Mention], code: str) -> Mention | None:
    """Give the first counting mention of a signal, or the one with the greatest number."""
    if not code:
        return None
    found = [m for m in mentions if m.code == code and m.status.counts]
    return max(found, key=lambda m: m.value or 0.0) if found else None
