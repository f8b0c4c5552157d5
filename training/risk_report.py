"""How good an escalation model is, beside the best that any model could reach."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from triage.evaluation import (
    Bools,
    Floats,
    Interval,
    bootstrap,
    brier,
    calibration_error,
    daily_recall,
    pr_auc,
    recall_at,
    roc_auc,
)

Ints = NDArray[np.int64]

TOP_SHARES = (0.05, 0.10, 0.20)
# Where people's time may be cut off: every per cent of a day up to 30, then in steps.
WORKLOADS = (*range(1, 31), 35, 40, 50, 60, 75, 90)
_REPEATS = 200


def evaluate_risk(
    escalated: Bools,
    probability: Floats,
    day: Ints,
    *,
    truth: Floats | None = None,
    slices: Mapping[str, Sequence[str]] | None = None,
) -> dict[str, Any]:
    """Measure probabilities of escalation.

    Parameters
    ----------
    escalated : array of bool, length n
    probability : array of float, length n
        The model's.
    day : array of int, length n
        Recall at the top of a day ranks within each.
    truth : array of float, optional
        True probabilities of simulated tickets; adds the `best` figures and the `share`.
    slices : mapping of name to n codes, optional
        Reported one by one, such as channel and customer segment. Their `daily_recall` is of the
        top of a whole day, for which all tickets compete.

    Returns
    -------
    dict
        JSON-able; intervals as {value, low, high}.
    """
    report: dict[str, Any] = {
        "tickets": len(escalated),
        "escalated": int(escalated.sum()),
        "base_rate": float(escalated.mean()),
        **_ranking(escalated, probability, day),
        "workload": workload(escalated, probability, day),
        "ece": calibration_error(probability, escalated),
        "brier": brier(escalated, probability),
        "brier_of_base_rate": brier(escalated, np.full(len(escalated), escalated.mean())),
    }
    if truth is not None:
        report["best"] = _ranking(escalated, truth, day) | {
            "ece": calibration_error(truth, escalated),
            "brier": brier(escalated, truth),
        }
        report["roc_auc_share"] = asdict(_share(escalated, probability, truth))
    for name, codes in (slices or {}).items():
        report[f"by_{name}"] = _by(np.asarray(codes), escalated, probability, day)
    return report


def workload(escalated: Bools, probability: Floats, day: Ints) -> list[dict[str, float]]:
    """Measure which share of the escalations the riskiest so many per cent of a day hold.

    Returns
    -------
    list of dict
        {share, value, low, high}, by share; none without an escalation.
    """
    if not escalated.any():
        return []
    found = []
    for percent in WORKLOADS:
        share = percent / 100
        caught = daily_recall(escalated, probability, day, share=share, repeats=_REPEATS)
        found.append({"share": share, **asdict(caught)})
    return found


def _ranking(escalated: Bools, score: Floats, day: Ints) -> dict[str, Any]:
    recalls = _recalls(escalated, score, day)
    auc = bootstrap(
        lambda rows: roc_auc(escalated[rows], score[rows]), rows=len(score), repeats=_REPEATS
    )
    return {"roc_auc": asdict(auc), "pr_auc": pr_auc(escalated, score), "daily_recall": recalls}


def _recalls(
    escalated: Bools, score: Floats, day: Ints, among: Bools | None = None
) -> dict[str, Any]:
    """Recall at the top of a day; none of rows without an escalation."""
    if among is not None and not escalated[among].any():
        return {}
    return {
        f"top_{round(100 * share)}": asdict(
            daily_recall(escalated, score, day, share=share, repeats=_REPEATS, among=among)
        )
        for share in TOP_SHARES
    }


def _share(escalated: Bools, probability: Floats, truth: Floats) -> Interval:
    """ROC-AUC of the model as a share of the best, 0.5 taken off both."""

    def share(rows: Ints) -> float:
        best = roc_auc(escalated[rows], truth[rows])
        return (roc_auc(escalated[rows], probability[rows]) - 0.5) / (best - 0.5)

    return bootstrap(share, rows=len(truth), repeats=_REPEATS)


def _by(
    codes: NDArray[np.str_], escalated: Bools, probability: Floats, day: Ints
) -> dict[str, Any]:
    """Figures of each slice; nan where it lacks one of the outcomes becomes None."""
    found: dict[str, Any] = {}
    for code in np.unique(codes).tolist():
        rows = codes == code
        hit, score = escalated[rows], probability[rows]
        found[str(code)] = {
            "tickets": int(rows.sum()),
            "escalated": int(hit.sum()),
            "base_rate": float(hit.mean()),
            "mean_probability": float(score.mean()),
            "roc_auc": _or_none(roc_auc(hit, score)),
            "daily_recall": _recalls(escalated, probability, day, rows),
            "recall_top_10": _or_none(recall_at(hit, score, share=0.10)),
            "flagged_of_all_top_10": float(_in_top(probability, 0.10)[rows].mean()),
            "recall_of_all_top_10": _or_none(_caught(hit, _in_top(probability, 0.10)[rows])),
        }
    return found


def _in_top(score: Floats, share: float) -> Bools:
    top: Bools = np.zeros(len(score), dtype=np.bool_)
    top[np.argsort(-score, kind="stable")[: max(1, round(share * len(score)))]] = True
    return top


def _caught(hit: Bools, flagged: Bools) -> float:
    return float(flagged[hit].mean()) if hit.any() else float("nan")


def _or_none(value: float) -> float | None:
    return None if np.isnan(value) else value
