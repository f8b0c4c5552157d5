"""What the endpoints of one app share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fastapi import Request

from service.access.keys import KeyStore
from service.alerts.finding import Finder
from service.drift.round import DriftRound
from service.governance.aside import Reports
from service.ledger.gathering import Gatherer
from service.ledger.ledger import Ledger
from service.limits import RateLimit
from service.metrics import Meters
from service.serving import ModelHolder
from service.settings import Settings
from service.shadow.round import ShadowRound
from service.store.database import Database
from service.store.privacy import Privacy, Vault
from service.store.writer import Writer
from service.tagging import Order

if TYPE_CHECKING:
    from service.access.oidc import Provider


@dataclass(frozen=True, slots=True)
class Parts:
    """Settings, database, keys, figures, the model and the ledger of one app."""

    settings: Settings
    database: Database
    writer: Writer
    keys: KeyStore
    meters: Meters
    models: ModelHolder
    privacy: Privacy
    vault: Vault
    ledger: Ledger
    limit: RateLimit
    tagger: Gatherer[Order, bytes]
    drift: DriftRound
    shadow: ShadowRound
    finder: Finder
    reports: Reports
    provider: Provider | None = None


def parts_of(request: Request) -> Parts:
    """Give the parts of the app that a request came to."""
    parts = request.app.state.parts
    if not isinstance(parts, Parts):
        raise TypeError("the app was not made by create_app")
    return parts
