from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from training.bank_columns import Columns, flag, local_time, parse_mapping, several
from training.bank_labels import Labels
from triage.errors import ConfigError, InvalidInput
from triage.taxonomy import Taxonomy


@pytest.fixture
def labels(taxonomy: Taxonomy) -> Labels:
    return Labels(taxonomy, {"卡费": "息费争议", "乱收费": "fee_dispute"})


@pytest.mark.parametrize(
    ("line", "subline", "expected"),
    [
        ("fee_dispute", None, ("fee_dispute", None)),
        ("息费争议", None, ("fee_dispute", None)),
        (" Fee_Dispute ", None, ("fee_dispute", None)),
        ("卡费", None, ("fee_dispute", None)),
        ("乱收费", None, ("fee_dispute", None)),
        ("欺诈盗刷", "受骗转账", ("fraud", "scam_transfer")),
        ("fraud", "fraud.scam_transfer", ("fraud", "scam_transfer")),
        ("fraud.scam_transfer", None, ("fraud", "scam_transfer")),
        ("债务催收/信用卡催收", None, ("loan_collection", "credit_card")),
        ("债务催收 - 个贷催收", None, ("loan_collection", "personal_loan")),
        ("受骗转账", None, ("fraud", "scam_transfer")),
        ("fraud", None, ("fraud", None)),
    ],
)
def test_a_label_is_a_code_a_name_or_the_banks_word(
    labels: Labels, line: str, subline: str | None, expected: tuple[str, str | None]
) -> None:
    assert labels.leaf(line, subline) == expected


@pytest.mark.parametrize(("line", "subline"), [("天气", None), ("息费争议", "天气"), ("", None)])
def test_an_unknown_label_is_named(labels: Labels, line: str, subline: str | None) -> None:
    with pytest.raises(InvalidInput, match=r"天气|''"):
        labels.leaf(line, subline)


def test_a_narrative_in_the_column_of_lines_is_not_quoted(labels: Labels) -> None:
    with pytest.raises(InvalidInput) as caught:
        labels.leaf("我叫王建军，我的信用卡年费被多扣了三百块钱，请你们退给我", None)
    assert "王建军" not in str(caught.value)


def test_every_name_of_the_taxonomy_is_understood(labels: Labels, taxonomy: Taxonomy) -> None:
    for line in taxonomy.lines:
        assert labels.leaf(line.zh, None) == labels.leaf(line.en, None) == (line.code, None)
        for sub in line.sublines:
            assert labels.leaf(line.zh, sub.zh) == (line.code, sub.code)


def test_columns_are_mapped_on_the_command_line_or_in_a_file(tmp_path: Path) -> None:
    path = tmp_path / "map.yaml"
    path.write_text("columns: {text: 内容}\nlabels: {卡费: fee_dispute}\n", encoding="utf-8")
    assert parse_mapping("text=内容,line=业务线").columns == {"text": "内容", "line": "业务线"}
    assert parse_mapping(str(path)) == Columns({"text": "内容"}, {"卡费": "fee_dispute"})
    assert parse_mapping(None) == Columns()


@pytest.mark.parametrize("given", ["texts=内容", "text", "text="])
def test_a_field_that_does_not_exist_is_refused_with_those_that_do(given: str) -> None:
    with pytest.raises(ConfigError, match="signals_arguable"):
        parse_mapping(given)


def test_an_empty_cell_is_nothing() -> None:
    columns = Columns({"text": "内容"})
    for empty in ("", "  ", None, float("nan")):
        assert columns.pick({"内容": empty}, "text") is None
    assert columns.pick({"内容": " a "}, "text") == "a"


def test_a_cell_may_hold_several_codes() -> None:
    assert several("media, legal；repeat") == ["media", "legal", "repeat"]
    assert several('["media","legal"]') == ["media", "legal"]
    assert several(["media"]) == ["media"]
    assert several(None) == several("[]") == []


@pytest.mark.parametrize(
    "written", ["2026-03-01 09:05:00", "2026/3/1 9:05", "2026年3月1日 09:05", "2026-03-01T09:05"]
)
def test_a_moment_without_a_zone_is_chinese_time(written: str) -> None:
    moment = local_time(written)
    assert moment.utcoffset() == timedelta(hours=8)
    assert (moment.month, moment.hour, moment.minute) == (3, 9, 5)


def test_a_zone_is_kept() -> None:
    assert local_time("2026-03-01T09:05:00+00:00").utcoffset() == timedelta(0)


@pytest.mark.parametrize("written", ["昨天", "2026-13-40", "12"])
def test_what_is_no_moment_is_refused(written: str) -> None:
    with pytest.raises(InvalidInput, match="received_at"):
        local_time(written)


def test_yes_and_no_have_many_spellings() -> None:
    assert [flag(v) for v in ("是", "TRUE", 1, 1.0, True)] == [True] * 5
    assert [flag(v) for v in ("否", "n", 0, "0.0", False)] == [False] * 5
    assert flag(None) is None
    with pytest.raises(InvalidInput, match="也许"):
        flag("也许")
