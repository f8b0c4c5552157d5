"""The parts that surges are made of."""

import random
import re
from collections import Counter
from datetime import date, timedelta

import numpy as np
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import nbinom, poisson

from tests.surge_fakes import settings, ticket
from triage.config import data_dir, read_yaml
from triage.errors import ConfigError
from triage.rules.calendar import default_calendar
from triage.surge.days import FREE, RUSH, kind_of
from triage.surge.major import majors
from triage.surge.phrases import shared_phrases
from triage.surge.settings import load_settings
from triage.surge.tails import upper_tail
from triage.surge.telling import telling
from triage.surge.tickets import count_once
from triage.surge.typical import most_central
from triage.taxonomy import load_taxonomy


@given(st.integers(1, 400), st.floats(0.001, 300), st.floats(1.01, 8))
def test_tail_is_that_of_the_negative_binomial(count, mean, spread):
    size = mean / (spread - 1)
    (found,) = upper_tail(np.array([float(count)]), np.array([mean]), np.array([spread * mean]))
    wanted = nbinom.sf(count - 1, size, size / (size + mean)) if count > mean else 1.0
    assert found == pytest.approx(wanted, rel=1e-3, abs=1e-300)


def test_tail_without_overdispersion_is_poissons():
    (found,) = upper_tail(np.array([12.0]), np.array([5.0]), np.array([5.0]))
    assert found == pytest.approx(poisson.sf(11, 5.0), rel=1e-4)


def test_tail_falls_as_counts_rise():
    counts = np.arange(6.0, 60.0)
    tail = upper_tail(counts, np.full(54, 5.0), np.full(54, 8.0))
    assert (np.diff(tail) < 0).all()


@pytest.mark.parametrize(
    ("on", "kind"),
    [
        (date(2026, 3, 4), 2),
        (date(2026, 3, 7), 5),
        (date(2025, 10, 2), FREE),
        (date(2025, 9, 28), 4),  # a Sunday worked in exchange
        (date(2025, 10, 9), RUSH),
    ],
)
def test_days_are_like_days_of_the_week(on, kind):
    assert kind_of(on, default_calendar()) == kind


def words(*texts):
    return [text.split(" ") for text in texts]


def test_phrases_are_shared_runs_of_words():
    found = shared_phrases(
        words("下载 云 盾 盈 开 会议", "在 云 盾 盈 转账", "云 盾 盈", "云 盾 盈 转账"),
        settings().phrases,
    )
    assert all("云盾盈" in each for each in found)
    assert "云盾盈转账" not in found[0]


def test_phrases_do_not_cross_punctuation_numbers_or_masked_values():
    texts = words(*["退 ， 年费 [ 姓名 ] 客户 12 银行"] * 4)
    found = set().union(*shared_phrases(texts, settings().phrases))
    assert found == {"年费", "客户", "银行"}


def plainly_shared(texts, rule, least):
    """Give what `shared_phrases` is to give, found run by run."""
    runs = []
    for own in texts:
        found, depth, piece = set(), 0, []
        for word in [*own, "，"]:
            depth += word == "["
            if depth or re.fullmatch(r"[\W_]|[0-9.]+", word):
                places = [(a, b) for a in range(len(piece)) for b in range(a + 1, len(piece) + 1)]
                found |= {tuple(piece[a:b]) for a, b in places if b - a <= rule.words}
                piece = []
            else:
                piece.append(word)
            depth -= word == "]" and depth > 0
        runs.append(found)
    often = Counter(run for own in runs for run in own)
    low, high = rule.characters
    most = max(rule.most_share * len(texts), 10 * least)
    told = {
        run
        for run, count in often.items()
        if least <= count <= most and low <= len("".join(run)) <= high
        if not (run[0][0] + run[-1][-1]).strip("年费卡投诉退客服手机A")
    }
    return [tuple(sorted({"".join(run) for run in own & told})) for own in runs]


@pytest.mark.parametrize("seed", range(8))
def test_phrases_are_those_that_looking_at_every_run_finds(seed):
    rng = random.Random(seed)
    some = [*"[]，1_的", "年费", "卡", "投诉", "退", "3.5", "客服", "A", "手机"]
    rule = settings().phrases
    for least in (1, 2, 4):
        texts = [rng.choices(some, k=rng.randrange(14)) for _ in range(rng.randrange(60))]
        assert shared_phrases(texts, rule, least=least) == plainly_shared(texts, rule, least)


