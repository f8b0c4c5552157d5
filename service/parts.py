"""A file cut into parts that workers read for themselves.

A part is a range of bytes (lines) or of rows (Parquet); texts are never sent from one process
to another. Cutting reads the file once, in constant memory.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from triage.errors import InvalidInput

INPUTS = (".jsonl", ".csv", ".parquet", ".txt")
PART_BYTES = 4 << 20
# Of a smaller file so many parts, so that all processes have work to the end; but none tiny.
_PARTS = 32
_LEAST_BYTES = 256 << 10
PART_ROWS = 20_000
_BOM = b"\xef\xbb\xbf"
# A quote opens a field only at its start; between quotes a doubled one is a quote.
_OPENS = re.compile(rb'(?:^|,)"')
_QUOTED = re.compile(rb'(?:[^"]|"")*+')


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of an input file.

    Attributes
    ----------
    number : int
        From 0, in file order.
    start, stop : int
        Bytes, or rows of a Parquet file.
    first_line : int
        Number of its first line (or row, Parquet), from 1.
    """

    number: int
    start: int
    stop: int
    first_line: int


class RawRow(NamedTuple):
    """A row as it was read: its values, or why it could not be read."""

    line: int
    values: dict[str, Any] | None
    problem: str = ""


def cut(path: Path, *, part_bytes: int | None = None) -> Iterator[Part]:
    """Cut a file into parts that begin and end between rows.

    Raises
    ------
    InvalidInput
        When the extension is not one that can be read.
    """
    kind = path.suffix.lower()
    if kind not in INPUTS:
        raise InvalidInput(f"{path.name}: cannot read {kind!r}", cure=f"use {', '.join(INPUTS)}")
    if kind == ".parquet":
        yield from _cut_parquet(path)
    else:
        share = max(_LEAST_BYTES, path.stat().st_size // _PARTS)
        size = part_bytes or min(PART_BYTES, share)
        yield from _cut_lines(path, size, quoted=kind == ".csv")


def _cut_lines(path: Path, part_bytes: int, *, quoted: bool) -> Iterator[Part]:
    with path.open("rb") as file:
        start = position = number = 0
        line = first = 1
        if quoted:
            header = _csv_header_length(path)
            start = position = file.seek(header)
            line = first = 1 + _lines_in(path, header)
        inside = False
        for text in file:
            position += len(text)
            line += 1
            # A line break between quotes belongs to its field.
            inside = quoted and _ends_inside(text, inside=inside)
            if position - start >= part_bytes and not inside:
                yield Part(number, start, position, first)
                number, start, first = number + 1, position, line
        if position > start:
            yield Part(number, start, position, first)


def _ends_inside(line: bytes, *, inside: bool) -> bool:
    at = 0
    while True:
        if inside:
            at = _QUOTED.match(line, at).end() + 1  # type: ignore[union-attr]
            if at > len(line):
                return True
        else:
            opened = _OPENS.search(line, at)
            if opened is None:
                return False
            at = opened.end()
        inside = not inside


def _lines_in(path: Path, length: int) -> int:
    with path.open("rb") as file:
        return file.read(length).count(b"\n")


def _csv_header_length(path: Path) -> int:
    length, inside = 0, False
    with path.open("rb") as file:
        for text in file:
            length += len(text)
            inside = _ends_inside(text, inside=inside)
            if not inside:
                break
    return length


def _cut_parquet(path: Path) -> Iterator[Part]:
    import pyarrow.parquet as pq

    with _readable(path):
        rows = pq.ParquetFile(path).metadata.num_rows
    for number, start in enumerate(range(0, rows, PART_ROWS)):
        yield Part(number, start, min(start + PART_ROWS, rows), start + 1)


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    import pyarrow as pa

    try:
        yield
    except (pa.ArrowException, OSError) as exc:
        raise InvalidInput(f"{path.name} is no readable Parquet file") from exc


def read_part(path: Path, part: Part) -> Iterator[RawRow]:
    """Read the rows of a part."""
    kind = path.suffix.lower()
    if kind == ".parquet":
        yield from _read_parquet(path, part)
        return
    with path.open("rb") as file:
        file.seek(part.start)
        content = file.read(part.stop - part.start)
    if part.start == 0:
        content = content.removeprefix(_BOM)
    if kind == ".csv":
        with path.open("rb") as file:
            header = file.read(_csv_header_length(path)).removeprefix(_BOM)
        yield from _read_csv(header, content, part.first_line)
    else:
        reader = read_json_line if kind == ".jsonl" else read_text_line
        for line, text in enumerate(content.split(b"\n"), part.first_line):
            if text.strip():
                yield reader(line, text)


def read_json_line(line: int, text: bytes) -> RawRow:
    """Read one line of JSONL."""
    try:
        values = orjson.loads(text)
    except orjson.JSONDecodeError as exc:
        return RawRow(line, None, f"not JSON: {exc.args[0]}")
    if not isinstance(values, dict):
        return RawRow(line, None, "not a JSON object")
    return RawRow(line, values)


def read_text_line(line: int, text: bytes) -> RawRow:
    """Read one narrative of a plain text file."""
    try:
        return RawRow(line, {"text": _decode(text)})
    except UnicodeDecodeError as exc:
        return RawRow(line, None, f"neither UTF-8 nor GB18030: {exc.reason}")


def _decode(content: bytes) -> str:
    # No byte of a GB18030 character looks like a comma, a quote or a line break.
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return content.decode("gb18030")


def _read_csv(header: bytes, content: bytes, first_line: int) -> Iterator[RawRow]:
    try:
        names = next(csv.reader([_decode(header)]))
        text = _decode(content)
    except (UnicodeDecodeError, StopIteration):
        yield RawRow(first_line, None, "the part is no CSV in UTF-8 or GB18030")
        return
    reader = csv.reader(io.StringIO(text, newline=""))
    line = first_line
    while True:
        try:
            fields = next(reader)
        except StopIteration:
            return
        except csv.Error as exc:
            yield RawRow(line, None, f"not CSV: {exc}")
            line = first_line + reader.line_num
            continue
        if len(fields) > len(names):
            yield RawRow(line, None, f"{len(fields)} fields, the header has {len(names)}")
        elif fields:
            yield RawRow(line, dict(zip(names, fields, strict=False)))
        line = first_line + reader.line_num


def _read_parquet(path: Path, part: Part) -> Iterator[RawRow]:
    import pyarrow.parquet as pq

    with _readable(path):
        file = pq.ParquetFile(path)
        place = 0
        for group in range(file.num_row_groups):
            rows = file.metadata.row_group(group).num_rows
            if place + rows <= part.start or place >= part.stop:
                place += rows
                continue
            for batch in file.iter_batches(batch_size=2048, row_groups=[group]):
                low, high = max(part.start - place, 0), min(part.stop - place, len(batch))
                for i, values in enumerate(batch[low:high].to_pylist() if low < high else ()):
                    yield RawRow(place + low + i + 1, values)
                place += len(batch)
