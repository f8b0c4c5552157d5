"""Products: what their complaints say to those who admit and review products."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from service.governance.cases import Book, Case
from service.governance.classes import NONE, OTHER, Classes
from service.governance.figures import Cell, Figure, Part, Table, count, ranged
from service.governance.outcomes import accepted
from service.governance.standard import reason_of

_NO_PRODUCT = "未填产品"
_OF_THE_PRODUCT = ("product", "rules", "process", "disclosure")
_COLUMNS: dict[str, tuple[str, Callable[[Case], bool]]] = {
    "tickets": ("受理", lambda _: True),
    "repeats": ("重复", lambda c: bool(c.repeats)),
    "regulator": ("监管件", lambda c: c.regulator),
    "escalated": ("升级", lambda c: c.escalated_on is not None),
    "refused": ("不接受结果", lambda c: accepted(c) is False),
    "found": ("查明为产品、制度、流程或披露", lambda c: c.root_cause in _OF_THE_PRODUCT),
}


def products(book: Book, classes: Classes) -> Part:
    """Count by recorded product what became of its tickets, and the reason that most have."""
    now, past = _by(book.cases), _by(book.before)
    rows: list[tuple[Cell, ...]] = []
    for product in sorted({*now, *past}, key=lambda each: (-len(now.get(each, ())), each)):
        own, code = now.get(product, []), f"product.{product}"
        told = {
            end: count(f"{code}.{end}", product, [case for case in own if holds(case)])
            for end, (_, holds) in _COLUMNS.items()
        }
        rate = ranged(f"{code}.rate", product, told["escalated"], told["tickets"])
        before = count(f"{code}.before", product, past.get(product, ()))
        tickets, *rest = told.values()
        rows.append((product, tickets, before, *rest, rate, *_reason(code, product, own, classes)))
    first, *others = (name for name, _ in _COLUMNS.values())
    last = ("升级率", "最多的原因", "该原因件数")
    notes = (
        "按登记的产品列示，供业务准入和消保审查；各产品的销量和客户不同，件数不能直接相比。",
        "查明的原因由办理人记录；最多的原因按 JR/T 0169 由规则提出；括号内为95%置信区间。",
    )
    table = Table(("产品（供业务准入审查）", first, "上期受理", *others, *last), tuple(rows))
    return Part("product", "产品与业务准入", notes, (table,))


def _by(cases: Sequence[Case]) -> dict[str, list[Case]]:
    found: dict[str, list[Case]] = {}
    for case in cases:
        found.setdefault(case.ticket.product or _NO_PRODUCT, []).append(case)
    return found


def _reason(code: str, product: str, cases: Sequence[Case], classes: Classes) -> tuple[str, Figure]:
    """Name the reason that most of some tickets have, of those that have one, and count it."""
    found: dict[str, list[Case]] = {}
    for case in cases:
        name = reason_of(case, classes).name
        if name not in (NONE, OTHER):
            found.setdefault(name, []).append(case)
    name = min(found, key=lambda each: (-len(found[each]), each), default="—")
    return name, count(f"{code}.reason", product, found.get(name, ()))
