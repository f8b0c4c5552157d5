"""How large an installation is: distributions and all that they ask for, as files on the disk."""

from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from triage.config import ROOT

OWN = "jiesu"
# An editable installation holds no code of its own; the corpus is not needed to answer.
_OWN_TREES = ("triage", "service", "data")
_LEFT_OUT = {"corpus", "__pycache__"}


def closure(asked):
    """Give the names of all distributions that requirements such as `jiesu[serve]` bring in."""
    waiting, seen = [Requirement(text) for text in asked], set()
    while waiting:
        wanted = waiting.pop()
        for extra in ("", *sorted(wanted.extras)):
            key = canonicalize_name(wanted.name), extra
            if key in seen:
                continue
            seen.add(key)
            waiting += _needs(*key)
    return sorted({name for name, _ in seen})


def _needs(name, extra):
    try:
        texts = distribution(name).requires or []
    except PackageNotFoundError:
        # Asked for, but of no use on this platform or not installed here: it weighs nothing.
        return []
    known = map(Requirement, texts)
    return [one for one in known if one.marker is None or one.marker.evaluate({"extra": extra})]


def installed_bytes(asked):
    """Give the bytes of the files of a closure; compiled bytecode is not counted."""
    return sum(map(_bytes_of, closure(asked)))


def _bytes_of(name):
    try:
        found = distribution(name)
    except PackageNotFoundError:
        return 0
    paths = [Path(found.locate_file(file)) for file in found.files or () if file.suffix != ".pyc"]
    total = sum(path.stat().st_size for path in paths if path.is_file())
    return total + (own_bytes() if name == OWN else 0)


def own_bytes():
    """Give the bytes of what jiesu itself consists of when it answers."""
    return sum(folder_bytes(ROOT / name) for name in _OWN_TREES)


def folder_bytes(folder):
    """Give the bytes of the files of a folder."""
    files = (path for path in Path(folder).rglob("*") if path.is_file())
    kept = (path for path in files if not _LEFT_OUT & set(path.relative_to(folder).parts))
    return sum(path.stat().st_size for path in kept)
