"""What data/masking/names.yaml knows about names, read once and compiled."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from triage.config import data_dir, read_yaml
from triage.masking.rules import one_of
from triage.masking.view import BARRIER, DELETED_BARRIER

_MASKED = f"[{BARRIER}{DELETED_BARRIER}]"
HAN = "\u4e00-\u9fff\u3400-\u4dbf"
_HAN_RANGES = ((0x4E00, 0x9FFF), (0x3400, 0x4DBF))
GAPS = " ,，、:：（(\n"
IS_HAN = re.compile(f"[{HAN}]")
NICKNAMES = "小老阿"
_NICK_JOINTS = "：:"
_SOUND = "(?:zh|ch|sh|[bpmfdtnlgkhjqxrzcsyw])?[aeiouv]{1,3}(?:ng|n|r(?![aeiouv]))?"
_LINK_CHARACTERS = '是为叫:： \n“"「『（(['
_LINK = f"[{re.escape(_LINK_CHARACTERS)}]"


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Character sets, word sets and patterns of data/masking/names.yaml."""

    strong: frozenset[str]
    weak: frozenset[str]
    particles: frozenset[str]
    compound: frozenset[str]
    given: frozenset[str]
    never: frozenset[str]
    follow: frozenset[str]
    follow_words: frozenset[str]
    never_names: frozenset[str]
    numerals: frozenset[str]
    not_before_cue: frozenset[str]
    words: frozenset[str]
    thin: frozenset[str]
    thin_tails: frozenset[str]
    persons: frozenset[str]
    callers: tuple[str, ...]
    strong_cues: tuple[str, ...]
    cue: re.Pattern[str]
    title: re.Pattern[str]
    nick: re.Pattern[str]
    not_old: frozenset[str]
    pinyin: re.Pattern[str]
    mou: re.Pattern[str]
    surnamed: re.Pattern[str]
    last: frozenset[str]
    acting: re.Pattern[str]
    signed: re.Pattern[str]
    listed: re.Pattern[str]
    labelled: re.Pattern[str]
    label: re.Pattern[str]
    signs: dict[str, tuple[str, ...]]
    classes: dict[str, Iterable[str]]


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
    # Behind the first character, so that the engine may skip to surnames.
    edge = rf"(?<![{HAN}a-z0-9].)"
    compound_ends = "".join({word[-1] for word in raw["compound_surnames"]})
    last = _can_end(raw, every + compound_ends)
    heads = f"[{every}]|{one_of(raw['compound_surnames'])}"
    return Lexicon(
        strong=frozenset(strong),
        weak=frozenset(weak) - frozenset(strong),
        particles=frozenset(chars["particles"]),
        compound=frozenset(raw["compound_surnames"]),
        given=frozenset(raw["given"]) - {" ", "\n"},
        never=frozenset(raw["never_given"]),
        follow=frozenset(raw["follow"]) - {" ", "\n"},
        follow_words=frozenset(raw["follow_words"]) | _word_set(folder / "after.txt"),
        never_names=frozenset(raw["follow_words"]) | frozenset(raw["titles"]),
        numerals=frozenset(raw["numerals"]),
        not_before_cue=frozenset(raw["not_before_cue"]),
        words=_word_set(folder / "words.txt") | frozenset(raw["other_words"]),
        thin=frozenset(raw["thin_titles"]),
        thin_tails=frozenset(raw["thin_title_tails"]),
        persons=frozenset(raw["persons"]),
        callers=tuple(raw["caller_verbs"]),
        strong_cues=tuple(raw["strong_cues"]),
        cue=re.compile(
            rf"(?:{one_of((*raw['strong_cues'], *raw['role_cues']))})"
            rf"(姓名|名字|名称|叫|名叫|拼音|英文名)?({_LINK}{{0,4}}+)(?=[{every}{first}a-z]|[{HAN}]{{1,8}}·)"
        ),
        # 付律师费: a title before 费 is the name of a fee.
        title=re.compile(f"(?:{one_of(raw['titles'])})(?!费)"),
        nick=re.compile(
            rf"(?:{one_of(raw['nick_cues'])})[{_NICK_JOINTS}]?([{NICKNAMES}][{strong}])"
            rf"(?![{raw['not_after_nick']}]|[{HAN}]?[额时])"
        ),
        not_old=frozenset(raw["not_old"]),
        pinyin=re.compile(
            rf"(?:{one_of(raw['pinyin_surnames'])})(?:[ -]?{_SOUND}){{1,3}}(?![a-z0-9])"
        ),
        mou=re.compile(rf"(?:{heads})某(?:某|人(?!的?行)|甲|乙|丙)?(?![{raw['not_after_mou']}])"),
        surnamed=re.compile(
            rf"(?<![百同老])姓([{bare}]|{one_of(raw['compound_surnames'])})(?![{HAN}]?名)"
        ),
        last=last,
        label=re.compile(
            rf"[ ,，、:：（(\n]{{0,3}}(?:{one_of(raw['labels'])}|{_MASKED})"
            rf"(?![{HAN}]方|[性生友儿婿孩])"
        ),
        acting=re.compile(rf"[{strong}]{edge}[{HAN}]{{1,2}}?(?=的?(?:{one_of(raw['acts'])}))"),
        signed=re.compile(rf"(?<=\n)[{strong}][{HAN}]{{1,2}}(?=[ ]*(?:\n|$|20[0-9]{{2}}))"),
        listed=re.compile(rf"(?:[、/和与及跟]|以及)(?=[{strong}])"),
        signs=_signs(raw, every + first + compound_ends),
        classes=_classes(raw, strong, every + first, last),
        labelled=re.compile(
            rf"[{every}{first}]{edge}[{HAN}]{{1,3}}"
            rf"(?=[ ,，、:：（(\n]{{0,3}}(?:{one_of(raw['labels'])}|{_MASKED}))"
        ),
    )


