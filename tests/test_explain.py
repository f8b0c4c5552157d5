"""Phrases of evidence: whole numerals, whole words, no slight characters, exact sums."""

from __future__ import annotations

import numpy as np
import pytest

from triage.config import data_dir
from triage.engine import Engine
from triage.explain import phrases
from triage.features import Coded, code_points, encode
from triage.segment import Segmenter, load_terms

FAINT = 0.01


@pytest.fixture(scope="module")
def segmenter() -> Segmenter:
    return Segmenter(terms=load_terms(data_dir() / "terms"))


def coded(segmenter: Segmenter, texts: list[str]) -> Coded:
    words = segmenter.cut_many(code_points(texts))
    return encode(code_points(texts), words.sizes, words.bounds)


def told(segmenter: Segmenter, text: str, **pushed: float) -> list[tuple[str, float]]:
    """Give the phrases of a text in which some stretches push, and all else faintly."""
    own = coded(segmenter, [text])
    weights = np.zeros(len(own.points))
    weights[: len(text)] = FAINT
    for stretch, weight in pushed.items():
        at = text.index(stretch)
        weights[at : at + len(stretch)] = weight / len(stretch)
    (found,) = phrases(weights, own, most=5, least_share=0.06)
    for one in found:
        assert one.weight == pytest.approx(weights[one.start : one.end].sum(), abs=1e-9)
    return [(text[one.start : one.end], one.weight) for one in found]


def said(segmenter: Segmenter, text: str, **pushed: float) -> list[str]:
    return [phrase for phrase, _ in told(segmenter, text, **pushed)]


@pytest.mark.parametrize(
    ("text", "pushed", "phrase"),
    [
        ("结果多出六十八块担保费", "八块担保费", "六十八块担保费"),
        ("账上不见八千六百元，没人理", "六百元", "八千六百元"),
        ("单位拖欠三个月工资", "月工资", "三个月工资"),
        ("已经拨打四回客服", "回客服", "四回客服"),
        ("手续费是0.38%，太高", "38", "0.38%"),
        ("共计8,600.50元，请退回", "600", "8,600.50元"),
        ("去年5月3日被盗刷", "3日被盗刷", "5月3日被盗刷"),
        ("我妈妈已经七十二岁", "二岁", "七十二岁"),
        ("违约金收百分之四点五", "点五", "百分之四点五"),
    ],
)
def test_a_numeral_is_never_cut(segmenter: Segmenter, text: str, pushed: str, phrase: str) -> None:
    (found,) = said(segmenter, text, **{pushed: 3.0})
    assert found.endswith(phrase)
    assert found in text


@pytest.mark.parametrize(
    ("text", "pushed", "phrase"),
    [
        ("一看扣了年费", "扣", "扣了"),
        ("客服说什么也不退，气人", "退", "不退"),
        ("换了手机也登不上，气人", "登", "登不上"),
        ("希望银行尽快免手续费", "免", "免手续费"),
        ("请问怎么收？", "收", "怎么收"),
    ],
)
def test_a_lone_verb_takes_its_neighbour(
    segmenter: Segmenter, text: str, pushed: str, phrase: str
) -> None:
    assert said(segmenter, text, **{pushed: 3.0}) == [phrase]


def test_slight_characters_fall_away_where_anything_else_is_left(segmenter: Segmenter) -> None:
    text = "柜台就说年费照收，太荒唐"
    assert said(segmenter, text, 就=3.0, 年费=2.0, 太=2.0) == ["年费"]
    assert said(segmenter, text, 就=3.0) != []


def test_a_character_that_is_the_matter_stands_alone(segmenter: Segmenter) -> None:
    assert said(segmenter, "我的卡，被吞了", 卡=3.0) == ["卡"]


def test_what_a_phrase_grew_by_is_in_its_weight(segmenter: Segmenter) -> None:
    ((phrase, weight),) = told(segmenter, "账上不见八千六百元，没人理", 八千=-1.0, 六百元=3.0)
    assert phrase == "八千六百元"
    assert weight == pytest.approx(2.0)


def test_a_phrase_does_not_hang_on_its_neighbours_in_a_batch(segmenter: Segmenter) -> None:
    texts = ["扣了六十八", "块担保费六", "百元8", "0.5%不", "退"]
    together = coded(segmenter, texts)
    weights = np.ones(len(together.points))
    found = phrases(weights, together, most=5, least_share=0.06)
    for text, own in zip(texts, found, strict=True):
        alone = coded(segmenter, [text])
        assert phrases(np.ones(len(alone.points)), alone, most=5, least_share=0.06) == [own]
        assert all(one.end <= len(text) for one in own)


def test_evidence_of_a_model_stands_in_the_text_and_cuts_no_numeral(tiny_engine: Engine) -> None:
    texts = ["多扣我六十八块担保费，打了四回客服", "账上少了８６００元，三个月工资没发", "卡锁了"]
    for text, answer in zip(texts, tiny_engine.assess(texts), strict=True):
        for one in answer.evidence:
            assert one.start is not None
            assert one.end is not None
            assert text[one.start : one.end] == one.text
            for numeral in ("六十八块", "四回", "８６００元", "三个月"):
                at = text.find(numeral)
                if at >= 0:
                    inside = max(0, min(one.end, at + len(numeral)) - max(one.start, at))
                    assert inside in {0, len(numeral)}
