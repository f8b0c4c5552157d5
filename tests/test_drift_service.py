from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import CollectorRegistry
from service_fakes import FakeEngine, error, serving
from store_fixtures import decision, stored

from service.access.keys import Role
from service.drift.look import look
from service.drift.round import FILE, DriftRound
from service.store import assessments, slices, verdicts
from service.store.database import Database, Session
from service.store.migrate import migrate
from service.store.records_review import VerdictRecord
from service.store.writer import Writer
from triage.drift.settings import DriftSettings, load_drift
from triage.repeats.sketch import sketch

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
NUMBERS = "一二三四五六七八九十"
PAST = "信用卡年费第{}次多扣了请退还"
TOLD = "第{}个骗子让我下载云护通共享屏幕"


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    held = Database(f"sqlite:///{tmp_path / 'drift.db'}")
    migrate(held)
    yield held
    held.close()


@pytest.fixture
def settings() -> DriftSettings:
    return replace(load_drift(), least_tickets=10, permutations=799)


def assessed(session: Session, number: int, text: str, days: float, **said: Any) -> int:
    """A ticket and its decision at intake; names of the decision may be changed."""
    given = {"line": "fee_dispute", "probability": 0.8, "risk": 0.1} | said
    answer = {
        "line": given["line"],
        "probability": given["probability"],
        "escalation": {"probability": given["risk"], "band": "low"},
        "calibration_version": given.get("calibration"),
    }
    ident = stored(
        session,
        f"T-{number}",
        masked_text=text,
        received_at=NOW - timedelta(days=days),
        customer_ref=f"C{number}",
        body_hash=f"h{number}",
        sketch=sketch(text).to_bytes(),
        risk=0.9,
    )
    made = decision(ident, answer=answer, model_version=given.get("model", "m.1"))
    assessments.add(session, made)
    return ident


