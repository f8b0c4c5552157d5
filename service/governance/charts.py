"""Charts of the report as SVG that stands in the page: nothing is loaded, nothing is run."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup, escape

from service.governance.figures import Figure, Series, Table

_WIDTH, _HEIGHT, _LEFT, _FOOT, _TOP = 640, 180, 44, 22, 12
_BAR, _NAMES, _MOST = 22, 220, 15


def bars(table: Table) -> Markup:
    """Draw the first rows of a table as bars with their numbers."""
    rows = rows_drawn(table)
    top = max((figure.value or 0 for _, figure in rows), default=0) or 1
    room = _WIDTH - _NAMES - 60
    drawn = []
    for number, (name, figure) in enumerate(rows):
        y = number * _BAR
        wide = (figure.value or 0) / top * room
        drawn.append(
            Markup(
                '<text x="{x}" y="{y}" text-anchor="end">{name}</text>'
                '<rect class="bar" x="{left}" y="{at}" width="{wide:.1f}" height="14"/>'
                '<text x="{end:.1f}" y="{y}">{value}</text>'
            ).format(
                x=_NAMES - 8,
                y=y + 13,
                name=name,
                left=_NAMES,
                at=y + 2,
                wide=wide,
                end=_NAMES + wide + 6,
                value=figure.shown,
            )
        )
    return _svg(table.heads[0], len(rows) * _BAR, drawn)


def rows_drawn(table: Table) -> list[tuple[str, Figure]]:
    """Give the rows of which a chart is drawn, with short names."""
    place = table.bars or 1
    rows = [(row[0], row[place]) for row in table.rows[:_MOST]]
    return [(_short(str(name)), cell) for name, cell in rows if isinstance(cell, Figure)]


def line(series: Series) -> Markup:
    """Draw counts in time, with the level of before, its limits and the day of the change."""
    values = [figure.value or 0.0 for _, figure in series.points]
    top = max([*values, series.high or 0.0, 1.0])
    guides = {"low": "limit", "high": "limit"}
    known = [(value, name) for value, name in levels(series) if value is not None]
    drawn = [_guide(value, top, guides.get(name, name)) for value, name in known]
    drawn += [_label(0, top), _label(top, top)]
    places = [(_x(number, len(values)), _y(value, top)) for number, value in enumerate(values)]
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    drawn.append(Markup('<polyline class="line" points="{}"/>').format(path))
    for (at, figure), (x, y) in zip(series.points, places, strict=True):
        told = Markup(
            '<circle class="dot" cx="{:.1f}" cy="{:.1f}" r="3"><title>{}：{}</title></circle>'
        )
        drawn.append(told.format(x, y, at, figure.shown))
        if at == series.change:
            cut = Markup('<line class="change" x1="{0:.1f}" x2="{0:.1f}" y1="0" y2="{1}"/>')
            drawn.append(cut.format(x, _HEIGHT - _FOOT))
    if series.points:
        drawn += [_date(0, series), _date(len(values) - 1, series)]
    return _svg(series.name, _HEIGHT, drawn)


def levels(series: Series) -> tuple[tuple[float | None, str], ...]:
    """Give the level of before and its limits, each with what it is."""
    return (series.level, "level"), (series.low, "low"), (series.high, "high")


def _guide(value: float, top: float, name: str) -> Markup:
    told = Markup('<line class="{}" x1="{}" x2="{}" y1="{:.1f}" y2="{:.1f}"/>')
    return told.format(name, _LEFT, _WIDTH, _y(value, top), _y(value, top))


def _label(value: float, top: float) -> Markup:
    told = Markup('<text x="{}" y="{:.1f}" text-anchor="end">{:.0f}</text>')
    return told.format(_LEFT - 6, _y(value, top) + 4, value)


def _date(number: int, series: Series) -> Markup:
    anchor = "start" if number == 0 else "end"
    told = Markup('<text x="{:.1f}" y="{}" text-anchor="{}">{}</text>')
    x = _x(number, len(series.points))
    return told.format(x, _HEIGHT - 6, anchor, series.points[number][0])


def _x(number: int, size: int) -> float:
    return _LEFT + (_WIDTH - _LEFT - 10) * (number / (size - 1) if size > 1 else 0)


def _y(value: float, top: float) -> float:
    return _TOP + (_HEIGHT - _FOOT - _TOP) * (1 - value / top)


def _short(name: str) -> str:
    return name if len(name) <= 16 else name[:15] + "…"


def _svg(name: str, height: int, drawn: Sequence[Markup]) -> Markup:
    opening = Markup('<svg role="img" viewBox="0 0 {} {}"><title>{}</title>')
    return opening.format(_WIDTH, height, escape(name)) + Markup("").join(drawn) + Markup("</svg>")
