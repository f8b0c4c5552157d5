"""Entities with spaCy, over our own words; imported only when a `Doc` is wanted.

spaCy gets no word it does not know: what no phrase names stands as one placeholder. So its
store of strings does not grow with what customers write, nothing they write stays in it, and a
lone surrogate cannot upset it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import accumulate, product
from pathlib import Path
from typing import Any

import spacy
from spacy.language import Language
from spacy.matcher import PhraseMatcher
from spacy.tokens import Doc
from spacy.vocab import Vocab

from triage.errors import ConfigError
from triage.quantities import Quantities, load_quantities
from triage.records import Mention

_UNKNOWN = "□"
_TEXT, _STARTS, _FOUND = "narrative", "starts", "found"


class PhraseComponent:
    """Adds parties and products to `doc.user_data["found"]`; the longest phrase wins.

    spaCy's own entity ruler gave the same at twice the time of the whole pipeline: it builds
    spans, sorts them and writes them back token by token.
    """

    def __init__(self, vocab: Vocab) -> None:
        self._vocab = vocab
        self._matcher = PhraseMatcher(vocab)

    def add(self, kind: str, phrases: Sequence[str]) -> None:
        """Add phrases of one kind, their words separated by blanks."""
        self._matcher.add(kind, [Doc(self._vocab, words=p.split(" ")) for p in phrases])

    def __call__(self, doc: Doc) -> Doc:
        """Find the phrases."""
        text: str = doc.user_data[_TEXT]
        starts: Sequence[int] = doc.user_data[_STARTS]
        done = 0
        for key, first, last in sorted(self._matcher(doc), key=lambda m: (m[1], -m[2])):
            if first < done:
                continue
            done = last
            start, end = starts[first], starts[last]
            mention = Mention(self._vocab.strings[key], start, end, text[start:end])
            doc.user_data[_FOUND].append(mention)
        return doc


class QuantityComponent:
    """Adds amounts, durations, dates and counts to `doc.user_data["found"]`."""

    def __init__(self, quantities: Quantities) -> None:
        self._quantities = quantities

    def __call__(self, doc: Doc) -> Doc:
        """Read the narrative beside the `Doc`, for the words of the `Doc` are partly hidden."""
        doc.user_data[_FOUND] += self._quantities.find(doc.user_data[_TEXT])
        return doc


@Language.factory("jiesu_phrases")
def _make_phrases(nlp: Language, name: str) -> PhraseComponent:  # noqa: ARG001
    return PhraseComponent(nlp.vocab)


@Language.factory("jiesu_quantities", default_config={"path": ""})
def _make_quantities(nlp: Language, name: str, path: str) -> QuantityComponent:  # noqa: ARG001
    return QuantityComponent(load_quantities(Path(path)))


class EntityReader:
    """A spaCy pipeline of phrases (parties, products) and quantities.

    Parameters
    ----------
    patterns : mapping of str to sequence of str
        Kind to patterns, as `data/entities/parties.yaml` explains them.
    quantities : Path
        `quantities.yaml`.
    """

    def __init__(self, patterns: Mapping[str, Sequence[str]], *, quantities: Path) -> None:
        self._nlp = spacy.blank("zh")
        finder: Any = self._nlp.add_pipe("jiesu_phrases")
        self._nlp.add_pipe("jiesu_quantities", config={"path": str(quantities)})
        known: set[str] = set()
        for kind, lines in patterns.items():
            named = [phrase for line in lines for phrase in phrases_of(line)]
            finder.add(kind, named)
            known.update(word for phrase in named for word in phrase.split(" "))
        self._known = frozenset(known)

    def read(self, text: str, words: Sequence[str]) -> list[Mention]:
        """Give the entities of `text`; offsets into it."""
        known = self._known
        shown = [word if word in known else _UNKNOWN for word in words]
        doc = Doc(self._nlp.vocab, words=shown, spaces=[False] * len(shown))
        doc.user_data.update({_TEXT: text, _STARTS: [0, *accumulate(map(len, words))], _FOUND: []})
        for _, component in self._nlp.pipeline:
            doc = component(doc)
        found: list[Mention] = doc.user_data[_FOUND]
        return found


def phrases_of(line: str) -> list[str]:
    """Turn `催收 员|人员?` into its phrases, words separated by blanks.

    Raises
    ------
    ConfigError
        When an alternative is empty.
    """
    choices: list[list[str]] = []
    for part in line.split():
        words = part.removesuffix("?").split("|")
        if not all(words):
            raise ConfigError(f"pattern {line!r} has an empty alternative")
        choices.append([*words, ""] if part.endswith("?") else words)
    return [" ".join(filter(None, words)) for words in product(*choices)]
