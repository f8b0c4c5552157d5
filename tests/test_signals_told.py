"""Ways of telling that the matter was raised before, that nobody answers, that many suffer."""

from __future__ import annotations

import pytest
from signal_spans import Spans, shipped_spans


@pytest.fixture(scope="module")
def spans() -> Spans:
    """Give the texts of the signals that count, by code."""
    return shipped_spans()


@pytest.mark.parametrize(
    ("meant", "not_meant"),
    [
        # The bank's own number is dialled, or a mother's.
        ("我给客服打了五次电话，各说各的", "他们一上午给我舅舅打了五次电话"),
        ("我给你们行打了四回电话", "催收给厂里打了四回电话"),
        # A complaint is told with its addressee and what became of it.
        ("此事投诉至消费者协会后，却一直没有书面结论", "再不改我就投诉至消费者协会"),
        ("材料问题反映给网点，网点说要等分行", "请把这条意见反映给网点"),
        ("上月向物价部门反映，至今仍照旧收费", "我明天就向物价部门反映"),
        ("我们将此事反映给了街道办，工作人员表示管不到", "我们会反映给街道办"),
        ("随后又向住建部门投诉", "可以向住建部门投诉"),
        # With its way, its time, its length.
        ("半年来我通过各种渠道投诉，还是照扣", "你可以通过各种渠道投诉"),
        ("去年十月投诉过的重复扣款又来了", "去年十月买的理财到期了"),
        ("2021年8月我向总行举报了，没动", "2021年8月我开了户"),
        ("为这笔钱我维权了整整七年，上访15年", "这套房我住了15年"),
        ("向三个部门反映了两年多", "这张卡用了两年多"),
        ("多年来，附近商户一直都在举报这台机具", "多年来，这台机具一直都在用"),
        ("几乎每天都打12345投诉", "每天都打卡上班"),
        ("我们多次打市长热线", "催收多次打我电话"),
        ("几经投诉才换来一句抱歉", "几经周折才办好"),
        ("多次要求银行出示合同，均遭拒绝", "催收多次要求我还款，我没答应"),
        ("已对该收费进行了投诉", "已对该账户进行了核实"),
        ("逐级反映到省里", "等他们逐级审批"),
        ("再次请求核实这笔利息", "再次登录就好了"),
        ("我打过12345，说转给银行了", "我没打12345"),
        ("和大堂经理反应了没人理", "点了按钮没有反应"),
        # By those whom it strikes.
        ("很多储户都有投诉", "储户都有密码器"),
        ("业主们曾反映过这个漏洞", "业主们希望反映民意"),
        ("居民打了热线投诉，均没有下文", "居民可以拨打热线投诉"),
        # Counted in other ways than in calls.
        ("客服备注了三回，还是照样打", "转账备注三个字"),
        ("房产证复印件寄了两次，都被退回", "新卡寄了两次都没到"),
        ("客户持存折到网点三次", "网点三次搬家"),
        ("我上门四趟求你们解押", "催收上门四趟"),
        ("去了社保局三回", "点进去三回都白屏"),
        ("问过公证处六次", "问过价"),
        ("我第四次问了：这钱算谁的", "第四次付款失败"),
        ("我写过三次反馈", "我写过三次密码"),
        # With a date, an older letter, somebody gone to again.
        ("于2020年3月12日通过信箱举报该公司", "于2020年3月12日开户"),
        ("得到回复已一个月了，钱没退", "得到积分已一个月了"),
        ("原帖链接见附件", "转账链接见附件"),
        ("再次找经理理论，他不认", "再次找到那张卡"),
        ("之前通过申诉没能解决", "之前通过网银转账"),
    ],
)
def test_the_matter_was_raised_before(spans: Spans, meant: str, not_meant: str) -> None:
    assert "repeat" in spans(meant)
    assert "repeat" not in spans(not_meant)


