"""The labels, read from `data/taxonomy.yaml`.

A *leaf* is a line, or `line.subline` where the line has children. Source of the shipped file:
the label guide, with the homes in JR/T 0169-2018 by name. What a bank changes there, and how other
files follow: docs/taxonomy.md.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from triage.config import data_dir, read_yaml
from triage.errors import ConfigError, InvalidInput
from triage.labels import Gone, Label, Line, SignalLabel, join_leaf, split_leaf

__all__ = [
    "FALLBACK_LINE",
    "GONE",
    "LIFE_TIER",
    "Gone",
    "Label",
    "Line",
    "SignalLabel",
    "Taxonomy",
    "join_leaf",
    "load_taxonomy",
    "split_leaf",
]

# The one code with a part to play: the line of what fits nowhere. Its names are free.
FALLBACK_LINE = "other"
# Signals of this tier are in the highest band by rule.
LIFE_TIER = "S"
GONE = (
    "in taxonomy.yaml write it under `was` of the line that follows it, or move its entry to"
    " `dropped` (docs/taxonomy.md)"
)
_BARRED = {"barred": True, "allowed": False}


@dataclass(frozen=True)
class Taxonomy:
    """All labels of one version of the file.

    Attributes
    ----------
    renamed : mapping of str to str
        Codes of lines and leaves that there were, to those that follow them.
    dropped : mapping of str to Gone
        Lines and leaves that nothing follows, by their codes.
    names_before : mapping of str to str
        Names that lines and leaves had, to their codes: bank's files may have them still.
    """

    version: str
    lines: tuple[Line, ...]
    signals: tuple[SignalLabel, ...]
    natures: tuple[Label, ...]
    renamed: Mapping[str, str] = field(default_factory=dict)
    dropped: Mapping[str, Gone] = field(default_factory=dict)
    names_before: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def leaves(self) -> tuple[str, ...]:
        """Leaf codes in file order: the columns of every probability matrix."""
        return tuple(
            leaf
            for line in self.lines
            for leaf in ([f"{line.code}.{s.code}" for s in line.sublines] or [line.code])
        )

    @cached_property
    def line_codes(self) -> tuple[str, ...]:
        """Line codes in file order."""
        return tuple(line.code for line in self.lines)

    @cached_property
    def barred(self) -> tuple[str, ...]:
        """Lines that no outlet may handle, and what they were, in the order of their codes."""
        now = [line.code for line in self.lines if line.barred]
        old = [code for code, new in self.renamed.items() if split_leaf(new)[0] in now]
        gone = [code for code, label in self.dropped.items() if label.barred]
        return tuple(sorted([*now, *old, *gone]))

    @cached_property
    def codes(self) -> frozenset[str]:
        """All lines, and all leaves."""
        return frozenset((*self.line_codes, *self.leaves))

    @cached_property
    def signal_codes(self) -> tuple[str, ...]:
        """Signal codes in file order."""
        return tuple(signal.code for signal in self.signals)

    @cached_property
    def nature_codes(self) -> tuple[str, ...]:
        """Nature codes in file order."""
        return tuple(nature.code for nature in self.natures)

    @cached_property
    def digest(self) -> str:
        """sha256 over version and codes: what a model must have been trained on."""
        codes = [self.version, self.leaves, self.signal_codes, self.nature_codes]
        return hashlib.sha256(json.dumps(codes).encode()).hexdigest()

    def name(self, code: str, *, language: str = "zh") -> str:
        """Name a line, leaf, signal or nature; of lines and leaves also those there were."""
        try:
            label = self._named.get(code) or self._named[self.today(code) or ""]
        except (KeyError, InvalidInput):
            raise ConfigError(f"taxonomy {self.version} has no label {code!r}") from None
        return label.zh if language == "zh" else label.en

    def today(self, code: str) -> str | None:
        """Give the code that a line or leaf of any version of the file has now; None if dropped.

        Raises
        ------
        InvalidInput
            When the file does not tell.
        """
        if code in self.codes:
            return code
        if code in self.dropped:
            return None
        if code in self.renamed:
            return self.renamed[code]
        line, subline = split_leaf(code)
        if subline is not None and line in {*self.renamed, *self.dropped}:
            now = self.today(line)
            if now is None or join_leaf(now, subline) in self.codes:
                return now and join_leaf(now, subline)
        raise InvalidInput(f"{code!r} is no line or leaf of taxonomy {self.version}", cure=GONE)

    def before(self, code: str) -> list[str]:
        """Give the codes that a line or leaf had, as older tickets have them still."""
        line, subline = split_leaf(code)
        found = [old for old, new in self.renamed.items() if new == code]
        if subline is not None:
            found += [join_leaf(old, subline) for old, new in self.renamed.items() if new == line]
        return found

    @cached_property
    def _named(self) -> dict[str, Label]:
        """Labels by code; of two with one code the first of lines, signals, natures."""
        below = {f"{line.code}.{sub.code}": sub for line in self.lines for sub in line.sublines}
        above = (*self.natures, *self.signals, *self.lines)
        return {**self.dropped, **below, **{label.code: label for label in above}}


def load_taxonomy(path: Path | None = None) -> Taxonomy:
    """Read and check a taxonomy file.

    Parameters
    ----------
    path : Path, optional
        Default: `data/taxonomy.yaml`.

    Raises
    ------
    ConfigError
        On a missing field, a repeated code, one that is told of twice, or no line `other`.
    """
    path = path or data_dir() / "taxonomy.yaml"
    raw = read_yaml(path)
    try:
        taxonomy = Taxonomy(
            version=str(raw["version"]),
            lines=tuple(_line(item) for item in raw["lines"]),
            signals=tuple(
                SignalLabel(**_named(item), tier=item["tier"]) for item in raw["signals"]
            ),
            natures=tuple(Label(**_named(item)) for item in raw["natures"]),
            renamed=_told_before(raw["lines"], "was", path.name),
            names_before=_told_before(raw["lines"], "was_named", path.name),
            dropped=_dropped(raw.get("dropped") or ()),
        )
    except (KeyError, TypeError) as exc:
        raise ConfigError(f"{path.name}: missing or malformed field {exc}") from exc
    _check(taxonomy, path.name)
    return taxonomy


def _named(item: dict[str, Any]) -> dict[str, str]:
    names = {name: item[name] for name in ("code", "zh", "en")}
    return names | {"definition": item.get("definition", "")}


def _line(item: dict[str, Any]) -> Line:
    return Line(
        **_named(item | {"definition": item["definition"]}),
        barred=_BARRED[item["outlets"]],
        jrt0169=tuple(item["jrt0169"]),
        jrt0169_code=item["jrt0169_code"],
        sublines=tuple(Label(**_named(sub)) for sub in item.get("sublines", ())),
    )


def _told_before(lines: Iterable[dict[str, Any]], key: str, name: str) -> dict[str, str]:
    """Map every code of a `was`, or name of a `was_named`, to the line or leaf whose it is."""
    found: dict[str, str] = {}
    for line in lines:
        below = [(f"{line['code']}.{sub['code']}", sub) for sub in line.get("sublines", ())]
        for code, item in ((line["code"], line), *below):
            for old in item.get(key, ()):
                if found.setdefault(old, code) != code:
                    raise ConfigError(f"{name}: {old!r} `{key}` both {found[old]} and {code}")
    return found


def _dropped(items: Iterable[dict[str, Any]]) -> dict[str, Gone]:
    found: dict[str, Gone] = {}
    for item in items:
        barred = _BARRED[item.get("outlets", "allowed")]
        found[item["code"]] = Gone(item["code"], item["zh"], item["en"], barred)
        for sub in item.get("sublines", ()):
            found[f"{item['code']}.{sub['code']}"] = Gone(sub["code"], sub["zh"], sub["en"], barred)
    return found


def _check(taxonomy: Taxonomy, name: str) -> None:
    for kind in (taxonomy.leaves, taxonomy.line_codes, taxonomy.signal_codes):
        repeated = {code for code in kind if kind.count(code) > 1}
        if repeated:
            raise ConfigError(f"{name}: codes appear twice: {sorted(repeated)}")
    told = [*taxonomy.codes, *taxonomy.renamed, *taxonomy.dropped]
    if repeated := {code for code in told if told.count(code) > 1}:
        raise ConfigError(
            f"{name}: {', '.join(sorted(repeated))}: one of a line, a `was` and `dropped` is meant"
        )
    if FALLBACK_LINE not in taxonomy.line_codes:
        raise ConfigError(f"{name}: a line {FALLBACK_LINE!r} is needed for what fits nowhere")
