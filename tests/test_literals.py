from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from triage.config import data_dir
from triage.literals import needed
from triage.signal_rules import Rule, load_rules


@pytest.fixture(scope="module")
def rules() -> tuple[Rule, ...]:
    return load_rules(data_dir() / "signals")


@pytest.mark.parametrize(
    ("pattern", "wanted"),
    [
        ("投诉", [{"投诉"}]),
        ("投诉?", [{"投"}]),
        ("(?:投诉|举报)了", [{"投诉", "举报"}, {"了"}]),
        ("(?:投诉|举报)?了", [{"了"}]),
        ("(?:a|b*)c", [{"c"}]),
        ("a{0,3}b{2}", [{"b"}]),
        ("(?<!不)投诉(?!电话)", [{"投诉"}]),
        ("[投诉]了?", []),
        (r"a\.b", [{"a.b"}]),
        (r"(..)\1说", [{"说"}]),
        ("(?i)a", []),
        ("退|还款", [{"退", "还款"}]),
        ("(?P<sum>退)款", [{"款"}, {"退"}]),
    ],
)
def test_what_a_pattern_needs(pattern: str, wanted: list[set[str]]) -> None:
    assert [set(words) for words in needed(pattern)] == wanted


@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_every_match_of_every_rule_holds_what_it_needs(
    rules: tuple[Rule, ...], data: st.DataObject
) -> None:
    pattern = re.compile(data.draw(st.sampled_from(rules)).pattern.pattern)
    text = data.draw(st.from_regex(pattern, fullmatch=True))
    if re.fullmatch(pattern, text):
        assert all(any(word in text for word in words) for words in needed(pattern.pattern))
