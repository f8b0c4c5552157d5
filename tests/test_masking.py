"""Masking: what must go goes, what must stay stays, and every position leads back."""

from __future__ import annotations

import json
import time
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.masking import CASES, PARTS, count, load
from triage.masking.mask import mask
from triage.masking.rules import (
    LABELS,
    compact,
    credit_code_valid,
    id_card_valid,
    luhn_valid,
)
from triage.masking.tokens import DROPPED
from triage.masking.view import view

EXAMPLES = {"11010519491231002X", "6222020000000000000", "91110000600037341L"}
FRAGMENTS = [
    *(
        "我叫",
        "王建国",
        "张三",
        "客户",
        "经理",
        "先生",
        "李某",
        "，",
        "：",
        " ",
        "\n",
        "身份证",
        "手机",
        "密码是",
    ),
    *(
        "验证码",
        "1380000",
        "1234",
        "6222 ",
        "0200",
        "138",
        "后面是",
        "科技路",
        "18号",
        "2单元",
        "微信号",
        "abc_123",
    ),
    *(
        "@163.com",
        "陕A",
        "[姓名1]",
        "[手机",
        "1]",
        "[已删除]",
        "一三八零",
        "①",
        "１",
        "\u200b",
        "\ufe0f\u20e3",
        "🙂",
    ),
    *(
        "\ud800",
        "\x00",
        "合同号",
        "HT2021",
        "IP",
        "10.1.2.33",
        "029-",
        "E1234",
        "5678",
        "\ufffc",
        "姓",
        "和",
        "、",
    ),
]
anything = st.text(st.characters(exclude_categories=[]), max_size=60)
mixtures = st.lists(st.one_of(st.sampled_from(FRAGMENTS), anything), max_size=14).map("".join)


def _last_id_digit(body: str) -> str:
    return next(digit for digit in "0123456789X" if id_card_valid(body + digit))


def _last_card_digit(body: str) -> str:
    return next(digit for digit in "0123456789" if luhn_valid(body + digit))


@pytest.mark.parametrize("part", PARTS)
def test_recall_and_precision_stay_above_their_floors(part: str) -> None:
    tally = count(load(part))
    assert tally.recall >= 0.99
    assert tally.precision >= 0.97


def test_the_cases_cover_every_kind_and_hold_no_real_number() -> None:
    rows = [json.loads(line) for line in CASES.read_text(encoding="utf-8").splitlines()]
    positives = [row for row in rows if row["spans"]]
    assert len(positives) >= 330
    assert len(rows) - len(positives) >= 330
    kinds = {kind for row in positives for _, _, kind in row["spans"]}
    assert kinds == {*LABELS, "secret"}
    checks = {"id_card": id_card_valid, "bank_card": luhn_valid, "credit_code": credit_code_valid}
    for row in positives:
        for start, end, kind in row["spans"]:
            value = compact(view(row["text"][start:end]).text).upper()
            assert value in EXAMPLES or kind not in checks or not checks[kind](value)


@pytest.mark.parametrize("good", [True, False])
def test_a_failed_check_digit_is_flagged_and_masked_all_the_same(good: bool) -> None:
    body = "61010419880214003"
    card = "621226200000000012"
    number, card_number = body + _last_id_digit(body), card + _last_card_digit(card)
    if not good:
        number = body + ("0" if number[-1] != "0" else "1")
        card_number = card + str((int(card_number[-1]) + 1) % 10)
    masked = mask(f"身份证{number}，卡号{card_number}，代码91110000600037341{'L' if good else 'K'}")
    assert masked.text == "身份证[身份证1]，卡号[卡号1]，代码[信用代码1]"
    assert [found.valid for found in masked.found] == [good] * 3


def test_equal_values_share_a_token_however_they_are_written() -> None:
    masked = mask("电话13800001234，就是138 0000 1234或１３８００００１２３４，不是13900001234。")
    assert masked.text == "电话[手机1]，就是[手机1]或[手机1]，不是[手机2]。"


def test_a_name_once_told_goes_everywhere_and_titles_stay() -> None:
    masked = mask("我叫王建国，李经理给王建国办的卡，柜员小张可以作证。")
    assert masked.text == "我叫[姓名1]，[姓名2]经理给[姓名1]办的卡，柜员[姓名3]可以作证。"


def test_secrets_leave_no_token_with_an_index() -> None:
    masked = mask("密码是Abc12345，验证码482913，CVV是456，有效期09/27")
    assert masked.text == f"密码是{DROPPED}，验证码{DROPPED}，CVV是{DROPPED}，有效期{DROPPED}"
    assert {found.kind for found in masked.found} == {"secret"}


@pytest.mark.parametrize(
    "text",
    [
        "拨打12378、12363、12345、96110、95588和400-820-8820都没用",
        "¥6222020，20230804入账，2023-08-04 10:15:30，年利率3.85%",
        "(2023)陕0113民初12345号，编号20230804，股票600036",
        "客户经理说张家港的王者荣耀充值要找总经理",
    ],
)
def test_what_institutions_publish_and_what_is_no_person_stays(text: str) -> None:
    assert mask(text).text == text


