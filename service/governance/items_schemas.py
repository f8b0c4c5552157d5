"""Shapes of the calls about items to be put right, supervised or taught."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, Strict

from service.alerts.schemas import Place
from service.event_schemas import Unit, Words
from service.schemas import Day, Name
from service.store.records_governance import ItemKind


class ItemIn(BaseModel):
    """Something to be done: by whom, until when, about what."""

    model_config = ConfigDict(extra="forbid", strict=True)

    kind: Annotated[ItemKind, Strict(strict=False)]
    title: Annotated[str, Field(min_length=1, max_length=200)]
    owner: Unit
    due_on: Day
    unit: Unit | None = Field(default=None, description="The unit that it is about")
    line: Name | None = Field(default=None, description="The business line that it is about")
    effective_on: Day | None = Field(
        default=None, description="From when a measure works; before and after are compared by it"
    )
    alert_id: Place | None = Field(default=None, description="The risk alert that it follows")
    tickets: Annotated[list[Name], Field(max_length=200)] = []


class ItemsAsked(BaseModel):
    """Which items, and which page of them."""

    model_config = ConfigDict(extra="forbid")

    kind: ItemKind | None = None
    state: Literal["open", "closed"] | None = None
    overdue: bool = Field(default=False, description="Open and due before today")
    alert: Place | None = Field(default=None, description="Those that follow this risk alert")
    before: Place | None = Field(default=None, description="`next_before` of the page before")
    limit: int = Field(default=50, ge=1, le=200)


class CloseIn(BaseModel):
    """What shows that an item was done."""

    model_config = ConfigDict(extra="forbid", strict=True)

    evidence: Words


class ItemOut(BaseModel):
    """An item as it is kept."""

    id: int
    kind: ItemKind
    title: str
    owner: str
    due_on: str
    unit: str | None
    line: str | None
    effective_on: str | None
    alert_id: int | None
    tickets: list[str]
    state: str = Field(description="open or closed")
    opened_at: str
    opened_by: str
    closed_at: str | None
    closed_by: str | None
    evidence: str | None


class ItemsOut(BaseModel):
    """Items, newest first."""

    items: list[ItemOut]
    next_before: int | None


BODIES: tuple[type[BaseModel], ...] = (ItemIn, CloseIn)
