from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from triage.drift.change import changes, jensen_shannon, psi
from triage.drift.groups import grouped
from triage.drift.phrases import chance_of, distinct, new_phrases
from triage.drift.preview import previewed
from triage.drift.settings import alarm_level
from triage.drift.views import REST, Sample, Ticket, fit_views, untold
from triage.errors import InvalidInput
from triage.reading import TextReader
from triage.repeats.settings import load_settings as load_repeats
from triage.repeats.sketch import sketch
from triage.surge.settings import load_settings

WORDS = ("信用卡", "年费", "催收", "电话", "贷款", "利息", "转账", "征信")


def tickets(count: int, seed: int, *, first: str = "T", tilt: float = 0.0) -> list[Ticket]:
    rng = np.random.default_rng(seed)
    shares = np.ones(len(WORDS))
    shares[0] += tilt
    found = []
    for number in range(count):
        words = tuple(rng.choice(WORDS, size=12, p=shares / shares.sum()).tolist())
        line = str(rng.choice(["fee_dispute", "fraud"]))
        numbers = rng.random(2)
        found.append(Ticket(f"{first}{number}", words, line, numbers[0], numbers[1], "phone"))
    return found


def test_distances_are_none_for_equal_shares_and_grow() -> None:
    even, same, far = np.array([50, 50]), np.array([20, 20]), np.array([90, 10])
    assert jensen_shannon(even, same) == pytest.approx(0.0)
    assert psi(even, same) == pytest.approx(0.0, abs=1e-6)
    assert jensen_shannon(np.array([1, 0]), np.array([0, 1])) == pytest.approx(1.0)
    assert psi(even, far) > psi(even, np.array([60, 40])) > 0


def test_a_view_of_which_one_side_knows_nothing_is_named() -> None:
    noted, bare = tickets(50, 1), [replace(one, channel=None) for one in tickets(50, 1)]
    assert untold(fit_views(bare), noted) == {"channel": "reference"}
    assert untold(fit_views(noted), bare) == {"channel": "recent"}
    assert untold(fit_views(noted), [replace(noted[0], channel="odd")]) == {}


def test_customers_and_templates_are_groups() -> None:
    rule = load_repeats().template
    letter = "本人因征信报告逾期记录错误特此投诉贵行请在十五日内核实并删除第{}封随附证明材料"
    texts = [*(letter.format(n) for n in range(3)), "信用卡年费多扣了请退还给我", "转账没到账"]
    sketches = [*map(sketch, texts), None]
    found = grouped(["a", None, "b", "c", "d", "c"], sketches, rule)
    assert found[0] == found[1] == found[2]
    assert found[3] == found[5]
    assert len(set(found)) == 3


def test_what_was_not_known_is_the_rest_and_numbers_fall_between_borders() -> None:
    views = fit_views(tickets(200, 1))
    told = views.count([Ticket("N", ("虚拟币", "年费"), "fraud", 0.5, 2.0, None)])
    words = dict(zip(views.labels("words"), told.counts["words"][0].tolist(), strict=True))
    assert words["年费"] == words[REST] == 1
    assert told.counts["risk"][0].tolist()[-1] == 1
    assert told.groups == ("N",)
    assert set(views.names) == set(told.counts)


def test_borders_are_written_so_that_each_is_told_from_the_next() -> None:
    sure = [replace(one, confidence=1 - n * 1e-5) for n, one in enumerate(tickets(30, 1))]
    labels = fit_views(sure).labels("confidence")
    assert len(set(labels)) == len(labels) == 10


def test_a_change_is_seen_and_sameness_is_not() -> None:
    past = tickets(400, 1)
    views = fit_views(past)
    reference = views.count(past)
    tilted = views.count(tickets(150, 2, tilt=2.0))
    found = {c.view: c for c in changes(views, reference, tilted, permutations=199)}
    assert found["words"].p == pytest.approx(1 / 200)
    assert found["words"].moved[0][0] == WORDS[0]
    assert found["line"].p > 0.02
    again = changes(views, reference, views.count(tickets(150, 3)), permutations=199)
    assert min(c.p for c in again) > 1 / 200


