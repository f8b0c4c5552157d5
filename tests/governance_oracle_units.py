"""More of the governance report counted again: early signs, supervision, units, major tickets.

As in `governance_oracle`, which calls this, nothing of `service.governance` is used.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from datetime import timedelta, timezone
from typing import TYPE_CHECKING, Any

from sqlalchemy import text

if TYPE_CHECKING:
    from governance_oracle import Oracle

CN = timezone(timedelta(hours=8))
Ticket = dict[str, Any]


def early(oracle: Oracle) -> None:
    """Consultations and pleas that a complaint of the same customer's matter came after."""
    rows = oracle.session.execute(
        text(
            "SELECT r.other_id FROM repeats r JOIN complaints c ON c.id = r.complaint_id"
            " WHERE r.kind = 'customer' AND c.nature = 'complaint'"
        )
    )
    ids = {row.other_id for row in rows}
    asked = [o for o in oracle.mine if o["nature"] in ("help", "inquiry") and o["id"] in ids]
    oracle.put("early.followed", asked)
    oracle.rate("early.followed_rate", "early.followed", "early.all")
    high = (o for o in asked if o["first"]["escalation"]["band"] == "high")
    oracle.put("early.followed_high", high)
    oracle.split("early.line", asked, oracle.line)


def supervision(oracle: Oracle) -> None:
    """Supervision by the unit that it is about, as its kind has it; and of watched units."""
    rows = oracle.session.execute(text("SELECT id, unit FROM items WHERE kind = 'supervision'"))
    units = {f"item:{row.id}": row.unit for row in rows}
    alive: set[str] = set()
    for state in ("opened", "closed", "open", "overdue"):
        ids = oracle.told[f"item.supervision.{state}"][1]
        alive |= set(ids)
        for unit in {*units.values()}:
            own = [ident for ident in ids if units[ident] == unit]
            oracle.told[f"item.unit.{unit or '未指明机构'}.{state}"] = len(own), own
    for code in [code for code in oracle.told if code.startswith("watch.")]:
        head, _, column = code.rpartition(".")
        if column == "tickets":
            own = sorted(ident for ident in alive if units[ident] == head.split(".")[2])
            oracle.told[f"{head}.items"] = len(own), own


def supervised_under(oracle: Oracle, units: set[str]) -> list[str]:
    """Give the supervision alive in the period that is about one of some units."""
    rows = oracle.session.execute(text("SELECT id, unit FROM items WHERE kind = 'supervision'"))
    own = {f"item:{row.id}" for row in rows if row.unit in units}
    alive = {i for end in ("closed", "open") for i in oracle.told[f"item.supervision.{end}"][1]}
    return sorted(own & alive)


def major(oracle: Oracle) -> None:
    """What became of the major tickets, of all and by why they are."""
    late, waits = set(), set()
    for one in oracle.mine:
        granted = [e["data"]["days"] for e in one["events"] if e["kind"] == "extension"]
        end = oracle.answered(one)
        until = (end or oracle.now).astimezone(CN).date()
        owed = one["nature"] == "complaint" and one["state"] != "withdrawn"
        if "missed" in [d["state"] for d in one["duties"]] or (
            owed and (until - one["day"]).days > max(granted, default=15)
        ):
            late.add(one["id"])
        elif end is None and one["state"] in ("open", "in_progress"):
            waits.add(one["id"])
    tests: dict[str, Callable[[Ticket], bool]] = {
        "same_day": oracle.same_day,
        "uncontacted": lambda o: oracle.spoken(o) is None,
        "lifted": lambda o: "escalated" in o["flags"],
        "kept": lambda o: o["id"] not in late | waits,
        "late": lambda o: o["id"] in late,
        "waits": lambda o: o["id"] in waits,
        "escalated": lambda o: bool(oracle.ups(o)),
    }
    named = {one["ticket_id"]: one for one in oracle.mine}
    for kind in ("all", "life", "media", "group", "amount"):
        own = [named[ident] for ident in oracle.told[f"major.{kind}"][1]]
        for code, holds in tests.items():
            oracle.put(f"major.{kind}.{code}", filter(holds, own))
    some = [named[ident] for ident in oracle.told["major.all"][1]]
    hours = {
        one["ticket_id"]: (at - one["at"]).total_seconds() / 3600
        for one in some
        if (at := oracle.spoken(one))
    }
    oracle.mid("major.contact_hours", [(named[ident], told) for ident, told in hours.items()])
    for one in some:
        ident = one["ticket_id"]
        oracle.told[f"major.ticket.{ident}.contact_hours"] = hours.get(ident), [ident]
    below = ("outlet", "sub_branch")
    oracle.put(
        "major.below",
        (o for o in some if "escalated" in o["flags"] and o["owner_level"] in below),
    )
    rows = oracle.session.execute(text("SELECT tickets FROM items"))
    cared = {ident for row in rows for ident in json.loads(row.tickets)}
    oracle.put("major.without_item", (o for o in some if o["ticket_id"] not in cared))
    oracle.split("major.level", some, lambda o: o["owner_level"])
    oracle.split("major.state", some, lambda o: o["state"])
    oracle.split("major.line", some, oracle.line)
    oracle.split("major.found", some, found)


