"""Compiled kernels come from the disk without what only compiling needs.

Before it loads a function that was compiled earlier, numba makes ready to compile: it imports all
that it can compile, a tenth of the time in which a service starts, and 30 MB. A function from the
disk needs none of it; one that must be compiled brings it in itself.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from numba.core import caching
from numba.core.runtime.nrt import rtsys


@cache
def load_lightly() -> None:
    """Have numba load what is compiled already, and nothing besides, from now on."""
    known: Any = caching.Cache
    known.load_overload = _load


def _load(self: Any, signature: Any, target: Any) -> Any:
    # What numba's own function does, its `target.refresh()` apart.
    rtsys.initialize(target)
    with self._guard_against_spurious_io_errors():
        return self._load_overload(signature, target)
