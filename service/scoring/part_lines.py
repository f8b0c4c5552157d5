"""Text files, packed by gzip or not: cut between their rows, and read a part at a time."""

from __future__ import annotations

import csv
import gzip
import io
import re
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import IO, Any, NamedTuple

import orjson

from triage.encodings import UTF8, prevailing
from triage.errors import InvalidInput
from triage.quotes import NOT_CLOSED, ends_inside, left_open

PACKED = ".gz"
_BOM = b"\xef\xbb\xbf"
# Bytes that are in no encoding, as `surrogateescape` tells them.
_DAMAGED = re.compile("[\udc80-\udcff]")


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of an input file.

    Attributes
    ----------
    number : int
        From 0, in file order.
    start, stop : int
        Bytes (of the content, where the file is packed), or rows of a Parquet file.
    first_line : int
        Number of its first line (or row, Parquet), from 1.
    weight : int
        Bytes of the file as it lies on the disk that it stands for.
    """

    number: int
    start: int
    stop: int
    first_line: int
    weight: int


class RawRow(NamedTuple):
    """A row as it was read: its values, or why it could not be read."""

    line: int
    values: dict[str, Any] | None
    problem: str = ""


def is_packed(path: Path) -> bool:
    """Tell whether a file is packed by gzip."""
    return path.suffix.lower() == PACKED


def cut_lines(path: Path, part_bytes: int, *, quoted: bool) -> Iterator[Part]:
    """Cut a text file; `quoted` is CSV, where a field may hold line breaks.

    Raises
    ------
    InvalidInput
        When a packed file is broken; the parts before the break have been given by then.
    """
    with _unbroken(path), path.open("rb") as disk, _content(path, disk) as file:
        start, first, number, weighed = 0, 1, 0, 0
        if quoted:
            header = _csv_header(file)
            start, first = len(header), 1 + header.count(b"\n")
        stretches = _csv_stretches(file, part_bytes) if quoted else _stretches(file, part_bytes)
        for length, lines in stretches:
            yield Part(number, start, start + length, first, disk.tell() - weighed)
            weighed = disk.tell()
            number, start, first = number + 1, start + length, first + lines


def _content(path: Path, disk: IO[bytes]) -> IO[bytes]:
    # Not closed by itself: it has nothing to close but the file it reads.
    return gzip.GzipFile(fileobj=disk) if is_packed(path) else disk  # type: ignore[return-value]


@contextmanager
def _unbroken(path: Path) -> Iterator[None]:
    try:
        yield
    except (gzip.BadGzipFile, EOFError, zlib.error) as exc:
        raise InvalidInput(f"{path.name} is no gzip file, or is cut off") from exc


def _stretches(file: IO[bytes], part_bytes: int) -> Iterator[tuple[int, int]]:
    while block := file.read(part_bytes):
        rest = b"" if block.endswith(b"\n") else file.readline()
        yield len(block) + len(rest), block.count(b"\n") + rest.count(b"\n")


def _csv_stretches(file: IO[bytes], part_bytes: int) -> Iterator[tuple[int, int]]:
    length, lines, inside = 0, 0, False
    for text in file:
        length, lines = length + len(text), lines + 1
        # A line break between quotes belongs to its field.
        if inside or b'"' in text:
            inside = ends_inside(text, inside=inside)
        if length >= part_bytes and not inside:
            yield length, lines
            length = lines = 0
    if length:
        yield length, lines


def _csv_header(file: IO[bytes]) -> bytes:
    header, inside = b"", False
    for text in iter(file.readline, b""):
        header += text
        inside = ends_inside(text, inside=inside)
        if not inside:
            break
    return header


def read_lines(path: Path, part: Part, *, kind: str) -> Iterator[RawRow]:
    """Read the rows of a part of a text file; `kind` is `.jsonl`, `.csv` or `.txt`."""
    content = _read(path, part)
    if part.start == 0:
        content = content.removeprefix(_BOM)
    if kind == ".csv":
        with path.open("rb") as disk, _content(path, disk) as file:
            header = _csv_header(file).removeprefix(_BOM)
        rows = _read_csv(header, content, part.first_line)
        yield from _without_open(rows) if left_open(content) else rows
        return
    reader = read_text_line if kind == ".txt" else read_json_line
    encoding = prevailing(content)
    for line, text in enumerate(content.split(b"\n"), part.first_line):
        if text.strip():
            yield reader(line, text, encoding=encoding)


def _read(path: Path, part: Part) -> bytes:
    if not is_packed(path):
        with path.open("rb") as file:
            file.seek(part.start)
            return file.read(part.stop - part.start)
    with _unbroken(path):
        packed = _unpacking(path, path.stat().st_mtime_ns)
        packed.seek(part.start)
        return packed.read(part.stop - part.start)


@lru_cache(maxsize=1)
def _unpacking(path: Path, _changed_ns: int) -> gzip.GzipFile:
    # A packed file is read from its start: it stays open, and the next part lies further on.
    return gzip.open(path, "rb")


def read_json_line(line: int, text: bytes, *, encoding: str) -> RawRow:
    """Read one line of JSONL."""
    try:
        # UTF-8 as it is: the parser takes bytes, and tells which are damaged.
        values = orjson.loads(text if encoding == UTF8 else text.decode(encoding))
    except UnicodeDecodeError as exc:
        return _not_whole(line, encoding, exc)
    except orjson.JSONDecodeError as exc:
        return RawRow(line, None, f"not JSON: {exc.args[0]}")
    if not isinstance(values, dict):
        return RawRow(line, None, "not a JSON object")
    return RawRow(line, values)


def read_text_line(line: int, text: bytes, *, encoding: str) -> RawRow:
    """Read one narrative of a plain text file; its id is the number of its line."""
    try:
        return RawRow(line, {"id": str(line), "text": text.decode(encoding)})
    except UnicodeDecodeError as exc:
        return _not_whole(line, encoding, exc)


def _not_whole(line: int, encoding: str, exc: UnicodeDecodeError) -> RawRow:
    return RawRow(line, None, f"not whole in {encoding}: {exc.reason}")


def _without_open(rows: Iterator[RawRow]) -> Iterator[RawRow]:
    """Set aside the last row: its quote swallowed what stands behind it."""
    *whole, last = rows
    yield from whole
    yield RawRow(last.line, None, NOT_CLOSED)


def _read_csv(header: bytes, content: bytes, first_line: int) -> Iterator[RawRow]:
    encoding = prevailing(header + content)
    # No byte of a GB18030 character looks like a comma, a quote or a line break.
    names = next(csv.reader([header.decode(encoding, "surrogateescape")]), [])
    text = content.decode(encoding, "surrogateescape")
    if not names or any(map(_DAMAGED.search, names)):
        yield RawRow(first_line, None, "the part is no CSV in UTF-8 or GB18030")
        return
    damaged = _DAMAGED.search(text) is not None
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
        elif damaged and any(map(_DAMAGED.search, fields)):
            yield RawRow(line, None, f"not whole in {encoding}")
        elif fields:
            yield RawRow(line, dict(zip(names, fields, strict=False)))
        line = first_line + reader.line_num
