from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from training.bank_columns import Columns
from training.bank_data import LONGEST, BankData, read_labelled
from training.bank_report import write_bad_rows
from triage.errors import InvalidInput
from triage.taxonomy import Taxonomy

CARD = "6222021234567890128"


def jsonl(tmp_path: Path, *rows: dict[str, Any]) -> Path:
    path = tmp_path / "bank.jsonl"
    path.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    return path


def row(text: str, line: str = "fee_dispute", **more: Any) -> dict[str, Any]:
    return {"text": text, "line": line, **more}


def reasons(data: BankData) -> dict[int, str]:
    return {bad.line: bad.reason for bad in data.report.bad}


def test_personal_data_is_masked_before_anything_is_kept(
    tmp_path: Path, taxonomy: Taxonomy
) -> None:
    path = jsonl(tmp_path, row(f"卡号{CARD}年费多扣了", subline=CARD), row(f"卡号{CARD}年费多扣了"))
    data = read_labelled(path, taxonomy)
    assert CARD not in repr(data)
    assert "[卡号1]" in data.cases[0].text
    assert data.report.masked == {"bank_card": 2}


def test_bad_rows_are_told_by_line_and_reason(tmp_path: Path, taxonomy: Taxonomy) -> None:
    path = jsonl(
        tmp_path,
        row("年费多扣了三百"),
        row("  "),
        row("字" * (LONGEST + 1)),
        row("我要投诉", line="天气"),
        row("我要投诉", line=""),
        row("年费多扣了三百", line="credit_report"),
        row("年费多扣了三百"),
        {"text": 12, "line": "other"},
        row("年费又扣了", escalated_30d="也许"),
        row("年费又扣了", channel="鸽子"),
    )
    data = read_labelled(path, taxonomy)
    told = reasons(data)
    assert len(data.cases) == 1
    assert data.report.duplicates == 1
    assert told[2] == "empty text"
    assert "at most 20000" in told[3]
    assert "天气" in told[4]
    assert told[5] == "no line"
    assert told[6] == "same text as line 1, but another label"
    assert told[8] == "text is not a string"
    assert set(told) == {2, 3, 4, 5, 6, 8, 9, 10}
    assert data.report.records == 10


def test_training_needs_a_leaf_and_judging_does_not(tmp_path: Path, taxonomy: Taxonomy) -> None:
    path = jsonl(tmp_path, row("钱被骗走了", line="fraud"))
    assert read_labelled(path, taxonomy).cases[0].leaf == "fraud"
    refused = read_labelled(path, taxonomy, for_training=True)
    assert "needs a subline" in reasons(refused)[1]


def test_a_gb18030_table_with_chinese_names_and_labels_is_read(
    tmp_path: Path, taxonomy: Taxonomy
) -> None:
    path = tmp_path / "bank.csv"
    table = "工单号,内容,类别,客户,受理时间,渠道\n"
    table += "A1,被骗转账了,欺诈盗刷/受骗转账,7,2026/3/1 9:00,电话\n"
    path.write_bytes(table.encode("gb18030"))
    columns = Columns(
        {
            "id": "工单号",
            "text": "内容",
            "line": "类别",
            "customer_key": "客户",
            "received_at": "受理时间",
            "channel": "渠道",
        },
        {"电话": "phone"},
    )
    (case,) = read_labelled(path, taxonomy, columns=columns, for_training=True).cases
    assert (case.id, case.leaf) == ("A1", "fraud.scam_transfer")
    assert (case.context.channel, case.context.customer_key) == ("phone", "7")
    assert case.context.received_at is not None
    assert case.row().leaf == "fraud.scam_transfer"


def test_one_customers_rows_stay_together(tmp_path: Path, taxonomy: Taxonomy) -> None:
    path = jsonl(
        tmp_path,
        row("年费多扣了三百", customer_key="7"),
        row("征信上有一条不是我的", line="credit_report", customer_key="7"),
        row("积分没有到账", line="card_service", customer_key="8"),
    )
    groups = [case.group for case in read_labelled(path, taxonomy).cases]
    assert groups[0] == groups[1] != groups[2]


def test_signals_that_nobody_marked_are_unknown_and_not_absent(
    tmp_path: Path, taxonomy: Taxonomy
) -> None:
    marked = jsonl(tmp_path, row("年费多扣", signals=["media"], signals_arguable="legal"))
    (case,) = read_labelled(marked, taxonomy).cases
    assert (case.signals, case.arguable) == ({"media"}, {"legal"})
    bare = jsonl(tmp_path, row("年费多扣"))
    assert read_labelled(bare, taxonomy).cases[0].signals is None


def test_a_row_without_an_id_has_one_name_in_every_file(tmp_path: Path, taxonomy: Taxonomy) -> None:
    first = read_labelled(jsonl(tmp_path, row("年费多扣")), taxonomy).cases[0].id
    again = read_labelled(jsonl(tmp_path, row("征信", "other"), row("年费多扣")), taxonomy)
    assert again.cases[1].id == first


def test_only_the_rows_asked_for_are_read(tmp_path: Path, taxonomy: Taxonomy) -> None:
    path = jsonl(tmp_path, row("年费多扣", agreed=True), row("年费乱扣", agreed=False))
    data = read_labelled(path, taxonomy, where={"agreed": "true"})
    assert [case.text for case in data.cases] == ["年费多扣"]


def test_a_file_without_the_column_says_which_there_are(tmp_path: Path, taxonomy: Taxonomy) -> None:
    path = jsonl(tmp_path, {"内容": "年费多扣", "line": "other"})
    with pytest.raises(InvalidInput, match=r"there are line, 内容.*--map text=COLUMN"):
        read_labelled(path, taxonomy)


def test_bad_rows_go_to_a_file(tmp_path: Path, taxonomy: Taxonomy) -> None:
    report = read_labelled(jsonl(tmp_path, row(""), row("年费多扣")), taxonomy).report
    write_bad_rows(report, tmp_path / "bad.csv")
    write_bad_rows(report, tmp_path / "bad.json")
    with (tmp_path / "bad.csv").open(encoding="utf-8-sig") as file:
        assert list(csv.DictReader(file)) == [{"line": "1", "reason": "empty text"}]
    assert json.loads((tmp_path / "bad.json").read_text()) == [{"line": 1, "reason": "empty text"}]
    with pytest.raises(InvalidInput, match=r"json or [.]csv"):
        write_bad_rows(report, tmp_path / "bad.txt")
    assert "1 x empty text" in report.text()
