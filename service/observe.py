"""The outermost layer: request ids, one log line a request, figures, and faults as errors."""

from __future__ import annotations

import asyncio
import logging
import re
import secrets
import time
from collections.abc import Mapping
from typing import Any

from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.errors import TookTooLong, error_body
from service.logs import LOGGER
from service.metrics import Meters
from triage.errors import JiesuError

_LOG = logging.getLogger(LOGGER)
_GOOD_ID = re.compile(r"[A-Za-z0-9._-]{1,64}", re.ASCII)
_METHODS = {"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"}
_CALLER_LEFT = 499
# Asked every few seconds by machines: a line each would bury the others.
_ASKED_ALL_DAY = {"/health/live", "/health/ready", "/metrics"}
# An address that no route knows may hold anything, so it is neither logged nor a label.
_NO_ROUTE = "(none)"
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Content-Security-Policy": (
        "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:;"
        " object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
}
_ALWAYS = [(name.lower().encode(), value.encode()) for name, value in _HEADERS.items()]
# Only where the caller came by TLS, as a proxy on this machine says.
_TLS_ONLY = b"max-age=31536000"

_SORRY = "something went wrong here, not with the request"
_ASK = "ask again; if it stays, look for the request id in the log of the service"


class _Fault(JiesuError):
    """A bug."""

    code = "internal_error"
    status = 500


class Observe:
    """ASGI middleware around everything.

    Parameters
    ----------
    app : ASGI application
    meters : Meters
    timeout_s : float
        Seconds after which a call is refused whose answer has not begun.
    """

    def __init__(self, app: ASGIApp, meters: Meters, timeout_s: float) -> None:
        self._app = app
        self._meters = meters
        self._timeout_s = timeout_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()
        state = scope.setdefault("state", {})
        state["request_id"] = _request_id(scope)
        status = _CALLER_LEFT
        answered = False

        async def sending(message: Message) -> None:
            nonlocal status, answered
            if message["type"] == "http.response.start":
                status, answered = message["status"], True
                _add_headers(message, scope, state["request_id"])
            await send(message)

        try:
            await self._in_time(scope, receive, sending)
        except ClientDisconnect:
            pass
        except Exception as exc:  # noqa: BLE001 - the last stop: every fault takes the one shape
            fault = exc if isinstance(exc, TookTooLong) else _Fault(_SORRY, cure=_ASK)
            # Its message may quote the narrative: the log keeps type and place alone.
            _LOG.exception("fault", extra={"facts": {"request_id": state["request_id"]}})
            status = fault.status
            state["error_code"] = fault.code
            if not answered:
                await _answer_fault(sending, fault, state["request_id"])
        finally:
            self._note(scope, state, status, time.perf_counter() - began)

    async def _in_time(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start" and not limit.expired():
                limit.reschedule(None)  # an answer that has begun may take its time
            await send(message)

        try:
            async with asyncio.timeout(self._timeout_s) as limit:
                await self._app(scope, receive, sending)
        except TimeoutError:
            if not limit.expired():
                raise
            raise TookTooLong(
                f"there was no answer within {self._timeout_s:g} seconds",
                cure="ask again; a ticket that was sent may be sent again as it was",
            ) from None

    def _note(self, scope: Scope, state: Mapping[str, Any], status: int, seconds: float) -> None:
        path = str(getattr(scope.get("route"), "path", _NO_ROUTE))
        method = scope["method"] if scope["method"] in _METHODS else "OTHER"
        self._meters.request(method=method, path=path, status=status, seconds=seconds)
        facts = {
            "request_id": state["request_id"],
            "method": method,
            "path": path,
            "status": status,
            "latency_ms": round(seconds * 1000, 2),
        }
        more = {
            name: state[name] for name in ("error_code", "key_id", "narratives") if name in state
        }
        level = logging.DEBUG if path in _ASKED_ALL_DAY else logging.INFO
        _LOG.log(level, "request", extra={"facts": facts | more})


def _request_id(scope: Scope) -> str:
    offered = Headers(scope=scope).get("x-request-id", "")
    return offered if _GOOD_ID.fullmatch(offered) else secrets.token_hex(8)


def _add_headers(message: Message, scope: Scope, request_id: str) -> None:
    """Add what every answer says; nothing that an answer says itself is said twice."""
    said = [(b"x-request-id", request_id.encode("latin-1")), *_ALWAYS]
    if scope["scheme"] == "https":
        said.append((b"strict-transport-security", _TLS_ONLY))
    if scope["path"].startswith("/v1/"):
        said.append((b"cache-control", b"no-store"))
    names = {name for name, _ in said}
    own = [header for header in message.get("headers", ()) if header[0].lower() not in names]
    message["headers"] = own + said


async def _answer_fault(send: Send, fault: JiesuError, request_id: str) -> None:
    body = error_body(fault.code, fault.message, fault.cure, request_id)
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
    ]
    await send({"type": "http.response.start", "status": fault.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
