"""A challenger behind the champion: unseen, harmless, compared on the same tickets."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from ledger_fakes import MONDAY, Book, database_url, opened
from prometheus_client import CollectorRegistry
from service_fakes import FakeEngine, error
from store_fixtures import database

from service.access.keys import Role
from service.feedback.settings import load_feedback
from service.shadow.acts import OPERATOR, ShadowRefused, start, stop
from service.shadow.aside import AsideFailed, Asked, said_by
from service.shadow.report import report
from service.shadow.round import ShadowRound
from service.shadow.text import report_text
from service.store import audit, removal, shadows
from service.store.database import Database
from service.store.shadows import Said
from triage.records import Assessment, Escalation
from triage.wire import context_from

__all__ = ["database", "database_url"]

LATER = MONDAY + timedelta(minutes=1)
FEE, CARD = "信用卡年费收错了，请退给我", "信用卡的卡片寄丢了，没有人管"


class Challenger(FakeEngine):
    """Says `card_service` where it reads 卡片, and everything is riskier."""

    def _one(self, text: str) -> Assessment:
        said = super()._one(text)
        said = replace(said, escalation=Escalation(0.3, "high", ()))
        if "卡片" in text:
            return replace(said, line="card_service", abstained=False, abstain_reason=None)
        return said


class Near:
    """Works in the test's own process, and breaks when it is told to."""

    def __init__(self) -> None:
        self.engine: FakeEngine = Challenger("two")
        self.trouble = ""
        self.asked: list[Asked] = []
        self.closed = 0

    def assess(self, folder: Path, asked: Sequence[Asked]) -> list[Said | None]:
        if self.trouble:
            raise AsideFailed(self.trouble)
        self.asked += asked
        return [self._one(*one) for one in asked]

    def _one(self, text: str, context: Any) -> Said | None:
        if "读不了" in text:
            return None
        return said_by(self.engine.assess([text], [context_from(context)])[0])

    def compare(self, url: str, data: Path, ident: int) -> dict[str, Any]:
        held = Database(url)
        try:
            return report(held, load_feedback(data), ident)
        finally:
            held.close()

    def close(self) -> None:
        self.closed += 1


class Stage:
    """A ledger with a challenger behind it."""

    def __init__(self, book: Book, models: Path) -> None:
        self.book = book
        self.near = Near()
        parts = book.parts
        settings = parts.settings.model_copy(update={"models": models})
        self.round = ShadowRound(
            *(parts.database, parts.writer, parts.models),
            settings=settings,
            registry=CollectorRegistry(),
            aside=self.near,
        )

    def begin(self, version: str = "two") -> None:
        self.book.parts.database.change(lambda s: start(s, version, "two", OPERATOR, at=MONDAY))

    def tick(self, now: datetime = LATER) -> int:
        return asyncio.run(self.round.tick(now))

    def shadow(self) -> Any:
        return self.book.parts.database.ask(shadows.last)

    def shown(self) -> Any:
        return self.book.get("/v1/model/shadow", Role.SCIENTIST)


@pytest.fixture
def stage(database_url: str, tmp_path: Path) -> Iterator[Stage]:
    (tmp_path / "models" / "two").mkdir(parents=True)
    with opened(tmp_path / "home", database_url) as book:
        yield Stage(book, tmp_path / "models")


def test_a_challenger_answers_behind_and_nobody_sees_it(stage: Stage) -> None:
    stage.book.take("T-0", FEE)
    stage.begin()
    first = stage.book.take("T-1", FEE, channel="phone")
    stage.book.take("T-2", CARD, customer_key="C-1")
    assert stage.tick() == 2
    # What came in before the start is not asked about; nor is anything twice.
    assert [text for text, _ in stage.near.asked] == [FEE, CARD]
    assert stage.near.asked[0][1]["channel"] == "phone"
    assert stage.tick() == 0
    assert first.items() <= stage.book.show("T-1").items()
    assert first["model_version"] == "fake.1"
    found = stage.shown()
    assert (found["version"], found["running"], found["trouble"]) == ("two", True, None)
    compared = found["comparison"]
    assert (compared["champion"], compared["tickets"], compared["waiting"]) == ("fake.1", 2, 0)
    assert compared["agreement"]["line"] == pytest.approx(
        {"tickets": 1, "value": 1.0, "low": 0.2065, "high": 1.0}
    )
    assert compared["agreement"]["abstention"]["value"] == 0.5
    assert compared["given"]["change"]["value"] == 0.5
    assert compared["risk"]["change"]["value"] == pytest.approx(0.2)
    assert compared["risk"]["distance"]["tickets"] == 2
    (apart,) = [one for one in compared["apart"] if one["champion"]["line"] is None]
    assert (apart["ticket_id"], apart["challenger"]["line"]) == ("T-2", "card_service")


def test_a_broken_challenger_disturbs_nobody_and_catches_up(stage: Stage) -> None:
    stage.begin()
    stage.book.take("T-1", FEE)
    stage.near.trouble = "two/lines.npz: sha256 differs"
    assert stage.tick() == 0
    assert "sha256" in stage.shown()["trouble"]
    assert stage.book.take("T-2", "读不了" + FEE)["line"] == "fee_dispute"
    stage.near.trouble = ""
    assert stage.tick(LATER + timedelta(minutes=1)) == 0  # it rests
    assert stage.tick(LATER + timedelta(minutes=6)) == 2
    found = stage.shown()
    assert found["trouble"] is None
    assert (found["comparison"]["tickets"], found["comparison"]["failed"]) == (1, 1)
    # What is broken off because the service ends is no trouble.
    stage.book.take("T-3", FEE + "！")
    stage.near.trouble = "fell over"
    stage.round.close()
    assert stage.tick(LATER + timedelta(minutes=7)) == 0
    assert stage.shown()["trouble"] is None


