from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.bank_files import decode, open_records
from triage.errors import InvalidInput

ROWS = '编号,内容,业务线\n1,年费多扣了,息费争议\n2,"两行\n的内容",征信异议\n'


def values(path: Path) -> list[dict[str, str]]:
    return [record.values for record in open_records(path).records]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_a_table_reads_the_same_in_every_encoding_a_bank_uses(
    tmp_path: Path, encoding: str
) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(ROWS.encode(encoding))
    assert values(path)[0] == {"编号": "1", "内容": "年费多扣了", "业务线": "息费争议"}
    assert open_records(path).encoding == encoding


def test_lines_count_from_the_header_and_a_quoted_cell_may_span_two(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(ROWS + "3,末行,其他\n", encoding="utf-8")
    assert [record.line for record in open_records(path).records] == [2, 3, 5]


@pytest.mark.parametrize("delimiter", ["\t", ";", "|"])
def test_other_delimiters_are_seen_in_the_header(tmp_path: Path, delimiter: str) -> None:
    path = tmp_path / "a.csv"
    path.write_text(ROWS.replace(",", delimiter), encoding="utf-8")
    assert values(path)[0]["业务线"] == "息费争议"


@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_a_quote_that_is_not_closed_swallows_no_row_in_silence(
    tmp_path: Path, delimiter: str
) -> None:
    path = tmp_path / "a.csv"
    text = ROWS + '3,12" 屏,其他\n4,"没关,其他\n5,被吞了,其他\n'
    path.write_text(text.replace(",", delimiter), encoding="gb18030")
    *whole, last = open_records(path).records
    assert [(record.line, record.problem) for record in whole] == [(2, ""), (3, ""), (5, "")]
    assert (last.line, last.values) == (6, {})
    assert "not closed" in last.problem


@pytest.mark.parametrize(("text", "line"), [('编号,"内容\n1,年费\n', 1), (ROWS + '"', 5)])
def test_a_quote_left_open_in_the_header_or_at_the_end_is_told(
    tmp_path: Path, text: str, line: int
) -> None:
    path = tmp_path / "a.csv"
    path.write_text(text, encoding="utf-8")
    problems = [record for record in open_records(path).records if record.problem]
    assert [record.line for record in problems] == [line]


def test_a_line_that_is_no_object_is_a_problem_of_that_line_alone(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"text":"a"}\n{broken\n[1]\n\n{"text":"b\u2028c"}\n', encoding="utf-8")
    records = list(open_records(path).records)
    assert [(r.line, bool(r.problem)) for r in records] == [
        (1, False),
        (2, True),
        (3, True),
        (5, False),
    ]
    assert records[3].values == {"text": "b\u2028c"}


def test_parquet_gives_the_same_records(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pd.DataFrame({"text": ["年费", None], "line": ["其他", "其他"]}).to_parquet(path)
    assert values(path)[0] == {"text": "年费", "line": "其他"}


# The second is valid GB18030, as nearly all damaged UTF-8 is.
@pytest.mark.parametrize("damage", [b"\xff\xfe\xfd", "被冻结".encode()[:-1] + b",x"])
def test_one_damaged_line_does_not_turn_a_file_into_another_encoding(damage: bytes) -> None:
    lines = ["年费多扣了".encode()] * 99 + [damage]
    text, encoding = decode(b"\n".join(lines), name="a.csv")
    assert encoding == "utf-8"
    assert text.startswith("年费多扣了")
    assert "\ufffd" in text


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.xlsx", b"x"), ("a.parquet", b"not parquet"), ("a.csv", b"\xff\x80\n" * 50)],
)
def test_what_cannot_be_read_is_named(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InvalidInput, match=r"a[.]"):
        list(open_records(tmp_path / name).records)


@given(st.text(st.characters(codec="utf-8"), min_size=1))
def test_utf8_always_comes_back(text: str) -> None:
    assert decode(text.encode("utf-8-sig"), name="a")[0] == text
