"""Numbers of levels counted again: for each unit the set of all units under it, by walking down."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from governance_oracle_units import columns_of_unit, supervised_under

if TYPE_CHECKING:
    from governance_oracle import Oracle

Ticket = dict[str, Any]
TREE = {
    "分行": ["西区", "东区", "支行20"],
    "西区": [f"支行{n:02d}" for n in range(1, 9)],
    "东区": [f"支行{n:02d}" for n in range(9, 16)],
    "支行13": ["网点0", "网点1"],
    "支行01": ["网点2"],
}


def below(unit: str) -> set[str]:
    """A unit and all that is under it."""
    return {unit}.union(*(below(each) for each in TREE.get(unit, ())))


def levels() -> list[list[str]]:
    """Units of each level, the highest first."""
    lower = {name for names in TREE.values() for name in names}
    found = [[name for name in TREE if name not in lower]]
    while under := [name for upper in found[-1] for name in TREE.get(upper, ())]:
        found.append(under)
    return found


def tree(oracle: Oracle) -> None:
    """Volumes and burden of every level, watch lists and comparisons of all but the last."""
    mine, past = oracle.mine, oracle.past
    sent = [o for o in mine if _outlet(o)]
    columns: dict[str, tuple[list[Ticket], Callable[[Ticket], Any]]] = {
        "tickets": (mine, _unit),
        "before": (past, _unit),
        "open": ([o for o in mine if o["state"] in ("open", "in_progress")], _unit),
        "repeats": ([o for o in mine if o["links"]], _unit),
        "escalated": ([o for o in mine if oracle.ups(o)], _unit),
        "regulator": ([o for o in mine if str(o["channel"]).startswith("regulator")], _unit),
        "missed": ([o for o in mine if "missed" in [d["state"] for d in o["duties"]]], _unit),
        "sent_down": (sent, _outlet),
        "held": ([o for o in sent if o["owner_level"] == "outlet"], _outlet),
        "leaks": ([o for o in sent if o["barred"]], _outlet),
    }
    known = below("分行")
    for group in (("tickets", "before", "open", "repeats", "escalated", "regulator", "missed"),
                  ("sent_down", "held", "leaks")):  # fmt: skip
        rows: dict[str, Callable[[Any], bool]] = {
            "outside": lambda unit: bool(unit) and unit not in known,
            "nowhere": lambda unit: not unit,
        }
        for number, names in enumerate(levels(), 1):
            rows |= {f"{number}.{n}": lambda unit, n=n: unit in below(n) for n in names}
            if number < len(levels()):
                rows |= {f"own.{n}": lambda unit, n=n: unit == n for n in names}
        for row, holds in rows.items():
            own = {end: [o for o in columns[end][0] if holds(columns[end][1](o))] for end in group}
            if any(own.values()):
                for end, some in own.items():
                    oracle.put(f"tree.{row}.{end}", some)
        for end in group:
            oracle.put(f"tree.all.{end}", columns[end][0])
    for number, names in enumerate(levels()[:-1], 1):
        _compared(oracle, number, names)


def _compared(oracle: Oracle, level: int, names: list[str]) -> None:
    ranked: set[str] = set()
    for name in names:
        own = [o for o in oracle.mine if o["unit"] in below(name)]
        old = [o for o in oracle.past if o["unit"] in below(name)]
        if oracle.watched(f"watch.level{level}.{name}", own, old):
            ids = supervised_under(oracle, below(name))
            oracle.told[f"watch.level{level}.{name}.items"] = len(ids), ids
        if len(own) >= 10:
            ranked |= below(name)
            columns_of_unit(oracle, f"ranking.level{level}.{name}", own)
    rest = (o for o in oracle.mine if o["unit"] not in ranked)
    oracle.put(f"ranking.level{level}.rest", rest)


def _unit(one: Ticket) -> Any:
    return one["unit"]


def _outlet(one: Ticket) -> Any:
    down = [e["data"] for e in one["events"] if e["kind"] == "sent_down"]
    return [None, *(d["to_unit"] for d in down if d["to_level"] == "outlet")][-1]