def test_too_common_phrases_are_no_news():
    texts = words(*["银行 年费"] * 50, *["手续 还款"] * 2000)
    assert shared_phrases(texts, settings().phrases)[-1] == ()


def test_telling_phrases_are_the_longest_that_say_the_same():
    own = {"云盾": 9, "云盾盈": 9, "转账": 8, "银行": 9}
    expected = {"云盾": 0.01, "云盾盈": 0.01, "转账": 3.0, "银行": 9.0}
    assert telling(own, expected, named=5) == ("云盾盈", "转账")
    assert telling(own, expected, named=1, first=["转账"]) == ("转账",)


def test_the_most_central_ticket_says_what_the_others_say():
    common = ("年费", "权益", "白金卡")
    tickets = [
        ticket("a", 0, phrases=("年费",)),
        ticket("b", 0, phrases=common),
        ticket("c", 0, phrases=common),
        ticket("d", 0, phrases=("天气", "停车", "年费", "权益")),
        ticket("e", 0, phrases=()),
    ]
    assert most_central(tickets) == "b"
    assert most_central([]) is None


def test_identifiers_count_once_and_nobody_is_everybody():
    same = [ticket("a", 0, customer_ref=None), ticket("a", 0, customer_ref=None)]
    others = [ticket("b", 0, customer_ref=None), ticket("c", 0, customer_ref=None)]
    counted = count_once(same + others, window=timedelta(days=90), wording_window=timedelta(days=7))
    assert [each.id for each in counted.tickets] == ["a", "b", "c"]
    assert counted.counts == [True, True, True]


def test_a_matter_counts_again_after_the_window():
    tickets = [ticket(f"t{n}", n, customer_ref="C", matter="M") for n in (0, 80, 200)]
    counted = count_once(tickets, window=timedelta(days=90), wording_window=timedelta(days=7))
    assert counted.counts == [True, False, True]


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"signals": ("self_harm",)}, "自伤风险"),
        ({"signals": ("media",)}, "媒体曝光"),
        ({"channel": "media"}, "媒体来件"),
        ({"group_size": 20, "channel": "petition"}, "20人到场反映"),
        ({"amount_cny": 1e6}, "涉及金额1,000,000元"),
    ],
)
def test_major_tickets_say_why(fields, why):
    (found,) = majors([ticket("t", 0, **fields)], settings().major, load_taxonomy())
    assert found.why == (why,)


def test_major_is_what_the_rules_call_so():
    rules = {rule["id"]: rule for rule in read_yaml(data_dir() / "rules.yaml")["rules"]}
    asked = {
        name: value for one in rules["R-ALERT-1"]["when"]["any"] for name, value in one.items()
    }
    major = settings().major
    assert asked["amount_cny"] == {"at_least": major.amount_cny}
    assert asked["group_size"] == {"at_least": major.group}


@pytest.mark.parametrize(
    "fields",
    [{"group_size": 19, "channel": "branch"}, {"group_size": 50, "channel": "phone"}, {}],
)
def test_other_tickets_are_not_major(fields):
    assert majors([ticket("t", 0, **fields)], settings().major, load_taxonomy()) == ()


@pytest.mark.parametrize(
    ("part", "value", "named"),
    [
        ("series", [["colour"]], "colour"),
        ("series", [], "series"),
        ("windows_days", [7, 1], "windows_days"),
        ("false_alarms_a_month", {"series": 0, "phrase": 1, "total": 1}, "series"),
        ("least", {"count": 0, "growth": 1.3, "total_growth": 2}, "count"),
        ("least", {"count": 5, "growth": 1.3}, "total_growth"),
        ("story", None, "section"),
        ("more", 1, "more"),
    ],
)
def test_settings_that_cannot_be_are_refused_by_name(tmp_path, part, value, named):
    raw = yaml.safe_load((data_dir() / "surge.yaml").read_text(encoding="utf-8"))
    path = tmp_path / "surge.yaml"
    path.write_text(yaml.safe_dump(raw | {part: value}), encoding="utf-8")
    with pytest.raises(ConfigError, match=named):
        load_settings(path)
