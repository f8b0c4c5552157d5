"""Rules files: what is refused with its line, what changes by date, what the calendar says."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from rules_fakes import HEAD, NOON, RULE, book, due, fired, reading, ruled, shipped

from triage.errors import ConfigError, InvalidInput
from triage.records import Context
from triage.rules.calendar import Calendar, default_calendar, end_after_working_days
from triage.rules.facts import History

FIRST = HEAD.count("\n") + 1  # line of the first rule


def test_a_good_file_is_taken(tmp_path) -> None:
    rules = book(tmp_path)
    assert ruled(rules=rules).flags == ("seen",)
    assert rules.version.startswith("1+")


def test_the_version_follows_the_content(tmp_path) -> None:
    before = book(tmp_path).version
    assert book(tmp_path).version == before
    assert book(tmp_path, RULE.replace("seen", "noted")).version != before


@pytest.mark.parametrize(
    ("old", "new", "line", "told"),
    [
        ("nature: complaint", "nature: complain", 5, "complain"),
        ("nature: complaint", "natur: complaint", 5, "natur"),
        ("nature: complaint", "signals: shouting", 5, "shouting"),
        ("nature: complaint", "matter: fraud.unknown", 5, "fraud.unknown"),
        ("nature: complaint", "tiers: Z", 5, "'Z'"),
        ("nature: complaint", "nature: {above: 3}", 5, "above"),
        ("nature: complaint", "nature: {at_least: 3}", 5, "nature"),
        ("nature: complaint", "transfers: {at_least: many}", 5, "number"),
        ("nature: complaint", "transfers: {in: []}", 5, "nothing"),
        ("nature: complaint", "difficult: 1", 5, "true or false"),
        ("nature: complaint", "signals: {known: true}", 5, "set"),
        ("when: {nature: complaint}", "when: {}", 5, "empty"),
        ("when: {nature: complaint}", "when: {any: []}", 5, "nothing"),
        ("when: {nature: complaint}", "when: [1]", 5, "mapping"),
        ("mark: P", "mark: M", 2, "'M'"),
        ("mark: P", "mark: V", 3, "本行规则"),
        ("basis: 本行规则：测试", "basis: 某法", 3, "本行规则"),
        ("id: X-1", "idd: X-1", 0, "idd"),
        ("flags: [seen]", "flag: [seen]", 6, "flag"),
        ("{flags: [seen]}", "{}", 6, "effect"),
        ("flags: [seen]", "stop: [nothing]", 6, "nothing"),
        ("flags: [seen]", "level_at_least: moon", 6, "moon"),
        ("flags: [seen]", "send_to: head_office", 6, "head_office"),
        ("flags: [seen]", "departments_at_least: 9", -2, "9 departments"),
        ("flags: [seen]", "duties: [{code: a, name: b, within: soon}]", 6, "N days"),
        ("flags: [seen]", "duties: [{code: a, name: b}]", 6, "within"),
        (
            "flags: [seen]",
            "duties: [{code: a, name: b, within: 1 days, start: noon}]",
            6,
            "noon",
        ),
        (
            "flags: [seen]",
            "duties: [{code: a, name: b, within: 1 days, alarms: [25:00]}]",
            6,
            "",
        ),
        ("valid_from: 2020-01-01", "valid_from: yesterday", 4, "date"),
        ("valid_from: 2020-01-01", "valid_from: 2020-13-41", 4, "cannot be read"),
        ("    name: 一条\n", "    name: 一条\n    name: 两条\n", 2, "twice"),
    ],
)
def test_a_bad_rule_is_refused_with_its_line(tmp_path, old, new, line, told) -> None:
    assert old in RULE
    with pytest.raises(ConfigError) as caught:
        book(tmp_path, RULE.replace(old, new))
    where = FIRST + line if line >= 0 else HEAD[: HEAD.index("co_dep")].count("\n") + 1
    assert caught.value.message.startswith(f"rules.yaml:{where}: ")
    assert told in f"{caught.value.message} {caught.value.cure}"


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("possible_share: 0.1\n", "", "possible_share"),
        ("possible_share: 0.1", "possible_share: 3", "0.01 to 1"),
        ("effective: 2026-01-01", "effective: soon", "date"),
        ("outlet: 网点, ", "", "outlet"),
        ("{unit: 综合部, level: outlet", "{when: {line: fraud}, unit: 综合部", "last department"),
        ('version: "1"', "version: 1", "text"),
    ],
)
def test_a_bad_head_is_refused_with_its_line(tmp_path, old, new, told) -> None:
    assert old in HEAD
    with pytest.raises(ConfigError, match=r"rules\.yaml:\d+: ") as caught:
        book(tmp_path, head=HEAD.replace(old, new))
    assert told in caught.value.message


@pytest.mark.parametrize("content", ["", "a: [", "- 1", "a: !!python/object:os.system {}"])
def test_what_is_no_rules_file_is_refused(tmp_path, content: str) -> None:
    with pytest.raises(ConfigError, match=r"rules\.yaml"):
        book(tmp_path, "", head=content)


def test_a_file_that_contains_itself_is_refused(tmp_path) -> None:
    with pytest.raises(ConfigError, match="deeply"):
        book(tmp_path, RULE.replace("{nature: complaint}", "&a {all: [*a]}"))


def test_the_day_of_receipt_selects_the_rules() -> None:
    before = ruled(
        reading("loan_collection", "personal_loan"),
        received_at=datetime.fromisoformat("2026-01-30T23:59:59+08:00"),
    )
    after = ruled(
        reading("loan_collection", "personal_loan"),
        received_at=datetime.fromisoformat("2026-01-31T00:00:00+08:00"),
    )
    marks = [
        next(d.mark for d in each.duties if d.code == "collection_check")
        for each in (before, after)
    ]
    assert marks == ["P", "V2"]


@pytest.mark.parametrize(
    ("rule", "line", "before", "since"),
    [
        ("R-AML-1", "account_control", "2024-12-31", "2025-01-01"),
        ("R-FEE-2", "fee_dispute", "2026-07-31", "2026-08-01"),
    ],
)
def test_a_law_binds_from_its_day(rule, line, before, since) -> None:
    days = [datetime.fromisoformat(f"{day}T12:00:00+08:00") for day in (before, since)]
    assert [rule in fired(ruled(reading(line), received_at=day)) for day in days] == [False, True]


def test_without_any_time_the_duty_is_listed_without_one() -> None:
    duties = due(ruled(received_at=None))
    assert duties
    assert set(duties.values()) == {None}


def test_a_given_now_stands_in_for_a_missing_receipt() -> None:
    assert due(ruled(received_at=None, now=NOON)) == due(ruled(received_at=NOON))


def test_receipt_goes_before_now() -> None:
    later = datetime.fromisoformat("2026-12-24T12:00:00+08:00")
    assert due(ruled(now=later)) == due(ruled())


@pytest.mark.parametrize("context", [{"received_at": datetime(2026, 1, 1)}])
def test_a_moment_without_a_zone_is_refused(context) -> None:
    with pytest.raises(InvalidInput):
        ruled(**context)
    with pytest.raises(InvalidInput):
        ruled(now=datetime(2026, 1, 1))
    with pytest.raises(InvalidInput):
        ruled(history=History(mediation="agreed", agreed_at=datetime(2026, 1, 1)))


@pytest.mark.parametrize(
    "moment", ["9999-12-31T23:59:59+00:00", "0001-01-01T00:00:00+14:00", "9999-12-20T00:00:00Z"]
)
def test_the_ends_of_time_are_survived(moment: str) -> None:
    ruled(reading("fraud", "loan_fraud", "self_harm"), received_at=datetime.fromisoformat(moment))


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (date(2026, 11, 27), True),
        (date(2026, 11, 28), False),
        (date(2026, 10, 1), False),
        (date(2026, 10, 10), True),  # a Saturday that is worked for 7 October
        (date(2026, 9, 20), True),  # a Sunday
        (date(1990, 5, 5), False),
        (date(2090, 1, 2), True),
    ],
)
def test_days_that_are_worked(day: date, works: bool) -> None:
    assert default_calendar().is_working_day(day) is works


def test_a_deadline_over_the_national_day() -> None:
    # 30 September; the next working days are 8 and 9 October, then Saturday the 10th.
    ends = [end_after_working_days(date(2026, 9, 30), n).date() for n in (1, 2, 3, 4)]
    assert ends == [date(2026, 10, n) for n in (8, 9, 10, 12)]


def test_the_first_contact_over_a_worked_saturday() -> None:
    friday = datetime.fromisoformat("2026-10-09T18:00:00+08:00")
    assert due(ruled(received_at=friday))["contact"] == "2026-10-10T23:59:59+08:00"


def test_the_calendar_says_a_year_ahead_that_it_runs_out() -> None:
    calendar = Calendar()
    end = calendar.known_until
    assert end.year >= 2026
    assert calendar.notice(date(end.year - 1, 12, 30)) is None
    assert str(calendar.notice(date(end.year, 6, 1))).startswith("notice")
    assert str(calendar.notice(date(end.year, 11, 2))).startswith("warning")
    assert str(calendar.notice(date(end.year + 1, 3, 1))).startswith("warning")


def test_nothing_unproven_is_cited() -> None:
    for rule in shipped().file.rules:
        assert rule.mark in {"V", "V2", "P"}
        assert rule.basis.startswith("本行规则") == (rule.mark == "P")


def test_facts_are_those_of_the_context() -> None:
    context = Context(
        received_at=NOON, channel="app", product="信用卡", unit="西大街", visited_branch=True,
        outlet_touchpoint=False, amount_cny=5.0, prior_complaints_90d=1, days_open=2.0,
        transfers=3, group_size=4, customer_segment="elderly",
    )  # fmt: skip
    facts = shipped().facts(reading(), context, History(transfers=7, repeats_90d=None))
    told = {
        "received_at": NOON, "channel": "app", "product": "信用卡", "unit": "西大街",
        "visited_branch": True, "outlet_touchpoint": False, "amount_cny": 5.0, "days_open": 2.0,
        "group_size": 4, "customer_segment": "elderly", "transfers": 7, "repeats_90d": 1,
    }  # fmt: skip
    assert {name: getattr(facts, name) for name in told} == told
