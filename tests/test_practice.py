from __future__ import annotations

from collections import Counter

from training.corpus import LabelledRow
from training.practice import marked, some_groups


def test_parts_hold_whole_groups_and_so_many_of_every_leaf() -> None:
    rows = [
        LabelledRow(f"{leaf}{number}{twin}", "文", leaf, group=f"{leaf}{number}")
        for leaf in "ab"
        for number in range(6)
        for twin in "xy"
    ]
    first, second = some_groups(rows, (3, 2))
    groups = [{row.group for row in part} for part in (first, second)]
    assert not groups[0] & groups[1]
    assert Counter(row.leaf for row in first) == {"a": 6, "b": 6}
    assert Counter(row.leaf for row in second) == {"a": 4, "b": 4}
    assert some_groups(rows, (3, 2)) == [first, second]


def test_marked_words_are_escaped_and_never_overlap() -> None:
    assert marked("年费<扣>了", [(2, 5), (0, 3)]) == ("<mark>年费&lt;</mark><mark>扣&gt;</mark>了")
    assert marked("无", []) == "无"
