from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from training.policy_draft import UNDECIDED, changed_values, draft_policy
from triage.config import data_dir, read_yaml
from triage.errors import ConfigError
from triage.modes import Mode, load_modes
from triage.policy import load_policy
from triage.taxonomy import load_taxonomy

BANDS = [
    {"name": "high", "rule": "capacity", "per_day": 12},
    {"name": "medium", "rule": "recall", "at_least": 0.85},
    {"name": "low", "rule": "rest"},
]
DAY = date(2026, 12, 1)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    text = (data_dir() / "policy.yaml").read_text(encoding="utf-8")
    modes = "fields: {default: suggest, lines: {fee_dispute: auto, other: off}}"
    path = tmp_path / "policy.yaml"
    path.write_text(text.replace("fields: {default: auto, lines: {}}", modes), encoding="utf-8")
    return path


def test_a_draft_keeps_every_mode_and_whatever_else_there_is(source: Path, tmp_path: Path) -> None:
    taxonomy = load_taxonomy()
    path = tmp_path / "drafts" / "policy.yaml"
    made = draft_policy(
        path, taxonomy, version="2026-12-1", effective=DAY, bands=BANDS, source=source
    )
    assert [band.amount for band in made.bands] == [12, 0.85, 0]
    assert made.effective == "2026-12-01"
    modes = load_modes(taxonomy, path)
    assert modes == load_modes(taxonomy, source)
    assert modes.of("other") is Mode.OFF
    assert modes.of("fraud") is Mode.SUGGEST
    before, after = read_yaml(source), read_yaml(path)
    assert list(after) == list(before)
    told = {name for name in before if before[name] != after[name]}
    assert told == {"version", "effective", "decided_by", "bands"}
    assert after["decided_by"] == UNDECIDED
    shown = changed_values(path, source)
    assert "+  per_day: 12" in shown
    assert "fields" not in shown


def test_a_draft_is_no_policy_in_force(source: Path, tmp_path: Path) -> None:
    taxonomy, path = load_taxonomy(), tmp_path / "draft.yaml"
    with pytest.raises(ConfigError, match="is in force"):
        draft_policy(source, taxonomy, version="n", effective=DAY, bands=BANDS, source=source)
    old = load_policy(source).version
    with pytest.raises(ConfigError, match="is in force"):
        draft_policy(path, taxonomy, version=old, effective=DAY, bands=BANDS, source=source)
    with pytest.raises(ConfigError, match="the rest"):
        draft_policy(path, taxonomy, version="n", effective=DAY, bands=BANDS[:2], source=source)
