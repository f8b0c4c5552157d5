"""The garbage collector, told that what is loaded stays and that answers hold no cycles."""

from __future__ import annotations

import gc

# More than is made before a model serves: collections would go through it again and again, and
# find little.
_NEVER = 2_000_000
# Answers are freed as they are let go of; with Python's own thresholds the collector went
# through them again and again, a third of the time of a batch.
_THRESHOLDS = (100_000, 50, 100)


def hold() -> None:
    """Collect nothing until `settle`; what never comes to it collects at last all the same."""
    gc.set_threshold(_NEVER, *_THRESHOLDS[1:])


def settle() -> None:
    """Leave what was loaded out of later collections, and collect seldom."""
    # The first time nearly all there is stays; later on what served before has to go.
    if gc.get_freeze_count():
        gc.collect()
    gc.freeze()
    gc.set_threshold(*_THRESHOLDS)
