"""What a label is: a line with its sublines, a signal, a nature, and one that is no more."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Label:
    """A code with its Chinese and English names, and in Chinese what it takes in."""

    code: str
    zh: str
    en: str
    definition: str = field(default="", kw_only=True)


@dataclass(frozen=True, slots=True)
class SignalLabel(Label):
    """A signal; `tier` is S (life), A (hard), B or C."""

    tier: str


@dataclass(frozen=True, slots=True)
class Line(Label):
    """A business line and its children; no outlet may handle one that is `barred`."""

    barred: bool
    jrt0169: tuple[str, ...]
    jrt0169_code: str
    sublines: tuple[Label, ...]


@dataclass(frozen=True, slots=True)
class Gone(Label):
    """A line or leaf that is no more; what is barred stays so for the tickets there are."""

    barred: bool


def split_leaf(leaf: str) -> tuple[str, str | None]:
    """Split `line.subline` into its two codes."""
    line, _, subline = leaf.partition(".")
    return line, subline or None


def join_leaf(line: str, subline: str | None) -> str:
    """Join two codes to a leaf."""
    return f"{line}.{subline}" if subline else line
