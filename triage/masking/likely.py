"""How likely characters make a name: what a surname, a given name and an everyday word are."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from triage.masking.lexicon import IS_HAN, Lexicon


def found_at(
    pattern: re.Pattern[str], text: str, places: Sequence[int] | None
) -> Iterator[re.Match[str]]:
    """Find a pattern's matches apart from each other, where they were seen; None: anywhere."""
    if places is None:
        yield from pattern.finditer(text)
        return
    end = 0
    for place in sorted(set(places)):
        if place >= end and (found := pattern.match(text, place)):
            end = found.end()
            yield found


def is_full_name(name: str, lex: Lexicon) -> bool:
    """Whether three characters make a name although the first two make a word: 吴国强."""
    proper = len(name) == 3 and name not in lex.words and name[1:] not in lex.words
    return proper and name[2] not in lex.follow and lex.given.issuperset(name[1:])


def is_plausible(char: str, lex: Lexicon) -> bool:
    """Whether a character behind a strong surname can belong to the given name."""
    return char in lex.given or (char not in lex.follow and char not in lex.never)


def is_wordy(window: str, lex: Lexicon) -> bool:
    """Whether the characters make an everyday word rather than a name."""
    return window[:2] in lex.words or window in lex.words


def can_end(text: str, end: int, lex: Lexicon) -> bool:
    """Whether a name can end here."""
    after = text[end : end + 1]
    return not IS_HAN.match(after) or after in lex.follow


def is_joined(text: str, start: int, lex: Lexicon) -> bool:
    """Whether the surname belongs to a word with the character before it: 基金经理."""
    return start > 0 and text[start - 1 : start + 1] in lex.words


def surname_length(text: str, at: int, lex: Lexicon) -> int:
    """Give the length of the surname at `at`, 0 when there is none."""
    if text[at : at + 2] in lex.compound:
        return 2
    return 1 if text[at] in lex.strong or text[at] in lex.weak else 0


def name_length(text: str, at: int, lex: Lexicon) -> int:
    """Guess how many characters the name at `at` has (0: none)."""
    head = surname_length(text, at, lex)
    rest = text[at + head : at + head + 3]
    if not head or rest[:1] == "某" or rest[:2] in lex.never_names:
        return 0
    if not IS_HAN.match(rest) or rest[0] in lex.never:
        return head if head == 2 else 0
    return head + 1 + _has_third(rest, lex)


def _has_third(rest: str, lex: Lexicon) -> bool:
    """Whether the second character behind the surname still belongs to the given name."""
    second, after = rest[1:2], rest[2:3]
    if not IS_HAN.match(second) or second in lex.never or rest[1:3] in lex.follow_words:
        return False
    ends = not IS_HAN.match(after) or after in lex.follow
    if second in lex.follow:
        # 李有才来电: a doubtful character stays when the name plainly ends behind it.
        return second in lex.given and ends
    return second in lex.given or ends
