"""The thesaurus: the many ways customers name one thing, and finding them in one pass.

`data/concepts/*.yaml` hold `kind`, optionally `shared`, and `concepts`, each with `code`, `zh`,
`forms` and optionally `kind` and `unless`. In a form, `(a|b|)` stands for either part and
`A…B` for A followed by B within `GAP` characters of the same sentence.
"""

from __future__ import annotations

import hashlib
import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from triage.config import read_yaml
from triage.errors import ConfigError
from triage.normalize import normalize
from triage.words import WordFinder

KINDS = ("situation", "act", "ask", "object", "party", "feeling", "channel", "product")
GAP = 6
BETWEEN = "…"
_CODE = re.compile(r"[a-z][a-z0-9_]*")
_CHOICE = re.compile(r"\(([^()]*)\)")
_SENTENCE_END = re.compile(r"[。!?\n]")
_LETTER = re.compile(r"[a-z]")
_DIGIT = re.compile(r"[0-9]")


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


def concepts_digest(folder: Path) -> str:
    """sha256 over names and bytes of the concept files: what a model was trained with."""
    digest = hashlib.sha256()
    for path in sorted(folder.glob("*.yaml")):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


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
    forms: dict[str, None] = {}
    for entry in raw:
        if not isinstance(entry, str):
            raise ConfigError(f"{where}: form {entry!r} must be text", cure="quote it")
        for form in expand(entry):
            parts = [normalize(part).text.strip() for part in form.split(BETWEEN)]
            whole = BETWEEN.join(parts)
            if len(parts) > 2 or not all(parts) or len(whole) < 2 or "(" in whole:
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
    """What one string of the automaton stands for, whole and as a part of patterns."""

    number: int
    before: re.Pattern[str] | None
    after: re.Pattern[str] | None
    meanings: list[tuple[int, bool]] = field(default_factory=list)
    opens: bool = False
    closes: list[tuple[int, int, bool]] = field(default_factory=list)

    @property
    def plain(self) -> tuple[int, bool] | None:
        """Its one meaning, where nothing else has to be looked at: so with most."""
        alone = len(self.meanings) == 1 and not (self.opens or self.closes)
        return self.meanings[0] if alone and not (self.before or self.after) else None

    def runs_on(self, text: str, start: int, end: int) -> bool:
        """Tell whether an edge of letters or digits goes on in the text around it."""
        before = self.before and self.before.match(text[start - 1 : start])
        return bool(before or (self.after and self.after.match(text[end : end + 1])))


class ConceptFinder:
    """Finds concepts in normalised text with one automaton.

    Parameters
    ----------
    concepts : sequence of Concept
        Their order gives the indices in the answers.
    """

    def __init__(self, concepts: Sequence[Concept]) -> None:
        self.codes: tuple[str, ...] = tuple(concept.code for concept in concepts)
        entries: dict[str, _Entry] = {}
        for index, concept in enumerate(concepts):
            for cancels, forms in ((False, concept.forms), (True, concept.unless)):
                for form in forms:
                    _enter(entries, form, index, cancels)
        self._entries = tuple(entries.values())
        self._plain = [entry.plain for entry in self._entries]
        self._finder = WordFinder(list(entries))

    def find(self, text: str) -> list[tuple[int, int, int]]:
        """Find the concepts of a normalised text.

        Returns
        -------
        list of (concept index, start, end)
            By concept, then by place. Hits of one concept do not overlap: the longest wins.
            Hits of different concepts may.
        """
        hits: list[_Hit] = []
        opened: dict[int, list[tuple[int, int]]] = {}
        for number, start, end in self._finder.find(text):
            plain = self._plain[number]
            if plain is not None:
                hits.append((plain[0], start, end, plain[1]))
                continue
            entry = self._entries[number]
            if (entry.before or entry.after) and entry.runs_on(text, start, end):
                continue
            for concept, cancels in entry.meanings:
                hits.append((concept, start, end, cancels))
            for head, concept, cancels in entry.closes:
                begin = _nearest(opened[head], start, text) if head in opened else -1
                if begin >= 0:
                    hits.append((concept, begin, end, cancels))
            if entry.opens:
                opened.setdefault(entry.number, []).append((start, end))
        return _longest(hits)


_Hit = tuple[int, int, int, bool]


def _enter(entries: dict[str, _Entry], form: str, concept: int, cancels: bool) -> None:
    first, gap, second = form.partition(BETWEEN)
    head = _entry(entries, first)
    if gap:
        head.opens = True
        _entry(entries, second).closes.append((head.number, concept, cancels))
    else:
        head.meanings.append((concept, cancels))


def _entry(entries: dict[str, _Entry], text: str) -> _Entry:
    if text not in entries:
        entries[text] = _Entry(len(entries), _edge(text[0]), _edge(text[-1]))
    return entries[text]


def _edge(char: str) -> re.Pattern[str] | None:
    return next((sort for sort in (_LETTER, _DIGIT) if sort.match(char)), None)


def _nearest(opened: list[tuple[int, int]], start: int, text: str) -> int:
    for begin, end in reversed(opened):
        if end <= start:
            near = start - end <= GAP and not _SENTENCE_END.search(text, end, start)
            return begin if near else -1
    return -1


def _longest(hits: list[_Hit]) -> list[tuple[int, int, int]]:
    hits.sort()
    kept: list[_Hit] = []
    for hit in hits:
        if kept and kept[-1][0] == hit[0] and hit[1] < kept[-1][2]:
            if hit[2] - hit[1] > kept[-1][2] - kept[-1][1]:
                kept[-1] = hit
        else:
            kept.append(hit)
    return [(concept, start, end) for concept, start, end, cancels in kept if not cancels]
