from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from triage.features import CharGrams, WordGrams, pack, tfidf
from triage.lookup import KeyTable


@given(st.sets(st.integers(0, 2**62), min_size=1, max_size=200), st.integers(0, 2**62))
def test_a_table_finds_its_keys_and_no_others(keys: set[int], other: int) -> None:
    ordered = np.array(sorted(keys), dtype=np.int64)
    table = KeyTable(ordered)
    places, positions = table.find(ordered)
    assert places.tolist() == positions.tolist() == list(range(len(ordered)))
    expected = [sorted(keys).index(other)] if other in keys else []
    assert table.find(np.array([other], dtype=np.int64))[1].tolist() == expected


def test_keys_that_collide_are_all_found() -> None:
    keys = np.arange(0, 2**20, 2**6, dtype=np.int64)
    assert (KeyTable(keys).find(keys)[1] == np.arange(len(keys))).all()


def test_grams_do_not_cross_documents() -> None:
    grams = CharGrams(["年", "费", "年费"])
    found = grams.occurrences(["年", "费年费"])
    places = sorted(zip(found.docs, found.features, found.starts, strict=True))
    assert places == [(0, 0, 0), (1, 0, 3), (1, 1, 2), (1, 1, 4), (1, 2, 3)]


def test_digits_are_one_digit() -> None:
    grams = CharGrams(["00"])
    assert len(grams.occurrences(["12", "98", "x1"]).docs) == 2


def test_pairs_of_words_need_neighbours_in_one_document() -> None:
    grams = WordGrams(["年费", "退 年费"])
    found = grams.occurrences([["退", " ", "年费"], ["退"], ["年费"]])
    places = sorted(zip(found.docs, found.features, found.starts, found.ends, strict=True))
    assert places == [(0, 0, 2, 4), (0, 1, 0, 4), (2, 0, 7, 9)]


def test_rows_have_length_one_and_empty_rows_are_empty() -> None:
    grams = CharGrams(["年", "费"])
    rows = tfidf(grams.occurrences(["年年费", "", "x"]), np.array([1.0, 2.0]), n_docs=3)
    assert rows.indptr.tolist() == [0, 2, 2, 2]
    assert np.linalg.norm(rows.values) == 1.0
    assert rows.dot(np.eye(2, dtype=np.float32))[1:].any() == np.False_


def test_no_two_grams_share_a_key() -> None:
    grams = ["\x00", "\x00\x00", "\U0010ffff", "\U0010ffff" * 3, "a", "aa", "aaa"]
    assert len({pack(gram) for gram in grams}) == len(grams)
