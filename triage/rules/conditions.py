"""The conditions of a rules file, compiled once to closures over facts.

    all: [...]          every one of the conditions; so is a mapping of several keys
    any: [...]          one of them
    not: {...}
    FIELD: VALUE        equals; of a set: holds
    FIELD: {in: [...]}  one of these; of a set: holds one of them
    FIELD: {at_least: N}
    FIELD: {known: true}

What is not known equals nothing, is in nothing and is at least nothing. A line goes by all the
codes it ever had: tickets from before a change of the taxonomy keep theirs, and their rules.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from triage.errors import InvalidInput
from triage.records import CHANNELS
from triage.rules.facts import MEDIATION, SENT_DOWN, Facts
from triage.rules.naming import FIELDS
from triage.rules.places import Place
from triage.taxonomy import Taxonomy

# Facts as what they are, a tuple: an index is the fastest way to a value.
Row = tuple[Any, ...]
Test = Callable[[Row], bool]
_WORDS = ("all", "any", "not")
_TIERS = "tiers"
_OPERATORS = ("in", "at_least", "known")
_FLAGS = frozenset(
    (
        *("abstained", "visited_branch", "outlet_touchpoint", "difficult", "template"),
        *("agent", "contacted", "withdrawn", "converted", "plan_agreed"),
    )
)
_NUMBERS = frozenset(
    (
        *("amount_cny", "days_open", "group_size", "transfers"),
        *("repeats_90d", "repeats_15d", "extension_days"),
    )
)
_TEXTS = frozenset(("product", "unit", "customer_segment", "complained_employee", "band"))
_SETS = frozenset(("matter", "possible", "signals"))


@dataclass(frozen=True, slots=True)
class Condition:
    """A compiled condition.

    Attributes
    ----------
    test : callable
        Facts in, whether it holds out.
    fields : tuple of str
        The facts it looks at, in order of appearance.
    """

    test: Test
    fields: tuple[str, ...] = ()


ALWAYS = Condition(lambda _: True)


@dataclass(frozen=True)
class Compiler:
    """Compiles conditions against the labels of one taxonomy."""

    taxonomy: Taxonomy
    codes: Mapping[str, Collection[str]] = field(init=False)

    def __post_init__(self) -> None:
        labels = self.taxonomy
        matter = (*labels.line_codes, *(leaf for leaf in labels.leaves if "." in leaf))
        known: dict[str, Collection[str]] = {
            "line": labels.line_codes,
            "subline": tuple(s.code for line in labels.lines for s in line.sublines),
            "matter": matter,
            "possible": matter,
            "nature": labels.nature_codes,
            "signals": labels.signal_codes,
            _TIERS: tuple(dict.fromkeys(signal.tier for signal in labels.signals)),
            "channel": CHANNELS,
            "mediation": MEDIATION,
            "sent_to": SENT_DOWN,
        }
        object.__setattr__(self, "codes", known)

    def compile(self, place: Place) -> Condition:
        """Compile a condition.

        Raises
        ------
        ConfigError
            On an unknown field, operator or code; file and line are named.
        """
        entries = place.mapping()
        if not entries:
            place.fail("an empty condition", cure="leave `when` out for a rule without one")
        return _all([self._entry(key, value) for key, value in entries.items()])

    def _entry(self, key: str, value: Place) -> Condition:
        if key == "not":
            return _not(self.compile(value))
        if key in _WORDS:
            parts = [self.compile(item) for item in value.items()]
            if not parts:
                value.fail(f"`{key}` of nothing")
            return _all(parts) if key == "all" else _any(parts)
        fields = self.codes.keys() | _FLAGS | _NUMBERS | _TEXTS
        if key not in fields:
            value.fail(f"unknown field {key!r}", cure=f"known: {', '.join(sorted(fields))}")
        if isinstance(value.value, dict):
            return self._operator(key, value)
        return self._among(key, [value])

    def _operator(self, name: str, place: Place) -> Condition:
        entries = place.mapping(_OPERATORS)
        if len(entries) != 1:
            place.fail("one of in, at_least, known is meant")
        ((operator, value),) = entries.items()
        if operator == "in":
            if not value.items():
                value.fail("a list of nothing")
            return self._among(name, value.items())
        if operator == "at_least":
            if name not in _NUMBERS:
                value.fail(f"{name} is no number")
            return _at_least(name, value.number())
        if name in _SETS or name == _TIERS:
            value.fail(f"{name} is a set and always known")
        return _known(name) if value.flag() else _not(_known(name))

    def _among(self, name: str, places: list[Place]) -> Condition:
        wanted = frozenset(value for place in places for value in self._values(name, place))
        if name == _TIERS:
            tiered = (signal.code for signal in self.taxonomy.signals if signal.tier in wanted)
            return _holds("signals", frozenset(tiered))
        return _holds(name, wanted) if name in _SETS else _equals(name, wanted)

    def _values(self, name: str, place: Place) -> tuple[Any, ...]:
        if name in _FLAGS:
            return (place.flag(),)
        if name in _NUMBERS:
            return (place.number(),)
        if name in _TEXTS:
            return (place.text(),)
        if name in FIELDS:
            return self._alike(name, place)
        return (place.one_of(self.codes[name], name),)

    def _alike(self, name: str, place: Place) -> tuple[str, ...]:
        """Give what a line or leaf is called now and was before."""
        said = place.text()
        try:
            now = self.taxonomy.today(said)
        except InvalidInput:
            now = said
        if now is None:
            return (said,)
        Place(now, place.file, place.line).one_of(self.codes[name], name)
        return (said, now, *self.taxonomy.before(now))


def _all(parts: list[Condition]) -> Condition:
    if len(parts) == 1:
        return parts[0]
    tests = tuple(part.test for part in parts)

    def every(facts: Row) -> bool:
        for test in tests:  # noqa: SIM110 - a loop is twice as fast as all() of a generator
            if not test(facts):
                return False
        return True

    return _joined(every, parts)


def _any(parts: list[Condition]) -> Condition:
    tests = tuple(part.test for part in parts)

    def some(facts: Row) -> bool:
        for test in tests:  # noqa: SIM110 - as above
            if test(facts):
                return True
        return False

    return _joined(some, parts)


def _not(part: Condition) -> Condition:
    test = part.test
    return Condition(lambda facts: not test(facts), part.fields)


def _joined(test: Test, parts: list[Condition]) -> Condition:
    fields = dict.fromkeys(name for part in parts for name in part.fields)
    return Condition(test, tuple(fields))


def _equals(name: str, wanted: frozenset[Any]) -> Condition:
    at = Facts._fields.index(name)
    return Condition(lambda facts: facts[at] in wanted, (name,))


def _holds(name: str, wanted: frozenset[Any]) -> Condition:
    at = Facts._fields.index(name)
    return Condition(lambda facts: not wanted.isdisjoint(facts[at]), (name,))


def _at_least(name: str, least: float) -> Condition:
    at = Facts._fields.index(name)

    def reaches(facts: Row) -> bool:
        value = facts[at]
        return value is not None and value >= least

    return Condition(reaches, (name,))


def _known(name: str) -> Condition:
    at = Facts._fields.index(name)
    return Condition(lambda facts: facts[at] is not None, (name,))
