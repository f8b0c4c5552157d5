"""Things that came in together."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from service.ledger.apart import apart


@given(st.lists(st.sets(st.integers(0, 6), max_size=3)))
def test_rows_keep_the_order_and_share_no_mark_within(things: list[set[int]]) -> None:
    rows = list(apart(things, set))
    assert [thing for row in rows for thing in row] == things
    for row in rows:
        marks = [mark for thing in row for mark in thing]
        assert len(marks) == len(set(marks))
    for before, after in itertools.pairwise(rows):
        assert after[0] & set().union(*before)
