"""Verdicts as training rows: who stands behind a label, what a row stands for, what is drawn."""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pytest
from sklearn.feature_extraction.text import CountVectorizer
from store_fixtures import NOW, database, database_url, decision, stored

from service.feedback.labels import Settled, settle
from service.feedback.rows import exported
from service.feedback.settings import Weights, load_feedback
from service.feedback.weights import Stratum, selected
from service.store import assessments, keys, slices, verdicts
from service.store.database import Database
from service.store.records import Decision
from service.store.records_review import VerdictRecord
from service.store.records_service import KeyRecord, Role
from training.bank_data import read_labelled
from training.corpus import LabelledRow
from training.feedback import mix_in, mixed, read_feedback, with_groups
from training.linear import RatioSVC
from training.lines import unseen_margins, weights_of
from training.train import load_recipe
from triage.errors import InvalidInput
from triage.reading import TextReader
from triage.taxonomy import Taxonomy

__all__ = ["database", "database_url"]

SETTINGS = load_feedback()
ANSWER = {"line": "fee_dispute", "subline": None, "probability": 0.6, "nature": "complaint"}


def verdict(who: str, kind: str = "confirm", number: int = 1, **corrections: Any) -> VerdictRecord:
    return VerdictRecord(
        complaint_id=1,
        assessment_id=1,
        at=NOW,
        who=who,
        agrees=kind == "confirm",
        corrections=corrections,
        kind=kind,
        id=number,
    )


def settled(*given: VerdictRecord, answer: Mapping[str, Any] = ANSWER) -> Settled | str:
    made = decision(1, answer=answer)
    facts = {name: getattr(made, name) for name in made.__dataclass_fields__}
    return settle(given, {1: Decision(**facts, id=1)})


def test_the_line_most_readers_say_is_the_label() -> None:
    other = {"line": "card_service", "subline": None}
    found = settled(
        verdict("a"), verdict("b", "correct", 2, **other), verdict("c", "correct", 3, **other)
    )
    assert isinstance(found, Settled)
    assert (found.label["line"], found.verdict.who) == ("card_service", "c")
    assert found.agreed_by == ("b",)


def test_a_reader_counts_once_with_the_last_word() -> None:
    found = settled(verdict("a", "correct", 1, line="other", subline=None), verdict("a", number=2))
    assert isinstance(found, Settled)
    assert (found.label["line"], found.agreed_by) == ("fee_dispute", ())


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ([verdict("a", "unsure")], "unsure"),
        ([verdict("a", "not_complaint", nature="other")], "no_line"),
        ([verdict("a"), verdict("b", "correct", 2, line="other", subline=None)], "disputed"),
        ([verdict("a"), verdict("b", "not_complaint", 2, nature="other")], "disputed"),
    ],
)
def test_why_a_ticket_has_no_label(given: list[VerdictRecord], why: str) -> None:
    assert settled(*given) == why


def test_an_abstention_that_is_confirmed_names_no_line() -> None:
    assert settled(verdict("a"), answer={**ANSWER, "line": None}) == "no_line"


def test_seldom_reviewed_tickets_count_more_up_to_the_largest_weight() -> None:
    often, seldom, never = (Stratum(band, False, 0) for band in ("high", "low", None))
    weights = Weights(largest=20, edges=(0.5,))
    read = [often] * 50 + [seldom] * 5 + [never]
    found = selected(read, Counter({often: 100, seldom: 50, never: 9_000}), weights)
    assert [found[i].propensity for i in (0, 50)] == [0.5, 0.1]
    assert found[50].weight / found[0].weight == pytest.approx(5.0)
    assert found[55].weight / found[0].weight == pytest.approx(10.0)
    assert sum(one.weight for one in found) == pytest.approx(len(found))


def test_a_share_is_drawn_and_the_same_again() -> None:
    hashes = [f"{number:x}" for number in range(4_000)]
    drawn = [one for one in hashes if slices.is_drawn(one, 0.05)]
    assert 140 < len(drawn) < 260
    assert drawn == [one for one in hashes if slices.is_drawn(one, 0.05)]
    assert not any(slices.is_drawn(one, 0.0) for one in hashes)
    assert all(slices.is_drawn(one, 1.0) for one in hashes)


