"""What arguments of the command line are read as."""

from __future__ import annotations

import argparse
from datetime import date


def day(text: str) -> date:
    """Read a day.

    Raises
    ------
    ArgumentTypeError
        When it is none.
    """
    try:
        found = date.fromisoformat(text)
    except ValueError as exc:
        raise argparse.ArgumentTypeError("a day as 2026-03-31 is meant") from exc
    if not 1900 <= found.year < 2200:
        raise argparse.ArgumentTypeError("a day from 1900 to 2199 is meant")
    return found
