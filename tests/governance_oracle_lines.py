"""Petitions, response, lines of business, transfers and surveys counted again from raw rows.

As in `governance_oracle`, which calls this, nothing of `service.governance` is used.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

from governance_oracle_rows import said_again
from governance_oracle_standard import of_most
from governance_oracle_units import found
from sqlalchemy import text

if TYPE_CHECKING:
    from governance_oracle import Oracle

CN = timezone(timedelta(hours=8))
OPEN = ("open", "in_progress")
SURVEYS = (
    {"on": "2026-03-20", "asked": 100, "answered": 0, "content": 0},
    {"on": "2026-09-20", "asked": 120, "answered": 96, "content": 71},
    {"on": "2026-12-20", "asked": 120, "answered": 90, "content": 80},
)
Ticket = dict[str, Any]


def _told(oracle: Oracle, kind: str) -> set[str]:
    rows = oracle.session.execute(text("SELECT kind, tickets FROM items"))
    return {ident for row in rows if row.kind == kind for ident in json.loads(row.tickets)}


def petition(oracle: Oracle) -> None:
    """Tickets handled like petitions, by who leads them."""
    heard, seen = _told(oracle, "hearing"), _told(oracle, "review")

    def who(one: Ticket) -> str:
        return (one["last"].get("owner") or {}).get("accountable") or "未定包案领导"

    def unhappy(one: Ticket) -> bool:
        said = [e["data"].get("accepted") for e in one["events"] if e["kind"] == "outcome"]
        last = [None, *(each for each in said if each is not None)][-1]
        return last is False or "reopened" in [e["kind"] for e in one["events"]]

    tests: dict[str, Callable[[Ticket], bool]] = {
        "open": lambda o: o["state"] in OPEN,
        "untold": lambda o: "missed" in oracle.duty(o, "petition_notice"),
        "heard": lambda o: o["ticket_id"] in heard,
        "unheard": lambda o: "difficult" in o["flags"] and o["ticket_id"] not in heard,
        "unhappy": unhappy,
        "reviewed": lambda o: o["ticket_id"] in seen,
        "unreviewed": lambda o: unhappy(o) and o["ticket_id"] not in seen,
    }
    grave = [o for o in oracle.mine if "petition_grade" in o["flags"]]
    oracle.put("petition.leaderless", (o for o in grave if who(o) == "未定包案领导"))
    for code, holds in tests.items():
        oracle.put(f"petition.{code}", filter(holds, grave))
    for name in {who(o) for o in grave}:
        own = [o for o in grave if who(o) == name]
        oracle.put(f"petition.{name}.all", own)
        for code, holds in tests.items():
            oracle.put(f"petition.{name}.{code}", filter(holds, own))


def _moment(value: Any) -> datetime:
    told = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    return told if told.tzinfo else told.replace(tzinfo=UTC)


def response(oracle: Oracle) -> None:
    """When tickets stood in the ledger, were acted on, and customers were spoken with."""
    mine = oracle.mine
    made = {o["id"]: _moment(o["created_at"]) for o in mine}
    hours = [(o, (made[o["id"]] - o["at"]).total_seconds() / 3600) for o in mine]
    oracle.mid("response.entered_hours", hours)
    late = (o for o in mine if made[o["id"]].astimezone(CN).date() > o["day"])
    oracle.put("response.entered_late", late)
    bank = {
        o["id"]: [
            e["at"] for e in o["events"] if e["kind"] not in ("message", "withdrawal", "conversion")
        ]
        for o in mine
    }
    acted = [(o, min(bank[o["id"]]) - o["at"]) for o in mine if bank[o["id"]]]
    oracle.mid("response.acted_hours", [(o, gap.total_seconds() / 3600) for o, gap in acted])
    idle = (o for o in mine if not bank[o["id"]] and o["state"] in OPEN)
    oracle.put("response.idle", idle)
    asked = [o for o in mine if o["nature"] in ("complaint", "help", "inquiry")]
    for channel in {o["channel"] for o in asked} - {None}:
        own, code = [o for o in asked if o["channel"] == channel], f"response.channel.{channel}"
        oracle.put(code, own)
        oracle.put(f"{code}.same_day", filter(oracle.same_day, own))
        oracle.rate(f"{code}.same_day_rate", f"{code}.same_day", code)
        known = [(o, (t - o["at"]).total_seconds() / 3600) for o in own if (t := oracle.spoken(o))]
        oracle.mid(f"{code}.hours", known)
        day = timedelta(hours=24)
        slow = (o for o in own if (oracle.spoken(o) or oracle.now) - o["at"] > day)
        oracle.put(f"{code}.slow", slow)


def source(oracle: Oracle) -> None:
    """What each line causes, and of its products the thirty largest."""

    def cells(code: str, own: list[Ticket], old: list[Ticket]) -> None:
        columns = {
            "tickets": own,
            "before": old,
            "again": [o for o in own if said_again(o)],
            "regulator": [o for o in own if str(o["channel"]).startswith("regulator")],
            "escalated": [o for o in own if oracle.ups(o)],
            "sent_down": [o for o in own if "outlet" in _levels(o)],
        }
        for end, some in columns.items():
            oracle.put(f"{code}.{end}", some)

    for line in {oracle.line(o) for o in oracle.mine}:
        own = [o for o in oracle.mine if oracle.line(o) == line]
        cells(f"source.{line}", own, [o for o in oracle.past if oracle.line(o) == line])
        oracle.rate(f"source.{line}.share", f"source.{line}.tickets", "volume.all")

    def pair(one: Ticket) -> tuple[str, str]:
        return oracle.line(one), one["product"] or "未填产品"

    sizes = Counter(map(pair, oracle.mine))
    for key in sorted(sizes, key=lambda each: (-sizes[each], each))[:30]:
        own = [o for o in oracle.mine if pair(o) == key]
        code = "source." + ".".join(key)
        cells(code, own, [o for o in oracle.past if pair(o) == key])
        causes = ("product", "rules", "process", "disclosure")
        oracle.put(f"{code}.found", (o for o in own if found(o) in causes))
        oracle.put(f"{code}.reason", of_most(own))


def _levels(one: Ticket) -> list[str]:
    return [e["data"]["to_level"] for e in one["events"] if e["kind"] == "sent_down"]


def routes(oracle: Oracle) -> None:
    """Transfers by line and to where; each of the newest twenty that went too often."""
    named = {one["ticket_id"]: one for one in oracle.mine}
    moved = [named[ident] for ident in oracle.told["transfer.any"][1]]
    for code in oracle.split("transfer.line", moved, oracle.line):
        line = code.rpartition(".")[2]
        oracle.rate(f"{code}.rate", code, f"volume.line.{line}")

    def moves(one: Ticket) -> list[Any]:
        return [e["data"] for e in one["events"] if e["kind"] == "transfer"]

    oracle.split("transfer.to", moved, lambda o: [None, *(m["to_unit"] for m in moves(o))][-1])
    often = [named[ident] for ident in oracle.told["transfer.often"][1]]
    often.sort(key=lambda o: (o["at"], o["id"]))
    for one in often[-20:]:
        hops = (one["transfers"] or 0) + len(moves(one))
        oracle.told[f"transfer.ticket.{one['ticket_id']}"] = hops, [one["ticket_id"]]


def surveys(oracle: Oracle) -> None:
    """The bank's surveys until the end of the period."""
    for told in SURVEYS:
        if str(told["on"]) > str(oracle.until):
            continue
        code = f"staff.survey.{told['on']}"
        for end in ("asked", "answered", "content"):
            oracle.told[f"{code}.{end}"] = float(str(told[end])), []
        oracle.rate(f"{code}.answered_rate", f"{code}.answered", f"{code}.asked")
        oracle.rate(f"{code}.content_rate", f"{code}.content", f"{code}.answered")


def whole_ledger(oracle: Oracle) -> None:
    """What is late or stuck in the ledger, of all departments together."""
    units = {o["owner_unit"] or "未定部门" for o in oracle.mine}
    for end in ("overdue", "stuck"):
        codes = [f"ledger.department.{unit}.{end}" for unit in units]
        ids = sorted(ident for code in codes for ident in oracle.told[code][1])
        oracle.told[f"ledger.{end}"] = len(ids), ids
