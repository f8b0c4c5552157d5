"""The comparison as one SVG: a column of bars a figure, a row a contender."""

from dataclasses import dataclass
from html import escape

OURS, THEIRS = "#3b74d8", "#9aa3ad"
_NAMES, _PANEL, _GAP, _ROW, _HEAD, _FOOT = 190, 128, 18, 26, 46, 30
_BAR = 15
_STYLE = (
    "<style>text{fill:#1f2328}.paper{fill:#fff}.soft{fill:#59636e}"
    "@media (prefers-color-scheme:dark){text{fill:#e6edf3}.paper{fill:#0d1117}"
    ".soft{fill:#9198a1}}</style>"
)


@dataclass(frozen=True)
class Panel:
    """One figure of all contenders.

    Attributes
    ----------
    title, sub : str
        What it is, in Chinese and English; its unit and which way is better.
    values : dict
        Contender -> number, or None where there is none.
    told : callable
        Number -> what stands behind the bar.
    """

    title: str
    sub: str
    values: dict
    told: object
    low: float = 0.0


def draw(panels, names, *, title, foot):
    """Give the SVG text; bars of `names[name]` true are ours."""
    width = _NAMES + len(panels) * (_PANEL + _GAP)
    height = _HEAD + len(names) * _ROW + _FOOT
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img"'
        ' font-family="system-ui, sans-serif" font-size="12">',
        f"<title>{escape(title)}</title>{_STYLE}",
        f'<rect class="paper" width="{width}" height="{height}"/>',
    ]
    for row, name in enumerate(names):
        y = _HEAD + row * _ROW + _BAR - 3
        parts.append(f'<text x="{_NAMES - 10}" y="{y}" text-anchor="end">{escape(name)}</text>')
    for number, panel in enumerate(panels):
        parts += _panel(panel, names, _NAMES + number * (_PANEL + _GAP))
    parts.append(
        f'<text class="soft" x="{_NAMES}" y="{height - 10}" font-size="11">{escape(foot)}</text>'
    )
    return "\n".join([*parts, "</svg>\n"])


def _panel(panel, names, left):
    parts = [
        f'<text x="{left}" y="17" font-weight="600">{escape(panel.title)}</text>',
        f'<text class="soft" x="{left}" y="33" font-size="11">{escape(panel.sub)}</text>',
    ]
    known = [value for value in panel.values.values() if value is not None]
    span = max(known, default=1.0) - panel.low or 1.0
    room = _PANEL - 46
    for row, (name, ours) in enumerate(names.items()):
        value, top = panel.values.get(name), _HEAD + row * _ROW
        length = 0.0 if value is None else max(1.0, (value - panel.low) / span * room)
        told = "–" if value is None else panel.told(value)
        parts += [
            f'<rect x="{left}" y="{top}" width="{length:.1f}" height="{_BAR}" rx="2"'
            f' fill="{OURS if ours else THEIRS}"/>',
            f'<text x="{left + length + 5:.1f}" y="{top + _BAR - 3}" font-size="11">'
            f"{escape(told)}</text>",
        ]
    return parts
