"""Rules of signals, as the signal files say them: regular expressions with triggers.

Of a rule all is worked out but its expressions compiled, and kept: there are hundreds, and few
are ever tried.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from triage.config import read_yaml
from triage.cues import expand
from triage.errors import ConfigError
from triage.kept import kept
from triage.literals import commonness, needed
from triage.patterns import LazyPattern, lazy
from triage.records import Status

_TRIGGER = re.compile(r"<([^<>=!]+)>")
_SPECIAL = re.compile(r"[\[\](){}.*+?\\^$]")
# Commoner words, and a third set of words, cost more to find than they turn away.
_COMMON = 0.6
_MOST_GATES = 2
_DEMANDS = ("needs", "unless", "context", "without")
_KEYS = {"patterns", "status", "cues", *_DEMANDS}


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of a signal file.

    Attributes
    ----------
    codes : mapping of Status to str
        The signal code a mention gets by its status.
    pattern : LazyPattern
        What is reported, searched in the sentence around a trigger.
    triggers : tuple of str
        Without one of them the pattern cannot match.
    gates, remote : tuple of tuples of str
        Of each, one word must stand besides the triggers: in the sentence around a trigger, or
        anywhere in the narrative.
    status : Status
        The meaning when no cue says otherwise.
    cues : tuple of str
        Families of cues that may change the status.
    needs, unless : LazyPattern or None
        Must (not) be found in the same sentence.
    context, without : LazyPattern or None
        Must (not) be found anywhere in the narrative.
    """

    codes: Mapping[Status, str]
    pattern: LazyPattern
    triggers: tuple[str, ...]
    gates: tuple[tuple[str, ...], ...]
    remote: tuple[tuple[str, ...], ...]
    status: Status
    cues: tuple[str, ...]
    needs: LazyPattern | None
    unless: LazyPattern | None
    context: LazyPattern | None
    without: LazyPattern | None


def load_rules(folder: Path) -> tuple[Rule, ...]:
    """Read the signal files of a folder (`lists.yaml` holds the word lists, `cues.yaml` cues).

    Raises
    ------
    ConfigError
        When a rule has no trigger, an unknown key or list, or is no regular expression.
    """
    rows = kept("signals", sorted(folder.glob("*.yaml")), lambda: _read(folder))
    return tuple(map(_rule, rows))


def _rule(row: Mapping[str, Any]) -> Rule:
    return Rule(
        codes={Status(status): code for status, code in row["codes"].items()},
        pattern=lazy(row["pattern"]),
        triggers=tuple(row["triggers"]),
        gates=tuple(map(tuple, row["gates"])),
        remote=tuple(map(tuple, row["remote"])),
        status=Status(row["status"]),
        cues=tuple(row["cues"]),
        **{key: lazy(row[key]) if row[key] is not None else None for key in _DEMANDS},
    )


def _read(folder: Path) -> list[dict[str, Any]]:
    """Read and check the rules, all words put in: a row of plain values for each."""
    lists = {name: str(words) for name, words in read_yaml(folder / "lists.yaml").items()}
    rows: list[dict[str, Any]] = []
    for path in sorted(folder.glob("*.yaml")):
        if path.stem in ("lists", "cues"):
            continue
        raw = read_yaml(path)
        try:
            for item in raw["rules"]:
                rows += _rows(raw, item, lists)
        except (KeyError, TypeError, ValueError, re.error) as exc:
            raise ConfigError(f"{path.name}: {exc}", cure="mend the rule named") from exc
    return rows


def _rows(
    raw: Mapping[str, Any], item: Mapping[str, Any], lists: Mapping[str, str]
) -> list[dict[str, Any]]:
    if unknown := set(item) - _KEYS:
        raise ValueError(f"unknown keys {sorted(unknown)}")
    codes: dict[str, str] = raw.get("codes") or dict.fromkeys(Status, raw["code"])
    demands = {key: _valid(expand(item[key], lists)) if key in item else None for key in _DEMANDS}
    rows = []
    for pattern in item["patterns"]:
        whole = expand(pattern, lists)
        row: dict[str, Any] = {
            "codes": {Status(status).value: code for status, code in codes.items()},
            "pattern": _valid(_TRIGGER.sub(r"(?:\1)", whole)),
            "triggers": _triggers(whole),
            "status": Status(item.get("status", raw.get("status", "happened"))).value,
            "cues": list(item.get("cues", raw.get("cues", ()))),
            **demands,
        }
        rows.append(row | {"gates": _gates(row), "remote": _words_of(row["context"])})
    return rows


def _valid(pattern: str) -> str:
    re.compile(pattern)
    return pattern


def _triggers(pattern: str) -> list[str]:
    groups = _TRIGGER.findall(pattern)
    if not groups:
        raise ValueError(f"no <trigger> in {pattern!r}")
    words = [w for group in groups for w in re.sub(r"\(\?:|\)", "", group).split("|")]
    if bad := [w for w in words if not w or _SPECIAL.search(w)]:
        raise ValueError(f"trigger {bad[0]!r} of {pattern!r} must be plain words")
    return list(dict.fromkeys(words))


def _gates(row: Mapping[str, Any]) -> list[list[str]]:
    """Words that must stand near the triggers."""
    rare = [words for words in needed(row["pattern"]) if commonness(words) < _COMMON]
    own = [sorted(words) for words in rare if words != frozenset(row["triggers"])]
    return own[:_MOST_GATES] + _words_of(row["needs"])


def _words_of(demand: str | None) -> list[list[str]]:
    """Words without which a demand is not met."""
    return [sorted(words) for words in needed(demand)[:1]] if demand else []
