"""Personal names, by a surname and the words around it.

No statistics and no segmenter: a name is believed when a cue, a title, 某 or a label stands
beside it, and disbelieved when its characters make an everyday word (data/masking/words.txt).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from triage.config import data_dir, read_yaml
from triage.masking_rules import Span, one_of
from triage.masking_view import BARRIER

_HAN = "\u4e00-\u9fff\u3400-\u4dbf"
_LINK = r"[是为叫:： \n“\"「『（(\[]"
_DOTTED = re.compile(rf"[{_HAN}]{{1,8}}(?:[·.][{_HAN}]{{1,8}}){{1,3}}")
_LATIN = re.compile(r"[a-z]{2,12} [a-z]{2,12}(?: [a-z]{2,12})?(?![a-z0-9])")
_UNTITLED = "户理财品目贷务位名个老堂总副分支该的与这那叫找问让业房大域门向说是"
_IS_HAN = re.compile(f"[{_HAN}]")


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Character sets, word sets and patterns of data/masking/names.yaml."""

    strong: frozenset[str]
    weak: frozenset[str]
    particles: frozenset[str]
    compound: tuple[str, ...]
    given: frozenset[str]
    never: frozenset[str]
    follow: frozenset[str]
    follow_words: frozenset[str]
    never_names: frozenset[str]
    words: frozenset[str]
    thin: frozenset[str]
    thin_tails: frozenset[str]
    persons: frozenset[str]
    callers: tuple[str, ...]
    strong_cues: tuple[str, ...]
    cue: re.Pattern[str]
    title: re.Pattern[str]
    nick: re.Pattern[str]
    mou: re.Pattern[str]
    surnamed: re.Pattern[str]
    labelled: re.Pattern[str]
    label: re.Pattern[str]


@lru_cache(maxsize=1)
def lexicon() -> Lexicon:
    """Read the name files once."""
    folder = data_dir() / "masking"
    raw = read_yaml(folder / "names.yaml")
    chars = {k: "".join(raw[k].split()) for k in ("surnames", "weak_surnames", "particles")}
    strong, weak = chars["surnames"], chars["weak_surnames"]
    every = strong + weak
    bare = "".join(c for c in every if c not in chars["particles"])
    first = "".join({word[0] for word in raw["compound_surnames"]})
    heads = f"[{every}]|{one_of(raw['compound_surnames'])}"
    return Lexicon(
        strong=frozenset(strong),
        weak=frozenset(weak) - frozenset(strong),
        particles=frozenset(chars["particles"]),
        compound=tuple(raw["compound_surnames"]),
        given=frozenset(raw["given"]) - {" ", "\n"},
        never=frozenset(raw["never_given"]),
        follow=frozenset(raw["follow"]) - {" ", "\n"},
        follow_words=frozenset(raw["follow_words"]) | _word_set(folder / "after.txt"),
        never_names=frozenset(raw["follow_words"]),
        words=_word_set(folder / "words.txt"),
        thin=frozenset(raw["thin_titles"]),
        thin_tails=frozenset(raw["thin_title_tails"]),
        persons=frozenset(raw["persons"]),
        callers=tuple(raw["caller_verbs"]),
        strong_cues=tuple(raw["strong_cues"]),
        cue=re.compile(
            rf"(?:{one_of((*raw['strong_cues'], *raw['role_cues']))})(姓名|名字|名称|叫|名叫)?"
            rf"({_LINK}{{0,4}}+)(?=[{every}{first}a-z]|[{_HAN}]{{1,8}}·)"
        ),
        title=re.compile(rf"(?<![{_UNTITLED}])(?:{one_of(raw['titles'])})"),
        nick=re.compile(rf"(?:{one_of(raw['nick_cues'])})([小老阿][{strong}])(?![{_HAN}]{{0,1}}[额时])"),
        mou=re.compile(rf"(?:{heads})某(?:某|人(?!的?行)|甲|乙|丙)?(?![{raw['not_after_mou']}])"),
        surnamed=re.compile(rf"(?<![百同老])姓([{bare}]|{one_of(raw['compound_surnames'])})(?![{_HAN}]?名)"),
        label=re.compile(
            rf"[ ,，、:：（(\n]{{0,3}}(?:{one_of(raw['labels'])}|{BARRIER})(?![{_HAN}]方|性|生)"
        ),
        labelled=re.compile(
            rf"(?:^|(?<=[，,。；;:：、\s（(!！?？{BARRIER}]))({heads})([{_HAN}]{{1,2}})"
            rf"(?=[ ,，、:：（(\n]{{0,3}}(?:{one_of(raw['labels'])}|{BARRIER}))"
        ),
    )


