"""Orders of `POST /v1/tag` answered: many narratives of one call, or single calls together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import orjson

from service.ledger.gathering import Gatherer
from service.metrics import Meters
from service.serving import Assessor, ModelHolder
from triage.records import Context
from triage.wire import assessment_json

# Longer than it takes to assess one narrative on a slow machine, shorter than anybody notices.
_PAUSE_S = 0.005


@dataclass(frozen=True, slots=True)
class Order:
    """Narratives of one call, checked."""

    texts: list[str]
    contexts: list[Context]
    idents: list[str | None]
    batch: bool


def answer(order: Order, engine: Assessor, meters: Meters) -> bytes:
    """Assess an order and give the JSON."""
    assessments = engine.assess(order.texts, order.contexts, now=datetime.now(UTC))
    meters.assessed(assessments)
    found = [assessment_json(a, i) for a, i in zip(assessments, order.idents, strict=True)]
    return orjson.dumps({"results": found} if order.batch else found[0])


def tagger(models: ModelHolder, meters: Meters) -> Gatherer[Order, bytes]:
    """Give what answers orders of one short narrative, those of one turn of the loop together."""

    async def work(orders: Sequence[Order]) -> list[bytes | BaseException]:
        engine, texts = models.loaded.engine, [order.texts[0] for order in orders]
        contexts = [order.contexts[0] for order in orders]
        found = engine.assess(texts, contexts, now=datetime.now(UTC))
        meters.assessed(found)
        return [
            orjson.dumps(assessment_json(assessment, order.idents[0]))
            for assessment, order in zip(found, orders, strict=True)
        ]

    return Gatherer(work, pause=_PAUSE_S)
