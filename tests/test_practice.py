from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from training.corpus import LabelledRow
from training.practice import marked, planted, set_apart, some_groups
from training.tracking import tracking_uri
from triage.config import home_dir, models_dir


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


def test_what_is_tried_is_kept_apart_and_only_the_newest_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JIESU_HOME", str(tmp_path))
    monkeypatch.setenv("JIESU_MODELS", str(tmp_path / "models"))
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:9")
    first = set_apart("02")
    assert first.parent == tmp_path / "notebooks"
    assert home_dir() == first
    assert models_dir() == first / "models"
    assert tracking_uri() == f"sqlite:///{first / 'mlflow.db'}"
    other = set_apart("06")
    second = set_apart("02")
    assert second.parent == first.parent
    assert not first.exists()
    assert other.is_dir()


def test_marked_words_are_escaped_and_never_overlap() -> None:
    assert marked("年费<扣>了", [(2, 5), (0, 3)]) == ("<mark>年费&lt;</mark><mark>扣&gt;</mark>了")
    assert marked("无", []) == "无"


def test_planted_errors_are_told_and_cross_a_line() -> None:
    leaves = ["loan.a", "loan.b", "card", "other"]
    rows = [LabelledRow(str(n), "文", leaves[n % 4]) for n in range(200)]
    made, wrong = planted(rows, leaves, 0.1)
    assert wrong.sum() == 20
    for before, after, changed in zip(rows, made, wrong.tolist(), strict=True):
        assert (before.line != after.line) == changed
    near = np.full((200, 4), 1e-9)
    near[:, 3] = 1.0
    made, wrong = planted(rows, leaves, 0.1, chances=near)
    assert all(
        row.leaf == "other"
        for row, old, changed in zip(made, rows, wrong.tolist(), strict=True)
        if changed and old.leaf != "other"
    )
