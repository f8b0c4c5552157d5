"""What people decided about new phrases: terms to be, and those not to be offered again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

import orjson

from service.errors import NothingThere

FILE = "drift_phrases.jsonl"


class Choice(StrEnum):
    """What may be decided; `open` takes an earlier decision back."""

    ACCEPTED = "accepted"
    DISMISSED = "dismissed"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class Decided:
    """A phrase and the last decision about it."""

    text: str
    choice: Choice
    who: str
    at: str


class Terms:
    """Keeps decisions, one a line; nothing is ever written into the dictionary itself.

    A term changes how every text is read, so a model trained before is refused with it: it is put
    into `data/terms` together with a new training.

    Parameters
    ----------
    home : Path
        Where the file lies, shared by every process.
    """

    def __init__(self, home: Path) -> None:
        self._path = home / FILE

    def decide(
        self, text: str, choice: Choice, *, who: str, at: datetime, offered: set[str]
    ) -> Decided:
        """Keep a decision, and give it as it is kept.

        Raises
        ------
        NothingThere
            When the phrase is neither offered nor decided upon.
        """
        if text not in offered | {one.text for one in self.decided()}:
            raise NothingThere("this phrase is not offered", cure="ask again what is offered")
        kept = Decided(text, choice, who, at.isoformat(timespec="seconds"))
        with self._path.open("ab") as file:
            file.write(orjson.dumps(kept) + b"\n")
        return kept

    def decided(self) -> list[Decided]:
        """Give the phrases about which a decision holds, in the order of the decisions."""
        try:
            lines = self._path.read_bytes().splitlines()
        except FileNotFoundError:
            return []
        last: dict[str, Decided] = {}
        for line in lines:
            if (one := _decided(line)) is not None:
                last.pop(one.text, None)
                last[one.text] = one
        return [one for one in last.values() if one.choice is not Choice.OPEN]

    def accepted(self) -> list[str]:
        """Give the terms to be, as lines for a file of `data/terms`."""
        return [one.text for one in self.decided() if one.choice is Choice.ACCEPTED]


def undecided(phrases: list[dict[str, Any]], decided: list[Decided]) -> list[dict[str, Any]]:
    """Leave out phrases about which a decision holds, also where they are a little longer."""
    return [
        phrase for phrase in phrases if not any(same(phrase["text"], one.text) for one in decided)
    ]


def same(one: str, other: str) -> bool:
    """Say whether one phrase is the other with little before or after it: more than half is it."""
    short, long = sorted((one, other), key=len)
    return short in long and 2 * len(short) > len(long)


def _decided(line: bytes) -> Decided | None:
    try:
        told = orjson.loads(line)
        return Decided(str(told["text"]), Choice(told["choice"]), str(told["who"]), str(told["at"]))
    except (ValueError, KeyError, TypeError):  # a line that was cut off hides no other
        return None