def found(one: Ticket) -> str | None:
    """Give the cause that people found last."""
    told = [e["data"].get("root_cause") for e in one["events"]]
    return [None, *filter(None, told)][-1]


def ranking(oracle: Oracle) -> None:
    """Units and departments of ten tickets and more; the rest is told as one number."""
    columns_of_unit(oracle, "ranking.all", oracle.mine)
    zh = {line["code"]: line["zh"] for line in oracle.raw["lines"]} | {"undecided": "未定条线"}
    keys: dict[str, Callable[[Ticket], Any]] = {
        "unit": lambda o: o["unit"],
        "department": lambda o: o["owner_unit"],
        "line": lambda o: zh[oracle.line(o)],
    }
    for name, key in keys.items():
        sizes = Counter(key(one) for one in oracle.mine if key(one))
        kept = {unit for unit, size in sizes.items() if size >= 10}
        for unit in kept:
            own = [one for one in oracle.mine if key(one) == unit]
            columns_of_unit(oracle, f"ranking.{name}.{unit}", own)
        rest = [one for one in oracle.mine if key(one) not in kept]
        oracle.put(f"ranking.{name}.rest", rest)


def columns_of_unit(oracle: Oracle, code: str, own: list[Ticket]) -> None:
    """What other parts tell of all tickets, of those of one unit."""
    ours = {one["ticket_id"] for one in own}
    pick = {one["ticket_id"]: one for one in own}
    elsewhere = {
        "tickets": "volume.all",
        "repeats": "repeat.all",
        "escalated": "escalation.all",
        "leaks": "outlet.leaks",
        "transfers": "transfer.often",
        "regulator": "regulator.all",
        "same_day": "regulator.same_day",
        "converted": "regulator.converted",
        "within": "time.within_15",
        "missed": "duty.missed",
        "offered": "mediation.offered",
        "settled": "mediation.settled",
        "asked": "satisfaction.asked",
        "accepted": "satisfaction.accepted",
        "refused": "satisfaction.refused",
    }
    for end, whole in elsewhere.items():
        oracle.put(f"{code}.{end}", (pick[i] for i in oracle.told[whole][1] if i in ours))
    oracle.put(f"{code}.sued", (o for o in own if "E3" in {kind for _, kind in oracle.ups(o)}))
    owed = [pick[i] for i in oracle.told["time.all"][1] if i in ours]
    open_late = [o for o in owed if (oracle.now.astimezone(CN).date() - o["day"]).days > 15]
    some = {o["id"]: o for o in owed if oracle.answered(o)} | {o["id"]: o for o in open_late}
    oracle.put(f"{code}.due", some.values())
    for rate, part, whole in (
        ("repeat_rate", "repeats", "tickets"),
        ("escalated_rate", "escalated", "tickets"),
        ("same_day_rate", "same_day", "regulator"),
        ("within_rate", "within", "due"),
        ("accepted_rate", "accepted", "asked"),
    ):
        oracle.rate(f"{code}.{rate}", f"{code}.{part}", f"{code}.{whole}")
    hours = [(o, (at - o["at"]).total_seconds() / 3600) for o in owed if (at := oracle.spoken(o))]
    oracle.mid(f"{code}.contact_hours", hours)
