"""The thesaurus: the many ways customers name one thing, and finding them in one pass.

`data/concepts/*.yaml` hold `kind`, optionally `shared`, and `concepts`, each with `code`, `zh`,
`forms` and optionally `kind` and `unless`. In a form, `(a|b|)` stands for either part and
`A…B` for A followed by B within `GAP` characters of the same sentence.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from triage.config import read_yaml
from triage.errors import ConfigError
from triage.features import Ints, Points, code_points
from triage.kernels.words import DIGIT, LETTER, find_concepts
from triage.normalize import normalize_many
from triage.words import Hits, WordFinder

KINDS = ("situation", "act", "ask", "object", "party", "feeling", "channel", "product")
GAP = 6
BETWEEN = "…"
_CODE = re.compile(r"[a-z][a-z0-9_]*")
_CHOICE = re.compile(r"\(([^()]*)\)")
_SENTENCE_ENDS = "。!?\n"


@dataclass(frozen=True, slots=True)
class Concept:
    """One meaning and its forms.

    `forms` are spelled out and normalised, `A…B` is a pattern; `unless` are longer wordings
    in which a form says something else: they cancel it.
    """

    code: str
    zh: str
    kind: str
    forms: tuple[str, ...]
    unless: tuple[str, ...] = ()


def expand(form: str) -> list[str]:
    """Spell out the `(a|b|)` choices of a form."""
    pieces = _CHOICE.split(form)
    choices = [piece.split("|") if i % 2 else [piece] for i, piece in enumerate(pieces)]
    return ["".join(parts) for parts in itertools.product(*choices)]


def load_concepts(folder: Path) -> tuple[Concept, ...]:
    """Read and check the thesaurus, files in name order.

    Raises
    ------
    ConfigError
        On a malformed concept, a repeated code, or a form that two concepts claim although no
        file lists it under `shared`. File and concept are named.
    """
    paths = sorted(folder.glob("*.yaml"))
    if not paths:
        raise ConfigError(f"{folder.name} holds no concept files", cure="restore data/concepts")
    concepts: list[Concept] = []
    shared: set[str] = set()
    home: dict[str, str] = {}
    for path in paths:
        raw = read_yaml(path)
        shared.update(_spelled(raw.get("shared", []), f"{path.name}: shared"))
        for item in raw.get("concepts") or ():
            concept = _concept(item, raw.get("kind"), path.name)
            if concept.code in home:
                raise ConfigError(f"{path.name}: {concept.code} is also in {home[concept.code]}")
            home[concept.code] = path.name
            concepts.append(concept)
    _check_claims(concepts, shared, home)
    return tuple(concepts)


def _concept(item: Any, kind: str | None, file: str) -> Concept:
    code = item.get("code") if isinstance(item, dict) else None
    if not isinstance(code, str) or not _CODE.fullmatch(code):
        raise ConfigError(f"{file}: code {code!r} of a concept must be snake_case English")
    where = f"{file}: {code}"
    if unknown := set(item) - {"code", "zh", "kind", "forms", "unless"}:
        raise ConfigError(f"{where} has unknown fields {sorted(unknown)}")
    kind, zh = item.get("kind", kind), item.get("zh")
    if kind not in KINDS:
        raise ConfigError(f"{where}: kind {kind!r} must be one of {', '.join(KINDS)}")
    if not isinstance(zh, str) or not zh:
        raise ConfigError(f"{where} needs a Chinese name", cure="add zh")
    forms = _spelled(item.get("forms"), where)
    if not forms:
        raise ConfigError(f"{where} has no forms")
    return Concept(code, zh, kind, forms, _spelled(item.get("unless", []), where))


def _spelled(raw: Any, where: str) -> tuple[str, ...]:
    if not isinstance(raw, list):
        raise ConfigError(f"{where}: forms must be a list")
    if wrong := [entry for entry in raw if not isinstance(entry, str)]:
        raise ConfigError(f"{where}: form {wrong[0]!r} must be text", cure="quote it")
    said = [(entry, form.split(BETWEEN)) for entry in raw for form in expand(entry)]
    # At one go: thousands of forms are read at every start.
    normal = iter(normalize_many([part for _, parts in said for part in parts]))
    forms: dict[str, None] = {}
    for entry, parts in said:
        clean = [next(normal).text.strip() for _ in parts]
        whole = BETWEEN.join(clean)
        if len(clean) > 2 or not all(clean) or len(whole) < 2 or "(" in whole:
            raise ConfigError(f"{where}: form {entry!r} must be A…B or 2 characters or more")
        forms[whole] = None
    return tuple(forms)


def _check_claims(concepts: Sequence[Concept], shared: set[str], home: dict[str, str]) -> None:
    owner: dict[str, str] = {}
    for concept in concepts:
        for form in concept.forms:
            other = owner.setdefault(form, concept.code)
            if other != concept.code and form not in shared:
                raise ConfigError(
                    f"{home[concept.code]}: {concept.code} claims {form!r}, which {other} has",
                    cure="keep it in one concept or list it under shared",
                )


@dataclass(slots=True)
class _Entry:
    """What one string stands for, whole and as the second part of patterns."""

    number: int
    edges: tuple[int, int]
    meanings: list[tuple[int, bool]] = field(default_factory=list)
    closes: list[tuple[int, int, bool]] = field(default_factory=list)


class ConceptFinder:
    """Finds concepts in normalised text, in one pass.

    Parameters
    ----------
    concepts : sequence of Concept
        Their order gives the indices in the answers.
    """

    def __init__(self, concepts: Sequence[Concept]) -> None:
        self.codes: tuple[str, ...] = tuple(concept.code for concept in concepts)
        self._names = {concept.code: concept.zh for concept in concepts}
        entries: dict[str, _Entry] = {}
        for index, concept in enumerate(concepts):
            for cancels, forms in ((False, concept.forms), (True, concept.unless)):
                for form in forms:
                    _enter(entries, form, index, cancels)
        self._finder = WordFinder(list(entries))
        known = list(entries.values())
        edges = np.array([entry.edges for entry in known], dtype=np.int64).reshape(-1, 2)
        ends, meant = _table([entry.meanings for entry in known], width=2)
        lasts, closed = _table([entry.closes for entry in known], width=3)
        facts = np.column_stack([edges, ends[:-1], ends[1:], lasts[:-1], lasts[1:]])
        self._meaning = facts.astype(np.int32), meant, closed
        self._rows = np.diff(ends) + np.diff(lasts)
        self._stops = np.array([ord(stop) for stop in _SENTENCE_ENDS], dtype=np.uint32)

    def named(self, concepts: Ints) -> tuple[str, ...]:
        """Give the codes of concepts by their numbers, each once."""
        return tuple(dict.fromkeys([self.codes[number] for number in concepts.tolist()]))

    def name(self, code: str) -> str:
        """Give the Chinese name of a concept, or the code of one that is not known."""
        return self._names.get(code, code)

    def find(self, text: str) -> list[Hit]:
        """Find the concepts of a normalised text; see `hits`."""
        found = self.hits(code_points([text]))
        return list(zip(*(column.tolist() for column in found.arrays[1:]), strict=True))

    def hits(self, points: Points) -> Hits:
        """Find the concepts of normalised texts.

        Returns
        -------
        Hits
            Numbers of concepts, by concept, then by place. Hits of one concept do not overlap:
            the longest wins. Hits of different concepts may.
        """
        hits = self._finder.find(points)
        room = int(self._rows[hits.words].sum())
        places = [np.empty(room, dtype=np.int64) for _ in range(3)]
        bounds = np.zeros(len(points.lengths) + 1, dtype=np.int64)
        out = (bounds, *places, np.empty(len(hits.words), dtype=np.bool_), np.empty_like(places[0]))
        find_concepts(*points, hits.arrays, self._meaning, GAP, self._stops, out)
        return Hits(bounds, *(column[: bounds[-1]] for column in places))


Hit = tuple[int, int, int]


def _table(rows: Sequence[Sequence[tuple[int, ...]]], *, width: int) -> tuple[Ints, Ints]:
    """Write lists of rows as bounds and one array."""
    bounds = np.cumsum([0, *map(len, rows)], dtype=np.int64)
    flat = np.array([row for own in rows for row in own], dtype=np.int64)
    return bounds, flat.reshape(-1, width)


def _enter(entries: dict[str, _Entry], form: str, concept: int, cancels: bool) -> None:
    first, gap, second = form.partition(BETWEEN)
    head = _entry(entries, first)
    if gap:
        _entry(entries, second).closes.append((head.number, concept, cancels))
    else:
        head.meanings.append((concept, cancels))


def _entry(entries: dict[str, _Entry], text: str) -> _Entry:
    if text not in entries:
        entries[text] = _Entry(len(entries), (_edge(text[0]), _edge(text[-1])))
    return entries[text]


def _edge(char: str) -> int:
    """Say whether a letter or digit must not go on beyond an edge of a form."""
    if "a" <= char <= "z":
        return LETTER
    return DIGIT if "0" <= char <= "9" else 0
