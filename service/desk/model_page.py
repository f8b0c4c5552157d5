"""The model page: which model serves, since when, its card, and how reviewers found it."""

from __future__ import annotations

from functools import partial
from typing import Any

from anyio import to_thread
from fastapi import APIRouter, Request, Response

from service.desk.model_card import shown as shown_card
from service.desk.model_drift import decides, shown
from service.desk.model_view import LAST, by_version, judge, promoted
from service.desk.pages import Here, labels_of
from service.desk.render import PageRoute, page
from service.serving import Loaded
from service.store import judged
from service.wiring import Parts
from triage.errors import JiesuError

router = APIRouter(include_in_schema=False, route_class=PageRoute)


@router.get("/desk/model")
async def show_model(request: Request, guest: Here) -> Response:
    """Show the serving model and what the last verdicts say of it."""
    room = guest.room
    reviewed = await room.ask(partial(judged.last, limit=LAST))
    history = await to_thread.run_sync(promoted, room.parts.settings.models)
    loaded = _loaded(room.parts)
    version = loaded.engine.version if loaded else None
    serving = [one for one in reviewed if one.model_version == version]
    drift = await to_thread.run_sync(room.parts.drift.last)
    await room.note("model.read", version=version)
    return page(
        request,
        "model.html",
        guest.visitor,
        version=version,
        facts=_facts(loaded),
        card=shown_card(loaded.card, guest.words) if loaded and loaded.card else None,
        since=next((one for one in history if one.version == version), None),
        before=next((one for one in history if one.version != version), None),
        judged=judge(serving),
        versions=by_version(reviewed),
        last=LAST,
        refused=room.parts.models.refused,
        drift=shown(drift, [one.at for one in serving]),
        every=room.parts.drift.settings,
        labels=labels_of(guest),
        decides=decides(guest.visitor),
    )


def _loaded(parts: Parts) -> Loaded | None:
    try:
        return parts.models.loaded
    except JiesuError:  # the page says so
        return None


def _facts(loaded: Loaded | None) -> dict[str, Any]:
    if loaded is None:
        return {}
    manifest = loaded.engine.manifest
    return {
        "loaded_at": loaded.loaded_at.isoformat(),
        "trained_at": manifest.get("trained_at"),
        "corpus_rows": manifest.get("corpus_rows"),
        "taxonomy_version": manifest.get("taxonomy_version"),
    }
