"""The governance report at the desk: a period chosen, its numbers, and the tickets behind each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from typing import Annotated
from urllib.parse import urlencode

from anyio import to_thread
from fastapi import APIRouter, Query, Request, Response

from service.checking import checked
from service.desk.pages import Here, labels_of
from service.desk.render import Guest, PageRoute, page
from service.governance.charts import line
from service.governance.figures import Figure
from service.governance.files import FORMATS
from service.governance.reporter import Wanted
from service.governance.reports_api import TYPES, ReportAsked, period_asked
from service.ledger.answers import Body, row_body
from service.store import complaints
from service.store.database import Session
from triage.errors import InvalidInput
from triage.rules.calendar import local

router = APIRouter(include_in_schema=False, route_class=PageRoute)
PATH = "/desk/report"
_SHOWN, _QUARTERS = 50, 5
_DAYS = ("from", "to")
_ASKED = (*_DAYS, "province", "accountable")


@dataclass(frozen=True, slots=True)
class Quarter:
    """A quarter of a year, as days."""

    year: int
    number: int

    @property
    def since(self) -> date:
        """Its first day."""
        return date(self.year, 3 * self.number - 2, 1)

    @property
    def until(self) -> date:
        """Its last day."""
        return self.after.since - timedelta(days=1)

    @property
    def after(self) -> Quarter:
        """The next one."""
        end = self.number == 4
        return Quarter(self.year + end, 1 if end else self.number + 1)

    @property
    def before(self) -> Quarter:
        """The one before."""
        begin = self.number == 1
        return Quarter(self.year - begin, 4 if begin else self.number - 1)


def quarters(now: datetime, count: int = _QUARTERS) -> list[Quarter]:
    """Give the last quarters, that of today in front."""
    today = local(now).date()
    found = [Quarter(today.year, (today.month + 2) // 3)]
    while len(found) < count:
        found.append(found[-1].before)
    return found


@router.get(PATH)
async def show_report(request: Request, guest: Here) -> Response:
    """Show the form, and the report of the period that is asked for, if one is."""
    now = guest.room.parts.ledger.now()
    told = _told(request)
    report = None
    if told["from"] or told["to"]:
        wanted = await _wanted(guest, told)
        report = await to_thread.run_sync(guest.room.parts.reports.shown, wanted)
    return page(
        request,
        "report.html",
        guest.visitor,
        report=report,
        told=told,
        query=_query(told),
        quarters=quarters(now),
        people=guest.room.accountables,
        line=line,
        is_figure=lambda cell: isinstance(cell, Figure),
    )


@router.get(f"{PATH}/file")
async def load_report(request: Request, guest: Here) -> Response:
    """Give the report as a file, or the list of the tickets behind its numbers."""
    told = _told(request)
    form = request.query_params.get("format", "docx")
    if f".{form}" not in FORMATS and form != "csv":
        raise InvalidInput("there is no such kind of file", cure="use docx, html, json or csv")
    wanted = await _wanted(guest, told)
    made = await to_thread.run_sync(guest.room.parts.reports.kept, wanted, form)
    name = f"governance-{told['from']}-{told['to']}.{form}"
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Cache-Control": "no-store",
    }
    return Response(made, media_type=TYPES.get(form, "text/csv; charset=utf-8"), headers=headers)


@router.get(f"{PATH}/tickets")
async def show_figure(
    request: Request, guest: Here, after: Annotated[int, Query(ge=0, le=10**9)] = 0
) -> Response:
    """Show the tickets, items or alerts behind one number."""
    told, room = _told(request), guest.room
    wanted, code = await _wanted(guest, told), request.query_params.get("figure", "")
    found = await to_thread.run_sync(room.parts.reports.behind, wanted, code, after, _SHOWN)
    shown = found.figure.ids
    rows = await room.ask(partial(_rows, ids=shown, now=room.parts.ledger.now()))
    await room.note("report.tickets", figure=code, tickets=len(shown))
    return page(
        request,
        "figure.html",
        guest.visitor,
        period=found.period,
        figure=found.figure,
        number=found.number,
        shown=shown,
        rows=rows,
        after=after,
        onward=after + _SHOWN if after + _SHOWN < found.number else None,
        query=_query(told),
        labels=labels_of(guest),
    )


def _told(request: Request) -> dict[str, str]:
    return {name: request.query_params.get(name, "") for name in _ASKED}


async def _wanted(guest: Guest, told: Mapping[str, str]) -> Wanted:
    """Give the report that an address asks for; that it was made stands in the audit log."""
    room = guest.room
    given = {name: value for name, value in told.items() if value or name in _DAYS}
    asked = checked(ReportAsked, given)
    period = period_asked(asked.since, asked.until, room.parts.ledger.now())
    noted = {name: value for name, value in given.items() if name != "province"}
    await room.note("report.made", **noted)
    return Wanted(period, asked.province, asked.accountable)


def _rows(session: Session, ids: Sequence[str], now: datetime) -> dict[str, Body]:
    """Give what the ledger shows of tickets; items and alerts are none."""
    known = (complaints.find(session, ident) for ident in ids)
    return {one.ticket_id: row_body(one, now) for one in known if one is not None}


def _query(told: Mapping[str, str]) -> str:
    return urlencode({name: value for name, value in told.items() if value})
