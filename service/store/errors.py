"""What can go wrong with the store, and what an error of a driver means."""

from __future__ import annotations

import sqlite3

from sqlalchemy.exc import DBAPIError, OperationalError

from triage.errors import ConfigError, JiesuError

# PostgreSQL: serialization failure, deadlock, lock not available. All are undone in full.
_UNDONE = {"40001", "40P01", "55P03"}


class StoreBusy(JiesuError):
    """More is waiting to be written than the store takes; nothing of this was written."""

    code = "busy"
    status = 503


class StoreUnavailable(JiesuError):
    """The database does not answer, or cannot write."""

    code = "store_unavailable"
    status = 503


class TicketConflict(JiesuError):
    """The same identifier was given before, with another content."""

    code = "ticket_conflict"
    status = 409


class ChangedMeanwhile(JiesuError):
    """Somebody else changed the ticket since it was read."""

    code = "changed_meanwhile"
    status = 409


class UnknownTicket(JiesuError):
    """No ticket has this identifier."""

    code = "unknown_ticket"
    status = 404


class UnknownImport(JiesuError):
    """No file has this number, or it was not taken in in its time."""

    code = "unknown_import"
    status = 404


class UnknownAlert(JiesuError):
    """No risk alert has this number, or it was not sent to whom it is said to be."""

    code = "unknown_alert"
    status = 404


class UnknownItem(JiesuError):
    """No item has this number."""

    code = "unknown_item"
    status = 404


class UnknownFigure(JiesuError):
    """The report has no such figure."""

    code = "unknown_figure"
    status = 404


class WrongState(JiesuError):
    """An alert or an item is not in the state from which a step leads."""

    code = "wrong_state"
    status = 409


class RawNotKept(JiesuError):
    """The narrative as submitted is not there (any more), or no key opens it."""

    code = "raw_not_kept"
    status = 404


class SchemaTooNew(ConfigError):
    """The database was made by a later version of jiesu."""

    code = "schema_too_new"


def undone(exc: BaseException) -> bool:
    """Say whether a transaction failed in a way that left nothing, and may go well if repeated."""
    if not isinstance(exc, DBAPIError):
        return False
    if isinstance(exc.orig, sqlite3.Error):
        return getattr(exc.orig, "sqlite_errorcode", 0) & 0xFF in (
            sqlite3.SQLITE_BUSY,
            sqlite3.SQLITE_LOCKED,
        )
    return getattr(exc.orig, "sqlstate", None) in _UNDONE


def gone(exc: BaseException) -> bool:
    """Say whether the connection was lost, or could not be made."""
    if not isinstance(exc, DBAPIError):
        return False
    if exc.connection_invalidated:
        return True
    state = getattr(exc.orig, "sqlstate", None)
    # Class 57: the server is going down. No state at all: it was not reached.
    return (
        isinstance(exc, OperationalError)
        and not isinstance(exc.orig, sqlite3.Error)
        and (state is None or state.startswith(("57", "08")))
    )


def unavailable(exc: BaseException) -> StoreUnavailable:
    """Give the error to answer; a driver's message may hold what was to be written."""
    name = type(getattr(exc, "orig", None) or exc).__name__
    return StoreUnavailable(
        f"the database cannot be used now ({name})",
        cure="ask again; if it stays, look at the database and the space on its disk",
    )
