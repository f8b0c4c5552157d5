"""What report and model card tell of the simulated year."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from judge_fakes import FakeEngine

from training.card import card
from training.cases import Case
from training.judge import judge
from training.report import Extras, card_html, render
from training.report_year import figure_rows, modes_of, slice_rows
from training.risk_report import evaluate_risk
from training.train import load_recipe
from triage.evaluation import daily_recall
from triage.figure_names import YEAR_NAMES
from triage.taxonomy import Taxonomy

DAYS, EACH = 30, 20


def told(*, seed: int) -> dict[str, Any]:
    """Figures of a year in which the app never escalates."""
    rng = np.random.default_rng(seed)
    truth = rng.random(DAYS * EACH) * 0.4
    channel = np.where(rng.random(DAYS * EACH) < 0.1, "app", "phone")
    hit = (rng.random(DAYS * EACH) < truth) & (channel == "phone")
    score = truth + rng.normal(0, 0.05, DAYS * EACH)
    segment = np.where(rng.random(DAYS * EACH) < 0.5, "elderly", "ordinary")
    slices = {"channel": channel.tolist(), "customer_segment": segment.tolist()}
    return evaluate_risk(hit, score, np.arange(DAYS * EACH) // EACH, truth=truth, slices=slices)


@pytest.fixture(scope="module")
def metrics() -> dict[str, Any]:
    year = {
        "simulated_over": "training rows",
        "with_context": told(seed=1),
        "narrative_alone": told(seed=2),
    }
    return {"corpus": {"rows": 3, "line_accuracy": 0.9}, "simulated_year": year}


def test_a_slice_competes_for_the_places_of_a_day_with_all_others() -> None:
    day = np.repeat([0, 1], 10)
    score = np.tile(np.arange(10.0), 2)
    hit = np.ones(20, dtype=bool)
    low = score < 9
    # One place a day, taken by a row of the other slice.
    missed = daily_recall(hit, score, day, share=0.10, among=low)
    assert (missed.value, missed.low) == (0, 0)
    # Of so few nobody can promise that none will ever be found: 0 of 18, after Wilson.
    assert missed.high == pytest.approx(0.1759, abs=1e-4)
    assert daily_recall(hit, score, day, share=0.20, among=low).value == pytest.approx(2 / 18)
    assert daily_recall(hit, score, day, share=0.10, among=~low).value == 1


def test_the_slices_of_a_day_make_up_the_whole(metrics: dict[str, Any]) -> None:
    year = metrics["simulated_year"]["with_context"]
    parts = year["by_customer_segment"].values()
    assert sum(part["escalated"] for part in parts) == year["escalated"]
    for top in ("top_5", "top_10", "top_20"):
        found = sum(part["escalated"] * part["daily_recall"][top]["value"] for part in parts)
        assert found / year["escalated"] == pytest.approx(year["daily_recall"][top]["value"])


def test_the_card_tells_recall_by_slice_with_intervals_and_names_the_year(
    metrics: dict[str, Any],
) -> None:
    text = card("v1", [], load_recipe(), metrics)
    year = metrics["simulated_year"]["with_context"]
    for top in (5, 10, 20):
        mine, best = year["daily_recall"][f"top_{top}"], year["best"]["daily_recall"][f"top_{top}"]
        row = next(line for line in text.splitlines() if line.startswith(f"| recall_top_{top} |"))
        assert f"{mine['value']:.3f} ({mine['low']:.3f} to {mine['high']:.3f})" in row
        assert f"{best['value']:.3f} ({best['low']:.3f} to {best['high']:.3f}) |" in row
    for code in ("roc_auc", "roc_auc_share", "pr_auc", "ece", "brier"):
        assert f"| {code} |" in text
    phone = year["by_channel"]["phone"]["daily_recall"]["top_10"]
    assert f"{phone['value']:.3f} ({phone['low']:.3f} to {phone['high']:.3f})" in text
    assert "customer_segment elderly" in text
    # Nobody escalated there: no figure instead of a wrong one.
    app = year["by_channel"]["app"]
    assert f"| channel app | {app['tickets']} | 0 | – | – | – |" in text
    heads = [line for line in text.splitlines() if line.startswith(("| figure", "| slice"))]
    assert [head for head in heads if "simulated year" not in head] == ["| figure | value |"]
    assert card_html(text).count("<table>") == 3


def test_the_report_tells_both_modes_beside_the_best(
    metrics: dict[str, Any], taxonomy: Taxonomy
) -> None:
    engine: Any = FakeEngine()
    judged = judge(engine, [Case(f"f{i}", f"年费{i}", "fee_dispute") for i in range(12)])
    page = render(judged, taxonomy, Extras(metrics=metrics))
    part = page[page.index('id="risk"') : page.index('id="slices"')]
    for code in YEAR_NAMES:
        assert f"<code>{code}</code>" in part, code
    for title in ("任何模型可达上限", "有受理信息", "仅有诉求文本", "模拟年", "simulated year"):
        assert title in part
    for mode in ("with_context", "narrative_alone"):
        found = metrics["simulated_year"][mode]["by_customer_segment"]["elderly"]["daily_recall"]
        for top in found.values():
            spread = f"{top['low']:.3f} – {top['high']:.3f}"
            assert f'{top["value"]:.3f}<br><span class="spread">{spread}</span>' in part


def test_a_model_trained_before_slices_were_told_by_day_is_still_reported(
    metrics: dict[str, Any], taxonomy: Taxonomy
) -> None:
    old = {**metrics["simulated_year"]["with_context"], "by_channel": {"app": {"tickets": 3}}}
    told = {**metrics, "simulated_year": {"simulated_over": "training rows", "with_context": old}}
    modes = [mode for _, mode in modes_of(told)]
    assert slice_rows(modes) == []
    assert [code for code, _ in figure_rows(modes)] == list(YEAR_NAMES)
    assert "Recall by channel" not in card("v1", [], load_recipe(), told)
    assert figure_rows([]) == slice_rows([]) == []
    engine: Any = FakeEngine()
    judged = judge(engine, [Case(f"f{i}", f"年费{i}", "fee_dispute") for i in range(12)])
    assert "按渠道与客群" not in render(judged, taxonomy, Extras(metrics=told))
