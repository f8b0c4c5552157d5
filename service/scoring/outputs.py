"""Scored parts put together to one file; a part is JSONL whatever the output will be."""

from __future__ import annotations

import csv
import os
import shutil
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import IO, Any

import orjson

from triage.errors import InvalidInput

OUTPUTS = (".jsonl", ".csv", ".parquet")
_ROWS = 4096
_BUFFER = 1 << 20
_RISK = {"probability", "band", "reasons"}


def json_line(value: object) -> bytes:
    """Give a value as one line of JSONL."""
    return orjson.dumps(value, default=str, option=orjson.OPT_APPEND_NEWLINE)


def check_output(path: Path) -> None:
    """Refuse an extension that cannot be written."""
    if path.suffix.lower() not in OUTPUTS:
        raise InvalidInput(
            f"{path.name}: cannot write {path.suffix!r}", cure=f"use {', '.join(OUTPUTS)}"
        )


def gather(parts: Sequence[Path], out: Path) -> None:
    """Write the parts in order to `out`, which appears only when it is whole."""
    whole = out.with_name(out.name + ".tmp")
    {".jsonl": _jsonl, ".csv": _csv, ".parquet": _parquet}[out.suffix.lower()](parts, whole)
    # The parts are removed next: by then this must be on the disk, whatever happens to the power.
    with whole.open("rb+") as file:
        os.fsync(file.fileno())
    whole.replace(out)


def copy_parts(parts: Iterable[Path], file: IO[bytes]) -> None:
    """Copy parts to an open file."""
    for part in parts:
        with part.open("rb") as source:
            shutil.copyfileobj(source, file, _BUFFER)


def _jsonl(parts: Sequence[Path], out: Path) -> None:
    with out.open("wb") as file:
        copy_parts(parts, file)


def _answers(parts: Sequence[Path]) -> Iterator[dict[str, Any]]:
    for part in parts:
        with part.open("rb") as file:
            yield from map(orjson.loads, file)


def _rows(parts: Sequence[Path]) -> Iterator[dict[str, Any]]:
    return map(flatten, _answers(parts))


def flatten(answer: dict[str, Any]) -> dict[str, Any]:
    """Give one flat row: the escalation as columns, codes joined by `;`, the rest as JSON."""
    flat: dict[str, Any] = {}
    for key, value in answer.items():
        if key == "escalation" and _is_risk(value):
            flat["escalation_probability"] = value["probability"]
            flat["escalation_band"] = value["band"]
            flat["escalation_reasons"] = _text(value["reasons"])
        elif key == "signals" and _are_signals(value):
            flat[key] = ";".join(dict.fromkeys(item["code"] for item in value))
            flat["signal_spans"] = _text(value)
        elif isinstance(value, list) and all(isinstance(item, str) for item in value):
            flat[key] = ";".join(value)
        else:
            flat[key] = _text(value) if isinstance(value, (list, dict)) else value
    return flat


# A column of the input may have the same name and hold anything, where `--only` leaves ours out.
def _is_risk(value: Any) -> bool:
    return isinstance(value, dict) and value.keys() >= _RISK


def _are_signals(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(v, dict) and "code" in v for v in value)


def _text(value: Any) -> str:
    return orjson.dumps(value).decode()


def _columns(parts: Sequence[Path]) -> list[str]:
    # Rows of JSONL may differ in their other columns: one pass finds them all. Rows of one shape
    # have the same columns, and most rows are of one.
    columns: dict[str, None] = {}
    shapes = set()
    for answer in _answers(parts):
        own = _is_risk(answer.get("escalation")), _are_signals(answer.get("signals"))
        shape = (*answer, *own)
        if shape not in shapes:
            shapes.add(shape)
            columns |= dict.fromkeys(flatten(answer))
    return list(columns)


def _csv(parts: Sequence[Path], out: Path) -> None:
    with out.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, _columns(parts), restval="")
        writer.writeheader()
        writer.writerows(_rows(parts))


def _parquet(parts: Sequence[Path], out: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    kinds: dict[str, set[type]] = {}
    for row in _rows(parts):
        for key, value in row.items():
            kinds.setdefault(key, set()).update({_kind(value)} - {type(None)})
    fields = {key: _field(found) for key, found in kinds.items()}
    schema = pa.schema([(key, getattr(pa, name)()) for key, name in fields.items()])
    with pq.ParquetWriter(out, schema) as writer:
        chunk: list[dict[str, Any]] = []
        for row in _rows(parts):
            chunk.append({key: _cast(row.get(key), name) for key, name in fields.items()})
            if len(chunk) == _ROWS:
                writer.write_table(pa.Table.from_pylist(chunk, schema))
                chunk = []
        if chunk:
            writer.write_table(pa.Table.from_pylist(chunk, schema))


def _kind(value: Any) -> type:
    # Whole numbers beyond 64 bits are kept as text.
    return str if type(value) is int and not -(2**63) <= value < 2**63 else type(value)


def _field(found: set[type]) -> str:
    if found == {bool}:
        return "bool_"
    if found == {int}:
        return "int64"
    return "float64" if found and found <= {int, float} else "string"


def _cast(value: Any, name: str) -> Any:
    if value is None or name != "string" or isinstance(value, str):
        return value
    return _text(value)
