"""The bodies of the ledger's calls, described for /openapi.json."""

from __future__ import annotations

from typing import Any, get_args

from pydantic import BaseModel

from service.alerts import schemas as alerts_schemas
from service.drift import schemas as drift_schemas
from service.event_schemas import KINDS
from service.governance import items_schemas
from service.ledger_schemas import ComplaintIn, EraseIn
from service.schemas import EXAMPLE_TEXT
from service.webhooks_schemas import WebhookIn

_GOVERNANCE = (*alerts_schemas.BODIES, *items_schemas.BODIES)
_OTHERS = (*_GOVERNANCE, *drift_schemas.BODIES)
MODELS: tuple[type[BaseModel], ...] = (ComplaintIn, EraseIn, *KINDS, WebhookIn, *_OTHERS)
_TICKET = {
    "ticket_id": "T-1",
    "text": EXAMPLE_TEXT,
    "received_at": "2026-11-23T09:30:00+08:00",
    "channel": "phone",
    "customer_key": "c-8812",
    "product": "信用卡",
    "unit": "小寨支行",
    "visited_branch": False,
    "prior_complaints_90d": 2,
}
_OTHER = {"ticket_id": "T-2", "text": "提前还房贷为什么要排队三个月", "channel": "app"}


def body_of(schema: dict[str, Any], examples: dict[str, Any]) -> dict[str, Any]:
    """Describe a body of JSON."""
    content = {"application/json": {"schema": schema, "examples": examples}}
    return {"requestBody": {"required": True, "content": content}}


def ref(name: str) -> dict[str, Any]:
    """Point to a model."""
    return {"$ref": f"#/components/schemas/{name}"}


COMPLAINT_BODY = body_of(
    ref("ComplaintIn"), {"ticket": {"summary": "A ticket with its context", "value": _TICKET}}
)
BATCH_BODY = body_of(
    {
        "type": "object",
        "title": "Complaints",
        "required": ["complaints"],
        "additionalProperties": False,
        "properties": {
            # Whatever else stands there is answered by a refusal of its own, not of the call.
            "complaints": {
                "type": "array",
                "maxItems": 1000,
                "items": {"anyOf": [ref("ComplaintIn"), {}]},
            }
        },
    },
    {"two": {"summary": "Two tickets", "value": {"complaints": [_TICKET, _OTHER]}}},
)

_EVENTS: dict[str, dict[str, Any]] = {
    "contact": {"kind": "contact", "two_way": True, "channel": "phone"},
    "message": {"kind": "message", "text": "还是没人联系我，我要打12378", "key": "m-77"},
    "transfer": {
        "kind": "transfer",
        "to_level": "branch_department",
        "to_unit": "信用卡部",
        "reason": "息费由信用卡部核对",
    },
    "mediation": {"kind": "mediation", "act": "offered"},
    "extension": {"kind": "extension", "days": 30, "reason": "需向第三方核实"},
    "outcome": {"kind": "outcome", "status": "replied", "resolved": True, "accepted": True},
}
EVENT_BODY = body_of(
    {
        "oneOf": [ref(kind.__name__) for kind in KINDS],
        "discriminator": {
            "propertyName": "kind",
            "mapping": {
                get_args(kind.model_fields["kind"].annotation)[0]: ref(kind.__name__)["$ref"]
                for kind in KINDS
            },
        },
    },
    {name: {"summary": name, "value": value} for name, value in _EVENTS.items()},
)
ERASE_BODY = body_of(
    ref("EraseIn"), {"customer": {"summary": "A customer", "value": {"customer_key": "c-8812"}}}
)
