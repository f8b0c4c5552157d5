"""A request body read within limits and parsed without surprises."""

from __future__ import annotations

import asyncio
import json
import re
from typing import Any, NoReturn

from fastapi import Request

from service.errors import BodyTooSlow, EncodingNotSupported, InvalidJson
from triage.errors import BodyTooLarge

# No limit has more digits; int() of a longer header would be the caller's choice of work.
_MOST_DIGITS = 18
# A refusal sent while the caller still writes is lost with the connection, so this much is
# read and thrown away first; whoever sends more is cut off.
_DRAINED = 16 * 1024 * 1024
_NAME = re.compile(r"[A-Za-z_]{1,40}", re.ASCII)


async def read_body(request: Request, *, limit: int, seconds: float) -> bytes:
    """Read a body, whether or not its length was declared.

    Parameters
    ----------
    limit : int
        Most bytes.
    seconds : float
        Longest time the caller may take.

    Raises
    ------
    BodyTooLarge, BodyTooSlow, EncodingNotSupported
    """
    encoding = request.headers.get("content-encoding", "identity")
    if encoding.strip().lower() not in ("", "identity"):
        raise EncodingNotSupported("the body is compressed", cure="send it as it is")
    declared, taken, body = _declared(request), 0, bytearray()
    if declared > max(limit, _DRAINED):
        raise _too_large(limit)
    try:
        async with asyncio.timeout(seconds):
            async for chunk in request.stream():
                taken += len(chunk)
                if max(taken, declared) <= limit:
                    body += chunk
                elif taken > max(limit, _DRAINED):
                    break
    except TimeoutError as exc:
        if max(taken, declared) <= limit:
            raise BodyTooSlow(
                f"the body did not arrive within {seconds:g} seconds", cure="send it again"
            ) from exc
    if max(taken, declared) > limit:
        raise _too_large(limit)
    return bytes(body)


def _declared(request: Request) -> int:
    """Give the length that the caller declared; 0 when none is, or it is no number."""
    given = request.headers.get("content-length", "")
    if not given.isascii() or not given.isdigit():
        return 0
    shown = given.lstrip("0")
    return int(shown or "0") if len(shown) <= _MOST_DIGITS else 10**_MOST_DIGITS


def _too_large(limit: int) -> BodyTooLarge:
    return BodyTooLarge(
        f"the body is larger than {limit:,} bytes", cure="send fewer narratives a call"
    )


def parse_json(raw: bytes) -> Any:
    """Parse JSON strictly: UTF-8, no NaN, no name twice in an object, bounded depth.

    Raises
    ------
    InvalidJson
        Saying where; the body itself is not repeated.
    """
    if not raw.strip():
        raise InvalidJson("the body is empty", cure='send a JSON object such as {"text": "..."}')
    try:
        return _DECODER.decode(raw.decode("utf-8-sig"))
    except UnicodeDecodeError as exc:
        raise InvalidJson(
            f"the body is not UTF-8 (byte {exc.start})", cure="encode it as UTF-8"
        ) from exc
    except json.JSONDecodeError as exc:
        raise InvalidJson(
            f"the body is not JSON: line {exc.lineno}, column {exc.colno}: {exc.msg}",
            cure="check quotes, commas and brackets there",
        ) from exc
    except RecursionError as exc:
        raise InvalidJson("the body is nested too deeply", cure="send a flat object") from exc
    except ValueError as exc:  # Python refuses to read an integer of thousands of digits
        raise InvalidJson("the body holds a number with too many digits") from exc


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise InvalidJson(
            f"{shown_name(twice)} stands twice in one object", cure="keep one of them"
        )
    return found


def shown_name(name: str) -> str:
    """Give the name of a field as an error may show it: not when it may be a person's data."""
    return repr(name) if _NAME.fullmatch(name) else "a name"


def _constant(name: str) -> NoReturn:
    raise InvalidJson(f"{name} is not a JSON number", cure="leave the field out")


_DECODER = json.JSONDecoder(object_pairs_hook=_pairs, parse_constant=_constant)
