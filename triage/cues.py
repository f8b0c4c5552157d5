"""How words are meant: denied, quoted, asked about, threatened or done.

The cues are word lists (`data/signals/cues.yaml`) looked for in the clause of a match and in
the one before it; nothing is looked at where no rule matched.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from triage.config import read_yaml
from triage.errors import ConfigError
from triage.patterns import LazyPattern
from triage.records import Status

_MACRO = re.compile(r"\{([a-z_]+)\}")
_STOP = "。!?;…\n"


@dataclass(frozen=True, slots=True)
class Cue:
    """One family: what it makes of a mention and where it is looked for.

    Attributes
    ----------
    status : Status
        The status it gives.
    before : compiled pattern or None
        Searched in the characters before the match, up to the sentence's start.
    inside : compiled pattern or None
        Searched in the match.
    after : compiled pattern or None
        Matched right behind the match.
    whole : compiled pattern or None
        Searched in the whole narrative.
    around : compiled pattern or None
        Searched in the sentence around the match; what it finds must enclose the match.
    but : compiled pattern or None
        A match that begins like this is never judged by the family.
    """

    status: Status
    before: re.Pattern[str] | None
    inside: re.Pattern[str] | None
    after: re.Pattern[str] | None
    whole: re.Pattern[str] | None
    around: re.Pattern[str] | None
    but: re.Pattern[str] | None


class Cues:
    """The cue families of a file, in its order: the first that applies decides.

    Attributes
    ----------
    reach : int
        How far from a trigger a rule may look, in characters.
    """

    def __init__(self, families: Mapping[str, Cue], *, reach: int, back: int, ahead: int) -> None:
        self._families = dict(families)
        self.reach = reach
        self._back = back
        self._ahead = ahead

    def over(self, text: str) -> Judge:
        """Give what judges the mentions of one narrative."""
        return Judge(text, self._families, back=self._back, ahead=self._ahead)


class Judge:
    """Says how stretches of one narrative are meant; made by `Cues.over`.

    What is searched in the whole narrative is searched once, however many mentions there are.
    """

    def __init__(self, text: str, families: Mapping[str, Cue], *, back: int, ahead: int) -> None:
        self._text = text
        self._families = families
        self._back = back
        self._ahead = ahead
        self._found: dict[re.Pattern[str] | LazyPattern, bool] = {}

    def has(self, pattern: re.Pattern[str] | LazyPattern) -> bool:
        """Whether `pattern` is found anywhere in the narrative."""
        known = self._found.get(pattern)
        if known is None:
            known = self._found[pattern] = pattern.search(self._text) is not None
        return known

    def status(self, start: int, end: int, *, families: Iterable[str], default: Status) -> Status:
        """Say how `text[start:end]` is meant, looking only for the families named."""
        text = self._text
        back = max(0, start - self._back)
        low = max(back, max(text.rfind(stop, back, start) for stop in _STOP) + 1)
        high = min(len(text), end + self._ahead)
        for name in families:
            cue = self._families[name]
            if cue.but and cue.but.match(text, start, end):
                continue
            if (
                (cue.before and cue.before.search(text, low, start))
                or (cue.inside and cue.inside.search(text[start:end]))
                or (cue.after and cue.after.match(text, end, high))
                or (cue.whole and self.has(cue.whole))
                or (cue.around and _covers(cue.around, text, (low, high), (start, end)))
            ):
                return cue.status
        return default


def _covers(
    pattern: re.Pattern[str], text: str, within: tuple[int, int], span: tuple[int, int]
) -> bool:
    found = pattern.finditer(text, *within)
    return any(match.start() < span[0] and span[1] <= match.end() for match in found)


def load_cues(folder: Path) -> Cues:
    """Read `cues.yaml` of a folder, with the word lists of its `lists.yaml`."""
    raw = read_yaml(folder / "cues.yaml")
    lists = {name: str(words) for name, words in read_yaml(folder / "lists.yaml").items()}
    try:
        families = {
            name: Cue(
                Status(item["status"]),
                *(
                    re.compile(expand(item[where], lists)) if where in item else None
                    for where in ("before", "inside", "after", "whole", "around", "but")
                ),
            )
            for name, item in raw["families"].items()
        }
        return Cues(families, reach=raw["reach"], back=raw["back"], ahead=raw["ahead"])
    except (KeyError, TypeError, ValueError, re.error) as exc:
        raise ConfigError(f"cues.yaml: {exc}", cure="mend the family named") from exc


def expand(pattern: str, lists: Mapping[str, str]) -> str:
    """Put the word lists in for their `{names}`."""
    for _ in range(4):
        if not _MACRO.search(pattern):
            break
        pattern = _MACRO.sub(lambda m: f"(?:{lists[m[1]]})", pattern)
    return pattern
