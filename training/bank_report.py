"""What a bank's file held: counts, and every bad row by line and reason, without its content."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import orjson

from triage.errors import InvalidInput

_SHOWN = 8
# Beyond this the folds of a grouped split can no longer be even.
_HEAVY = 0.2


@dataclass(frozen=True, slots=True)
class BadRow:
    """A record that cannot be used; `line` counts from 1 and includes a header."""

    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class ValidationReport:
    """How a file was read.

    Attributes
    ----------
    records, usable, duplicates : int
        `records` = `usable` + `duplicates` + bad rows.
    groups, largest_group : int
        Customers and templates that stay together; rows in the largest.
    leaves : mapping of label to rows
    masked : mapping of kind of personal data to number of values
    unused_columns : tuple of str
    """

    file: str
    encoding: str
    records: int
    usable: int
    duplicates: int
    bad: tuple[BadRow, ...]
    groups: int
    largest_group: int
    leaves: Mapping[str, int]
    masked: Mapping[str, int]
    unused_columns: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Turn the report into JSON-able values."""
        return asdict(self)

    def text(self) -> str:
        """Tell it in a few lines."""
        lines = [
            f"{self.file} ({self.encoding}): {self.records} records, {self.usable} usable,"
            f" {self.duplicates} duplicates, {len(self.bad)} bad",
            f"{self.groups} groups (customers and templates), the largest of {self.largest_group}"
            " rows",
        ]
        if self.masked:
            lines.append("masked: " + ", ".join(f"{k} {n}" for k, n in self.masked.items()))
        if self.unused_columns:
            lines.append("columns not used: " + ", ".join(self.unused_columns))
        if self.usable and self.largest_group > _HEAVY * self.usable:
            lines.append("warning: one group holds many of the rows; check its template or key")
        reasons = Counter(row.reason for row in self.bad)
        for reason, count in reasons.most_common(_SHOWN):
            first = next(row.line for row in self.bad if row.reason == reason)
            lines.append(f"  {count} x {reason} (first at line {first})")
        return "\n".join(lines)


def write_bad_rows(report: ValidationReport, path: Path) -> None:
    """Write the bad rows as .json or .csv.

    Raises
    ------
    InvalidInput
        For another extension.
    """
    rows = [asdict(row) for row in report.bad]
    if path.suffix == ".json":
        path.write_bytes(orjson.dumps(rows, option=orjson.OPT_INDENT_2))
    elif path.suffix == ".csv":
        buffer = io.StringIO()
        writer = csv.DictWriter(buffer, ["line", "reason"], lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
        # With a BOM, so that a spreadsheet shows Chinese reasons.
        path.write_text(buffer.getvalue(), encoding="utf-8-sig")
    else:
        raise InvalidInput(f"{path.name}: bad rows go to .json or .csv")
