"""Tickets by class and reason of JR/T 0169, and what each class and reason rests on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from service.governance.cases import Case
from service.governance.classes import Classes, Named, Told
from service.governance.figures import Figure, count, grouped

NOTES = (
    "JR/T 0169 类别、原因由规则提出，供有权人员核定，不是认定；按名称列示，产品无法确定而条线对应"
    "多个类别的，并列列示；编码由有授权的使用者填写。",
    "原因：办理人记录的根源优先，其次为系统从诉求文本中识别的事项，再次为条线；没有把握的列未对应，"
    "非投诉、求助的不列原因。各类依据的件数见“类别、原因的依据”。",
)
_CLASS_BY = {
    "record": "类别：条线和登记的产品",
    "read": "类别：条线和文本识别的产品、事项",
    "line": "类别：仅条线",
    "none": "类别：未对应",
}
_REASON_BY = {
    "person": "原因：办理人记录",
    "read": "原因：条线和文本识别的事项",
    "line": "原因：仅条线",
    "none": "原因：未对应",
    "other": "原因：不适用（非投诉、求助）",
}


def standard(cases: Sequence[Case], classes: Classes) -> list[tuple[str, list[Figure]]]:
    """Count by top class, class and reason, and by what those rest on."""
    kinds = {case.ticket.id: classes.business(_told(case)) for case in cases}
    reasons = {case.ticket.id: reason_of(case, classes) for case in cases}

    def business(case: Case) -> str:
        return kinds[case.ticket.id].name

    def reason(case: Case) -> str:
        return reasons[case.ticket.id].name

    return [
        (
            "JR/T 0169 业务大类",
            grouped("volume.top", cases, lambda c: classes.top(business(c)), str),
        ),
        ("JR/T 0169 业务类别", grouped("volume.class", cases, business, str)),
        ("JR/T 0169 投诉原因", grouped("volume.reason", cases, reason, str)),
        ("类别、原因的依据", _bases(cases, kinds, reasons)),
    ]


def _bases(
    cases: Sequence[Case], kinds: Mapping[int, Named], reasons: Mapping[int, Named]
) -> list[Figure]:
    """Count what classes and reasons rest on, and the lines that a person looked at."""
    figures = [
        count(f"{code}.{basis}", name, [c for c in cases if found[c.ticket.id].basis == basis])
        for code, names, found in (
            ("volume.class_by", _CLASS_BY, kinds),
            ("volume.reason_by", _REASON_BY, reasons),
        )
        for basis, name in names.items()
    ]
    seen = [case for case in cases if case.check is not None and case.check.agreed]
    return [*figures, count("volume.line_by.person", "条线：经人复核或更正", seen)]


def reason_of(case: Case, classes: Classes) -> Named:
    """Propose the reason of a ticket."""
    return classes.reason(_told(case))


def _told(case: Case) -> Told:
    row, intake = case.ticket, case.intake
    line, subline = (None, None) if row.abstained else (row.line, row.subline)
    read = frozenset[str]() if intake is None else intake.read
    return Told(line, subline, row.nature, row.product, read, case.root_cause)
