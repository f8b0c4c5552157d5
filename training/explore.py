"""What one looks at first in labelled narratives: which there are, and what is told again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from training.bank_columns import parse_mapping
from training.bank_data import read_labelled
from training.cases import Case, as_cases
from training.corpus import load_corpus
from triage.reading import Document
from triage.repeats.index import RepeatIndex
from triage.repeats.matter import Matter, read_matter
from triage.repeats.settings import Settings
from triage.taxonomy import Taxonomy

_SEED = 20
# Rows without a time are compared as if they had come at once.
_ONE_MOMENT = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Material:
    """Labelled narratives, and what was said when they were read."""

    cases: tuple[Case, ...]
    told: str

    @property
    def timed(self) -> bool:
        """Whether most rows say when they came."""
        known = sum(case.context.received_at is not None for case in self.cases)
        return 2 * known > len(self.cases)


@dataclass(frozen=True, slots=True)
class Repeated:
    """What a row repeats.

    Attributes
    ----------
    position : int
        Of the row.
    matters : tuple of str
        Earlier rows of the same customer about the same matter.
    frequent : bool
        Whether it makes the matter a frequent one (`data/repeats.yaml`).
    like : tuple of str
        Earlier rows of others with nearly the same text.
    """

    position: int
    matters: tuple[str, ...]
    frequent: bool
    like: tuple[str, ...]


def material(
    taxonomy: Taxonomy, path: Path | None = None, mapping: str | None = None, *, most: int
) -> Material:
    """Read the shipped corpus, or a file of one's own.

    Parameters
    ----------
    taxonomy : Taxonomy
    path : Path, optional
        .csv, .jsonl or .parquet; without one the corpus.
    mapping : str, optional
        How the file names things: `text=客户诉求,line=业务类别`, or the path of a YAML file.
    most : int
        Of more rows so many are drawn, whole groups at a time.

    Raises
    ------
    InvalidInput
        When the file cannot be read or has no column of texts or of lines.
    """
    if path is None:
        cases, told = as_cases(load_corpus(taxonomy)), "data/corpus"
    else:
        read = read_labelled(path, taxonomy, columns=parse_mapping(mapping))
        cases, told = list(read.cases), read.report.text()
    kept = drawn(cases, most)
    return Material(tuple(kept), f"{told}\n{len(kept)} of {len(cases)} rows are looked at")


def drawn(cases: Sequence[Case], most: int, *, seed: int = _SEED) -> list[Case]:
    """Draw whole groups by lot until they hold so many rows or a few more; the order stays."""
    if len(cases) <= most:
        return list(cases)
    sizes: dict[str, int] = {}
    for case in cases:
        key = case.group or case.id
        sizes[key] = sizes.get(key, 0) + 1
    names = list(sizes)
    kept: set[str] = set()
    room = most
    for number in np.random.default_rng(seed).permutation(len(names)).tolist():
        if room <= 0:
            break
        kept.add(names[number])
        room -= sizes[names[number]]
    return [case for case in cases if (case.group or case.id) in kept]


def repeats(
    cases: Sequence[Case], documents: Sequence[Document], settings: Settings
) -> list[Repeated]:
    """Find the rows that tell again what an earlier row told, as the service finds them.

    Parameters
    ----------
    cases : sequence of Case, length n
        In order of time; a row without a customer is taken for a customer of its own.
    documents : sequence of Document, length n
        The same narratives as they were read.
    settings : Settings

    Returns
    -------
    list of Repeated
        In order; rows that repeat nothing are left out.
    """
    index = RepeatIndex(settings)
    found = []
    for position, (case, document) in enumerate(zip(cases, documents, strict=True)):
        matter = _matter(case, document, settings)
        matches, state, cluster = index.look(matter)
        index.add(matter)
        if matches or cluster:
            ids = tuple(match.id for match in matches)
            like = cluster.ids if cluster else ()
            found.append(Repeated(position, ids, state.frequent, like))
    return found


def _matter(case: Case, document: Document, settings: Settings) -> Matter:
    known = case.context
    return read_matter(
        case.id,
        document.masked,
        settings,
        received_at=known.received_at or _ONE_MOMENT,
        customer_ref=known.customer_key or f"row {case.id}",
        line=case.line,
        secondary=case.secondary or (),
        product=known.product,
        amount_cny=known.amount_cny,
        normal=document.text,
    )
