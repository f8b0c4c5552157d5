"""Erasure by customer: no word is left, counts and decisions stay."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from cryptography.fernet import Fernet
from store_fixtures import NOW, database, database_url, decision, found_in, stored

from service.store import (
    assessments,
    audit,
    complaints,
    duties,
    events,
    raw,
    repeats,
    verdicts,
    webhooks,
)
from service.store.database import Database, Session
from service.store.deletion import TOMBSTONE, blanked, erase_customer, overwrite
from service.store.errors import RawNotKept
from service.store.privacy import Vault
from service.store.records import Filters, NewDuty, NewEvent
from service.store.records_review import VerdictRecord
from service.store.records_service import Actor, DeliveryState

__all__ = ["database", "database_url"]

DAY = timedelta(days=1)
ACTOR = Actor("key-1", "admin", "req-1")
KEY = Fernet.generate_key().decode()
# What must not be found after an erasure, in characters that stand nowhere else.
MARK = "麒麟饕餮"


def _full(database: Database, ticket_id: str, ref: str) -> int:
    """A ticket with everything that can belong to one, the mark in every text."""

    def work(session: Session) -> int:
        ident = stored(
            session,
            ticket_id,
            masked_text=f"{MARK}的年费",
            customer_ref=ref,
            sketch=MARK.encode(),
            bands=(1, 2),
            line="fee_dispute",
            product="信用卡",
            customer_segment=MARK,
            amount_cny=1234.0,
        )
        answer = {
            "line": "fee_dispute",
            "alternatives": [{"line": "loan", "probability": 0.1}],
            "signals": [{"code": "threat", "start": 0, "end": 4, "text": MARK}],
            "repeat_of": [MARK],
        }
        about = assessments.add(
            session,
            decision(
                ident,
                answer=answer,
                context={"channel": "phone", "customer_segment": MARK},
                history={"employee": MARK, "repeats_90d": 2},
                ruling={"fired": [{"rule": "R-REG-1", "facts": {"agent": MARK}}]},
            ),
        )
        message = NewEvent("message", NOW, "key-1", text=MARK, data={"n": 1, "said": [MARK]})
        events.append(session, ident, message, NOW)
        verdicts.add(
            session,
            VerdictRecord(
                ident, about, NOW, "key-1", agrees=False, corrections={"x": MARK}, note=MARK
            ),
        )
        duties.put(session, ident, [NewDuty("reply", "R-SLA-1", "art. 23", NOW)], NOW)
        webhooks.enqueue(
            session,
            kind="duty.due",
            message_id=ticket_id,
            payload={"text": MARK},
            now=NOW,
            ticket_id=ticket_id,
        )
        raw.keep(session, Vault(KEY), ident, MARK, now=NOW, days=9)
        return ident

    return database.change(work)


@pytest.fixture
def erased(database: Database) -> Database:
    database.change(
        lambda s: webhooks.add(
            s, url="https://x.example", kinds=["duty.due"], secret=b"", now=NOW, label=""
        )
    )
    ref, other = "ref of one", "ref of another"
    ident = _full(database, "T-1", ref)
    again, others = _full(database, "T-2", ref), _full(database, "T-3", other)
    for pair in ((again, ident), (others, ident)):
        database.change(
            lambda s, p=pair: repeats.link(s, *p, kind="customer", score=1, at=NOW)  # type: ignore[misc]
        )
    assert {"complaints", "assessments", "events", "verdicts", "deliveries"} <= set(
        found_in(database, MARK)
    )
    done = database.change(lambda s: erase_customer(s, ref, ACTOR, now=NOW + DAY))
    assert done == ["T-1", "T-2"]
    assert not found_in(database, ref)
    return database


def test_erasing_a_customer_removes_words_and_links(erased: Database) -> None:
    one = erased.ask(lambda s: complaints.get(s, "T-1"))
    assert (one.masked_text, one.customer_ref, one.erased_at) == (TOMBSTONE, None, NOW + DAY)
    assert (one.context.customer_segment, one.context.amount_cny) == (None, None)
    assert [e.text for e in erased.ask(lambda s: events.of(s, one.id))] == [TOMBSTONE]
    assert erased.ask(lambda s: repeats.links(s, one.id)) == []
    assert [c.ticket_id for c in erased.ask(lambda s: repeats.sharing(s, (1, 2), since=NOW))] == [
        "T-3"
    ]
    with pytest.raises(RawNotKept):
        erased.change(lambda s: raw.read(s, Vault(KEY), "T-1", ACTOR, why="x", now=NOW))
    states = {d.ticket_id: d.state for d in _deliveries(erased)}
    assert states == {
        "T-1": DeliveryState.DEAD,
        "T-2": DeliveryState.DEAD,
        "T-3": DeliveryState.PENDING,
    }


def _deliveries(database: Database) -> list[Any]:
    return [
        one
        for state in DeliveryState
        for one in database.ask(lambda s, st=state: webhooks.deliveries(s, st))  # type: ignore[misc]
    ]


def test_erasing_a_customer_keeps_counts_and_decisions(erased: Database) -> None:
    assert erased.ask(lambda s: complaints.count(s, Filters(line="fee_dispute"))) == 3
    ident = erased.ask(lambda s: complaints.get(s, "T-1")).id
    (kept,) = erased.ask(lambda s: assessments.of(s, ident))
    assert kept.answer["line"] == "fee_dispute"
    assert kept.answer["alternatives"] == [{"line": "loan", "probability": 0.1}]
    assert kept.answer["signals"][0] == {"code": "threat", "start": 0, "end": 4, "text": ""}
    assert kept.history == {"employee": "", "repeats_90d": 2}
    assert kept.ruling == {"fired": [{"rule": "R-REG-1", "facts": {"agent": ""}}]}
    assert kept.model_version == "m.1"
    assert [duty.code for duty in erased.ask(lambda s: duties.of(s, ident))] == ["reply"]
    (noted,) = erased.ask(audit.entries)
    assert (noted.what, noted.who) == ("customer.erased", "key-1")
    assert noted.data == {"tickets": 2, "raw_narratives": 2}
    assert [(one.act, one.narratives) for one in erased.ask(raw.accesses)] == [("erase", 2)]


def test_nothing_of_an_erased_customer_is_left_in_the_file(erased: Database) -> None:
    other = erased.ask(lambda s: complaints.get(s, "T-3"))
    assert other.masked_text.startswith(MARK)
    erased.change(lambda s: erase_customer(s, "ref of another", ACTOR, now=NOW))
    assert found_in(erased, MARK) == []
    if erased.file is None:
        pytest.skip("PostgreSQL's files are the server's: VACUUM frees what was erased")
    overwrite(erased)
    written = b"".join(path.read_bytes() for path in erased.file.parent.iterdir())
    assert MARK.encode() not in written
    assert b"ref of" not in written


def test_a_customer_who_is_not_known_is_noted_too(database: Database) -> None:
    assert database.change(lambda s: erase_customer(s, "nobody", ACTOR, now=NOW)) == []
    assert database.ask(audit.entries)[0].data == {"tickets": 0, "raw_narratives": 0}


def test_a_record_is_blanked_but_for_codes_and_numbers() -> None:
    record = {"line": "loan", "n": 1, "ok": True, "none": None, "x": ["a", {"code": "c", "y": "b"}]}
    assert blanked(record) == {
        "line": "loan",
        "n": 1,
        "ok": True,
        "none": None,
        "x": ["", {"code": "c", "y": ""}],
    }


def test_what_became_of_a_ticket_is_kept_when_its_words_go() -> None:
    kept = (
        {"status": "closed", "measures": ["apology"], "root_cause": "process", "accepted": True},
        {"escalated": {"code": "E3", "on": "2026-10-01"}},
        {"act": "agreed", "station": "金融调解工作站"},
        {"to_level": "outlet", "to_unit": "小寨网点"},
        {"owner": {"accountable": "分管行领导", "departments": ["信用卡部", "运行管理部"]}},
    )
    assert [blanked(each) for each in kept] == [*kept]
    assert blanked({"reason": MARK, "approved_by": MARK}) == {"reason": "", "approved_by": ""}