def test_a_challenger_outlives_a_restart_and_stops_when_told(
    database_url: str, tmp_path: Path
) -> None:
    (tmp_path / "models" / "two").mkdir(parents=True)
    with opened(tmp_path / "home", database_url) as book:
        Stage(book, tmp_path / "models").begin()
        held = book.parts.database
        with pytest.raises(ShadowRefused, match="two works"):
            held.change(lambda s: start(s, "three", "three", OPERATOR, at=MONDAY))
    with opened(tmp_path / "home", database_url) as book:
        again = Stage(book, tmp_path / "models")
        book.take("T-1", FEE)
        assert again.tick() == 1
        book.parts.database.change(lambda s: stop(s, OPERATOR, at=LATER))
        book.take("T-2", FEE)
        assert again.tick() == 0
        assert again.near.closed == 1
        assert again.shown()["why"] == "stopped"
        noted = book.parts.database.ask(audit.entries)
        told = [one.what for one in noted if one.what.startswith("shadow")]
        assert told == ["shadow.stopped", "shadow.started"]
        with pytest.raises(ShadowRefused, match="nothing works"):
            book.parts.database.change(lambda s: stop(s, OPERATOR, at=LATER))


def test_of_two_processes_one_lets_it_work(stage: Stage) -> None:
    other = Stage(stage.book, Path("models"))
    stage.begin()
    stage.book.take("T-1", FEE)
    assert (stage.tick(), other.tick()) == (1, 0)
    stage.book.take("T-2", FEE + "！")
    assert other.tick(LATER + timedelta(minutes=3)) == 0  # no such folder: it says so
    assert "no model" in stage.shown()["trouble"]


def test_a_shadow_that_becomes_the_champion_is_none_any_more(stage: Stage) -> None:
    stage.begin("fake.1")
    stage.book.take("T-1", FEE)
    assert stage.tick() == 0
    assert stage.near.asked == []
    found = stage.shown()
    assert (found["running"], found["why"]) == (False, "promoted")
    assert stage.book.parts.database.ask(audit.entries)[0].who == "shadow"


def test_verdicts_judge_both_on_the_same_tickets(stage: Stage) -> None:
    stage.book.parts.ledger.clock = lambda: datetime.now(UTC)
    now = datetime.now(UTC)
    stage.book.parts.database.change(
        lambda s: start(s, "two", "two", OPERATOR, at=now - timedelta(hours=1))
    )
    texts = {"T-1": FEE, "T-2": CARD, "T-3": "卡片磁条坏了三次换了都不行", "T-4": "柜台排队太久"}
    truths = {"T-1": "fee_dispute", "T-2": "card_service", "T-3": "card_service"}
    for ticket_id, text in texts.items():
        stage.book.take(ticket_id, text)
    assert stage.tick(now + timedelta(minutes=1)) == 4
    for ticket_id, line in truths.items():
        said = {"verdict": "correct", "line": line}
        if ticket_id == "T-1":
            said = {"verdict": "confirm"}
        answer = stage.book.post(f"/v1/review/{ticket_id}/verdict", said, Role.REVIEWER)
        assert answer.status_code in (200, 201), answer.text
    database = stage.book.parts.database
    body = report(database, load_feedback(), stage.shadow().id)
    reviewed = body["reviewed"]
    assert reviewed["tickets"] == 3
    # An abstention is neither right nor wrong; its most probable line may be either.
    assert reviewed["right"]["challenger"]["value"] == 1.0
    assert 0 < reviewed["right"]["champion"]["value"] < 1
    assert reviewed["right"]["change"]["low"] >= 0
    assert reviewed["wrong"]["change"]["value"] == 0.0
    assert {one["ticket_id"]: one["reviewed"] for one in body["apart"]}["T-2"] == "card_service"
    told = report_text(body)
    assert "reviewed tickets: 3" in told
    assert "T-2: (card_service) high 0.100 -> card_service high 0.300" in told


def test_removed_tickets_take_their_answers_along(stage: Stage) -> None:
    stage.begin()
    stage.book.take("T-1", FEE)
    stage.book.take("T-2", CARD)
    assert stage.tick() == 2
    held, ident = stage.book.parts.database, stage.shadow().id
    held.change(lambda s: removal.remove(s, removal.untouched(s, ["T-1"])))
    left = held.ask(lambda s: list(shadows.pairs(s, ident, limit=9)))
    assert [pair.ticket_id for pair in left] == ["T-2"]


def test_only_scientists_and_administrators_see_it(stage: Stage) -> None:
    for role in (Role.INTAKE, Role.REVIEWER):
        error(stage.book.client.get("/v1/model/shadow", role), 403, "forbidden")
    found = stage.shown()
    assert (found["version"], found["running"], found["comparison"]) == (None, False, None)


def test_two_models_that_say_the_same_are_not_apart(stage: Stage) -> None:
    stage.near.engine = FakeEngine("two")
    stage.begin()
    stage.book.take("T-1", FEE)
    assert stage.tick() == 1
    compared = stage.shown()["comparison"]
    assert (compared["tickets"], compared["apart"], compared["changes"]) == (1, [], [])
    assert compared["reviewed"]["accuracy"]["change"] is None
