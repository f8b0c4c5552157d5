"""What stands in a narrative in place of a value."""

from __future__ import annotations

from dataclasses import dataclass, field

from triage.masking.rules import LABELS, Span
from triage.masking.view import MOST_INDEX, TOKEN

DROPPED = "[已删除]"


@dataclass(slots=True)
class Tokens:
    """Hands out tokens; equal values of a kind share one, numbers in the text are skipped."""

    used: dict[str, int]
    known: dict[tuple[str, str], str] = field(default_factory=dict)

    @classmethod
    def of(cls, text: str) -> Tokens:
        """Start behind the numbers of the tokens that are in a text."""
        used: dict[str, int] = {}
        for found in TOKEN.finditer(text) if "[" in text else ():
            label = found[0].strip("[]").rstrip("0123456789")
            number = found[0].strip("[]")[len(label) :]
            used[label] = max(used.get(label, 0), int(number or 0))
        return cls(used)

    def give(self, span: Span) -> str:
        """Give the token of a value."""
        if span.kind == "secret":
            return DROPPED
        key = (span.kind, span.value)
        if key not in self.known:
            label = LABELS[span.kind]
            # Beyond the last number values share it: no token may look like a value.
            self.used[label] = min(self.used.get(label, 0) + 1, MOST_INDEX)
            self.known[key] = f"[{label}{self.used[label]}]"
        return self.known[key]
