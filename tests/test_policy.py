import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.errors import ArtifactRejected, ConfigError, InvalidInput
from triage.policy import BandRule, Bands, Policy, bands_from, load_policy

REST = BandRule("low", "rest")


def policy(*rules):
    return Policy("1", "2026-11-23", 100.0, (*rules, REST))


def test_the_shipped_policy_is_dated_and_versioned():
    shipped = load_policy()
    assert shipped.version
    assert shipped.effective
    assert [band.name for band in shipped.bands] == ["high", "medium", "low"]


def test_a_capacity_lets_through_what_can_be_looked_at():
    scores = np.linspace(0, 1, 1000)
    bands = bands_from(scores, scores > 0.5, policy(BandRule("high", "capacity", 40.0)))
    assert bands.shares[0] == pytest.approx(0.4, abs=0.002)
    assert bands.band(0.61) == "high"
    assert bands.band(0.59) == "low"


def test_a_recall_floor_is_kept_with_the_fewest_tickets():
    scores = np.array([0.9, 0.8, 0.7, 0.6, 0.5, 0.4])
    hit = np.array([True, False, True, False, True, True])
    bands = bands_from(scores, hit, policy(BandRule("high", "recall", 0.75)))
    assert bands.thresholds == (0.5,)
    assert bands.recalls == (0.75, 0.25)


def test_a_lower_band_never_starts_above_a_higher_one():
    scores = np.array([0.9, 0.8, 0.7, 0.1])
    hit = np.array([True, False, False, False])
    rules = (BandRule("high", "capacity", 75.0), BandRule("medium", "recall", 0.5))
    bands = bands_from(scores, hit, policy(*rules))
    assert bands.thresholds == (0.7, 0.7)
    assert bands.band(0.7) == "high"
    assert bands.shares == (0.75, 0.0, 0.25)


@given(
    st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=40),
    st.floats(0.01, 1.0),
    st.floats(1, 200),
)
def test_floors_hold_and_bands_agree_with_their_thresholds(pairs, floor, capacity):
    scores = np.array([pair[0] for pair in pairs])
    hit = np.array([pair[1] for pair in pairs])
    if not hit.any():
        hit[0] = True
    rules = (BandRule("high", "capacity", capacity), BandRule("medium", "recall", floor))
    bands = bands_from(scores, hit, policy(*rules))
    assert sum(bands.recalls[:2]) >= floor - 1e-9
    assert sum(bands.shares) == pytest.approx(1.0)
    counted = [bands.band(float(score)) for score in scores]
    for name, share in zip(bands.names, bands.shares, strict=True):
        assert counted.count(name) / len(counted) == pytest.approx(share)


def test_bands_survive_a_dict_and_say_their_policy():
    bands = bands_from(np.array([0.1, 0.9]), np.array([False, True]), load_policy())
    assert Bands.from_dict(bands.to_dict()) == bands
    assert bands.policy_version == load_policy().version
    with pytest.raises(ArtifactRejected, match="thresholds"):
        Bands.from_dict({k: v for k, v in bands.to_dict().items() if k != "thresholds"})


def test_bands_need_rows_and_a_floor_needs_escalations():
    with pytest.raises(InvalidInput, match="no evaluated rows"):
        bands_from(np.array([]), np.array([], dtype=bool), load_policy())
    with pytest.raises(InvalidInput, match="no row escalated"):
        bands_from(np.array([0.5]), np.array([False]), policy(BandRule("high", "recall", 0.8)))


HEAD = "version: '1'\neffective: 2026-01-01\ntickets_per_day: {day}\nbands:\n{bands}"
LAST = "  - {name: low, rule: rest}\n"


@pytest.mark.parametrize(
    ("day", "bands", "told"),
    [
        (1, "  - {name: high, rule: magic}\n" + LAST, "magic"),
        (1, "  - {name: high, rule: capacity}\n" + LAST, "per_day"),
        (1, "  - {name: high, rule: recall, at_least: 0.8}\n", "takes the rest"),
        (1, LAST + "  - {name: high, rule: recall, at_least: 0.8}\n", "takes the rest"),
        (0, LAST, "above 0"),
    ],
)
def test_a_policy_that_cannot_be_followed_is_refused(day, bands, told, tmp_path):
    path = tmp_path / "policy.yaml"
    path.write_text(HEAD.format(day=day, bands=bands))
    with pytest.raises(ConfigError, match=told):
        load_policy(path)
