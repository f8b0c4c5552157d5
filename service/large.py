"""Reads the whole of a large ledger in a process of its own.

It is long and wants more memory than all else that a service does: the process that answers callers
is spared both. What is kept for the next question lives there too, and is gone when nobody has
asked for some time.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from service.apart import Acts, Apart
from triage.errors import JiesuError

if TYPE_CHECKING:
    from service.store.database import Database

FEW = 5_000
"""A service reads so many tickets by itself, in a second or two; more in a process apart."""
IDLE_S = 900.0
"""For so long the process waits for another question."""
CURE = "ask again; if it stays, see that there is memory for a second process"
# Somebody waits for it.
_NICE = 2


class LedgerApart(Apart):
    """Runs work on a ledger in a process that is started when it is needed.

    Parameters
    ----------
    database : Database
    make : callable
        As of `Apart`; it is handed the address of the database, and what is `given`.
    given : Any
    who, failed, seconds
        As of `Apart`.
    """

    def __init__(
        self,
        database: Database,
        make: Callable[..., Acts],
        *given: Any,
        who: str,
        failed: type[JiesuError],
        seconds: float,
    ) -> None:
        url = database.url.render_as_string(hide_password=False)
        super().__init__(
            partial(make, url, *given),
            who=who,
            failed=failed,
            cure=CURE,
            seconds=seconds,
            nice=_NICE,
            idle_s=IDLE_S,
        )

    def _raised(self, error: JiesuError) -> JiesuError:
        # What it means is the same wherever it was raised; only a fault has no code of its own.
        return super()._raised(error) if type(error) is JiesuError else error


def is_large(tickets: int, few: int | None) -> bool:
    """Tell whether so many tickets are read in a process apart; without `few` none are."""
    return few is not None and tickets > few
