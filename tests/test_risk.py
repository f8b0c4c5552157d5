import json

import numpy as np
import pytest
from ticket_rows import TAXONOMY

from triage.config import data_dir, read_yaml
from triage.errors import ArtifactRejected, ConfigError, InvalidInput
from triage.records import CHANNELS, Context, Mention, Status
from triage.risk.features import default_registry, make_registry
from triage.risk.model import RiskModel, risk_matrix, sigmoid
from triage.risk.phrases import load_phrases

TEXT = "我反映三次没人理，不退就打12378"
MENTIONS = (
    Mention("repeat", 1, 5, "反映三次"),
    Mention("regulator_threat", 12, 18, "打12378", Status.THREATENED),
    Mention("legal", 0, 1, "我", Status.DENIED),
)
FULL = Context(
    channel="regulator_guided", prior_complaints_90d=2, days_open=20, transfers=0, amount_cny=500
)


@pytest.fixture(scope="module")
def model():
    """Weights by hand: enough to tell what each reason must be."""
    registry = default_registry()
    columns = registry.columns
    given = {
        "signal:repeat": 1.0,
        "alone:repeat": 0.5,
        "signal:regulator_threat": 1.5,
        "signal:legal": 2.0,
        "prior_complaints_90d": 0.8,
        "transfers": 0.5,
        "channel:regulator_guided": 0.7,
        "channel_missing": 5.0,
        "amount_cny": 0.01,
    }
    reference = np.zeros((2, len(columns)))
    reference[0, registry.names.index("transfers")] = 0.4
    reference[1, [i for i, name in enumerate(registry.names) if name.endswith("_missing")]] = 1.0
    return RiskModel(
        feature_names=registry.names,
        families=tuple(column.family for column in columns),
        kinds=registry.kinds,
        mentions=tuple(column.mention or "" for column in columns),
        shows=tuple(column.show for column in columns),
        weights=np.array([given.get(name, 0.0) for name in registry.names]),
        bias=-4.0,
        reference=reference,
        slope=np.array([1.0, 0.5]),
        shift=np.array([0.0, 0.25]),
        **load_phrases(registry),
    )


NOTHING = Context()


def matrix(context=NOTHING, mentions=MENTIONS):
    leaves, natures = (np.zeros((1, len(c))) for c in (TAXONOMY.leaves, TAXONOMY.nature_codes))
    return risk_matrix(leaves, natures, [mentions], [TEXT], [context])


def reasons_of(model, row, mentions=(), **how):
    return model.reasons_of(row[None, :], [mentions], **how)[0]


def test_probability_is_the_calibrated_sum_of_the_weights(model):
    known = -4 + 1 + 1.5 + 0.8 * np.log(3) + 0.7 + 0.01 * np.log10(501)
    assert model.predict(matrix(FULL))[0] == pytest.approx(1 / (1 + np.exp(-known)))
    alone = -4 + 1 + 0.5 + 1.5 + 5
    assert model.predict(matrix())[0] == pytest.approx(1 / (1 + np.exp(-(0.5 * alone + 0.25))))


def test_reasons_say_what_pushed_with_offsets_and_weights(model):
    reasons = reasons_of(model, matrix(FULL)[0], MENTIONS)
    told = {reason.text: reason for reason in reasons}
    assert [reason.text for reason in reasons] == [
        "提到扬言向监管投诉",
        "提到重复反映",
        "90天内已投诉2次",
        "监管引导件",
        "没有转办过",
    ]
    threat = told["提到扬言向监管投诉"]
    assert (threat.start, threat.end, threat.kind) == (12, 18, "text")
    assert threat.weight == pytest.approx(1.5)
    assert told["90天内已投诉2次"].kind == "history"
    assert told["90天内已投诉2次"].start is None
    assert told["没有转办过"].weight == pytest.approx(-0.2)


