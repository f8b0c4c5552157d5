"""The garbage collector, told that what is loaded stays and that answers hold no cycles."""

from __future__ import annotations

import gc

# Answers are freed as they are let go of; with Python's own thresholds the collector went
# through them again and again, a third of the time of a batch.
_THRESHOLDS = (100_000, 50, 100)


def settle() -> None:
    """Leave what was loaded out of later collections, and collect seldom."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_THRESHOLDS)
