from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.concepts import (
    BETWEEN,
    KINDS,
    Concept,
    ConceptFinder,
    expand,
    load_concepts,
)
from triage.config import data_dir
from triage.errors import ConfigError
from triage.normalize import normalize


@cache
def shipped() -> tuple[Concept, ...]:
    return load_concepts(data_dir() / "concepts")


@cache
def finder() -> ConceptFinder:
    return ConceptFinder(shipped())


def codes(text: str) -> set[str]:
    found = finder().find(normalize(text).text)
    return {finder().codes[concept] for concept, _, _ in found}


def tiny(*forms: str, unless: tuple[str, ...] = ()) -> ConceptFinder:
    return ConceptFinder([Concept("one", "一", "act", forms, unless)])


def write(folder: Path, body: str, name: str = "a.yaml") -> Path:
    (folder / name).write_text(body, encoding="utf-8")
    return folder


def test_the_thesaurus_is_broad():
    assert len(shipped()) >= 420
    assert len({form for concept in shipped() for form in concept.forms}) >= 9000
    assert {concept.kind for concept in shipped()} == set(KINDS)


def test_every_form_fires_its_concept_in_itself():
    for index, concept in enumerate(shipped()):
        for form in concept.forms:
            text = form.replace(BETWEEN, "一二")
            assert index in {hit[0] for hit in finder().find(text)}, (concept.code, form)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("失业半年,信用卡实在还不上了,能不能分60期慢慢还", {"laid_off", "ask_instalment_plan"}),
        ("天天打电话骚扰我爸妈,还说要去我单位闹", {"calls_at_night", "relatives"}),
        ("我人在家,卡在身上,半夜被刷走三千", {"not_me", "card_stolen"}),
        ("拿我身份证冒名贷款,合同不是我签的", {"identity_used", "loan_not_mine"}),
        ("卡被冻结了,什么时候能解冻", {"account_frozen", "ask_unfreeze"}),
        ("早就还清了,征信上还显示逾期", {"old_bad_record", "record_bad"}),
        ("说是存款,结果存款变保险,要求退保", {"sold_as_deposit", "insurance_dispute"}),
        ("排了两个小时队,就开一个窗口", {"queue_long", "few_windows"}),
        ("更新后闪退,人脸识别老失败", {"app_crash", "update_trouble", "face_id_trouble"}),
        ("取款机吞卡,钱没出来", {"atm_trouble"}),
        ("提前还清反倒收我违约金", {"prepay_penalty", "late_fee"}),
        ("一天到晚推销电话,谁卖的我信息", {"marketing_calls"}),
        ("P2P平台跑路,血汗钱要不回来", {"p2p", "platform_gone", "victim_of_platform"}),
        ("据悉,记者获悉该行净利润同比增长", {"news_language"}),
        ("小区物业乱收停车费", {"world_property_mgmt"}),
    ],
)
def test_what_customers_mean(text, expected):
    assert expected <= codes(text)


@pytest.mark.parametrize(
    ("text", "absent"),
    [
        ("这个软件不好用", "praise_useful"),
        ("客服态度不好,我很不满意", "praise_good"),
        ("网商贷怎么还", "mortgage"),
        ("我妈的存折丢了", "angry"),
        ("快捷支付扣款", "praise_useful"),
    ],
)
def test_a_longer_wording_cancels_a_shorter_one(text, absent):
    assert absent not in codes(text)


def test_the_longest_form_of_a_concept_wins():
    assert tiny("转账", "转账失败", "失败").find("转账失败了") == [(0, 0, 4)]
    assert tiny("还不上", "实在还不上").find("我实在还不上,还不上") == [(0, 1, 6), (0, 7, 10)]


def test_two_parts_must_be_near_and_in_one_sentence():
    found = tiny("打…电话骂")
    assert found.find("打我家电话骂人") == [(0, 0, 6)]
    assert found.find("打了我老婆单位的座机电话骂") == []
    assert found.find("他打人。电话骂我") == []
    assert found.find("电话骂,打") == []
    assert tiny("打打…打").find("打打打") == [(0, 0, 3)]


def test_letters_and_digits_do_not_match_inside_longer_ones():
    assert tiny("ui").find("build ui丑") == [(0, 6, 8)]
    assert tiny("12378").find("卡号912378,打12378") == [(0, 10, 15)]


def test_one_form_may_stand_for_two_concepts():
    both = ConceptFinder([Concept(c, c, "act", ("催款",)) for c in ("one", "two")])
    assert both.find("来催款") == [(0, 1, 3), (1, 1, 3)]


def test_a_finder_without_concepts_finds_nothing():
    assert ConceptFinder([]).find("转账") == []


def test_choices_are_spelled_out():
    assert expand("没(有|)到(账|帐)") == ["没有到账", "没有到帐", "没到账", "没到帐"]
    assert expand("转账") == ["转账"]


@given(st.text(alphabet=st.characters(codec="utf-8")), st.integers(0, 10**6))
def test_hits_lie_in_the_text_and_do_not_overlap(noise, seed):
    forms = shipped()[seed % len(shipped())].forms
    text = normalize(noise + forms[seed % len(forms)] + noise).text
    last: dict[int, int] = {}
    for concept, start, end in finder().find(text):
        assert 0 <= start < end <= len(text)
        assert start >= last.get(concept, 0)
        last[concept] = end


GOOD = "kind: act\nconcepts:\n- {code: one, zh: 一, forms: [转账, 汇款]}\n"


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (GOOD.replace("code: one", "code: 一"), "snake_case"),
        (GOOD.replace("kind: act", "kind: deed"), "a.yaml: one: kind 'deed'"),
        (GOOD.replace("zh: 一, ", ""), "needs a Chinese name"),
        (GOOD.replace("[转账, 汇款]", "[]"), "a.yaml: one has no forms"),
        (GOOD.replace("汇款", "12378"), "quote it"),
        (GOOD.replace("汇款", "款"), "2 characters"),
        (GOOD.replace("汇款", "汇…"), "A…B"),
        (GOOD.replace("汇款", "汇(款"), "汇(款"),
        (GOOD.replace("zh: 一", "zh: 一, note: x"), "unknown fields"),
        (GOOD + "- {code: one, zh: 二, forms: [取款]}\n", "one is also in a.yaml"),
        (GOOD + "- {code: two, zh: 二, forms: [汇款]}\n", "two claims '汇款', which one has"),
    ],
)
def test_a_malformed_file_is_named(tmp_path, body, message):
    with pytest.raises(ConfigError) as error:
        load_concepts(write(tmp_path, body))
    assert message in str(error.value)


def test_a_shared_form_is_allowed(tmp_path):
    body = "shared: [汇款]\n" + GOOD + "- {code: two, zh: 二, kind: ask, forms: [汇款]}\n"
    loaded = load_concepts(write(tmp_path, body))
    assert [(c.code, c.kind) for c in loaded] == [("one", "act"), ("two", "ask")]


def test_forms_are_normalised(tmp_path):
    loaded = load_concepts(write(tmp_path, GOOD.replace("汇款", "ＡＰＰ轉賬")))
    assert loaded[0].forms == ("转账", "app转账")


def test_an_empty_folder_is_refused(tmp_path):
    with pytest.raises(ConfigError, match="no concept files"):
        load_concepts(tmp_path)
