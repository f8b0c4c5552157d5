"""What a narrative speaks of, by the Chinese names of the thesaurus, with the customer's words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from triage.concepts import ConceptFinder
from triage.features import code_points, without_tokens
from triage.normalize import normalize


@dataclass(frozen=True, slots=True)
class Spoken:
    """A concept: its name, its code where it has no name now, and the words that say it."""

    name: str
    words: tuple[str, ...]


def spoken(text: str, codes: Sequence[str], finder: ConceptFinder) -> list[Spoken]:
    """Name concepts that were read in a masked text, with the words that say them now.

    A concept that an older thesaurus read may have no words.
    """
    normal = normalize(text)
    bare = without_tokens(code_points([normal.text]))
    said: dict[str, dict[str, None]] = {}
    _, *columns = finder.hits(bare).arrays
    for number, start, end in zip(*(column.tolist() for column in columns), strict=True):
        low, high = normal.offsets.to_source(start, end)
        said.setdefault(finder.codes[number], {})[text[low:high]] = None
    return [Spoken(finder.name(code), tuple(said.get(code, ()))) for code in codes]


@lru_cache(maxsize=4)
def finder_of(folder: Path) -> ConceptFinder:
    """Give the thesaurus of a folder."""
    from triage.reading import TextReader

    return TextReader(folder).finder
