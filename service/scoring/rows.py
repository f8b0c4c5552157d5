"""Rows of a file scored: what can be read goes through the engine, the rest is set aside."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, NamedTuple

from service.scoring.parts import RawRow
from triage.batches import BATCH
from triage.engine import Engine
from triage.errors import InvalidInput, JiesuError
from triage.records import Context
from triage.wire import CONTEXT_FIELDS, assessment_json, context_from

ONLY = ("lines", "signals", "risk")
_OWN = {"id", "text"}


class Readable(NamedTuple):
    """A row that can be scored."""

    identity: str | None
    text: str
    context: Context
    others: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Rejected:
    """A row that cannot, and why; the narrative itself is not kept."""

    line: int
    reason: str

    def to_json(self) -> dict[str, Any]:
        """Give the line of the file of rejected rows."""
        return {"line": self.line, "reason": self.reason}


def parse_columns(given: str | None) -> dict[str, str]:
    """Read `text=内容,id=编号`: the input's column for each field of the contract.

    Raises
    ------
    InvalidInput
        When a part is no `field=column`, or the field is none.
    """
    columns: dict[str, str] = {}
    for part in given.split(",") if given else ():
        field, _, column = (piece.strip() for piece in part.partition("="))
        if field not in (*_OWN, *CONTEXT_FIELDS) or not column:
            known = ", ".join(sorted({*_OWN, *CONTEXT_FIELDS}))
            raise InvalidInput(f"--map: {part!r} is no field=column", cure=f"fields: {known}")
        columns[field] = column
    return columns


def check_text(name: str, first: Iterable[RawRow], columns: Mapping[str, str]) -> None:
    """Refuse an input none of whose first rows has the column of the narratives.

    Raises
    ------
    InvalidInput
        Naming the columns that these rows have.
    """
    known = [row.values for row in first if row.values is not None]
    wanted = columns.get("text", "text")
    if known and not any(wanted in values for values in known):
        there = ", ".join(sorted(set().union(*known))) or "none"
        raise InvalidInput(
            f"{name} has no column {wanted!r} (there are {there})",
            cure="name it with --map text=COLUMN",
        )


def renamed(rows: Iterable[RawRow], columns: Mapping[str, str]) -> Iterator[RawRow]:
    """Give rows with the contract's names for the columns named; no column is lost.

    Where a column named for `text` is missing there is no narrative, whatever else is called so.
    """
    for row in rows:
        if row.values is None or not columns:
            yield row
            continue
        taken = {name: row.values[name] for name in columns.values() if name in row.values}
        if "text" in columns and columns["text"] not in taken:
            yield row._replace(values=None, problem=f"column {columns['text']} is missing")
            continue
        rest = {
            f"input_{name}" if name in columns else name: value
            for name, value in row.values.items()
            if name not in taken
        }
        moved = {field: taken[name] for field, name in columns.items() if name in taken}
        yield row._replace(values=rest | moved)


def understand(row: RawRow, *, most_characters: int) -> Readable | Rejected:
    """Check one row; without an `id` its `ticket_id` is taken."""
    if row.values is None:
        return Rejected(row.line, row.problem)
    text = row.values.get("text")
    if not isinstance(text, str):
        return Rejected(row.line, "column text is missing or is no text")
    if len(text) > most_characters:
        return Rejected(row.line, f"narrative of {len(text)} characters, {most_characters} allowed")
    try:
        context = context_from(row.values)
    except JiesuError as exc:
        return Rejected(row.line, str(exc))
    identity = row.values.get("id", context.ticket_id)
    others = {key: value for key, value in row.values.items() if key not in _OWN}
    return Readable(None if identity is None else str(identity), text, context, others)


def score_rows(
    engine: Engine, rows: Iterable[RawRow], *, most_characters: int, only: str | None = None
) -> Iterator[dict[str, Any] | Rejected]:
    """Score rows in order, a batch at a time.

    Yields
    ------
    dict or Rejected
        The assessed complaint with the row's other columns, in the order of the rows. A column
        that has the name of an answer's field is kept as `input_...`.
    """
    score = _SCORERS[only]
    waiting = (understand(row, most_characters=most_characters) for row in rows)
    while batch := list(islice(waiting, BATCH)):
        readable = [row for row in batch if isinstance(row, Readable)]
        answers = iter(score(engine, readable) if readable else ())
        for row in batch:
            if isinstance(row, Rejected):
                yield row
            else:
                yield _joined(row.others, next(answers))


def _joined(others: dict[str, Any], answer: dict[str, Any]) -> dict[str, Any]:
    if not others:
        return answer
    kept = {f"input_{key}" if key in answer else key: value for key, value in others.items()}
    return kept | answer


def _everything(engine: Engine, rows: Sequence[Readable]) -> list[dict[str, Any]]:
    assessed = engine.assess([r.text for r in rows], [r.context for r in rows])
    return [assessment_json(a, row.identity) for a, row in zip(assessed, rows, strict=True)]


def _lines(engine: Engine, rows: Sequence[Readable]) -> list[dict[str, Any]]:
    shift = engine.shift
    versions = {"model_version": engine.version}
    if shift is not None:
        versions["calibration_version"] = shift.version
    return [
        {
            "id": row.identity,
            "line": line,
            "subline": subline,
            "probability": round(probability, 6),
            "abstained": line is None,
            **versions,
        }
        for row, (line, subline, probability) in zip(
            rows, engine.lines([row.text for row in rows]), strict=True
        )
    ]


def _part_of(*names: str) -> Callable[[Engine, Sequence[Readable]], list[dict[str, Any]]]:
    def score(engine: Engine, rows: Sequence[Readable]) -> list[dict[str, Any]]:
        kept = ("id", *names)
        return [{name: whole[name] for name in kept} for whole in _everything(engine, rows)]

    return score


_SCORERS: dict[str | None, Callable[[Engine, Sequence[Readable]], list[dict[str, Any]]]] = {
    None: _everything,
    "lines": _lines,
    "signals": _part_of("signals", "masked_text", "model_version"),
    "risk": _part_of("escalation", "masked_text", "model_version", "policy_version"),
}
