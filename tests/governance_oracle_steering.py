"""Timed duties, major events to rehearse, persons' digests and the ledger's gaps, counted again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import text

if TYPE_CHECKING:
    from governance_oracle import Oracle

Ticket = dict[str, Any]
OVER = ("replied", "closed", "withdrawn")


def at(value: Any) -> datetime:
    told = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    return told if told.tzinfo else told.replace(tzinfo=UTC)


def clocks(oracle: Oracle) -> None:
    """Every duty of every ticket; a duty that was met after its time is late."""
    _clocks(oracle, "duty", oracle.mine)


def _clocks(oracle: Oracle, prefix: str, mine: list[Ticket]) -> None:
    for code in {duty["code"] for one in mine for duty in one["duties"]}:
        owed = {o["id"]: o for o in mine if code in [d["code"] for d in o["duties"]]}
        left = dict(owed)
        ends: dict[str, list[Ticket]] = {}
        # What was missed once stays missed, whatever another rule's duty of that name came to.
        for end in ("missed", "late", "attempted", "open", "kept", "waived"):
            ends[end] = [o for o in left.values() if end in _all_ends(o, code)]
            left = {ident: o for ident, o in left.items() if o not in ends[end]}
        assert not left
        ends["owed"] = list(owed.values())
        ends["settled"] = [o for e in ("kept", "late", "missed", "attempted") for o in ends[e]]
        for end, some in ends.items():
            oracle.put(f"{prefix}.{end}.{code}", some)
        kept, whole = f"{prefix}.kept.{code}", f"{prefix}.settled.{code}"
        oracle.rate(f"{prefix}.rate.{code}", kept, whole)
        hours = [(o, _hours(o, code)) for end in ("kept", "late") for o in ends[end]]
        oracle.mid(f"{prefix}.hours.{code}", hours)


def _all_ends(one: Ticket, code: str) -> set[str]:
    return {_end(duty) for duty in one["duties"] if duty["code"] == code}


def _hours(one: Ticket, code: str) -> float:
    met = [at(d["met_at"]) for d in one["duties"] if d["code"] == code and d["met_at"]]
    return (max(met) - one["at"]).total_seconds() / 3600


def _end(duty: dict[str, Any]) -> str:
    if duty["state"] == "met" and duty["met_at"] and duty["due_at"]:
        return "late" if at(duty["met_at"]) > at(duty["due_at"]) else "kept"
    return "kept" if duty["state"] == "met" else str(duty["state"])


def drill(oracle: Oracle) -> None:
    """Major tickets with steps that were late or missed, and three of each kind to rehearse."""

    def broken(one: Ticket) -> int:
        return len({d["code"] for d in one["duties"] if _end(d) in ("late", "missed")})

    named = {one["ticket_id"]: one for one in oracle.mine}
    some = [named[ident] for ident in oracle.told["major.all"][1]]
    oracle.put("drill.broken", filter(broken, some))
    rows = oracle.session.execute(text("SELECT id FROM items WHERE title LIKE '%演练%'"))
    ids = sorted(f"item:{row.id}" for row in rows)
    oracle.told["drill.items"] = len(ids), ids
    _clocks(oracle, "drill.step", some)
    for kind in ("life", "media", "group", "amount"):
        own = [named[ident] for ident in oracle.told[f"major.{kind}"][1]]
        oracle.put(f"drill.kind.{kind}", own)
        bad = oracle.put(f"drill.kind.{kind}.broken", filter(broken, own))
        for one in sorted(bad, key=lambda o: (-broken(o), -o["at"].timestamp(), -o["id"]))[:3]:
            ident = one["ticket_id"]
            oracle.told[f"drill.case.{ident}"] = broken(one), [ident]


def digest(oracle: Oracle) -> None:
    """What waits with each person, and of the ten that come first how far off their time is."""
    major = set(oracle.told["major.all"][1])
    by: dict[str, list[Ticket]] = defaultdict(list)
    for one in oracle.mine:
        if one["next_action"] and _who(one):
            by[str(_who(one))].append(one)

    def left(one: Ticket) -> float | None:
        due = one["next_due"]
        return None if due is None else (at(due) - oracle.now).total_seconds() / 86_400

    for who, own in by.items():
        runs = [one for one in own if one["state"] not in OVER]
        dated = [(one, days) for one in own if (days := left(one)) is not None]
        columns = {
            "waiting": own,
            "overdue": [one for one, days in dated if days < 0],
            "soon": [one for one, days in dated if 0 <= days <= 3],
            "regulator": [
                one
                for one in runs
                if str(one["channel"]).startswith("regulator") and not oracle.spoken(one)
            ],
            "major": [one for one in runs if one["ticket_id"] in major],
            "lifted": [one for one in runs if "escalated" in one["flags"]],
        }
        for code, some in columns.items():
            oracle.put(f"digest.{who}.{code}", some)
        last = oracle.now + timedelta(days=9999)
        first = sorted(runs, key=lambda o: (at(o["next_due"] or last), o["id"]))
        done = [one for one in own if one not in runs]
        first += sorted(done, key=lambda o: (at(o["next_due"] or last), o["id"]))
        for one in first[:10]:
            oracle.told[f"digest.ticket.{one['ticket_id']}"] = left(one), [one["ticket_id"]]


def complete(oracle: Oracle) -> None:
    """What rows lack, by department too, and who has which part."""
    lacks: dict[str, Callable[[Ticket], bool]] = {
        "channel": lambda o: not o["channel"],
        "product": lambda o: not o["product"],
        "unit": lambda o: not o["unit"],
        "visited": lambda o: o["visited_branch"] is None,
        "touchpoint": lambda o: o["outlet_touchpoint"] is None,
        "owner": lambda o: not o["owner_unit"],
        "accountable": lambda o: not _who(o),
    }
    for code, test in lacks.items():
        oracle.put(f"ledger.without.{code}", filter(test, oracle.mine))
        oracle.shares([f"ledger.without.{code}"], "volume.all")
    up = [o for o in oracle.mine if "escalated" in o["flags"]]
    oracle.put("ledger.lifted.few", (o for o in up if len(_beside(o)) < 2))
    oracle.put("ledger.lifted.nobody", (o for o in up if not _who(o)))
    for unit in {o["owner_unit"] or "未定部门" for o in oracle.mine}:
        own = [o for o in oracle.mine if (o["owner_unit"] or "未定部门") == unit]
        runs = [o for o in own if o["state"] not in OVER]
        columns = {
            "all": own,
            "open": runs,
            "stuck": [o for o in runs if not o["next_action"]],
            "overdue": [o for o in own if o["next_due"] and at(o["next_due"]) < oracle.now],
            "nobody": [o for o in runs if not _who(o)],
            "lacking": [o for o in own if any(test(o) for test in lacks.values())],
        }
        for code, some in columns.items():
            oracle.put(f"ledger.department.{unit}.{code}", some)
    names = {line["code"]: line["zh"] for line in oracle.raw["lines"]} | {"undecided": "未定条线"}

    def part(one: Ticket) -> str:
        unit, who = one["owner_unit"] or "未定部门", _who(one) or "—"
        return f"{names[oracle.line(one)]}.{unit}.{who}"

    oracle.split("ledger.part", oracle.mine, part)


def _who(one: Ticket) -> str | None:
    found: str | None = (one["last"].get("owner") or {}).get("accountable")
    return found


def _beside(one: Ticket) -> set[str]:
    return set((one["last"].get("owner") or {}).get("departments") or ()) - {one["owner_unit"]}
