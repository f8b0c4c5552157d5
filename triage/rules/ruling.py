"""What the rules say of one ticket."""

from __future__ import annotations

from typing import Any, NamedTuple

from triage.records import Duty, Owner
from triage.rules.dutyspec import Owed
from triage.rules.facts import Facts
from triage.rules.rulefile import Effect, Rule


class Fired(NamedTuple):
    """A rule that fired: on what facts, with what effect, on what basis."""

    rule: str
    name: str
    basis: str
    mark: str
    facts: tuple[tuple[str, Any], ...]
    effect: Effect


class Ruling(NamedTuple):
    """Owner, duties and flags of a ticket.

    Attributes
    ----------
    owner : Owner
        Never an outlet when barred from one.
    duties : tuple of Duty
        In the order of the file; each code once.
    departments : tuple of str
        All that work on it, the leading one first.
    accountable : str
        Who answers for it.
    flags : tuple of str
        `human_now`, `mediation_offer` ...; see docs/rules.md.
    rules : tuple of Rule
        Those that fired.
    facts : Facts
        What they were judged on.
    version : str
        Of the rules file.
    """

    owner: Owner
    duties: tuple[Duty, ...]
    departments: tuple[str, ...]
    accountable: str
    flags: tuple[str, ...]
    rules: tuple[Rule, ...]
    facts: Facts
    version: str

    @property
    def fired(self) -> tuple[Fired, ...]:
        """The rules that fired, with the facts each of them looked at."""
        return tuple(
            Fired(
                rule.id,
                rule.name,
                rule.basis,
                rule.mark,
                tuple((name, getattr(self.facts, name)) for name in rule.condition.fields),
                rule.effect,
            )
            for rule in self.rules
        )


class Plan(NamedTuple):
    """A ruling without its times: the same for all tickets for which the same rules fire.

    `own_unit` says that the unit is the ticket's own branch, where it names one.
    """

    owner: Owner
    own_unit: bool
    duties: tuple[Owed, ...]
    blanks: tuple[Duty, ...]
    flags: tuple[str, ...]
    rules: tuple[Rule, ...]
