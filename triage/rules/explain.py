"""A ruling, and a rules file, as Chinese text for people."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from triage.errors import ConfigError
from triage.records import Duty, Owner
from triage.rules.rulefile import Effect, RuleFile
from triage.rules.ruling import Fired, Ruling
from triage.taxonomy import Taxonomy, load_taxonomy

FIELDS = {
    "line": "条线",
    "subline": "子类",
    "matter": "条线",
    "possible": "不能排除",
    "abstained": "无法判断",
    "nature": "性质",
    "signals": "信号",
    "band": "风险档",
    "channel": "渠道",
    "product": "产品",
    "unit": "机构",
    "customer_segment": "客群",
    "visited_branch": "到店",
    "outlet_touchpoint": "网点触点",
    "amount_cny": "金额（元）",
    "days_open": "已办天数",
    "group_size": "人数",
    "transfers": "转办次数",
    "repeats_90d": "90天内此前投诉",
    "repeats_15d": "15天内此前投诉",
    "extension_days": "延期至（天）",
    "difficult": "疑难复杂",
    "template": "模板相似",
    "agent": "代理人",
    "complained_employee": "被投诉员工",
    "contacted": "已联系",
    "mediation": "调解",
    "withdrawn": "已撤回",
    "converted": "引导转正式",
    "plan_agreed": "已达成分期",
    "sent_to": "转至",
}
LEVELS = {
    "outlet": "网点",
    "sub_branch": "支行",
    "branch_department": "分行部室",
    "disposal_office": "投诉处置办公室",
    "head_office": "总行",
}
WHY = {
    "not_visited": "未到店",
    "touchpoint_none": "与网点无触点",
    "touchpoint_unknown": "到店或触点不明",
    "abstained": "无法判断",
}
# Before the code of a line.
_OF_LINES = {"line_": "", "possible_": "不能排除"}
MARKS = {"V": "法规原文", "V2": "二手来源，引用前须核对原文", "P": "本行规则"}
_OPAQUE = "complained_employee"


def explain(ruling: Ruling, taxonomy: Taxonomy | None = None) -> str:
    """Tell which rules fired, on what facts, on what basis, and what follows.

    Nothing of the narrative is repeated.
    """
    labels = taxonomy or load_taxonomy()
    blocks = [
        "\n".join(
            [f"规则版本  {ruling.version}", *_owner(ruling.owner, labels), *_flags(ruling.flags)]
        ),
        "\n".join(["任务", *_table(map(_duty, ruling.duties))]) if ruling.duties else "任务  无",
        *("\n".join(_fired(fired, labels)) for fired in ruling.fired),
    ]
    return "\n\n".join(blocks)


def rules_table(file: RuleFile) -> str:
    """List the rules of a file."""
    head = ("编号", "依据", "起", "止", "名称")
    rows = [
        (
            rule.id,
            rule.mark,
            rule.valid_from.isoformat(),
            rule.valid_to.isoformat() if rule.valid_to else "",
            rule.name,
        )
        for rule in file.rules
    ]
    return "\n".join([f"规则版本  {file.version}，{len(rows)} 条", *_table([head, *rows])])


def _owner(owner: Owner, labels: Taxonomy) -> list[str]:
    others = [unit for unit in owner.departments if unit != owner.unit]
    barred = "、".join(dict.fromkeys(_why(why, labels) for why in owner.why))
    return [
        f"承办      {owner.unit}（{LEVELS[owner.level]}）",
        f"协同部室  {'、'.join(others) or '无'}",
        f"负责人    {owner.accountable}",
        f"落网点    {'不得：' + barred if owner.barred_from_outlet else '未禁止'}",
    ]


def _why(why: str, labels: Taxonomy) -> str:
    for start, before in _OF_LINES.items():
        if why.startswith(start):
            return before + _named(why.removeprefix(start), labels)
    return WHY.get(why, why)


def _flags(flags: Sequence[str]) -> list[str]:
    return [f"标记      {'、'.join(flags)}"] if flags else []


def _duty(duty: Duty) -> tuple[str, ...]:
    due = _moment(duty.due_at) if duty.due_at else "起算时间未知"
    kind = "本行目标" if duty.target else "时限"
    return duty.rule, duty.name, due, kind, "临期" if duty.at_risk else ""


def _fired(fired: Fired, labels: Taxonomy) -> list[str]:
    facts = "；".join(
        f"{FIELDS[name]}={_shown(name, value, labels)}"
        for name, value in fired.facts
        if value not in (None, False, frozenset())
    )
    unknown = "、".join(FIELDS[name] for name, value in fired.facts if value is None)
    return [
        f"{fired.rule}  {fired.name}",
        f"  事实  {facts or '无'}{f'；未知：{unknown}' if unknown else ''}",
        f"  依据  {fired.basis}（{MARKS[fired.mark]}）",
        f"  结果  {_effect(fired.effect, labels)}",
    ]


def _effect(effect: Effect, labels: Taxonomy) -> str:
    told = {
        "级别不低于": LEVELS[effect.level_at_least] if effect.level_at_least else "",
        "转至": LEVELS[effect.send_to] if effect.send_to else "",
        "不得落网点": _why(effect.bar, labels) if effect.bar else "",
        "协同": "、".join(effect.departments),
        "部室不少于": str(effect.departments_at_least or ""),
        "负责人": effect.accountable or "",
        "标记": "、".join(effect.flags),
        "任务": "、".join(duty.name for duty in effect.duties),
        "停止任务": "、".join(effect.stop),
    }
    return "；".join(f"{what}：{value}" for what, value in told.items() if value)


def _shown(name: str, value: Any, labels: Taxonomy) -> str:
    if isinstance(value, frozenset):
        return "、".join(_named(code, labels) for code in sorted(value))
    if name == _OPAQUE:
        return "已登记"
    if value is True:
        return "是"
    return _named(value, labels) if isinstance(value, str) else f"{value:g}"


def _named(code: str, labels: Taxonomy) -> str:
    try:
        return labels.name(code)
    except ConfigError:
        return code


def _moment(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M:%S")


def _table(rows: Iterable[Sequence[str]]) -> list[str]:
    cells = [tuple(row) for row in rows]
    widths = [max(map(_width, column)) for column in zip(*cells, strict=True)]
    return [
        "  ".join(
            cell + " " * (width - _width(cell)) for cell, width in zip(row, widths, strict=True)
        ).rstrip()
        for row in cells
    ]


def _width(text: str) -> int:
    # A Chinese character takes two columns of a terminal.
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)
