"""The homes of lines in JR/T 0169-2018, by name: business classes and reasons of complaint."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from triage.config import data_dir, read_yaml

_REASON = "投诉原因·"
NONE = "未对应"


@dataclass(frozen=True, slots=True)
class Classes:
    """Names by line, and by subline under `line.subline`."""

    homes: dict[str, tuple[str, ...]]

    def business(self, line: str | None, subline: str | None) -> str:
        """Name the business class; several that may be meant stand side by side."""
        found = [home for home in self._homes(line, subline) if not home.startswith(_REASON)]
        return " / ".join(found) or NONE

    def reason(self, line: str | None, subline: str | None) -> str:
        """Name the reason of complaint that the line itself says, if it does."""
        told = [*self._homes(line, subline), *self._homes(line, None)]
        found = [home.removeprefix(_REASON) for home in told if home.startswith(_REASON)]
        return " / ".join(dict.fromkeys(found)) or NONE

    def _homes(self, line: str | None, subline: str | None) -> tuple[str, ...]:
        if line is None:
            return ()
        return self.homes.get(f"{line}.{subline}") or self.homes.get(line, ())


def load_classes(path: Path | None = None) -> Classes:
    """Read the homes of `taxonomy.yaml` (default `data/`)."""
    raw: dict[str, Any] = read_yaml(path or data_dir() / "taxonomy.yaml")
    homes: dict[str, tuple[str, ...]] = {}
    for line in [*raw["lines"], *raw.get("dropped", ())]:
        for code, item in (
            (line["code"], line),
            *((f"{line['code']}.{sub['code']}", sub) for sub in line.get("sublines", ())),
        ):
            homes |= dict.fromkeys((code, *item.get("was", ())), tuple(item.get("jrt0169", ())))
    return Classes(homes)
