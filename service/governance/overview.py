"""The figures that a meeting asks for first, each with what it is a share of."""

from __future__ import annotations

from collections.abc import Sequence

from service.governance.figures import Cell, Figure, Part, Table

_FIRST = (
    *("volume.all", "volume.change", "major.all", "repeat.any_rate", "escalation.rate"),
    *("escalation.sued", "regulator.all", "regulator.same_day_rate"),
    *("regulator.conversion_rate", "time.contact_hours", "time.on_time_rate"),
    *("time.open_over", "transfer.often", "outlet.sent_down", "outlet.leaks"),
    *("mediation.offered", "mediation.settled", "mediation.settled_rate"),
    *("mediation.province", "risk.recall", "satisfaction.rate", "ledger.overdue"),
)


def overview(parts: Sequence[Part]) -> Part:
    """Gather the first figures of a report from its parts."""
    known = {figure.code: (figure, part) for part in parts for figure in part.figures()}
    rows: list[tuple[Cell, ...]] = []
    for code in _FIRST:
        if code not in known:
            continue
        figure, part = known[code]
        whole = known.get(figure.of or "")
        rows.append((figure.name, figure, _whole(whole and whole[0]), part.heading))
    notes = (
        "每个数的口径和明细见所在部分；括号内为95%置信区间，基数小的率不宜据以比较。",
        "指标不分好坏轻重；与目标的对照见“目标与趋势”。",
    )
    return Part(
        "overview", "总体情况", notes, (Table(("指标", "本期", "基数", "所在部分"), tuple(rows)),)
    )


def _whole(whole: Figure | None) -> str:
    return "—" if whole is None else f"{whole.name}{whole.shown}件"
