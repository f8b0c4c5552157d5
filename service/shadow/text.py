"""The comparison of champion and challenger as lines for the terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

Body = Mapping[str, Any]
_AGREE = {
    "line": "line, where both gave one",
    "best_line": "most probable line",
    "band": "band",
    "abstention": "abstaining or not",
}
_MOST = 10
_NONE = "–"


def report_text(body: Body) -> str:
    """Tell a comparison (see docs/shadow.md)."""
    return "\n".join([*_head(body), *_agreement(body), *_sides(body), *_apart(body)])


def _head(body: Body) -> Iterator[str]:
    ended = "" if body["running"] else f", {body['why']} {body['stopped_at']}"
    yield f"challenger  {body['version']}, since {body['started_at']}{ended}"
    yield f"champion    {body['champion'] or _NONE}"
    left = [("failed", "failed"), ("other_champions", "under another champion")]
    more = [f"{body[name]} {said}" for name, said in left if body[name]]
    waiting = [f"{body['waiting']} wait"] if body["waiting"] else []
    yield f"tickets     {', '.join([str(body['tickets']), *more, *waiting])}"
    if body["trouble"]:
        yield f"trouble     {body['trouble']}"


def _agreement(body: Body) -> Iterator[str]:
    yield f"\n{'both say the same':<28}{'share':>8}  95 % interval"
    for name, said in _AGREE.items():
        yield f"{said:<28}{_figure(body['agreement'][name])}"


def _sides(body: Body) -> Iterator[str]:
    reviewed = body["reviewed"]
    yield f"\n{'':<28}{'champion':>8}{'challenger':>12}{'change':>9}  95 % interval"
    yield _both("a line is given", body["given"])
    yield _both("mean risk", body["risk"])
    yield f"reviewed tickets: {reviewed['tickets']}"
    if reviewed["tickets"]:
        yield _both("  most probable line right", reviewed["accuracy"])
        yield _both("  given and right", reviewed["right"])
        yield _both("  given and wrong", reviewed["wrong"])


def _apart(body: Body) -> Iterator[str]:
    if body["apart"]:
        yield "\nfurthest apart (champion -> challenger)"
    for one in body["apart"][:_MOST]:
        sides = [_said(one[side]) for side in ("champion", "challenger")]
        settled = f", reviewed {one['reviewed']}" if one["reviewed"] else ""
        yield f"  {one['ticket_id']}: {' -> '.join(sides)}{settled}"


def _said(said: Body) -> str:
    line = said["line"] or f"({said['best']})"
    return f"{line} {said['band']} {said['risk']:.3f}"


def _both(name: str, sides: Body) -> str:
    one, two, change = (sides[side] for side in ("champion", "challenger", "change"))
    if change is None:
        return f"{name:<28}{_NONE:>8}"
    interval = f"{change['low']:+.3f} … {change['high']:+.3f}"
    values = f"{one['value']:>8.3f}{two['value']:>12.3f}{change['value']:>+9.3f}"
    return f"{name:<28}{values}  {interval}"


def _figure(found: Body | None) -> str:
    if found is None:
        return f"{_NONE:>8}"
    return f"{found['value']:>8.3f}  {found['low']:.3f} … {found['high']:.3f}"
