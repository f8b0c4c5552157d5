from dataclasses import fields
from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ticket_rows import TAXONOMY

from training.simulate_outcomes import Outcome, Treatment
from triage.config import data_dir, read_yaml
from triage.errors import ConfigError, InvalidInput, LeakageError
from triage.normalize import normalize
from triage.records import CHANNELS, Context, Mention, Status
from triage.risk.batch import CONTEXT_SOURCES, Block, Column
from triage.risk.blocks import standard_blocks
from triage.risk.features import default_registry, make_registry, risk_matrix

LEAVES, NATURES = len(TAXONOMY.leaves), len(TAXONOMY.nature_codes)


NOTHING = Context()


def features(text="", mentions=(), context=NOTHING):
    """One narrative's features by name."""
    matrix = matrix_of([text], [mentions], [context])
    return dict(zip(default_registry().names, matrix[0].tolist(), strict=True))


def matrix_of(texts, mentions, contexts):
    count = len(texts)
    leaves = np.tile(np.linspace(0, 1, LEAVES), (count, 1))
    natures = np.tile(np.linspace(0, 1, NATURES), (count, 1))
    return risk_matrix(leaves, natures, mentions, texts, contexts)


def said(code, status=Status.HAPPENED, value=None):
    return Mention(code, 0, 2, "两字", status, value)


@pytest.mark.parametrize(
    ("feature", "given", "value"),
    [
        ("signal:repeat", {"mentions": [said("repeat")]}, 1),
        ("signal:media", {"mentions": [said("media", Status.THREATENED)]}, 1),
        ("signal:legal", {"mentions": [said("legal", Status.DENIED)]}, 0),
        ("signal:legal", {"mentions": [said("legal", Status.OTHER)]}, 0),
        ("alone", {}, 1),
        ("alone", {"context": Context(channel="app")}, 0),
        ("alone", {"context": Context(received_at=datetime(2026, 1, 1))}, 1),
        ("alone:repeat", {"mentions": [said("repeat")]}, 1),
        ("alone:repeat", {"mentions": [said("repeat")], "context": Context(transfers=0)}, 0),
        ("signals_many_2", {"mentions": [said("repeat"), said("media")]}, 1),
        ("signals_many_2", {"mentions": [said("repeat"), said("repeat")]}, 0),
        ("together:repeat+no_response", {"mentions": [said("repeat"), said("no_response")]}, 1),
        ("together:repeat+no_response", {"mentions": [said("repeat")]}, 0),
        (f"leaf:{TAXONOMY.leaves[-1]}", {}, 1),
        (f"nature:{TAXONOMY.nature_codes[0]}", {}, 0),
        ("length_log", {"text": "还我钱"}, np.log(4)),
        ("short", {"text": "还我钱"}, 1),
        ("short", {"text": "还我钱" * 30}, 0),
        ("amount_said", {"mentions": [said("amount_cny", value=999.0)]}, 3),
        ("contacts_said", {"mentions": [said("contact_count", value=3.0)]}, np.log(4)),
        ("prior_complaints_90d", {"context": Context(prior_complaints_90d=2)}, np.log(3)),
        ("prior_complaints_90d_many", {"context": Context(prior_complaints_90d=3)}, 1),
        ("prior_complaints_90d_missing", {}, 1),
        ("days_open", {"context": Context(days_open=-4)}, 0),
        ("days_open_many", {"context": Context(days_open=15)}, 1),
        ("transfers_many", {"context": Context(transfers=2)}, 0),
        ("group_size", {"context": Context(group_size=9)}, np.log(10)),
        ("group_size_missing", {"context": Context(group_size=9)}, 0),
        ("channel:letter", {"context": Context(channel="letter")}, 1),
        ("channel_missing", {"context": Context(channel="pigeon")}, 0),
        ("customer_segment:elderly", {"context": Context(customer_segment="elderly")}, 1),
        ("visited_branch", {"context": Context(visited_branch=True)}, 1),
        ("outlet_touchpoint_missing", {"context": Context(outlet_touchpoint=False)}, 0),
        ("amount_cny", {"context": Context(amount_cny=99)}, 2),
        ("moment_night", {"context": Context(received_at=datetime(2026, 1, 1, 23))}, 1),
        ("moment_night", {"context": Context(received_at=datetime(2026, 1, 1, 15, tzinfo=UTC))}, 1),
        ("moment_weekend", {"context": Context(received_at=datetime(2026, 1, 3, 9))}, 1),
        ("received_at_missing", {}, 1),
    ],
)
def test_each_feature_is_what_its_name_says(feature, given, value):
    assert features(**given)[feature] == pytest.approx(value)