TEXTS = {
    "T-1": "信用卡年费收错了，打了三次电话都没有人给我退回来，请尽快处理",
    "T-2": "信用卡年费收错了，打了五次电话都没有人给我退回来，请尽快处理",
    "T-3": "理财产品到期了不给兑付，客户经理也联系不上，要求给说法",
    "T-4": "柜台排队两个小时没有人办业务，态度还很差",
}


def filled(database: Database) -> None:
    """Four tickets: two copies of one text, one drawn at random, one whose reader is unsure."""
    database.change(
        lambda s: keys.add(s, KeyRecord("me", Role.REVIEWER, "0" * 64, NOW - timedelta(days=1)))
    )
    for number, (name, text) in enumerate(TEXTS.items()):
        at = NOW + timedelta(hours=number)
        ident = database.change(
            lambda s, n=name, t=text, a=at: stored(  # type: ignore[misc]
                s, n, masked_text=t, received_at=a, band="low", probability=0.6, line="fee_dispute"
            )
        )
        answer = {**ANSWER, "calibration_version": "abc"} if name == "T-3" else ANSWER
        made = database.change(
            lambda s, i=ident, a=answer: assessments.add(s, decision(i, answer=a))  # type: ignore[misc]
        )
        kind = "unsure" if name == "T-4" else "confirm"
        given = VerdictRecord(ident, made, NOW, "me", kind == "confirm", kind=kind)
        database.change(lambda s, g=given: verdicts.add(s, g))  # type: ignore[misc]
        if name == "T-3":
            database.change(
                lambda s, i=ident: slices.add(s, i, at=NOW, share=0.02)  # type: ignore[misc]
            )


def test_rows_tell_where_their_labels_come_from(database: Database) -> None:
    filled(database)
    found = exported(database, SETTINGS)
    assert found.left_out == {"unsure": 1, "copy": 1}
    rows = {row["id"]: row for row in found.rows}
    assert rows.keys() == {"T-2", "T-3"}
    assert (rows["T-2"]["copies"], rows["T-2"]["selected_by"]) == (2, "queue")
    assert (rows["T-3"]["selected_by"], rows["T-3"]["audit_share"]) == ("audit", 0.02)
    assert rows["T-3"]["labelled_role"] == "reviewer"
    assert rows["T-3"]["model_version"] == "m.1"
    assert [rows[name]["calibration_version"] for name in ("T-2", "T-3")] == [None, "abc"]
    assert rows["T-3"]["propensity"] == 1.0
    late = exported(database, SETTINGS, since=NOW + timedelta(days=9))
    assert late.rows == []


def reviewed_then_aged(database: Database, name: str, *, band: str) -> None:
    """A ticket of low risk when somebody read it, of another band since."""
    answer = {**ANSWER, "escalation": {"band": "low", "probability": 0.01}}
    text = f"{name}的理财到期不兑付，客户经理联系不上，要求给说法"
    ident = database.change(
        lambda s: stored(s, name, masked_text=text, band=band, probability=0.9, line="fee_dispute")
    )
    made = database.change(lambda s: assessments.add(s, decision(ident, answer=answer)))
    later = {**answer, "probability": 0.9, "escalation": {"band": band, "probability": 0.5}}
    database.change(lambda s: assessments.add(s, decision(ident, answer=later, reason="time")))
    database.change(lambda s: verdicts.add(s, VerdictRecord(ident, made, NOW, "me", agrees=True)))


def test_a_ticket_stands_for_those_that_were_like_it_when_it_was_read(database: Database) -> None:
    database.change(lambda s: keys.add(s, KeyRecord("me", Role.REVIEWER, "0" * 64, NOW)))
    reviewed_then_aged(database, "A-1", band="high")
    for number in range(3):
        database.change(
            lambda s, n=number: stored(s, f"B-{n}", band="low", probability=0.6)  # type: ignore[misc]
        )
    database.change(lambda s: stored(s, "C-1", band="high", probability=0.9))
    (row,) = exported(database, SETTINGS).rows
    assert row["propensity"] == 0.25


def test_the_file_is_what_training_reads(
    database: Database, taxonomy: Taxonomy, tmp_path: Path
) -> None:
    filled(database)
    rows = exported(database, SETTINGS).rows
    rows[0]["weight"] = 3.0
    path = tmp_path / "feedback.jsonl"
    path.write_bytes(b"".join(orjson.dumps(row) + b"\n" for row in rows))
    assert not read_labelled(path, taxonomy).report.bad
    read = read_feedback(path, taxonomy)
    assert [row.line for row in read.rows] == ["fee_dispute"] * 2
    assert [row.weight for row in read.rows] == [3.0, 1.0]


