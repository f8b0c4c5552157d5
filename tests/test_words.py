from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from triage.words import WordFinder

_TEXTS = st.text("卡费年a😀\ud800", max_size=12)


@given(st.sets(st.text("卡费年a😀", min_size=1, max_size=3), max_size=8), _TEXTS)
def test_every_place_of_every_word(found: set[str], text: str) -> None:
    words = sorted(found)
    wanted = {
        (number, start, start + len(word))
        for number, word in enumerate(words)
        for start in range(len(text))
        if text.startswith(word, start)
    }
    said = WordFinder(words).find(text)
    assert set(said) == wanted
    assert said == sorted(said, key=lambda hit: (hit[2], hit[1]))
