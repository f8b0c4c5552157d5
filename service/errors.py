"""Errors of the transport, and the one shape in which every error is answered."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import orjson
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.routing import Route

from service.limits import TooManyRequests
from triage.errors import InvalidInput, JiesuError, NotAuthenticated, NotReady


class InvalidJson(InvalidInput):
    """A body is not well-formed JSON."""

    code = "invalid_json"


class TooManyNarratives(JiesuError):
    """A call carries more narratives than the limit."""

    code = "too_many_narratives"
    status = 413


class Forbidden(JiesuError):
    """The key is known, but its role may not do this."""

    code = "forbidden"
    status = 403


class BodyTooSlow(JiesuError):
    """A body did not arrive in time."""

    code = "body_too_slow"
    status = 408


class NothingThere(JiesuError):
    """Nothing has this number."""

    code = "not_found"
    status = 404


class TookTooLong(JiesuError):
    """A call found no answer in time."""

    code = "took_too_long"
    status = 503


class EncodingNotSupported(JiesuError):
    """A body is compressed."""

    code = "encoding_not_supported"
    status = 415


class ReloadRefused(JiesuError):
    """A model could not be taken up; the one before goes on serving."""

    code = "reload_refused"
    status = 409


class ModelLoading(NotReady):
    """The model will be there in some seconds."""

    code = "model_loading"


_FRAMEWORK = {
    404: ("not_found", "there is nothing at this address", "see /docs"),
    405: ("method_not_allowed", "this address does not take that method", "see /docs"),
}


def request_id(request: Request) -> str:
    """Give the id under which this request is logged."""
    return str(getattr(request.state, "request_id", ""))


def error_body(code: str, message: str, cure: str, ident: str) -> bytes:
    """Give the JSON of an error."""
    facts = {"code": code, "message": message, "cure": cure, "request_id": ident}
    try:
        return orjson.dumps({"error": facts})
    except TypeError:  # a lone surrogate came in with the request
        clean = {k: v.encode("utf-8", "replace").decode() for k, v in facts.items()}
        return orjson.dumps({"error": clean})


def error_response(
    request: Request,
    status: int,
    code: str,
    message: str,
    *,
    cure: str,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Answer an error, and leave its code for the log."""
    request.state.error_code = code
    body = error_body(code, message, cure, request_id(request))
    return Response(body, status, dict(headers or {}), media_type="application/json")


async def on_jiesu_error(request: Request, exc: Exception) -> Response:
    """Answer an error raised on purpose."""
    if not isinstance(exc, JiesuError):
        raise exc
    headers = None
    if isinstance(exc, NotAuthenticated):
        headers = {"WWW-Authenticate": "Bearer"}
    elif isinstance(exc, TooManyRequests):
        headers = {"Retry-After": str(exc.retry_after_s)}
    return error_response(
        request, exc.status, exc.code, exc.message, cure=exc.cure, headers=headers
    )


async def on_http_error(request: Request, exc: Exception) -> Response:
    """Answer what the framework refuses: an unknown address, another method."""
    if not isinstance(exc, HTTPException):
        raise exc
    phrase = HTTPStatus(exc.status_code).phrase
    fallback = (phrase.lower().replace(" ", "_"), phrase, "see /docs")
    code, message, cure = _FRAMEWORK.get(exc.status_code, fallback)
    headers = dict(exc.headers or {})
    if exc.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        headers["Allow"] = ", ".join(sorted(_methods(request)))
    return error_response(request, exc.status_code, code, message, cure=cure, headers=headers)


def _methods(request: Request) -> set[str]:
    """Give the methods that an address takes; the framework names those of one route alone."""
    path, exact, wide = request.scope["path"], set[str](), set[str]()
    for held in request.app.routes:
        router = getattr(held, "original_router", None)
        for route in router.routes if router else [held]:
            if isinstance(route, Route | APIRoute) and route.path_regex.match(path):
                found = exact if route.path == path else wide
                found |= route.methods or set()
    # An address that is written out is not one of those that a pattern means.
    return exact or wide


async def on_validation_error(request: Request, exc: Exception) -> Response:
    """Answer a query or path that the framework could not read."""
    if not isinstance(exc, RequestValidationError):
        raise exc
    first: Mapping[str, Any] = exc.errors()[0]
    if first["loc"][0] == "path" and not first["type"].startswith("string_"):
        # Where a number belongs nothing else leads anywhere; identifiers are told what they hold.
        code, message, cure = _FRAMEWORK[404]
        return error_response(request, 404, code, message, cure=cure)
    where = ".".join(repr(p) if isinstance(p, str) else str(p) for p in first["loc"])
    message = f"{where}: {first['msg']}"
    return error_response(request, 422, InvalidInput.code, message, cure="see /docs")


def install_errors(app: FastAPI) -> None:
    """Make every refusal of the app take the one shape (faults: `service.observe`)."""
    app.add_exception_handler(JiesuError, on_jiesu_error)
    app.add_exception_handler(HTTPException, on_http_error)
    app.add_exception_handler(RequestValidationError, on_validation_error)