def _word_set(path: Path) -> frozenset[str]:
    rows = path.read_text(encoding="utf-8").splitlines()
    return frozenset(word for row in rows if not row.startswith("#") for word in row.split())


def names(text: str) -> Iterator[Span]:
    """Find personal names in the reading copy."""
    lex = lexicon()
    full: set[str] = set()
    for start, end in _all(text, lex):
        value = text[start:end]
        if end - start >= 2 and value not in lex.words and "某" not in value and value[0] not in "小老阿":
            full.add(value)
        yield Span(start, end, "name", value)
    # A name once told is a name wherever it stands again.
    for value in full:
        at = text.find(value)
        while at >= 0:
            yield Span(at, at + len(value), "name", value)
            at = text.find(value, at + len(value))


def _all(text: str, lex: Lexicon) -> Iterator[tuple[int, int]]:
    for found in lex.cue.finditer(text):
        end = _after_cue(text, found, lex)
        if end:
            yield found.end(), end
    for found in lex.title.finditer(text):
        start = _before_title(text, found, lex)
        if start >= 0:
            yield start, found.start()
    if "某" in text:
        for found in lex.mou.finditer(text):
            if not _joined(text, found.start(), lex) and (
                found[0][0] not in lex.particles or found[0].count("某") > 1
            ):
                yield found.span()
    for found in lex.nick.finditer(text):
        if found[1][0] != "老" or found[0][0] == "叫":
            yield found.span(1)
    if "姓" in text:
        for found in lex.surnamed.finditer(text):
            yield found.span(1)
    for found in lex.labelled.finditer(text):
        value = found[1] + found[2]
        weak = found[1] in lex.weak and not lex.given.issuperset(found[2])
        if not weak and not _wordy(value, lex) and not lex.never.intersection(found[2]):
            yield found.start(1), found.end(2)


def _after_cue(text: str, found: re.Match[str], lex: Lexicon) -> int:
    """Give the end of the name that begins behind a cue, or 0."""
    at = found.end()
    labelled = any(c in found[2] for c in ":：")
    certain = labelled or found[1] is not None or found[0].startswith(lex.strong_cues)
    dotted = _DOTTED.match(text, at)
    if dotted and (certain or "·" in dotted[0]):
        return dotted.end()
    if text[at].isascii():
        latin = _LATIN.match(text, at) if certain else None
        return latin.end() if latin else 0
    size = _length(text, at, lex)
    if size == 0:
        return 0
    name, clean = text[at : at + size], _clean(text, at + size, lex)
    if size < 2 or lex.never.intersection(name[1:]):
        return 0
    if name[:2] in lex.compound:
        return at + size
    surname = name[0]
    if certain:
        ended = clean and not _IS_HAN.match(text[at + size : at + size + 1])
        return at + size if ended or not _wordy(text[at : at + 3], lex, name) else 0
    if surname in lex.particles:
        return at + size if lex.label.match(text, at + size) and not _wordy(name, lex) else 0
    if _wordy(text[at : at + 3], lex, name) and not _told(name, lex, clean=clean):
        return 0
    if surname in lex.weak and not _proven(name, lex, clean=clean):
        return 0
    return at + size if clean or all(_plausible(c, lex) for c in name[1:]) else 0


