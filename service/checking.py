"""Objects of a request body checked against their models; refusals never repeat a text."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, TypeVar

from pydantic import BaseModel, TypeAdapter, ValidationError

from service.body import shown_name
from triage.errors import InvalidInput, NarrativeTooLong
from triage.records import Context
from triage.wire import context_from

M = TypeVar("M", bound=BaseModel)
_SHOWN = 40


def checked(model: type[M] | TypeAdapter[M], row: Any, where: str = "") -> M:
    """Check an object.

    Parameters
    ----------
    model : pydantic model, or an adapter of several
    row : object
        As JSON was read.
    where : str
        What stands before the names of its fields in a refusal, as `narratives[3].`.

    Raises
    ------
    InvalidInput
        Naming the field; its value is not repeated.
    """
    if not isinstance(row, dict):
        shown = where.rstrip(".") or "the body"
        raise InvalidInput(f"{shown} must be an object", cure="see /docs for its fields")
    refuse_surrogates(row, where)
    try:
        if isinstance(model, TypeAdapter):
            return model.validate_python(row)
        return model.model_validate(row)
    except ValidationError as exc:
        raise _refusal(exc, model, where) from exc


def _refusal(exc: ValidationError, model: Any, where: str) -> InvalidInput:
    # The input is left out: an error may be logged by the caller.
    first = exc.errors(include_url=False, include_input=False, include_context=False)[0]
    field = ".".join(str(part)[:_SHOWN] for part in first["loc"]) or "the object"
    if first["type"] == "extra_forbidden":
        known = getattr(model, "model_fields", None)
        cure = f"use {', '.join(known)}" if known else "see /docs for its fields"
        name = shown_name(str(first["loc"][-1]))
        return InvalidInput(f"{where}{name} is not a field", cure=cure)
    if first["type"].startswith("union_tag"):
        # Its message quotes what was sent.
        return InvalidInput(f"{where}kind is missing or not known", cure="see /docs for the kinds")
    return InvalidInput(f"{where}{field}: {first['msg']}", cure="see /docs")


def checked_context(row: Mapping[str, Any], where: str = "") -> Context:
    """Read the context fields of an object.

    Raises
    ------
    InvalidInput
        Naming the field.
    """
    try:
        context = context_from(row)
    except InvalidInput as exc:
        raise InvalidInput(where + exc.message, cure=exc.cure) from exc
    if context.received_at is not None:
        in_time(context.received_at, f"{where}received_at")
    return context


def moment_of(text: str, field: str) -> datetime:
    """Read a moment.

    Raises
    ------
    InvalidInput
        When it is none, or has no zone.
    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise InvalidInput(
            f"{field} is not valid", cure="it takes a moment in ISO 8601 with a zone"
        )
    return in_time(moment, field)


def in_time(moment: datetime, field: str) -> datetime:
    """Refuse a moment that is beyond what calendars hold in another zone.

    Raises
    ------
    InvalidInput
    """
    try:
        moment.astimezone(UTC)
    except OverflowError:
        raise InvalidInput(f"{field} is not valid", cure="it lies at the end of time") from None
    return moment


def refuse_long(text: str, most: int, where: str = "") -> None:
    """Refuse a narrative that is too long.

    Raises
    ------
    NarrativeTooLong
    """
    if len(text) > most:
        raise NarrativeTooLong(
            f"{where}text has {len(text):,} characters, {most:,} are allowed",
            cure="send the part that says what is asked for",
        )


def refuse_surrogates(value: Any, where: str = "", name: str = "") -> None:
    """Refuse half a surrogate pair anywhere in a value; no UTF-8 can hold it.

    Raises
    ------
    InvalidInput
    """
    if isinstance(value, str):
        _refuse_half(value, f"{where}{name}")
    elif isinstance(value, dict):
        for key, inner in value.items():
            _refuse_half(key, f"{where}a field name")
            refuse_surrogates(inner, where, key)
    elif isinstance(value, list):
        for inner in value:
            refuse_surrogates(inner, where, name)


def _refuse_half(text: str, field: str) -> None:
    if text.isascii():
        return
    try:
        text.encode()
    except UnicodeEncodeError as exc:
        raise InvalidInput(
            f"{field} holds half a surrogate pair at character {exc.start}",
            cure="send whole characters; those beyond U+FFFF are escaped as a pair",
        ) from exc
