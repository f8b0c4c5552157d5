"""What the desk says, in Chinese and in English, and how it writes times, amounts and shares."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from triage.config import read_yaml
from triage.rules.calendar import local

LANGUAGES = ("zh", "en")
FOLDER = Path(__file__).parent / "messages"
_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
_WAN = 10_000


@cache
def messages(language: str) -> dict[str, str]:
    """Give the messages of a language under dotted keys."""
    files = sorted(FOLDER.glob(f"{language}*.yaml"))
    return {key: said for file in files for key, said in _flat(read_yaml(file))}


def _flat(raw: Mapping[str, Any], before: str = "") -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for name, value in raw.items():
        if isinstance(value, Mapping):
            found += _flat(value, f"{before}{name}.")
        else:
            found.append((f"{before}{name}", str(value)))
    return found


@dataclass(frozen=True, slots=True)
class Words:
    """The words of one language at one moment."""

    language: str
    now: datetime

    @property
    def html(self) -> str:
        """The language as pages name it."""
        return "zh-CN" if self.language == "zh" else "en"

    def __call__(self, key: str, /, **values: object) -> str:
        """Say something; a key that is not known is a fault."""
        return messages(self.language)[key].format(**values)

    def code(self, kind: str, code: object) -> str:
        """Give the name of a code, or the code itself where it has none."""
        return messages(self.language).get(f"{kind}.{code}", str(code))

    def label(self, label: Any) -> str:
        """Give the name of a label of the taxonomy."""
        return str(label.zh if self.language == "zh" else label.en)

    def moment(self, at: datetime | str | None) -> str:
        """Write a moment as staff do; the year only when it is another."""
        if at is None:
            return ""
        at = local(datetime.fromisoformat(at) if isinstance(at, str) else at)
        key = "format.date" if at.year == local(self.now).year else "format.date_year"
        return self(
            key,
            year=at.year,
            month=at.month,
            day=at.day,
            name=_MONTHS[at.month - 1],
            time=f"{at:%H:%M}",
        )

    def clock(self, due: datetime | str | None) -> str:
        """Say how much time is left, or over."""
        if due is None:
            return ""
        due = datetime.fromisoformat(due) if isinstance(due, str) else due
        left = due - self.now
        key = "format.over" if left < timedelta() else "format.left"
        return self(key, span=self._span(abs(left)))

    def _span(self, span: timedelta) -> str:
        minutes = int(span.total_seconds() // 60)
        for name, size in (("days", 1440), ("hours", 60)):
            if minutes >= 2 * size:
                return self(f"format.{name}", count=minutes // size)
        return self("format.minutes", count=minutes)

    def amount(self, yuan: float) -> str:
        """Write an amount; from ten thousand up in units of ten thousand, where that is exact."""
        plain = f"{yuan:,.2f}" if yuan % 1 else f"{yuan:,.0f}"
        if yuan < _WAN or yuan % 100:
            return self("format.amount", amount=plain)
        short = f"{yuan / _WAN:,.2f}".rstrip("0").rstrip(".")
        return self("format.wan", amount=short, plain=plain)

    def number(self, value: int) -> str:
        """Write a count."""
        return f"{value:,}"

    def change(self, now: int, before: int) -> str:
        """Write by what share a count grew or shrank."""
        return self("format.percent", value=f"{(now - before) / before * 100:+.0f}")

    def share(self, value: float | None) -> str:
        """Write a share of one in per cent."""
        if value is None:
            return ""
        return self("format.percent", value=f"{value * 100:.{0 if value >= 0.1 else 1}f}")
