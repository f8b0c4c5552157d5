"""A file cut into parts that workers read for themselves.

A part is a range of bytes (text, packed or not) or of rows (Parquet); texts are never sent from
one process to another. Cutting goes through the file once, in constant memory, while the parts
that it gave are already worked on.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from service.scoring.part_lines import PACKED, Part, RawRow, cut_lines, is_packed, read_lines
from triage.errors import InvalidInput

__all__ = ["INPUTS", "Part", "RawRow", "cut", "kind_of", "read_part"]

_TEXT = (".jsonl", ".csv", ".txt")
INPUTS = (*_TEXT, ".parquet", *(kind + PACKED for kind in _TEXT))
PART_BYTES = 4 << 20
# Of a smaller file so many parts, so that all processes have work to the end; but none tiny.
_PARTS = 32
_LEAST_BYTES = 256 << 10
PART_ROWS = 20_000
# What narratives come to when they are unpacked.
_UNPACKED = 4


def kind_of(path: Path) -> str:
    """Give the extension that says how a file is read: `.csv`, `.csv.gz` ..."""
    suffix = path.suffix.lower()
    return Path(path.stem).suffix.lower() + suffix if suffix == PACKED else suffix


def cut(path: Path, *, part_bytes: int | None = None) -> Iterator[Part]:
    """Cut a file into parts that begin and end between rows.

    Raises
    ------
    InvalidInput
        When the extension is not one that can be read, or the file is broken.
    """
    kind = kind_of(path)
    if kind not in INPUTS:
        raise InvalidInput(f"{path.name}: cannot read {kind!r}", cure=f"use {', '.join(INPUTS)}")
    if kind == ".parquet":
        yield from _cut_parquet(path)
    else:
        content = path.stat().st_size * (_UNPACKED if is_packed(path) else 1)
        size = part_bytes or min(PART_BYTES, max(_LEAST_BYTES, content // _PARTS))
        yield from cut_lines(path, size, quoted=kind.startswith(".csv"))


def read_part(path: Path, part: Part) -> Iterator[RawRow]:
    """Read the rows of a part."""
    kind = kind_of(path)
    if kind == ".parquet":
        return _read_parquet(path, part)
    return read_lines(path, part, kind=kind.removesuffix(PACKED))


def _cut_parquet(path: Path) -> Iterator[Part]:
    import pyarrow.parquet as pq

    with _readable(path):
        rows = pq.ParquetFile(path).metadata.num_rows
    size = path.stat().st_size
    for number, start in enumerate(range(0, rows, PART_ROWS)):
        stop = min(start + PART_ROWS, rows)
        yield Part(number, start, stop, start + 1, size * stop // rows - size * start // rows)


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    import pyarrow as pa

    try:
        yield
    except (pa.ArrowException, OSError) as exc:
        raise InvalidInput(f"{path.name} is no readable Parquet file") from exc


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
