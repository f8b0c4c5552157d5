from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from training.bank_groups import joined_groups, template_clusters

LETTER = (
    "尊敬的领导，本人因生意失败无力偿还贵行信用卡欠款，现申请停息挂账，分六十期归还本金，望批准。"
)


def letters(count: int) -> list[str]:
    rng = random.Random(3)
    words = [chr(rng.randrange(0x4E00, 0x9000)) for _ in range(3000)]
    others = ["".join(rng.choices(words, k=40)) for _ in range(count)]
    return [LETTER + f"申请人第{i}号" for i in range(20)] + others


def partition(labels: list[int]) -> set[frozenset[int]]:
    return {frozenset(i for i, label in enumerate(labels) if label == one) for one in set(labels)}


def test_the_large_way_finds_the_clusters_of_the_exact_way() -> None:
    texts = letters(200)
    exact = template_clusters(texts)
    assert len(set(exact[:20])) == 1
    assert partition(template_clusters(texts, exact_up_to=0)) == partition(exact)


def test_short_and_empty_texts_do_not_fall_together() -> None:
    labels = template_clusters(["年费", "征信", "年费"], exact_up_to=0)
    assert labels[0] == labels[2] != labels[1]
    assert template_clusters([]) == []


def test_a_customer_and_a_template_join_rows_into_one_group() -> None:
    groups = joined_groups([["甲", "甲", None, "乙", None]], [0, 1, 1, 2, 3])
    assert groups[0] == groups[1] == groups[2]
    assert len(set(groups)) == 3


@given(st.lists(st.tuples(st.sampled_from("abc") | st.none(), st.integers(0, 3)), max_size=12))
def test_rows_with_one_key_are_never_parted(rows: list[tuple[str | None, int]]) -> None:
    groups = joined_groups([[key for key, _ in rows]], [template for _, template in rows])
    for i, (key, template) in enumerate(rows):
        for j, (other, twin) in enumerate(rows):
            if template == twin or (key is not None and key == other):
                assert groups[i] == groups[j]
