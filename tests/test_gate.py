from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from training.comparison import Comparison, Difference
from training.gate import Gate, Limit, load_gate, not_checked, objections
from triage.errors import ConfigError
from triage.evaluation import Interval

GATE = Gate(
    least_rows=10,
    line_level=0.99,
    figures=(Limit("accuracy", "higher", 0.01), Limit("ece", "lower", 0.02)),
    saved=(Limit("risk.roc_auc", "higher", 0.01),),
)


def change(first: float, second: float, spread: float = 0.005) -> Difference:
    moved = second - first
    return Difference(first, second, Interval(moved, moved - spread, moved + spread))


def comparison(rows: int = 100, **figures: Difference) -> Comparison:
    lines = {name: figures.pop(name) for name in list(figures) if name == "fraud"}
    usual = {"accuracy": change(0.9, 0.9), "ece": change(0.05, 0.05)}
    return Comparison("old", "new", rows, usual | figures, lines)


def test_an_equal_model_passes() -> None:
    same = comparison(accuracy=change(0.9, 0.9), ece=change(0.05, 0.05), fraud=change(0.8, 0.8))
    assert objections(same, GATE) == []


def test_a_loss_within_the_margin_passes_and_beyond_it_does_not() -> None:
    assert not objections(comparison(accuracy=change(0.9, 0.895)), GATE)
    (told,) = objections(comparison(accuracy=change(0.9, 0.88)), GATE)
    assert told.startswith("accuracy: 0.900 -> 0.880, 0.01 may be lost (95 % interval")


def test_where_less_is_better_more_is_the_loss() -> None:
    assert not objections(comparison(ece=change(0.09, 0.01)), GATE)
    assert objections(comparison(ece=change(0.01, 0.09)), GATE)


def test_a_line_is_lost_only_beyond_its_interval() -> None:
    assert not objections(comparison(fraud=change(0.8, 0.6, spread=0.3)), GATE)
    (told,) = objections(comparison(fraud=change(0.8, 0.7, spread=0.05)), GATE)
    assert told == ("line fraud: F1 0.800 -> 0.700 (99% interval of the change -0.150 to -0.050)")


def test_saved_figures_count_and_one_that_is_missing_speaks_against() -> None:
    old, new = {"risk": {"roc_auc": 0.8}}, {"risk": {"roc_auc": 0.7}}
    assert objections(comparison(), GATE, champion=old, challenger=new)
    assert not objections(comparison(), GATE, champion=old, challenger=old)
    for broken in ({"risk": {}}, {}, {"risk": {"roc_auc": None}}):
        (told,) = objections(comparison(), GATE, champion=old, challenger=broken)
        assert told == "risk.roc_auc: 0.800 -> none cannot be compared"


def test_what_is_not_a_number_speaks_against() -> None:
    nan = float("nan")
    (told,) = objections(comparison(ece=change(0.05, nan)), GATE)
    assert told == "ece: 0.050 -> none cannot be compared"
    bare = Comparison("old", "new", 100, {"accuracy": change(0.9, 0.9)}, {})
    assert objections(bare, GATE) == ["ece: none -> none cannot be compared"]


def test_figures_that_nobody_marked_are_named_and_do_not_refuse() -> None:
    names = ("nature_accuracy", "signals_f1", "risk_roc_auc")
    gate = replace(GATE, figures=(*GATE.figures, *(Limit(n, "higher", 0.01) for n in names)))
    assert not_checked(comparison(), gate) == names
    assert objections(comparison(), gate) == []
    marked = comparison(nature_accuracy=change(0.9, 0.5))
    assert not_checked(marked, gate) == names[1:]
    assert len(objections(marked, gate)) == 1


def test_few_rows_are_no_evidence() -> None:
    (told,) = objections(comparison(rows=9, accuracy=change(0.5, 0.9)), GATE)
    assert told == "only 9 rows in common, 10 are needed"


def test_the_shipped_gate_is_well_formed() -> None:
    gate = load_gate()
    assert {limit.name for limit in gate.figures} >= {"accuracy", "macro_f1", "coverage_95"}
    assert "corpus.nature_accuracy" in {limit.name for limit in gate.saved}
    assert 0.9 <= gate.line_level < 1


@pytest.mark.parametrize(
    "broken",
    [
        "least_rows: 1",
        "least_rows: a\nline_level: 1\nfigures: []\nsaved: []",
        "least_rows: 1\nline_level: 1\nfigures: [{name: a, better: up, margin: 0}]\nsaved: []",
    ],
)
def test_a_malformed_gate_is_refused(tmp_path: Path, broken: str) -> None:
    path = tmp_path / "gate.yaml"
    path.write_text(broken, encoding="utf-8")
    with pytest.raises(ConfigError, match=r"gate[.]yaml"):
        load_gate(path)


def test_the_worst_objection_comes_first() -> None:
    worse = comparison(accuracy=change(0.9, 0.88), ece=change(0.05, 0.15))
    lines = {"other": change(0.9, 0.8), "fraud": change(0.9, 0.7)}
    found = objections(replace(worse, lines=lines), GATE, champion={}, challenger={})
    starts = [told.split(":")[0] for told in found]
    assert starts == ["risk.roc_auc", "ece", "accuracy", "line fraud", "line other"]
