"""Reading of the names of JR/T 0169 and of the rules that give them: nothing unknown, no doubt."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from service.governance.classes import REASON, Classes
from service.governance.names import ROOT_CAUSES
from triage.config import data_dir, read_yaml
from triage.errors import ConfigError, InvalidInput
from triage.taxonomy import Taxonomy, load_taxonomy

_CURE = "use the names and codes that the file lists; compare it with the shipped one"
_Homes = dict[str, tuple[str, ...]]


def load_classes(folder: Path | None = None) -> Classes:
    """Read the homes of `taxonomy.yaml` and the rules of `governance.yaml` (default `data/`).

    A `governance.yaml` without `jrt0169` leaves all to the line.

    Raises
    ------
    ConfigError
        On a name that the standard's lists in the file do not have, a line, subject or cause that
        is not known, or two rules about one thing.
    """
    folder = folder or data_dir()
    homes = _homes(read_yaml(folder / "taxonomy.yaml"))
    raw = read_yaml(folder / "governance.yaml").get("jrt0169")
    if raw is None:
        return Classes(homes)
    try:
        return _classes(raw, homes, load_taxonomy(folder / "taxonomy.yaml"))
    except (AttributeError, KeyError, TypeError) as exc:
        raise _refused(f"missing or malformed: {exc!r}") from exc


def _classes(raw: Mapping[str, Any], homes: _Homes, taxonomy: Taxonomy) -> Classes:
    known = {name for top, below in raw["classes"].items() for name in _tree(top, below)}
    reasons = set(raw["reasons"])
    _all(known | {REASON + name for name in reasons}, {h for own in homes.values() for h in own})
    subjects: Mapping[str, Any] = raw["subjects"]
    by_subject = _rules(raw["by_subject"], "subjects", known, taxonomy)
    _all(set(subjects), {subject for _, subject in by_subject})
    _all(reasons, set(raw["by_cause"].values()))
    _all(set(ROOT_CAUSES), set(raw["by_cause"]))
    _all(set(taxonomy.nature_codes), set(raw["natures"]))
    return Classes(
        homes=homes,
        tops=tuple(raw["classes"]),
        words=_turned(subjects, "words"),
        read=_turned(subjects, "read"),
        by_subject=by_subject,
        by_matter=_rules(raw["by_matter"], "read", reasons, taxonomy),
        recorded_alone=frozenset(
            c for line in raw["recorded_alone"] for c in _codes(taxonomy, line)
        ),
        by_cause=dict(raw["by_cause"]),
        natures=frozenset(raw["natures"]),
    )


def _homes(raw: Mapping[str, Any]) -> _Homes:
    homes: _Homes = {}
    for line in [*raw["lines"], *raw.get("dropped", ())]:
        for code, item in (
            (line["code"], line),
            *((f"{line['code']}.{sub['code']}", sub) for sub in line.get("sublines", ())),
        ):
            homes |= dict.fromkeys((code, *item.get("was", ())), tuple(item.get("jrt0169", ())))
    return homes


def _tree(top: str, below: Iterable[str]) -> Iterator[str]:
    yield top
    yield from (f"{top}·{name}" for name in below)


def _all(known: set[str], named: set[str]) -> None:
    if wrong := sorted(named - known):
        raise _refused(f"no such name: {', '.join(wrong)}")


def _turned(subjects: Mapping[str, Any], key: str) -> dict[str, str]:
    """Give subjects by what stands under a key of theirs; a word is of one subject alone."""
    found: dict[str, str] = {}
    for subject, told in subjects.items():
        for word in told.get(key, ()):
            if found.setdefault(word, subject) != subject:
                raise _refused(f"{word} is of {found[word]} and of {subject}")
    return found


def _rules(
    raw: Iterable[Mapping[str, Any]], key: str, known: set[str], taxonomy: Taxonomy
) -> dict[tuple[str, str], str]:
    """Give each rule by line and what it asks for; one rule alone may speak of both."""
    said: set[tuple[str, str]] = set()
    found: dict[tuple[str, str], str] = {}
    for rule in raw:
        _all(known, {rule["is"]})
        for line, each in ((line, each) for line in rule["lines"] for each in rule[key]):
            if (line, each) in said:
                raise _refused(f"two rules speak of {line} with {each}")
            said.add((line, each))
            for code in _codes(taxonomy, line):
                if found.setdefault((code, each), rule["is"]) != rule["is"]:
                    raise _refused(f"two rules speak of {code} with {each}")
    return found


def _codes(taxonomy: Taxonomy, code: str) -> list[str]:
    """Give the codes that tickets of a named line or leaf have, of this taxonomy or an older."""
    try:
        now = taxonomy.today(code)
    except InvalidInput as exc:
        raise _refused(str(exc)) from exc
    older = taxonomy.before(code) if now == code else []
    return list(dict.fromkeys([code, *([now] if now else []), *older]))


def _refused(told: str) -> ConfigError:
    return ConfigError(f"governance.yaml: jrt0169: {told}", cure=_CURE)
