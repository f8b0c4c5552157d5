"""What holds whatever the facts are and whatever a bank writes into its file."""

from __future__ import annotations

from dataclasses import fields

import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rules_fakes import book, shipped

from benchmarks.outlet_bar import violations
from triage.records import CHANNELS, Context, LineScore
from triage.rules.bars import outlet_bars
from triage.rules.calendar import ZONE
from triage.rules.explain import FIELDS, explain
from triage.rules.facts import MEDIATION, SENT_DOWN, Facts, History, Reading
from triage.rules.rulefile import LEVELS
from triage.taxonomy import load_taxonomy

LABELS = load_taxonomy()
LINES, SIGNALS, NATURES = LABELS.line_codes, LABELS.signal_codes, LABELS.nature_codes
PAIRS = [(line, None) for line in LINES] + [
    (line.code, sub.code) for line in LABELS.lines for sub in line.sublines
]
MAYBE = st.sampled_from((None, True, False))
MOMENTS = st.none() | st.datetimes(timezones=st.just(ZONE))
COUNTS = st.none() | st.integers(0, 40)


# The file is written anew for each example.
_ONE_FOLDER = [HealthCheck.function_scoped_fixture]


@st.composite
def readings(draw: st.DrawFn) -> Reading:
    line, subline = draw(st.sampled_from([*PAIRS, (None, None)]))
    others = draw(st.lists(st.sampled_from(PAIRS), max_size=3, unique=True))
    share = st.floats(0, 0.3)
    alternatives = tuple(LineScore(*pair, draw(share)) for pair in others if pair[0] != line)
    return Reading(
        line=line,
        subline=subline,
        secondary=tuple(draw(st.lists(st.sampled_from(LINES), max_size=2))),
        alternatives=alternatives,
        probability=1 - sum(score.probability for score in alternatives),
        abstained=line is None,
        nature=draw(st.sampled_from(NATURES)),
        signals=draw(st.frozensets(st.sampled_from(SIGNALS), max_size=4)),
        band=draw(st.sampled_from(("high", "medium", "low"))),
    )


CONTEXTS = st.builds(
    Context,
    received_at=MOMENTS,
    channel=st.sampled_from((None, *CHANNELS)),
    unit=st.sampled_from((None, "西大街网点")),
    visited_branch=MAYBE,
    outlet_touchpoint=MAYBE,
    amount_cny=st.none() | st.floats(0, 1e9),
    prior_complaints_90d=COUNTS,
    transfers=COUNTS,
    group_size=COUNTS,
)
HISTORIES = st.builds(
    History,
    repeats_90d=COUNTS,
    repeats_15d=COUNTS,
    transfers=COUNTS,
    difficult=st.booleans(),
    agent=st.booleans(),
    complained_employee=st.sampled_from((None, "E-1")),
    contacted_at=MOMENTS,
    mediation=st.sampled_from((None, *MEDIATION)),
    agreed_at=MOMENTS,
    withdrawn_at=MOMENTS,
    sent_to=st.sampled_from((None, *SENT_DOWN)),
    sent_reason=st.sampled_from((None, "理由")),
)
TESTS = st.recursive(
    st.one_of(
        st.builds(lambda v: {"nature": v}, st.sampled_from(NATURES)),
        st.builds(lambda v: {"matter": {"in": v}}, st.lists(st.sampled_from(LINES), min_size=1)),
        st.builds(lambda v: {"possible": v}, st.sampled_from(LINES)),
        st.builds(lambda v: {"signals": v}, st.sampled_from(SIGNALS)),
        st.builds(lambda v: {"transfers": {"at_least": v}}, st.integers(0, 9)),
        st.builds(lambda v: {"visited_branch": v}, st.booleans()),
        st.builds(lambda v: {"outlet_touchpoint": {"known": v}}, st.booleans()),
    ),
    lambda inner: st.one_of(
        st.builds(lambda v: {"all": v}, st.lists(inner, min_size=1, max_size=3)),
        st.builds(lambda v: {"any": v}, st.lists(inner, min_size=1, max_size=3)),
        st.builds(lambda v: {"not": v}, inner),
    ),
    max_leaves=4,
)
EFFECTS = st.fixed_dictionaries(
    {"flags": st.just(["x"])},
    optional={
        "level_at_least": st.sampled_from(LEVELS),
        "send_to": st.sampled_from(SENT_DOWN),
        "bar": st.just("own_bar"),
        "departments_at_least": st.integers(1, 3),
    },
)
RULES = st.lists(st.tuples(TESTS, EFFECTS), max_size=5)