def test_chance_rings_as_seldom_as_promised() -> None:
    views = fit_views(tickets(50, 0))
    p = [
        {
            c.view: c.p
            for c in changes(
                views,
                views.count(tickets(60, 2 * seed)),
                views.count(tickets(40, 2 * seed + 1)),
                permutations=59,
            )
        }["words"]
        for seed in range(1, 81)
    ]
    assert np.mean(np.array(p) <= 0.1) < 0.2
    assert 0.4 < np.mean(p) < 0.6


def test_one_letter_sent_often_is_one_group() -> None:
    past = tickets(200, 1)
    views = fit_views(past)
    letter = Ticket("L", ("征信",) * 12, "fraud", 0.5, 0.5, "phone")
    letters = [
        replace(letter, id=f"L{n}", words=(*letter.words, f"第{n}封"), group="letter")
        for n in range(30)
    ]
    alone = [replace(one, group="") for one in letters]
    recent = tickets(100, 2, first="R")

    def p_of(extra: list[Ticket]) -> float:
        found = changes(views, views.count(past), views.count([*recent, *extra]), permutations=199)
        return next(c.p for c in found if c.view == "words")

    assert p_of(letters) > 5 * p_of(alone)


def test_tickets_in_the_same_words_are_moved_together() -> None:
    past = tickets(200, 1)
    views = fit_views(past)
    copies = [replace(past[0], id=f"X{n}", group=f"X{n}") for n in range(40)]
    recent = views.count([*tickets(100, 2, first="R"), *copies])
    found = changes(views, views.count(past), recent, permutations=199)
    assert next(c.p for c in found if c.view == "words") > 0.01


def test_alarms_are_shared_out_over_views_and_checks() -> None:
    assert alarm_level(false_a_year=1, checks_a_year=50, views=4) == pytest.approx(0.005)


def test_nothing_to_compare_is_refused() -> None:
    with pytest.raises(InvalidInput):
        fit_views([])
    views = fit_views(tickets(5, 1))
    with pytest.raises(InvalidInput):
        changes(views, views.count(tickets(5, 1)), Sample({}, (), ()))


def told(name: str, count: int) -> list[Ticket]:
    """Tickets of different people in different words that name one thing, cut in two."""
    return [
        replace(ticket, id=f"S{n}", words=(*ticket.words[: n + 1], *name.split(), "转账", str(n)))
        for n, ticket in enumerate(tickets(count, 9))
    ]


def test_a_new_wording_is_offered_with_its_tickets_and_its_cut() -> None:
    rule = load_settings().phrases
    recent = [*tickets(90, 2, first="R"), *told("闪护 通", 6)]
    found = new_phrases(tickets(600, 1), recent, rule, level=0.001)
    (phrase,) = [one for one in found if "闪护通" in one.text]
    assert set(phrase.tickets) == {f"S{n}" for n in range(6)}
    assert phrase.before == 0
    segmenter = TextReader().segmenter
    (shown,) = previewed([phrase], [*tickets(600, 1), *recent], segmenter)
    assert shown.text in shown.cut_then
    assert shown.text not in shown.cut_now
    assert (shown.recut, shown.looked_at) == (6, 696)
    (known,) = previewed([replace(phrase, text="年费")], [replace(recent[0], id="S0")], segmenter)
    assert known.recut == 0


def test_what_was_there_before_or_was_sent_by_one_is_no_news() -> None:
    rule = load_settings().phrases
    past, recent = tickets(600, 1), tickets(90, 2, first="R")
    known = [replace(ticket, id=f"K{n}") for n, ticket in enumerate(told("闪护 通", 40))]
    assert not new_phrases([*past, *known], [*recent, *told("闪护 通", 6)], rule, level=0.001)
    template = [replace(ticket, group="one") for ticket in told("闪护 通", 6)]
    assert not new_phrases(past, [*recent, *template], rule, level=0.001)
    assert len(distinct(template)) == 1


def test_chance_of_a_binomial() -> None:
    assert chance_of(2, 0, 0.5) == pytest.approx(0.25)
    assert chance_of(0, 5, 0.3) == pytest.approx(1.0)
    assert chance_of(1, 1, 0.5) == pytest.approx(0.75)
