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
from triage.features import Points, code_points
from triage.masking.mask import mask_many
from triage.normalize import normalize_many
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

    def __call__(self, narrative: str) -> Document:
        """Read one narrative as submitted."""
        return self.many([narrative])[0]

    def many(self, narratives: Sequence[str]) -> list[Document]:
        """Read narratives as submitted."""
        return self.batch(narratives)[0]

    def batch(
        self, narratives: Sequence[str], *, concepts: bool = True
    ) -> tuple[list[Document], Points]:
        """Read narratives, with or without looking for concepts; give their texts as points too.

        Step by step over all of them, not one after the other: each step's patterns and tables
        then stay in the processor's cache.
        """
        masked = mask_many(narratives)
        normal = normalize_many([each.text for each in masked])
        words = [self.segmenter.cut(each.text) for each in normal]
        texts = [each.text for each in normal]
        points = code_points(texts)
        found = self.finder.find_many(points) if concepts else [()] * len(texts)
        documents = [
            Document(m.text, n.text, w, c, n.offsets, n.offsets.after(m.offsets))
            for m, n, w, c in zip(masked, normal, words, found, strict=True)
        ]
        return documents, points


def reading_digest(folder: Path | None = None) -> str:
    """sha256 over every file that decides how a model sees text."""
    root = folder or data_dir()
    return _digest(root, [path for name in _FOLDERS for path in (root / name).glob("*")])


def settings_digest(folder: Path | None = None) -> str:
    """sha256 over all configuration, the corpus apart: what decides an answer, with a model."""
    root = folder or data_dir()
    corpus = root / "corpus"
    return _digest(root, [p for p in root.rglob("*") if p.is_file() and corpus not in p.parents])


def _digest(root: Path, paths: list[Path]) -> str:
    state = hashlib.sha256()
    for path in sorted(paths):
        state.update(path.relative_to(root).as_posix().encode())
        state.update(path.read_bytes())
    return state.hexdigest()
