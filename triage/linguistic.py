"""The reader: signals of escalation with their meaning, and entities, in one narrative.

Signals come from `triage.signals` (data/signals), entities from a spaCy pipeline over our own
words (`triage.entities`, data/entities). A narrative in which nothing can be found never
becomes a spaCy `Doc`, and spaCy is imported with the first one that does.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from triage.config import data_dir, read_yaml
from triage.cues import load_cues
from triage.features import Points
from triage.quantities import load_quantities
from triage.records import Mention
from triage.signal_rules import load_rules
from triage.signals import Spotter, counting

if TYPE_CHECKING:
    from triage.entities import EntityReader

# Counts of contacts and amounts stand first among the quantities.
_RISK_KINDS = 2
_NUMERAL = re.compile(r"[0-9一二两三四五六七八九十百千万半昨前今上去]")


class Reader:
    """Reads normalised narratives.

    Parameters
    ----------
    folder : Path, optional
        Holds `signals/` and `entities/`; the data folder by default. Rules are compiled here,
        once; spaCy's pipeline is built with the first narrative that needs it.
    """

    def __init__(self, *, folder: Path | None = None) -> None:
        root = folder or data_dir()
        rules = load_rules(root / "signals")
        self.codes = frozenset(code for rule in rules for code in rule.codes.values())
        self._spotter = Spotter(rules, load_cues(root / "signals"))
        self._quantities = root / "entities" / "quantities.yaml"
        self._patterns = {
            kind: [str(line) for line in lines]
            for name in ("parties.yaml", "products.yaml")
            for kind, lines in read_yaml(root / "entities" / name).items()
        }
        self._words = frozenset(
            word
            for lines in self._patterns.values()
            for line in lines
            for word in re.split(r"[ |]", line.replace("?", ""))
        )
        self._numbers = load_quantities(self._quantities, first=_RISK_KINDS)
        self._entities: EntityReader | None = None
        self._lock = Lock()

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
            Signals with any status, and entities (`amount_cny`, `duration`, `date`,
            `contact_count`, `party.*`, `product.*`); offsets into `text`.
        """
        found = self._spotter.find(text)
        if _NUMERAL.search(text) or not self._words.isdisjoint(words):
            found += self._entity_reader().read(text, words)
            found.sort(key=lambda m: (m.start, m.end, m.code))
        return tuple(found)

    def read_for_risk(self, texts: Sequence[str], points: Points) -> list[tuple[Mention, ...]]:
        """Give the signals, amounts and counts of earlier contacts of each text, in text order.

        What an assessment needs of `read`, the same mentions, without words and without spaCy;
        step by step over all texts, as `triage.reading` reads them. `points` are the same texts.
        """
        found = self._spotter.find_many(texts, points)
        numbers = [self._numbers.find(text) for text in texts]
        return [
            tuple(sorted([*signs, *told], key=lambda m: (m.start, m.end, m.code)))
            if told
            else tuple(signs)
            for signs, told in zip(found, numbers, strict=True)
        ]

    def signals(self, mentions: Iterable[Mention]) -> tuple[Mention, ...]:
        """Keep the signals that count, the longest of those of one code that overlap."""
        return counting(mentions, self.codes)

    def _entity_reader(self) -> EntityReader:
        if self._entities is None:
            with self._lock:
                if self._entities is None:
                    from triage.entities import EntityReader

                    self._entities = EntityReader(self._patterns, quantities=self._quantities)
        return self._entities
