"""Words of a signal that are meant otherwise, beside sentences in which they are meant."""

from __future__ import annotations

import pytest
from signal_spans import Spans, shipped_spans


@pytest.fixture(scope="module")
def spans() -> Spans:
    """Give the texts of the signals that count, by code."""
    return shipped_spans()


@pytest.mark.parametrize(
    ("meant", "not_meant", "code"),
    [
        # Whose age, illness or schooling it is.
        ("家里的老人取不出养老钱", "希望小区给老人修个凉亭", "vulnerable"),
        ("我们小区的老人被骗走了存款", "物业在路边给老人发传单", "vulnerable"),
        ("我不会用手机，我也是老人了", "我又不是什么老人", "vulnerable"),
        ("我母亲得了肺癌", "这种粉尘致癌", "vulnerable"),
        ("我岳父有轻度痴呆", "程序员老年痴呆吧", "vulnerable"),
        ("我是低保户", "村里给他家评了低保", "vulnerable"),
        ("我是一名中专生", "老师向学生收餐费", "vulnerable"),
        ("我今年大二，没有收入", "我们店在远大二路口", "vulnerable"),
        ("我是大三学生", "页面像大三学生写的", "vulnerable"),
        ("女儿上小学三年级，手表被催收打爆", "三年级的教室没有空调", "vulnerable"),
        ("我怀孕六个月排不了队", "换个界面又不会怀孕", "vulnerable"),
        # Many, or only a word for many.
        ("我们业主求书记给我们做主", "我丈夫摔伤了，求书记给我们做主", "group"),
        ("作为平台的投资人，我们要回本金", "作为一位资深投资人，我看好它", "group"),
        ("我们这些在厂里干了半辈子的职工没人过问", "我们这些年都在厂里做账", "group"),
        ("骗了老百姓三亿多", "骗了老百姓的信任", "group"),
        ("已有数名客户受骗", "窗口前有数名客户", "group"),
        ("#某某贷诈骗# 我们的本金没了", "#某某贷诈骗# 转发", "group"),
        ("大多数储户都没拿到本金", "大多数储户喜欢定期", "group"),
        # Complained before, or only counted.
        ("这事我都说了三遍了", "太慢了，重要的事说三遍", "repeat"),
        ("退款我申请了五次", "分期可以申请几次", "repeat"),
        ("本人再次致电要求退费", "请再次致电给我", "repeat"),
        ("这已经是第二次投诉了", "这是第二次更新以后黑屏", "repeat"),
        ("之前提过意见没人改", "之前提前还过一笔", "repeat"),
        ("我多次反应都没有用", "点了好几次，它就是没反应", "repeat"),
        ("我多次拨打客服热线没人接", "催收多次拨打我电话", "repeat"),
        ("投诉已有二十多天", "投诉电话是多少天内有效", "repeat"),
        ("先后找了网点和分行，都说管不了", "先后开了两张卡", "repeat"),
        ("几次发帖都被删了", "几次发工资都晚到", "repeat"),
        ("这个缺陷我反映了这么久", "这笔钱存了这么久", "repeat"),
        # Nobody answers, or nothing works.
        ("找了商户，商户叫我找你们", "找了商户，商户当场退了", "no_response"),
        ("找客服沟通了半个月，无果", "换了手机重装，依旧无果", "no_response"),
        ("答复遥遥无期", "新楼的完工遥遥无期", "no_response"),
        ("问就是打太极", "公园里练打太极拳", "no_response"),
        ("每次都让我等通知", "每次都要等6秒钟", "no_response"),
        ("一直没有消息", "一直有个未读消息", "no_response"),
        ("投诉后一直没有解决", "闪退一直无法解决", "no_response"),
        ("商户入网申请交了，一直没人联系", "这个号码以前没人联系过", "no_response"),
        ("客服只应了一声，后来没人搭理", "他性子怪，搭理他的少", "no_response"),
        ("投诉上去，得不到答复", "利息得不到便宜", "no_response"),
    ],
)
def test_the_words_count_only_where_they_are_meant(
    spans: Spans, meant: str, not_meant: str, code: str
) -> None:
    assert code in spans(meant)
    assert code not in spans(not_meant)


@pytest.mark.parametrize(
    ("meant", "not_meant", "code"),
    [
        # Somebody in government is written to, or only named.
        ("请求县政府查处", "希望政府部门以后多宣传", "petition"),
        ("我给市长写过信", "答复要经过镇里再给市政府盖章", "petition"),
        ("恳请省里各位领导过问", "恳请分公司高层领导过问", "petition"),
        ("我们只好去北京上访", "我们准备去北京出差", "petition"),
        ("张厅长，请您看看这事", "听说有个厅长退休了", "petition"),
        ("尊敬的党中央，我们是一群储户", "学习党中央的文件", "petition"),
        ("市长热线都受理了，还是吵", "单位门牌是12345号", "petition"),
        ("希望地方领导管一管", "呼吁政府重视养老", "petition"),
        # A term that is set, or only known.
        ("请三日内书面答复", "邀请好友三日内开户有礼", "deadline"),
        ("这是给你们的最后期限", "花呗的最后期限是哪天", "deadline"),
        ("最迟明天给我答复", "最迟明天还款可以吗", "deadline"),
        ("今天不给我处理我就上门", "今天还不给额度", "deadline"),
        # The customer's own step, or another's.
        ("我报案了警察不管", "隔壁有人报案了警察不管", "legal"),
        ("我保留追究银行法律责任的权利", "开店的难道不承担法律责任", "legal"),
        ("我马上报警", "孩子要店主老板报警", "legal"),
        ("再不退我就曝光", "不久前央视晚会曝光过这类贷款", "media"),
        ("我要去网上曝光", "网上公开的利率表", "media"),
        ("我现在没法维持基本生活", "镇上缺少基本生活设施", "livelihood"),
        ("拖着农民工工资不给", "上线了农民工工资专户", "livelihood"),
        ("催收给我朋友发短信", "我给朋友发短信都正常", "third_party_contacted"),
        ("你们往我单位打电话催债", "信用卡逾期后我前往该单位说明", "third_party_contacted"),
        ("我提着锤子去找你们", "又提示锤子你提示什么", "violence"),
        ("再催我就跳楼", "开发这软件的人可以跳楼了", "self_harm"),
    ],
)
def test_a_step_counts_only_where_the_customer_takes_it(
    spans: Spans, meant: str, not_meant: str, code: str
) -> None:
    assert code in spans(meant)
    assert code not in spans(not_meant)
