"""The table of spellings: its form, its safety, its conditions."""

from __future__ import annotations

from pathlib import Path

import jieba
import pytest

from triage.config import data_dir
from triage.errors import ConfigError
from triage.normalize import normalize
from triage.variants import Variant, VariantFinder, load_variants

TABLE = data_dir() / "normalize" / "variants.tsv"
# Rare spellings and misspellings that jieba's dictionary lists as words: read one by one.
_KNOWN_TO_JIEBA = (
    "摧促 通信录 搔扰 恐赫 威协 漫骂 冻洁 注消 暴光 身分证 优惠卷 拉圾 甚么 藉口 籍口 藉此 藉由 "
    "凭藉 摺叠 乾脆 乾杯 乾旱 乾燥 回覆 反覆 重覆 捱打 拚命"
)


@pytest.fixture(scope="module")
def variants() -> tuple[Variant, ...]:
    return load_variants(TABLE)


def _write(folder: Path, text: str) -> Path:
    path = folder / "variants.tsv"
    path.write_text(text, encoding="utf-8")
    return path


def test_there_are_many(variants: tuple[Variant, ...]) -> None:
    assert len({v.form for v in variants if not v.split}) >= 900


def test_both_sides_are_in_normal_form(variants: tuple[Variant, ...]) -> None:
    for variant in variants:
        assert normalize(variant.normal).text == variant.normal, variant


def test_a_form_without_condition_is_read_as_its_normal_form(variants: tuple[Variant, ...]) -> None:
    for variant in variants:
        if not variant.clauses and not variant.split:
            assert normalize(f"。{variant.form}。").text == f"。{variant.normal}。", variant


def test_a_word_of_the_dictionary_needs_a_condition(variants: tuple[Variant, ...]) -> None:
    tokenizer = jieba.Tokenizer()
    words, _ = tokenizer.gen_pfdict(tokenizer.get_dict_file())
    bare = {v.form for v in variants if not v.clauses and not v.split}
    assert {form for form in bare if words.get(form)} <= set(_KNOWN_TO_JIEBA.split())


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("预期了三天", "逾期了三天"),
        ("花呗预期", "花呗逾期"),
        ("预期3天", "逾期3天"),
        ("预期3年收益", "预期3年收益"),
        ("联系克服", "联系客服"),
        ("上征性了", "上征信了"),
        ("查正信", "查征信"),
        ("真正信任", "真正信任"),
        ("账单分歧", "账单分期"),
        ("双方有分歧", "双方有分歧"),
        ("加wx吧", "加微信吧"),
        ("wxyz", "wxyz"),
        ("m.weibo.cn", "m.weibo.cn"),
        ("发weibo曝guang", "发微博曝光"),
        ("投 述12 378", "投诉12378"),
    ],
)
def test_conditions_keep_words_apart(text: str, read: str) -> None:
    assert normalize(text).text == read


def test_the_leftmost_and_longest_wins() -> None:
    finder = VariantFinder(
        [Variant("甲乙", "一二"), Variant("甲乙丙", "一二三"), Variant("丙丁", "x")]
    )
    ((edit,),) = finder.find(["甲乙丙丁"])
    assert (edit.src_start, edit.src_end, edit.text) == (0, 3, "一二三")


def test_an_empty_table_finds_nothing() -> None:
    assert VariantFinder(()).find(["催收"]) == [[]]


@pytest.mark.parametrize(
    "row", ["只有一列\n", "甲\t甲\n", "甲乙\t丙\t哪里=丁\n", "甲乙\t丙\n甲乙\t丁\n"]
)
def test_a_malformed_row_is_named(tmp_path: Path, row: str) -> None:
    with pytest.raises(ConfigError, match=r"variants\.tsv line"):
        load_variants(_write(tmp_path, row))
