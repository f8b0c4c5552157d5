"""Names, numbers and customers' words as the draft of a risk alert says them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date

from triage.labels import Line, join_leaf
from triage.records import channel_name
from triage.surge.incidence import PHRASE, Key
from triage.surge.stories import Story
from triage.surge.tickets import Said
from triage.taxonomy import Taxonomy

_QUOTED = 70
_REASON = "投诉原因·"
_STOP = re.compile(r"[。！？!?；;\n]")


def name_of(key: Key, taxonomy: Taxonomy) -> str:
    """Name a series in Chinese."""
    held = dict(key)
    if not held:
        return "全部投诉"
    if PHRASE in held:
        return f"“{held[PHRASE]}”"
    line = held.get("line")
    parts = [
        held.get("unit", ""),
        taxonomy.name(line) if line else "",
        taxonomy.name(join_leaf(line, held["subline"])) if line and "subline" in held else "",
        held.get("product", ""),
        f"{channel_name(held['channel'])}渠道" if "channel" in held else "",
    ]
    return "·".join(part for part in parts if part)


def headline(story: Story, taxonomy: Taxonomy) -> str:
    """Say in a few words what a story is about."""
    words = "、".join(f"“{phrase}”" for phrase in story.phrases[:2])
    again = "再次" if story.again else ""
    if story.by_phrase:
        return f"涉及{words or name_of(story.key, taxonomy)}的投诉{again}集中出现"
    name = name_of(story.key, taxonomy)
    subject = name if name.endswith("投诉") else f"{name}投诉"
    return f"{subject}{again}增多" + (f"，多提到{words}" if words else "")


def homes_of(line: Line) -> str:
    """Name what a line is in JR/T 0169-2018: the reasons for complaint, else the classes."""
    reasons = [home.removeprefix(_REASON) for home in line.jrt0169 if home.startswith(_REASON)]
    return f"投诉原因：{'、'.join(reasons)}" if reasons else f"类别：{'、'.join(line.jrt0169)}"


def around(text: str, phrases: Sequence[str]) -> str:
    """Cut the stretch around the first telling phrase out of a text."""
    at = min((text.find(phrase) for phrase in phrases if phrase in text), default=0)
    start = max(0, at - _QUOTED // 2)
    return _cut(text, start, start + _QUOTED)


def sentences(text: str, said: Iterable[Said]) -> tuple[str, ...]:
    """Cut the sentences in which signals stand out of a masked text, each once, in order.

    A place may be one of the text before it was masked: of words that stand there several times
    those nearest to it are taken, and words that were masked away are passed over.
    """
    stretches = set()
    for each in said:
        found = [hit.start() for hit in re.finditer(re.escape(each.words), text)]
        if each.words and found:
            start = min(found, key=lambda at: abs(at - each.start))
            stretches.add(_sentence(text, start, start + len(each.words)))
    return tuple(dict.fromkeys(_cut(text, *stretch) for stretch in sorted(stretches)))


def _sentence(text: str, start: int, end: int) -> tuple[int, int]:
    """Give where the sentence around a stretch begins and ends, on either side not far away."""
    first = max((hit.end() for hit in _STOP.finditer(text, 0, start)), default=0)
    stop = _STOP.search(text, end)
    last = stop.end() if stop else len(text)
    return max(first, start - _QUOTED), min(last, end + _QUOTED)


def _cut(text: str, start: int, stop: int) -> str:
    body = " ".join(text[start:stop].split())
    return f"{'…' if start else ''}{body}{'…' if stop < len(text) else ''}"


def day_name(day: date) -> str:
    """Write a day in Chinese."""
    return f"{day.year}年{day.month}月{day.day}日"


def in_figures(value: float) -> str:
    """Write a number of tickets, a small one with a decimal."""
    return f"{value:.0f}" if value >= 10 else f"{value:.1f}"
