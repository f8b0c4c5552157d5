"""Copies of narratives in which the writer says who he is.

Who writes says nothing of a line, yet in any corpus some lines are told with a name more often
than others. Copies with the same openings and closings in all lines make those words neutral.
They are rows of training alone: never counted, never judged, always in the fold of their original.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from triage.config import data_dir, read_yaml
from triage.masking.rules import LABELS
from triage.reading import Document, TextReader

_BOTH = 0.1
_OPENED = 0.65
_STOPS = "。！!."
_TOKENS = {
    "name": f"[{LABELS['name']}1]",
    "phone": f"[{LABELS['phone']}1]",
    "id": f"[{LABELS['id_card']}1]",
    "address": f"[{LABELS['address']}1]",
}


@dataclass(frozen=True)
class Copies:
    """Documents made from rows.

    Attributes
    ----------
    of : list of int
        Position of the row that each is a copy of.
    documents : list of Document
    """

    of: list[int] = field(default_factory=list)
    documents: list[Document] = field(default_factory=list)


@dataclass(frozen=True)
class Introductions:
    """How people say who they are (`data/introductions.yaml`).

    Attributes
    ----------
    openings, closings : tuple of str
        With the tokens of masking in the place of names and numbers.
    """

    openings: tuple[str, ...]
    closings: tuple[str, ...]

    @classmethod
    def load(cls, path: Path | None = None) -> Introductions:
        """Read the file."""
        raw = read_yaml(path or data_dir() / "introductions.yaml")
        opened, closed = (
            tuple(form.format(**_TOKENS) for form in raw[key]) for key in ("openings", "closings")
        )
        return cls(opened, closed)

    def around(self, text: str, rng: random.Random) -> str:
        """Open a text with an introduction, close it with one, or both."""
        kind = rng.random()
        opened = rng.choice(self.openings) if kind < _OPENED + _BOTH else ""
        if kind < _OPENED:
            return opened + text
        return opened + text.rstrip(_STOPS) + rng.choice(self.closings)


def introduced(
    documents: Sequence[Document], read: TextReader, *, share: float, seed: int
) -> Copies:
    """Make copies of a share of documents, the same for the same seed."""
    rng = random.Random(seed)  # noqa: S311  # no secret
    of = sorted(rng.sample(range(len(documents)), int(share * len(documents))))
    forms = Introductions.load() if of else Introductions((), ())
    texts = [forms.around(documents[i].masked, rng) for i in of]
    return Copies(of, read.many(texts))
