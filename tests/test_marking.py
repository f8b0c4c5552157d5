from __future__ import annotations

from math import log, sqrt

import pytest

from training.marking import marking_words
from triage.errors import InvalidInput

WORDS = [["年费", "年费", "年费", "银行"], ["冻结", "银行", "银行", "银行"]]


def test_a_word_has_the_log_odds_and_the_z_that_are_worked_out_by_hand() -> None:
    # Eight words, a prior of four: each word's prior is half its count. 年费: 3 of 4 inside and
    # none of 4 outside, prior 1.5. So (3 + 1.5) / (4 + 4 - 4.5) against (0 + 1.5) / (8 - 1.5).
    odds = log(4.5 / 3.5) - log(1.5 / 6.5)
    first, second = marking_words(WORDS, ["fee", "control"], prior_words=4)["fee"]
    assert (first.word, first.inside, first.outside) == ("年费", 3, 0)
    assert first.log_odds == pytest.approx(odds)
    assert first.z == pytest.approx(odds / sqrt(1 / 4.5 + 1 / 1.5))
    # 银行: 1 inside, 3 outside, prior 2.
    odds = log(3 / 5) - log(5 / 3)
    assert (second.word, second.inside, second.outside) == ("银行", 1, 3)
    assert second.z == pytest.approx(odds / sqrt(1 / 3 + 1 / 5))


def test_a_word_seen_once_does_not_come_before_one_seen_often() -> None:
    often = [["年费", "银行"]] * 300 + [["罕见"]]
    rest = [["银行", "冻结"]] * 300
    labels = ["fee"] * len(often) + ["control"] * len(rest)
    found = marking_words([*often, *rest], labels)["fee"]
    assert found[0].word == "年费"
    assert found[0].z > 1.96 > next(one.z for one in found if one.word == "罕见")


def test_what_cannot_be_said_is_not_said() -> None:
    assert marking_words([["一"], ["一"]], ["a", "b"]) == {"a": [], "b": []}
    assert marking_words([], []) == {}
    with pytest.raises(InvalidInput):
        marking_words(WORDS, ["a", "b"], prior_words=0)
