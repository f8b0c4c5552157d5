"""Regular expressions that are compiled when they are first used."""

from __future__ import annotations

import re
from functools import cache
from typing import Any


class LazyPattern:
    """A pattern of which most processes use few: a compiled one costs a millisecond at the start.

    Parameters
    ----------
    pattern : str
        One that `re.compile` takes.
    """

    finditer: Any
    search: Any

    def __init__(self, pattern: str) -> None:
        self.pattern = pattern

    def __getattr__(self, name: str) -> Any:
        """Compile it, once: from then on both methods are the compiled pattern's own."""
        if name not in ("finditer", "search"):
            raise AttributeError(name)
        compiled = re.compile(self.pattern)
        self.finditer, self.search = compiled.finditer, compiled.search
        return getattr(compiled, name)


@cache
def lazy(pattern: str) -> LazyPattern:
    """Give a pattern to be compiled; the same one for the same words."""
    return LazyPattern(pattern)
