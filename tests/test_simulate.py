from dataclasses import fields
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ticket_rows import make_rows

from training.simulate import simulate
from training.simulate_outcomes import Outcome, Treatment
from training.simulate_people import count_prior
from training.simulate_process import DAY, load_process
from training.simulate_tickets import Intake
from triage.errors import InvalidInput
from triage.evaluation import calibration_error, roc_auc
from triage.records import CHANNELS, Context

ROWS = make_rows()


@pytest.fixture(scope="module")
def year():
    return simulate(ROWS, seed=5, tickets=20_000)


def test_same_seed_gives_the_same_year_and_another_does_not(year):
    again = simulate(ROWS, seed=5, tickets=20_000)
    other = simulate(ROWS, seed=6, tickets=20_000)
    for column in fields(Intake):
        left, right = getattr(year.intake, column.name), getattr(again.intake, column.name)
        assert np.array_equal(left, right, equal_nan=left.dtype.kind == "f")
    assert np.array_equal(year.outcome.escalated, again.outcome.escalated)
    assert len(other) != len(year) or not np.array_equal(other.truth, year.truth, equal_nan=True)


def test_the_year_is_about_as_long_and_as_dangerous_as_asked(year):
    assert abs(len(year) / 20_000 - 1) < 0.06
    process = load_process()
    assert year.truth[year.eligible].mean() == pytest.approx(process["base_rate"], rel=0.02)
    assert abs(year.outcome.escalated[year.eligible].mean() - process["base_rate"]) < 0.006


def test_truth_is_calibrated_and_not_too_good(year):
    hit, truth = year.outcome.escalated[year.eligible], year.truth[year.eligible]
    assert calibration_error(truth, hit) < 0.006
    # An outcome that can be told from a complaint almost surely would be a toy.
    assert 0.7 < roc_auc(hit, truth) < 0.9


def test_what_is_known_at_intake_and_what_comes_later_share_no_column():
    intake = {column.name for column in fields(Intake)} | {c.name for c in fields(Context)}
    later = {column.name for column in (*fields(Treatment), *fields(Outcome))}
    assert not intake & later


def test_treatment_goes_to_urgent_tickets_and_lowers_their_outcome(year):
    treated = year.treatment.same_day_contact & year.eligible
    truth, hit = year.truth, year.outcome.escalated
    assert truth[treated].mean() > truth[year.eligible & ~treated].mean()
    assert hit[treated].mean() < truth[treated].mean()
    left = year.eligible & ~treated
    assert hit[left].mean() > truth[left].mean()


def test_tickets_that_arrive_formal_have_no_outcome(year):
    formal = np.isin(year.intake.channel, ["regulator_formal", "petition"])
    assert not year.eligible[formal].any()
    assert not year.outcome.escalated[~year.eligible].any()
    assert np.isnan(year.truth[~year.eligible]).all()
    assert (year.outcome.kind[year.outcome.escalated] != "").all()


def test_an_escalation_to_the_regulator_comes_back_as_a_formal_ticket_of_the_matter(year):
    formal = year.intake.matter[year.intake.channel == "regulator_formal"]
    last_day = np.datetime64("2025-11-25")
    early = year.intake.received_at < last_day
    gone = year.intake.matter[(year.outcome.kind == "E1") & early]
    assert len(gone) > 50
    assert np.isin(gone, formal).all()


def test_tickets_are_in_order_of_time_within_one_year(year):
    at = year.intake.received_at
    assert (np.diff(at) >= np.timedelta64(0)).all()
    assert at[0] >= np.datetime64("2025-01-01")
    assert at[-1] < np.datetime64("2026-01-01")


def test_a_template_is_one_wording_of_many_customers(year):
    clusters = np.unique(year.intake.template[year.intake.template >= 0])
    sizes = []
    for cluster in clusters:
        members = year.intake.template == cluster
        assert len(np.unique(year.intake.narrative[members])) == 1
        sizes.append(len(np.unique(year.intake.customer[members])))
    assert np.mean(sizes) > 5


def test_the_mix_of_lines_drifts_and_wordings_die_out(year):
    leaf = np.array([row.leaf for row in year.rows])[year.intake.narrative]
    first, last = year.month < 3, year.month >= 9
    share = [(leaf[part] == "loan_collection.credit_card").mean() for part in (first, last)]
    assert share[1] < share[0]
    own = year.intake.template < 0
    early = set(year.intake.narrative[own & (year.month < 3)].tolist())
    late = set(year.intake.narrative[own & (year.month >= 9)].tolist())
    assert not early & late


def test_mondays_are_busier_than_sundays(year):
    weekday = year.intake.received_at.astype("datetime64[D]").astype(int) + 3
    counts = np.bincount(weekday % 7, minlength=7)
    assert counts[0] > 1.5 * counts[6]


def test_contexts_are_what_the_engine_takes(year):
    contexts = year.contexts()
    assert len(contexts) == len(year)
    first = contexts[0]
    assert first.received_at.utcoffset() == timedelta(hours=8)
    assert all(context.channel in CHANNELS for context in contexts)
    assert any(context.amount_cny is None for context in contexts)
    assert not any(context.amount_cny != context.amount_cny for context in contexts)
    assert isinstance(first.prior_complaints_90d, int)
    assert year.text(0) == ROWS[int(year.intake.narrative[0])].text


def test_another_start_moves_the_year():
    year = simulate(ROWS, seed=1, tickets=500, start=date(2024, 7, 1))
    assert str(year.intake.received_at[0]).startswith("2024-07")


def test_no_narratives_is_a_clear_error():
    with pytest.raises(InvalidInput, match="no narratives"):
        simulate([], seed=1)


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(-90, 365)), min_size=1, max_size=30))
def test_prior_complaints_are_those_of_the_customer_within_90_days(pairs):
    customer = np.array([pair[0] for pair in pairs])
    # Distinct moments: at one moment neither ticket is the earlier one.
    seconds = np.array([pair[1] * DAY + place for place, pair in enumerate(pairs)])
    found = count_prior(customer, seconds)
    for ticket in range(len(pairs)):
        gap = seconds[ticket] - seconds[customer == customer[ticket]]
        assert found[ticket] == ((gap > 0) & (gap <= 90 * DAY)).sum()