def test_numbers_continue_after_tokens_that_the_text_already_has() -> None:
    masked = mask("[姓名3]说他叫李建华，[手机1]不通，打13800001234")
    assert masked.text == "[姓名3]说他叫[姓名4]，[手机1]不通，打[手机2]"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[验证码123456]", "[验证码[已删除]]"),
        ("[密码654321]", "[密码[已删除]]"),
        ("客户[张伟1]说", "客户[[姓名1]1]说"),
        ("客户张伟，手机[手机13800001234]", "客户[姓名1]，手机[手机[手机1]]"),
        ("密码[已删除]123456", "密码[已删除][已删除]"),
        ("验证码：[已删除] 482913", "验证码：[已删除] [已删除]"),
        ("有效期[已删除]09/27", "有效期[已删除][已删除]"),
        ("[卡号3][QQ12][姓名999][已删除]", "[卡号3][QQ12][姓名999][已删除]"),
    ],
)
def test_what_only_looks_like_a_token_shields_no_value(text: str, expected: str) -> None:
    masked = mask(text)
    assert masked.text == expected
    assert mask(masked.text).text == expected


def test_more_values_than_numbers_share_the_last_token() -> None:
    masked = mask("[手机998]，" + "，".join(f"电话1380000{n}" for n in range(1111, 1115)))
    assert masked.text == "[手机998]，" + "，".join(["电话[手机999]"] * 4)
    assert mask(masked.text).text == masked.text


def test_a_row_of_secrets_behind_one_word_goes_whole() -> None:
    masked = mask("密码" + " ".join(["123456"] * 40))
    assert mask(masked.text).text == masked.text


@pytest.mark.parametrize(
    "written",
    [
        "138 0000 1234",
        "１３８００００１２３４",
        "①③⑧⓪⓪⓪⓪①②③④",
        "一三八零零零零一二三四",
        "1️⃣3️⃣8️⃣0️⃣0️⃣0️⃣0️⃣1️⃣2️⃣3️⃣4️⃣",
        "138\u200b0000\u200b1234",
        "138后面是0000 1234",
        "1380000\n1234",
        "l38OOOO1234",
        "幺三八〇〇〇〇一二三四",
    ],
)
def test_disguised_digits_are_digits_and_positions_are_those_submitted(written: str) -> None:
    text = f"打{written}，谢谢"
    masked = mask(text)
    assert masked.text == "打[手机1]，谢谢"
    (found,) = masked.found
    assert text[found.start : found.end] == written
    assert masked.offsets.to_source(1, 6) == (found.start, found.end)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # The numeral that ends a name is no digit of the number behind it.
        ("我叫张三，1237八打过了", "我叫[姓名1]，1237八打过了"),
        ("我叫陈九，九五五八八打来的", "我叫[姓名1]，九五五八八打来的"),
        ("我叫王小二 138零零零零5678", "我叫[姓名1] [手机1]"),
        ("一三八，零零零零，五六七八是我电话", "[手机1]是我电话"),
        ("户名 刘 德 华", "户名 [姓名1]"),
        ("户主：王 小 明，房贷", "户主：[姓名1]，房贷"),
        ("香港身份证Ａ１２３４５６（７）", "香港身份证[证件1]"),
        ("合同编号：工银贷2023第0088号", "合同编号：[合同号1]"),
    ],
)
def test_names_and_numbers_written_in_awkward_ways(text: str, expected: str) -> None:
    assert mask(text).text == expected


@given(mixtures)
@settings(max_examples=300, deadline=None)
def test_masking_twice_changes_nothing_and_offsets_lead_back(text: str) -> None:
    masked = mask(text)
    assert mask(masked.text).text == masked.text
    position = 0
    rebuilt = []
    for found in masked.found:
        rebuilt += [text[position : found.start], found.token]
        position = found.end
    assert "".join([*rebuilt, text[position:]]) == masked.text
    assert all(a.end <= b.start for a, b in pairwise(masked.found))
    assert masked.offsets.to_source(0, len(masked.text)) == (0, len(text))


@given(mixtures)
@settings(max_examples=100, deadline=None)
def test_no_value_survives_beside_its_token(text: str) -> None:
    number = "15200009753"
    assert number not in mask(f"{text}，电话{number}，{text}").text.replace(text, "")


@pytest.mark.parametrize(
    "unit",
    [
        *(
            "1",
            "1 ",
            "1-",
            "1.",
            "a",
            "a.",
            "a@",
            "@",
            "张某",
            "张三，",
            "张三：",
            "我叫张",
            "客户张三",
            "密码是1",
        ),
        *(
            "微信a",
            "路1号",
            "区",
            "省市区",
            "住在区",
            "1号",
            "王先生",
            "小张",
            "姓",
            "138后面",
            "一 ",
            "一",
            "O1",
        ),
        *(
            "合同号字",
            "有效期12",
            "身份证1",
            "qq",
            "010-",
            "+1 ",
            "1*",
            "[",
            "[姓名1]",
            "\u200b1",
            "\ud800",
            "卡1 ",
        ),
    ],
)
def test_cost_grows_with_the_length_not_with_its_square(unit: str) -> None:
    def cost(length: int) -> float:
        text = (unit * length)[:length]
        best = float("inf")
        for _ in range(3):
            begun = time.process_time()
            mask(text)
            best = min(best, time.process_time() - begun)
        return best

    mask(unit)
    # Four times the text: four times the work; a square would be sixteen.
    assert cost(20_000) < 10 * max(cost(5_000), 0.0005)


def test_cases_file_is_where_the_benchmark_looks() -> None:
    assert Path(__file__).parent / "data" / "masking_cases.jsonl" == CASES
