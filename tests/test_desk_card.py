"""The model card on the desk: names in its tables, its own words as they are."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from desk_fakes import hostile

from service.desk.model_card import shown
from service.desk.words import Words
from training.card import _TEMPLATE
from training.report_year import slice_rows
from triage.figure_names import CARD_NAMES, SLICES, YEAR_NAMES

NOW = datetime(2026, 11, 29, tzinfo=UTC)
CARD = """# jiesu 1

**Judged** by `abstained`.

| figure, simulated year | with context |
|---|---|
| roc_auc_share | 0.9 |
| line_accuracy | 0.8 |
| made_later | 0.7 |

| slice, simulated year | tickets | top 5 % |
|---|---|---|
| channel regulator_guided | 611 | 0.4 |
| customer_segment payroll | 860 | 0.1 |
"""


def cells(page: str) -> list[str]:
    return re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", page)


def test_names_stand_for_codes_in_chinese() -> None:
    told = cells(shown(CARD, Words("zh", NOW)))
    for name in (
        YEAR_NAMES["roc_auc_share"],
        CARD_NAMES["line_accuracy"],
        "渠道：监管引导",
        "客群：代发客户",
        "前 5%",
        "made_later",
        "0.9",
    ):
        assert name in told
    # The code that stands in the metrics is still to be had.
    assert 'title="roc_auc_share"' in shown(CARD, Words("zh", NOW))
    assert not {"roc_auc_share", "customer_segment payroll", "tickets"} & set(told)


def test_the_english_page_and_the_prose_stay_as_they_are() -> None:
    english = shown(CARD, Words("en", NOW))
    assert "roc_auc_share" in cells(english)
    assert "lang=" not in english
    assert "<code>abstained</code>" in shown(CARD, Words("zh", NOW))


def test_every_head_and_figure_of_the_card_has_a_name() -> None:
    heads = [line for line in _TEMPLATE.splitlines() if line.startswith("| figure")]
    codes = [*CARD_NAMES, *YEAR_NAMES]
    rows = "\n".join(f"| {code} | 1 |" for code in codes)
    for head in heads:
        rule = "|" + "---|" * (head.count("|") - 1)
        page = shown(f"{head}\n{rule}\n{rows}\n", Words("zh", NOW))
        known = [cell for cell in cells(page) if cell and cell != "1"]
        assert all(re.search("[一-龥]|AUC|Brier", cell) for cell in known), known
    parts = {"v": {"daily_recall": {}, "tickets": 1, "escalated": 1}}
    told = slice_rows([{f"by_{kind}": parts for kind in SLICES}])
    assert {row.kind for row in told} == set(SLICES)


def test_a_card_is_never_more_than_text() -> None:
    rows = "\n".join(f"| {text.replace('|', '')} | 1 |" for text in hostile())
    page = shown(f"| figure | value |\n|---|---|\n{rows}\n", Words("zh", NOW))
    assert "<script" not in page
    assert "<img" not in page
