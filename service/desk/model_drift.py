"""The model page's part on drift: what has changed, which phrases are new, what to do with them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from anyio import to_thread
from fastapi import APIRouter, Request, Response
from starlette.responses import PlainTextResponse

from service.desk.forms import own_form
from service.desk.pages import Here
from service.desk.render import PageRoute, lead
from service.desk.sessions import Visitor
from service.drift import deciding
from service.drift.deciding import DECIDING
from service.drift.terms import Choice
from service.errors import Forbidden
from triage.errors import InvalidInput

router = APIRouter(include_in_schema=False, route_class=PageRoute)
PATH = "/desk/model"
_MOVED, _TICKETS = 3, 5
_KINDS = (("all", "reviewed"), ("weighted", "reviewed_weighted"), ("audit", "reviewed_audit"))


@dataclass(frozen=True, slots=True)
class View:
    """How far one view has moved; `rang` says whether that is an alarm."""

    name: str
    rang: bool
    distance: float
    p: float
    moved: Sequence[tuple[str, float, float]]


@dataclass(frozen=True, slots=True)
class Drift:
    """The last look as the page shows it.

    `checked` are verdicts of three kinds of sample; `later` counts those given since it looked.
    """

    told: Mapping[str, Any]
    views: Sequence[View]
    phrases: Sequence[Mapping[str, Any]]
    checked: Sequence[tuple[str, Mapping[str, Any]]]
    later: int

    @property
    def verdict(self) -> str | None:
        """Whether the model is `surer` than right, `less_sure` or `close`; None of nothing.

        Told of the weighted verdicts, which stand for all tickets: whether its confidence lies
        outside the interval of what was verified.
        """
        found = self.told.get("reviewed_weighted") or {}
        if found.get("estimated") is None or found.get("verified") is None:
            return None
        if found["estimated"] > found["verified_high"]:
            return "surer"
        return "less_sure" if found["estimated"] < found["verified_low"] else "close"


def shown(last: Mapping[str, Any] | None, given: Iterable[datetime] = ()) -> Drift | None:
    """Prepare the last look for the page; None before the first.

    `given` are the moments of the verdicts on the serving model.
    """
    if last is None:
        return None
    views = [
        View(
            one["view"],
            one["view"] in last["changed"],
            one["distance"],
            one["p"],
            [tuple(each) for each in one["moved"][:_MOVED]],
        )
        for one in last["views"]
    ]
    phrases = [
        {**one, "shown": one["tickets"][:_TICKETS], "more": len(one["tickets"][_TICKETS:])}
        for one in last["phrases"]
    ]
    checked = [(kind, last[name]) for kind, name in _KINDS if (last.get(name) or {}).get("named")]
    looked = datetime.fromisoformat(last["at"])
    return Drift(last, views, phrases, checked, sum(at > looked for at in given))


def decides(visitor: Visitor) -> bool:
    """Say whether somebody may decide about phrases: a term means another training."""
    return visitor.key.role in DECIDING


@router.post(f"{PATH}/phrases")
async def decide(request: Request, guest: Here) -> Response:
    """Accept a phrase as a term, dismiss it, or take that back."""
    form = await own_form(request, guest)
    if not decides(guest.visitor):
        raise Forbidden("this role may read only", cure="sign in with a scientist's key")
    asked = form.one("choice")
    if asked not in tuple(Choice):
        raise InvalidInput("there is no such decision", cure="send it from the page")
    await deciding.decide(guest.room.parts, form.one("text"), Choice(asked), guest.room.actor)
    return lead(f"{PATH}#h-phrases")


@router.get(f"{PATH}/terms.txt")
async def terms(guest: Here) -> Response:
    """Give the accepted phrases as a file of `data/terms`."""
    found = await to_thread.run_sync(guest.room.parts.drift.terms.accepted)
    body = "".join(f"{line}\n" for line in ("# Accepted at the desk.", *found))
    headers = {
        "Content-Disposition": 'attachment; filename="terms.txt"',
        "Cache-Control": "no-store",
    }
    return PlainTextResponse(body, headers=headers)
