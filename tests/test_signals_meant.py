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


@pytest.mark.parametrize(
    ("meant", "not_meant", "code"),
    [
        # What is carried to the bank, what is done to its people, what is said without the word.
        ("再拖我就提着斧头到你们柜台", "我在五金店买斧头刷卡没积分", "violence"),
        ("我抱着煤气罐上你们营业厅", "煤气罐涨价,想办个分期", "violence"),
        ("我用汽油把你们网点烧了", "加油站汽油优惠没到账", "violence"),
        ("把你们支行点了", "我把你们的链接点了", "violence"),
        ("我拿农药泼你们柜台", "农药化肥补贴发到哪张卡", "violence"),
        ("如果再催我就带刀上门", "有人带刀抢银行被抓", "violence"),
        ("我往你们大厅扔石头", "我拿着汽油发票去报销", "violence"),
        ("我要宰了你们经理", "你们这是宰客", "violence"),
        ("你们行长等着收尸吧", "你们等着收款吧", "violence"),
        ("我开车撞你们大门", "我开车被人撞了,理赔没到", "violence"),
        ("把你们柜台的玻璃砸了", "气得我把手机砸了", "violence"),
        ("催收说要打断我的腿", "打死我也不用你们的卡", "violence"),
        ("老子带刀去找你们", "我没说要带刀去找你们", "violence"),
        # A life in danger, told without its name.
        ("农药都备好了", "药都备好了,医保卡刷不了", "self_harm"),
        ("我现在就站在楼顶", "我站在楼顶还是没信号", "self_harm"),
        ("孩子以后就拜托你们了", "这张卡以后就拜托你们了", "self_harm"),
        ("我同学去年跳楼走了,我也不想活了", "我同学去年跳楼没了", "self_harm"),
        ("绳子我都挂好了", "晾衣绳子我都挂好了", "self_harm"),
        ("你们来给我收尸吧", "你们来给我收款吧", "self_harm"),
        ("我死了你们就清净了", "我死了这条心", "self_harm"),
        ("一瓶安眠药我都喝下去了", "保险的自杀条款怎么赔", "self_harm"),
    ],
)
def test_a_danger_is_heard_and_its_words_alone_are_not(
    spans: Spans, meant: str, not_meant: str, code: str
) -> None:
    assert code in spans(meant)
    assert code not in spans(not_meant)


@pytest.mark.parametrize(
    ("meant", "not_meant", "code"),
    [
        ("举着横幅到你们支行", "你们门口拉横幅搞活动", "group"),
        ("我去市政府门口跪着", "市政府门口的取款机坏了", "petition"),
        ("12345我前天打了", "密码设的12345", "petition"),
        ("我要上小红书投诉你们", "我在小红书看到你们的卡", "media"),
        ("如果还不退我就找记者", "要是能找记者就好了", "media"),
        ("我要找记者曝光你们", "真想找记者曝光你们", "media"),
        ("我拨过人民银行的投诉电话", "我打过人行的征信报告", "regulator_past"),
        ("我反映到央行了,没用", "央行降息了", "regulator_past"),
        ("消保局我上周去过了", "消保局旁边的网点搬了", "regulator_past"),
        ("是不是要我去人行门口坐着", "要不要打12378", "regulator_threat"),
        ("如果不解决我就打12363", "12363打了有没有用", "regulator_threat"),
        ("我要去金管局投诉", "我没说要去金管局投诉", "regulator_threat"),
        ("让银保监来查你们", "网上说打12378有用", "regulator_threat"),
        ("如果不给我办我就报警", "报警器一直响", "legal"),
        ("你们把我单位座机都打爆了", "我把客服电话都打爆了", "third_party_contacted"),
        ("催收骚扰第三方", "停止第三方催收", "third_party_contacted"),
        ("催收联系了我家人", "我联系了我家人凑钱还款", "third_party_contacted"),
        ("到现在没有任何说法", "我没有说过要投诉", "no_response"),
        ("没有对我的投诉作出任何回复", "投诉当天就作出了回复", "no_response"),
        ("投诉以后就没动静了", "进度条就没动静了", "no_response"),
        ("我还在念书,没有收入", "我念大学的时候办的卡", "vulnerable"),
        ("我肚子里怀着老二", "我老二的卡丢了", "vulnerable"),
        ("跟你们客服说了多少遍了", "分期能申请多少次", "repeat"),
        ("下个月一家老小吃什么", "下个月吃什么套餐有优惠", "livelihood"),
    ],
)
def test_a_step_is_heard_in_any_order_and_its_words_alone_are_not(
    spans: Spans, meant: str, not_meant: str, code: str
) -> None:
    assert code in spans(meant)
    assert code not in spans(not_meant)
