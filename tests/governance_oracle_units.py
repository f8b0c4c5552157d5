"""More of the governance report counted again: early signs, supervision, units, major tickets.

As in `governance_oracle`, which calls this, nothing of `service.governance` is used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import text

if TYPE_CHECKING:
    from governance_oracle import Oracle

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