def test_reasons_of_a_narrative_alone_do_not_blame_what_is_missing(model):
    reasons = reasons_of(model, matrix()[0], MENTIONS)
    assert [(r.text, r.weight) for r in reasons] == [
        ("提到扬言向监管投诉", pytest.approx(0.75)),
        ("提到重复反映", pytest.approx(0.75)),
    ]


def test_the_number_of_reasons_is_limited(model):
    assert len(reasons_of(model, matrix(FULL)[0], MENTIONS, top=2)) == 2


def test_weights_of_all_reasons_add_up_to_the_log_odds(model):
    row = matrix(FULL)
    generous = RiskModel.from_dict(model.to_dict() | {"least": 0.0})
    told = sum(reason.weight for reason in reasons_of(generous, row[0], MENTIONS, top=99))
    base = float(generous.score(generous.reference[:1])[0])
    logit = np.log(model.predict(row)[0] / (1 - model.predict(row)[0]))
    assert base + told == pytest.approx(logit)


def test_reasons_of_a_batch_are_those_of_each_row(model):
    both = np.vstack([matrix(FULL), matrix()])
    found = model.reasons_of(both, [MENTIONS, MENTIONS])
    assert [r.text for r in found[0]] == [r.text for r in reasons_of(model, both[0], MENTIONS)]
    assert [r.text for r in found[1]] == [r.text for r in reasons_of(model, both[1], MENTIONS)]


def test_a_neighbour_changes_no_bit(model):
    both = np.vstack([matrix(FULL), matrix()] * 100)
    assert (model.predict(both)[::2] == model.predict(matrix(FULL))[0]).all()


def test_the_model_survives_json(model):
    raw = json.loads(json.dumps(model.to_dict(), ensure_ascii=False))
    again = RiskModel.from_dict(raw)
    assert np.array_equal(again.predict(matrix(FULL)), model.predict(matrix(FULL)))
    row = matrix(FULL)[0]
    assert reasons_of(again, row, MENTIONS) == reasons_of(model, row, MENTIONS)


def test_a_model_of_other_features_is_refused(model):
    raw = model.to_dict()
    with pytest.raises(ArtifactRejected, match="signal:self_harmed"):
        RiskModel.from_dict(
            raw | {"feature_names": ["signal:self_harmed", *raw["feature_names"][1:]]}
        )
    with pytest.raises(ArtifactRejected, match="order"):
        RiskModel.from_dict(raw | {"feature_names": raw["feature_names"][::-1]})
    with pytest.raises(ArtifactRejected, match="without"):
        RiskModel.from_dict({key: raw[key] for key in raw if key != "bias"})
    with pytest.raises(InvalidInput, match="features"):
        model.predict(np.zeros((1, 3)))


def test_a_model_of_other_settings_is_refused(model, tmp_path):
    path = tmp_path / "risk_features.yaml"
    shipped = (data_dir() / "risk_features.yaml").read_text(encoding="utf-8")
    raw = model.to_dict()
    path.write_text("# another comment\n" + shipped, encoding="utf-8")
    RiskModel.from_dict(raw, registry=make_registry(TAXONOMY, path))
    changed = shipped.replace("short_text: 20", "short_text: 21")
    path.write_text(changed, encoding="utf-8")
    registry = make_registry(TAXONOMY, path)
    assert registry.names == default_registry().names
    with pytest.raises(ArtifactRejected, match="other settings"):
        RiskModel.from_dict(raw, registry=registry)
    with pytest.raises(ArtifactRejected, match="without 'settings'"):
        RiskModel.from_dict({key: raw[key] for key in raw if key != "settings"})


def test_sigmoid_does_not_overflow():
    assert sigmoid(np.array([-1e9, 0.0, 1e9])).tolist() == [0.0, 0.5, 1.0]


def test_every_signal_leaf_channel_and_count_has_a_phrase():
    registry = default_registry()
    phrases = dict(zip(registry.names, load_phrases(registry)["phrases"], strict=True))
    kinds = ("signal:", "leaf:", "nature:", "together:", "customer_segment:")
    for name in registry.names:
        if name.startswith(kinds):
            assert phrases[name], name
    assert all(phrases[f"channel:{name}"] for name in CHANNELS)
    assert not any(phrases[name] for name in registry.names if name.endswith("_missing"))
    assert not any("{name}" in phrase for phrase in phrases.values())


