"""A file of tickets read row by row, and what would become of each of them."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import orjson

from service.complaints_api import order_of
from service.ledger.orders import Order
from service.ledger_schemas import ComplaintIn
from service.store import new_complaints
from service.store.database import Session
from service.store.records import Outcome
from service.wiring import Parts
from triage.encodings import prevailing
from triage.errors import InvalidInput, JiesuError, NarrativeTooLong

ROWS_MAX = 5_000
KINDS = ("csv", "jsonl")
_KNOWN = frozenset(ComplaintIn.model_fields)
# What the columns are called in an export of the ledger, and in bank files.
_ALSO = {"id": "ticket_id", "masked_text": "text", "编号": "ticket_id", "工单编号": "ticket_id"}
_ALSO |= {"内容": "text", "投诉内容": "text", "渠道": "channel", "机构": "unit", "产品": "product"}
_ALSO |= {"受理时间": "received_at", "涉及金额": "amount_cny"}
_TRUTHS = {"true": True, "1": True, "是": True, "false": False, "0": False, "否": False}
_BOOLEAN = frozenset(("visited_branch", "outlet_touchpoint"))
_NUMBERS = frozenset(("amount_cny", "prior_complaints_90d", "days_open", "transfers", "group_size"))
_SHOWN = 100


class Fate(StrEnum):
    """What would become of a row."""

    NEW = "new"
    STORED = "stored"  # the same is there already
    CONFLICT = "conflict"  # another ticket has its identifier
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Row:
    """A row: the line it stands on, its identifier, its fate, and why it is not taken.

    `reason` is a code; `detail` the field that is meant, or the whole refusal of another kind.
    """

    line: int
    ticket_id: str
    fate: Fate
    reason: str = ""
    detail: str = ""
    order: Order | None = None


@dataclass(frozen=True, slots=True)
class Preview:
    """What would become of a file, and the columns that nobody reads."""

    rows: list[Row]
    unread: list[str] = field(default_factory=list)

    @property
    def counts(self) -> dict[str, int]:
        """How many rows have which fate."""
        found = Counter(row.fate for row in self.rows)
        return {fate.value: found[fate] for fate in Fate}

    def of(self, fate: Fate) -> list[Row]:
        """Give the first rows of a fate."""
        return [row for row in self.rows if row.fate is fate][:_SHOWN]

    @property
    def orders(self) -> list[Order]:
        """The tickets that can be sent."""
        return [row.order for row in self.rows if row.order is not None]


def text_of(content: bytes) -> str:
    """Read a file as text: UTF-8, or GB 18030 as Excel in Chinese writes it.

    Raises
    ------
    InvalidInput
    """
    encoding = prevailing(content)
    try:
        return content.decode(encoding).removeprefix("\ufeff")
    except UnicodeDecodeError as exc:
        line = content.count(b"\n", 0, exc.start) + 1
        raise InvalidInput(
            f"line {line} of the file is not whole in {encoding}",
            cure="save it as CSV or JSONL in UTF-8",
        ) from exc


def preview(session: Session, text: str, kind: str, parts: Parts) -> Preview:
    """Say what would become of each row; nothing is changed.

    Raises
    ------
    InvalidInput
        When the file has no columns that are needed, or too many rows.
    """
    rows: list[Row] = []
    unread: dict[str, None] = {}
    seen: dict[str, str] = {}
    for line, raw in _raw_rows(text, kind):
        if len(rows) == ROWS_MAX:
            raise InvalidInput(f"the file has more than {ROWS_MAX:,} rows", cure="cut it")
        if isinstance(raw, Mapping):
            unread |= dict.fromkeys(str(name) for name in raw if _named(name) not in _KNOWN)
        rows.append(_row(session, line, raw, parts, seen))
    if not rows:
        raise InvalidInput("the file has no rows", cure="choose another file")
    return Preview(rows, list(unread)[:_SHOWN])


def _row(
    session: Session, line: int, raw: Mapping[str, Any] | str, parts: Parts, seen: dict[str, str]
) -> Row:
    if isinstance(raw, str):
        return Row(line, "", Fate.REJECTED, raw)
    row = _typed(raw)
    ident = str(row.get("ticket_id") or "")[:100]
    try:
        order = order_of(row, parts.settings, parts.privacy)
    except JiesuError as exc:
        return Row(line, ident, Fate.REJECTED, *_why(exc))
    known = new_complaints.known(session, order.ticket_id, order.body_hash)
    earlier = seen.setdefault(order.ticket_id, order.body_hash)
    if known is not None:
        fate = Fate.STORED if known.outcome is Outcome.STORED else Fate.CONFLICT
        return Row(line, order.ticket_id, fate, "other_body" if fate is Fate.CONFLICT else "")
    if earlier != order.body_hash:
        return Row(line, order.ticket_id, Fate.CONFLICT, "twice")
    return Row(line, order.ticket_id, Fate.NEW, order=order)


def _why(exc: JiesuError) -> tuple[str, str]:
    if isinstance(exc, NarrativeTooLong):
        return "long", ""
    for code, ending in (("missing", ": Field required"), ("invalid", " is not valid")):
        if exc.message.endswith(ending):
            return code, exc.message.removesuffix(ending)
    return "other", exc.message


def _raw_rows(text: str, kind: str) -> Iterator[tuple[int, Mapping[str, Any] | str]]:
    if kind == "csv":
        yield from _csv_rows(text)
        return
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            yield number, _json_row(line)


def _csv_rows(text: str) -> Iterator[tuple[int, Mapping[str, Any] | str]]:
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    try:
        names = {_named(name) for name in reader.fieldnames or ()}
        if not {"ticket_id", "text"} <= names:
            raise InvalidInput(
                "the columns ticket_id and text are needed", cure="name them in the first line"
            )
        for row in reader:
            if None in row or None in row.values():
                yield reader.line_num, "cells"
            else:
                yield reader.line_num, row
    except csv.Error:
        yield reader.line_num, "csv"


def _json_row(line: str) -> Mapping[str, Any] | str:
    try:
        row = orjson.loads(line)
    except (orjson.JSONDecodeError, UnicodeEncodeError):
        return "json"
    return row if isinstance(row, dict) else "json"


def _named(name: object) -> str:
    told = str(name).strip()
    return _ALSO.get(told, told)


def _typed(raw: Mapping[str, Any]) -> dict[str, Any]:
    """Give the fields that are known, with the kinds of values that are meant by their texts."""
    row: dict[str, Any] = {}
    for name, value in raw.items():
        field_name = _named(name)
        if field_name in _KNOWN and value not in (None, ""):
            row[field_name] = _value(field_name, value)
    return row


def _value(name: str, value: Any) -> Any:
    if not isinstance(value, str):
        return value
    if name in _BOOLEAN:
        return _TRUTHS.get(value.strip().lower(), value)
    if name in _NUMBERS:
        for kind in (int, float):  # as JSON would have it: 5 and 5.0 are two bodies
            with suppress(ValueError):
                return kind(value)
        return value
    return value if name == "text" else value.strip()
