"""Which tickets an address of the ledger page asks for, and the address of others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from pydantic import BaseModel, ConfigDict, ValidationError

from service.ledger_api import Chosen
from service.store.matters import Matter
from service.store.overview import GROUPS, Look
from service.store.records import Filters
from triage.rules.calendar import midnight

PATH = "/desk/ledger"
VIEWS = ("tickets", *GROUPS)
_PLAIN = ("line", "band", "unit", "channel", "owner", "owner_level", "state", "overdue")


class _Days(BaseModel):
    """Days, the last one too, and what tickets are looked at for."""

    model_config = ConfigDict(extra="ignore")

    since: date | None = None
    until: date | None = None
    about: Matter | None = None
    view: str = VIEWS[0]


@dataclass(frozen=True)
class LedgerAsked:
    """What an address asks for.

    Attributes
    ----------
    told : mapping of str
        As it stands in the address; what cannot be read is left out.
    """

    told: Mapping[str, str]

    @classmethod
    def of(cls, address: Mapping[str, str]) -> LedgerAsked:
        """Read an address; one that was cut off still shows the ledger."""
        names = (*_PLAIN, "since", "until", "about", "view")
        kept = {name: address[name] for name in names if address.get(name)}
        return cls({name: value for name, value in kept.items() if _readable(name, value)})

    @cached_property
    def chosen(self) -> Chosen:
        """The plain filters."""
        return Chosen.model_validate({n: v for n, v in self.told.items() if n in _PLAIN})

    @cached_property
    def days(self) -> _Days:
        """The days, and what tickets are looked at for."""
        return _Days.model_validate(dict(self.told))

    @property
    def view(self) -> str:
        """Tickets, or what they are counted by."""
        return self.days.view

    @property
    def query(self) -> str:
        """The address again, without its path."""
        return urlencode(self.told)

    def to(self, **changes: Any) -> str:
        """Give the address with some of it changed; None or an empty text leaves a part out."""
        told = {k: v for k, v in {**self.told, **changes}.items() if v not in (None, "")}
        return f"{PATH}?{urlencode(told)}" if told else PATH

    def look(self, now: datetime) -> Look:
        """Give the look at the ledger that is asked for."""
        return Look(self._filters(now), now, self.days.about)

    def _filters(self, now: datetime) -> Filters:
        return replace(
            self.chosen.filters(now),
            received_from=midnight(self.days.since) if self.days.since else None,
            received_to=_behind(self.days.until) if self.days.until else None,
        )


def _behind(day: date) -> datetime:
    return midnight(day + timedelta(1))


def _readable(name: str, value: str) -> bool:
    try:
        if name in _PLAIN:
            Chosen.model_validate({name: value})
        else:
            days = _Days.model_validate({name: value})
            # Days at the end of the calendar have no next one.
            if days.until is not None:
                _behind(days.until)
            return days.view in VIEWS
    except (ValidationError, OverflowError):
        return False
    return True
