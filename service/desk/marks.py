"""A narrative cut into stretches, each with all that is to be seen in it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

EVIDENCE, SIGNAL, TOKEN = "evidence", "signal", "token"
_TOKEN = re.compile(r"\[(?:[一-龥A-Z]{1,6}\d{1,6}|已删除)\]")


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of the text; `kinds` of evidence, signal, token, and the codes of its signals."""

    start: int
    text: str
    kinds: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()


def stretches(
    text: str,
    *,
    evidence: Iterable[Mapping[str, Any]] = (),
    signals: Iterable[Mapping[str, Any]] = (),
) -> list[Stretch]:
    """Cut a text where something begins or ends; put together again they are the text.

    Parameters
    ----------
    text : str
    evidence, signals : iterables of mappings
        With `start` and `end`, in code points; signals with their `code`. Those without a place,
        or outside the text, are passed over.
    """
    spans = [(*_place(one), EVIDENCE, "") for one in evidence if _within(one, text)]
    spans += [(*_place(one), SIGNAL, str(one["code"])) for one in signals if _within(one, text)]
    tokens = [(one.start(), one.end(), TOKEN, "") for one in _TOKEN.finditer(text)]
    cuts = {0, len(text), *(s for s, *_ in spans), *(e for _, e, *_ in spans)}
    for start, end, *_ in tokens:  # a token is one thing, whatever begins or ends in it
        cuts = cuts.difference(range(start + 1, end)) | {start, end}
    found = []
    for start, end in pairwise(sorted(cuts)):
        here = [span for span in (*spans, *tokens) if span[0] < end and start < span[1]]
        kinds = tuple(kind for kind in (EVIDENCE, SIGNAL, TOKEN) if any(kind in s for s in here))
        codes = tuple(dict.fromkeys(code for *_, kind, code in here if kind == SIGNAL))
        found.append(Stretch(start, text[start:end], kinds, codes))
    return found


def _place(one: Mapping[str, Any]) -> tuple[int, int]:
    return one["start"], one["end"]


def _within(one: Mapping[str, Any], text: str) -> bool:
    start, end = one.get("start"), one.get("end")
    return isinstance(start, int) and isinstance(end, int) and 0 <= start < end <= len(text)
