"""A bank's own labelled file: read, checked, masked, grouped. Nothing raw is kept."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any

from training.bank_columns import FIELDS, Columns, flag, local_time, several
from training.bank_files import REPLACED, Record, open_records
from training.bank_groups import joined_groups, template_clusters
from training.bank_labels import Dropped, Labels
from training.bank_report import BadRow, ValidationReport
from training.cases import NOTHING_KNOWN, Case
from training.corpus import LabelledRow
from triage.errors import InvalidInput
from triage.masking.mask import mask
from triage.records import Context
from triage.taxonomy import Taxonomy
from triage.wire import CONTEXT_FIELDS, context_from

# What a narrative may hold anywhere in the product.
LONGEST = 20_000


@dataclass(frozen=True)
class BankData:
    """The usable rows of a file.

    Attributes
    ----------
    cases : tuple of Case
        Masked, without duplicates, in the order of the file.
    report : ValidationReport
    """

    cases: tuple[Case, ...]
    report: ValidationReport

    @property
    def rows(self) -> list[LabelledRow]:
        """The form that models are fitted on."""
        return [case.row() for case in self.cases]


def read_labelled(
    path: Path,
    taxonomy: Taxonomy,
    *,
    columns: Columns | None = None,
    for_training: bool = False,
    where: Mapping[str, str] | None = None,
) -> BankData:
    """Read a labelled file.

    Parameters
    ----------
    path : Path
        .csv, .jsonl or .parquet; text files in UTF-8 (with or without BOM) or GB18030.
    taxonomy : Taxonomy
        Labels are its codes or names.
    columns : Columns, optional
        How the file names things.
    for_training : bool
        Refuse rows whose line has sublines and that name none, since they have no leaf.
    where : mapping of column to value, optional
        Read only the records with these values, as text.

    Returns
    -------
    BankData
        Rows that cannot be used stand in its report, by line and reason, never by content.

    Raises
    ------
    InvalidInput
        When the file cannot be read or has no column of texts or of lines.
    """
    opened = open_records(path)
    reading = _Reading(Labels(taxonomy, (columns or Columns()).labels), columns or Columns())
    reading.for_training = for_training
    for record in opened.records:
        if _wanted(record, where or {}):
            reading.take(record)
    reading.check_columns(path.name)
    cases = _grouped(reading.cases)
    return BankData(tuple(cases), reading.report(path.name, opened.encoding, cases))


class _Reading:
    """What has been read so far."""

    def __init__(self, labels: Labels, columns: Columns) -> None:
        self.labels = labels
        self.columns = columns
        self.for_training = False
        self.cases: list[Case] = []
        self.bad: list[BadRow] = []
        self.records = 0
        self.duplicates = 0
        self.masked: Counter[str] = Counter()
        self.names: set[str] = set()
        self._texts: dict[int, tuple[int, str]] = {}
        self._ids: dict[str, int] = {}

    def take(self, record: Record) -> None:
        """Read one record into a case, a duplicate or a bad row."""
        self.records += 1
        self.names.update(record.values)
        try:
            self._keep(self._case(record), record.line)
        except InvalidInput as exc:
            # A reason may quote a cell, and a column may be mapped wrongly.
            self.bad.append(BadRow(record.line, mask(exc.message).text))

    def check_columns(self, name: str) -> None:
        """Refuse a file in which texts or lines cannot be found at all."""
        for field in ("text", "line"):
            column = self.columns.columns.get(field, field)
            if self.names and column not in self.names:
                there = ", ".join(sorted(self.names))
                raise InvalidInput(
                    f"{name} has no column {column!r} (there are {there})",
                    cure=f"name it with --map {field}=COLUMN",
                )

    def report(self, name: str, encoding: str, cases: list[Case]) -> ValidationReport:
        """Tell what was read."""
        known = {self.columns.columns.get(field, field) for field in FIELDS}
        sizes = Counter(case.group for case in cases)
        return ValidationReport(
            file=name,
            encoding=encoding,
            records=self.records,
            usable=len(cases),
            duplicates=self.duplicates,
            bad=tuple(self.bad),
            groups=len(sizes),
            largest_group=max(sizes.values(), default=0),
            leaves=dict(Counter(case.leaf for case in cases).most_common()),
            masked=dict(self.masked.most_common()),
            unused_columns=tuple(sorted(self.names - known)),
        )

    def _keep(self, case: Case, line: int) -> None:
        earlier, label = self._texts.get(hash(case.text), (line, case.leaf))
        if label != case.leaf:
            raise InvalidInput(f"same text as line {earlier}, but another label")
        if earlier != line:
            self.duplicates += 1
            return
        first = self._ids.setdefault(case.id, line)
        if first != line:
            raise InvalidInput(f"id of line {first} again")
        self._texts[hash(case.text)] = (line, case.leaf)
        self.cases.append(case)

    def _case(self, record: Record) -> Case:
        if record.problem:
            raise InvalidInput(record.problem)
        pick = partial(self.columns.pick, record.values)
        text = self._text(pick("text"))
        line, subline = self._label(pick("line"), pick("subline"))
        given = pick("group")
        return Case(
            id=str(pick("id") or pick("ticket_id") or _identity(text)),
            text=text,
            line=line,
            subline=subline,
            secondary=self._several(pick("secondary"), "secondary", self.labels.line),
            nature=None if pick("nature") is None else self.labels.nature(pick("nature")),
            signals=self._signals(pick("signals")),
            arguable=self._signals(pick("signals_arguable")) or frozenset(),
            register=None if pick("register") is None else str(pick("register"))[:40],
            group="" if given is None else str(given),
            escalated_30d=flag(pick("escalated_30d")),
            context=self._context(record.values),
        )

    def _text(self, value: Any) -> str:
        if value is None:
            raise InvalidInput("empty text")
        if not isinstance(value, str):
            raise InvalidInput("text is not a string")
        if len(value) > LONGEST:
            raise InvalidInput(f"text of {len(value)} characters, at most {LONGEST}")
        if REPLACED in value:
            raise InvalidInput("text holds bytes that are in no known encoding")
        masked = mask(value)
        self.masked.update(found.kind for found in masked.found)
        return masked.text

    def _label(self, line: Any, subline: Any) -> tuple[str, str | None]:
        if line is None:
            raise InvalidInput("no line")
        label = self.labels.leaf(line, subline)
        if self.for_training and not self.labels.complete(*label):
            below = ", ".join(self.labels.below(label[0]))
            raise InvalidInput(f"line {label[0]} needs a subline: {below}")
        return label

    def _signals(self, value: Any) -> frozenset[str] | None:
        codes = self._several(value, "signals", self.labels.signal)
        return None if codes is None else frozenset(codes)

    def _several(self, value: Any, name: str, read: Callable[[Any], str]) -> tuple[str, ...] | None:
        column = self.columns.columns.get(name, name)
        if value is None and column not in self.names:
            return None
        found = []
        for item in several(value):
            # As in the corpus: a secondary line that is no more takes no row with it.
            with suppress(Dropped):
                found.append(read(item))
        return tuple(found)

    def _context(self, values: Mapping[str, Any]) -> Context:
        known = {name: self.columns.pick(values, name) for name in CONTEXT_FIELDS}
        known = {
            name: self.columns.labels.get(str(value), value)
            for name, value in known.items()
            if value is not None
        }
        if "received_at" in known:
            known["received_at"] = local_time(known["received_at"])
        return context_from(known) if known else NOTHING_KNOWN


def _identity(text: str) -> str:
    """Name a row by its text, so that it has one name in every file."""
    return "t-" + sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _wanted(record: Record, where: Mapping[str, str]) -> bool:
    return all(
        str(record.values.get(column)).strip().lower() == value.strip().lower()
        for column, value in where.items()
    )


def _grouped(cases: list[Case]) -> list[Case]:
    customers = [case.context.customer_key for case in cases]
    own = [case.group or None for case in cases]
    groups = joined_groups([customers, own], template_clusters([case.text for case in cases]))
    return [replace(case, group=group) for case, group in zip(cases, groups, strict=True)]