@pytest.mark.parametrize(
    ("meant", "not_meant"),
    [
        # A complaint and what did not follow.
        ("报案三次都未见派出所处理", "这三次都未见异常"),
        ("向物业反映也不管用", "这个按钮不管用"),
        ("投诉了两回，没什么用", "这个功能没什么用"),
        ("上报分行，态度暧昧", "他说话暧昧"),
        ("反映后毫无动静", "机器毫无动静"),
        # Sent on, and on.
        ("支行推给分行，分行推给总行", "客服推给我一张卡"),
        ("医院指着银行，银行指着医院", "他指着银行的招牌"),
        ("两头都叫我等", "两头都叫一样的名字"),
        ("三家都说归别人管", "三家都说利率会降"),
        ("转了七个部门还是没结论", "转了七个账户"),
        ("单位和银行谁都让我找对方", "导航让我找停车场"),
        # Put off, or left without a word.
        ("一问就是在走流程", "一问就知道是新手"),
        ("打电话就是再等等", "打电话就是方便"),
        ("问就是备货中", "问就是净值波动"),
        ("材料交上去，二十天了没有任何消息", "二十天了没有任何损失"),
        ("又过了两个月，再没有消息", "两个月没有回家"),
        ("解押的事一拖就是三年", "一拖就是三米长的购物车"),
        ("转人工等了四十分钟没人", "等了四十分钟就办好了"),
        ("客服电话一片忙音", "隔壁一片嘈杂"),
        ("从头到尾没人告诉我为什么", "当初没人告诉我要收费"),
        ("没有一个部门出面", "没有一个数字对得上"),
        ("找平台沟通，平台拿审核搪塞", "做出这种软件糊弄人"),
        ("每次的答复都是套话", "每次的密码都一样"),
        # Doors that stay shut.
        ("储户报案却被拒绝受理", "贷款申请被拒绝受理"),
        ("报案无门，走投无路", "这扇门无门牌"),
        ("和物业协商，对方没有任何反应", "点了按钮没有任何反应"),
        ("报告交上去，至今未见批复", "申请了贷款，还没批复"),
        # A word that is another word.
        ("申请退费，一直没有回复", "还了款，额度怎么没有回复"),
        ("客服永远都是系统在审", "永远都是第一个支持最新系统"),
    ],
)
def test_nobody_answers(spans: Spans, meant: str, not_meant: str) -> None:
    assert "no_response" in spans(meant)
    assert "no_response" not in spans(not_meant)


@pytest.mark.parametrize(
    ("meant", "not_meant", "code"),
    [
        ("上百户房屋办不了证", "这三户房主都满意", "group"),
        ("众多会员已忍无可忍", "众多会员喜欢积分", "group"),
        ("平台收割出借人，毫无悔意", "平台给出借人发红包", "group"),
        ("小区联合签名要说法", "请在此处签名", "group"),
        ("我打了多次110报警", "开发商甚至拨打了110，想吓退我们", "legal"),
        ("只能报警处理", "车一发动就是仪表报警", "legal"),
        ("没有办法才到平台来曝光", "平台上的数据很准", "media"),
        ("储户报案后被劝回", "请储户不要报案", "legal"),
        ("我们会走法律程序", "负责人表示不服就走法律程序", "legal"),
        ("此事经媒体曝光后仍无改变", "媒体上有你们的广告", "media"),
        ("请日报、卫视等媒体跟踪报道", "在报纸等媒体投放广告", "media"),
        ("我已在论坛发帖揭发此事", "论坛上有人问利率", "media"),
        ("#记者[超话]# 榨取百姓血汗钱", "记者获悉，已有出借人报案", "group"),
        ("我们作为受害人要求退款", "不由我们负责：问：业主可以反映吗", "group"),
        ("拖欠八位民工血汗钱", "民工血压高", "livelihood"),
        ("工资卡被冻了", "工资卡被安排在这家银行", "livelihood"),
        ("我家是困难户", "本市住房困难户轮候", "vulnerable"),
        ("县教育局领导，请您看看", "县教育局有关领导召开会议", "petition"),
        # A leader without an office is one of government where the matter is an authority's.
        ("尊敬的领导，公积金中心不批我的贷款", "尊敬的领导，贵行不批我的贷款", "petition"),
        ("领导您好，社区乱收保险费", "领导您好，我在贵公司买了保险", "petition"),
        ("恳请领导，为村民减轻负担", "恳请领导，贵行信用卡别再收费", "petition"),
        ("作为一个即将参加中考的学生，我没有收入", "作为一个教过很多学生的老师", "vulnerable"),
    ],
)
def test_the_rest_is_told_in_more_ways(spans: Spans, meant: str, not_meant: str, code: str) -> None:
    assert code in spans(meant)
    assert code not in spans(not_meant)