def row(ident: str, text: str, leaf: str = "other", **changes: Any) -> LabelledRow:
    return LabelledRow(ident, text, leaf, **{"group": f"g{ident}", **changes})


def test_feedback_is_held_to_its_share_and_grouped_with_its_like() -> None:
    base = [
        row(str(n), f"第{n}个完全不同的投诉内容，编号{n * 7919}，说的是{chr(0x4E00 + n)}")
        for n in range(9)
    ]
    given = [
        row("a", TEXTS["T-1"], weight=2.0),
        row("b", base[3].text + "。"),
        row("c", TEXTS["T-3"]),
    ]
    mix = mixed(base, given, share=0.2, weight=3.0)
    assert [one.id for one in mix[9:]] == ["a", "b"]
    assert [one.weight for one in mix] == [1.0] * 9 + [6.0, 3.0]
    assert mix[10].group == mix[3].group == "g3"
    assert mix[9].group == "feedback ga"
    assert with_groups(mix, mix)[10].group == "g3"


def test_a_row_that_weighs_more_is_fitted_better() -> None:
    texts = ["年费高", "年费贵", "年费", "征信", "征信错"]
    counts = CountVectorizer(analyzer="char").fit_transform(texts)
    labels = ["fee", "fee", "credit", "credit", "credit"]
    light, heavy = np.ones(5), np.array([1.0, 1.0, 50.0, 1.0, 1.0])
    scores = [
        RatioSVC().fit(counts, labels, weights).decision_function(counts)[2]
        for weights in (light, heavy)
    ]
    assert RatioSVC().fit(counts, labels).decision_function(counts)[2] == scores[0]
    assert scores[1] < scores[0]  # further on the side of the first label, credit


def test_weights_reach_every_fold_and_the_model(taxonomy: Taxonomy) -> None:
    assert weights_of([row("a", "x"), row("b", "y")]) is None
    found = weights_of([row("a", "x"), row("b", "y", weight=2.0)])
    assert found is not None
    assert found.tolist() == [1.0, 2.0]
    recipe = replace(load_recipe(), folds=2, views={"char": {"longest": 2}})
    rows = [
        row(f"{leaf}{n}", word * 3, leaf, weight=1.0 + n)
        for leaf, word in (("other", "信用卡年费"), ("fraud.loan_fraud", "征信报告"))
        for n in range(4)
    ]
    read = TextReader()
    documents = [read(one.text) for one in rows]
    [margins] = unseen_margins(rows, documents, [[one.leaf for one in rows]], recipe, ())
    assert ((margins[:, 1] > 0) == [one.leaf == "other" for one in rows]).all()


def test_what_is_judged_follows_what_is_trained_on(
    taxonomy: Taxonomy, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "feedback.jsonl"
    line = {"id": "a", "text": TEXTS["T-1"], "line": "fee_dispute", "weight": 2.0}
    bare = {"id": "b", "text": TEXTS["T-3"], "line": "loan_collection"}
    unfilled = {"id": "c", "text": TEXTS["T-2"], "line": None, "weight": ""}
    path.write_bytes(b"\n".join(map(orjson.dumps, (line, bare, unfilled))))
    args = argparse.Namespace(feedback=path, feedback_share=0.5, feedback_weight=2.0)
    base = [row("1", TEXTS["T-3"]), row("2", TEXTS["T-4"])]
    mix = mix_in(args, taxonomy, base, base, "data")
    assert [one.id for one in mix.rows] == [one.id for one in mix.judged] == ["1", "2", "a"]
    assert mix.rows[-1].weight == 4.0
    assert mix.name == "data + 1 of 1 rows of feedback.jsonl, weight 2"
    assert mix.params == {
        "file": "feedback.jsonl",
        "share": 0.5,
        "weight": 2.0,
        "rows": 1,
        "left": 0,
        "mixed_share": 0.3333,
    }
    told = capsys.readouterr().err
    assert "mixing in 1 of 1" in told
    assert "3 records, 1 usable" in told
    assert "line loan_collection needs a subline" in told
    path.write_bytes(orjson.dumps(line | {"weight": "heavy"}))
    with pytest.raises(InvalidInput, match="line 1: the weight"):
        mix_in(args, taxonomy, base, base, "data")
