"""Opens a bank's labelled file: encodings, CSV, JSONL and Parquet to plain records."""

from __future__ import annotations

import csv
import io
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from triage.encodings import decodes, prevailing
from triage.errors import InvalidInput
from triage.quotes import NOT_CLOSED, left_open

REPLACED = "\ufffd"

_BOMS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_DELIMITERS = ",\t;|"
_PARQUET_BATCH = 8192
# A file with fewer lines that cannot be decoded is damaged, not in another encoding.
_DAMAGE = 0.02


@dataclass(frozen=True, slots=True)
class Record:
    """One record of a file with the line it starts on (Parquet: its row), from 1.

    `problem` is set instead of `values` when the record itself cannot be read.
    """

    line: int
    values: dict[str, Any]
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Opened:
    """A file and how it was read."""

    records: Iterator[Record]
    encoding: str


def open_records(path: Path) -> Opened:
    """Open a file by its extension.

    Parameters
    ----------
    path : Path
        .csv, .tsv, .jsonl, .ndjson or .parquet.

    Raises
    ------
    InvalidInput
        When the file is missing, of another kind, or in no known encoding.
    """
    kind = path.suffix.lower()
    if not path.is_file():
        raise InvalidInput(f"{path.name} is not a file", cure="check the path")
    if kind == ".parquet":
        return Opened(_parquet(path), "parquet")
    if kind not in {".csv", ".tsv", ".jsonl", ".ndjson"}:
        raise InvalidInput(
            f"{path.name}: unknown kind of file", cure="use .csv, .jsonl or .parquet"
        )
    text, encoding = decode(path.read_bytes(), name=path.name)
    records = _jsonl(text) if kind in {".jsonl", ".ndjson"} else _csv(text)
    return Opened(records, encoding)


def decode(content: bytes, *, name: str) -> tuple[str, str]:
    """Decode a file; bytes that do not fit become U+FFFD where there are few.

    Returns
    -------
    text, encoding : str
        The encoding is `utf-8`, `utf-8-sig`, `utf-16` or `gb18030`.
    """
    for mark, encoding in _BOMS:
        if content.startswith(mark):
            return content.decode(encoding, "replace"), encoding
    encoding = prevailing(content)
    lines = content.splitlines()
    damaged = sum(not decodes(line, encoding) for line in lines)
    if damaged > max(1, _DAMAGE * len(lines)):
        raise InvalidInput(
            f"{name} is neither UTF-8 nor GB18030", cure="save it as UTF-8 and try again"
        )
    return content.decode(encoding, "replace"), encoding


def _jsonl(text: str) -> Iterator[Record]:
    # Not splitlines(): U+2028 and its like are legal inside a JSON string.
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            values = orjson.loads(line)
        except orjson.JSONDecodeError:
            yield Record(number, {}, "not well-formed JSON")
            continue
        if isinstance(values, dict):
            yield Record(number, values)
        else:
            yield Record(number, {}, "not a JSON object")


def _csv(text: str) -> Iterator[Record]:
    # The reader's own limit is for the whole process; over-long texts are refused later, by line.
    csv.field_size_limit(sys.maxsize)
    delimiter = _delimiter(text)
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    swallowed = left_open(text.encode(), delimiter=delimiter.encode())
    end = sum(1 for _ in io.StringIO(text, newline="")) if swallowed else None
    header = [name.strip() for name in next(lines, [])]
    if lines.line_num == end:
        yield Record(1, {}, NOT_CLOSED)
    start = lines.line_num + 1
    for cells in lines:
        first, start = start, lines.line_num + 1
        if lines.line_num == end:
            yield Record(first, {}, NOT_CLOSED)
        elif not any(cells):
            continue
        elif len(cells) > len(header):
            yield Record(first, {}, f"{len(cells)} cells under {len(header)} columns")
        else:
            yield Record(first, dict(zip(header, cells, strict=False)))


def _delimiter(text: str) -> str:
    first = text.partition("\n")[0]
    return max(_DELIMITERS, key=first.count)


def _parquet(path: Path) -> Iterator[Record]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.ParquetFile(path)
    except pa.ArrowInvalid as exc:
        raise InvalidInput(f"{path.name} is not a Parquet file") from exc
    number = 0
    for batch in table.iter_batches(_PARQUET_BATCH):
        for values in batch.to_pylist():
            number += 1
            yield Record(number, values)
