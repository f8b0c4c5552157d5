from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from judge_fakes import WORDS, FakeEngine

from training.bank_report import ValidationReport
from training.cases import Case
from training.comparison import compare
from training.judge import judge
from training.judgement import Bin, Judgement, Mistake
from training.report import Extras, plots, render, year_plots
from training.report_evidence import excerpt, mistakes_told
from training.report_svg import reliability_chart
from training.report_text import comparison_text, judgement_text, table
from triage.engine import Engine
from triage.evaluation import captured
from triage.taxonomy import Taxonomy

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
CARD = "6222021234567890128"
MODEL_CARD = (
    "# jiesu fake.1\n\n| figure | value |\n|---|---|\n| ece | 0.1 |\n\n<i>x</i> ![y](a.png)"
)
YEAR = {
    "tickets": 10,
    "escalated": 1,
    "roc_auc": {"value": 0.8},
    "best": {"roc_auc": {"value": 0.9}},
    "ece": 0.01,
    "workload": [{"share": 0.1, "value": 0.4}, {"share": 0.5, "value": 0.8}],
}
CASES = [Case(f"f{i}", f"年费第{i}次多扣", "fee_dispute", register="chat") for i in range(12)]
CASES += [Case(f"x{i}", f"征信<b>第{i}条</b>卡号{CARD}", "other") for i in range(12)]


@pytest.fixture(scope="module")
def judged() -> Judgement:
    engine: Any = FakeEngine()
    return judge(engine, CASES)


@pytest.fixture(scope="module")
def page(judged: Judgement, taxonomy: Taxonomy) -> str:
    old: Any = FakeEngine({"年费": WORDS["年费"]}, version="old")
    new: Any = FakeEngine()
    extras = Extras(
        data_name="bank.csv",
        champion=judge(old, CASES),
        comparison=compare(old, new, CASES),
        validation=ValidationReport("bank.csv", "gb18030", 24, 24, 0, (), 24, 1, {}, {}, ()),
        card=MODEL_CARD,
        metrics={"simulated_year": {"with_context": YEAR}},
        evidence={"x0": (("征信<b>", True), ("第0条", False))},
    )
    return render(judged, taxonomy, extras, now=NOW)


def test_the_report_opens_offline_and_runs_nothing(page: str) -> None:
    assert "<script" not in page
    assert not re.search(r'(?:src|href)="(?!#)', page)
    assert not re.search(r"url\(|@import", page)
    # The name of the SVG language is an address that nobody visits.
    assert set(re.findall(r"https?://[^\"' ]+", page)) == {"http://www.w3.org/2000/svg"}


def test_the_report_shows_names_codes_and_figures(page: str) -> None:
    for shown in ("息费争议", "fee_dispute", "混淆矩阵", "0.500", "2026-11-23 09:00", "gb18030"):
        assert shown in page
    assert "模型卡" in page
    assert "与现任比较" in page
    assert "模拟年" in page


def test_the_model_card_is_laid_out_and_runs_nothing(page: str) -> None:
    card = page[page.index('class="card"') :]
    assert "<h1>jiesu fake.1</h1>" in card
    assert "<td>0.1</td>" in card
    assert "&lt;i&gt;x&lt;/i&gt;" in card
    assert "<img" not in page


def test_evidence_is_marked_and_escaped(page: str) -> None:
    assert "<mark>征信&lt;b&gt;</mark>第0条" in page
    assert "fake.1 给出的依据" in page


def test_precision_and_recall_of_a_line_have_intervals(judged: Judgement, page: str) -> None:
    lines = page[page.index('id="lines"') : page.index('class="confusion"')]
    assert lines.count('class="spread"') == 3 * len(judged.lines)


def test_the_simulated_year_draws_curves_and_says_what_they_are(page: str) -> None:
    drawn = year_plots({"simulated_year": {"with_context": YEAR, "narrative_alone": YEAR}})
    assert set(drawn) == {"year_capacity.svg", "year_lift.svg"}
    assert "有受理信息" in drawn["year_lift.svg"]
    assert "仅有诉求文本" in drawn["year_lift.svg"]
    for drawing in drawn.values():
        assert ElementTree.fromstring(drawing).find("{http://www.w3.org/2000/svg}title") is not None
    assert "不是真实升级结果" in page
    assert year_plots({}) == {}


def test_a_long_narrative_is_cut_around_its_evidence() -> None:
    def told(text: str, *spans: tuple[int, int]) -> list[tuple[str, bool]]:
        return list(excerpt(text, spans))

    assert told("年费多扣了", (2, 4), (0, 2), (1, 3)) == [
        ("年费", True),
        ("多", True),
        ("扣", True),
        ("了", False),
    ]
    assert told("年费") == [("年费", False)]
    far = "话" * 500 + "盗刷" + "话" * 500
    pieces = told(far, (500, 502))
    assert pieces[0] == ("…", False)
    assert ("盗刷", True) in pieces
    assert pieces[-1] == ("…", False)
    assert sum(len(words) for words, _ in pieces) == 242


