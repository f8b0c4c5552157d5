"""Postal addresses down to the door, the estate or the village group; offices are left alone."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from triage.config import data_dir, read_yaml
from triage.masking.rules import Span, one_of
from triage.masking.signs import EVERY, Sign
from triage.masking.view import NUMERALS

_HAN = "\u4e00-\u9fff"
_NUMBER = (
    r"(?:[甲乙丙丁附]?[0-9a-z]{1,5}(?:[之-][0-9]{1,5}){0,3}|[一二三四五六七八九十百零〇两]{1,6})"
)
_REACH = 30
_NUMBER_HEADS = "甲乙丙丁附"
_BEFORE_UNIT = "0123456789abcdefghijklmnopqrstuvwxyz一二三四五六七八九十百零〇两"
_UNITS = "号栋幢弄巷组队社院座户號棟"


@dataclass(frozen=True, slots=True)
class _Patterns:
    """Patterns that hold words of data/masking/places.yaml."""

    anchor: re.Pattern[str]
    more: re.Pattern[str]
    lead: re.Pattern[str]
    cue: re.Pattern[str]
    levels: re.Pattern[str]
    office_after: re.Pattern[str]
    office_before: re.Pattern[str]
    fine: re.Pattern[str]


@lru_cache(maxsize=1)
def _patterns() -> _Patterns:
    words = read_yaml(data_dir() / "masking" / "places.yaml")
    road = "".join(f"(?<!{word})" for word in words["not_roads"])
    road = f"(?:{one_of(words['roads'])}){road}(?:[东西南北中一二三四五]{{1,2}}段)?"
    door, house = one_of(words["door_units"]), one_of(words["building_units"])
    village = f"(?:{one_of(words['villages'])})[东西南北]?"
    estate = f"(?:{one_of(words['estates'])})"
    marks = one_of(words["landmarks"])
    stops = f"(?:{one_of(words['institutions'])})"
    return _Patterns(
        anchor=re.compile(
            rf"{road} ?(?:{_NUMBER} ?(?:号楼|号院|号|弄|巷|號|院))"
            rf"|{estate} ?[0-9]{{1,3}}-[0-9]{{1,3}}-(?!20[0-9]{{2}}(?![0-9]))[0-9]{{2,5}}(?![0-9-])"
            rf"|{estate}(?:{_NUMBER}期)? ?{_NUMBER} ?(?:{house}|座(?=[0-9]))"
            rf"|[{_HAN}](?:[a-z0-9]{{1,2}}区|{_NUMBER}期) ?{_NUMBER}(?:{house})"
            rf"|[{_HAN}](?P<deep>{_NUMBER})(?:{house}|座){_NUMBER}(?:单元|室|层|号|楼)"
            rf"|{village} ?{_NUMBER}(?:{one_of(words['village_units'])})"
        ),
        more=re.compile(
            rf"[ ,，]?(?:(?:[{_HAN}]{{1,8}}?{estate})?{_NUMBER} ?(?:{door})(?![线笔])"
            rf"|[{_HAN}]{{2,8}}?[0-9a-z]{{1,3}}(?:座|栋|幢|号楼|单元)"
            rf"|(?<=[栋幢元楼层号座室舍门組组塔])(?:[0-9]{{1,5}}(?:-[0-9]{{1,5}}){{0,3}}|[一二三四五六七八九十零〇]{{3,4}})"
            rf"(?![0-9年月日点元万次个分])|(?<=号)[甲乙丙丁]|第[0-9一二三四五六七八九十]{{1,2}}家|(?<=[层楼])[东西南北中]户)"
        ),
        lead=re.compile(rf"{one_of(words['lead_exceptions'])}|({one_of(words['leads'])})"),
        cue=re.compile(rf"(?:{one_of(words['address_cues'])})[是为在于到了:：＝= “\"（(]{{0,4}}+"),
        levels=re.compile(
            rf"(?:(?!{stops})[{_HAN}]{{1,11}}?(?:{one_of(words['admin'])}|{one_of(words['fine'])}"
            rf"|{_NUMBER}(?:{door}))|(?<=[栋幢元楼号座室])[0-9]{{2,5}}"
            rf"|[{_HAN}]{{0,8}}?(?:{marks})|[{_HAN}]{{0,4}}[东西南北][侧边面]?[0-9]{{1,4}}米){{2,8}}+"
            rf"|(?!{stops})[{_HAN}]{{2,20}}?[0-9]{{1,4}}(?:-[0-9]{{1,5}}){{1,3}}(?![0-9月日天年个号点期万元])"
        ),
        office_after=re.compile(rf"(?:门口|对面|旁边?|附近)?的?[,，]?[{_HAN}]{{0,4}}?{stops}"),
        office_before=re.compile(f"(?:{one_of(words['institution_leads'])})$"),
        fine=re.compile(rf"(?:{one_of(words['fine'])}|{marks}|{door}|[0-9])$"),
    )


def address_cues() -> list[str]:
    """Give words of which one is in every word that introduces an address."""
    cues: list[str] = read_yaml(data_dir() / "masking" / "places.yaml")["address_cues"]
    # 单位地址 holds 地址: asked for itself, it would be told by 单位, which is everywhere.
    return [cue for cue in cues if not any(other in cue for other in cues if other != cue)]


def number_classes() -> dict[str, Iterable[str]]:
    """Give the characters of the classes of `triage.kernels.classes` that addresses need.

    In an address by its number a PLACE stands before a NUMBER and a HOUSE behind it.
    """
    words = read_yaml(data_dir() / "masking" / "places.yaml")
    kinds = (words["roads"], words["estates"], words["villages"], words["building_units"])
    return {
        "PLACE": {*(word[-1] for kind in kinds for word in kind), *"座段区期东西南北中"},
        "NUMBER": f"{_BEFORE_UNIT}{_NUMBER_HEADS}{NUMERALS}之-",
        "HOUSE": f"{_UNITS}单室层楼",
    }


def addresses(text: str, signs: int = EVERY) -> Iterator[Span]:
    """Find addresses: by a house number behind a road or an estate, or after 住址, 家住…

    `signs` says what was seen in the text.
    """
    patterns, last = _patterns(), 0
    for found in patterns.anchor.finditer(text) if signs & Sign.PLACED else ():
        if found.start() < last:
            continue
        deep = found["deep"] is not None
        start = _start(text, found.start("deep") if deep else found.start(), last)
        last = _end(text, found.end())
        if (deep or found.start() > start) and not _is_office(text, start, last):
            yield Span(start, last, "address", text[start:last])
    for found in patterns.cue.finditer(text) if signs & Sign.ADDRESS_CUE else ():
        levels = patterns.levels.match(text, found.end())
        if levels and patterns.fine.search(levels[0]):
            end = _end(text, levels.end())
            if not _is_office(text, found.end(), end):
                yield Span(found.end(), end, "address", text[found.end() : end])


def _end(text: str, end: int) -> int:
    more = _patterns().more
    for _ in range(8):
        found = more.match(text, end)
        if found is None:
            break
        end = found.end()
    return end


def _start(text: str, anchor: int, least: int) -> int:
    start = anchor
    floor = max(least, anchor - _REACH)
    while start > floor and ("\u4e00" <= text[start - 1] <= "\u9fff" or text[start - 1].isalnum()):
        start -= 1
    leads = [m for m in _patterns().lead.finditer(text, start, anchor) if m[1]]
    return leads[-1].end() if leads else start


def _is_office(text: str, start: int, end: int) -> bool:
    patterns = _patterns()
    return bool(
        patterns.office_after.match(text, end)
        or patterns.office_before.search(text[max(0, start - 8) : start])
    )
