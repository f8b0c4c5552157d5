"""Curves as SVG text: drawn by whoever opens them, so Chinese labels need no font here.

Lines and letters take `currentColor`, so that a page's dark colours apply.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape

from training.judgement import Bin, Threshold

BLUE, ORANGE = "#3b74d8", "#d9822b"
_COLOURS = (BLUE, ORANGE)

Curve = tuple[str, Sequence[tuple[float, float]]]

_WIDTH, _HEIGHT = 460, 300
_LEFT, _RIGHT, _TOP, _BOTTOM = 52, 16, 16, 44
_TICKS = 5
_LEAST_LOOKED = 0.01
_DASHES = ' stroke-dasharray="4 4" stroke-opacity=".5"'


@dataclass(frozen=True, slots=True)
class Series:
    """Points of one curve, with its name in the legend."""

    name: str
    points: Sequence[tuple[float, float]]
    colour: str
    dots: bool = False
    dashed: bool = False


@dataclass(frozen=True, slots=True)
class Axes:
    """Titles and ranges of the two axes, as shares; the upright one may count in another unit.

    The legend stands below, or above where curves fall.
    """

    x: str
    y: str
    x_range: tuple[float, float] = (0.0, 1.0)
    y_range: tuple[float, float] = (0.0, 1.0)
    y_unit: tuple[float, str] = (100.0, "%")
    falling: bool = False


def chart(series: Sequence[Series], axes: Axes, *, title: str) -> str:
    """Draw curves in one frame.

    Parameters
    ----------
    series : sequence of Series
    axes : Axes
    title : str
        Read out to who does not see the picture.
    """
    x, y = (
        _scale(axes.x_range, _LEFT, _WIDTH - _RIGHT),
        _scale(axes.y_range, _HEIGHT - _BOTTOM, _TOP),
    )
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img"'
        f' font-family="sans-serif" font-size="12" fill="currentColor">',
        f"<title>{escape(title)}</title>",
        *_grid(axes, x, y),
    ]
    for curve in series:
        parts += _curve(curve, x, y)
    parts += _legend(series, above=axes.falling)
    return "\n".join([*parts, "</svg>"])


def risk_coverage_chart(curves: Sequence[tuple[str, Sequence[Threshold]]], *, title: str) -> str:
    """Draw accuracy against coverage, the first curve in front."""
    low = min([point.accuracy for _, curve in curves for point in curve[5:]], default=0.0)
    series = [
        Series(name, [(p.coverage, p.accuracy) for p in curve], colour)
        for (name, curve), colour in zip(curves, _COLOURS, strict=False)
    ]
    series.append(Series("95 %", [(0.0, 0.95), (1.0, 0.95)], "currentColor", dashed=True))
    floor = max(0.0, min(0.9, int(low * 10) / 10))
    return chart(
        series, Axes("覆盖率 coverage", "准确率 accuracy", y_range=(floor, 1.0)), title=title
    )


def reliability_chart(bins: Sequence[Bin], *, title: str) -> str:
    """Draw what came true against what was promised."""
    highest = max([value for b in bins for value in (b.promised, b.true)], default=1.0)
    top = next(end for end in (0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1.0) if highest <= end + 1e-9)
    series = [
        Series("理想 perfect", [(0.0, 0.0), (top, top)], "currentColor", dashed=True),
        Series("模型 model", [(b.promised, b.true) for b in bins], BLUE, dots=True),
    ]
    axes = Axes("预测概率 promised", "实际比例 came true", (0.0, top), (0.0, top))
    return chart(series, axes, title=title)


def capacity_chart(curves: Sequence[Curve], *, title: str) -> str:
    """Draw the share of escalations found against the share of tickets looked at."""
    chance = Series("随机 chance", [(0.0, 0.0), (1.0, 1.0)], "currentColor", dashed=True)
    drawn = [
        Series(name, [(0.0, 0.0), *points], colour)
        for (name, points), colour in zip(curves, _COLOURS, strict=False)
    ]
    axes = Axes("查看的工单 looked at", "找到的升级 found")
    return chart([chance, *drawn], axes, title=title)


def lift_chart(curves: Sequence[Curve], *, title: str) -> str:
    """Draw how many times as many escalations are found as by chance, from 1 % looked at on."""
    lifts = [
        (name, [(looked, found / looked) for looked, found in points if looked >= _LEAST_LOOKED])
        for name, points in curves
    ]
    highest = max([lift for _, points in lifts for _, lift in points], default=1.0)
    top = next((end for end in (2.0, 5.0, 10.0, 20.0, 50.0) if highest <= end), 100.0)
    chance = Series("随机 chance", [(0.0, 1.0), (1.0, 1.0)], "currentColor", dashed=True)
    drawn = [
        Series(name, points, colour)
        for (name, points), colour in zip(lifts, _COLOURS, strict=False)
    ]
    axes = Axes(
        "查看的工单 looked at", "提升 lift", y_range=(0.0, top), y_unit=(1.0, "×"), falling=True
    )
    return chart([chance, *drawn], axes, title=title)


def _scale(values: tuple[float, float], start: float, end: float) -> Callable[[float], float]:
    low, high = values
    return lambda value: start + (value - low) / (high - low) * (end - start)


def _grid(axes: Axes, x: Callable[[float], float], y: Callable[[float], float]) -> list[str]:
    parts = []
    for step in range(_TICKS + 1):
        across = axes.x_range[0] + (axes.x_range[1] - axes.x_range[0]) * step / _TICKS
        up = axes.y_range[0] + (axes.y_range[1] - axes.y_range[0]) * step / _TICKS
        parts += [
            f'<path d="M{_LEFT} {y(up):.1f}H{_WIDTH - _RIGHT}" stroke="currentColor"'
            ' stroke-opacity=".15"/>',
            f'<text x="{_LEFT - 6}" y="{y(up) + 4:.1f}" text-anchor="end">'
            f"{up * axes.y_unit[0]:g}{axes.y_unit[1]}</text>",
            f'<text x="{x(across):.1f}" y="{_HEIGHT - _BOTTOM + 16}" text-anchor="middle">'
            f"{across * 100:g}%</text>",
        ]
    middle = (_TOP + _HEIGHT - _BOTTOM) / 2
    parts += [
        f'<text x="{(_LEFT + _WIDTH - _RIGHT) / 2}" y="{_HEIGHT - 8}" text-anchor="middle">'
        f"{escape(axes.x)}</text>",
        f'<text x="12" y="{middle}" text-anchor="middle" transform="rotate(-90 12 {middle})">'
        f"{escape(axes.y)}</text>",
    ]
    return parts


def _curve(curve: Series, x: Callable[[float], float], y: Callable[[float], float]) -> list[str]:
    if not curve.points:
        return []
    # A curve that starts below the frame (few rows, all wrong) is held at its edge.
    edge = _HEIGHT - _BOTTOM
    places = [(x(across), min(edge, y(up))) for across, up in curve.points]
    path = "L".join(f"{across:.1f} {up:.1f}" for across, up in places)
    dash = _DASHES if curve.dashed else ""
    parts = [f'<path d="M{path}" fill="none" stroke="{curve.colour}" stroke-width="2"{dash}/>']
    if curve.dots:
        parts += [
            f'<circle cx="{across:.1f}" cy="{up:.1f}" r="4" fill="{curve.colour}"/>'
            for across, up in places
        ]
    return parts


def _legend(series: Sequence[Series], *, above: bool) -> list[str]:
    parts = []
    first = _TOP + 18 if above else _HEIGHT - _BOTTOM - 12 - 18 * (len(series) - 1)
    for row, curve in enumerate(series):
        top = first + 18 * row
        right = _WIDTH - _RIGHT
        parts += [
            f'<path d="M{right - 24} {top - 4}h20" stroke="{curve.colour}" stroke-width="2"'
            f"{_DASHES if curve.dashed else ''}/>",
            f'<text x="{right - 30}" y="{top}" text-anchor="end">{escape(curve.name)}</text>',
        ]
    return parts