def test_a_models_own_evidence_stands_in_the_masked_text(tiny_engine: Engine) -> None:
    text = f"信用卡年费说好免的，又扣了三百，卡号{CARD}"
    mistakes = [Mistake("a", "other", "fee_dispute", 0.9, text)]
    told = mistakes_told(
        tiny_engine, [Case("a", text, "other"), Case("b", "别的", "other")], mistakes
    )
    assert told.keys() == {"a"}
    assert any(pushed for _, pushed in told["a"])
    assert CARD not in "".join(words for words, _ in told["a"])
    assert mistakes_told(tiny_engine, [], []) == {}


def test_narratives_are_masked_and_escaped(page: str) -> None:
    assert CARD not in page
    assert "[卡号1]" in page
    assert "&lt;b&gt;第" in page


def test_a_report_for_tracking_shows_no_row(judged: Judgement, taxonomy: Taxonomy) -> None:
    old: Any = FakeEngine({"年费": WORDS["年费"]}, version="old")
    new: Any = FakeEngine()
    extras = Extras(comparison=compare(old, new, CASES))
    assert judged.mistakes
    assert extras.comparison is not None
    assert extras.comparison.disagreements
    page = render(judged, taxonomy, extras, texts=False)
    assert "最有把握的错误" not in page
    assert "年费第" not in page
    assert "条</b>卡号" not in page
    assert "条&lt;/b&gt;" not in page


def test_every_tag_is_closed(page: str) -> None:
    class Balance(HTMLParser):
        void = frozenset({"meta", "br"})

        def __init__(self) -> None:
            super().__init__()
            self.open: list[str] = []

        def handle_starttag(self, tag: str, attrs: object) -> None:
            if tag not in self.void:
                self.open.append(tag)

        def handle_startendtag(self, tag: str, attrs: object) -> None:
            assert tag in {"path", "circle"}

        def handle_endtag(self, tag: str) -> None:
            assert self.open.pop() == tag

    balance = Balance()
    balance.feed(page)
    assert balance.open == []


def test_a_judgement_alone_is_a_report_too(judged: Judgement, taxonomy: Taxonomy) -> None:
    page = render(judged, taxonomy)
    assert "与现任比较" not in page
    assert "模型卡" not in page


def test_the_curves_are_well_formed_and_named(judged: Judgement) -> None:
    drawn = plots(judged, champion=judged)
    assert set(drawn) == {"risk_coverage.svg", "reliability.svg"}
    for drawing in drawn.values():
        root = ElementTree.fromstring(drawing)
        assert root.find("{http://www.w3.org/2000/svg}title") is not None


def test_small_probabilities_are_drawn_large() -> None:
    drawing = reliability_chart([Bin(10, 0.01, 0.02), Bin(10, 0.03, 0.04)], title="风险")
    assert ">5%<" in drawing
    assert ">100%<" not in drawing
    assert reliability_chart([], title="无")


def test_a_chinese_character_is_two_columns_wide() -> None:
    first, _, second = table(["名", "code", "n"], [["息费争议", "fee", "1"]]).splitlines()
    assert first.index("code") == 2 + 6 + 1
    assert second.index("fee") == 4 + 2


def test_the_terminal_tells_the_same(judged: Judgement, taxonomy: Taxonomy) -> None:
    told = judgement_text(judged, taxonomy)
    assert "业务线准确率" in told
    assert "fee_dispute" in told
    old: Any = FakeEngine({"年费": WORDS["年费"]}, version="old")
    new: Any = FakeEngine()
    compared = comparison_text(compare(old, new, CASES), taxonomy)
    assert "A old, B fake.1, 24 rows, 12 disagreements" in compared
    assert CARD not in compared


def test_what_is_found_first_is_drawn_where_outcomes_are_known() -> None:
    engine: Any = FakeEngine()
    cases = [replace(case, escalated_30d=i % 4 == 0) for i, case in enumerate(CASES)]
    drawn = plots(judge(engine, cases))
    assert "found" in drawn["capacity.svg"]
    assert "×" in drawn["lift.svg"]
    assert not {"capacity.svg", "lift.svg"} & set(plots(judge(engine, CASES)))


def test_shares_found_rise_evenly_over_equal_scores() -> None:
    truth = np.array([True, False, False, True])
    looked, found = captured(truth, np.array([0.9, 0.5, 0.5, 0.5]))
    assert looked.tolist() == [0.25, 0.5, 0.75, 1.0]
    assert found == pytest.approx([0.5, 2 / 3, 5 / 6, 1.0])
    assert np.isnan(captured(~truth & truth, np.arange(4.0))[1]).all()
