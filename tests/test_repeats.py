"""Repeats: sketches, the same matter of one customer, templates of several, windows."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.repeats_pairs import SAME, TEMPLATE, decide, load_pairs, measure, read_pairs
from triage.errors import ConfigError, InvalidInput
from triage.repeats.counting import Earlier, count
from triage.repeats.index import RepeatIndex
from triage.repeats.matter import Matter, read_matter
from triage.repeats.same import same_matter, score, signs_of
from triage.repeats.settings import Settings, load_settings
from triage.repeats.sketch import BANDS, Sketch, similarity, skeleton, sketch
from triage.repeats.template import Sighting, template_cluster

NOW = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)
DAY = timedelta(days=1)
MOMENT = timedelta(microseconds=1)
FEE = "白金卡说好刷满十八笔免年费，我刷了二十二笔，账单里还是多了2000元年费，要求退掉"
FEE_AGAIN = "白金卡年费的事到底谁管？二十二笔够不够免，上次说核实，2000块退给我"
QUEUE = "中午只开一个窗口，排了一个多小时，大堂经理还爱理不理"
LETTER = (
    "本人因失业无力偿还信用卡欠款{}元，依据第七十条申请停息挂账，分六十期偿还本金，"
    "期间不得联系第三人，否则本人将向监管部门反映。申请人：{}"
)
HOSTILE = ["", " ", "\ud800", "[姓名1]", "。！？", "\x00" * 50, "𠮷" * 40, "0" * 5_000, "﷽🏦" * 60]
anything = st.text(
    st.characters() | st.sampled_from("退年费卡我你还再上次2000，。[]姓名1万\ud800"), max_size=200
)


@cache
def load_settings_once() -> Settings:
    return load_settings()


@pytest.fixture(scope="module")
def settings() -> Settings:
    return load_settings_once()


def told(
    text: str,
    ident: str = "T1",
    *,
    customer: str | None = "A",
    at: datetime = NOW,
    line: str | None = None,
    product: str | None = None,
) -> Matter:
    return read_matter(
        ident,
        text,
        load_settings_once(),
        received_at=at,
        customer_ref=customer,
        line=line,
        product=product,
    )


# --- sketches


def test_a_sketch_is_the_same_in_every_process() -> None:
    program = (
        "from triage.repeats.sketch import sketch;"
        f"s = sketch({LETTER!r}); print(s.digest.hex(), s.bands())"
    )
    answers = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("0", "1", "4711")
    }
    own = sketch(LETTER)
    assert answers == {f"{own.digest.hex()} {own.bands()}\n".encode()}


def test_sketches_of_this_format_never_change() -> None:
    # Stored sketches are compared with new ones: another value needs another format number.
    assert sketch(FEE).bands()[:2] == (8573061541944321190, 7569537838428766096)


@given(anything)
def test_bands_fit_a_signed_column(text: str) -> None:
    bands = sketch(text).bands()
    assert len(bands) == BANDS
    assert all(-(2**63) <= band < 2**63 for band in bands)


@given(anything)
def test_bytes_lead_back_to_the_sketch(text: str) -> None:
    assert Sketch.from_bytes(sketch(text).to_bytes()) == sketch(text)


@pytest.mark.parametrize("raw", [b"", b"\x01", b"\x02" + bytes(258), bytes(259), bytes(400)])
def test_foreign_bytes_are_no_sketch(raw: bytes) -> None:
    with pytest.raises(InvalidInput, match="format"):
        Sketch.from_bytes(raw)


@given(anything, anything)
def test_similarity_is_symmetric_and_full_for_oneself(one: str, other: str) -> None:
    a, b = sketch(one), sketch(other)
    assert similarity(a, a) == 1.0
    assert 0.0 <= similarity(a, b) == similarity(b, a) <= 1.0


def test_names_numbers_and_punctuation_are_left_out() -> None:
    one, other = LETTER.format("43,200", "[姓名1]"), LETTER.format("三万八千", "[姓名2]。")
    assert skeleton(one) == skeleton(other)
    assert sketch(one) == sketch(other)


# --- the same matter


def test_the_same_matter_is_recognised_with_reasons(settings: Settings) -> None:
    old = told(FEE, "T1", line="fee_dispute", product="信用卡")
    new = told(FEE_AGAIN, "T2", at=NOW + 9 * DAY, line="fee_dispute", product="信用卡")
    match = same_matter(new, old, settings)
    assert match is not None
    assert match.id == "T1"
    assert settings.matter.threshold <= match.score <= 1.0
    assert any("白金卡" in reason for reason in match.reasons)
    assert "提到同样的数字：22、2000" in match.reasons
    assert {"同一业务类别", "同一产品", "提到此前的反映、答复或承诺"} <= set(match.reasons)


def test_another_matter_is_not(settings: Settings) -> None:
    assert same_matter(told(QUEUE, "T2", at=NOW + DAY), told(FEE), settings) is None


def test_what_says_it_is_another_matter_is_believed(settings: Settings) -> None:
    asked = "金卡的年费也扣了，这张卡一次没刷过，请退掉"
    plain = told(asked, "T2", at=NOW + DAY)
    other = told(f"另外{asked}", "T2", at=NOW + DAY)
    was, found = (signs_of(each, told(FEE), settings) for each in (plain, other))
    assert score(found, settings) < score(was, settings)
    assert same_matter(other, told(FEE), settings) is None


@given(anything, anything)
def test_customers_are_never_mixed(one: str, other: str) -> None:
    settings = load_settings_once()
    a, b = told(one, "T1", customer="A"), told(other, "T2", customer="B")
    assert same_matter(a, b, settings) is None
    assert same_matter(told(one, "T3", customer="B"), a, settings) is None


@pytest.mark.parametrize("nobody", [None, ""])
def test_nobody_repeats_nothing(settings: Settings, nobody: str | None) -> None:
    one, other = told(FEE, "T1", customer=nobody), told(FEE, "T2", customer=nobody)
    assert same_matter(one, other, settings) is None


@given(anything, anything, st.integers(0, 90))
def test_the_same_matter_is_symmetric(one: str, other: str, days: int) -> None:
    settings = load_settings_once()
    a, b = told(one, "T1"), told(other, "T2", at=NOW + days * DAY)
    forth, back = same_matter(a, b, settings), same_matter(b, a, settings)
    assert (forth and forth.score) == (back and back.score)


@given(anything)
def test_a_text_sent_again_is_the_same_matter(text: str) -> None:
    again, first = told(text, "T2", at=NOW + DAY), told(text, "T1")
    match = same_matter(again, first, load_settings_once())
    assert (match is not None) == bool(first.bare)


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_borne(settings: Settings, text: str) -> None:
    index = RepeatIndex(settings)
    index.add(told(text, "T1"))
    matches, state, cluster = index.look(told(FEE, "T2", at=NOW + DAY))
    assert (matches, state.repeats_90d, cluster) == ([], 0, None)


def test_the_window_of_a_matter_ends_at_its_edge(settings: Settings) -> None:
    old = told(FEE)
    edge = NOW + settings.windows.same_matter
    assert same_matter(told(FEE, "T2", at=edge), old, settings) is not None
    assert same_matter(told(FEE, "T2", at=edge + MOMENT), old, settings) is None


def test_stored_sketches_are_taken_as_they_are(settings: Settings) -> None:
    known = sketch(QUEUE * 3)
    matter = read_matter(
        "T1", FEE, settings, received_at=NOW, customer_ref="A", known=known, amount_cny=648.0
    )
    assert matter.sketch is known
    assert matter.bands == known.bands()
    assert 648.0 in matter.numbers


# --- templates


def letters(number: int, *, customers: int) -> list[Matter]:
    return [
        told(
            LETTER.format(1_000 + 37 * i, "[姓名1]"),
            f"T{i}",
            customer=f"C{i % customers}",
            at=NOW + timedelta(minutes=i),
        )
        for i in range(number)
    ]


def test_one_letter_by_several_customers_is_a_cluster(settings: Settings) -> None:
    index = RepeatIndex(settings)
    *earlier, new = letters(4, customers=4)
    for matter in earlier:
        index.add(matter)
    matches, _, cluster = index.look(new)
    assert matches == []
    assert cluster is not None
    assert (cluster.ids, cluster.customers, cluster.similarity) == (("T2", "T1", "T0"), 4, 1.0)
    assert "人工" in cluster.reason
    assert "不影响办理顺序" in cluster.reason


def test_ones_own_letters_are_no_cluster(settings: Settings) -> None:
    index = RepeatIndex(settings)
    *earlier, new = letters(4, customers=1)
    for matter in earlier:
        index.add(matter)
    assert index.look(new)[2] is None


def test_unknown_customers_are_listed_but_not_counted(settings: Settings) -> None:
    one, two = (told(LETTER, f"T{i}", customer=None) for i in range(2))
    known = told(LETTER, "T3", customer="A")
    rule = settings.template
    assert template_cluster(Sighting.of(one), [Sighting.of(two)], rule) is None
    assert template_cluster(Sighting.of(known), [Sighting.of(two)], rule) is None
    other = told(LETTER, "T4", customer="B")
    cluster = template_cluster(Sighting.of(known), map(Sighting.of, (one, other)), rule)
    assert cluster is not None
    assert (set(cluster.ids), cluster.customers) == ({"T0", "T4"}, 2)


def test_a_rule_may_ask_for_more_customers(settings: Settings) -> None:
    rule = replace(settings.template, min_customers=3)
    first, second, third = map(Sighting.of, letters(3, customers=3))
    assert template_cluster(second, [first], rule) is None
    assert template_cluster(third, [first, second], rule) is not None


def test_the_window_of_a_template_ends_at_its_edge(settings: Settings) -> None:
    rule = settings.template
    old = Sighting.of(told(LETTER, "T1"))
    at_edge = Sighting.of(told(LETTER, "T2", customer="B", at=NOW + rule.window))
    assert template_cluster(at_edge, [old], rule) is not None
    beyond = at_edge._replace(received_at=NOW + rule.window + MOMENT)
    assert template_cluster(beyond, [old], rule) is None


@pytest.mark.parametrize(
    "text", ["年费怎么这么贵", "客户反映被盗刷，要求尽快处理。", "", "。" * 90]
)
def test_short_complaints_are_no_template(settings: Settings, text: str) -> None:
    one, other = told(text, "T1"), told(text, "T2", customer="B")
    assert one.bands == other.bands == ()
    like = [Sighting.of(one)]
    assert template_cluster(Sighting.of(other), like, settings.template) is None


# --- counting


def history(*days: float) -> list[Earlier]:
    return [Earlier(f"T{i}", NOW - timedelta(days=each)) for i, each in enumerate(days)]


@pytest.mark.parametrize(
    ("days", "long", "short", "warned", "frequent"),
    [
        ((), 0, 0, False, False),
        ((0,), 1, 1, True, False),
        ((15,), 1, 1, True, False),
        ((15.001,), 1, 0, False, False),
        ((90,), 1, 0, False, False),
        ((90.001,), 0, 0, False, False),
        ((1, 14), 2, 2, False, True),
        ((1, 14, 20, 89, 91), 4, 2, False, True),
        ((-1,), 0, 0, False, False),
    ],
)
def test_windows_at_their_edges(
    settings: Settings, days: tuple[float, ...], long: int, short: int, warned: bool, frequent: bool
) -> None:
    state = count(history(*days), NOW, settings.windows)
    assert (state.repeats_90d, state.repeats_15d) == (long, short)
    assert (state.warned, state.frequent) == (warned, frequent)


def test_a_ticket_counts_once_and_the_newest_stands_first(settings: Settings) -> None:
    state = count([*history(40, 3, 20), *history(40, 3, 20)], NOW, settings.windows)
    assert state.ids == ("T1", "T2", "T0")
    assert state.repeats_90d == 3


def test_a_third_telling_makes_a_matter_frequent(settings: Settings) -> None:
    index = RepeatIndex(settings)
    states = []
    for number, text in enumerate((FEE, FEE_AGAIN, FEE_AGAIN + "，快点")):
        matter = told(text, f"T{number}", at=NOW + number * DAY)
        states.append(index.look(matter)[1])
        index.add(matter)
    assert [state.warned for state in states] == [False, True, False]
    assert [state.frequent for state in states] == [False, False, True]
    assert states[-1].ids == ("T1", "T0")


# --- the index


def test_a_popular_text_gives_no_more_than_the_newest(settings: Settings) -> None:
    index = RepeatIndex(settings, per_band=40, most=60)
    for matter in letters(5_000, customers=5_000):
        index.add(matter)
    new = told(LETTER.format(7, "[姓名1]"), "new", customer="Z", at=NOW + DAY)
    found = index.candidates(new)
    assert [matter.id for matter in found] == [f"T{i}" for i in range(4_999, 4_959, -1)]


def test_a_busy_customer_gives_no_more_than_the_newest(settings: Settings) -> None:
    index = RepeatIndex(settings, most=5)
    for matter in letters(50, customers=1):
        index.add(matter)
    new = told(FEE, "new", customer="C0", at=NOW + DAY)
    assert [matter.id for matter in index.of_customer(new)] == ["T49", "T48", "T47", "T46", "T45"]


def test_later_tickets_are_not_repeated(settings: Settings) -> None:
    index = RepeatIndex(settings)
    index.add(told(FEE, "late", at=NOW + DAY))
    assert index.look(told(FEE, "early"))[0] == []


# --- the authored pairs


@pytest.fixture(scope="module")
def judged(settings: Settings) -> tuple[list[dict[str, str]], list[bool]]:
    pairs = load_pairs()
    matters = read_pairs(pairs, settings)
    return pairs, [decide(p, m, settings) for p, m in zip(pairs, matters, strict=True)]


def test_the_pairs_are_what_they_should_be() -> None:
    pairs = load_pairs()
    texts = [pair[side]["text"] for pair in pairs for side in ("first", "second")]
    assert len(texts) == len(set(texts))
    kinds = [pair["kind"] for pair in pairs]
    assert sum(kinds.count(kind) for kind in SAME) >= 200
    assert sum(kinds.count(kind) for kind in TEMPLATE) >= 150
    assert len(pairs) >= 500
    for pair in pairs:
        one_customer = pair["first"]["customer"] == pair["second"]["customer"]
        assert one_customer == (pair["kind"] in SAME)
        assert pair["first"]["received_at"] <= pair["second"]["received_at"]


@pytest.mark.parametrize("part", ["tuned", "blind"])
@pytest.mark.parametrize(("kinds", "floors"), [(SAME, (0.85, 0.75)), (TEMPLATE, (0.93, 0.85))])
def test_pairs_are_told_apart(
    judged: tuple[list[dict[str, str]], list[bool]],
    part: str,
    kinds: tuple[str, str],
    floors: tuple[float, float],
) -> None:
    _, _, precision, recall, _ = measure(*judged, kinds, part)
    assert precision >= floors[0]
    assert recall >= floors[1]


# --- configuration


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("same_matter_days: 90", "same_matter_days: 0", "windows.same_matter_days is 0"),
        ("same_matter_days: 90", "same_matter_days: 10", "frequent_days 15 exceeds"),
        ("same_matter_days: 90, ", "", "'same_matter_days' is missing"),
        ("frequent_days: 15", "frequent_days: true", "frequent_days is True"),
        ("warned: 2", "warned: 4", "warned 4 must be from 2 to frequent 3"),
        ("warned: 2", "warned: 2, hours: 3", "unknown fields \\['hours'\\]"),
        ("similarity: 0.5", "similarity: 50", "template.similarity is 50"),
        ("min_customers: 2", "min_customers: 1", "min_customers must be 2 or more"),
        ("min_length: 35", "min_length: 3.5", "template.min_length is 3.5"),
        ("threshold: 0.65", "threshold: high", "matter.threshold is 'high'"),
        ("resent: 0.8 ", "resent: 0.6 ", "matter.resent 0.6 is below threshold 0.65"),
        ("    refers_back: 2.08\n", "", "'refers_back' is missing"),
        ("bias: -2.70", "bias: .nan", "matter.bias is nan"),
        ('says_another: "', 'says_another: "(', "says_another is no regular expression"),
        ("common_numbers: [", "common_numbers: 3 # [", "common_numbers must be a list"),
        ("windows: {", "windows: 3 # {", "a section is not a mapping"),
        ("template:", "templates:", "'template' is missing"),
    ],
)
def test_a_bad_file_is_refused_by_name(
    tmp_path: Path, settings: Settings, old: str, new: str, message: str
) -> None:
    data = Path(__file__).resolve().parent.parent / "data"
    text = (data / "repeats.yaml").read_text(encoding="utf-8")
    assert old in text
    (tmp_path / "repeats.yaml").write_text(text.replace(old, new, 1), encoding="utf-8")
    (tmp_path / "repeats_common.txt").write_bytes((data / "repeats_common.txt").read_bytes())
    with pytest.raises(ConfigError, match=message):
        load_settings(tmp_path / "repeats.yaml")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (None, "cannot be read"),
        ("", "is empty"),
        ("1.5 银行\n", "line 1: no tab"),
        ("1\t银行\nx\t一个\n", "line 2"),
    ],
)
def test_bad_common_pairs_are_refused(tmp_path: Path, words: str | None, message: str) -> None:
    data = Path(__file__).resolve().parent.parent / "data"
    (tmp_path / "repeats.yaml").write_bytes((data / "repeats.yaml").read_bytes())
    if words is not None:
        (tmp_path / "repeats_common.txt").write_text(words, encoding="utf-8")
    with pytest.raises(ConfigError, match=message):
        load_settings(tmp_path / "repeats.yaml")
