"""/docs and /openapi.json: everything comes from this folder, nothing from another host."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from pathlib import Path
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel
from starlette.responses import FileResponse, RedirectResponse

from service import docs_ledger
from service.review_schemas import BODIES
from service.schemas import EXAMPLE_TEXT, ErrorOut, NarrativeIn
from service.static_files import FOLDER, Static
from triage.taxonomy import load_taxonomy

router = APIRouter(include_in_schema=False)
_ABOUT = (
    "接诉 reads Chinese bank complaints: business line, signals, escalation risk, and why.\n\n"
    "Press *Authorize* and paste a key. Scores rank and explain; people decide."
)
_BATCH_SCHEMA = {
    "type": "object",
    "title": "Batch",
    "required": ["narratives"],
    "additionalProperties": False,
    "properties": {
        "narratives": {"type": "array", "items": {"$ref": "#/components/schemas/NarrativeIn"}}
    },
}
TAG_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {"oneOf": [{"$ref": "#/components/schemas/NarrativeIn"}, _BATCH_SCHEMA]},
                "examples": {
                    "one": {"summary": "One narrative", "value": {"text": EXAMPLE_TEXT}},
                    "context": {
                        "summary": "One narrative with what is known at intake",
                        "value": {
                            "id": "T-1",
                            "text": "银行卡突然只收不付，工资取不出来，房租都交不上",
                            "received_at": "2026-11-23T09:30:00+08:00",
                            "channel": "phone",
                            "visited_branch": False,
                            "prior_complaints_90d": 2,
                        },
                    },
                    "batch": {
                        "summary": "Several narratives",
                        "value": {
                            "narratives": [
                                {"id": "a", "text": "提前还房贷为什么要排队三个月"},
                                {"id": "b", "text": "有人冒用我的身份证办了贷款"},
                            ]
                        },
                    },
                },
            }
        },
    }
}


def refusals(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Describe the errors an endpoint may answer."""
    return {s: {"model": ErrorOut, "description": HTTPStatus(s).phrase} for s in statuses}


def add_model(parts: dict[str, Any], model: type[BaseModel]) -> None:
    """Add a model, and those it is made of, to the shapes of the description."""
    shape = model.model_json_schema(ref_template="#/components/schemas/{model}")
    parts.update(shape.pop("$defs", {}))
    parts[model.__name__] = shape


@router.get("/")
async def root() -> RedirectResponse:
    """Lead a person to the pages."""
    return RedirectResponse("/docs")


@router.get("/docs")
async def docs() -> FileResponse:
    """Show the interactive description."""
    return FileResponse(FOLDER / "docs.html")


def _name_lines(parts: dict[str, Any], lines: Sequence[str]) -> None:
    """Name the lines of this bank where a body asks for one."""
    text, _ = parts["ItemIn"]["properties"]["line"]["anyOf"]
    text.clear()
    text.update({"type": "string", "enum": list(lines)})


def install_docs(app: FastAPI, data: Path) -> None:
    """Add the pages, their files, and the description with the shape of request bodies.

    Its lines are those of the taxonomy in `data`.
    """

    def describe() -> dict[str, Any]:
        if not app.openapi_schema:
            schema = get_openapi(
                title=app.title, version=app.version, description=_ABOUT, routes=app.routes
            )
            parts = schema["components"]["schemas"]
            models: tuple[type[BaseModel], ...] = (NarrativeIn, *docs_ledger.MODELS, *BODIES)
            for model in models:
                add_model(parts, model)
            _name_lines(parts, load_taxonomy(data / "taxonomy.yaml").line_codes)
            app.openapi_schema = schema
        return app.openapi_schema

    app.openapi = describe  # type: ignore[method-assign]
    app.include_router(router)
    app.mount("/static", Static(), name="static")
