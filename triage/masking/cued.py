"""Values that a word introduces: accounts, references, documents, devices."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from triage.masking.numbers import LINK
from triage.masking.parts import id_tails
from triage.masking.rules import Span, compact, cues, digits_in, one_of
from triage.masking.secret import cvv_words, secrets

# Behind the first character, so that the engine skips to letters.
_PASSPORT = re.compile(
    r"[a-z](?<![0-9a-z].)(?:"
    r"(?:(?<=[egdsp])[0-9]{8}|(?<=e)[a-hj-np-z][0-9]{7}|(?<=[cwhm])[a-z]?[0-9]{7,10})(?![0-9a-z])"
    r"|[a-z]?[0-9]{6} ?[(（][0-9a][)）])"  # identity cards of Hong Kong
)
_IP4 = re.compile(r"(?<![0-9.])[0-9]{1,3}(?:[.][0-9]{1,3}){3}(?![0-9版]|[.][0-9])")
_IP6 = re.compile(r"(?<![0-9a-f:])(?:[0-9a-f]{1,4}:){2,7}(?::?[0-9a-f]{1,4}){1,6}(?![0-9a-f:])")
_VERSION = re.compile(r"(?:版本|系统|版|升级到?|更新到?|ios|v|ver)[号为是:： ]{0,3}$")
_UUID = re.compile(
    r"(?<![0-9a-f])[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}(?![0-9a-f])"
)
_MAC = re.compile(r"(?<![0-9a-f:-])(?:[0-9a-f]{2}[:-]){5}[0-9a-f]{2}(?![0-9a-f])")
_BARE = re.compile("[0-9]{8}")
_MILITARY = r"[南北沈兰济成广军空海政参后装士战警东西中]{1,2}字?第?[0-9]{4,9}号?"
# An account told letter by letter, z h a n g 1 2 3, or word by word: zhang san 88
_SPELT = r"[a-z](?:[ -][a-z0-9_]){4,19}|[a-z]{2,8} [a-z]{2,8} ?[0-9]{2,6}"
_REFERENCE = (
    r"[(（〔]?[0-9]{4}[)）〕]?年?[\u4e00-\u9fff]{1,12}字第?[0-9a-z-]{1,12}号?"
    r"|[0-9]{3,6}(?: [0-9]{3,6}){2,5}(?![0-9a-z])"
    r"|[0-9a-z][0-9a-z_/.-]{3,40}(?:年?[(（][\u4e00-\u9fff]{1,6}[)）]字?第?[0-9-]{1,12}号)?"
    r"|[\u4e00-\u9fff]{1,10}字[(（〔]?[0-9]{4}[)）〕]?年?第?[0-9a-z-]{1,12}号"
    r"|[\u4e00-\u9fff]{1,8}[0-9]{4}年?第[0-9a-z-]{1,12}号"
)


# Family of cue words -> finder that reads them.
_FAMILIES = {
    "password": "secrets",
    "code": "secrets",
    "cvv": "secrets",
    "expiry": "secrets",
    "figures": "secrets",
    "device": "devices",
    "contract": "references",
    "document": "documents",
    "qq": "accounts",
    "wechat": "accounts",
    "login": "logins",
    "birthday": "id_tails",
}


@dataclass(frozen=True, slots=True)
class _Patterns:
    """Patterns that hold words of data/masking/cues.yaml."""

    any_cue: re.Pattern[str]
    family: dict[str, str]
    qq: re.Pattern[str]
    wechat: re.Pattern[str]
    login: re.Pattern[str]
    contract: re.Pattern[str]
    document: re.Pattern[str]
    device: re.Pattern[str]
    counted: re.Pattern[str]
    product: re.Pattern[str]


@lru_cache(maxsize=1)
def _patterns() -> _Patterns:
    words = cues()
    unit = f"(?!{one_of(words['units'])})"
    family = {word: name for name in _FAMILIES for word in words[name]}
    family |= dict.fromkeys(cvv_words(), "cvv")
    return _Patterns(
        any_cue=re.compile(one_of(family)),
        family=family,
        qq=re.compile(
            rf"(?<![a-z])(?:{one_of(words['qq'])})(?:号码?)?{LINK}{{0,4}}+"
            r"([1-9](?:[ -]?[0-9]){4,10})"
            rf"(?![0-9]|[.][0-9]){unit}"
        ),
        wechat=re.compile(
            rf"(?<![a-z])({one_of(words['wechat'])})"
            rf"((?:{one_of(words['wechat_joints'])}){{0,4}}+)"
            rf"({_SPELT}|[a-z][a-z0-9_-]{{5,19}}|[1-9][0-9]{{4,10}})(?![a-z0-9_])"
        ),
        login=re.compile(
            rf"(?<![a-z])({one_of(words['login'])})((?:{LINK}){{0,4}}+)"
            rf"({_SPELT}|[a-z][a-z0-9_.-]{{3,29}}|[1-9][0-9]{{4,12}})(?![a-z0-9_])"
        ),
        contract=re.compile(
            rf"(?:(?:{one_of(words['contract'])})(?:{one_of(words['contract_tails'])})|(?:"
            rf"{one_of(words['contract_bare'])})(?=[a-z]{{0,4}}[0-9]{{8}})){LINK}{{0,4}}+({_REFERENCE})"
        ),
        document=re.compile(
            rf"(?:{one_of(words['document'])})(?:号码?|编号)?{LINK}{{0,4}}+"
            rf"([a-z]{{0,2}} ?[0-9](?:[ -]?[0-9]){{4,17}}|{_MILITARY})(?![0-9a-z])"
        ),
        device=re.compile(
            rf"(?<![a-z])(?:{one_of(words['device'])}){LINK}{{0,4}}+([0-9a-z][0-9a-z:-]{{5,63}})"
        ),
        counted=re.compile(f"(?:{one_of(words['units'])})"),
        product=re.compile(f"(?:{one_of(words['reference'])})[号码编]{{0,2}}{LINK}{{0,3}}$"),
    )


def introduced_by(*finders: str) -> list[str]:
    """Give the words that introduce what these finders read."""
    return [word for word, name in _patterns().family.items() if _FAMILIES[name] in finders]


def accounts(text: str) -> Iterator[Span]:
    """Find QQ numbers and WeChat accounts."""
    patterns = _patterns()
    for found in patterns.qq.finditer(text):
        yield Span(found.start(1), found.end(1), "qq", compact(found[1]))
    stops = tuple(cues()["not_wechat"])
    for found in patterns.wechat.finditer(text):
        cue, joint, value = found.groups()
        named = (
            joint.strip() or cue[-1] == "号" or cue[0] == "加" or digits_in(value) or "_" in value
        )
        counted = value.isdecimal() and patterns.counted.match(text, found.end())
        is_phone = len(value) == 11 and value[0] == "1"
        if named and not counted and not is_phone and not value.startswith(stops):
            yield Span(found.start(3), found.end(3), "wechat", value.replace(" ", ""))


def logins(text: str) -> Iterator[Span]:
    """Find the names that people log in with."""
    patterns = _patterns()
    for found in patterns.login.finditer(text):
        if _is_login(*found.groups()) and not patterns.counted.match(text, found.end()):
            yield Span(found.start(3), found.end(3), "login", found[3].replace(" ", ""))


def _is_login(cue: str, joint: str, value: str) -> bool:
    """Whether what follows the name of a service is a name there; 抖音app is none."""
    if value.startswith(tuple(cues()["not_wechat"])) or (len(value) == 11 and value.isdecimal()):
        return False
    named = cue.endswith(("名", "号", "id")) or joint.strip() in {"是", "号是", "：", ":", "叫"}
    return named if value.isalpha() or value.isdecimal() else True


def references(text: str) -> Iterator[Span]:
    """Find contract, loan, policy and ticket numbers that are introduced as such."""
    patterns = _patterns()
    for found in patterns.contract.finditer(text):
        value, end = found[1], found.end(1)
        if value[-1] in "./-_":
            value, end = value[:-1], end - 1
        if digits_in(value) >= 4 and not patterns.counted.match(text, end):
            yield Span(found.start(1), end, "contract", value)


def documents(text: str) -> Iterator[Span]:
    """Find permits and service cards that are introduced as such."""
    patterns = _patterns()
    for found in patterns.document.finditer(text):
        if not patterns.counted.match(text, found.end(1)):
            yield Span(found.start(1), found.end(1), "document", compact(found[1]) or found[1])


def passports(text: str) -> Iterator[Span]:
    """Find passports and permits by their form."""
    for found in _PASSPORT.finditer(text):
        if not _patterns().product.search(text[max(0, found.start() - 12) : found.start()]):
            yield Span(found.start(), found.end(), "document", found[0])


def devices(text: str) -> Iterator[Span]:
    """Find device identifiers and network addresses."""
    for found in _patterns().device.finditer(text):
        if digits_in(found[1]) >= 3:
            yield Span(found.start(1), found.end(1), "device", found[1])
    for pattern in (_UUID, _MAC):
        for found in pattern.finditer(text):
            yield Span(found.start(), found.end(), "device", found[0])
    for found in _IP4.finditer(text):
        left = text[max(0, found.start() - 8) : found.start()]
        parts = [int(part) for part in found[0].split(".")]
        # 7.14.21.28 is a list of days.
        told = max(parts) > 31 or "ip" in left or "登录" in left
        if max(parts) < 256 and told and not _VERSION.search(left):
            yield Span(found.start(), found.end(), "ip", found[0])
    for found in _IP6.finditer(text):
        cued = "ip" in text[max(0, found.start() - 8) : found.start()]
        if cued or found[0].count(":") == 7 or "::" in found[0]:
            yield Span(found.start(), found.end(), "ip", found[0])


def cued_finders(text: str) -> Iterator[Callable[[str], Iterator[Span]]]:
    """Give the finders whose introducing words stand in the text."""
    patterns = _patterns()
    present = {_FAMILIES[patterns.family[cue]] for cue in patterns.any_cue.findall(text)}
    if "号" not in text and "號" not in text and not _BARE.search(text):
        present.discard("references")
    if present:
        yield from (finder for finder in _FINDERS if finder.__name__ in present)


_FINDERS = (secrets, devices, id_tails, references, documents, accounts, logins)
