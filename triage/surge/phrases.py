"""The phrases of texts: words and runs of words that several tickets share.

Runs are found level by level: a longer run can only be frequent when both runs in it are. So
memory holds what is shared, and not every run of every text.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from triage.surge.settings import PhraseRule

# Runs do not go over these; a masked value is not what a text is about.
_NO_WORD = re.compile(r"[\W_]|[0-9.]+")
# A run that begins or ends so is a name with something before or after it.
_LOOSE = frozenset(
    "的了着吗呢吧啊呀我你他她它们是在和就都也还很又与及把被给让这那个不没有说要会能去来到从对向"
)


Run = tuple[str, ...]


def shared_phrases(
    texts: Sequence[Sequence[str]], rule: PhraseRule, *, least: int | None = None
) -> list[tuple[str, ...]]:
    """Find the phrases of texts that can be news.

    Parameters
    ----------
    texts : sequence of sequence of str
        The words of each masked and normalised text, as the segmenter cuts them.
    rule : PhraseRule
    least : int, optional
        Texts that share a phrase, at least; default `rule.least_count`.

    Returns
    -------
    list of tuple of str
        For each text its phrases, each once, in order of the alphabet. Too common ones are left
        out: those in more than `rule.most_share` of the texts, or in all that could be.
    """
    fewest = rule.least_count if least is None else least
    pieces = [_pieces(words) for words in texts]
    known: set[Run] = set()
    found: list[set[str]] = [set() for _ in texts]
    most = max(rule.most_share * len(texts), 10.0 * fewest)
    for size in range(1, rule.words + 1):
        runs = [set(_runs(own, size, known)) for own in pieces]
        often = Counter(run for own in runs for run in own)
        known = {run for run, count in often.items() if count >= fewest}
        told = {run: "".join(run) for run in known if often[run] <= most and _tells(run, rule)}
        for own, names in zip(runs, found, strict=True):
            names.update(told[run] for run in own if run in told)
    return [tuple(sorted(names)) for names in found]


def _pieces(words: Sequence[str]) -> list[Run]:
    """Cut a text at punctuation, numbers and masked values."""
    pieces: list[Run] = []
    own: list[str] = []
    depth = 0
    for word in words:
        depth += word == "["
        if depth or _NO_WORD.fullmatch(word):
            if own:
                pieces.append(tuple(own))
            own = []
        else:
            own.append(word)
        depth -= word == "]" and depth > 0
    if own:
        pieces.append(tuple(own))
    return pieces


def _runs(pieces: Sequence[Run], size: int, known: set[Run]) -> Iterator[Run]:
    for words in pieces:
        for start in range(len(words) - size + 1):
            run = words[start : start + size]
            if size == 1 or (run[1:] in known and run[:-1] in known):
                yield run


def _tells(run: Run, rule: PhraseRule) -> bool:
    fewest, most = rule.characters
    if not fewest <= sum(map(len, run)) <= most:
        return False
    return run[0][0] not in _LOOSE and run[-1][-1] not in _LOOSE
