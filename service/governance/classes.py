"""The homes of tickets in JR/T 0169-2018, by name: business classes and reasons of complaint."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

REASON = "投诉原因·"
NONE = "未对应"
OTHER = "不适用（非投诉、求助）"
SEVERAL = "涉及多个大类"
Rules = Mapping[tuple[str, str], str]
"""What is said of a line or leaf together with a subject, or with what was read."""


class Named(NamedTuple):
    """A name of the standard, and what it rests on.

    `basis` of a class is `record` (line and recorded product), `read` (line and what the text
    tells), `line` or `none`; of a reason `person`, `read`, `line`, `none`, or `other` where the
    ticket is no complaint.
    """

    name: str
    basis: str


class Told(NamedTuple):
    """What is known of a ticket: by the model, by the record, by a person."""

    line: str | None
    subline: str | None
    nature: str | None
    product: str | None
    read: Collection[str]
    cause: str | None


@dataclass(frozen=True, slots=True)
class Classes:
    """Rules that propose class and reason; `data/governance.yaml` says what each is.

    Attributes
    ----------
    homes : mapping of str to tuple of str
        Names by line, and by subline under `line.subline`: what the line says by itself.
    tops : tuple of str
        The top classes.
    words, read : mapping of str to str
        Subjects by words of products, and by concepts.
    by_subject, by_matter : mapping of (str, str) to str
        Classes by line and subject; reasons by line and concept.
    recorded_alone : frozenset of str
        Lines and leaves whose class rests on no subject but a recorded one.
    by_cause : mapping of str to str
        Reasons by the cause that a person recorded.
    natures : frozenset of str, optional
        Those that have a reason; all of them when it is left out.
    """

    homes: Mapping[str, tuple[str, ...]]
    tops: tuple[str, ...] = ()
    words: Mapping[str, str] = field(default_factory=dict)
    read: Mapping[str, str] = field(default_factory=dict)
    by_subject: Rules = field(default_factory=dict)
    by_matter: Rules = field(default_factory=dict)
    recorded_alone: frozenset[str] = frozenset()
    by_cause: Mapping[str, str] = field(default_factory=dict)
    natures: frozenset[str] | None = None

    def business(self, told: Told) -> Named:
        """Name the business class; several that the line may mean stand side by side."""
        subject = self.subject(told.product)
        recorded = _one(self.by_subject, told, [] if subject is None else [subject])
        if recorded is not None:
            return Named(recorded, "record")
        read = _one(self.by_subject, told, self._subjects(told))
        if read is not None:
            return Named(read, "read")
        found = [home for home in self._homes(told)[0] if not home.startswith(REASON)]
        return Named(" / ".join(found), "line") if found else Named(NONE, "none")

    def reason(self, told: Told) -> Named:
        """Name the reason of complaint: what a person found, what was read, what the line says."""
        if told.cause is not None and told.cause in self.by_cause:
            return Named(self.by_cause[told.cause], "person")
        if self.natures is not None and told.nature not in self.natures:
            return Named(OTHER, "other")
        read = _one(self.by_matter, told, told.read)
        if read is not None:
            return Named(read, "read")
        both = [home for homes in self._homes(told) for home in homes if home.startswith(REASON)]
        found = [home.removeprefix(REASON) for home in dict.fromkeys(both)]
        return Named(" / ".join(found), "line") if found else Named(NONE, "none")

    def top(self, name: str) -> str:
        """Give the top class of a class; of several that are not of one, that they are several."""
        found = {self._top(home) for home in name.split(" / ")}
        return found.pop() if len(found) == 1 else SEVERAL

    def subject(self, product: str | None) -> str | None:
        """Say what a product is, if its name says one thing; the longest of its words count."""
        there = [word for word in self.words if product and word in product]
        kept = [w for w in there if not any(w != other and w in other for other in there)]
        found = {self.words[word] for word in kept}
        return found.pop() if len(found) == 1 else None

    def _subjects(self, told: Told) -> set[str]:
        """Give what the text tells of, where that counts."""
        if self.recorded_alone & {told.line, f"{told.line}.{told.subline}"}:
            return set()
        return {self.read[each] for each in told.read if each in self.read}

    def _top(self, home: str) -> str:
        return next((t for t in self.tops if home == t or home.startswith(f"{t}·")), home)

    def _homes(self, told: Told) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Give the names of the leaf, or of the line where it has none, and those of the line."""
        if told.line is None:
            return (), ()
        whole = self.homes.get(told.line, ())
        return self.homes.get(f"{told.line}.{told.subline}") or whole, whole


def _one(rules: Rules, told: Told, subjects: Collection[str]) -> str | None:
    """Give the one name to which all that is known leads, by the leaf before the line."""
    for place in (f"{told.line}.{told.subline}", told.line):
        found = {rules[place, each] for each in subjects if place and (place, each) in rules}
        if found:
            return found.pop() if len(found) == 1 else None
    return None
