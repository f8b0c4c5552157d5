"""What was said of tickets at intake, in each database."""

from __future__ import annotations

from datetime import timedelta

from store_fixtures import NOW, database, database_url, decision, stored

from service.store import assessments, intakes, verdicts
from service.store.database import Database, Session
from service.store.records_review import VerdictRecord

__all__ = ["database", "database_url"]

DAY = timedelta(days=1)


def filled(session: Session) -> None:
    for number in range(5):
        ident = stored(session, f"T-{number}", received_at=NOW - (4 - number // 2) * DAY)
        for model in ("m.1", "m.2"):
            assessments.add(session, decision(ident, model_version=model))
    held = decision(
        stored(session, "T-held", received_at=NOW - DAY),
        answer={"line": None, "probability": 0.0, "alternatives": []},
        ruling={"held": {"line": "fraud", "subline": None, "probability": 0.7}},
    )
    assessments.add(session, held)
    stored(session, "T-never", received_at=NOW - DAY)


def test_the_first_assessment_of_each_ticket_is_given_page_by_page(database: Database) -> None:
    database.change(filled)
    found = list(intakes.every(database, NOW - 9 * DAY, NOW, size=2))
    assert [one.ticket_id for one in found] == [*(f"T-{n}" for n in range(5)), "T-held"]
    assert {one.said.scorer for one in found} == {("m.1", None)}
    said = found[-1].said
    assert (said.line, said.named, said.probability) == ("fraud", False, 0.7)
    assert [one.ticket_id for one in intakes.every(database, NOW - 2 * DAY, NOW)] == [
        "T-4",
        "T-held",
    ]


def test_the_newest_are_counted_as_they_are_given(database: Database) -> None:
    database.change(filled)
    given = [one.received_at for one in intakes.every(database, NOW - 9 * DAY, NOW)]
    for number in range(1, len(given) + 1):
        at = database.ask(lambda s, n=number: intakes.newest(s, NOW, n))
        assert at == given[-number]
    assert database.ask(lambda s: intakes.newest(s, NOW, len(given) + 1)) is None


def test_the_last_verdict_that_holds_is_given(database: Database) -> None:
    def work(session: Session) -> None:
        filled(session)
        for kind, undone in (("correct", None), ("confirm", None), ("unsure", NOW)):
            given = VerdictRecord(1, 1, NOW, "r", kind == "confirm", {}, None, kind)
            number = verdicts.add(session, given)
            if undone:
                verdicts.undo(session, number, undone)

    database.change(work)
    found = database.ask(lambda session: intakes.opinions(session, NOW - 9 * DAY))
    assert {number: one.kind for number, one in found.items()} == {1: "confirm"}
    assert database.ask(lambda session: intakes.opinions(session, NOW)) == {}
