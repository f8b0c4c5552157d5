"""How often a key may call."""

from __future__ import annotations

import math
import time

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from triage.errors import JiesuError

# The window remembers each entry; of a large number of calls several share one.
_ENTRIES = 1_000


class TooManyRequests(JiesuError):
    """A key calls more often than it may."""

    code = "too_many_requests"
    status = 429

    def __init__(self, message: str, *, cure: str = "", retry_after_s: int = 1) -> None:
        super().__init__(message, cure=cure)
        self.retry_after_s = retry_after_s


class RateLimit:
    """Counts the calls of each key over the last minute, in the memory of this process.

    Parameters
    ----------
    per_minute : int
        Most calls of one key; 0 is without end.
    """

    def __init__(self, per_minute: int) -> None:
        self._per_minute = per_minute
        self._share = max(1, per_minute // _ENTRIES)
        self._left: dict[str, int] = {}
        if per_minute:
            self._item = RateLimitItemPerMinute(per_minute // self._share)
            self._window = MovingWindowRateLimiter(MemoryStorage())

    def take(self, who: str) -> None:
        """Count a call.

        Raises
        ------
        TooManyRequests
            When there were too many in the last minute; this one is not counted.
        """
        if not self._per_minute:
            return
        left = self._left.get(who, 0)
        if not left:
            if not self._window.hit(self._item, who):
                raise self._refusal(who)
            left = self._share
        self._left[who] = left - 1

    def _refusal(self, who: str) -> TooManyRequests:
        wait = self._window.get_window_stats(self._item, who).reset_time - time.time()
        seconds = max(1, math.ceil(wait))
        return TooManyRequests(
            f"the key made {self._per_minute:,} calls in a minute, more it may not",
            cure=f"call again in {seconds} seconds, and send several narratives in one call",
            retry_after_s=seconds,
        )