def _plausible(char: str, lex: Lexicon) -> bool:
    """Whether a character behind a strong surname can belong to the given name."""
    return char in lex.given or (char not in lex.follow and char not in lex.never)


def _told(name: str, lex: Lexicon, *, clean: bool) -> bool:
    """Whether three characters make a name although the first two make a word: 吴国强."""
    proper = len(name) == 3 and name not in lex.words and name[1:] not in lex.words
    return proper and clean and name[2] not in lex.follow and lex.given.issuperset(name[1:])


def _proven(name: str, lex: Lexicon, *, clean: bool) -> bool:
    return clean and lex.given.issuperset(name[1:]) and name[1:] not in lex.words


def _wordy(window: str, lex: Lexicon, name: str = "") -> bool:
    """Whether the characters make an everyday word rather than a name."""
    return window[:2] in lex.words or window in lex.words or (bool(name) and name in lex.words)


def _clean(text: str, end: int, lex: Lexicon) -> bool:
    """Whether a name can end here."""
    after = text[end : end + 1]
    return not _IS_HAN.match(after) or after in lex.follow


def _length(text: str, at: int, lex: Lexicon) -> int:
    """Guess how many characters the name at `at` has (0: none)."""
    head = 2 if text.startswith(lex.compound, at) else 1
    if head == 1 and text[at] not in lex.strong and text[at] not in lex.weak:
        return 0
    rest = text[at + head : at + head + 3]
    if not rest or not _IS_HAN.match(rest[0]) or rest[0] in lex.never:
        return head if head == 2 else 0
    if rest[0] == "某":
        return 0
    if len(rest) == 1 or not _IS_HAN.match(rest[1]) or rest[1] in lex.never:
        return head + 1
    if rest[:2] in lex.never_names:
        return 0
    if rest[1:3] in lex.follow_words:
        return head + 1
    ends = len(rest) == 2 or not _IS_HAN.match(rest[2])
    if rest[1] in lex.follow:
        # 李有才来电: a doubtful third character stays when the name plainly ends behind it.
        keep = rest[1] in lex.given and (ends or rest[2] in lex.follow)
        return head + 2 if keep else head + 1
    return head + 2 if ends or rest[1] in lex.given or rest[2] in lex.follow else head + 1


def _before_title(text: str, found: re.Match[str], lex: Lexicon) -> int:
    """Give the start of the name that ends at a title, or -1."""
    end, title = found.start(), found[0]
    if title in lex.thin and text[found.end() : found.end() + 1] in lex.thin_tails:
        return -1
    for size in (4, 3, 2, 1):
        start = end - size
        if start >= 0 and _titled(text, start, end, lex, title):
            return start
    return -1


def _titled(text: str, start: int, end: int, lex: Lexicon, title: str) -> bool:
    name = text[start:end]
    surname, given = name[0], name[1:]
    if name[:2] in lex.compound:
        return len(name) <= 4 and not lex.never.intersection(name[2:])
    if len(name) > 3 or (surname not in lex.strong and surname not in lex.weak):
        return False
    if _joined(text, start, lex) or (title in lex.thin and surname not in lex.strong):
        return False
    if given and surname in lex.strong and title not in lex.thin:
        return all(_plausible(c, lex) for c in given) and not _wordy(name, lex)
    if given:
        proper = lex.given.issuperset(given) and given not in lex.words and title not in lex.thin
        return proper and not _wordy(name, lex) and surname not in lex.particles
    if surname not in lex.particles:
        return True
    after = text[end + len(title) : end + len(title) + 2]
    return start == 0 and title in lex.persons and after.startswith(lex.callers)


def _joined(text: str, start: int, lex: Lexicon) -> bool:
    """Whether the surname belongs to a word with the character before it: 基金经理."""
    return start > 0 and text[start - 1 : start + 1] in lex.words
