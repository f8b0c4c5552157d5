"""A small simulated ledger in which everything that the governance report counts happens."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from service_fakes import FakeEngine
from sqlalchemy import text

from service.ledger.bulk import Loader
from service.settings import Settings
from service.store import alerts, events, items, repeats, slices, verdicts
from service.store.database import Database, Session
from service.store.opening import open_database
from service.store.privacy import privacy_of, vault_of
from service.store.records import NewEvent
from service.store.records_governance import ItemKind, NewAlert, NewItem
from service.store.records_review import VerdictRecord
from training.simulated_tickets import tickets_until
from triage.records import Assessment, Escalation, Signal
from triage.taxonomy import load_taxonomy

NOW = datetime.fromisoformat("2026-11-28T18:00:00+08:00")
FIRST = datetime.fromisoformat("2026-05-20T00:00:00+08:00")
TICKETS, SEED = 800, 5
_BATCH = 300
_NATURES = ("complaint", "complaint", "complaint", "help", "inquiry")


TAXONOMY = load_taxonomy()
_KNOWN = TAXONOMY.signal_codes[:6]
# Some tell of a product, some of the matter; many say two things of one line.
_CONCEPTS = (
    *("credit_card", "mortgage", "deposit", "insurance", "transfer_delay", "points_trouble"),
    *("cannot_cancel", "late_fee", "notice_missing", "bundled_insurance", "data_leaked"),
    *("marketing_calls", "mis_sold", "product_loss", "atm_trouble", "staff_error", "queue_ticket"),
)


class DrawingEngine(FakeEngine):
    """Draws line, nature, band and signals from the text, so that all of them are there."""

    def _one(self, text: str) -> Assessment:
        rng = random.Random(text)
        leaf = rng.choice((*TAXONOMY.leaves, None))
        line, _, subline = (leaf or "").partition(".")
        codes = [code for code in _KNOWN if rng.random() < 0.3]
        codes += ["violence"] if random.Random(f"{text}!").random() < 0.1 else []
        signals = tuple(Signal(code, 0, 1, text[:1]) for code in codes)
        told = random.Random(f"{text}#")
        risk = round(random.Random(f"{text}?").random(), 2)
        return Assessment(
            line=line or None,
            subline=subline or None,
            probability=0.8,
            abstained=leaf is None,
            abstain_reason=None if leaf else "low_confidence",
            alternatives=(),
            secondary=(),
            nature=rng.choice(_NATURES),
            signals=signals,
            escalation=Escalation(risk, rng.choice(("high", "medium", "low")), ()),
            evidence=(),
            masked_text=text,
            model_version=self.version,
            policy_version="1",
            concepts=tuple(code for code in _CONCEPTS if told.random() < 0.12),
        )


def make_ledger(home: Path) -> Database:
    """Fill a database; whoever asked closes it."""
    settings = Settings(home=home)
    database = open_database(settings)
    loader = Loader(database, DrawingEngine(), privacy_of(settings), vault_of(settings))
    year = tickets_until(NOW, TICKETS, seed=SEED)
    made = [ticket for ticket in year if ticket["received_at"] >= FIRST]
    for start in range(0, len(made), _BATCH):
        loader.load(made[start : start + _BATCH])
    database.change(_happenings)
    database.change(_governance)
    return database


def _happenings(session: Session) -> None:
    """Let happen what the simulated year does not know."""
    rng = random.Random(SEED)
    rows = session.execute(
        text("SELECT id, received_at, channel FROM complaints ORDER BY id")
    ).all()
    for ident, received, channel in rows:
        at = datetime.fromisoformat(str(received)).replace(tzinfo=UTC)
        for hours, kind, data in _events(rng, channel, at):
            moment = at + timedelta(hours=hours)
            if moment <= NOW:
                events.append(session, ident, NewEvent(kind, moment, "t", data=data), moment)
        if ident % 9 == 0:  # one outlet is sent much
            down = {"to_level": "outlet", "to_unit": "网点0", "reason": "客户要求"}
            moment = at + timedelta(hours=21)
            events.append(session, ident, NewEvent("sent_down", moment, "t", data=down), moment)
    for (ident,) in session.execute(text("SELECT id FROM duties ORDER BY id")).all():
        if rng.random() < 0.1:
            where = {"id": ident}
            _too_late(session)
    _again(session, rng)
    _sample(session, random.Random(SEED))
    # Some are answered by nobody.
    session.execute(text("DELETE FROM events WHERE kind = 'outcome' AND complaint_id % 7 = 0"))
    session.execute(text("UPDATE duties SET state = 'missed' WHERE id = :id"), where)
    session.execute(text("UPDATE duties SET state = 'attempted' WHERE code = 'contact_same_day'"))
    session.execute(text("UPDATE complaints SET state = 'closed' WHERE id % 4 = 0"))
    session.execute(text("DELETE FROM events WHERE kind = 'contact' AND complaint_id % 11 = 0"))
    slow = "created_at = datetime(received_at, '+20 hours')"
    session.execute(text(f"UPDATE complaints SET {slow} WHERE id % 5 < 3"))
    session.execute(text("DELETE FROM events WHERE complaint_id % 53 = 0"))
    session.execute(text("UPDATE complaints SET state = 'open' WHERE id % 53 = 0"))
    # Rows lack something, or nobody is led on.
    for column, number in (("channel", 37), ("product", 41), ("visited_branch", 43)):
        session.execute(text(f"UPDATE complaints SET {column} = NULL WHERE id % {number} = 0"))
    stuck = (
        "next_action = NULL, next_due = NULL WHERE id % 2 = 0 AND state IN ('open', 'in_progress')"
    )
    session.execute(text(f"UPDATE complaints SET {stuck}"))
    soon = {"soon": (NOW + timedelta(days=1)).astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")}
    waiting = "next_action IS NOT NULL AND id % 3 = 0"
    session.execute(text(f"UPDATE complaints SET next_due = :soon WHERE {waiting}"), soon)
    late = "state = 'met', met_at = datetime(due_at, '+3 hours')"
    session.execute(text(f"UPDATE duties SET {late} WHERE code = 'contact' AND id % 4 = 0"))
    alone = "'$.owner.accountable', null, '$.owner.departments', json_array('信用卡部')"
    session.execute(
        text(
            f"UPDATE assessments SET answer = json_set(answer, {alone}) WHERE complaint_id % 9 = 0"
        )
    )
    # Higher units take tickets in themselves, and some tickets name none.
    for unit, number in (("分行", 23), ("西区", 29), (None, 31)):
        own = {"unit": unit, "number": number}
        session.execute(text("UPDATE complaints SET unit = :unit WHERE id % :number = 0"), own)
    late = "code = 'petition_notice' AND complaint_id % 3 = 0"
    session.execute(text(f"UPDATE duties SET state = 'missed' WHERE {late}"))
    for (ident,) in session.execute(text("SELECT id FROM complaints ORDER BY id")).all():
        level = rng.choice(("outlet", None, None, None))
        if rng.random() < 0.1:
            large = {"size": rng.choice((19, 20, 45)), "cny": rng.choice((499_999, 500_000))}
            where = "group_size=:size, amount_cny=:cny, transfers=2, channel='branch' WHERE id=:id"
            session.execute(text(f"UPDATE complaints SET {where}"), {**large, "id": ident})
        if rng.random() < 0.05:
            where = {"id": ident, "flags": '["escalated", "difficult", "petition_grade"]'}
            session.execute(text("UPDATE complaints SET flags=:flags WHERE id=:id"), where)
        if level:
            change = {"level": level, "barred": rng.random() < 0.2, "id": ident}
            session.execute(
                text("UPDATE complaints SET owner_level=:level, barred=:barred WHERE id=:id"),
                change,
            )


def _sample(session: Session, rng: random.Random) -> None:
    """Let chance draw tickets, and readers say what they think of those and of others."""
    for (ident,) in session.execute(text("SELECT id FROM complaints ORDER BY id")).all():
        drawn = rng.random() < 0.2
        if drawn:
            slices.add(session, ident, at=NOW, share=0.2)
        for number in range(rng.choice((0, 1, 2)) if drawn or rng.random() < 0.1 else 0):
            undone = NOW if rng.random() < 0.2 else None
            told = VerdictRecord(
                *(ident, 1, NOW, f"r{number}"),
                agrees=rng.random() < 0.6,
                kind=rng.choice(("confirm", "correct", "unsure")),
                undone_at=undone,
            )
            verdicts.add(session, told)


def _again(session: Session, rng: random.Random) -> None:
    """Let customers come again: with the ticket before, and at times with the two before it."""
    idents = [
        row.id for row in session.execute(text("SELECT id FROM complaints ORDER BY received_at"))
    ]
    for place in range(3, len(idents)):
        for back in range(1, rng.choice((1, 1, 1, 2, 4))):
            other = idents[place - back]
            repeats.link(session, idents[place], other, kind="customer", score=1.0, at=NOW)


def _too_late(session: Session) -> None:
    """Let some escalate before they agree to mediation, and others come to court."""
    chosen = "SELECT id, received_at FROM complaints WHERE line = 'fee_dispute' ORDER BY id"
    for ident, received in session.execute(text(chosen)).all()[1::4]:
        at = datetime.fromisoformat(str(received)).replace(tzinfo=UTC) + timedelta(days=6)
        data = {"escalated": {"code": "E3", "on": at.date().isoformat()}}
        events.append(session, ident, NewEvent("outcome", at, "t", data=data), at)
    for ident, received in session.execute(text(chosen)).all()[::2]:
        at = datetime.fromisoformat(str(received)).replace(tzinfo=UTC)
        on = (at + timedelta(days=1)).date().isoformat()
        for days, kind, data in (
            (1, "outcome", {"escalated": {"code": "E1", "on": on}}),
            (4, "mediation", {"act": "agreed"}),
        ):
            moment = at + timedelta(days=days)
            events.append(session, ident, NewEvent(kind, moment, "t", data=data), moment)


def _events(
    rng: random.Random, channel: str | None, received: datetime
) -> Iterator[tuple[float, str, dict[str, Any]]]:
    if channel == "regulator_guided" and rng.random() < 0.4:
        yield 30, "conversion", {}
    if (channel or "").startswith("regulator") and received.minute % 2:
        yield 0.2, "contact", {"two_way": True, "channel": "phone"}
    if rng.random() < 0.08:
        days = rng.choice((30, 60))
        yield 200, "extension", {"days": days, "reason": "核实"}
    if rng.random() < 0.06:
        to = {
            "to_level": rng.choice(("outlet", "sub_branch")),
            "to_unit": f"网点{rng.randrange(4)}",
        }
        yield 20, "sent_down", {**to, "reason": "就近"}
    if rng.random() < 0.2:
        yield 20, "mediation", {"act": "offered"}
        for act in rng.choice((["refused"], ["agreed"], ["delegated", "agreed", "confirmed"], [])):
            station = {"station": f"调解站{rng.randrange(3)}"} if act == "delegated" else {}
            yield 30 + rng.randrange(40), "mediation", {"act": act, **station}
    if rng.random() < 0.12:
        days, code = rng.choice((0, 2, 3, 9, 20)), f"E{rng.randrange(1, 7)}"
        on = (received + timedelta(days=days)).date().isoformat()
        yield 24 * days + 1, "outcome", {"escalated": {"code": code, "on": on}}
    if rng.random() < 0.2:
        causes = ("simple_error", "simple_error", "process", "misunderstanding", "disclosure")
        for hours in range(100, 100 + rng.choice((1, 2))):
            yield hours, "outcome", {"root_cause": rng.choice(causes)}
    if rng.random() < 0.05:
        yield 400, "reopened", {"reason": "补充材料"}
    if rng.random() < 0.06:
        yield rng.choice((1, 500)), "withdrawal", {}
    if rng.random() < 0.3:
        yield 90, "outcome", {"accepted": rng.random() < 0.6, "satisfaction": rng.randrange(1, 6)}


def _governance(session: Session) -> None:
    picked = [
        row.ticket_id
        for row in session.execute(
            text("SELECT ticket_id FROM complaints ORDER BY id DESC LIMIT 3")
        )
    ]
    found = {"surges": [], "major": [], "typical": picked}
    lifted = "SELECT ticket_id FROM complaints WHERE flags LIKE '%petition_grade%' ORDER BY id DESC"
    grave = [row.ticket_id for row in session.execute(text(lifted))]
    hard = "SELECT ticket_id FROM complaints JOIN assessments a ON a.complaint_id = complaints.id"
    chosen = f"{hard} WHERE CAST(a.answer AS TEXT) LIKE '%violence%' ORDER BY a.id DESC LIMIT 4"
    cared = [row.ticket_id for row in session.execute(text(chosen))]
    draft = {"title": "风险提示", "sections": [], "quotes": []}
    when = NOW - timedelta(days=20)
    for number, typical in enumerate((picked[:2], picked[1:])):
        new = NewAlert("2026-10-01", "2026-10-31", "风险提示", found, draft)
        ident = alerts.add(session, new, who="k", now=when)
        moment = when + timedelta(days=number)
        alerts.approve(session, ident, who="k", now=moment, typical=typical, draft=draft)
        if number == 0:
            alerts.distribute(session, ident, ("消保办", "信用卡部"), now=moment)
            alerts.read(session, ident, "消保办", who="k", now=moment)
    for opened, kind, due, closed, effective in (
        (150, "rectification", "2026-12-31", None, "2026-10-12"),
        (40, "rectification", "2026-11-01", None, None),
        (30, "supervision", "2026-11-20", 5, None),
        (20, "supervision", "2026-11-20", None, None),
        (120, "training", "2026-08-20", 100, None),
        (10, "training", "2026-12-20", None, None),
        (9, "hazard", "2026-11-20", None, None),
        (8, "accountability", "2026-12-20", 2, None),
        (7, "staff_care", "2026-12-20", None, None),
    ):
        line = "fee_dispute" if effective or kind == "training" else None
        item = NewItem(
            ItemKind(kind), f"事项{opened}", "信用卡部", due, line=line, effective_on=effective,
            tickets=tuple(cared) if kind == "staff_care" else (),
            unit="支行13" if kind == "supervision" and closed else None,
        )  # fmt: skip
        number = items.add(session, item, who="k", now=NOW - timedelta(days=opened))
        if closed:
            moment = NOW - timedelta(days=closed)
            items.close(session, number, evidence="档案", who="k", now=moment)
    for kind, some in ((ItemKind.HEARING, grave[::3]), (ItemKind.REVIEW, grave[::5])):
        item = NewItem(kind, "逐件", "分管行领导", "2026-12-20", tickets=tuple(some[:200]))
        items.add(session, item, who="k", now=NOW - timedelta(hours=1))
    held = NewItem(ItemKind.TRAINING, "重大事件桌面演练", "消保办", "2026-12-20")
    items.add(session, held, who="k", now=NOW - timedelta(days=3))
