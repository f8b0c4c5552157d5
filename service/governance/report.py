"""The report of a period put together, and the same as data."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from service.governance.cases import Book, Period
from service.governance.checking import checks, errors
from service.governance.classes_file import load_classes
from service.governance.clocks import duty_names
from service.governance.complete import complete
from service.governance.digest import digest
from service.governance.drill import drill
from service.governance.figures import Cell, Figure, Part
from service.governance.flow import flow
from service.governance.handling import regulator, timeliness
from service.governance.major import major, major_rule, tests_of
from service.governance.measures import measures
from service.governance.mediation import mediation
from service.governance.outcomes import effect, escalations, satisfaction
from service.governance.outlets import outlets
from service.governance.overview import overview
from service.governance.petition import petition
from service.governance.products import products
from service.governance.ranking import ranking
from service.governance.reading import read_book
from service.governance.response import response
from service.governance.settings import Settings, load_settings
from service.governance.sources import sources
from service.governance.steering import accountables, grade, risk, staff
from service.governance.targets import Count, targets
from service.governance.tree import tree
from service.governance.volumes import repeats, volumes
from service.governance.watching import tasks, typical, watch_lists
from service.store.database import Database
from triage.errors import InvalidInput
from triage.rules.calendar import local
from triage.taxonomy import load_taxonomy

# What is asked of nothing but the tickets of the period themselves, what waits in front.
_OF_A_PERSON = (
    *("digest", "volume", "regulator", "time", "repeat", "major", "drill", "mediation"),
    *("petition", "outlet", "escalation", "satisfaction", "error", "check", "ledger"),
)


# First words of figures that stand in a part of another.
_ALSO = {"early": "transfer", "order": "outlet", "duty": "time", "before": "escalation"}


@dataclass(frozen=True)
class Report:
    """A period's report."""

    period: Period
    parts: tuple[Part, ...]
    shown_ids: int
    accountable: str | None = None

    @property
    def title(self) -> str:
        """Its title."""
        head = f"{self.accountable}督办提示" if self.accountable else "投诉治理报告"
        return f"{head} {self.period.since}至{self.period.until}"

    @property
    def made(self) -> str:
        """When it was made."""
        return f"{local(self.period.as_of):%Y-%m-%d %H:%M}"

    @cached_property
    def figures(self) -> dict[str, Figure]:
        """All its figures by code."""
        return {figure.code: figure for part in self.parts for figure in part.figures()}


def make_report(
    database: Database,
    period: Period,
    *,
    data: Path | None = None,
    province: int | None = None,
    accountable: str | None = None,
) -> Report:
    """Read a period and count.

    Parameters
    ----------
    database : Database
    period : Period
    data : path, optional
        Folder of the settings.
    province : int, optional
        Mediations of the whole province, to tell the share of them.
    accountable : str, optional
        Who is to read it: of the tickets that he answers for alone, in the parts that concern them.

    Raises
    ------
    InvalidInput
        When nobody of that name answers for a ticket of the period.
    """
    settings = load_settings(data and data / "governance.yaml")
    book = read_book(database, period, weeks=settings.measure_weeks)
    if accountable is None:
        return Report(period, _parts(book, settings, data, province), settings.shown_ids)
    own = [case for case in book.cases if case.accountable == accountable]
    if not own:
        raise InvalidInput(
            "nobody of that name answers for a ticket of the period",
            cure="use a name of the report's part 责任人情况",
        )
    counts, book = _counts(settings, data, province), replace(book, cases=own, before=[])
    parts = tuple(counts[code](book) for code in _OF_A_PERSON)
    return Report(period, parts, settings.shown_ids, accountable)


def _counts(settings: Settings, data: Path | None, province: int | None) -> dict[str, Count]:
    """Give what counts a book, by the first word of the codes of its figures."""
    taxonomy, classes = load_taxonomy(data and data / "taxonomy.yaml"), load_classes(data)
    settings, duties = settings.under(taxonomy), duty_names(data, taxonomy)
    tests = tests_of(major_rule(data), taxonomy)
    return {
        "volume": lambda book: volumes(book, taxonomy, classes),
        "transfer": lambda book: flow(book, taxonomy),
        "source": lambda book: sources(book, taxonomy, classes),
        "response": lambda book: response(book, settings),
        "product": lambda book: products(book, classes),
        "major": lambda book: major(book, tests, settings, taxonomy),
        "drill": lambda book: drill(book, tests, taxonomy, duties),
        "repeat": lambda book: repeats(book, taxonomy, settings),
        "grade": grade,
        "petition": lambda book: petition(book, taxonomy),
        "regulator": regulator,
        "time": lambda book: timeliness(book, settings, duties),
        "mediation": lambda book: mediation(book, settings, taxonomy, province),
        "outlet": outlets,
        "watch": lambda book: watch_lists(book, settings),
        "ranking": lambda book: ranking(book, settings, taxonomy),
        **({"tree": lambda book: tree(book, settings)} if settings.units else {}),
        "escalation": lambda book: escalations(book, settings, taxonomy),
        "risk": risk,
        "effect": lambda book: effect(book, settings),
        "satisfaction": satisfaction,
        "error": lambda book: errors(book, settings, taxonomy),
        "check": checks,
        "staff": lambda book: staff(book, taxonomy, settings.staff_surveys),
        "ledger": lambda book: complete(book, taxonomy),
        "accountable": accountables,
        "digest": lambda book: digest(book, tests, taxonomy, duties),
    }


def _parts(
    book: Book, settings: Settings, data: Path | None, province: int | None
) -> tuple[Part, ...]:
    counts = _counts(settings, data, province)
    counted = [made(book) for made in counts.values()]
    return (
        overview(counted),
        *counted,
        targets(book, settings.targets, counts | {also: counts[of] for also, of in _ALSO.items()}),
        measures(book, settings),
        tasks(book),
        typical(book, settings),
    )


def report_json(report: Report) -> dict[str, Any]:
    """Give the report as data: figures by code, and the parts that show them."""
    period = report.period
    return {
        "from": period.since.isoformat(),
        "to": period.until.isoformat(),
        "as_of": _moment(period.as_of),
        "figures": {code: _figure(figure) for code, figure in report.figures.items()},
        "parts": [_part(part) for part in report.parts],
    }


def _figure(figure: Figure) -> dict[str, Any]:
    return {
        "name": figure.name,
        "value": figure.value,
        "unit": figure.unit,
        "of": figure.of,
        "low": figure.low,
        "high": figure.high,
        "ids": list(figure.ids),
    }


def _part(part: Part) -> dict[str, Any]:
    return {
        "code": part.code,
        "heading": part.heading,
        "notes": list(part.notes),
        "tables": [
            {
                "heads": list(table.heads),
                "rows": [[_cell(cell) for cell in row] for row in table.rows],
            }
            for table in part.tables
        ],
        "series": [
            {
                "name": each.name,
                "level": each.level,
                "low": each.low,
                "high": each.high,
                "change": each.change,
                "points": [[at, figure.code] for at, figure in each.points],
            }
            for each in part.series
        ],
        "quotes": [list(each) for each in part.quotes],
    }


def _cell(cell: Cell) -> str | dict[str, str]:
    return {"figure": cell.code} if isinstance(cell, Figure) else cell


def _moment(at: datetime) -> str:
    return local(at).isoformat()
