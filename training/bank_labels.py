"""Which words of a bank's file mean which label of the taxonomy."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from training.bank_columns import shown
from triage.errors import InvalidInput
from triage.taxonomy import Label, Taxonomy, join_leaf, split_leaf

_BETWEEN = re.compile(r"\s*[./>›·\-－—/]\s*")


class Dropped(InvalidInput):
    """A line or leaf that the taxonomy has no more."""


class Labels:
    """Reads labels written as codes, as Chinese or English names, or in the bank's own words.

    Parameters
    ----------
    taxonomy : Taxonomy
    words : mapping of str to str
        The bank's own word -> code or name.
    """

    def __init__(self, taxonomy: Taxonomy, words: Mapping[str, str]) -> None:
        self.taxonomy = taxonomy
        self._words = words
        self._lines = self._former("", _names(taxonomy.lines))
        self._natures = _names(taxonomy.natures)
        self._signals = _names(taxonomy.signals)
        self._sublines = {
            line.code: self._former(f"{line.code}.", _names(line.sublines))
            for line in taxonomy.lines
        }
        self._children = _only_once(self._sublines)
        self._gone = _gone(taxonomy)

    def leaf(self, line: Any, subline: Any) -> tuple[str, str | None]:
        """Read a line and its subline; the line may carry the subline, or be its name.

        Codes of an older taxonomy, as in a ledger's export, mean what follows them.

        Raises
        ------
        Dropped
            Where nothing follows it.
        InvalidInput
            Naming what is not in the taxonomy.
        """
        said, below = self._word(line), None if subline is None else self._word(subline)
        said, below = self._followed(said, below)
        if _key(said) in self._lines:
            code = self._lines[_key(said)]
            return code, self._subline(code, below)
        if _key(said) in self._children:
            return self._children[_key(said)]
        head, *rest = _BETWEEN.split(said, maxsplit=1)
        if rest and _key(head) in self._lines:
            code = self._lines[_key(head)]
            return code, self._subline(code, rest[0])
        self._refuse_dropped(said, head)
        raise InvalidInput(
            f"unknown line {shown(said)} (a former name? `was_named` in taxonomy.yaml)"
        )

    def complete(self, line: str, subline: str | None) -> bool:
        """Whether a label reaches down to a leaf."""
        return join_leaf(line, subline) in self.taxonomy.leaves

    def below(self, line: str) -> list[str]:
        """Name the sublines of a line, by code and Chinese name."""
        found = next(known for known in self.taxonomy.lines if known.code == line)
        return [f"{label.code} {label.zh}" for label in found.sublines]

    def line(self, value: Any) -> str:
        """Read a line alone."""
        return self.leaf(value, None)[0]

    def nature(self, value: Any) -> str:
        """Read a nature."""
        return self._one(self._natures, value, "nature")

    def signal(self, value: Any) -> str:
        """Read a signal; an object with a `code` counts too."""
        return self._one(
            self._signals, value.get("code") if isinstance(value, dict) else value, "signal"
        )

    def _subline(self, line: str, below: str | None) -> str | None:
        if below is None:
            return None
        # `fraud.scam_transfer` in the column of sublines is as clear as `scam_transfer`.
        names = below, _BETWEEN.split(below)[-1]
        for said in names:
            if _key(said) in self._sublines[line]:
                return self._sublines[line][_key(said)]
        self._refuse_dropped(*(join_leaf(line, said) for said in names))
        raise InvalidInput(f"line {line} has no subline {shown(below)}")

    def _followed(self, said: str, below: str | None) -> tuple[str, str | None]:
        """Give the codes of today for a code of any version; what is none stays as it is."""
        # A subline may be told by its name, behind the code of its line.
        for code, kept in ((join_leaf(said, below), None), (said, below)):
            try:
                now = self.taxonomy.today(code)
            except InvalidInput:
                continue
            if now is None:
                raise _dropped(code)
            line, subline = split_leaf(now)
            if not (kept and subline):
                return line, kept or subline
        return said, below

    def _refuse_dropped(self, *names: str) -> None:
        for name in names:
            if _key(name) in self._gone:
                raise _dropped(self._gone[_key(name)])

    def _former(self, above: str, names: dict[str, str]) -> dict[str, str]:
        """Add the names that labels had; those of today come first."""
        codes = set(names.values())
        return {
            _key(old): code.removeprefix(above)
            for old, code in self.taxonomy.names_before.items()
            if code.startswith(above) and code.removeprefix(above) in codes
        } | names

    def _one(self, known: Mapping[str, str], value: Any, what: str) -> str:
        said = self._word(value)
        if _key(said) not in known:
            raise InvalidInput(f"unknown {what} {shown(said)}")
        return known[_key(said)]

    def _word(self, value: Any) -> str:
        said = str(value).strip()
        return self._words.get(said, said)


def _names(labels: Sequence[Label]) -> dict[str, str]:
    return {_key(name): label.code for label in labels for name in (label.code, label.zh, label.en)}


def _dropped(code: str) -> Dropped:
    return Dropped(f"line {code} is dropped from the taxonomy: left out")


def _gone(taxonomy: Taxonomy) -> dict[str, str]:
    """Codes and names of what is dropped, of a leaf also behind its line; to the code."""
    found: dict[str, str] = {}
    for code, label in taxonomy.dropped.items():
        line, subline = split_leaf(code)
        names = [label.zh, label.en]
        names += [join_leaf(line, name) for name in (*names, subline) if subline and name]
        found |= {_key(name): code for name in (code, *names)}
    return found


def _only_once(sublines: Mapping[str, Mapping[str, str]]) -> dict[str, tuple[str, str | None]]:
    """Names of sublines that occur under one line only, so that they name the line too."""
    found: dict[str, list[tuple[str, str | None]]] = {}
    for line, names in sublines.items():
        for name, code in names.items():
            found.setdefault(name, []).append((line, code))
    return {name: places[0] for name, places in found.items() if len(places) == 1}


def _key(name: str) -> str:
    return name.strip().casefold()
