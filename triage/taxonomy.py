"""The labels, read from `data/taxonomy.yaml`.

A *leaf* is a line, or `line.subline` where the line has children. Source of the shipped file:
the label guide, with the homes in JR/T 0169-2018 by name.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from triage.config import data_dir, read_yaml
from triage.errors import ConfigError

FALLBACK_LINE = "other"
# Signals of this tier are in the highest band by rule.
LIFE_TIER = "S"
# Lines that no outlet may handle; a bank that renames one bars it in its rules file.
OUTLET_BARRED = ("account_control", "fraud")


@dataclass(frozen=True, slots=True)
class Label:
    """A code with its Chinese and English names."""

    code: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class SignalLabel(Label):
    """A signal; `tier` is S (life), A (hard), B or C."""

    tier: str


@dataclass(frozen=True, slots=True)
class Line(Label):
    """A business line and its children."""

    definition: str
    jrt0169: tuple[str, ...]
    jrt0169_code: str
    sublines: tuple[Label, ...]


@dataclass(frozen=True)
class Taxonomy:
    """All labels of one version of the file."""

    version: str
    lines: tuple[Line, ...]
    signals: tuple[SignalLabel, ...]
    natures: tuple[Label, ...]

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
        """Name a line, leaf, signal or nature."""
        for label in (*self.lines, *self.signals, *self.natures):
            if label.code == code:
                return label.zh if language == "zh" else label.en
        line_code, _, sub_code = code.partition(".")
        for line in self.lines:
            for sub in line.sublines:
                if (line.code, sub.code) == (line_code, sub_code):
                    return sub.zh if language == "zh" else sub.en
        raise ConfigError(f"taxonomy {self.version} has no label {code!r}")


def split_leaf(leaf: str) -> tuple[str, str | None]:
    """Split `line.subline` into its two codes."""
    line, _, subline = leaf.partition(".")
    return line, subline or None


def join_leaf(line: str, subline: str | None) -> str:
    """Join two codes to a leaf."""
    return f"{line}.{subline}" if subline else line


def load_taxonomy(path: Path | None = None) -> Taxonomy:
    """Read and check a taxonomy file.

    Parameters
    ----------
    path : Path, optional
        Default: `data/taxonomy.yaml`.

    Raises
    ------
    ConfigError
        On a missing field, a repeated code, or no line `other`.
    """
    path = path or data_dir() / "taxonomy.yaml"
    raw = read_yaml(path)
    try:
        taxonomy = Taxonomy(
            version=str(raw["version"]),
            lines=tuple(_line(item) for item in raw["lines"]),
            signals=tuple(
                SignalLabel(s["code"], s["zh"], s["en"], s["tier"]) for s in raw["signals"]
            ),
            natures=tuple(_label(item) for item in raw["natures"]),
        )
    except (KeyError, TypeError) as exc:
        raise ConfigError(f"{path.name}: missing or malformed field {exc}") from exc
    _check(taxonomy, path.name)
    return taxonomy


def _label(item: dict[str, Any]) -> Label:
    return Label(item["code"], item["zh"], item["en"])


def _line(item: dict[str, Any]) -> Line:
    return Line(
        code=item["code"],
        zh=item["zh"],
        en=item["en"],
        definition=item["definition"],
        jrt0169=tuple(item["jrt0169"]),
        jrt0169_code=item["jrt0169_code"],
        sublines=tuple(_label(sub) for sub in item.get("sublines", ())),
    )


def _check(taxonomy: Taxonomy, name: str) -> None:
    for kind in (taxonomy.leaves, taxonomy.line_codes, taxonomy.signal_codes):
        repeated = {code for code in kind if kind.count(code) > 1}
        if repeated:
            raise ConfigError(f"{name}: codes appear twice: {sorted(repeated)}")
    if FALLBACK_LINE not in taxonomy.line_codes:
        raise ConfigError(f"{name}: a line {FALLBACK_LINE!r} is needed for what fits nowhere")
