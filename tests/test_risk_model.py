import json
from dataclasses import replace

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from ticket_rows import TAXONOMY, make_rows

from training.risk_data import SplitMonths, drop_context, from_year, split_by_time
from training.risk_fit import choose_strength, fit_linear, fit_rising
from training.risk_model import IN_SAMPLE, SOURCE, fit_risk
from training.risk_report import evaluate_risk, workload
from training.risk_standins import NOISY, stand_in
from training.simulate import simulate
from triage.errors import InvalidInput
from triage.evaluation import daily_recall
from triage.policy import Bands
from triage.records import Context
from triage.risk.features import default_registry
from triage.risk.model import RiskModel, sigmoid

ROWS = make_rows()


@pytest.fixture(scope="module")
def year():
    return simulate(ROWS, seed=5, tickets=12_000)


@pytest.fixture(scope="module")
def fitted(year):
    return fit_risk(year, stand_in(ROWS, TAXONOMY), normal=str)


def test_the_model_comes_near_the_best_and_says_that_the_year_is_simulated(fitted):
    _, metrics = fitted
    assert metrics["source"] == SOURCE
    report = metrics["with_context"]
    assert report["roc_auc_share"]["value"] > 0.7
    assert report["best"]["roc_auc"]["value"] >= report["roc_auc"]["value"] - 0.02
    assert report["ece"] < 0.03
    alone = metrics["narrative_alone"]
    assert 0.5 < alone["roc_auc"]["value"] < report["roc_auc"]["value"]
    assert set(report["by_channel"]) <= {"phone", "app", "branch", "web", "letter", "media"} | {
        "regulator_guided"
    }


def test_model_and_metrics_are_json(fitted):
    model, metrics = fitted
    json.dumps(metrics, allow_nan=False)
    again = RiskModel.from_dict(json.loads(json.dumps(model.to_dict(), allow_nan=False)))
    assert np.array_equal(again.weights, model.weights)
    assert Bands.from_dict(metrics["bands"]).names == ("high", "medium", "low")
    assert metrics["bands"]["measured"] == IN_SAMPLE
    assert metrics["split"]["calibrate_met"] > 0


def test_no_signal_lowers_the_risk(fitted):
    model, _ = fitted
    weight = dict(zip(model.feature_names, model.weights, strict=True))
    for code in TAXONOMY.signal_codes:
        assert weight[f"signal:{code}"] >= 0
        assert weight[f"signal:{code}"] + weight[f"alone:{code}"] >= 0


def test_training_twice_gives_the_same_model(year, fitted):
    again, _ = fit_risk(year, stand_in(ROWS, TAXONOMY), normal=str)
    assert again.to_dict() == fitted[0].to_dict()


def test_customers_templates_and_months_stay_on_one_side(year):
    data = from_year(year, stand_in(ROWS, TAXONOMY), normal=str)
    split = split_by_time(data)
    before = np.concatenate([split.train, split.calibrate])
    assert data.month[split.train].max() < data.month[split.calibrate].min()
    assert data.month[before].max() < data.month[split.test].min()
    for column in (data.customer, data.template):
        assert not set(column[before].tolist()) & set(column[split.test].tolist())
    assert split.dropped + len(split.test) == (data.month >= 9).sum()


def test_calibration_drops_whom_training_met_where_enough_escalations_remain(year):
    data = from_year(year, stand_in(ROWS, TAXONOMY), normal=str)
    few = split_by_time(data)
    assert few.calibrate_met > 0
    assert few.calibrate_dropped == 0
    many = split_by_time(replace(data, escalated=np.arange(len(data.month)) % 3 == 0))
    assert many.calibrate_met == 0
    assert many.calibrate_dropped + len(many.calibrate) == (data.month == 8).sum()
    for column in (data.customer, data.template):
        assert not set(column[many.train].tolist()) & set(column[many.calibrate].tolist())


def test_only_eligible_tickets_are_learned_from(year):
    data = from_year(year, stand_in(ROWS, TAXONOMY), normal=str)
    assert len(data.contexts) == year.eligible.sum() < len(year)
    assert not np.isnan(data.truth).any()


