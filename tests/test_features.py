from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from triage.classifier import work_room
from triage.features import CharGrams, Occurrences, WordGrams, code_points, encode
from triage.kernels.weigh import weigh
from triage.lookup import KeyTable


# The first call compiles.
@settings(deadline=None)
@given(st.sets(st.integers(0, 2**62), min_size=1, max_size=200), st.integers(0, 2**62))
def test_a_table_finds_its_keys_and_no_others(keys: set[int], other: int) -> None:
    ordered = sorted(keys)
    table = KeyTable(np.array(ordered, dtype=np.int64))
    assert [table.find(key) for key in ordered] == list(range(len(ordered)))
    assert table.find(other) == (ordered.index(other) if other in keys else -1)


def test_keys_that_collide_are_all_found() -> None:
    keys = np.arange(0, 2**20, 2**6, dtype=np.int64)
    table = KeyTable(keys)
    assert [table.find(key) for key in keys.tolist()] == list(range(len(keys)))


def chars(grams: CharGrams, texts: list[str]) -> Occurrences:
    bounds = np.zeros(len(texts) + 1, dtype=np.int64)
    return grams.occurrences(encode(code_points(texts), bounds[:0], bounds))


def words(grams: WordGrams, documents: list[list[str]]) -> Occurrences:
    sizes = np.array([len(word) for document in documents for word in document])
    bounds = np.cumsum([0, *map(len, documents)])
    return grams.occurrences(encode(code_points(["".join(d) for d in documents]), sizes, bounds))


def places(found: Occurrences) -> list[tuple[int, int, int, int]]:
    docs = np.repeat(np.arange(len(found.bounds) - 1), np.diff(found.bounds))
    return sorted(zip(*map(np.ndarray.tolist, (docs, *found.arrays[1:])), strict=True))


def test_grams_do_not_cross_documents() -> None:
    found = places(chars(CharGrams(["年", "费", "年费"]), ["年", "费年费"]))
    assert found == [(0, 0, 0, 1), (1, 0, 3, 4), (1, 1, 2, 3), (1, 1, 4, 5), (1, 2, 3, 5)]


def test_a_gram_is_found_whose_beginning_is_unknown() -> None:
    assert places(chars(CharGrams(["费", "年费"]), ["年费"])) == [(0, 0, 1, 2), (0, 1, 0, 2)]


def test_digits_are_one_digit() -> None:
    assert len(chars(CharGrams(["00"]), ["12", "98", "x1"]).features) == 2


def test_pairs_of_words_need_neighbours_in_one_document() -> None:
    grams = WordGrams(["年费", "退 年费"])
    found = places(words(grams, [["退", " ", "年费"], ["退"], ["年费"]]))
    assert found == [(0, 0, 2, 4), (0, 1, 0, 4), (2, 0, 7, 9)]


def test_rows_have_length_one_and_empty_rows_are_empty() -> None:
    found = chars(CharGrams(["年", "费"]), ["年年费", "", "x"])
    rows = np.zeros((2, 8), dtype=np.float32)
    rows[:, :3] = [[1.0, 0.0, 1.0], [0.0, 1.0, 2.0]]
    totals, shares = np.zeros((3, 2)), np.empty(3)
    room = work_room(found, 8)
    weigh(found.bounds, found.features, rows.ravel(), 8, shares, totals, room)
    assert np.linalg.norm(totals[0]) == 1.0
    assert shares[0] == shares[1] == totals[0, 0] / 2
    assert not totals[1:].any()


def test_no_two_grams_share_a_key() -> None:
    grams = ["\x00", "\x00\x00", "\U0010ffff", "\U0010ffff" * 3, "a", "aa", "aaa"]
    assert len(set(chars(CharGrams(grams), grams).features.tolist())) == len(grams)
