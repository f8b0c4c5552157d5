"""Waiting for what another thread or process does, for as long as a busy machine may need."""

from __future__ import annotations

import time
from collections.abc import Callable

_LONG = 60.0
_SHORT = 0.01


def until(holds: Callable[[], object]) -> None:
    """Ask until it holds.

    Raises
    ------
    AssertionError
        When it has not come to hold after a minute.
    """
    end = time.monotonic() + _LONG
    while not holds():
        assert time.monotonic() < end, "it never came to hold"
        time.sleep(_SHORT)
