"""Which rows to label next and which labels to doubt, on made-up scores and a tiny model."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import numpy as np
import orjson
import pytest
from scipy.sparse import csr_matrix

import jiesu
from training.corpus import LabelledRow
from training.labels.audit import copy_findings, label_findings, outlier_findings
from training.labels.choose import spread, view_votes, worth
from training.labels.doubts import doubts
from training.labels.sheet import write_rows
from training.labels.texts import read_narratives
from training.labels.unseen import Opinions
from training.linear import RatioSVC
from triage.taxonomy import Taxonomy, split_leaf

LEAVES = ("a", "b", "c")


def opinions(wrong: int = 40, count: int = 900) -> tuple[Opinions, np.ndarray]:
    """Rows of three labels as a good model sees them; the first few are mislabelled."""
    rng = np.random.default_rng(7)
    truth = rng.integers(0, 3, count)
    powers = np.exp(rng.normal(size=(count, 3)) + 4.0 * np.eye(3)[truth])
    said = truth.copy()
    said[:wrong] = (truth[:wrong] + 1) % 3
    return Opinions(LEAVES, powers / powers.sum(axis=1, keepdims=True), said), truth


def test_planted_errors_stand_in_front_with_the_right_label() -> None:
    said, truth = opinions()
    found = doubts(said.probabilities, said.column)
    assert 20 <= found.expected <= 80
    assert (found.order[:40] < 40).mean() > 0.85
    first = next(label_findings(said, found))
    assert first.position < 40
    assert first.suggested == LEAVES[truth[first.position]]
    assert first.score > 0.9


def test_good_labels_are_left_alone() -> None:
    said, _ = opinions(wrong=0)
    assert doubts(said.probabilities, said.column).expected < 40


def test_copies_with_other_labels_are_found_and_the_common_label_is_suggested() -> None:
    text = "信用卡年费收错了，打了三次电话都没有人给我退回来，请尽快处理"
    rows = [
        LabelledRow("1", text, "fee_dispute"),
        LabelledRow("2", text + "谢谢", "fee_dispute"),
        LabelledRow("3", text + "！", "card_service"),
        LabelledRow("4", "理财到期不兑付，客户经理联系不上", "wealth_agency"),
    ]
    found = {one.position: one for one in copy_findings(rows)}
    assert found.keys() == {0, 1, 2}
    assert (found[2].suggested, found[2].others) == ("fee_dispute", (0, 1))
    assert found[0].suggested is None
    assert found[2].score > found[0].score


def test_the_row_like_no_other_is_an_outlier() -> None:
    rng = np.random.default_rng(0)
    dense = np.zeros((60, 40))
    dense[:59, :10] = 1.0 + rng.random((59, 10))
    dense[59, 30:] = 1.0
    (found,) = outlier_findings(csr_matrix(dense))
    assert (found.position, found.kind) == (59, "outlier")


def test_unsure_rows_on_which_views_differ_are_worth_most() -> None:
    sure, unsure = [0.98, 0.01, 0.01], [0.45, 0.44, 0.11]
    found = worth(
        np.array([sure, unsure, unsure]),
        [np.array([sure, unsure, sure]), np.array([sure, unsure, [0.01, 0.98, 0.01]])],
    )
    assert found.score.argsort().tolist() == [0, 1, 2]
    assert found.disagreement[0] == pytest.approx(0.0, abs=1e-9)


def test_a_batch_is_spread_over_what_is_worth_it() -> None:
    rng = np.random.default_rng(1)
    corners = np.repeat(np.eye(4), 50, axis=0)
    places = corners + 0.01 * rng.normal(size=corners.shape)
    chosen = spread(places, rng.random(200), 4)
    assert sorted(position // 50 for position in chosen.tolist()) == [0, 1, 2, 3]
    assert len(set(spread(np.zeros((50, 3)), rng.random(50), 10).tolist())) == 10
    assert sorted(spread(places[:3], np.array([0.1, 0.9, 0.5]), 3).tolist()) == [0, 1, 2]


def test_views_vote_apart_and_agree_with_the_model_together() -> None:
    rng = np.random.default_rng(2)
    matrix = csr_matrix(rng.random((40, 6)))
    model = RatioSVC().fit(
        matrix, ["a" if x > 0.5 else "b" for x in matrix[:, 0].toarray().ravel()]
    )
    first, second = view_votes(model, matrix, [2, 4], 1.0)
    together = np.log(first[:, 1] / first[:, 0]) + np.log(second[:, 1] / second[:, 0])
    assert np.allclose(together, 4 * model.decision_function(matrix))


def test_narratives_are_masked_and_read_once(tmp_path: Path) -> None:
    path = tmp_path / "new.jsonl"
    texts = ["打13800001234找我", "打13800001234找我", "", "年费"]
    path.write_bytes(b"".join(orjson.dumps({"text": text}) + b"\n" for text in texts))
    found = read_narratives(path)
    assert [one.id for one in found] == ["line-1", "line-4"]
    assert "13800001234" not in found[0].text


def test_the_next_rows_are_written_for_people_to_fill_in(
    tiny_model: Path,
    tiny_rows: list[LabelledRow],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    data, out = tmp_path / "new.jsonl", tmp_path / "next.jsonl"
    rows = [{"id": row.id, "text": row.text} for row in tiny_rows[:120]]
    rows[0]["line"] = "other"
    data.write_bytes(b"".join(orjson.dumps(row) + b"\n" for row in rows))
    options = ["--data", str(data), "--out", str(out), "--model", str(tiny_model)]
    assert jiesu.main(["label", "next", "--budget", "12", *options]) == 0
    chosen = [orjson.loads(line) for line in out.read_bytes().splitlines()]
    assert [row["rank"] for row in chosen] == list(range(1, 13))
    assert len({row["id"] for row in chosen} - {rows[0]["id"]}) == 12
    assert all(row["line"] is None and row["predicted_line"] for row in chosen)
    assert jiesu.main(["label", "next", "--budget", "0", *options]) == 2
    assert "--budget" in capsys.readouterr().err
    options[3] = str(tmp_path / "next.xlsx")
    assert jiesu.main(["label", "next", "--budget", "12", *options]) == 2
    assert "name a .csv, which Excel opens" in capsys.readouterr().err


class Caught(Exception):
    """Stops a training once its rows are known."""


def test_labels_filled_in_by_hand_are_trained_on(
    tiny_model: Path,
    tiny_rows: list[LabelledRow],
    corpus: list[LabelledRow],
    taxonomy: Taxonomy,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The whole way: choose, open in a spreadsheet, fill in, save as Excel does, train."""
    data, sheet = tmp_path / "new.jsonl", tmp_path / "next.csv"
    fresh = {row.id: row for row in corpus[5::97] if row not in tiny_rows}
    rows = [{"id": row.id, "text": row.text} for row in fresh.values()]
    data.write_bytes(b"".join(orjson.dumps(row) + b"\n" for row in rows))
    options = ["--data", str(data), "--out", str(sheet), "--model", str(tiny_model)]
    assert jiesu.main(["label", "next", "--budget", "8", *options]) == 0
    assert f"jiesu train --feedback {sheet}" in capsys.readouterr().out
    assert sheet.read_bytes().startswith("\ufeffid,text,line,subline,rank".encode())

    filled = read_rows(sheet)
    assert [row["line"] for row in filled] == [""] * 8
    for row in filled[:6]:
        line, subline = split_leaf(fresh[row["id"]].leaf)
        row["line"] = taxonomy.name(line)
        row["subline"] = subline or ""
    filled[6] |= {"line": "债务催收", "subline": ""}
    buffer = io.StringIO()
    table = csv.DictWriter(buffer, list(filled[0]))
    table.writeheader()
    table.writerows(filled)
    sheet.write_bytes(buffer.getvalue().encode("gb18030"))

    def stop(rows: list[LabelledRow], *_: object, **__: object) -> None:
        raise Caught(rows)

    monkeypatch.setattr("training.corpus.load_corpus", lambda *_, **__: tiny_rows)
    monkeypatch.setattr("training.train.train", stop)
    with pytest.raises(Caught) as caught:
        jiesu.main(["train", "--feedback", str(sheet), "--no-track"])
    (trained,) = caught.value.args
    added = {row.id: row.leaf for row in trained[len(tiny_rows) :]}
    assert added == {row["id"]: fresh[row["id"]].leaf for row in filled[:6]}
    told = capsys.readouterr().err
    assert "8 records, 6 usable, 0 duplicates, 2 bad" in told
    assert "1 x no line (first at line 9)" in told
    assert "1 x line loan_collection needs a subline: " in told
    assert "unspecified" in told
    assert "mixing in 6 of 6 rows of next.csv" in told


def test_a_table_runs_nothing_where_it_is_opened(tmp_path: Path) -> None:
    path = tmp_path / "next.csv"
    write_rows(
        path, [{"text": "=1+1", "line": None, "p": -0.5}, {"text": "好", "line": "", "p": 1}]
    )
    lines = path.read_text("utf-8-sig").splitlines()
    assert lines == ["text,line,p", "'=1+1,,-0.5", "好,,1"]
    write_rows(path, [])
    assert read_rows(path) == []


def read_rows(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_text("utf-8-sig"), newline="")))
