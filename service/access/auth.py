"""Who may call what: `Authorization: Bearer KEY`."""

from __future__ import annotations

import ipaddress
from collections.abc import Awaitable, Callable
from typing import Annotated

from anyio import to_thread
from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from service.access.keys import Key, Role
from service.errors import Forbidden
from service.wiring import parts_of
from triage.errors import NotAuthenticated

_BEARER = HTTPBearer(
    auto_error=False, description="A key of `jiesu keys create`, or one that `make run` prints"
)
_Shown = Annotated[HTTPAuthorizationCredentials | None, Depends(_BEARER)]
EVERYBODY = tuple(Role)


def allow(*roles: Role) -> Callable[..., Awaitable[Key]]:
    """Give a dependency that lets in keys of these roles alone.

    Raises
    ------
    NotAuthenticated, Forbidden
        When a request shows no known key, or one of another role.
    """

    async def check(request: Request, shown: _Shown) -> Key:
        key = await _known(request, shown)
        if key.role not in roles:
            raise Forbidden(
                f"a key of the role {key.role} may not do this",
                cure=f"use a key of the role {' or '.join(roles)}",
            )
        return key

    return check


async def let_in(request: Request, check: Callable[..., Awaitable[Key]]) -> Key:
    """Do what a dependency of `allow` does where FastAPI is not to resolve it."""
    return await check(request, await _BEARER(request))


# Who looks at what was assessed, and who says what is to be done.
Looking = Annotated[Key, Depends(allow(Role.REVIEWER, Role.SCIENTIST, Role.ADMIN))]
Judging = Annotated[Key, Depends(allow(Role.REVIEWER, Role.ADMIN))]


async def allow_metrics(request: Request, shown: _Shown) -> None:
    """Let in any key, and this machine itself where the settings say so."""
    if not (parts_of(request).settings.metrics_open_on_loopback and _from_here(request)):
        await _known(request, shown)


async def _known(request: Request, shown: HTTPAuthorizationCredentials | None) -> Key:
    if shown is None:
        raise NotAuthenticated(
            "no key was shown", cure="send the header `Authorization: Bearer jiesu_...`"
        )
    keys = parts_of(request).keys
    if keys.must_read(shown.credentials):
        await to_thread.run_sync(keys.refresh)
    key = keys.find(shown.credentials)
    if key is None:
        raise NotAuthenticated(
            "the key is not known", cure="make one with `jiesu keys create --role intake`"
        )
    request.state.key_id = key.ident
    parts_of(request).limit.take(key.ident)
    return key


def _from_here(request: Request) -> bool:
    try:
        return request.client is not None and ipaddress.ip_address(request.client.host).is_loopback
    except ValueError:
        return False
