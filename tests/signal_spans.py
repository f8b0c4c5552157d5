"""Reads the signals of a sentence with the shipped rules, for tests."""

from __future__ import annotations

from collections.abc import Callable

from triage.config import data_dir
from triage.cues import load_cues
from triage.normalize import normalize
from triage.signal_rules import load_rules
from triage.signals import Spotter, counting

Spans = Callable[[str], dict[str, list[str]]]


def shipped_spans() -> Spans:
    """Give a function that tells the texts of the signals that count, by code."""
    folder = data_dir() / "signals"
    rules = load_rules(folder)
    spotter = Spotter(rules, load_cues(folder))
    every = frozenset(code for rule in rules for code in rule.codes.values())

    def run(text: str) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for mention in counting(spotter.find(normalize(text).text), every):
            found.setdefault(mention.code, []).append(mention.text)
        return found

    return run