def _signs(raw: dict[str, Any], heads: str) -> dict[str, tuple[str, ...]]:
    """Give words without which a pattern of names finds nothing, by the pattern."""
    return {
        "certain": tuple(raw["strong_cues"]),
        "cue": (*raw["strong_cues"], *raw["role_cues"]),
        "title": tuple(raw["titles"]),
        "nick": tuple(
            last + first
            for last in {*_NICK_JOINTS, *(cue[-1] for cue in raw["nick_cues"])}
            for first in NICKNAMES
        ),
        "mou": tuple(head + sign for head in heads for sign in "某*"),
        # 姓名 is everywhere, and no surname.
        "surnamed": tuple("姓" + head for head in heads),
    }


def _classes(
    raw: dict[str, Any], strong: str, heads: str, last: frozenset[str]
) -> dict[str, Iterable[str]]:
    """Give the characters of the classes of `triage.kernels.classes` that names need."""
    return {
        "HAN": [chr(code) for low, high in _HAN_RANGES for code in range(low, high + 1)],
        "STRONG": strong,
        "HEAD": heads,
        "LINK": _LINK_CHARACTERS,
        "NAMED": "姓名叫拼英",
        "COLON": "：:",
        "NEVER": raw["never_given"],
        "DOUBLE": {word[0] for word in raw["compound_surnames"]},
        "GAP": GAPS,
        "ACT": {"的", *(act[0] for act in raw["acts"])},
        "LABEL": {BARRIER, DELETED_BARRIER, *(label[0] for label in raw["labels"])},
        "LAST": last,
        "DOT": "·",
        "LEADS": raw["leads"],
        "COMMON": raw["most_common"],
        "OPENS": {*strong, *raw["also_alone"]} - {*raw["not_alone"]},
    }


def _can_end(raw: dict[str, Any], surnames: str) -> frozenset[str]:
    """Give the characters in front of which a title is worth a look."""
    return (frozenset(surnames) | frozenset(raw["given"])) - {" ", "\n"}


def _word_set(path: Path) -> frozenset[str]:
    rows = path.read_text(encoding="utf-8").splitlines()
    return frozenset(word for row in rows if not row.startswith("#") for word in row.split())
