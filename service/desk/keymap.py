"""The keys of the desk, and those that somebody chose in their place."""

from __future__ import annotations

from service.desk.corrections import Form
from triage.errors import InvalidInput

ACTS: tuple[tuple[str, str], ...] = (
    ("c", "verdict.confirm"),
    ("h", "verdict.too_high"),
    ("l", "verdict.too_low"),
    ("x", "verdict.not_complaint"),
    ("2", "verdict.unsure"),
    ("e", "help.edit"),
    ("n", "help.note"),
    ("s", "verdict.skip"),
    ("u", "verdict.undo"),
    ("b", "help.pause"),
    ("p", "ticket.printed"),
    ("j", "help.down"),
    ("k", "help.up"),
    ("g", "help.guide"),
    ("q", "help.back"),
)
"""The usual key of each act, and the message that names it."""

# Those the browser or the page needs itself: help, the way out, opening what is chosen.
_TAKEN = frozenset("? \t/'")


def keys_from(form: Form) -> dict[str, str]:
    """Read which key does what; those left as they are, or empty, are the usual ones.

    Raises
    ------
    InvalidInput
        When a key is not one sign, is taken, or does two things.
    """
    chosen = {usual: form.one(f"key-{usual}").strip().lower() or usual for usual, _ in ACTS}
    for key in chosen.values():
        if len(key) != 1 or not key.isprintable() or key in _TAKEN:
            raise InvalidInput("a key is one letter, digit or sign", cure="choose another")
    if len(set(chosen.values())) < len(chosen):
        raise InvalidInput("one key would do two things", cure="choose another for one of them")
    return {usual: key for usual, key in chosen.items() if key != usual}
