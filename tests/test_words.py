from __future__ import annotations

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from triage.features import code_points
from triage.opener import Demand, Opener
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
    demands = [Demand([0], [[1]]), Demand([0, 2]), Demand([2], [[0]], [[1]])]
    opener = Opener(demands, len(words), stops="。", reach=4)
    texts = ["再投诉", "投诉投诉", "告再", "", "告再投诉", "告投诉。再", "投诉。再告"]
    points = code_points(texts)
    assert opener.opened(WordFinder(words).find(points), points) == [
        {0: [(0, 3)], 1: [(0, 3)]},
        {1: [(0, 4)]},
        {1: [(0, 2)]},
        {},
        {1: [(0, 4)], 2: [(0, 4)], 0: [(0, 4)]},
        {1: [(0, 4)], 2: [(0, 4)]},
        {1: [(0, 3), (3, 5)]},
    ]


@settings(deadline=None)
@given(st.text("卡费年。x", max_size=40), st.integers(1, 9))
def test_stretches_are_those_of_the_sentences_around_the_triggers(text: str, reach: int) -> None:
    opener = Opener([Demand([0, 1])], 2, stops="。", reach=reach)
    points = code_points(["卡。", text, "费"])
    found = opener.opened(WordFinder(["卡", "年费"]).find(points), points)[1]
    ends = [found.end() for found in re.finditer("卡|年费", text)]
    # By hand: what may be reached of each sentence, what touches put together.
    stretches: list[tuple[int, int]] = []
    at = 0
    for sentence in re.findall("[^。]*。|[^。]+$", text):
        close = at + len(sentence)
        fresh = True
        for end in (end for end in ends if at < end <= close):
            low, high = max(at, end - reach), min(close, end + reach)
            if not fresh and low <= stretches[-1][1]:
                stretches[-1] = stretches[-1][0], high
            else:
                stretches.append((low, high))
            fresh = False
        at = close
    assert found.get(0, []) == stretches
