"""What the founding document's rows ask for besides, counted again from raw rows.

As in `governance_oracle`, which calls this, nothing of `service.governance` is used.
"""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

from governance_oracle_units import found

if TYPE_CHECKING:
    from governance_oracle import Oracle

CN = timezone(timedelta(hours=8))
LOW = ("outlet", "sub_branch")
Ticket = dict[str, Any]


def said_again(one: Ticket) -> bool:
    """Say whether ledger, intake or its own words call a ticket a repeat."""
    words = "repeat" in [each["code"] for each in one["first"]["signals"]]
    return bool(one["links"]) or (one["prior_complaints_90d"] or 0) > 0 or words


def grounds(oracle: Oracle) -> None:
    """Why tickets are called repeats, by line too; and those that came by another channel."""
    mine = oracle.mine
    oracle.put("repeat.recorded", (o for o in mine if (o["prior_complaints_90d"] or 0) > 0))
    said = (o for o in mine if "repeat" in str([s["code"] for s in o["first"]["signals"]]))
    oracle.put("repeat.said", said)
    again = oracle.put("repeat.any", filter(said_again, mine))
    oracle.rate("repeat.any_rate", "repeat.any", "volume.all")
    for line in {oracle.line(o) for o in mine}:
        oracle.put(f"repeat.any.{line}", (o for o in again if oracle.line(o) == line))
        oracle.rate(f"repeat.any_rate.{line}", f"repeat.any.{line}", f"volume.line.{line}")
    linked = [o for o in mine if o["links"]]
    oracle.split("repeat.found", linked, found)
    oracle.shares([c for c in oracle.told if c.startswith("repeat.found.")], "repeat.all")
    moved = (o for o in linked if o["channel"] not in [e["channel"] for e in o["links"]])
    oracle.put("repeat.other_channel", moved)


def conversions(oracle: Oracle) -> None:
    """How guided tickets stood when they became formal; and what came late in the day."""
    named = {one["ticket_id"]: one for one in oracle.mine}
    sent = [named[ident] for ident in oracle.told["regulator.all"][1]]
    late = oracle.put("regulator.evening", (o for o in sent if o["at"].astimezone(CN).hour > 16))
    oracle.put("regulator.evening_met", filter(oracle.same_day, late))
    turned = [named[ident] for ident in oracle.told["regulator.converted"][1]]
    when: dict[int, datetime] = {}
    for one in turned:
        when[one["id"]] = next(e["at"] for e in one["events"] if e["kind"] == "conversion")

    def stood(one: Ticket) -> str:
        at = when[one["id"]]
        past = [e for e in one["events"] if e["kind"] == "outcome" and e["at"] < at]
        if oracle.answered(one, at):
            no = False in [e["data"].get("accepted") for e in past]
            return "not_accepted" if no else "answered"
        return "not_answered" if oracle.spoken(one, at) else "not_contacted"

    oracle.split("regulator.cause", turned, stood)
    oracle.split("regulator.found", turned, found)
    days = {o["id"]: (when[o["id"]].astimezone(CN).date() - o["day"]).days for o in turned}
    oracle.mid("regulator.conversion_days", [(o, float(days[o["id"]])) for o in turned])

    def reviewed(one: Ticket) -> bool:
        return any(d["code"] == "conversion_review" and d["met_at"] for d in one["duties"])

    oracle.put("regulator.unreviewed", (o for o in turned if not reviewed(o)))


def down(oracle: Oracle) -> None:
    """To which level tickets went first, and what came down from there."""
    mine = oracle.mine

    def sent(one: Ticket) -> list[Any]:
        return [e["data"] for e in one["events"] if e["kind"] == "sent_down"]

    def outlet(one: Ticket) -> str | None:
        return [None, *(d["to_unit"] for d in sent(one) if d["to_level"] == "outlet")][-1]

    def first(one: Ticket) -> str | None:
        level: str | None = (one["first"].get("owner") or {}).get("level")
        return level

    oracle.put("outlet.before", filter(outlet, oracle.past))
    for unit in {outlet(o) for o in mine} - {None}:
        own, code = [o for o in mine if outlet(o) == unit], f"outlet.unit.{unit}"
        oracle.put(f"{code}.before", (o for o in oracle.past if outlet(o) == unit))
        oracle.put(f"{code}.held", (o for o in own if o["owner_level"] == "outlet"))
        oracle.put(f"{code}.leaks", (o for o in own if o["barred"]))
    oracle.split("order.first", mine, first)
    oracle.put("order.known", filter(first, mine))
    across = oracle.put("order.across", (o for o in mine if first(o) and first(o) not in LOW))
    oracle.rate("order.across_rate", "order.across", "order.known")
    oracle.put("order.sent", filter(sent, across))
    low = oracle.put("order.low", (o for o in mine if o["owner_level"] in LOW))
    oracle.put("order.bare", (o for o in low if not sent(o) and first(o) not in LOW))


def sued_beside(oracle: Oracle) -> None:
    """What came to court, of all and of both arms; and the rates of those arms."""
    named = {one["ticket_id"]: one for one in oracle.mine}

    def court(one: Ticket) -> bool:
        return "E3" in [code for _, code in oracle.ups(one)]

    oracle.put("escalation.sued", filter(court, oracle.mine))
    for end in ("escalated", "sued"):
        ids: list[str] = []
        rates = []
        for arm in ("effect.with", "effect.without"):
            if end == "sued":
                own = [named[i] for i in oracle.told[arm][1]]
                oracle.put(f"{arm}.sued", filter(court, own))
            oracle.rate(f"{arm}.{end}_rate", f"{arm}.{end}", arm)
            ids += oracle.told[f"{arm}.{end}"][1]
            rates.append(oracle.told[f"{arm}.{end}_rate"][0])
        gap = None if None in rates else rates[0] - rates[1]
        oracle.told[f"effect.difference.{end}"] = gap, sorted(ids)
