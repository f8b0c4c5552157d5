from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from judge_fakes import FakeEngine

from training.boundaries import boundaries, boundary_name, load_boundaries
from training.cases import Case
from training.corpus import load_corpus
from training.judge import judge
from training.practice import some_groups
from triage.errors import ConfigError, InvalidInput
from triage.taxonomy import load_taxonomy


def test_every_rule_of_the_corpus_has_a_short_name() -> None:
    names = load_boundaries()
    carried = {row.rule for row in load_corpus(load_taxonomy())} - {None}
    assert carried == set(names)
    assert len(set(names.values())) == len(names)
    assert max(map(len, names.values())) <= 24
    assert boundary_name(3) == f"03 {names[3]}"
    assert boundary_name(99) == "99"


@pytest.mark.parametrize("content", ["a: 名", "0: 名", "1: ''", "1: [名]"])
def test_a_rule_without_number_or_name_is_refused(tmp_path: Path, content: str) -> None:
    file = tmp_path / "rules.yaml"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(ConfigError):
        load_boundaries(file)


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(
        "training.judge_rows.risk_matrix", lambda *parts: np.zeros((len(parts[3]), 1))
    )
    return FakeEngine()


def test_pairs_are_parted_when_every_row_is_right(engine: Any) -> None:
    fee, record = "年费多扣了", "我的征信有误"
    cases = [
        Case("1", fee, "fee_dispute", group="a", rule=1),
        Case("2", record, "credit_report", group="a", rule=1),
        Case("3", fee, "fee_dispute", group="b", rule=1),
        Case("4", fee, "card_service", group="b", rule=1),
        Case("5", fee, "card_service", group="c", rule=2),
        Case("6", record, "credit_report", group="d"),
    ]
    judged = judge(engine, cases)
    first, second = boundaries(cases, judged.outcomes)
    assert (first.rule, first.rows, first.pairs, first.parted) == (1, 4, 2, 1)
    assert first.accuracy.value == pytest.approx(0.75)
    (taken,) = first.confused
    assert (taken.truth, taken.said, taken.rows, taken.of) == ("card_service", "fee_dispute", 1, 1)
    assert (second.rule, second.rows, second.pairs) == (2, 1, 0)
    with pytest.raises(InvalidInput):
        boundaries(cases[1:], judged.outcomes)


def test_slices_of_the_judgement_name_the_rule(engine: Any) -> None:
    rows = [Case(str(n), "年费多扣了", "fee_dispute", rule=2) for n in range(5)]
    values = [part.value for part in judge(engine, rows).slices if part.kind == "rule"]
    assert values == [boundary_name(2)]


def test_parts_are_drawn_by_rule_as_well_as_by_leaf() -> None:
    rows = [
        replace(case.row(), group=f"{rule}{number}", rule=rule)
        for rule in (1, 2)
        for number in range(6)
        for case in (
            Case(f"{rule}{number}x", "文", "other"),
            Case(f"{rule}{number}y", "文", "fraud"),
        )
    ]
    (part,) = some_groups(rows, (2,), by=lambda row: str(row.rule))
    assert len(part) == 8
    assert {row.rule for row in part} == {1, 2}
