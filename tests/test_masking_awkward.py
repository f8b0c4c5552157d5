"""Masking: values said in awkward ways, and beside each what only looks like it."""

from __future__ import annotations

import pytest

from triage.masking.mask import mask
from triage.masking.tokens import DROPPED


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("取款密码：六个八", "六个八"),
        ("密码三个一三个二，太简单", "三个一三个二"),
        ("密码全是零", "零"),
        ("验证码 四位 3 8 1 7", "3 8 1 7"),
        ("六个九就是密码", "六个九"),
        ("卡有效期二六年十二月", "二六年十二月"),
        ("有效期 08 27", "08 27"),
        ("卡背面三位 4 5 6", "4 5 6"),
        ("卡背后的三个数字是456", "456"),
        ("安全码 三个数 4 5 6", "4 5 6"),
    ],
)
def test_a_secret_is_dropped_however_few_its_figures(text: str, value: str) -> None:
    assert mask(text).text == text.replace(value, DROPPED)


@pytest.mark.parametrize(
    ("text", "value", "kind"),
    [
        ("手机号幺五二 洞洞洞洞 九拐五三", "幺五二 洞洞洞洞 九拐五三", "phone"),
        ("一五二零零零零勾拐五三打两次", "一五二零零零零勾拐五三", "phone"),
        ("15 2000 09753 是我号", "15 2000 09753", "phone"),
        ("号码1520 0009753", "1520 0009753", "phone"),
        ("电话：152\n  0000\n  9753", "152\n  0000\n  9753", "phone"),
        ("办公电话0 2 9-8 8 8 8 1 2 3 4", "0 2 9-8 8 8 8 1 2 3 4", "landline"),
        ("身份证号前六位110105后面19491231002X", "110105后面19491231002X", "id_card"),
        ("我微信号是 z h a n g 1 2 3", "z h a n g 1 2 3", "wechat"),
        ("邮箱zhang san at 163 点 com", "zhang san at 163 点 com", "email"),
        ("登录名lilei8888", "lilei8888", "login"),
        ("抖音号：xiaomei666", "xiaomei666", "login"),
        ("车牌京·A·12345", "京·A·12345", "plate"),
        ("车牌粤 B D 1 2 3 4 5", "粤 B D 1 2 3 4 5", "plate"),
        ("姓名 zhangsan", "zhangsan", "name"),
        ("借款人冯 国 强已经去世", "冯 国 强", "name"),
        ("经办人：小许推脱", "小许", "name"),
        ("行长老王让我等", "老王", "name"),
    ],
)
def test_a_value_is_found_however_it_is_said(text: str, value: str, kind: str) -> None:
    (found,) = mask(text).found
    assert (text[found.start : found.end], found.kind) == (value, kind)


def test_the_tail_of_an_identity_card_goes_only_beside_a_birthday() -> None:
    assert mask("身份证后四位1234和系统登记的不一致").found == ()
    masked = mask("身份证后四位1234，生日1949年12月31日")
    assert masked.text == "身份证后四位[身份证1]，生日[身份证2]"


def test_a_surname_told_beside_a_role_goes_everywhere() -> None:
    assert mask("出纳小潘保管，小潘离职").text == "出纳[姓名1]保管，[姓名1]离职"


@pytest.mark.parametrize(
    "text",
    [
        "密码输错了三个小时才解锁，密码是六位的",
        "验证码发了三个五分钟都没到",
        "密码都是一样的，密码三个不一样的都试了",
        "密码是什么？？？？？",
        "优惠券有效期2026年12月，到期12月25日",
        "卡背面三个字看不清，后三码一直没人解释",
        "从一三年到二三年，两三百块拖了两个月，打了两三四次",
        "还款方案1500，2000，3000，贷款13 8000元",
        "登录名是什么我忘了，用户名和密码都对",
        "抖音app上说微信 iphone 版闪退",
        "姓名 id 对不上，户名：abc公司",
        "苏·宁·易购扣了2345元，云A 2023 08 04 上线",
        "我 at 163 路公交站等",
        "行长老是不在，经理老练得很，行长老顾着开会",
        "联系人小程序里改不了，主管小于科长，经办人小范围通知",
    ],
)
def test_what_only_looks_like_a_value_stays(text: str) -> None:
    assert mask(text).text == text