def test_a_part_without_escalations_is_a_clear_error(year):
    data = from_year(year, stand_in(ROWS, TAXONOMY), normal=str)
    with pytest.raises(InvalidInput, match="test part"):
        split_by_time(data, SplitMonths(train=11, calibrate=1))


def test_context_is_forgotten_in_part_or_whole():
    known = [Context(channel="app", transfers=1, customer_key="C1")] * 200
    assert drop_context(known, share=1.0, seed=1) == [Context()] * 200
    some = drop_context(known, share=0.5, seed=1)
    assert 60 < sum(context.channel is None for context in some) < 140
    assert {context.customer_key for context in some} == {"C1"}


def test_weights_on_raw_features_are_those_of_the_scaled_fit():
    rng = np.random.default_rng(0)
    matrix = rng.normal(3, [1, 5, 0], (500, 3))
    labels = rng.random(500) < sigmoid(matrix[:, 0] - 3)
    weights, bias = fit_linear(matrix, labels, 0.3)
    scaled = (matrix - matrix.mean(0)) / np.array([*matrix.std(0)[:2], 1.0])
    oracle = LogisticRegression(C=0.3, max_iter=300).fit(scaled, labels)
    assert np.allclose(sigmoid(matrix @ weights + bias), oracle.predict_proba(scaled)[:, 1])


def test_a_signal_that_seems_to_calm_is_left_out_and_the_rest_refitted():
    registry = default_registry()
    rng = np.random.default_rng(1)
    matrix = np.zeros((4000, len(registry.names)))
    calm, loud = (registry.names.index(f"signal:{code}") for code in ("vulnerable", "repeat"))
    matrix[:, [calm, loud]] = rng.random((4000, 2)) < 0.4
    labels = rng.random(4000) < sigmoid(matrix[:, loud] - matrix[:, calm])
    weights, _ = fit_rising(matrix, labels, 1.0, registry)
    assert weights[calm] == 0.0
    assert weights[loud] > 0.5


def test_strength_falls_back_when_there_is_no_time_to_check():
    labels = np.array([True, False])
    assert choose_strength(np.zeros(2, dtype=np.int64), np.zeros((2, 1)), labels) > 0


def test_recall_at_the_top_is_counted_day_by_day():
    day = np.repeat([0, 1], 10)
    score = np.tile(np.arange(10.0), 2)
    hit = np.zeros(20, dtype=bool)
    hit[[9, 0, 19, 18]] = True
    assert daily_recall(hit, score, day, share=0.10).value == 0.5
    assert daily_recall(hit, score, day, share=0.20).value == 0.75
    # Days that are dangerous as a whole do not crowd out the others.
    assert daily_recall(hit, score + 100 * day, day, share=0.10).value == 0.5


def test_a_report_without_truth_has_no_best():
    rng = np.random.default_rng(2)
    score = rng.random(400)
    hit = rng.random(400) < score
    report = evaluate_risk(hit, score, np.arange(400) // 40, slices={"half": ["a", "b"] * 200})
    assert "best" not in report
    assert report["by_half"]["a"]["tickets"] == 200
    curve = report["workload"]
    assert [one["share"] for one in curve[:30]] == [n / 100 for n in range(1, 31)]
    assert [one["value"] for one in curve] == sorted(one["value"] for one in curve)
    assert all(one["low"] <= one["value"] <= one["high"] for one in curve)
    assert curve[9]["value"] == report["daily_recall"]["top_10"]["value"]
    assert workload(np.zeros(400, dtype=bool), score, np.arange(400) // 40) == []
    assert evaluate_risk(hit, score, np.arange(400) // 40, truth=score)["roc_auc_share"][
        "value"
    ] == pytest.approx(1.0)


def test_noisy_stand_ins_err_and_still_are_probabilities():
    leaves, natures, mentions = stand_in(ROWS, TAXONOMY, noise=NOISY)([row.text for row in ROWS])
    assert np.allclose(leaves.sum(axis=1), 1)
    assert np.allclose(natures.sum(axis=1), 1)
    right = [TAXONOMY.leaves[i] == row.leaf for i, row in zip(leaves.argmax(1), ROWS, strict=True)]
    assert 0.75 < np.mean(right) < 0.95
    assert sum(map(len, mentions)) != sum(len(row.signals) for row in ROWS)