def _text(rules: list[tuple[dict, dict]]) -> str:
    found = [
        {"id": f"X-{n}", "name": "x", "mark": "P", "basis": "本行规则：x", "when": w, "then": t}
        for n, (w, t) in enumerate(rules)
    ]
    dated = yaml.safe_dump(found, allow_unicode=True, sort_keys=False)
    return dated.replace("  name: x", "  name: x\n  valid_from: 2000-01-01")


@settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(RULES, st.lists(st.tuples(readings(), CONTEXTS, HISTORIES), min_size=1, max_size=5))
def test_no_file_sends_a_barred_ticket_to_an_outlet(tmp_path, rules, tickets) -> None:
    made = book(tmp_path, _text(rules) if rules else "  []\n")
    for read, context, history in tickets:
        facts = made.facts(read, context, history)
        owner = made.apply(facts).owner
        assert not (owner.level == "outlet" and owner.barred_from_outlet)
        assert set(outlet_bars(facts, LABELS.barred)) <= set(owner.why)
        assert owner.barred_from_outlet == bool(owner.why)


@settings(max_examples=150, deadline=None)
@given(readings(), CONTEXTS, HISTORIES, MOMENTS)
def test_the_shipped_rules_take_any_ticket(read, context, history, now) -> None:
    ruling = shipped().apply(shipped().facts(read, context, history), now)
    codes = [duty.code for duty in ruling.duties]
    assert len(codes) == len(set(codes))
    assert not (ruling.owner.level == "outlet" and ruling.owner.barred_from_outlet)
    for duty in ruling.duties:
        assert duty.due_at is None or duty.due_at.utcoffset() == ZONE.utcoffset(None)
        assert all(alarm <= duty.due_at for alarm in duty.alarms if duty.due_at)
    assert explain(ruling, LABELS)


@settings(max_examples=150, deadline=None)
@given(readings(), CONTEXTS, HISTORIES)
def test_the_file_explains_every_bar_of_the_program(read, context, history) -> None:
    facts = shipped().facts(read, context, history)
    if facts.received_at is not None and facts.received_at.year < 2021:
        return
    bars = {rule.effect.bar for rule in shipped().apply(facts).rules if rule.effect.bar}
    assert set(outlet_bars(facts, LABELS.barred)) == bars


@settings(max_examples=100, deadline=None)
@given(readings(), CONTEXTS, HISTORIES, MOMENTS)
def test_no_nature_lifts_a_bar_or_drops_a_duty(read, context, history, now) -> None:
    found = set()
    for nature in NATURES:
        facts = shipped().facts(read._replace(nature=nature), context, history)
        ruling = shipped().apply(facts, now)
        # By law a complaint is decided in the 15 days in which anything else is answered.
        owed = frozenset(
            (duty.code.replace("answer_15d", "decision_15d"), duty.due_at) for duty in ruling.duties
        )
        found.add((frozenset(ruling.owner.why), frozenset(ruling.flags), owed))
    assert len(found) == 1


@settings(max_examples=60, deadline=None)
@given(readings(), CONTEXTS, HISTORIES)
def test_an_answer_does_not_depend_on_the_tickets_before(read, context, history) -> None:
    from triage.rules.rulebook import Rulebook

    fresh = Rulebook(shipped().file)
    assert fresh.apply(fresh.facts(read, context, history)) == shipped().apply(
        shipped().facts(read, context, history)
    )


def test_generated_tickets_keep_the_bar() -> None:
    broken, levels, _ = violations(3_000, seed=7)
    assert broken == 0
    assert levels["outlet"] > 0


def test_every_fact_has_a_name_for_people() -> None:
    moments = {"received_at", "agreed_at", "delegated_at", "withdrawn_at"}
    assert set(FIELDS) == set(Facts._fields) - moments
    assert {field.name for field in fields(History)} >= {"repeats_90d", "extension", "sent_reason"}
