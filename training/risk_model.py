"""Fits the escalation model: scikit-learn trains, plain arrays serve."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter
from typing import Any

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression

from training.risk_data import (
    Bools,
    Ints,
    RiskData,
    Split,
    SplitMonths,
    drop_context,
    from_year,
    split_by_time,
)
from training.risk_fit import choose_strength, fit_rising
from training.risk_report import evaluate_risk
from training.risk_standins import Assess
from training.simulate import SimulatedYear
from triage.evaluation import roc_auc
from triage.features import Floats
from triage.policy import Bands, Policy, bands_from, load_policy
from triage.risk.features import Registry, default_registry
from triage.risk.model import RiskModel
from triage.risk.phrases import load_phrases

SOURCE = "simulated year of a fictional branch"
# Of the bands' shares and recalls: no promise for other tickets.
IN_SAMPLE = "in sample: the tickets the thresholds were cut on"
_FORGOTTEN = 0.5
_SEED = 11
# With context, without, with fields forgotten.
_COPIES = 3


def fit_risk(
    year: SimulatedYear,
    assess: Assess,
    *,
    normal: Callable[[str], str] | None = None,
    registry: Registry | None = None,
    policy: Policy | None = None,
    compare: bool = False,
) -> tuple[RiskModel, dict[str, Any]]:
    """Fit, calibrate and test an escalation model on a simulated year.

    Parameters
    ----------
    year : SimulatedYear
    assess : callable
        Narratives -> leaf probabilities, nature probabilities, mentions. Hand in out-of-fold
        probabilities: a line model is too sure of narratives that it was trained on.
    normal : callable, optional
        Narrative -> normalised text; default: as the engine does it.
    registry : Registry, optional
        Default: the shipped features.
    policy : Policy, optional
        Default: `data/policy.yaml`.
    compare : bool
        Also fit gradient boosting, as an upper comparison.

    Returns
    -------
    model : RiskModel
    metrics : dict
        `source` says that these are figures on a simulated year; see `fit_tickets`.
    """
    features = registry or default_registry()
    data = from_year(year, assess, normal=normal)
    model, metrics = fit_tickets(data, features, policy=policy, compare=compare)
    return model, {"source": SOURCE, **metrics}


def fit_tickets(
    data: RiskData,
    registry: Registry,
    *,
    months: SplitMonths | None = None,
    policy: Policy | None = None,
    compare: bool = False,
) -> tuple[RiskModel, dict[str, Any]]:
    """Fit, calibrate and test on tickets with known outcomes.

    Returns
    -------
    model : RiskModel
    metrics : dict
        `with_context` and `narrative_alone` are reports of `evaluate_risk` on the test part;
        `split`, `strength`, `seconds`; `boosting` when compared; `bands` is `Bands.to_dict()`
        and, under `measured`, that its shares and recalls are in-sample.
        The best of the reports knows the whole context, for narratives alone too.
    """
    begun = perf_counter()
    split = split_by_time(data, months)
    stacked, labels = _stack(data, split.train, registry)
    strength = choose_strength(np.tile(data.month[split.train], _COPIES), stacked, labels)
    weights, bias = fit_rising(stacked, labels, strength, registry)
    model = _calibrated(data, split, registry, weights, bias)
    fitted = perf_counter() - begun
    metrics = _reports(data, split, registry, model) | {
        "split": {
            "train": len(split.train),
            "calibrate": len(split.calibrate),
            "test": len(split.test),
            "dropped": split.dropped,
            "calibrate_dropped": split.calibrate_dropped,
            "calibrate_met": split.calibrate_met,
        },
        "strength": strength,
        "seconds": fitted,
        "bands": _bands(data, split, registry, model, policy or load_policy()).to_dict()
        | {"measured": IN_SAMPLE},
    }
    if compare:
        metrics["boosting"] = _boosting(data, split, registry, stacked, labels)
    return model, metrics


def _modes(data: RiskData, tickets: Ints, registry: Registry) -> tuple[Floats, Floats]:
    """Features with full context, and of the narratives alone."""
    known = data.known(tickets)
    return (
        data.matrix(tickets, known, registry),
        data.matrix(tickets, drop_context(known, share=1.0, seed=_SEED), registry),
    )


def _stack(data: RiskData, tickets: Ints, registry: Registry) -> tuple[Floats, Bools]:
    """Each ticket three times: with its context, without, and with fields forgotten at random."""
    some = drop_context(data.known(tickets), share=_FORGOTTEN, seed=_SEED)
    parts = (*_modes(data, tickets, registry), data.matrix(tickets, some, registry))
    return np.vstack(parts), np.tile(data.escalated[tickets], _COPIES)


def _calibrated(
    data: RiskData, split: Split, registry: Registry, weights: Floats, bias: float
) -> RiskModel:
    """Calibrate each mode on the calibration part by a line in log odds (Platt 1999)."""
    hit = data.escalated[split.calibrate]
    lines = []
    for matrix in _modes(data, split.calibrate, registry):
        score = (matrix @ weights + bias)[:, None]
        line = LogisticRegression(C=np.inf).fit(score, hit)
        lines.append((float(line.coef_[0, 0]), float(line.intercept_[0])))
    columns = registry.columns
    return RiskModel(
        feature_names=registry.names,
        families=tuple(column.family for column in columns),
        kinds=registry.kinds,
        mentions=tuple(column.mention or "" for column in columns),
        shows=tuple(column.show for column in columns),
        weights=weights,
        bias=bias,
        reference=np.stack([m.mean(axis=0) for m in _modes(data, split.train, registry)]),
        slope=np.array([slope for slope, _ in lines]),
        shift=np.array([shift for _, shift in lines]),
        **load_phrases(registry),
    )


def _reports(data: RiskData, split: Split, registry: Registry, model: RiskModel) -> dict[str, Any]:
    test = split.test
    hit, known = data.escalated[test], data.known(test)
    slices = {
        "channel": [context.channel or "" for context in known],
        "customer_segment": [context.customer_segment or "" for context in known],
        "vulnerable": [
            "vulnerable" if any(m.code == "vulnerable" for m in data.mentions[row]) else "not"
            for row in data.narrative[test].tolist()
        ],
    }
    truth = None if data.truth is None else data.truth[test]
    scores = [model.predict(matrix) for matrix in _modes(data, test, registry)]
    names = ("with_context", "narrative_alone")
    return {
        name: evaluate_risk(hit, score, data.day[test], truth=truth, slices=slices)
        for name, score in zip(names, scores, strict=True)
    }


def _bands(
    data: RiskData, split: Split, registry: Registry, model: RiskModel, policy: Policy
) -> Bands:
    """Cut the bands on all tickets of the months that were not trained on.

    Their shares and recalls are of these same tickets, in sample. The test part alone has no
    customers met before and would promise too few high scores.
    """
    late = np.flatnonzero(data.month > data.month[split.train].max())
    scores = model.predict(data.matrix(late, data.known(late), registry))
    return bands_from(scores, data.escalated[late], policy)


def _boosting(
    data: RiskData, split: Split, registry: Registry, matrix: Floats, labels: Bools
) -> dict[str, float]:
    """Fit gradient boosting on the same rows and features; ROC-AUC in the two modes."""
    begun = perf_counter()
    trees = HistGradientBoostingClassifier(
        learning_rate=0.05, max_iter=200, max_leaf_nodes=15, min_samples_leaf=60, random_state=0
    ).fit(matrix, labels)
    hit = data.escalated[split.test]
    aucs = [roc_auc(hit, trees.predict_proba(m)[:, 1]) for m in _modes(data, split.test, registry)]
    return {
        "with_context": aucs[0],
        "narrative_alone": aucs[1],
        "seconds": perf_counter() - begun,
    }
