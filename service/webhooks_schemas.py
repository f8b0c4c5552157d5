"""Shapes of the calls about webhooks."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, Strict

from service.ledger.notices import Kind
from service.store.records_service import DeliveryState

_URL_CHARS = 2_000
_LABEL_CHARS = 100
# A name or an address, a port, a path and a query; whether it may be used is asked later.
_HOST = r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9]+(-+[A-Za-z0-9]+)*(\.[A-Za-z0-9]+(-+[A-Za-z0-9]+)*)*)"
_PORT = "(6553[0-5]|655[0-2][0-9]|65[0-4][0-9]{2}|6[0-4][0-9]{3}|[1-5][0-9]{4}|[1-9][0-9]{0,3})"
_URL = rf"^https?://{_HOST}(:{_PORT})?(/[!\x22$-~]*)?$"
EXAMPLE = {"url": "https://oa.bank.example/jiesu", "kinds": ["duty_due", "duty_overdue"]}


class WebhookIn(BaseModel):
    """An address that is to be told."""

    model_config = ConfigDict(extra="forbid", strict=True)

    url: str = Field(
        max_length=_URL_CHARS, pattern=_URL, description="http or https, without a password"
    )
    kinds: list[Annotated[Kind, Strict(strict=False)]] = Field(
        min_length=1, max_length=len(Kind), description="What it is told of"
    )
    label: str = Field(default="", max_length=_LABEL_CHARS, description="A note for people")


class WebhookOut(BaseModel):
    """An address that is told, or was."""

    id: int
    url: str
    kinds: list[str]
    label: str
    created_at: datetime


class WebhookMade(WebhookOut):
    """A new one with its secret, which is not shown again."""

    secret: str = Field(description="`whsec_` and 32 bytes in base64: the key of the signatures")


class WebhooksOut(BaseModel):
    """All that are told."""

    webhooks: list[WebhookOut]


class DeliveryOut(BaseModel):
    """A message to a webhook, without what it says."""

    id: int
    webhook_id: int
    message_id: str = Field(description="The header `webhook-id`: the same each time it is sent")
    kind: str
    ticket_id: str | None
    state: DeliveryState
    attempts: int
    created_at: datetime
    next_try_at: datetime
    sent_at: datetime | None
    last_error: str | None = Field(description="Why it did not arrive the last time")


class DeliveriesOut(BaseModel):
    """Messages, newest first."""

    deliveries: list[DeliveryOut]
    next_before: int | None = Field(description="`before` of the next page, if there is one")
