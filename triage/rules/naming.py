"""Where files beside the taxonomy name its lines, so that what a change leaves behind is told."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from triage.config import data_dir
from triage.errors import ConfigError, InvalidInput
from triage.rules.places import Place, read_places
from triage.taxonomy import FALLBACK_LINE, GONE, Taxonomy, split_leaf

# Fields of conditions whose values are lines or leaves.
FIELDS = ("line", "matter", "possible")
_OF_LINES = ("by_subject", "by_matter")  # rules of governance.yaml for the names of JR/T 0169


def check_names(taxonomy: Taxonomy, folder: Path | None = None) -> None:
    """Refuse files (default those of `data/`) that name what the taxonomy does not know.

    The simulated year is left out: it speaks of the shipped corpus, in the codes of that.

    Raises
    ------
    ConfigError
        Naming every such code with files and lines.
    """
    places: dict[str, list[str]] = defaultdict(list)
    for place in _named(folder or data_dir()):
        if not _knows(taxonomy, place.value):
            places[place.value].append(f"{place.file}:{place.line}")
    if places:
        told = "; ".join(
            f"{code} ({', '.join(dict.fromkeys(where))})" for code, where in sorted(places.items())
        )
        raise ConfigError(f"no line of taxonomy {taxonomy.version}: {told}", cure=GONE)


def notes(path: Path, taxonomy: Taxonomy) -> list[str]:
    """Tell what of a rules file is no fault and yet worth knowing.

    Which entries name a line that was dropped or goes by another code, and whose tickets no
    department of its own awaits.
    """
    place = read_places(path)
    found = [
        f"{each.file}:{each.line}: {each.value} "
        + (
            f"is {now} now"
            if (now := taxonomy.today(each.value))
            else "is dropped: of older tickets alone"
        )
        for each in _in_rules(place)
        if each.value not in taxonomy.codes
    ]
    desks = place.mapping()["departments"]
    served = {split_leaf(taxonomy.today(each.value) or "")[0] for each in _in_rules(desks)}
    alone = [code for code in taxonomy.line_codes if code not in served | {FALLBACK_LINE}]
    if alone:
        last = desks.items()[-1].mapping()["unit"].text()
        found.append(f"no department names {', '.join(alone)}: {last} handles it")
    return list(dict.fromkeys(found))


def _knows(taxonomy: Taxonomy, code: str) -> bool:
    try:
        taxonomy.today(code)
    except InvalidInput:
        return False
    return True


def _named(folder: Path) -> Iterator[Place]:
    readers = {"rules.yaml": _in_rules, "governance.yaml": _governed, "policy.yaml": _moded}
    for name, read in readers.items():
        if (folder / name).is_file():
            yield from read(read_places(folder / name))


def _in_rules(place: Place) -> Iterator[Place]:
    """Find lines in conditions, wherever those stand."""
    if isinstance(place.value, dict):
        for key, below in place.value.items():
            yield from _texts(below) if key in FIELDS else _in_rules(below)
    elif isinstance(place.value, list):
        for below in place.value:
            yield from _in_rules(below)


def _texts(place: Place) -> Iterator[Place]:
    if isinstance(place.value, dict):
        for below in place.value.values():
            yield from _texts(below)
    else:
        yield from (each for each in place.items() if isinstance(each.value, str))


def _governed(place: Place) -> Iterator[Place]:
    yield from _texts(_below(place, "mediation_lines"))
    standard = _below(place, "jrt0169")
    yield from _texts(_below(standard, "recorded_alone"))
    for rule in (each for key in _OF_LINES for each in _below(standard, key).items()):
        yield from _texts(_below(rule, "lines"))


def _moded(place: Place) -> Iterator[Place]:
    lines = _below(_below(place, "fields"), "lines")
    if isinstance(lines.value, dict):
        for code, mode in lines.value.items():
            yield Place(code, mode.file, mode.line)


def _below(place: Place, key: str) -> Place:
    # What is not as it should be is refused by whoever reads the file for its own sake.
    nothing = Place([], place.file, place.line)
    return place.value.get(key, nothing) if isinstance(place.value, dict) else nothing
