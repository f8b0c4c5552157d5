"""The reader: signals of escalation with their meaning, and entities, in one narrative.

Signals come from `triage.signals` (data/signals), entities from a spaCy pipeline over our own
words (`triage.entities`, data/entities). A narrative in which nothing can be found never
becomes a spaCy `Doc`, and spaCy is imported with the first one that does.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from triage.config import data_dir
from triage.cues import load_cues
from triage.records import Mention
from triage.signals import Spotter, counting, load_rules


class Reader:
    """Reads normalised narratives.

    Parameters
    ----------
    folder : Path, optional
        Holds `signals/` and `entities/`; the data folder by default. Rules are compiled here,
        once.
    """

    def __init__(self, *, folder: Path | None = None) -> None:
        root = folder or data_dir()
        rules = load_rules(root / "signals")
        self._codes = frozenset(code for rule in rules for code in rule.codes.values())
        self._spotter = Spotter(rules, load_cues(root / "signals"))

    def read(self, text: str, words: Sequence[str]) -> tuple[Mention, ...]:
        """Give every mention in `text`, in text order.

        Parameters
        ----------
        text : str
            A normalised narrative.
        words : sequence of str
            Its words; they join back to `text`.

        Returns
        -------
        tuple of Mention
            Signals with any status, and entities; offsets into `text`.
        """
        return tuple(self._spotter.find(text))

    def signals(self, mentions: Iterable[Mention]) -> tuple[Mention, ...]:
        """Keep the signals that count, the longest of those of one code that overlap."""
        return counting(mentions, self._codes)
