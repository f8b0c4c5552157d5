from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import orjson
import pytest
from judge_fakes import CERTAIN, FakeEngine

from training.cases import Case, as_cases
from training.corpus import LabelledRow, Mark
from training.judge import judge
from training.judgement import Judgement
from triage.classifier import LineScores
from triage.engine import Engine, Pass
from triage.errors import InvalidInput
from triage.records import Context

CARD = "6222021234567890128"


def cases() -> list[Case]:
    told = [
        Case("1", "年费多扣了，要曝光", "fee_dispute", signals=frozenset({"media"})),
        Case("2", "年费又扣了", "fee_dispute", signals=frozenset({"legal"}), nature="help"),
        Case("3", "我的征信有误", "credit_report", signals=frozenset(), nature="complaint"),
        Case("4", f"征信中心在哪，卡号{CARD}", "other", signals=frozenset()),
        Case("5", "天气真好啊", "other", arguable=frozenset({"media"}), signals=frozenset()),
        Case("6", "不说了，曝光吧", "other", arguable=frozenset({"media"}), signals=frozenset()),
    ]
    return [
        Case(
            id=f"{case.id}-{copy}",
            text=case.text,
            line=case.line,
            signals=case.signals,
            arguable=case.arguable,
            nature=case.nature,
            register="chat",
            context=Context(channel="phone"),
            escalated_30d=copy == 0,
        )
        for copy in range(5)
        for case in told
    ]


@pytest.fixture
def judged(monkeypatch: pytest.MonkeyPatch) -> Judgement:
    return judged_by(FakeEngine(), cases(), monkeypatch)


def judged_by(engine: Any, rows: Sequence[Case], monkeypatch: pytest.MonkeyPatch) -> Judgement:
    monkeypatch.setattr(
        "training.judge_rows.risk_matrix", lambda *parts: np.zeros((len(parts[3]), 1))
    )
    return judge(engine, rows)


def test_the_best_line_counts_where_the_model_abstains_and_coverage_stands_beside(
    judged: Judgement,
) -> None:
    assert judged.figures["accuracy"].value == pytest.approx(5 / 6)
    assert judged.figures["given"].value == pytest.approx(4 / 6)
    assert judged.figures["accuracy_given"].value == pytest.approx(3 / 4)


def test_an_arguable_signal_is_neither_right_nor_wrong(judged: Judgement) -> None:
    by_code = {found.code: found for found in judged.signals}
    assert (by_code["media"].rows, by_code["media"].f1) == (5, 1.0)
    assert by_code["legal"].recall == 0.0
    assert judged.figures["signals_f1"].value == pytest.approx(2 * 5 / (5 + 10))


def test_nature_is_judged_where_it_is_marked(judged: Judgement) -> None:
    assert judged.figures["nature_accuracy"].value == pytest.approx(0.5)


def test_lines_confusions_and_slices_say_where_it_fails(judged: Judgement) -> None:
    pair = judged.hard_pairs[0]
    assert (pair.truth, pair.said, pair.rows, pair.of) == ("other", "credit_report", 5, 15)
    lines = {found.line: found for found in judged.lines}
    assert lines["credit_report"].precision.value == pytest.approx(0.5)
    assert lines["other"].recall.low <= lines["other"].recall.value <= lines["other"].recall.high
    assert {part.kind for part in judged.slices} == {"register", "channel", "length"}
    assert sum(map(sum, judged.confusion)) == judged.rows == 30


def test_mistakes_are_shown_masked_and_confident_first(judged: Judgement) -> None:
    assert judged.mistakes[0].confidence == pytest.approx(CERTAIN)
    assert "[卡号1]" in judged.mistakes[0].text
    assert CARD not in orjson.dumps(judged.to_dict()).decode()


def test_the_curve_and_the_bins_cover_every_row(judged: Judgement) -> None:
    assert judged.curve[-1].coverage == 1.0
    assert judged.curve[-1].accuracy == pytest.approx(5 / 6)
    assert sum(part.rows for part in judged.reliability) == 30
    assert judged.thresholds[0].coverage == 1.0


def test_escalation_is_judged_when_outcomes_are_known(judged: Judgement) -> None:
    assert 0 <= judged.figures["risk_roc_auc"].value <= 1
    assert sum(part.rows for part in judged.risk_reliability) == 30


def test_the_dictionary_is_json_without_numbers_that_are_none(
    judged: Judgement, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = orjson.loads(orjson.dumps(judged.to_dict()))
    assert body["figures"]["accuracy"]["value"] == pytest.approx(5 / 6, abs=1e-6)
    assert "outcomes" not in body
    assert "risk_roc_auc" in judged.metrics("dev.") or "dev.risk_roc_auc" in judged.metrics("dev.")
    plain = judged_by(FakeEngine(), [Case("1", "天气", "other")], monkeypatch)
    assert "risk_roc_auc" not in plain.figures
    assert plain.slices == ()


def test_what_was_seen_before_is_not_read_again() -> None:
    rows = [Case(str(i), "年费", "fee_dispute") for i in range(300)]
    engine: Any = FakeEngine()
    first = engine.look([case.text for case in rows])
    wrong = np.roll(first.scores.leaves, 1, axis=1)
    seen = Pass(first.documents, LineScores(wrong, first.scores.natures, wrong), first.mentions)
    looked = engine.looked
    assert judge(engine, rows, seen=seen).figures["accuracy"].value == 0.0
    assert engine.looked == looked
    with pytest.raises(InvalidInput, match="were seen"):
        judge(engine, rows[:5], seen=seen)


def test_no_rows_are_no_judgement() -> None:
    engine: Any = FakeEngine()
    with pytest.raises(InvalidInput, match="no rows"):
        judge(engine, [])


def test_a_corpus_row_is_a_case_and_a_case_is_a_row() -> None:
    row = LabelledRow("1", "钱被骗了", "fraud.scam_transfer", signals=(Mark("legal", 0, 1),))
    (case,) = as_cases([row])
    assert (case.line, case.subline, case.signals) == ("fraud", "scam_transfer", {"legal"})
    assert case.row().leaf == row.leaf
    assert [mark.code for mark in case.row().signals] == ["legal"]


def test_a_real_model_is_judged_whole(tiny_engine: Engine, tiny_rows: list[LabelledRow]) -> None:
    judged = judge(tiny_engine, tiny_rows)
    # Its own training rows: it must know them.
    assert judged.figures["accuracy"].value > 0.9
    assert {"leaf_accuracy", "nature_accuracy", "signals_f1"} <= set(judged.figures)
    assert judge(tiny_engine, tiny_rows).to_dict() == judged.to_dict()


def test_secondary_lines_are_judged_where_somebody_marked_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    marked = [
        Case(f"{i}", "年费多扣了", "fee_dispute", secondary=("other",) if i else ())
        for i in range(4)
    ]
    judged = judged_by(FakeEngine(), marked, monkeypatch)
    # Nothing reaches the fake's threshold, so none of the three is named.
    assert judged.figures["secondary_f1"].value == 0.0
    unmarked = [replace(case, secondary=None) for case in marked]
    assert "secondary_f1" not in judged_by(FakeEngine(), unmarked, monkeypatch).figures
