"""Tries to sign in, counted as failed until they are forgiven."""

from __future__ import annotations

from datetime import datetime, timedelta

from fastapi import Request

from service.desk.settings import Lockout
from service.store import logins
from service.store.database import Session
from service.wiring import Parts

Places = dict[str, int]
"""Keyed hashes of what tries are counted by, and how many of them lock it."""

_NAME = 100


def count(session: Session, places: Places, now: datetime, within: timedelta) -> bool:
    """Count a try as failed until it is forgiven; False when there were too many."""
    if any(logins.tries(session, place, now, within) >= most for place, most in places.items()):
        return False
    for place in places:
        logins.failed(session, place, now, within)
    return True


def forgive(session: Session, places: Places) -> None:
    """Forget the tries of somebody who was let in."""
    for place in places:
        logins.forget(session, place)


def places_of(request: Request, parts: Parts, name: str, lockout: Lockout) -> Places:
    """Give what tries are counted by: where they come from, and the account if one is named."""
    host = request.client.host if request.client else ""
    told = {f"place {host}": lockout.tries}
    if name:
        told[f"account {name.strip().lower()[:_NAME]}"] = lockout.account_tries
    return {parts.privacy.body_hash(what.encode()): most for what, most in told.items()}
