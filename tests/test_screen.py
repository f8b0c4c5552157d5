from __future__ import annotations

import json
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from triage.masking import mask as masking
from triage.masking.look import Look
from triage.masking.signs import EVERY
from triage.screen import Screen

_TEXTS = st.lists(st.text("催收a1，卡😀\ud800\n", max_size=12), min_size=1, max_size=4)
_GATES = st.lists(st.sets(st.text("催收a1，卡", min_size=1, max_size=3), max_size=4), max_size=5)


# The first call compiles.
@settings(deadline=None)
@given(_GATES, _TEXTS)
def test_a_gate_whose_word_is_there_is_open(gates: list[set[str]], texts: list[str]) -> None:
    opened = Screen(gates)(texts)
    for text, bits in zip(texts, opened, strict=True):
        for number, words in enumerate(gates):
            if any(word in text for word in words):
                assert bits >> number & 1


def test_a_gate_without_its_sign_is_shut() -> None:
    assert Screen([["催收"], ["卡"]], beyond=[1])(["催款", "收", "年卡", "😀", ""]) == [
        0,
        0,
        2,
        2,
        0,
    ]


def test_capitals_are_small_letters() -> None:
    assert Screen([["cvv"]])(["CVV2", "c v"]) == [1, 0]


def cases() -> list[str]:
    rows = (Path(__file__).parent / "data" / "masking_cases.jsonl").read_text("utf-8").splitlines()
    return [json.loads(row)["text"] for row in rows]


def test_masking_by_signs_gives_what_every_pattern_gives() -> None:
    texts = [*cases(), *(text.upper() for text in cases()[::5])]
    assert masking.mask_many(texts) == masking._mask_all(
        texts, dict.fromkeys(range(len(texts)), Look(EVERY))
    )


@settings(deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [*"张伟的 ，号栋路3５a@姓某总一*给-何\n", "电话", "我叫", "密码", "欧阳", "卓玛", "mr "]
        ),
        max_size=20,
    )
)
def test_no_sign_is_missed(parts: list[str]) -> None:
    text = "".join(parts)
    assert [masking.mask(text)] == masking._mask_all([text], {0: Look(EVERY)})


def test_a_name_told_again_at_the_very_end_ends_with_the_text() -> None:
    # A longer name elsewhere must not lend its length to the last one.
    text = "我母亲康淑珍要退费，请民政局查人。女儿 康宁"
    found = masking.mask(text).found
    assert [text[one.start : one.end] for one in found] == ["康淑珍", "康宁"]
    assert found[-1].end == len(text)
