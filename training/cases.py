"""What is judged: a narrative with what people say of it, as far as they said it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from training.corpus import LabelledRow, Mark
from triage.records import Context
from triage.taxonomy import join_leaf, split_leaf

NOTHING_KNOWN = Context()


@dataclass(frozen=True, slots=True)
class Case:
    """One labelled narrative.

    Attributes
    ----------
    text : str
        Masked where it came from a bank.
    subline, secondary, nature, signals, escalated_30d
        None where nobody marked it: then it is not judged.
    arguable : frozenset of str
        Signals on which the annotators differ: neither right nor wrong.
    group : str
        Rows of one group (a customer, a template) never straddle a split and are resampled
        together.
    context : Context
        What was known at intake.
    """

    id: str
    text: str
    line: str
    subline: str | None = None
    secondary: tuple[str, ...] | None = None
    nature: str | None = None
    signals: frozenset[str] | None = None
    arguable: frozenset[str] = frozenset()
    register: str | None = None
    group: str = ""
    rule: int | None = None
    escalated_30d: bool | None = None
    context: Context = NOTHING_KNOWN

    @property
    def leaf(self) -> str:
        """The label as one code."""
        return join_leaf(self.line, self.subline)

    def row(self) -> LabelledRow:
        """Give the form that models are fitted on; a signal without a place is at 0, 0."""
        return LabelledRow(
            id=self.id,
            text=self.text,
            leaf=self.leaf,
            secondary=self.secondary or (),
            nature=self.nature,
            signals=tuple(Mark(code, 0, 0) for code in sorted(self.signals or ())),
            register=self.register,
            group=self.group or self.id,
            rule=self.rule,
            escalated_30d=self.escalated_30d,
        )


def as_cases(rows: Sequence[LabelledRow | Case]) -> list[Case]:
    """Read labelled rows as cases; cases pass through."""
    return [row if isinstance(row, Case) else _case(row) for row in rows]


def _case(row: LabelledRow) -> Case:
    line, subline = split_leaf(row.leaf)
    return Case(
        id=row.id,
        text=row.text,
        line=line,
        subline=subline,
        secondary=row.secondary,
        nature=row.nature,
        signals=frozenset(mark.code for mark in row.signals),
        register=row.register,
        group=row.group,
        rule=row.rule,
        escalated_30d=row.escalated_30d,
    )
