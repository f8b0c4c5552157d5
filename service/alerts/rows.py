"""Tickets for surges, from scored files and from the ledger."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from service.scoring.parts import cut, read_part
from triage.bonds import Bonds
from triage.errors import InvalidInput
from triage.rules.calendar import local
from triage.surge.tickets import Said, SurgeTicket
from triage.wire import context_from

if TYPE_CHECKING:
    from service.store.seen import SeenRow

_CURE = "pass the output of `jiesu score` on rows with received_at"


def tickets_of_file(path: Path) -> list[SurgeTicket]:
    """Read a file of scored tickets.

    Raises
    ------
    InvalidInput
        When the file, or a row of it, cannot be used; the row is named by its line.
    """
    if not path.is_file():
        raise InvalidInput(f"{path} is no file")
    found = []
    for row in (row for part in cut(path) for row in read_part(path, part)):
        where = f"{path.name}, line {row.line}"
        if row.values is None:
            raise InvalidInput(f"{where}: {row.problem}", cure="mend the row")
        found.append(_ticket(row.values, row.line, where))
    return found


def _ticket(values: Mapping[str, Any], line: int, where: str) -> SurgeTicket:
    try:
        context = context_from(values)
    except InvalidInput as exc:
        raise InvalidInput(f"{where}: {exc.message}", cure=exc.cure) from exc
    text = values.get("masked_text")
    if context.received_at is None or not isinstance(text, str):
        lack = "masked_text" if context.received_at is not None else "received_at"
        raise InvalidInput(f"{where} has no {lack}", cure=_CURE)
    return SurgeTicket(
        id=str(values.get("id") or context.ticket_id or line),
        received=local(context.received_at).date(),
        line=values.get("line") or None,
        subline=values.get("subline") or None,
        product=context.product,
        unit=context.unit,
        channel=context.channel,
        customer_ref=context.customer_key,
        recorded=_day(values.get("recorded_at"), where),
        signals=_codes(values.get("signals")),
        said=said_of(values.get("signals")),
        group_size=context.group_size,
        amount_cny=context.amount_cny,
        text=text,
    )


def _codes(given: Any) -> tuple[str, ...]:
    """Read signals as JSONL has them, spans, and as tables do, codes joined by `;`."""
    if isinstance(given, list):
        given = ";".join(str(each.get("code", "")) for each in given if isinstance(each, dict))
    return tuple(code for code in str(given or "").split(";") if code)


def said_of(given: Any) -> tuple[Said, ...]:
    """Give the words of signals; those told as codes alone have none."""
    if not isinstance(given, list):
        return ()
    signals = (each for each in given if isinstance(each, dict))
    found = ((each.get("code"), each.get("start"), each.get("text", "")) for each in signals)
    return tuple(
        Said(code, start, words)
        for code, start, words in found
        if isinstance(code, str) and isinstance(start, int) and isinstance(words, str)
    )


def _day(given: Any, where: str) -> date | None:
    if not given:
        return None
    try:
        return local(datetime.fromisoformat(str(given))).date()
    except ValueError as exc:
        raise InvalidInput(f"{where}: recorded_at is no moment", cure="ISO 8601 with zone") from exc


def bonds_of(links: Iterable[tuple[int, int, str]]) -> tuple[Bonds, Bonds]:
    """Give which tickets are one matter, and which one template.

    `links` are what the ledger found at intake: which ticket is the same matter, or the same
    template, as an earlier one. They are known from their receipt: a ledger may have been filled at
    once from another system.
    """
    matters, clusters = Bonds(), Bonds()
    for later, earlier, kind in links:
        (matters if kind == "customer" else clusters).join(later, earlier)
    return matters, clusters


def ticket_of(row: SeenRow, said: tuple[Said, ...], matters: Bonds, clusters: Bonds) -> SurgeTicket:
    """Turn a ticket of the ledger; an erased one has no words left, but counts.

    `said` are its signals, which make it a major one.
    """
    root = clusters.of(row.id)
    return SurgeTicket(
        id=row.ticket_id,
        received=local(row.received_at).date(),
        line=None if row.abstained else row.line,
        subline=None if row.abstained else row.subline,
        product=row.product,
        unit=row.unit,
        channel=row.channel,
        customer_ref=row.customer_ref,
        matter=str(matters.of(row.id) or row.id),
        cluster=None if root is None else str(root),
        signals=tuple(sorted({each.code for each in said})),
        said=said,
        group_size=row.group_size,
        amount_cny=row.amount_cny,
        text=row.masked_text,
    )
