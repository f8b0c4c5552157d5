"""Corrections for a bank's mix of lines, and prediction sets, on made-up probabilities."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import orjson
import pytest

from training.labels.biases import fit_biases
from training.labels.calibrate import Known, calibrate
from training.labels.unseen import Opinions
from triage import conformal
from triage.calibration_files import shift_path
from triage.decision import LineDecider, Thresholds
from triage.engine import Engine
from triage.errors import ArtifactRejected, InvalidInput
from triage.shift import Shift, estimated_shares, load_shift, reweighed
from triage.taxonomy import split_leaf

EVEN = np.array([1 / 3, 1 / 3, 1 / 3])
TRUE = np.array([0.7, 0.2, 0.1])
LEAVES = ("fraud.loan_fraud", "other", "wealth_agency")
DECIDER = LineDecider(LEAVES, Thresholds(0.0, 1.0, 0))


def rows(shares: np.ndarray, count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Rows of three labels whose scores lie around them, as an even model sees them."""
    rng = np.random.default_rng(seed)
    column = rng.choice(3, count, p=shares)
    scores = rng.normal(size=(count, 3)) + 2.0 * np.eye(3)[column]
    powers = np.exp(2.0 * scores)
    return powers / powers.sum(axis=1, keepdims=True), column


def test_shares_are_found_without_labels_and_probabilities_follow() -> None:
    said, column = rows(TRUE, 6_000, 1)
    found = estimated_shares(said, EVEN)
    assert np.allclose(found, TRUE, atol=0.02)
    better = reweighed(said, found / EVEN)
    assert np.allclose(better.sum(axis=1), 1.0)
    assert (better.argmax(1) == column).mean() > (said.argmax(1) == column).mean() + 0.02
    assert np.allclose(better.mean(axis=0), TRUE, atol=0.02)


def test_few_tickets_move_shares_little() -> None:
    said, _ = rows(TRUE, 5, 1)
    held = estimated_shares(said, EVEN, prior_rows=1_000.0)
    assert np.allclose(held, EVEN, atol=0.01)
    with pytest.raises(InvalidInput, match="no rows"):
        estimated_shares(said[:0], EVEN)


def test_biases_undo_what_balancing_did() -> None:
    said, column = rows(EVEN, 6_000, 2)
    skewed = reweighed(said, np.array([4.0, 1.0, 0.25]))
    weights = fit_biases(skewed, column)
    assert np.allclose(weights / weights[1], [0.25, 1.0, 4.0], rtol=0.15)
    alone = fit_biases(np.full((4, 3), 1 / 3), np.array([0, 0, 1, 1]))
    assert alone[2] == 1.0


def test_sets_cover_every_line_as_promised_under_any_mix() -> None:
    said, column = rows(EVEN, 9_000, 3)
    names = ("a", "b", "c")
    found = conformal.cuts(said, [names[i] for i in column], names, coverage=0.9)
    other, truth = rows(TRUE, 9_000, 4)
    chosen = conformal.sets(other, names, found)
    for number, name in enumerate(names):
        hit = [name in each for each, i in zip(chosen, truth, strict=True) if i == number]
        assert np.mean(hit) == pytest.approx(0.9, abs=0.03)
    assert all(
        list(each) == sorted(each, key=lambda name: -row[names.index(name)])
        for each, row in zip(chosen, other, strict=True)
    )


def test_a_line_with_few_rows_is_in_every_set() -> None:
    few = conformal.cuts(np.array([[0.9, 0.1]] * 5), ["a"] * 5, ("a", "b"), coverage=0.9)
    assert few == {"a": 0.0, "b": 0.0}
    with pytest.raises(InvalidInput, match="coverage"):
        conformal.cuts(np.ones((1, 1)), ["a"], ("a",), coverage=1.0)


def calibrated() -> Shift:
    said, column = rows(EVEN, 3_000, 5)
    known = Known.of(Opinions(LEAVES, said, column), DECIDER)
    tickets, _ = rows(TRUE, 3_000, 6)
    done = calibrate(known, tickets, DECIDER, version="m.1")
    assert np.allclose(done.found, TRUE, atol=0.03)
    assert done.to_dict()["shares"]["other"]["trained"] == pytest.approx(1 / 3, abs=0.03)
    assert 0.0 < done.moved < 0.2
    return done.shift


def test_a_calibration_is_read_back_and_only_for_its_model(tmp_path: Path) -> None:
    shift, path = calibrated(), tmp_path / "m.1.json"
    assert load_shift(path, LEAVES, "m.1") is None
    path.write_bytes(orjson.dumps(shift.to_dict()))
    back = load_shift(path, LEAVES, "m.1")
    assert back is not None
    assert np.allclose(back.weights, shift.weights)
    assert back.cuts.keys() == {"fraud", "other", "wealth_agency"}
    with pytest.raises(ArtifactRejected, match=r"m\.1, not m\.2"):
        load_shift(path, LEAVES, "m.2")
    for damaged in (b"{", b"[]", b'{"format":1,"model_version":"m.1","weights":3}'):
        path.write_bytes(damaged)
        with pytest.raises(ArtifactRejected, match="damaged"):
            load_shift(path, LEAVES, "m.1")


def test_an_engine_answers_with_the_mix_of_its_bank(
    tiny_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JIESU_HOME", str(tmp_path))
    plain = Engine.load(tiny_model)
    leaves = plain.decider.leaves
    last = leaves[-1]
    told = Shift(plain.version, leaves, np.array([1e-9] * (len(leaves) - 1) + [1.0]), {})
    path = shift_path(plain.version)
    path.parent.mkdir(parents=True)
    path.write_bytes(orjson.dumps(told.to_dict()))
    text = "我的信用卡年费怎么又扣了，客服说刷满六次就免，要求退还"
    shifted = Engine.load(tiny_model)
    before, after = plain.assess([text])[0], shifted.assess([text])[0]
    found = (after.line, after.subline) if after.line else after.alternatives[0][:2]
    assert found == split_leaf(last)
    assert after.escalation == before.escalation
    assert next(iter(shifted.lines([text])))[2] > 0.9
