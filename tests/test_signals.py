"""What a rule makes of denial, danger, grief and announcement, and where its spans end."""

from __future__ import annotations

import pytest
from signal_spans import Spans, shipped_spans


@pytest.fixture(scope="module")
def spans() -> Spans:
    """Give the texts of the signals that count, by code."""
    return shipped_spans()


@pytest.mark.parametrize(
    "text",
    [
        "我没有打12378，也不想打",
        "我没打12378",
        "我从没打过12378",
        "12378我没打过",
        "我没有向银保监投诉",
        "我们也没去银保监投诉",
    ],
)
def test_a_complaint_not_made_is_no_threat_and_no_past(spans: Spans, text: str) -> None:
    assert not set(spans(text)) & {"regulator_threat", "regulator_past"}


@pytest.mark.parametrize(
    "text",
    [
        "你们没处理，我就打12378",
        "我还没打12378，再不处理我就打12378",
        "我没办法只能打12378",
        "我没打通客服就打12378",
        "再拖下去，银保监举报你们",
    ],
)
def test_a_negation_of_something_else_leaves_the_threat(spans: Spans, text: str) -> None:
    assert "regulator_threat" in set(spans(text))


@pytest.mark.parametrize(
    "text",
    [
        "再打我就从你们行楼上跳下去",
        "我就跳下去",
        "我就从你们楼顶跳下来",
        "我已经买好了农药",
        "我已经准备好了安眠药",
        "要是再打我就跳楼",
        "如果再催我就从楼上跳下去",
        "你们是不是要逼我跳楼？",
        "我老公跳楼走了，再逼我我也跳楼",
        "我老公去年跳楼走了，我也不想活了",
    ],
)
def test_a_life_in_danger_is_heard(spans: Spans, text: str) -> None:
    assert "self_harm" in set(spans(text))


@pytest.mark.parametrize(
    "text",
    [
        "我老公去年跳楼走了",
        "我爸前年喝农药去世，留下这笔债",
        "我不会从楼上跳下去",
        "基金净值一下子跳下来",
        "贷款买好了农药化肥，就等春耕",
    ],
)
def test_a_past_death_or_a_harmless_leap_is_no_danger(spans: Spans, text: str) -> None:
    assert "self_harm" not in set(spans(text))


@pytest.mark.parametrize(
    ("text", "heard"),
    [
        ("我要带人去你们网点堵门", True),
        ("再不退我就叫上兄弟堵门", True),
        ("我没有带人去网点堵门", False),
        ("催收说要带人堵门", False),
    ],
)
def test_whose_doors_are_barred_matters(spans: Spans, text: str, heard: bool) -> None:
    assert ("violence" in set(spans(text))) is heard


@pytest.mark.parametrize(
    ("text", "code", "heard"),
    [
        ("我下周去信访局", "petition", True),
        ("下周我去信访办", "petition", True),
        ("我下周不去信访局", "petition", False),
        ("催收把我逾期的事告诉了我公司领导", "third_party_contacted", True),
        ("你们告诉了我单位领导", "third_party_contacted", True),
        ("我告诉了我老公", "third_party_contacted", False),
    ],
)
def test_steps_announced_and_debts_told_to_others(
    spans: Spans, text: str, code: str, heard: bool
) -> None:
    assert (code in set(spans(text))) is heard


