"""The shipped corpus is held to its demands, by the command that prints them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from training.corpus import LabelledRow, Mark, corpus_digest, load_corpus, text_digest
from training.corpus_check import Demands, foreign_runs, problems
from training.similarity import clusters, common_runs, near_duplicates
from triage.config import ROOT
from triage.errors import InvalidInput
from triage.masking.mask import mask
from triage.taxonomy import Taxonomy

REAL = ROOT.parent / "shared" / "real"


@pytest.mark.slow
def test_the_corpus_meets_its_demands(corpus: list[LabelledRow], taxonomy: Taxonomy) -> None:
    assert list(problems(corpus, taxonomy, Demands())) == []


@pytest.mark.slow
@pytest.mark.skipif(not REAL.is_dir(), reason="the real text that must stay outside is not here")
def test_nothing_of_the_real_text_is_in_the_corpus(corpus: list[LabelledRow]) -> None:
    assert list(foreign_runs(corpus, REAL, length=Demands().foreign_run)) == []


def test_each_way_of_falling_short_is_told(taxonomy: Taxonomy) -> None:
    good = LabelledRow(
        "1",
        "信用卡年费扣了两次要求退还",
        "fee_dispute",
        nature="complaint",
        register="note",
        group="1",
    )
    twin = replace(good, id="2", text=good.text + "。")
    broken = replace(
        good,
        id="2",
        text="身份证11010519491231002X被人办了卡",
        nature="angry",
        secondary=("fee_dispute",),
        signals=(Mark("shouting", 0, 99),),
    )
    told = " ".join(problems([good, twin, broken], taxonomy, Demands()))
    for part in (
        "id 2 stands 2 times",
        "nature, register or text is missing",
        "shouting is no signal",
        "lies outside the text",
        "repeats the line",
        "6000 wanted",
        "fee_dispute: 3 rows, 200 wanted",
        "rule 18: 0 contrast pairs",
        "near-duplicates",
        "passes its checksum",
    ):
        assert part in told


def test_a_malformed_row_is_named_with_its_line(tmp_path: Path, taxonomy: Taxonomy) -> None:
    (tmp_path / "a.jsonl").write_text('{"id":"1","text":"年费","line":"fees"}\n', "utf-8")
    with pytest.raises(InvalidInput, match=r"a\.jsonl line 1: 'fees' is no line or leaf"):
        load_corpus(taxonomy, tmp_path)


def test_the_digest_follows_a_label(corpus: list[LabelledRow]) -> None:
    first = corpus[:3]
    other = [replace(first[0], leaf="other" if first[0].leaf != "other" else "fee_dispute")]
    assert corpus_digest(first) != corpus_digest(other + first[1:])


def test_near_duplicates_and_templates_are_found() -> None:
    texts = [
        "本人信用卡逾期系因疫情失业请求停息挂账分期",
        "本人信用卡逾期系因疫情失业，请求停息挂账六十期",
        "app闪退",
    ]
    pairs = list(near_duplicates(texts, jaccard=0.4))
    assert [(a, b) for a, b, _ in pairs] == [(0, 1)]
    numbers = clusters(texts, jaccard=0.4)
    assert numbers[0] == numbers[1] != numbers[2]


def test_a_run_counts_once_a_text() -> None:
    assert common_runs(["甲乙甲乙", "甲乙"], length=2, more_than=1) == {"甲乙": 2}


def test_a_digest_is_of_the_text_as_it_is_read() -> None:
    digest = text_digest("卡号6222021234567890128年费多扣了")
    assert digest == text_digest(mask("卡号6222021234567890128年费多扣了").text)
    assert digest != text_digest("年费多扣了")
    assert len(digest) == 16
