"""Amounts in yuan, durations in days, dates, counts of earlier contacts."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path

from triage.config import read_yaml
from triage.errors import ConfigError
from triage.numerals import parse_number
from triage.records import Mention

_FULL_DATE = re.compile(r"([0-9]{4})年(?:([0-9]{1,2})月)?(?:([0-9]{1,2})[日号])?")


class Quantities:
    """Finds quantities by the patterns of `quantities.yaml`.

    Parameters
    ----------
    patterns : mapping of str to str
        Kind (`amount_cny`, `duration`, `date`, `contact_count`) to a regular expression with
        the groups the file explains; earlier kinds win where two overlap.
    days, yuan : mapping of str to float
        What a unit of time is in days, of money in yuan.
    """

    def __init__(
        self,
        patterns: Mapping[str, str],
        *,
        days: Mapping[str, float],
        yuan: Mapping[str, float],
    ) -> None:
        self._patterns = {kind: re.compile(pattern) for kind, pattern in patterns.items()}
        self._days = dict(days)
        self._yuan = dict(yuan)
        self._value: dict[str, Callable[[re.Match[str]], float | None]] = {
            "amount_cny": self._amount,
            "duration": self._duration,
            "date": _date,
            "contact_count": _count,
        }
        if unknown := set(self._patterns) - set(self._value):
            raise ConfigError(f"quantities.yaml: unknown kinds {sorted(unknown)}")

    def find(self, text: str) -> list[Mention]:
        """Give the quantities in `text`; no two overlap."""
        found: list[Mention] = []
        taken = bytearray(len(text))
        for kind, pattern in self._patterns.items():
            for match in pattern.finditer(text):
                start, end = match.span("bare2" if match.groupdict().get("bare2") else 0)
                if any(taken[start:end]):
                    continue
                value = self._value[kind](match)
                if value is not None or kind == "date":
                    taken[start:end] = bytes([1]) * (end - start)
                    found.append(Mention(kind, start, end, text[start:end], value=value))
        return found

    def _amount(self, match: re.Match[str]) -> float | None:
        groups = match.groupdict()
        number = parse_number(
            groups.get("number") or groups.get("bare") or groups.get("bare2") or groups["sum"]
        )
        unit = self._yuan.get(groups.get("unit") or "", 1.0)
        return None if number is None else round(number * unit, 2)

    def _duration(self, match: re.Match[str]) -> float | None:
        number = 0.5 if match["number"] == "半" else parse_number(match["number"])
        if number is None:
            return None
        return (number + (0.5 if match["half"] else 0.0)) * self._days[match["unit"]]


def load_quantities(path: Path, *, first: int | None = None) -> Quantities:
    """Read `quantities.yaml`; with `first` only so many kinds.

    Raises
    ------
    ConfigError
        When it is not well formed.
    """
    raw = read_yaml(path)
    try:
        number = raw["number"]
        patterns = {k: p.replace("{number}", number) for k, p in raw["patterns"].items()}
        # Earlier kinds win: a kind may be left out only when none behind it is wanted.
        patterns = dict(list(patterns.items())[:first])
        return Quantities(patterns, days=raw["days"], yuan=raw["yuan"])
    except (KeyError, TypeError, AttributeError, re.error) as exc:
        raise ConfigError(f"{path.name}: {exc}", cure="mend the entry named") from exc


def _count(match: re.Match[str]) -> float | None:
    return parse_number(match["number"])


def _date(match: re.Match[str]) -> float | None:
    # yyyymmdd, zeros where the day or the month is not said.
    found = _FULL_DATE.match(match[0])
    if not found:
        return None
    return float(f"{found[1]}{int(found[2] or 0):02d}{int(found[3] or 0):02d}")
