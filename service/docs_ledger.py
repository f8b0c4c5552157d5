"""The bodies of the ledger's calls, described for /openapi.json."""

from __future__ import annotations

from typing import Any

from service.ledger_schemas import ComplaintIn
from service.schemas import EXAMPLE_TEXT

MODELS = (ComplaintIn,)
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
            "complaints": {"type": "array", "maxItems": 1000, "items": ref("ComplaintIn")}
        },
    },
    {"two": {"summary": "Two tickets", "value": {"complaints": [_TICKET, _OTHER]}}},
)
