"""A risk alert as sections that any format can show, and what its state makes of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

DRAFT = "（草稿）"
WARNING = "本文由系统起草，须经人工核实、审批后方可发布。"
"""What a draft says of itself, and nothing else does."""
QUOTED = "客户原话（已脱敏）"
"""The point under which customers are quoted."""
SUGGESTED = "建议典型"
"""The point that names the ticket that a story proposes as typical."""
TYPICAL = "典型"
"""The heading of typical cases."""


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with what stands under it; `rows` are a table, its first row the heads."""

    heading: str
    level: int
    text: tuple[str, ...] = ()
    points: tuple[tuple[str, str], ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Draft:
    """A risk alert, to be approved or issued."""

    title: str
    sections: tuple[Section, ...]


def decided(draft: Draft, heading: str, told: str) -> Draft:
    """Give a draft of which somebody has decided: it warns no more, and begins with what was."""
    sections = tuple(_without_warning(each) for each in draft.sections)
    first = Section(heading, 2, (told,))
    return Draft(draft.title.replace(DRAFT, ""), (first, *sections))


def with_cases(draft: Draft, cases: Iterable[tuple[str, str]]) -> Draft:
    """Put the cases that were picked, as identifiers and words, in the place of proposed ones."""
    points = tuple(cases)
    told = "以下案例经审批确定，客户原话已脱敏。" if points else "审批时未确定典型案例。"
    kept = (_without_proposal(each) for each in draft.sections if each.heading != TYPICAL)
    return replace(draft, sections=(*kept, Section(TYPICAL, 2, (told,), points)))


def _without_warning(section: Section) -> Section:
    text = (told.replace(WARNING, "") for told in section.text)
    return replace(section, text=tuple(told for told in text if told))


def _without_proposal(section: Section) -> Section:
    points = tuple(point for point in section.points if point[0] != SUGGESTED)
    return replace(section, points=points)