@pytest.mark.parametrize("change", ["columns:\n  signal_typo: 错\n", ""])
def test_a_phrase_file_that_does_not_fit_is_refused(change, tmp_path):
    path = tmp_path / "risk_reasons.yaml"
    shipped = read_yaml(data_dir() / "risk_reasons.yaml")
    assert shipped["least"] > 0
    path.write_text("version: '1'\n" + change)
    with pytest.raises(ConfigError):
        load_phrases(default_registry(), path)


def guessed(complaint=0.0, fees=0.0):
    row = matrix(FULL)[0]
    names = default_registry().names
    row[names.index("nature:complaint")] = complaint
    row[names.index("leaf:fee_dispute")] = fees
    return row


@pytest.fixture(scope="module")
def guessing(model):
    """The same model, in which nature and line push too, and are usual to a degree."""
    raw, names = model.to_dict(), model.feature_names
    for name, weight in (("nature:complaint", 1.0), ("leaf:fee_dispute", -0.6)):
        raw["weights"][names.index(name)] = weight
        raw["reference"][0][names.index(name)] = 0.5
    return RiskModel.from_dict(raw)


def test_every_reason_says_in_words_which_way_it_moves_the_risk(guessing):
    reasons = reasons_of(guessing, guessed(1.0, 1.0), MENTIONS, top=99)
    labels = {reason.text: reason.label for reason in reasons}
    assert labels["提到重复反映"] == "提到重复反映（提高风险）"
    assert labels["90天内已投诉2次"] == "90天内已投诉2次（提高风险）"
    assert labels["没有转办过"] == "没有转办过（降低风险）"
    assert labels["诉求性质为投诉"] == "诉求性质为投诉（提高风险）"
    assert labels["事由属于息费争议"] == "事由属于息费争议（降低风险）"
    for reason in reasons:
        assert ("提高" in reason.label) == (reason.weight > 0)


@pytest.mark.parametrize(
    ("complaint", "told"), [(1.0, True), (0.8, True), (0.7, False), (0.5, False), (0.1, False)]
)
def test_a_nature_is_told_only_where_it_stands_out(guessing, complaint, told):
    reasons = reasons_of(guessing, guessed(complaint), MENTIONS, top=99)
    assert ("诉求性质为投诉" in [reason.text for reason in reasons]) == told


def test_a_nature_that_is_less_sure_than_usual_is_no_reason_against_the_risk(guessing):
    row = guessed(0.1)
    assert guessing.predict(row[None, :])[0] < guessing.predict(guessed(0.5)[None, :])[0]
    assert not [r for r in reasons_of(guessing, row, top=99) if "诉求性质" in r.text]


def test_what_raises_stands_first_where_the_risk_is_above_the_usual(guessing):
    names = guessing.feature_names
    raw = guessing.to_dict()
    raw["weights"][names.index("leaf:fee_dispute")] = -3.4
    lowering = RiskModel.from_dict(raw)
    high = reasons_of(lowering, guessed(0.5, 1.0), MENTIONS)
    assert [reason.weight > 0 for reason in high] == [True, True, True, True, False]
    assert high[-1].text == "事由属于息费争议"
    assert abs(high[-1].weight) > abs(high[0].weight)
    raising = [reason.weight for reason in high[:-1]]
    assert raising == sorted(raising, reverse=True)


def test_the_strongest_stands_first_where_the_risk_is_below_the_usual(guessing):
    raw = guessing.to_dict()
    raw["weights"][guessing.feature_names.index("leaf:fee_dispute")] = -20.0
    low = reasons_of(RiskModel.from_dict(raw), guessed(0.5, 1.0), MENTIONS)
    assert low[0].text == "事由属于息费争议"
    assert [abs(r.weight) for r in low] == sorted((abs(r.weight) for r in low), reverse=True)