def test_emphasis_that_normalisation_squeezes_is_no_feature():
    calm, loud = (features(text=normalize(f"退钱{marks}").text) for marks in ("！", "！！！！！！"))
    assert calm == loud


def test_every_feature_names_sources_that_intake_knows():
    registry = default_registry()
    assert set(registry.sources) == set(registry.names)
    assert {source for used in registry.sources.values() for source in used} <= {
        *CONTEXT_SOURCES,
        *("narrative", "signals", "lines", "natures"),
    }


def planted(*sources, known=True):
    return Block((Column("planted", "planted"),), "history", sources, lambda batch: None, known)


LATE = [column.name for column in (*fields(Treatment), *fields(Outcome))]


@pytest.mark.parametrize("field", [*LATE, "satisfaction", "escalated_30d", "never_heard_of"])
def test_a_field_recorded_after_intake_cannot_become_a_feature(field):
    with pytest.raises(LeakageError, match=field):
        default_registry().extended(planted("channel", field))


def test_a_feature_that_admits_to_be_late_is_refused():
    with pytest.raises(LeakageError, match="planted"):
        default_registry().extended(planted("channel", known=False))


def test_identity_is_no_feature():
    for field in ("ticket_id", "customer_key"):
        with pytest.raises(LeakageError):
            default_registry().extended(planted(field))


def test_a_feature_of_intake_facts_may_be_added_once():
    registry = default_registry().extended(planted("channel"))
    assert registry.names[-1] == "planted"
    with pytest.raises(ConfigError, match="twice"):
        registry.extended(planted("channel"))


contexts = st.builds(
    Context,
    channel=st.sampled_from([None, "", "pigeon", *CHANNELS]),
    prior_complaints_90d=st.sampled_from([None, -1, 0, 3, 10**400 % 10**18]),
    days_open=st.sampled_from([None, 0.0, 3.5, float("inf"), -1.0]),
    amount_cny=st.sampled_from([None, 0.0, 1e300, 12.5]),
    group_size=st.sampled_from([None, 1, 50]),
    visited_branch=st.sampled_from([None, True, False]),
    customer_segment=st.sampled_from([None, "elderly", "unknown"]),
    received_at=st.sampled_from(
        [None, datetime(2026, 5, 2, 3), datetime(2026, 5, 2, 3, tzinfo=UTC)]
    ),
)
mentions = st.lists(
    st.builds(
        said,
        st.sampled_from([*TAXONOMY.signal_codes, "amount_cny", "party"]),
        st.sampled_from(list(Status)),
        st.sampled_from([None, 0.0, 5.0, 1e300]),
    ),
    max_size=4,
)


@given(st.lists(st.tuples(st.text(max_size=40), mentions, contexts), min_size=1, max_size=5))
def test_features_are_finite_and_do_not_depend_on_neighbours(batch):
    texts, found, known = (list(column) for column in zip(*batch, strict=True))
    matrix = matrix_of(texts, found, known)
    assert np.isfinite(matrix).all()
    for number in range(len(batch)):
        own = matrix_of(texts[number : number + 1], [found[number]], [known[number]])
        assert np.array_equal(own[0], matrix[number])


def test_an_empty_batch_has_no_rows():
    assert matrix_of([], [], []).shape == (0, len(default_registry().names))


def test_another_taxonomy_or_length_is_refused():
    with pytest.raises(InvalidInput, match="leaf probabilities"):
        risk_matrix(np.zeros((1, 3)), np.zeros((1, NATURES)), [()], [""], [Context()])
    with pytest.raises(InvalidInput, match="2 readings"):
        risk_matrix(np.zeros((1, LEAVES)), np.zeros((1, NATURES)), [(), ()], [""], [Context()])


def test_settings_without_a_field_are_refused(tmp_path):
    path = tmp_path / "risk_features.yaml"
    path.write_text("version: '1'\n")
    with pytest.raises(ConfigError, match="missing"):
        make_registry(TAXONOMY, path)


def test_blocks_say_their_own_width():
    settings = read_yaml(data_dir() / "risk_features.yaml")
    blocks = standard_blocks(TAXONOMY, settings)
    assert len(default_registry().names) == sum(len(block.columns) for block in blocks)
