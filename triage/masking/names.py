"""Personal names, by a surname and the words around it.

No statistics and no segmenter: a name is believed when a cue, a title, 某 or a label stands
beside it, and disbelieved when its characters make an everyday word (data/masking/words.txt).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from triage.masking.lexicon import GAPS, HAN, IS_HAN, Lexicon, lexicon
from triage.masking.likely import (
    can_end,
    found_at,
    is_full_name,
    is_joined,
    is_plausible,
    is_wordy,
    name_length,
    surname_length,
)
from triage.masking.look import Look
from triage.masking.rules import Span
from triage.masking.signs import Sign
from triage.masking.whole import by_themselves, starred_names, told_apart

_DOTTED = re.compile(rf"[{HAN}]{{1,8}}(?:[·.][{HAN}]{{1,8}}){{1,3}}")
_LATIN = re.compile(r"[a-z]{2,12} [a-z]{2,12}(?: [a-z]{2,12})?(?![a-z0-9])")
_SPACED = re.compile(rf"[{HAN}] [{HAN}](?: [{HAN}](?! [{HAN}])|(?![{HAN}]| [{HAN}]))")
_GAPS = frozenset(GAPS)
_OF_STANDING = Sign.LABELLED | Sign.ACTING | Sign.SIGNED
_Range = tuple[int, int]


def names(text: str, look: Look) -> Iterator[Span]:
    """Find personal names in the reading copy that was looked at."""
    if not look.signs & Sign.OF_NAMES:
        return
    lex = lexicon()
    full: set[str] = set()
    for start, end in _all(text, lex, look):
        value = text[start:end]
        plain = value not in lex.words and "某" not in value
        if len(value) >= 2 and plain:
            full.add(value)
        yield Span(start, end, "name", value)
    if full:
        yield from _again(text, full)


def _again(text: str, full: set[str]) -> Iterator[Span]:
    """A name once told is a name wherever it stands again."""
    for value in full:
        at = text.find(value)
        while at >= 0:
            yield Span(at, at + len(value), "name", value)
            at = text.find(value, at + 1)


def _all(text: str, lex: Lexicon, look: Look) -> Iterator[_Range]:
    signs = look.signs
    for found in found_at(lex.cue, text, look.cues) if signs & Sign.CUED else ():
        end = _after_cue(text, found, lex)
        if end:
            yield found.end(), end
            yield from _listed(text, end, lex)
    for found in lex.title.finditer(text) if signs & Sign.TITLE else ():
        if found.start() and text[found.start() - 1] in lex.last:
            yield from _before_title(text, found, lex)
    for found in lex.nick.finditer(text) if signs & Sign.NICK else ():
        if found[1][0] != "老" or found[0][0] == "叫" or _is_old(text, found, lex):
            yield found.span(1)
    for found in lex.mou.finditer(text) if signs & Sign.MOU else ():
        sure = found[0][0] not in lex.particles or found[0].count("某") > 1
        if sure and not is_joined(text, found.start(), lex):
            yield found.span()
    if signs & Sign.MOU and "*" in text:
        yield from starred_names(text)
    if signs & Sign.SURNAMED:
        yield from (found.span(1) for found in lex.surnamed.finditer(text))
        yield from told_apart(text)
    if signs & (Sign.WHOLE | Sign.ALONE):
        yield from by_themselves(text, lex, signs, look.alone)
    if signs & _OF_STANDING:
        yield from _standing(text, lex, signs)


def _is_old(text: str, found: re.Match[str], lex: Lexicon) -> bool:
    """Whether 老 and a surname name somebody: 行长老王, not 经理老顾着 or 客服老陈述."""
    plain = found[1][1] not in lex.not_old and text[found.end() - 1 : found.end() + 1]
    return bool(plain) and plain not in lex.words and can_end(text, found.end(), lex)


def _standing(text: str, lex: Lexicon, signs: int) -> Iterator[_Range]:
    """Find names that open a clause before a label, an act or the end of a letter."""
    for found in lex.labelled.finditer(text) if signs & Sign.LABELLED else ():
        name, head = found[0], surname_length(text, found.start(), lex)
        given = name[head:]
        if not head or not 1 <= len(given) <= 2 or lex.never.intersection(given):
            continue
        glued = text[found.end() : found.end() + 1] not in _GAPS
        weak = name[0] in lex.weak and (glued or not lex.given.issuperset(given))
        if head == 2 or not (weak or is_wordy(name, lex)):
            yield found.span()
    patterns = ((lex.acting, signs & Sign.ACTING), (lex.signed, signs & Sign.SIGNED))
    for pattern in (pattern for pattern, wanted in patterns if wanted):
        for found in pattern.finditer(text):
            given = found[0][1:]
            proper = lex.given.issuperset(given) and given not in lex.never_names
            if proper and not is_wordy(found[0], lex):
                yield found.span()


def _listed(text: str, end: int, lex: Lexicon) -> Iterator[_Range]:
    """Find the names that go on a list: 张伟、李娜和王芳."""
    while found := lex.listed.match(text, end):
        start = found.end()
        end = start + name_length(text, start, lex)
        wordy = is_wordy(text[start : start + 3], lex) or text[start:end] in lex.words
        if end - start < 2 or wordy or not can_end(text, end, lex):
            return
        yield start, end


def _after_cue(text: str, found: re.Match[str], lex: Lexicon) -> int:
    """Give the end of the name that begins behind a cue, or 0."""
    at = found.end()
    colon = "：" in found[2] or ":" in found[2]
    strong = found[0].startswith(lex.strong_cues)
    if strong and text[found.start() - 1 : found.start()] in lex.not_before_cue:
        return 0
    certain = colon or found[1] is not None or strong
    dotted = _DOTTED.match(text, at)
    if dotted and (certain or "·" in dotted[0]):
        return dotted.end()
    if text[at].isascii():
        latin = (_LATIN.match(text, at) or lex.pinyin.match(text, at)) if certain else None
        return latin.end() if latin else 0
    spaced = _SPACED.match(text, at) if surname_length(text, at, lex) else None
    if spaced and (certain or (len(spaced[0]) > 3 and text[at] in lex.strong)):
        return spaced.end()
    end = at + name_length(text, at, lex)
    if end - at < 2 or lex.never.intersection(text[at + 1 : end]):
        return 0
    return end if _believed(text, at, end, lex, certain=certain) else 0


def _believed(text: str, at: int, end: int, lex: Lexicon, *, certain: bool) -> bool:
    """Whether what follows a cue is a name; a certain cue leaves little doubt."""
    name, clean = text[at:end], can_end(text, end, lex)
    ended = not IS_HAN.match(text[end : end + 1])
    wordy = is_wordy(text[at : at + 3], lex) or name in lex.words
    if name[:2] in lex.compound:
        return clean or name[:2] not in lex.words
    if certain:
        # 用户名和密码: a particle needs the name to stand alone.
        return ended or not (wordy or name[0] in lex.particles)
    if name[0] in lex.particles:
        return bool(lex.label.match(text, end)) and not is_wordy(name, lex)
    if wordy and not (clean and is_full_name(name, lex)):
        return False
    if name[0] in lex.weak:
        proven = lex.given.issuperset(name[1:]) and (ended or name[1:] not in lex.words)
        return clean and proven and name[1] not in lex.numerals
    return (clean and len(name) > 2) or all(is_plausible(char, lex) for char in name[1:])


def _before_title(text: str, found: re.Match[str], lex: Lexicon) -> Iterator[_Range]:
    """Find the name that ends at a title."""
    end, thin = found.start(), found[0] in lex.thin
    if thin and text[found.end() : found.end() + 1] in lex.thin_tails:
        return
    for start in range(max(0, end - 4), end):
        head = surname_length(text, start, lex)
        if head == 2:
            titled = not lex.never.intersection(text[start + 2 : end])
        elif head == 0 or end - start > 3 or (thin and text[start] not in lex.strong):
            titled = False
        elif end - start == 1:
            titled = _titled_surname(text, found, lex)
        else:
            titled = not thin and _titled_name(text, start, end, lex)
        if titled:
            yield start, end
            return


def _titled_surname(text: str, found: re.Match[str], lex: Lexicon) -> bool:
    start = found.start() - 1
    if text[start] not in lex.particles:
        return not is_joined(text, start, lex)
    calls = text.startswith(lex.callers, found.end())
    return start == 0 and found[0] in lex.persons and calls


def _titled_name(text: str, start: int, end: int, lex: Lexicon) -> bool:
    name, given = text[start:end], text[start + 1 : end]
    if is_wordy(name, lex) or not all(map(IS_HAN.match, given)):
        return False
    if name[0] in lex.strong:
        # 彭于晏: any first character will do when the second is a given name's.
        tail = given[-1] if len(given) == 2 and given[0] not in lex.never else given
        usual = given in lex.follow_words and not lex.given.issuperset(given)
        return not usual and all(is_plausible(char, lex) for char in tail)
    if is_joined(text, start, lex) or not lex.given.issuperset(given):
        return False
    alone = start == 0 or not IS_HAN.match(text[start - 1])
    return alone or (given not in lex.words and name[0] not in lex.particles)
