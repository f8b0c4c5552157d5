"""Every decision comes out the same when it is made again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from ledger_fakes import FEE, Book, database_url, opened

from service.ledger.replay import replay_stored
from service.store import assessments, complaints
from service.store.records import Decision
from triage.engine import Engine

__all__ = ["database_url"]

LATER = "第二次了，你们说三天内退年费，到现在没有消息，再不处理我就打12378投诉到银保监"


@pytest.fixture
def book(database_url: str, tmp_path: Path, tiny_engine: Engine) -> Iterator[Book]:
    with opened(tmp_path / "home", database_url, tiny_engine) as found:
        yield found


def decisions(book: Book, ticket_id: str) -> list[Decision]:
    return book.parts.database.ask(  # type: ignore[no-any-return]
        lambda s: assessments.of(s, complaints.get(s, ticket_id).id)
    )


def test_every_decision_is_made_again_with_the_same_answer(book: Book, tiny_engine: Engine) -> None:
    book.take("T-1", customer_key="c-1", channel="phone", prior_complaints_90d=1)
    book.clock.go(days=2)
    book.take("T-2", f"我叫张三，{FEE}，手机13800001234", customer_key="c-1", amount_cny=12.5)
    book.clock.go(hours=3)
    book.record("message", "T-2", text=LATER)
    book.record("contact", "T-2", two_way=True, channel="phone")
    book.record("extension", "T-2", days=30, reason="核实")
    book.record("transfer", "T-2", to_level="head_office", to_unit="总行", reason="权限")
    book.record("message", "T-2", text="谢谢")
    kept = [*decisions(book, "T-1"), *decisions(book, "T-2")]
    assert len(kept) == 7
    assert [d.reason for d in kept][2:4] == ["message", "contact"]
    for decision in kept:
        again = book.parts.database.ask(lambda s, d=decision: replay_stored(s, d, tiny_engine))
        assert (again.differs, again.other_versions) == ((), ())
    other = replace(kept[1], history={}, rules_version="other")
    told = book.parts.database.ask(lambda s: replay_stored(s, other, tiny_engine))
    assert "repeat_of" in told.differs
    assert told.other_versions == ("rules",)


def test_a_ticket_is_assessed_again_as_time_passes(book: Book) -> None:
    import asyncio

    book.take()
    book.clock.go(days=40)
    changed = book.client.web.portal.call(  # type: ignore[union-attr]
        book.parts.ledger.reconsider, "T-1", "time", book.clock()
    )
    kept = decisions(book, "T-1")
    assert len(kept) == 1 + changed
    assert kept[-1].context.get("days_open") == (40 if changed else None)
    again = book.client.web.portal.call(  # type: ignore[union-attr]
        book.parts.ledger.reconsider, "T-1", "time", book.clock()
    )
    assert again is False
    assert asyncio.iscoroutinefunction(book.parts.ledger.reconsider)
