"""What a verdict may say: a confirmation, corrections, or that it is no complaint."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from triage.errors import InvalidInput
from triage.taxonomy import Taxonomy

CONFIRM, CORRECT, NOT_COMPLAINT = "confirm", "correct", "not_complaint"
UNSURE = "unsure"  # says nothing but that somebody else is to read it
RISKS = ("too_high", "too_low")


@dataclass(frozen=True, slots=True)
class Opinion:
    """A verdict as it came in.

    Attributes
    ----------
    kind : str
        confirm, correct, not_complaint or unsure.
    corrections : mapping
        With `correct`: line and subline together, secondary, nature, risk (too_high, too_low),
        signals (code, start, end into the text that was assessed; all that hold).
    note : str or None
        Masked.
    second : bool
        Whether somebody else is to read the ticket too.
    assessment : int or None
        The assessment it speaks of; refused when there is a later one.
    """

    kind: str
    corrections: Mapping[str, Any] = field(default_factory=dict)
    note: str | None = None
    second: bool = False
    assessment: int | None = None


def checked(opinion: Opinion, taxonomy: Taxonomy, text: str) -> dict[str, Any]:
    """Give the corrections of a verdict, if they can be.

    Raises
    ------
    InvalidInput
        Naming the field.
    """
    found = {name: value for name, value in opinion.corrections.items() if value is not None}
    if opinion.kind != CORRECT and found:
        raise InvalidInput("corrections go with the verdict `correct`", cure="leave them out")
    if opinion.kind == CORRECT and not found:
        raise InvalidInput("nothing is corrected", cure="say what is right, or confirm")
    if opinion.kind == NOT_COMPLAINT:
        return {"nature": "other"}
    if "line" in found:
        _known_leaf(found, taxonomy)
    elif found.pop("subline", None) is not None:
        raise InvalidInput("subline needs its line", cure="send both")
    _known("secondary", found.get("secondary", ()), [line.code for line in taxonomy.lines])
    _known("nature", [found["nature"]] if "nature" in found else [], _codes(taxonomy.natures))
    _known("risk", [found["risk"]] if "risk" in found else [], RISKS)
    _check_signals(found.get("signals", ()), taxonomy, text)
    return found


def _known_leaf(found: dict[str, Any], taxonomy: Taxonomy) -> None:
    _known("line", [found["line"]], [line.code for line in taxonomy.lines])
    (line,) = [one for one in taxonomy.lines if one.code == found["line"]]
    subline = found.setdefault("subline", None)
    if subline is None and line.sublines:
        raise InvalidInput("the line has sublines", cure="name one of them as subline")
    if subline is not None:
        _known("subline", [subline], _codes(line.sublines))


def _check_signals(signals: Sequence[Mapping[str, Any]], taxonomy: Taxonomy, text: str) -> None:
    _known("signals", [signal["code"] for signal in signals], _codes(taxonomy.signals))
    for signal in signals:
        if not 0 <= signal["start"] < signal["end"] <= len(text):
            raise InvalidInput(
                f"signals: the text has {len(text)} characters", cure="send offsets within it"
            )


def _known(name: str, values: Sequence[str], codes: Sequence[str]) -> None:
    if not set(values) <= set(codes):
        raise InvalidInput(f"{name} is not a code of the taxonomy", cure=f"use {', '.join(codes)}")


def _codes(labels: Sequence[Any]) -> list[str]:
    return [label.code for label in labels]
