"""Names in Chinese of the codes that the report counts by."""

from __future__ import annotations

ESCALATIONS = {
    "E1": "升级到监管",
    "E2": "升级到信访",
    "E3": "被诉",
    "E4": "媒体舆情",
    "E5": "群体",
    "E6": "行内升级",
}
CAUSES = {
    "not_contacted": "前次未联系上客户",
    "not_answered": "前次已联系、未答复",
    "not_accepted": "前次已答复、客户不认可",
    "answered": "前次已答复、未表示不认可",
}
STOOD = {  # as CAUSES, of a guided ticket when it became a formal one
    "not_contacted": "落单前未联系上客户",
    "not_answered": "落单前已联系、未答复",
    "not_accepted": "落单前已答复、客户不认可",
    "answered": "落单前已答复、未表示不认可",
}
BEFORE = {
    "repeat": "属重复（任一依据）",
    "high": "受理时风险等级为高",
    "late_contact": "首次联系迟于限时",
    "transferred": "曾转办",
    "missed": "曾有到期未办的事项",
    "undecided": "升级前未答复",
}
KINDS = {
    "rectification": "整改",
    "supervision": "督导",
    "training": "培训选题",
    "hazard": "隐患排查",
    "accountability": "问责（由人决定）",
    "staff_care": "员工关爱",
    "hearing": "听证审议",
    "review": "复查",
}
ITEM_STATES = {"open": "在办", "closed": "已销号"}
ROOT_CAUSES = {
    "simple_error": "低级差错",
    "process": "流程缺陷",
    "rules": "制度规定",
    "system": "系统故障",
    "product": "产品设计",
    "disclosure": "信息披露或宣传不足",
    "attitude": "服务态度",
    "third_party": "第三方或合作机构",
    "misunderstanding": "客户误解",
    "other": "其他",
}
ACTIONS = {  # what is to be done where no duty says it
    "assign": "分派",
    "decide": "作出处理决定",
    "close": "办结",
    "read_message": "阅读来信",
}
STATES = {
    "open": "待分派",
    "in_progress": "处理中",
    "replied": "已答复",
    "closed": "已办结",
    "withdrawn": "已撤回",
}
BANDS = {"high": "高", "medium": "中", "low": "低"}
