"""Names that need no word beside them: 欧阳慧敏, 次仁卓玛, 姓张名伟, and 贺晓强 between bounds."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from triage.config import data_dir, read_yaml
from triage.masking.lexicon import HAN, Lexicon, lexicon
from triage.masking.likely import can_end, found_at, is_joined, is_plausible, is_wordy, name_length
from triage.masking.rules import one_of
from triage.masking.signs import Sign

_LONG = 3
_Range = tuple[int, int]


@dataclass(frozen=True, slots=True)
class _Patterns:
    """Patterns that hold words of data/masking/names.yaml."""

    compound: re.Pattern[str]
    parts: re.Pattern[str]
    told: re.Pattern[str]
    alone: re.Pattern[str]
    starred: re.Pattern[str]
    english: re.Pattern[str]
    short: re.Pattern[str]
    not_names: frozenset[str]
    signs: tuple[str, ...]


@lru_cache(maxsize=1)
def _patterns() -> _Patterns:
    raw, lex = read_yaml(data_dir() / "masking" / "names.yaml"), lexicon()
    compound = [word for word in raw["compound_surnames"] if word not in raw["place_surnames"]]
    parts, titles = raw["name_parts"], one_of(raw["english_titles"])
    long, some = one_of(part for part in parts if len(part) >= _LONG), one_of(parts)
    strong, given, follow = map(_members, (lex.strong, lex.given, lex.follow))
    single = _members(lex.given - {*follow, *raw["numerals"], *raw["not_last"]})
    # Behind the first character, so that the engine may skip to surnames.
    led = rf"(?<![{HAN}a-z0-9].)|(?<=[{raw['leads']}].)"
    surname = rf"[{_members(lex.strong | lex.weak)}]|{one_of(raw['compound_surnames'])}"
    return _Patterns(
        compound=re.compile(f"(?<!小)(?:{one_of(compound)})"),
        parts=re.compile(rf"(?:(?:{long})(?:{some})*|(?:{some}){{2,4}})(?!银行|支行|分行|市|县)"),
        told=re.compile(
            rf"姓({surname})[,， ]?单?名字?[叫是为]?([{given}]{{1,2}})(?=[^{HAN}]|[{follow}]|$)"
        ),
        alone=re.compile(
            rf"[{_members(lex.classes['OPENS'])}](?:{led}|(?<=[0-9]{{3}}.))"
            rf"[{given}][{given}](?<![{raw['not_last']}])"
        ),
        short=re.compile(rf"[{raw['most_common']}](?<=[{raw['leads']}].)[{single}]"),
        starred=re.compile(rf"[{strong}](?:{led})[*]{{1,2}}[{given}]?(?![*])"),
        not_names=frozenset(raw["name_words"]),
        english=re.compile(
            rf"(?<![a-z])(?:{titles})[. ]{{1,2}}([a-z]{{2,12}}(?: [a-z]{{2,12}})?)(?![a-z])"
        ),
        signs=(*compound, *parts, *(word + end for word in raw["english_titles"] for end in ". ")),
    )


def _members(characters: Iterable[str]) -> str:
    """Write characters as members of a class of a pattern."""
    return "".join(map(re.escape, sorted(characters)))


def whole_signs() -> tuple[str, ...]:
    """Give the words of which one is in every name that stands by itself."""
    return _patterns().signs


def by_themselves(
    text: str, lex: Lexicon, signs: int, places: Sequence[int] | None
) -> Iterator[_Range]:
    """Find names that nothing introduces; `places` are those where one was seen to begin."""
    if signs & Sign.WHOLE:
        yield from _whole(text, lex)
    if signs & Sign.ALONE:
        yield from _alone(text, lex, places)
        yield from _short(text, lex, places)


def _whole(text: str, lex: Lexicon) -> Iterator[_Range]:
    """Find names by a surname of two characters, or made of parts of names."""
    for found in _patterns().compound.finditer(text):
        start, end = found.start(), found.start() + name_length(text, found.start(), lex)
        given = text[found.end() : end]
        proper = lex.given.issuperset(given) or (
            can_end(text, end, lex) and all(is_plausible(char, lex) for char in given)
        )
        if given and proper and text[start:end] not in lex.words:
            yield start, end
    yield from (found.span() for found in _patterns().parts.finditer(text))
    yield from (found.span(1) for found in _patterns().english.finditer(text))


def _alone(text: str, lex: Lexicon, places: Sequence[int] | None) -> Iterator[_Range]:
    """Find a surname and two characters of given names where a name may begin and end."""
    patterns = _patterns()
    for found in found_at(patterns.alone, text, places):
        name, given = found[0], found[0][1:]
        wordy = is_wordy(name, lex) or name[:2] in patterns.not_names
        wordy = wordy or (name[0] in lex.weak and not lex.follow.isdisjoint(given))
        wordy = wordy or (name[0] in lex.weak and not lex.numerals.isdisjoint(given))
        ends = (
            can_end(text, found.end(), lex)
            or text[found.end() : found.end() + 2] in lex.follow_words
        )
        if (
            ends
            and not (
                wordy or given in lex.words or given in lex.follow_words or given in lex.never_names
            )
            and not is_joined(text, found.start(), lex)
        ):
            yield found.span()


def _short(text: str, lex: Lexicon, places: Sequence[int] | None) -> Iterator[_Range]:
    """Find a common surname and one character, led to and ended plainly: 转给张伟."""
    for found in found_at(_patterns().short, text, places):
        start, end = found.span()
        # 张信用卡, 林地: the character belongs to what follows, or there is a word.
        behind = text[start + 1 : start + 3]
        wordy = is_wordy(found[0], lex) or behind in lex.follow_words or behind in lex.words
        if not wordy and not is_joined(text, start, lex) and can_end(text, end, lex):
            yield start, end


def starred_names(text: str) -> Iterator[_Range]:
    """Find names of which a part is hidden already: 李**, 李*国."""
    yield from (found.span() for found in _patterns().starred.finditer(text))


def told_apart(text: str) -> Iterator[_Range]:
    """Find a surname and a given name that are told one by one: 姓张名伟."""
    for found in _patterns().told.finditer(text):
        yield from (found.span(1), found.span(2))
