"""Files of tickets: looked at, taken into the ledger, taken back."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from anyio import to_thread

from service.desk.import_file import KINDS, Fate, Preview, preview, text_of
from service.desk.room import Room
from service.ledger.orders import Order, Taken
from service.store import audit, imports, removal
from service.store.database import Session
from service.store.imports import ImportRecord, ImportState
from service.store.records import Outcome
from service.store.records_service import Actor
from triage.errors import InvalidInput, JiesuError

_KEPT = timedelta(hours=1)
# So many tickets at once: others are served in between.
_SOME = 200
_NAMED = 100
# Who was cut off while a file was taken in may go on with it after so long.
_CUT_OFF = timedelta(minutes=10)


class ImportRefused(JiesuError):
    """What is asked of a file does not go with how far it came."""

    code = "import_refused"
    status = 409


async def receive(room: Room, name: str, content: bytes) -> int:
    """Look at a file and keep it, sealed, for an hour; give its number.

    Raises
    ------
    InvalidInput
    """
    kind = name.rpartition(".")[2].lower()
    if kind not in KINDS:
        raise InvalidInput("the file has another extension", cure="send a .csv or .jsonl file")
    text = await to_thread.run_sync(text_of, content)
    look = partial(preview, text=text, kind=kind, parts=room.parts)
    found: Preview = await room.ask(look)
    now = room.parts.ledger.now()
    sealed = await to_thread.run_sync(room.parts.privacy.seal, text)

    def work(session: Session) -> int:
        facts = {"who": room.actor.who, "name": name, "kind": kind}
        number = imports.add(session, **facts, sealed=sealed, at=now, until=now + _KEPT)
        told = {"import": number, **found.counts}
        audit.note(session, room.actor, "import.sent", at=now, data=told)
        return number

    return await room.parts.writer.write(work)


async def look_at(room: Room, number: int) -> tuple[ImportRecord, Preview | None]:
    """Give a file and, until it is taken in, what would become of its rows.

    Raises
    ------
    UnknownImport
    """
    now = room.parts.ledger.now()

    def work(session: Session) -> tuple[ImportRecord, Preview | None]:
        one = imports.get(session, number, now)
        sealed = imports.sealed(session, number)
        if one.state is not ImportState.DRAFT or sealed is None:
            return one, None
        text = room.parts.privacy.unseal(sealed)
        return one, preview(session, text, one.kind, room.parts)

    return await room.ask(work)


async def take(room: Room, number: int) -> None:
    """Take the new tickets of a file into the ledger, some at a time.

    Raises
    ------
    UnknownImport, ImportRefused
    """
    now = room.parts.ledger.now()
    one: ImportRecord = await room.ask(partial(imports.get, import_id=number, now=now))
    again = one.state is ImportState.TAKING and one.taken_at and one.taken_at + _CUT_OFF < now
    begin = partial(
        imports.move,
        import_id=number,
        came_from=ImportState.TAKING if again else ImportState.DRAFT,
        to=ImportState.TAKING,
        taken_at=one.taken_at or now,
    )
    if not await room.parts.writer.write(begin):
        raise ImportRefused("the file was taken in already", cure="look at it again")
    orders, counts = await room.ask(partial(_orders, number=number, kind=one.kind, room=room))
    actor = replace(room.actor, request_id=imports.request_of(number))
    found = await _send(room, orders, actor)
    counts |= {Fate.NEW: found["new"], "failed": found["failed"]}
    counts[Fate.STORED] += found["stored"]
    counts[Fate.CONFLICT] += found["conflict"]
    await room.parts.writer.write(partial(_finish, room=room, number=number, counts=counts))


async def drop(room: Room, number: int) -> None:
    """Forget a file that was not taken in."""
    now = room.parts.ledger.now()

    def work(session: Session) -> None:
        if imports.drop(session, number):
            told = {"import": number}
            audit.note(session, room.actor, "import.dropped", at=now, data=told)

    await room.parts.writer.write(work)


async def undo(room: Room, number: int) -> None:
    """Remove the tickets of a file that nobody touched since; the others stay and are named.

    Raises
    ------
    UnknownImport, ImportRefused
    """
    now = room.parts.ledger.now()
    await room.parts.writer.write(partial(_undo, number=number, actor=room.actor, now=now))


def _undo(session: Session, number: int, actor: Actor, now: datetime) -> None:
    one = imports.get(session, number, now)
    theirs = imports.tickets_of(session, one)
    free = removal.untouched(session, theirs)
    stay = [ticket_id for ticket_id in theirs if ticket_id not in free]
    counts = {**one.counts, "removed": len(free), "stay": len(stay), "staying": stay[:_NAMED]}
    states = {"came_from": ImportState.TAKEN, "to": ImportState.UNDONE}
    if not imports.move(session, number, **states, undone_at=now, counts=counts):
        raise ImportRefused("the file was not taken in, or taken back", cure="look at it again")
    removal.remove(session, free)
    audit.note_many(session, "ticket.removed", [(actor, ticket_id, now) for ticket_id in free])
    told = {"import": number, "removed": len(free), "stay": len(stay)}
    audit.note(session, actor, "import.undone", at=now, data=told)


def _orders(
    session: Session, number: int, kind: str, room: Room
) -> tuple[list[Order], dict[str, int]]:
    sealed = imports.sealed(session, number)
    if sealed is None:
        raise ImportRefused("the file is not kept any more", cure="send it again")
    found = preview(session, room.parts.privacy.unseal(sealed), kind, room.parts)
    return found.orders, found.counts


async def _send(room: Room, orders: list[Order], actor: Actor) -> Counter[str]:
    found: Counter[str] = Counter()
    for start in range(0, len(orders), _SOME):
        for taken in await room.parts.ledger.take(orders[start : start + _SOME], actor):
            outcome = taken.outcome if isinstance(taken, Taken) else None
            found[_COUNTED.get(outcome, "failed")] += 1
    return found


_COUNTED: dict[Outcome | None, str] = {
    Outcome.NEW: "new",
    Outcome.STORED: "stored",
    Outcome.CONFLICT: "conflict",
}


def _finish(session: Session, room: Room, number: int, counts: dict[str, int]) -> None:
    now = room.parts.ledger.now()
    states = {"came_from": ImportState.TAKING, "to": ImportState.TAKEN}
    imports.move(session, number, **states, done_at=now, sealed=None, counts=counts)
    told = {"import": number, **counts}
    audit.note(session, room.actor, "import.taken", at=now, data=told)