def fill(database: Database) -> None:
    """A quarter of one kind of ticket, then a week of another."""

    def work(session: Session) -> None:
        for number in range(70):
            told = number >= 60
            text = (TOLD if told else PAST).format(NUMBERS[number % 10] + NUMBERS[number // 10])
            line = "fraud" if told else "fee_dispute"
            assessed(session, number, text, 3 if told else 20 + number, line=line)

    database.change(work)


def test_a_look_names_what_changed_and_the_new_phrase(
    database: Database, settings: DriftSettings
) -> None:
    fill(database)
    found = look(database, settings, NOW)
    assert (found["tickets"], found["tickets_before"]) == (10, 60)
    assert {"words", "characters"} <= set(found["changed"])
    assert any("云护通" in phrase["text"] for phrase in found["phrases"])
    phrase = found["phrases"][0]
    assert set(phrase["tickets"]) <= {f"T-{n}" for n in range(60, 70)}
    assert (phrase["recut"], phrase["looked_at"]) == (10, 70)
    assert phrase["text"] in phrase["cut_then"]
    assert found["left_out"] == {"channel": "reference"}


def test_few_tickets_are_told_and_ring_nothing(database: Database) -> None:
    fill(database)
    usual = load_drift()
    found = look(database, usual, NOW)
    assert found["recent_days"] == usual.recent_most_days
    assert found["lacks"] == {
        "recent": usual.least_tickets - found["tickets"],
        "before": usual.least_tickets - found["tickets_before"],
    }
    assert found["tickets"] + found["tickets_before"] == 70
    assert found["views"] == found["changed"] == found["phrases"] == []
    assert found["reviewed"]["verdicts"] == 0
    assert found["reviewed"]["overridden"] is None
    assert found["compared_at"] is None


@pytest.mark.parametrize(
    ("least", "days"),
    [
        (20, 14),  # the last of them is 11 days old
        (30, 18),
        (50, 29),
        (60, 30),  # 33 days would hold them: further back it is not looked
    ],
)
def test_where_few_tickets_come_in_it_looks_further_back(
    database: Database, settings: DriftSettings, least: int, days: int
) -> None:
    settings = replace(settings, least_tickets=least, recent_most_days=30)

    def work(session: Session) -> None:
        for number in range(200):  # one in half a day, all of one kind
            text = PAST.format(NUMBERS[number % 10] + NUMBERS[number // 10 % 10])
            assessed(session, number, text, 1.2 + number / 1.82)

    database.change(work)
    found = look(database, settings, NOW)
    assert found["recent_days"] == days
    reach = sum(1.2 + number / 1.82 <= days for number in range(200))
    assert found["tickets"] == reach
    lacking = reach < least
    assert found["lacks"] == ({"recent": least - reach} if lacking else {})
    assert bool(found["views"]) is not lacking
    assert found["changed"] == []


def test_tickets_of_the_demonstration_are_counted(
    database: Database, settings: DriftSettings
) -> None:
    def work(session: Session) -> None:
        stated = decision(stored(session, "DEMO-1", received_at=NOW - timedelta(days=1)))
        assessments.add(session, stated)
        assessed(session, 1, PAST, 2.0)

    database.change(work)
    assert look(database, settings, NOW)["demonstration"] == 1


def test_what_was_said_at_intake_is_compared_not_what_became_of_it(
    database: Database, settings: DriftSettings
) -> None:
    def work(session: Session) -> None:
        for number in range(80):
            days = 3.0 if number < 20 else 20.0 + number
            text = PAST.format(NUMBERS[number % 10] + NUMBERS[number // 10])
            ident = assessed(session, number, text, days)
            if number >= 20:  # waiting made it more urgent
                later = {"line": "fraud", "probability": 0.4, "escalation": {"probability": 0.9}}
                assessments.add(session, decision(ident, answer=later, reason="time"))

    database.change(work)
    found = look(database, settings, NOW)
    distances = {view["view"]: view["distance"] for view in found["views"]}
    assert distances["risk"] == distances["line"] == distances["confidence"] == 0
    assert found["estimated_accuracy"] == pytest.approx(0.8)


@pytest.mark.parametrize("new", [{"model": "m.2"}, {"calibration": "abc"}])
def test_another_model_or_calibration_is_compared_with_itself(
    database: Database, settings: DriftSettings, new: dict[str, str]
) -> None:
    def work(session: Session) -> None:
        for number in range(80):
            text = PAST.format(NUMBERS[number % 10])
            told = {"risk": 0.8, "line": "fraud", **new} if number < 20 else {}
            assessed(session, number, text, 3.0 if number < 20 else 20.0 + number, **told)

    database.change(work)
    found = look(database, settings, NOW)
    assert {view["view"] for view in found["views"]} == {"words", "characters", "length"}
    assert found["changed"] == []
    assert found["left_out"]["risk"] == "new_model"
    assert (found["model_version"], found["calibration_version"]) == (
        new.get("model", "m.1"),
        new.get("calibration"),
    )
    month = look(database, settings, NOW + timedelta(days=12))  # its tickets are the time before

    def more(session: Session) -> None:
        for number in range(100, 130):
            text = PAST.format(NUMBERS[number % 10])
            told = {"risk": 0.8, "line": "fraud", **new}
            assessed(session, number, text, -13.0, **told)

    database.change(more)
    later = look(database, settings, NOW + timedelta(days=14), last=month | {"compared_at": None})
    assert "risk" not in later["left_out"]
    assert later["changed"] == []


def test_distances_are_looked_at_as_seldom_as_the_settings_say(
    database: Database, settings: DriftSettings
) -> None:
    fill(database)
    first = look(database, settings, NOW)
    days = settings.every_days
    early = look(database, settings, NOW + timedelta(days=days - 1), last=first)
    assert (early["compared_at"], early["views"]) == (first["compared_at"], first["views"])
    assert early["at"] != first["at"]
    late = look(database, settings, NOW + timedelta(days=days), last=early)
    assert late["compared_at"] == late["at"]


def test_one_template_of_many_customers_is_one_event(
    database: Database, settings: DriftSettings
) -> None:
    letter = "本人因征信报告逾期记录错误特此投诉贵行请在十五日内核实并删除第{}封随附证明材料"

    def work(session: Session) -> None:
        for number in range(80):
            mark = NUMBERS[number % 10] + NUMBERS[number // 10]
            sent = number < 20
            text = letter.format(number) if sent else PAST.format(mark)
            assessed(session, number, text, 2.0 if sent else 20.0 + number)

    database.change(work)
    found = look(database, settings, NOW)
    assert found["phrases"] == []
    assert min(view["p"] for view in found["views"]) > 0.01


def test_the_confidence_of_reviewed_tickets_is_held_against_their_verdicts(
    database: Database, settings: DriftSettings
) -> None:
    def work(session: Session) -> None:
        for number in range(40):
            unsure = number >= 20
            sure = 0.4 if unsure else 0.9
            text = PAST.format(NUMBERS[number % 10] + NUMBERS[number // 10])
            ident = assessed(session, number, text, 3.0 + number, probability=sure)
            if number % 20 < (10 if unsure else 2):  # the unsure are read more often
                wrong = unsure and number % 2 == 0
                given = VerdictRecord(
                    complaint_id=ident,
                    assessment_id=ident,
                    at=NOW,
                    who="r",
                    agrees=not wrong,
                    corrections={"line": "fraud"} if wrong else {},
                    kind="correct" if wrong else "confirm",
                )
                verdicts.add(session, given)
            if number % 20 == 0:
                slices.add(session, ident, at=NOW, share=0.02)

    database.change(work)
    found = look(database, settings, NOW)
    plain, weighted, audit = (found[f"reviewed{kind}"] for kind in ("", "_weighted", "_audit"))
    assert (plain["verdicts"], plain["named"]) == (12, 12)
    assert plain["estimated"] == pytest.approx((2 * 0.9 + 10 * 0.4) / 12)
    assert plain["verified"] == pytest.approx(7 / 12)
    assert plain["verified_low"] < 7 / 12 < plain["verified_high"]
    # Ten of the sure ones and two of the unsure stand behind each that was read.
    assert weighted["estimated"] > plain["estimated"]
    assert weighted["line_overridden"] < plain["line_overridden"]
    assert (audit["verdicts"], audit["verified"]) == (2, 0.5)


def test_one_process_looks_once_a_day(
    database: Database, settings: DriftSettings, tmp_path: Path
) -> None:
    fill(database)
    writer = Writer(database)
    writer.start()
    rounds = [
        DriftRound(database, writer, settings, home=tmp_path, registry=CollectorRegistry())
        for _ in range(2)
    ]

    async def run() -> list[bool]:
        first = await rounds[0].tick(NOW)
        other = await rounds[1].tick(NOW)
        later = await rounds[1].tick(NOW + timedelta(hours=25))
        return [first, other, later]

    try:
        assert asyncio.run(run()) == [True, False, True]
    finally:
        writer.stop()
    assert rounds[0].last() == rounds[1].last()
    (tmp_path / FILE).write_bytes(b"{")
    assert rounds[0].last() is None


def test_the_last_look_is_shown_to_who_may_see_tickets(tmp_path: Path) -> None:
    with serving(tmp_path, FakeEngine()) as client:
        error(client.get("/v1/model/drift", Role.INTAKE), 403, "forbidden")
        assert client.get("/v1/model/drift", Role.SCIENTIST).json()["views"] == []
