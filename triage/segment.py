"""Words, in one place: jieba's dictionary without HMM, with the bank's own terms added.

rjieba and jieba give the same words (a differential test holds them to it); rjieba is some
twenty times faster, jieba runs where rjieba has no wheel. Text is segmented after
normalisation, and nobody else segments.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from triage.config import home_dir
from triage.errors import ConfigError, InvalidInput

ENGINES = ("auto", "rjieba", "jieba")
# As common as an everyday word of the dictionary: wins over its parts, not over its neighbours.
TERM_FREQUENCY = 1_000

Cut = Callable[[str], list[str]]
Add = Callable[[str, int], None]


def load_terms(folder: Path) -> tuple[str, ...]:
    """Read `*.txt` of a folder: one term a line, optionally a TAB and its frequency.

    Returns
    -------
    tuple of str
        Terms in file order; a frequency stays behind its TAB, as `Segmenter` takes it.

    Raises
    ------
    ConfigError
        When a term is there twice, holds white space, or its frequency is no number.
    """
    seen: dict[str, str] = {}
    for path in sorted(folder.glob("*.txt")):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if not line or line.startswith("#"):
                continue
            term, _, frequency = line.partition("\t")
            where = f"{path.name} line {number}"
            if term in seen or term != "".join(term.split()):
                raise ConfigError(f"{where}: {term!r} is there twice or holds white space")
            if frequency and not frequency.isdecimal():
                raise ConfigError(f"{where}: frequency {frequency!r} is no whole number")
            seen[term] = line
    return tuple(seen.values())


def terms_digest(terms: Iterable[str]) -> str:
    """sha256 over the terms in order: words of a model come out right only with its terms."""
    return hashlib.sha256("\n".join(terms).encode()).hexdigest()


class Segmenter:
    """Cuts normalised text into words.

    Parameters
    ----------
    terms : iterable of str
        Terms to add to the dictionary, as `load_terms` gives them.
    engine : {"auto", "rjieba", "jieba"}
        `auto` is rjieba where it can be imported, else jieba.

    Attributes
    ----------
    terms : tuple of str
    engine : str
        The one in use.
    """

    def __init__(self, *, terms: Iterable[str], engine: str = "auto") -> None:
        if engine not in ENGINES:
            raise InvalidInput(f"engine {engine!r} is unknown", cure=f"choose from {ENGINES}")
        self.terms = tuple(terms)
        self.engine = _available() if engine == "auto" else engine
        self._cut, add = _rjieba() if self.engine == "rjieba" else _jieba()
        for word, frequency in _wanted(self.terms, self._cut):
            add(word, frequency)

    @property
    def digest(self) -> str:
        """sha256 over the terms."""
        return terms_digest(self.terms)

    def cut(self, text: str) -> list[str]:
        """Give the words of `text`; they join back to it exactly."""
        try:
            return self._cut(text)
        except UnicodeEncodeError:
            return self._cut_broken(text)

    def __reduce__(self) -> tuple[Any, ...]:
        # The engines cannot be pickled; another process builds its own.
        return _rebuild, (self.terms, self.engine)

    def _cut_broken(self, text: str) -> list[str]:
        # rjieba takes no lone surrogates; U+FFFD stands in, and both engines leave it alone.
        words = []
        start = 0
        whole = "".join("\ufffd" if "\ud800" <= c <= "\udfff" else c for c in text)
        for word in self._cut(whole):
            words.append(text[start : start + len(word)])
            start += len(word)
        return words


def _rebuild(terms: tuple[str, ...], engine: str) -> Segmenter:
    return Segmenter(terms=terms, engine=engine)


def _wanted(terms: Iterable[str], cut: Cut) -> list[tuple[str, int]]:
    wanted = []
    for line in terms:
        term, _, frequency = line.partition("\t")
        # Decided on the dictionary as it comes, so that the order of the terms does not matter.
        if frequency or cut(term) != [term]:
            wanted.append((term, int(frequency or TERM_FREQUENCY)))
    return wanted


def _available() -> str:
    try:
        import rjieba  # noqa: F401
    except ImportError:
        return "jieba"
    return "rjieba"


def _rjieba() -> tuple[Cut, Add]:
    import rjieba

    engine = rjieba.Jieba()

    def cut(text: str) -> list[str]:
        words: list[str] = engine.cut(text, False)
        return words

    def add(word: str, frequency: int) -> None:
        engine.add_word(word, frequency, "nz")

    return cut, add


def _jieba() -> tuple[Cut, Add]:
    import jieba

    jieba.setLogLevel(logging.ERROR)
    engine = jieba.Tokenizer()
    folder = _cache_folder(jieba.__version__)
    if folder:
        engine.tmp_dir = str(folder)
        engine.initialize()
    else:
        engine.FREQ, engine.total = engine.gen_pfdict(engine.get_dict_file())
        engine.initialized = True
    # jieba counts one word of its file twice. Ties (太太太) hang on the last bits of the total's
    # logarithm, so both engines must have the same total.
    engine.total = sum(engine.FREQ.values())

    def cut(text: str) -> list[str]:
        return list(engine.cut(text, HMM=False))

    def add(word: str, frequency: int) -> None:
        before = engine.FREQ.get(word, 0)
        engine.add_word(word, frequency)
        # For the same reason: jieba counts a word it knew before twice, rjieba does not.
        engine.total -= before

    return cut, add


def _cache_folder(version: str) -> Path | None:
    # jieba's own place is the shared temporary folder, where anybody may leave a marshal file.
    folder = home_dir() / "cache" / f"jieba-{version}"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError:
        return None
    return folder
