"""Labelled narratives: the shipped corpus and its form on disk."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from triage.config import data_dir
from triage.errors import InvalidInput
from triage.masking.mask import mask
from triage.normalize import normalize
from triage.taxonomy import Taxonomy, join_leaf, split_leaf

# 64 bits: among a million narratives two share one with a chance of a few in a hundred million.
_DIGEST = 16

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Mark:
    """A signal's words in a text, as its author marked them; offsets in code points."""

    code: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class LabelledRow:
    """One labelled narrative.

    Attributes
    ----------
    leaf : str
        `line` or `line.subline`.
    signals, decoys : tuple of Mark
        Words that make a signal; words that look like one but are denied, quoted, wished
        or somebody else's.
    group : str
        Rows of one group never straddle a split.
    rule : int or None
        Boundary rule of the label guide that a contrast pair exercises.
    escalated_30d : bool or None
        Known only of a bank's own rows.
    weight : float
        How many rows it counts for when a line model is fitted.
    """

    id: str
    text: str
    leaf: str
    secondary: tuple[str, ...] = ()
    nature: str | None = None
    signals: tuple[Mark, ...] = ()
    decoys: tuple[Mark, ...] = ()
    register: str | None = None
    group: str = ""
    rule: int | None = None
    escalated_30d: bool | None = None
    weight: float = 1.0

    @property
    def line(self) -> str:
        """The line without its subline."""
        return split_leaf(self.leaf)[0]


def corpus_files(folder: Path | None = None) -> list[Path]:
    """Files of the corpus in order."""
    return sorted((folder or data_dir() / "corpus").glob("*.jsonl"))


def load_corpus(
    taxonomy: Taxonomy | None, folder: Path | None = None, *, say: Say | None = None
) -> list[LabelledRow]:
    """Read every row of a corpus folder.

    Parameters
    ----------
    taxonomy : Taxonomy or None
        Rows follow their labels to the codes of today; those with none any more are left out.
        None takes labels as they stand, for whoever wants texts or marks alone.
    say : callable, optional
        Told how many rows were left out, if any.

    Raises
    ------
    InvalidInput
        Naming file and line when a row is malformed or a label is not in the taxonomy.
    """
    rows, whole = [], 0
    for path in corpus_files(folder):
        for number, line in enumerate(path.read_bytes().splitlines(), 1):
            try:
                row = parse_row(orjson.loads(line), taxonomy)
            except (KeyError, TypeError, ValueError, InvalidInput) as exc:
                raise InvalidInput(f"{path.name} line {number}: {exc}") from exc
            whole += 1
            if row is not None:
                rows.append(row)
    if say is not None and len(rows) < whole:
        said = f"{whole - len(rows)} of {whole} rows are of no leaf that there is: left out"
        say(f"{(folder or data_dir() / 'corpus').name}: {said}")
    return rows


def parse_row(raw: dict[str, Any], taxonomy: Taxonomy | None) -> LabelledRow | None:
    """Turn one JSON object into a row, labels followed to those of the taxonomy.

    None where its leaf was dropped, or its line was parted into sublines since.

    Raises
    ------
    InvalidInput
        On a label that the taxonomy does not tell of.
    """
    leaf: str | None = join_leaf(raw["line"], raw.get("subline"))
    secondary = _codes(raw.get("secondary"))
    if taxonomy is not None:
        leaf = taxonomy.today(str(leaf))
        now = [split_leaf(code)[0] for each in secondary if (code := taxonomy.today(each))]
        secondary = tuple(dict.fromkeys(now))
    if leaf is None or (taxonomy is not None and leaf not in taxonomy.leaves):
        return None
    return LabelledRow(
        id=str(raw["id"]),
        text=raw["text"],
        leaf=leaf,
        secondary=secondary,
        nature=raw.get("nature"),
        signals=_marks(raw.get("signals")),
        decoys=_marks(raw.get("decoys")),
        register=raw.get("register"),
        group=str(raw.get("group") or raw["id"]),
        rule=raw.get("rule"),
        escalated_30d=raw.get("escalated_30d"),
    )


def corpus_digest(rows: Sequence[LabelledRow]) -> str:
    """sha256 over ids, texts and leaves in order."""
    state = hashlib.sha256()
    for row in rows:
        state.update(orjson.dumps([row.id, row.text, row.leaf]))
    return state.hexdigest()


def text_digest(text: str) -> str:
    """Give a short sha256 of a narrative as a model reads it: masked and normalised."""
    read = normalize(mask(text).text).text
    return hashlib.sha256(read.encode()).hexdigest()[:_DIGEST]


def _codes(value: str | list[str] | None) -> tuple[str, ...]:
    if not value:
        return ()
    return (value,) if isinstance(value, str) else tuple(value)


def _marks(value: list[Any] | None) -> tuple[Mark, ...]:
    return tuple(
        Mark(item["code"], item["start"], item["end"])
        for item in value or ()
        if isinstance(item, dict)
    )
