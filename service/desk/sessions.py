"""Signing in to the desk: a key or a password opens a session on the server.

The browser's cookie holds 256 random bits; the database knows their hash alone. The token against
forged requests is another hash of them, so nothing more need be kept. Failed tries are counted by
the place they come from, and by the account: a key cannot be guessed, a password can, from many
places at once. An account takes more of them, so that from one place nobody locks another out.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from anyio import CapacityLimiter, to_thread
from fastapi import Request, Response

from service.access.keys import Key, Role
from service.access.oidc_settings import is_here
from service.access.passwords import nobodys, same_password
from service.desk import tries
from service.desk.forgery import masked, token_of
from service.desk.settings import Desk
from service.errors import Forbidden, request_id
from service.store import audit, choices, keys, logins, users
from service.store.database import Session
from service.store.records import Facts
from service.store.records_review import Choices, LoginRecord, UserRecord
from service.store.records_service import DESK_ROLES, Actor
from service.wiring import Parts, parts_of
from triage.errors import JiesuError, NotAuthenticated

COOKIE = "jiesu_desk"
_SEEN_EVERY = timedelta(minutes=1)
_NOBODY = Actor("nobody", "none")
# A password costs 32 MB and some tenths of a second to compare.
_SLOW = CapacityLimiter(2)


class LockedOut(JiesuError):
    """Too many failed tries to sign in from one place."""

    code = "locked_out"
    status = 429


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who is signed in.

    Attributes
    ----------
    key : Key
    token : str
        The token of the session against forged requests, which nobody is shown.
    csrf : str
        The same as the forms of this page carry it.
    choices : Choices
        What he set for himself.
    """

    key: Key
    token: str
    csrf: str
    choices: Choices

    @property
    def judges(self) -> bool:
        """Whether he may take tickets and give verdicts."""
        return self.key.role in (Role.REVIEWER, Role.ADMIN)

    @property
    def name(self) -> str:
        """What he is called: the label of his key, or its id."""
        return self.key.label or self.key.ident

    def actor(self, request: Request) -> Actor:
        """Give who acts."""
        return Actor(self.key.ident, self.key.role, request_id(request))


@dataclass(frozen=True, slots=True)
class Shown:
    """What somebody shows to sign in: a key, or the name and the password of an account."""

    key: str = ""
    name: str = ""
    password: str = ""


async def sign_in(request: Request, shown: Shown, desk: Desk) -> str:
    """Open a session; give what its cookie is to hold.

    Raises
    ------
    LockedOut, NotAuthenticated, Forbidden
    """
    parts = parts_of(request)
    places = await count_try(request, desk, shown.name)
    key = await _key_of(parts, shown)
    if key is None or key.revoked_at is not None:
        await note_refused(request)
        raise NotAuthenticated("key, name or password is wrong", cure="write them again")
    if key.role not in DESK_ROLES:
        await parts.writer.write(partial(tries.forgive, places=places))
        raise Forbidden("keys of this role do not open the desk", cure="use a reviewer's key")
    return await open_session(request, key, desk, places)


async def count_try(request: Request, desk: Desk, name: str = "") -> tries.Places:
    """Count a try to sign in as failed until it is forgiven; give what it was counted by.

    Raises
    ------
    LockedOut
    """
    # Counted before anything is compared: of tries at one time no more are let through.
    parts = parts_of(request)
    now, places = parts.ledger.now(), tries.places_of(request, parts, name, desk.lockout)
    within = timedelta(minutes=desk.lockout.minutes)
    counted = partial(tries.count, places=places, now=now, within=within)
    if not await parts.writer.write(counted):
        raise LockedOut("too many failed tries", cure="wait some minutes, then try again")
    return places


async def note_refused(request: Request, **data: object) -> None:
    """Note in the audit log that somebody was not let in."""
    parts = parts_of(request)
    actor = replace(_NOBODY, request_id=request_id(request))
    now = parts.ledger.now()
    noted = partial(audit.note, actor=actor, what="session.refused", at=now, data=data)
    await parts.writer.write(noted)


