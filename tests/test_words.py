from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from triage.features import code_points
from triage.opener import Opener
from triage.words import WordFinder

_TEXTS = st.text("卡费年a😀\ud800", max_size=12)


# The first call compiles.
@settings(deadline=None)
@given(st.sets(st.text("卡费年a😀", min_size=1, max_size=3), max_size=8), _TEXTS)
def test_every_place_of_every_word(found: set[str], text: str) -> None:
    words = sorted(found)
    wanted = {
        (number, start, start + len(word))
        for number, word in enumerate(words)
        for start in range(len(text))
        if text.startswith(word, start)
    }
    hits = WordFinder(words).find(code_points(["卡", text, "费"]))
    low, high = hits.bounds[1:3]
    columns = (column[low:high].tolist() for column in hits.arrays[1:])
    said = list(zip(*columns, strict=True))
    assert set(said) == wanted
    assert said == sorted(said, key=lambda hit: (hit[2], hit[1]))


def test_rules_open_only_when_all_their_demands_are_met() -> None:
    words = ["投诉", "再", "告"]
    opener = Opener([[[0], [1]], [[0, 2]], [[2], [0], [1]]], len(words))
    texts = ["再投诉", "投诉投诉", "告再", "", "告再投诉"]
    found = opener.opened(WordFinder(words).find(code_points(texts)))
    assert found == [{0: [3], 1: [3]}, {1: [2, 4]}, {1: [1]}, {}, {1: [1, 4], 2: [1], 0: [4]}]
