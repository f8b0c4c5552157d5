"""What the page of a ticket says besides: resolved cases like it, and what would lower the risk."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from store_fixtures import NOW, database, database_url, stored

from service.desk.lowering import lowered
from service.desk.similar import similar_cases
from service.store import complaints, events
from service.store.database import Database
from service.store.records import NewEvent
from triage.repeats.likeness import likest
from triage.repeats.settings import load_settings
from triage.repeats.sketch import sketch
from triage.risk.lowering import without
from triage.risk.model import RiskModel

__all__ = ["database", "database_url"]

FEE = "信用卡年费没有提前告知就扣了三百元，要求退还年费并道歉"
LIKE = load_settings()
TEXTS = {
    "same": (FEE, {}),
    "near": ("信用卡年费没有提前告知就扣了两百元，要求退还", {}),
    "far": ("柜台排队两个小时没有人理，态度恶劣", {}),
    "open": (FEE, {"state": "open"}),
    "line": (FEE, {"line": "fraud"}),
    "own": (FEE, {"customer_ref": "c-1"}),
    "other": (FEE[:-3], {"customer_ref": "c-2"}),
}


def put(database: Database, name: str, text: str, **changes: Any) -> int:
    drawn = sketch(text)
    given = {"line": "fee_dispute", "state": "closed", "masked_text": text, **changes}
    given |= {"sketch": drawn.to_bytes(), "bands": drawn.bands()}
    return database.change(lambda s: stored(s, name, **given))


@pytest.fixture
def cases(database: Database) -> dict[str, int]:
    numbers = {name: put(database, name, text, **more) for name, (text, more) in TEXTS.items()}
    numbers["mine"] = put(database, "mine", FEE, state="open", customer_ref="c-1")
    return numbers


def found(database: Database, ticket_id: str = "mine") -> list[Any]:
    return database.ask(lambda s: similar_cases(s, complaints.get(s, ticket_id), LIKE))


def test_settled_tickets_of_the_line_the_likest_first(
    database: Database, cases: dict[str, int]
) -> None:
    told = found(database)
    assert [one.complaint.ticket_id for one in told] == ["same", "other", "near"]
    assert told[0].likeness == 1.0
    assert told[0].likeness > told[1].likeness > told[2].likeness


def test_how_they_ended_is_what_was_said_last(database: Database, cases: dict[str, int]) -> None:
    said: list[tuple[str, dict[str, Any]]] = [
        ("mediation", {"act": "offered"}),
        ("mediation", {"act": "agreed"}),
        ("outcome", {"status": "replied", "accepted": False, "measures": ["explained"]}),
        ("outcome", {"status": "closed", "accepted": True, "measures": ["compensation"]}),
        ("outcome", {"satisfaction": 4, "escalated": {"code": "E1", "on": "2026-11-26"}}),
    ]
    for day, (kind, data) in enumerate(said):
        event = NewEvent(kind, NOW + timedelta(days=day), "k", data=data)
        database.change(lambda s, e=event: events.append(s, cases["same"], e, NOW))  # type: ignore[misc]
    ending = found(database)[0].ending
    assert (ending.state, ending.measures, ending.accepted) == ("closed", ("compensation",), True)
    assert (ending.mediation, ending.satisfaction, ending.escalated) == ("agreed", 4, "E1")
    assert ending.days == 4
    assert found(database)[1].ending.days is None


def test_a_ticket_without_a_line_has_no_like(database: Database) -> None:
    put(database, "same", FEE)
    put(database, "lost", FEE, line=None)
    assert found(database, "lost") == []


def test_copies_are_found_however_old_they_are(database: Database) -> None:
    put(database, "old", FEE, received_at=NOW - timedelta(days=300))
    for number in range(201):
        put(database, f"new-{number}", "柜台排队两个小时没有人理")
    put(database, "mine", FEE, state="open")
    assert [one.complaint.ticket_id for one in found(database)] == ["old"]


def test_rare_words_make_texts_alike_and_lengths_do_not() -> None:
    others = ["", "我", FEE * 3, "银行说我们没有，银行说你们", "\U0001f600" + FEE, FEE[::-1]]
    told = likest(FEE, others, LIKE, most=9, least=0.0)
    assert [place for place, _ in told[:2]] == [4, 2]
    assert told[0][1] > 0.95
    assert dict(told)[3] < 0.1
    assert likest("", others, LIKE, most=9, least=0.0) == []
    assert likest(FEE, [], LIKE, most=9, least=0.0) == []


# ---- what would lower the risk -----------------------------------------------------------------


@pytest.fixture(scope="module")
def model() -> RiskModel:
    """Three families, one of two columns; two modes with their own means and calibration."""
    return RiskModel(
        feature_names=("a", "b", "b_missing", "alone"),
        families=("a", "b", "b", "alone"),
        kinds=("text", "history", "history", "text"),
        phrases=("A", "B", "", ""),
        mentions=("", "", "", ""),
        shows=("", "", "", ""),
        absent={},
        weights=np.array([1.5, 0.7, 0.4, 0.2]),
        bias=-3.0,
        reference=np.array([[0.1, 0.3, 0.2, 0.0], [0.2, 0.0, 1.0, 1.0]]),
        slope=np.array([0.9, 1.2]),
        shift=np.array([0.1, -0.2]),
        least=0.01,
        settings="",
    )


@pytest.mark.parametrize(("row", "mode"), [([1.0, 2.0, 0.0, 0.0], 0), ([1.0, 0.0, 1.0, 1.0], 1)])
def test_without_a_reason_is_what_the_model_says_of_such_a_ticket(
    model: RiskModel, row: list[float], mode: int
) -> None:
    matrix = np.array([row])
    known = float(model.predict(matrix)[0])
    reasons = model.reasons_of(matrix, [()])[0]
    assert reasons
    for reason in reasons:
        average = matrix.copy()
        columns = [i for i, family in enumerate(model.families) if family == reason.text.lower()]
        average[0, columns] = model.reference[mode, columns]
        assert without(known, [reason.weight]) == pytest.approx(model.predict(average)[0], abs=1e-9)


def test_only_what_raises_is_told_and_all_together_last() -> None:
    reasons = [
        {"text": "安抚", "weight": -0.5},
        {"text": "小", "weight": 0.2},
        {"text": "生命", "weight": 0.0, "kind": "rule"},
        {"text": "大", "weight": 1.0},
    ]
    told = lowered({"probability": 0.2, "reasons": reasons})
    assert [one.reason and one.reason["text"] for one in told] == ["大", "小", None]
    assert told[0].probability < told[1].probability < 0.2
    assert told[2].probability < told[0].probability
    assert told[2].less == pytest.approx(0.2 - without(0.2, [1.2]))
    assert lowered({"probability": 0.2, "reasons": reasons[:1]}) == []


@pytest.mark.parametrize("probability", [0.0, 1.0])
def test_certainty_is_no_fault(probability: float) -> None:
    assert 0.0 <= without(probability, [3.0]) <= 1.0
