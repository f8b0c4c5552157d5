from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from triage.engine import Engine
from triage.wire import assessment_json

STORY = "信用卡年费 ３６０ 元扣了三次，打客服没人理，再不退就打12378！我叫王建军，尾号1234"


def test_every_span_points_into_the_narrative_as_submitted(tiny_engine: Engine) -> None:
    answer = assessment_json(tiny_engine.assess([STORY])[0])
    spans = [*answer["signals"], *answer["evidence"]]
    spans += [r for r in answer["escalation"]["reasons"] if r["start"] is not None]
    assert spans
    for span in spans:
        assert STORY[span["start"] : span["end"]] == span["text"]


def test_the_leaf_probabilities_sum_to_one(tiny_engine: Engine) -> None:
    answer = tiny_engine.assess([STORY])[0]
    total = sum(score.probability for score in answer.alternatives)
    total += 0 if answer.abstained else answer.probability
    assert total == pytest.approx(1)


def test_a_name_does_not_reach_the_masked_text(tiny_engine: Engine) -> None:
    assert "王建军" not in tiny_engine.assess([STORY])[0].masked_text


def test_the_name_of_the_customer_does_not_move_the_line(tiny_engine: Engine) -> None:
    first, second = tiny_engine.assess([STORY, STORY.replace("王建军", "李秀英")])
    assert first.probability == second.probability
    assert first.line == second.line


@pytest.mark.parametrize(
    "narrative",
    [
        "",
        " \n\t",
        "😀😀😀",
        "\x00\x01\x02",
        "\ud800",
        "card was charged twice, please refund",
        "カードが使えません、助けてください",
        "ｶｰﾄﾞが使えません、助けて",
        "啊",
    ],
)
def test_what_cannot_be_read_abstains(tiny_engine: Engine, narrative: str) -> None:
    answer = tiny_engine.assess([narrative])[0]
    assert answer.abstained
    assert answer.line is None
    assert answer.abstain_reason == "no_chinese_text"


def test_an_answer_does_not_depend_on_its_neighbours(tiny_engine: Engine) -> None:
    others = ["催收天天打电话", "", "想提前还款", "花呗被冻结了" * 50]
    alone = tiny_engine.assess([STORY])[0]
    assert tiny_engine.assess([*others, STORY])[-1] == alone


def test_lines_alone_are_the_lines_of_the_whole_assessment(tiny_engine: Engine) -> None:
    texts = [STORY, "", "催收天天打电话到我单位", "app打不开"]
    whole = tiny_engine.assess(texts)
    assert [(a.line, a.subline) for a in whole] == [(x, y) for x, y, _ in tiny_engine.lines(texts)]


@settings(max_examples=60, deadline=None)
@given(st.text(st.characters(codec=None), max_size=80))
def test_no_string_crashes_it(tiny_engine: Engine, text: str) -> None:
    answer = tiny_engine.assess([text])[0]
    for signal in answer.signals:
        assert text[signal.start : signal.end] == signal.text


def test_a_life_signal_is_in_the_highest_band_by_rule(tiny_engine: Engine) -> None:
    risk = tiny_engine.assess(["催得我活不下去了，真想跳楼"])[0].escalation
    assert risk.band == "high"
    assert risk.reasons[0].kind == "rule"
    assert "跳楼" in risk.reasons[0].text or "活不下去" in risk.reasons[0].text


def test_a_quoted_life_signal_is_left_to_the_model(tiny_engine: Engine) -> None:
    risk = tiny_engine.assess(["听邻居说他同事去年跳楼了，跟我没关系，我就问年费多少"])[
        0
    ].escalation
    assert all(reason.kind != "rule" for reason in risk.reasons)


def test_without_the_rules_the_rest_of_an_answer_is_the_same(tiny_engine: Engine) -> None:
    text = "工资卡突然只收不付，房租都交不上，再不解决我就打12378"
    with_rules, without = (tiny_engine.assess([text], ruled=way)[0] for way in (True, False))
    assert with_rules.duties
    assert with_rules.owner is not None
    assert without == replace(with_rules, duties=(), owner=None, flags=(), rules_version="")
