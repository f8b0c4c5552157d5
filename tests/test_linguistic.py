"""The reader: what counts as a signal, what only looks like one, and what entities it finds."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from triage.config import data_dir
from triage.cues import load_cues
from triage.errors import ConfigError
from triage.features import code_points
from triage.linguistic import Reader
from triage.normalize import normalize
from triage.records import Mention, Status
from triage.segment import Segmenter
from triage.signal_rules import load_rules
from triage.signals import Spotter

_PIECES = [
    *"我再不就没说万2,。群妈\ud800𠮷\n冻天户①",
    *("打了", "12378", "三次", "七十", "报警", "不是", "学费", "等了", "我们", "催收", "单位"),
]


@pytest.fixture(scope="module")
def reader() -> Reader:
    return Reader()


@pytest.fixture(scope="module")
def segmenter() -> Segmenter:
    return Segmenter(terms=())


@pytest.fixture
def read(reader: Reader, segmenter: Segmenter):
    def run(text: str) -> tuple[Mention, ...]:
        normal = normalize(text).text
        return reader.read(normal, segmenter.cut(normal))

    return run


@pytest.fixture
def codes(reader: Reader, read):
    return lambda text: {m.code for m in reader.signals(read(text))}


def values(mentions: tuple[Mention, ...], kind: str) -> list[float | None]:
    return [m.value for m in mentions if m.code == kind]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("我上周已经打了12378，你们还拖", "regulator_past"),
        ("金融局转：借款人反映息费过高", "regulator_past"),
        ("今天再不给我退，我就打12378", "regulator_threat"),
        ("再这样我就发抖音让大家评评理", "media"),
        ("截图我已经发微博了", "media"),
        ("当天就去派出所报了案", "legal"),
        ("不退钱我就去法院起诉你们", "legal"),
        ("尊敬的市长您好，我是一名外卖骑手", "petition"),
        ("为这事我去信访局递过材料", "petition"),
        ("客服电话打了四次，次次说登记", "repeat"),
        ("多次投诉都是同一个答复", "repeat"),
        ("我们二十三户业主都被骗了", "group"),
        ("逼得我不想活了", "self_harm"),
        ("逼急了我跟你们同归于尽", "violence"),
        ("我妈七十三岁了不会用手机", "vulnerable"),
        ("我怀孕六个月，受不了惊吓", "vulnerable"),
        ("投诉以后石沉大海", "no_response"),
        ("银行让我找平台，平台让我找银行", "no_response"),
        ("卡里是孩子的学费，全冻住了", "livelihood"),
        ("限你们三日内答复", "deadline"),
        ("催收把电话打到我单位，同事全知道了", "third_party_contacted"),
    ],
)
def test_a_stated_signal_is_found(codes, text: str, code: str) -> None:
    assert code in codes(text)


@pytest.mark.parametrize(
    ("said", "unsaid", "code"),
    [
        ("再不处理我就打12378", "我不会去打12378", "regulator_threat"),
        ("再不处理我就打12378", "犯不着打12378，好好说就行", "regulator_threat"),
        ("不解决我就发抖音曝光", "我也没想发抖音，就想问问", "media"),
        ("我已经报警了", "我没报警", "legal"),
        ("不退我就起诉你们", "我不打算起诉，协商就好", "legal"),
        ("不给说法我就去上访", "我不是要上访，就是提个意见", "petition"),
        ("逼得我想跳楼", "你放心，我没想跳楼", "self_harm"),
        ("我妈是低保户", "我妈不是低保户", "vulnerable"),
        ("我都投诉过两次了", "我没投诉过", "repeat"),
    ],
)
def test_denial_removes_the_signal(codes, said: str, unsaid: str, code: str) -> None:
    assert code in codes(said)
    assert code not in codes(unsaid)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("听说打12378就能免息，是真的吗", "regulator_threat"),
        ("网上有人说发抖音曝光管用，我没那闲心", "media"),
        ("我邻居去年起诉过银行，拖了半年", "legal"),
        ("催收威胁说要起诉，我该怎么办", "legal"),
        ("朋友劝我报警，我还没去", "legal"),
        ("邻村有人去县里上访过", "petition"),
        ("催收说要打给我单位，是真的吗", "third_party_contacted"),
        ("我儿子叫我打12378，我说用不着", "regulator_threat"),
    ],
)
def test_words_of_others_and_questions_do_not_count(codes, text: str, code: str) -> None:
    assert code not in codes(text)


def test_a_denied_mention_is_still_reported_with_its_status(read) -> None:
    denied = [m for m in read("我不打算起诉你们") if m.code == "legal"]
    assert denied
    assert all(m.status is Status.DENIED for m in denied)


def test_what_happened_is_past_and_what_is_announced_is_a_threat(codes) -> None:
    assert codes("我已经向银保监局投诉过了") & {"regulator_past", "regulator_threat"} == {
        "regulator_past"
    }
    assert codes("再不解决我就向银保监局投诉") == {"regulator_threat"}


@pytest.mark.parametrize("branch", ["解放路支行", "城东支行", "某某农商行营业部"])
def test_another_branch_changes_nothing(codes, branch: str) -> None:
    assert codes(f"{branch}的卡，打了五次电话没人管，再拖我就打12378") == {
        "repeat",
        "no_response",
        "regulator_threat",
    }


def test_news_is_nobodys_signal(codes) -> None:
    news = "记者近日获悉，某平台出借人三百余名到公安机关报案，警方已立案侦查。"
    assert not codes(news) & {"legal", "group", "media"}


def test_signals_of_one_code_do_not_overlap(reader: Reader, read) -> None:
    text = "我们二十三户业主联名投诉，多次投诉没人管，前前后后跑了五趟，再拖就打12378"
    found = reader.signals(read(text))
    for code in {m.code for m in found}:
        spans = sorted((m.start, m.end) for m in found if m.code == code)
        assert all(a[1] <= b[0] for a, b in pairwise(spans))


def test_amounts_are_in_yuan(read) -> None:
    text = "借了2万3，到手1.2w，扣我五百块，还有￥3,000，服务费132.5元"
    assert values(read(text), "amount_cny") == [23_000, 12_000, 500, 3_000, 132.5]


def test_what_only_looks_like_an_amount(read) -> None:
    assert values(read("万一出事，20万人都在用，第31天，尾号1234，三年级"), "amount_cny") == []


def test_durations_are_in_days_and_dates_are_not_durations(read) -> None:
    found = read("2021年3月5日申请，等了三个半月，又拖五十多天，半年了")
    assert values(found, "duration") == [105, 50, 182.5]
    assert values(found, "date") == [20210305]


def test_earlier_contacts_are_counted(read) -> None:
    assert values(read("电话打了四次，跑了五趟网点，投诉12次"), "contact_count") == [4, 5, 12]


def test_parties_and_products(read) -> None:
    kinds = {m.code for m in read("催收打到我单位，说信用卡逾期要找我妈，我报给派出所了")}
    assert {
        "party.collector",
        "party.employer",
        "party.relative",
        "party.police",
        "product.credit_card",
    } <= kinds


def test_a_narrative_without_triggers_never_becomes_a_doc() -> None:
    reader = Reader()
    assert reader.read("你好呀", ["你好", "呀"]) == ()
    assert reader._entities is None


@settings(max_examples=200, deadline=None)
@given(
    st.text(max_size=80)
    | st.lists(
        st.sampled_from(_PIECES),
        max_size=30,
    ).map("".join)
)
def test_no_string_crashes_and_offsets_hold(text: str) -> None:
    reader, segmenter = _shared()
    words = segmenter.cut(text)
    for mention in reader.read(text, words):
        assert text[mention.start : mention.end] == mention.text != ""


def test_a_rule_without_trigger_is_refused(tmp_path: Path) -> None:
    (tmp_path / "lists.yaml").write_text("x: a", encoding="utf-8")
    (tmp_path / "bad.yaml").write_text('code: legal\nrules: [{patterns: ["报警"]}]')
    with pytest.raises(ConfigError, match="no <trigger>"):
        load_rules(tmp_path)


def test_every_trigger_is_in_the_form_that_normalisation_gives() -> None:
    for rule in load_rules(data_dir() / "signals"):
        for word in rule.triggers:
            assert normalize(word).text == word, (word, rule.pattern.pattern)


def test_cue_families_named_by_rules_exist() -> None:
    folder = data_dir() / "signals"
    cues = load_cues(folder)
    for rule in load_rules(folder):
        cues.over("我").status(0, 1, families=rule.cues, default=rule.status)


def test_spotter_reports_nothing_without_triggers() -> None:
    folder = data_dir() / "signals"
    assert Spotter(load_rules(folder), load_cues(folder)).find("好") == []


_made: list[tuple[Reader, Segmenter]] = []


def _shared() -> tuple[Reader, Segmenter]:
    if not _made:
        _made.append((Reader(), Segmenter(terms=())))
    return _made[0]


def test_what_the_risk_needs_is_what_a_whole_reading_gives(reader: Reader) -> None:
    text = "我打了三次客服,欠5万元,去年就还清了,再不处理我去12378投诉"
    wanted = {"amount_cny", "contact_count"} | reader.codes
    whole = [m for m in reader.read(text, list(text)) if m.code in wanted]
    assert list(reader.read_for_risk([text], code_points([text]))[0]) == whole
    assert {m.code for m in whole} > {"amount_cny", "contact_count"}
