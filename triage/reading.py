"""A narrative made ready: masked, normalised, segmented, its concepts found. Each once.

Both programs read text through `TextReader`, so a model sees at service what it saw in training.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import astuple, dataclass
from functools import cached_property
from itertools import pairwise
from pathlib import Path

from triage.concepts import Concept, ConceptFinder, load_concepts
from triage.config import data_dir
from triage.features import Ints, Points, code_points, without_tokens
from triage.kept import kept
from triage.masking.mask import Masked, mask_many
from triage.normalize import Normalized, normalize_many
from triage.offsets import OffsetMap
from triage.segment import Segmenter, Words, load_terms, spelled
from triage.words import Hits

# Files whose content decides what a model sees; their digest is written into its manifest.
_FOLDERS = ("masking", "normalize", "terms", "concepts")


@dataclass(frozen=True, slots=True, eq=False)
class Document:
    """A narrative as models read it.

    Attributes
    ----------
    masked : str
        Without personal data.
    text : str
        Masked and normalised.
    sizes : array of int64
        Characters of each of its words; they sum to the length of `text`.
    concepts : array of int64
        Number of the concept of each hit.
    to_masked, to_submitted : OffsetMap
        From `text` to the masked narrative and to the narrative as submitted.
    """

    masked: str
    text: str
    sizes: Ints
    concepts: Ints
    to_masked: OffsetMap
    to_submitted: OffsetMap

    @property
    def words(self) -> list[str]:
        """The words; they join to `text`."""
        return spelled(self.text, self.sizes)


@dataclass(frozen=True)
class Reading:
    """A batch of n narratives as read.

    Attributes
    ----------
    masked : list of Masked
    normal : list of Normalized
    points : Points
        The normalised texts.
    bare : Points
        The same without the tokens of masking: what lines and concepts are read from.
    words : Words
    concepts : Hits
        Numbers of concepts and where they stand; none where they were not looked for.
    """

    masked: list[Masked]
    normal: list[Normalized]
    points: Points
    bare: Points
    words: Words
    concepts: Hits

    @cached_property
    def texts(self) -> list[str]:
        """The normalised texts."""
        return [each.text for each in self.normal]

    @cached_property
    def documents(self) -> list[Document]:
        """Each narrative on its own."""
        bounds = self.concepts.bounds.tolist()
        found = [self.concepts.words[low:high] for low, high in pairwise(bounds)]
        return [
            Document(m.text, n.text, self.words.of(i), c, n.offsets, n.offsets.after(m.offsets))
            for i, (m, n, c) in enumerate(zip(self.masked, self.normal, found, strict=True))
        ]


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
        # Thousands of forms, normalised: of the tables of normalisation too.
        folders = self.folder / "concepts", data_dir() / "normalize"
        paths = [path for folder in folders for path in sorted(folder.glob("*"))]
        known = kept("concepts", paths, lambda: list(map(astuple, load_concepts(folders[0]))))
        return ConceptFinder([Concept(*fields) for fields in known])

    def __call__(self, narrative: str) -> Document:
        """Read one narrative as submitted."""
        return self.many([narrative])[0]

    def many(self, narratives: Sequence[str]) -> list[Document]:
        """Read narratives as submitted."""
        return self.batch(narratives).documents

    def batch(self, narratives: Sequence[str], *, concepts: bool = True) -> Reading:
        """Read narratives, with or without looking for concepts.

        Step by step over all of them, not one after the other: each step's patterns and tables
        then stay in the processor's cache.
        """
        masked = mask_many(narratives)
        normal = normalize_many([each.text for each in masked])
        points = code_points([each.text for each in normal])
        words = self.segmenter.cut_many(points)
        bare = without_tokens(points)
        found = self.finder.hits(bare) if concepts else Hits.none(len(narratives))
        return Reading(masked, normal, points, bare, words, found)


def reading_digest(folder: Path | None = None) -> str:
    """sha256 over every file that decides how a model sees text."""
    root = folder or data_dir()
    return _digest(root, [path for name in _FOLDERS for path in (root / name).glob("*")])


def settings_digest(folder: Path | None = None) -> str:
    """sha256 over all configuration, the corpus apart: what decides an answer, with a model."""
    root = folder or data_dir()
    rooms = (path for path in root.iterdir() if path.name != "corpus")
    paths = (path for room in rooms for path in (room.rglob("*") if room.is_dir() else [room]))
    return _digest(root, [path for path in paths if path.is_file()])


def _digest(root: Path, paths: list[Path]) -> str:
    state = hashlib.sha256()
    for path in sorted(paths):
        state.update(path.relative_to(root).as_posix().encode())
        state.update(path.read_bytes())
    return state.hexdigest()
