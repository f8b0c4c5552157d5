"""A narrative made ready: masked, normalised, segmented, its concepts found. Each once.

Both programs read text through `TextReader`, so a model sees at service what it saw in training.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from triage.concepts import ConceptFinder, load_concepts
from triage.config import data_dir
from triage.masking import mask
from triage.normalize import normalize
from triage.offsets import OffsetMap
from triage.segment import Segmenter, load_terms

# Files whose content decides what a model sees; their digest is written into its manifest.
_FOLDERS = ("masking", "normalize", "terms", "concepts")


@dataclass(frozen=True, slots=True)
class Document:
    """A narrative as models read it.

    Attributes
    ----------
    masked : str
        Without personal data.
    text : str
        Masked and normalised.
    words : tuple of str
        Join to `text`.
    concepts : tuple of (int, int, int)
        Concept number, start and end in `text`.
    to_masked, to_submitted : OffsetMap
        From `text` to the masked narrative and to the narrative as submitted.
    """

    masked: str
    text: str
    words: Sequence[str]
    concepts: Sequence[tuple[int, int, int]]
    to_masked: OffsetMap
    to_submitted: OffsetMap


class TextReader:
    """Reads narratives.

    Parameters
    ----------
    folder : Path, optional
        Where terms, concepts and variants lie; default `data/`.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder or data_dir()

    @cached_property
    def segmenter(self) -> Segmenter:
        """The private tokenizer with the terms of the folder."""
        return Segmenter(terms=load_terms(self.folder / "terms"))

    @cached_property
    def finder(self) -> ConceptFinder:
        """The thesaurus of the folder."""
        return ConceptFinder(load_concepts(self.folder / "concepts"))

    def __call__(self, narrative: str, *, concepts: bool = True) -> Document:
        """Read one narrative as submitted, with or without looking for concepts."""
        masked = mask(narrative)
        normal = normalize(masked.text)
        return Document(
            masked=masked.text,
            text=normal.text,
            words=self.segmenter.cut(normal.text),
            concepts=self.finder.find(normal.text) if concepts else (),
            to_masked=normal.offsets,
            to_submitted=normal.offsets.after(masked.offsets),
        )


def reading_digest(folder: Path | None = None) -> str:
    """sha256 over every file that decides how text is read."""
    root = folder or data_dir()
    state = hashlib.sha256()
    for name in _FOLDERS:
        for path in sorted((root / name).glob("*")):
            state.update(f"{name}/{path.name}".encode())
            state.update(path.read_bytes())
    return state.hexdigest()
