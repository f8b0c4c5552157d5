from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from judge_fakes import WORDS, FakeEngine

from training.cases import Case
from training.comparison import compare, compare_saved, differences
from training.outcomes import from_predictions
from triage.errors import InvalidInput

CASES = [Case(f"f{i}", f"年费第{i}次多扣", "fee_dispute") for i in range(30)]
CASES += [Case(f"c{i}", f"征信第{i}条有误", "credit_report") for i in range(30)]
CASES += [Case(f"o{i}", f"今天第{i}次下雨", "other") for i in range(30)]


def engines() -> tuple[Any, Any]:
    blind = {word: leaf for word, leaf in WORDS.items() if word != "征信"}
    return FakeEngine(version="old"), FakeEngine(blind, version="new")


def test_a_loss_is_shown_on_the_line_that_lost_with_its_interval() -> None:
    found = compare(*engines(), CASES)
    assert (found.first, found.second, found.rows) == ("old", "new", 90)
    loss = found.figures["accuracy"]
    assert loss.change.value == pytest.approx(loss.second - loss.first) == pytest.approx(-1 / 3)
    assert found.lines["credit_report"].change.high < 0
    assert found.lines["fee_dispute"].change.high == found.lines["fee_dispute"].change.low == 0


def test_a_model_does_not_differ_from_itself() -> None:
    engine, _ = engines()
    found = compare(engine, engine, CASES)
    assert not found.disagreements
    assert {d.change.value for d in found.figures.values()} == {0.0}


def test_rows_that_were_lost_come_first() -> None:
    better, worse = engines()
    lost = compare(better, worse, CASES).disagreements
    assert len(lost) == compare(better, worse, CASES).apart == 30
    assert (lost[0].truth, lost[0].first, lost[0].second) == (
        "credit_report",
        "credit_report",
        "other",
    )


def test_a_higher_level_makes_the_lines_interval_wider() -> None:
    rng = np.random.default_rng(1)
    lines = ["a", "b"]

    def predictions() -> dict[str, Any]:
        return {
            str(i): {"line": lines[i % 2], "predicted": lines[int(rng.random() < 0.5)]}
            | {"probability": float(rng.random())}
            for i in range(200)
        }

    one, two = from_predictions(predictions()), from_predictions(predictions())

    def width(level: float) -> float:
        change = differences(one, two, lines, line_level=level)[1]["a"].change
        return change.high - change.low

    assert width(0.99) > width(0.95)


def test_saved_predictions_tell_how_many_rows_are_apart_and_nothing_of_what_was_given() -> None:
    old = {str(i): {"line": "a", "predicted": "a", "probability": 0.9} for i in range(10)}
    new = old | {"3": old["3"] | {"predicted": "b"}, "11": old["1"]}
    found = compare_saved(("old", "new"), from_predictions(old), from_predictions(new))
    assert (found.first, found.second, found.rows, found.apart) == ("old", "new", 10, 1)
    assert found.figures["accuracy"].change.value == pytest.approx(-0.1)
    assert not {"given", "accuracy_given"} & found.figures.keys()


def test_models_without_a_common_row_cannot_be_compared() -> None:
    rows = {"1": {"line": "a", "predicted": "a", "probability": 0.5}}
    with pytest.raises(InvalidInput, match="no common row"):
        differences(from_predictions(rows), from_predictions({"2": rows["1"]}), ["a"])
