"""Makes the reports of a ledger, and keeps the last ones that people look at for some minutes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from service.governance.cases import Period
from service.governance.figures import Cell, Figure, Part
from service.governance.files import FORMATS, ids_csv
from service.governance.report import Report, make_report
from service.store.errors import UnknownFigure

if TYPE_CHECKING:
    from service.store.database import Database

LASTS = timedelta(minutes=5)
"""For so long a report that people look at is kept."""
_KEPT = 3
_Key = tuple[str, str, int | None, str | None]


@dataclass(frozen=True, slots=True)
class Wanted:
    """A report that is asked for; `province` and `accountable` as of `make_report`."""

    period: Period
    province: int | None = None
    accountable: str | None = None

    @property
    def key(self) -> _Key:
        """What a report that was made before must have been asked for."""
        days = self.period.since.isoformat(), self.period.until.isoformat()
        return (*days, self.province, self.accountable)


@dataclass(frozen=True, slots=True)
class Behind:
    """A figure of a report with some of the tickets behind it, and how many there are."""

    period: Period
    figure: Figure
    number: int


class Reporter:
    """Makes reports.

    Parameters
    ----------
    database : Database
    data : path
        Folder of the settings.
    """

    def __init__(self, database: Database, data: Path) -> None:
        self._database = database
        self._data = data
        self._lock = Lock()
        self._kept: dict[_Key, Report] = {}

    def written(self, wanted: Wanted, form: str, figure: str | None = None) -> bytes:
        """Give a report of the ledger as it stands now as a file.

        It is `html`, `docx`, `json`, or `csv`: the tickets behind all figures, or behind one.

        Raises
        ------
        InvalidInput
            When nobody of that name answers for a ticket.
        UnknownFigure
        """
        return _file(self._made(wanted), form, figure)

    def kept(self, wanted: Wanted, form: str) -> bytes:
        """Give the report that is shown as such a file.

        Raises
        ------
        InvalidInput
        """
        return _file(self._last(wanted), form)

    def shown(self, wanted: Wanted) -> Report:
        """Give a report to be looked at, with one ticket behind each figure that has any.

        Raises
        ------
        InvalidInput
        """
        return brief(self._last(wanted))

    def behind(self, wanted: Wanted, code: str, after: int, limit: int) -> Behind:
        """Give a figure with so many of the tickets behind it, after the first ones.

        Raises
        ------
        InvalidInput
        UnknownFigure
        """
        report = self._last(wanted)
        figure = report.figures.get(code)
        if figure is None:
            raise UnknownFigure("the report has no such figure", cure="see the figures of it")
        some = replace(figure, ids=figure.ids[after : after + limit])
        return Behind(report.period, some, len(figure.ids))

    def _made(self, wanted: Wanted) -> Report:
        return make_report(
            self._database,
            wanted.period,
            data=self._data,
            province=wanted.province,
            accountable=wanted.accountable,
        )

    def _last(self, wanted: Wanted) -> Report:
        with self._lock:  # whoever asks the same meanwhile waits for the one report
            found, now = self._kept.get(wanted.key), wanted.period.as_of
            if found is None or not found.period.as_of <= now < found.period.as_of + LASTS:
                found = self._made(wanted)
                self._kept.pop(wanted.key, None)
                while len(self._kept) >= _KEPT:
                    del self._kept[next(iter(self._kept))]
                self._kept[wanted.key] = found
            return found


def _file(report: Report, form: str, figure: str | None = None) -> bytes:
    return ids_csv(report, figure) if form == "csv" else FORMATS[f".{form}"](report)


def brief(report: Report) -> Report:
    """Leave one ticket behind each figure, which tells that there are some."""
    return replace(report, parts=tuple(_brief_part(part) for part in report.parts))


def _brief_part(part: Part) -> Part:
    return replace(
        part,
        tables=tuple(
            replace(
                table, rows=tuple(tuple(_brief_cell(cell) for cell in row) for row in table.rows)
            )
            for table in part.tables
        ),
        series=tuple(
            replace(each, points=tuple((at, _one(figure)) for at, figure in each.points))
            for each in part.series
        ),
    )


def _brief_cell(cell: Cell) -> Cell:
    return _one(cell) if isinstance(cell, Figure) else cell


def _one(figure: Figure) -> Figure:
    return replace(figure, ids=figure.ids[:1])
