"""The one-to-one table."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from triage.characters import build_table, read_pairs, translate
from triage.config import data_dir
from triage.errors import ConfigError


@pytest.fixture(scope="module")
def table() -> np.ndarray:
    return build_table(data_dir() / "normalize" / "characters.tsv")


def test_it_is_a_fixed_point(table: np.ndarray) -> None:
    assert (table[table] == table).all()


def test_length_never_changes(table: np.ndarray) -> None:
    everything = "".join(map(chr, range(0x110000)))
    assert len(translate([everything], table)[0]) == len(everything)


def test_characters_that_do_not_tell_are_protected(table: np.ndarray) -> None:
    assert translate(["乾藉瞭夥摺著覆拚"], table)[0] == "乾藉瞭夥摺著覆拚"


def test_ascii_only_loses_its_capitals_and_control_characters(table: np.ndarray) -> None:
    shown = "".join(map(chr, range(0x20, 0x7F)))
    assert translate([shown], table)[0] == shown.lower().replace("`", "'")


def test_a_row_that_is_no_pair_is_named(tmp_path: Path) -> None:
    path = tmp_path / "characters.tsv"
    path.write_text("# fine\n甲乙\t丙\n", encoding="utf-8")
    with pytest.raises(ConfigError, match="line 2"):
        list(read_pairs(path))