async def open_session(
    request: Request, key: Key, desk: Desk, places: tries.Places, **data: object
) -> str:
    """Open a session for somebody who is known; give what its cookie is to hold."""
    parts = parts_of(request)
    now, secret = parts.ledger.now(), secrets.token_urlsafe(32)
    until = now + timedelta(hours=desk.session.hours)
    login = LoginRecord(_digest(secret), key.ident, now, now, until)
    actor = Actor(key.ident, key.role, request_id(request))
    opening = partial(_open, login=login, places=places, actor=actor, data=data)
    await parts.writer.write(opening)
    return secret


async def _key_of(parts: Parts, shown: Shown) -> Key | None:
    if not shown.name:
        return await to_thread.run_sync(parts.keys.find, shown.key.strip())
    name = shown.name.strip().lower()
    user, key = await to_thread.run_sync(parts.database.ask, partial(_account, name=name))
    kept = user.password if user else nobodys()
    same = await to_thread.run_sync(same_password, shown.password, kept, limiter=_SLOW)
    return key if same else None


async def sign_out(request: Request, visitor: Visitor) -> None:
    """End the session of a request."""
    parts, sha256 = parts_of(request), _digest(request.cookies.get(COOKIE, ""))
    now, actor = parts.ledger.now(), visitor.actor(request)

    def work(session: Session) -> None:
        if logins.close(session, sha256):
            audit.note(session, actor, "session.closed", at=now)

    await parts.writer.write(work)


async def visitor_of(request: Request, desk: Desk) -> Visitor | None:
    """Give who is signed in; None when nobody is, or the session or its key is over."""
    secret, parts = request.cookies.get(COOKIE, ""), parts_of(request)
    if not secret:
        return None
    login, key, chosen = await to_thread.run_sync(
        parts.database.ask, partial(_kept, sha256=_digest(secret))
    )
    now = parts.ledger.now()
    if login is None or key is None or _over(login, now, desk):
        return None
    if key.revoked_at is not None or key.role not in DESK_ROLES:
        return None
    if now - login.seen_at >= _SEEN_EVERY:
        parts.writer.submit(partial(logins.seen, sha256=login.sha256, now=now))
    request.state.key_id = key.ident
    parts.limit.take(key.ident)
    token = token_of(secret)
    return Visitor(key, token, masked(token), chosen)


def set_cookie(request: Request, response: Response, name: str, value: str) -> None:
    """Give the browser a cookie that no script reads and no other site sends."""
    response.set_cookie(
        *(name, value), httponly=True, samesite="strict", secure=by_tls(request), path="/desk"
    )


def by_tls(request: Request) -> bool:
    """Say whether cookies may be sent by TLS alone."""
    # On this machine itself browsers differ in whether they keep such a cookie without TLS.
    return request.url.scheme == "https" or not is_here(request.url.hostname or "")


def _over(login: LoginRecord, now: datetime, desk: Desk) -> bool:
    idle = timedelta(minutes=desk.session.idle_minutes) + _SEEN_EVERY
    return now >= login.until or now >= login.seen_at + idle


def _kept(session: Session, sha256: str) -> tuple[LoginRecord | None, Key | None, Choices]:
    login = logins.find(session, sha256)
    if login is None:
        return None, None, Choices()
    return login, keys.find(session, login.ident), choices.of(session, login.ident)


def _account(session: Session, name: str) -> tuple[UserRecord | None, Key | None]:
    user = users.find(session, name)
    return user, keys.find(session, user.ident) if user else None


def _open(
    session: Session, login: LoginRecord, places: tries.Places, actor: Actor, data: Facts
) -> None:
    tries.forgive(session, places)
    logins.open_login(session, login)
    audit.note(session, actor, "session.opened", at=login.created_at, data=data)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
