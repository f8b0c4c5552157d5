"""Products: what their complaints say to those who admit and review products."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from service.governance.cases import Book, Case
from service.governance.classes import NONE, OTHER, Classes
from service.governance.figures import Cell, Figure, Part, Table, count, parted, ranged
from service.governance.outcomes import accepted
from service.governance.standard import reason_of

_NO_PRODUCT = "未填产品"
OF_THE_PRODUCT = ("product", "rules", "process", "disclosure")
_COUNTED: dict[str, Callable[[Case], bool]] = {
    "tickets": lambda _: True,
    "repeats": lambda c: bool(c.repeats),
    "regulator": lambda c: c.regulator,
    "escalated": lambda c: c.escalated_on is not None,
    "refused": lambda c: accepted(c) is False,
    "found": lambda c: c.root_cause in OF_THE_PRODUCT,
}


def products(book: Book, classes: Classes) -> Part:
    """Count by recorded product what became of its tickets, and the reason that most have."""
    now, past = parted(book.cases, product_of), parted(book.before, product_of)
    much: list[tuple[Cell, ...]] = []
    why: list[tuple[Cell, ...]] = []
    for product in sorted({*now, *past}, key=lambda each: (-len(now.get(each, ())), each)):
        own, code = now.get(product, []), f"product.{product}"
        told = {
            end: count(f"{code}.{end}", product, [case for case in own if holds(case)])
            for end, holds in _COUNTED.items()
        }
        before = count(f"{code}.before", product, past.get(product, ()))
        rate = ranged(f"{code}.rate", product, told["escalated"], told["tickets"])
        courses = (told[end] for end in ("repeats", "regulator", "escalated"))
        much.append((product, told["tickets"], before, *courses, rate))
        found = told["refused"], told["found"]
        why.append((product, *found, *top_reason(code, product, own, classes)))
    notes = (
        "按登记的产品列示，供业务准入和消保审查；各产品的销量和客户不同，件数不能直接相比。",
        "产品或制度问题：办理人记录的根源是产品设计、制度规定、流程缺陷、信息披露的。首要原因按 "
        "JR/T 0169 由规则提出；括号内为95%置信区间。",
    )
    heads = ("产品", "受理", "上期受理", "重复", "监管件", "升级", "升级率")
    reasons = ("产品", "不接受处理结果", "产品或制度问题", "首要原因", "首要原因件数")
    tables = Table(heads, tuple(much)), Table(reasons, tuple(why))
    return Part("product", "产品与业务准入", notes, tables)


def product_of(case: Case) -> str:
    """Give the recorded product of a ticket."""
    return case.ticket.product or _NO_PRODUCT


def top_reason(
    code: str, product: str, cases: Sequence[Case], classes: Classes
) -> tuple[str, Figure]:
    """Name the reason that most of some tickets have, of those that have one, and count it."""
    found = parted(cases, lambda case: reason_of(case, classes).name)
    name = next((each for each in found if each not in (NONE, OTHER)), "—")
    return name, count(f"{code}.reason", product, found.get(name, ()))