@pytest.mark.parametrize(
    ("text", "code", "end"),
    [
        ("人家八十岁了还要跑", "vulnerable", "八十岁"),
        ("我今年七十八岁了", "vulnerable", "七十八岁"),
        ("工人的工资发不下来", "livelihood", "发不下来"),
        ("养老金取不出来", "livelihood", "取不出来"),
        ("工资卡被冻结", "livelihood", "冻结"),
        ("再逼我就死给你看", "self_harm", "死给你看"),
        ("你们这是逼死我们", "self_harm", "逼死我们"),
        ("我就从你们楼上跳下去", "self_harm", "跳下去"),
        ("惹急了我杀了你们", "violence", "杀了你们"),
        ("我下周去信访局", "petition", "信访局"),
    ],
)
def test_a_signal_ends_with_its_word(spans: Spans, text: str, code: str, end: str) -> None:
    found = spans(text).get(code)
    assert found
    assert all(span.endswith(end) for span in found)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("我去派出所报的案，回执还在抽屉里", "legal"),
        ("我报了两次警，民警让我等", "legal"),
        ("我们已经把合同交给律师", "legal"),
        ("逾期我将以侵害名誉为由诉至法院", "legal"),
        ("下一站就是12378", "regulator_threat"),
        ("我会把材料递到金融监管局", "regulator_threat"),
        ("银保监那边我上周递的材料", "regulator_past"),
        ("我们商量好了礼拜一去信访局", "petition"),
        ("录音我已经给了都市频道", "media"),
        ("先后四次致电客服，口径都不一样", "repeat"),
        ("三次我都说得很清楚，别再推销", "repeat"),
        ("向贵局反映后，至今拒不退还", "repeat"),
        ("跟我一样的房客还有二十多个", "group"),
        ("附：三十六户签名", "group"),
        ("昨晚我把安眠药倒出来数了数", "self_harm"),
        ("我爱人说活着没意思，不如跳河", "self_harm"),
        ("没脸见人，我就想跳江", "self_harm"),
        ("有几晚站在天台上想着跳下去", "self_harm"),
        ("再来贴条我拎着扳手等他", "violence"),
        ("爸爸有肺气肿，走几步就喘", "vulnerable"),
        ("她怀了五个月，经不起吓", "vulnerable"),
        ("问了六回，每次都说系统在处理中", "no_response"),
        ("等着这钱给瓦工发工钱", "livelihood"),
        ("就等着这钱给老伴开刀", "livelihood"),
        ("请在月底前给个书面说法", "deadline"),
        ("客服说找营业厅，营业厅说找客服", "no_response"),
        ("请民政局领导派人来看看", "petition"),
        ("他们找到我二叔的摊子上来要钱，说我欠网贷", "third_party_contacted"),
        ("那是孩子上大学的学费", "livelihood"),
        ("心脏放过两个支架的人", "vulnerable"),
        ("催收把我的欠条发到家长群里", "third_party_contacted"),
        ("催收的跑来敲对门，问我几点回家", "third_party_contacted"),
    ],
)
def test_a_signal_is_heard_however_it_is_put(spans: Spans, text: str, code: str) -> None:
    assert code in spans(text)


@pytest.mark.parametrize(
    ("said", "unsaid", "code"),
    [
        ("我之前投诉过一次", "之前从来没有投诉过", "repeat"),
        ("催收打给我单位", "催收没有打给我单位", "third_party_contacted"),
        ("同事接到催收电话了", "催收天天打我，同事都没接到电话", "third_party_contacted"),
        ("不退我就报警", "客户不要求报警，退钱即可", "legal"),
        ("我们八十多户联名", "村里要八十多户联名，我没签", "group"),
        ("家里有老人", "家里无老人", "vulnerable"),
        ("三天了没人回复", "若三天没人回复我再来问", "no_response"),
    ],
)
def test_a_denial_anywhere_in_the_clause_counts(
    spans: Spans, said: str, unsaid: str, code: str
) -> None:
    assert code in spans(said)
    assert code not in spans(unsaid)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("病友劝我去上访", "petition"),
        ("我小姑子打过12378，退了她那份", "regulator_past"),
        ("催收吓我说不还就起诉", "legal"),
        ("平台老板跑路，公安早就立案", "legal"),
        ("网点门口有个老太太在吵架", "vulnerable"),
        ("来表扬一下，老人用着也方便", "vulnerable"),
        ("我靠手艺吃饭", "livelihood"),
        ("这事不影响吃饭", "livelihood"),
        ("钱打到我妈的折子上就行", "third_party_contacted"),
        ("没有人催收，是推销贷款的打给我爱人", "third_party_contacted"),
        ("这事有没有人管", "no_response"),
        ("听说有人欠钱喝农药，我不会", "self_harm"),
        ("请你们安排一个人回复我", "repeat"),
        ("被吵得快要跳楼，纯属口头话", "self_harm"),
        ("请贵中心领导给个方案", "petition"),
        ("材料已递交银保监分局", "legal"),
    ],
)
def test_words_that_only_look_alike_do_not_count(spans: Spans, text: str, code: str) -> None:
    assert code not in spans(text)
