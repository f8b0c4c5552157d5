"""One form for many spellings, and the way back to what was submitted."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from triage.normalize import normalize

# Pieces that meet each other in nasty ways, besides whatever characters there are.
_SINGLE = (
    "催收.*帐預期欠還款yhk三七八黑mao!…。 \n\t\u3000\u200b\ufe0f\u20e3"
    "😡\ud800\U00020000著乾名登陆１，c咔花贝呗征信-_12"
)
_PIECES = st.sampled_from([*_SINGLE, "12", "...", "[姓名1]", "[QQ1]", "银行", "信用"])
_TEXTS = st.one_of(
    st.text(st.characters(codec=None, exclude_categories=())),
    st.lists(_PIECES).map("".join),
)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("ＡＴＭ　取款１２３４", "atm 取款1234"),
        ("要求停止催收，協商還款", "要求停止催收,协商还款"),
        ("徵信報告有誤，請覆核", "征信报告有误,请覆核"),
        ("太氣人了！！！！為什麼？？？", "太气人了!为什么?"),
        ("无语……。。。~~~", "无语…。~"),
        ("等等...好吗", "等等…好吗"),
        ("催 收、催.收、催*收、c收", "催收、催收、催收、催收"),
        ("已經打了1237八", "已经打了12378"),
        ("yhk被冻解了", "银行卡被冻结了"),
        ("黑MAO投訴", "黑猫投诉"),
        ("1️⃣2️⃣3️⃣7️⃣8️⃣", "12378"),
        ("⼯⾏app", "工行app"),
        ("第一段\r\n\r\n　　第二段", "第一段\n第二段"),
        ("年利率3.5%。", "年利率3.5%。"),
        ("app 打不开", "app 打不开"),
        ("😡😡退钱❤️", "😡😡退钱❤"),
        ("", ""),
    ],
)
def test_what_is_written_many_ways_is_read_one_way(written: str, read: str) -> None:
    assert normalize(written).text == read


@pytest.mark.parametrize(
    "token", ["[姓名1]", "[QQ1]", "[IP12]", "[微信3]", "[身份证1]", "[已删除]"]
)
def test_what_masking_put_in_survives(token: str) -> None:
    assert normalize(f"我是{token}，转给 {token}的").text == f"我是{token},转给 {token}的"


@pytest.mark.parametrize(
    "plain",
    [
        "理财预期收益没达到",
        "乾隆年间的著名建筑",
        "蚊帐和帐篷",
        "台风登陆沿海",
        "象征性地赔了五十",
        "携带款项",
        "国家政信项目",
        "克服困难",
        "现代款式",
        "银监会",
    ],
)
def test_ordinary_words_that_look_like_variants_stay(plain: str) -> None:
    assert normalize(plain).text == plain


@settings(max_examples=300)
@given(_TEXTS)
def test_normalising_twice_changes_nothing(text: str) -> None:
    once = normalize(text).text
    again = normalize(once)
    assert again.text == once
    assert not again.offsets.out_starts


@settings(max_examples=300)
@given(_TEXTS)
def test_offsets_point_into_the_original(text: str) -> None:
    found = normalize(text)
    last = 0
    for i in range(len(found.text)):
        start, end = found.offsets.to_source(i, i + 1)
        assert 0 <= start < end <= len(text)
        assert start >= last or found.offsets.to_source(i - 1, i)[1] >= end
        last = start
    assert found.offsets.to_source(0, len(found.text))[0] <= len(text)


def test_a_spelling_is_pointed_at_whole() -> None:
    text = "他们天天 催.收，真烦"
    found = normalize(text)
    at = found.text.index("催收")
    start, end = found.offsets.to_source(at, at + 2)
    assert text[start:end] == "催.收"
    at = found.text.index("真烦")
    start, end = found.offsets.to_source(at, at + 2)
    assert text[start:end] == "真烦"


def test_unpaired_surrogates_are_replaced() -> None:
    assert normalize("卡\ud83d号").text == "卡\ufffd号"
