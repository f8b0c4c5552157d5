from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from triage.features import code_points
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
