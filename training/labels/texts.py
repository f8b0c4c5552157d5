"""Narratives of a file, whether anybody labelled them or not: masked, each text once."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from training.bank_columns import Columns
from training.bank_data import LONGEST
from training.bank_files import REPLACED, open_records
from triage.errors import InvalidInput
from triage.masking.mask import mask


@dataclass(frozen=True, slots=True)
class Narrative:
    """One narrative of a file.

    Attributes
    ----------
    id : str
        Of the file; without one `line-` and its number.
    text : str
        Masked.
    line : int
        Where it stands in the file, from 1.
    values : dict
        What else the record holds, unread and unmasked.
    """

    id: str
    text: str
    line: int
    values: dict[str, Any]


def read_narratives(path: Path, columns: Columns | None = None) -> list[Narrative]:
    """Read the narratives of .csv, .jsonl or .parquet; empty ones and copies are left out.

    Raises
    ------
    InvalidInput
        When the file cannot be read or holds no narrative.
    """
    named = columns or Columns()
    found: dict[str, Narrative] = {}
    for record in open_records(path).records:
        text = None if record.problem else named.pick(record.values, "text")
        if not isinstance(text, str) or len(text) > LONGEST or REPLACED in text:
            continue
        masked = mask(text).text
        ident = named.pick(record.values, "id") or named.pick(record.values, "ticket_id")
        name = str(ident or f"line-{record.line}")
        found.setdefault(masked, Narrative(name, masked, record.line, record.values))
    if not found:
        column = named.columns.get("text", "text")
        raise InvalidInput(
            f"{path.name} holds no narrative in a column {column!r}",
            cure="name it with --map text=COLUMN",
        )
    return list(found.values())
