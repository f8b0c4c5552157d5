"""Numbers as people write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.numerals import parse_number


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("2万3", 23_000),
        ("1.2w", 12_000),
        ("3千8", 3_800),
        ("三千八", 3_800),
        ("十九万八千六", 198_600),
        ("1,290万", 12_900_000),
        ("一百零五", 105),
        ("一千零八十", 1_080),
        ("十五", 15),
        ("两万多", 20_000),
        ("3.6亿", 360_000_000),
        ("1万2千", 12_000),
        ("万一", None),
        ("几千", None),
        ("", None),
        ("一二三四五六七八九十百千万", None),
    ],
)
def test_numbers(written: str, value: float | None) -> None:
    assert parse_number(written) == value


@given(st.text(alphabet="零一两三九十百千万亿wk0123.,半多", max_size=20))
def test_no_string_upsets_it(text: str) -> None:
    value = parse_number(text)
    assert value is None or value >= 0
