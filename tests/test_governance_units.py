"""Trees of units: where a unit stands, and what is no tree."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from service.governance.settings import load_settings
from service.governance.units import units_of
from triage.config import data_dir
from triage.errors import ConfigError

TREE = {"分行": ["支行甲", "网点乙"], "支行甲": ["网点丙"]}


def test_a_unit_stands_under_one_of_each_level_above_it() -> None:
    units = units_of(TREE)
    assert units.levels == 3
    assert [units.at("网点丙", level) for level in (1, 2, 3)] == ["分行", "支行甲", "网点丙"]
    assert [units.at("网点乙", level) for level in (1, 2, 3)] == ["分行", "网点乙", None]
    assert [units.at(other, 1) for other in ("别处", "", None)] == [None, None, None]


@pytest.mark.parametrize("raw", [None, {}])
def test_no_tree_is_no_tree(raw: object) -> None:
    assert not units_of(raw)
    assert units_of(raw).levels == 0
    assert not load_settings().units


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        ({"甲": ["丙"], "乙": ["丙"]}, "丙 stands under 甲 and under 乙"),
        ({"甲": ["丙", "丙"]}, "丙 stands under 甲 and under 甲"),
        ({"甲": ["乙"], "乙": ["丙"], "丙": ["甲"]}, "a circle"),
        ({"甲": ["甲"]}, "甲 under 甲: a circle"),
        ({"甲": "乙"}, "甲: a list of units"),
        ({"甲": [302]}, "302 is no name of a unit; write it in quotes"),
        ({"甲": [""]}, "no name of a unit"),
        (["甲"], "a mapping"),
    ],
)
def test_what_is_no_tree_is_refused_and_named(raw: Any, says: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"governance\.yaml: units: ") as caught:
        units_of(raw)
    assert says in str(caught.value)
    path = tmp_path / "governance.yaml"
    told = yaml.safe_load((data_dir() / "governance.yaml").read_text("utf-8")) | {"units": raw}
    path.write_text(yaml.safe_dump(told, allow_unicode=True), "utf-8")
    with pytest.raises(ConfigError, match="units"):
        load_settings(path)
