from __future__ import annotations

import csv
import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from scoring_fakes import cut_off, give_input

from jiesu import main
from service.scoring import local
from service.scoring.command import score_file
from service.scoring.part import Task
from service.scoring.parts import cut, read_part
from service.scoring.rows import parse_columns
from triage.errors import InvalidInput

TEXTS = ["信用卡年费扣了三次，要求退", "催收天天打电话到我单位", "app一直闪退", "花呗被冻结了"]


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "in.jsonl"
    rows = [{"id": f"T-{i}", "text": text, "desk": "甲"} for i, text in enumerate(TEXTS * 5)]
    path.write_text("".join(json.dumps(r, ensure_ascii=False) + "\n" for r in rows), "utf-8")
    return path


def read(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def test_every_row_is_answered_in_order_with_its_other_columns(
    source: Path, tiny_model: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out.jsonl"
    summary = score_file(source, str(out), tiny_model, workers=1)
    rows = read(out)
    assert (summary.rows, summary.rejected) == (20, 0)
    assert [row["id"] for row in rows] == [f"T-{i}" for i in range(20)]
    assert {row["desk"] for row in rows} == {"甲"}
    assert not list(tmp_path.glob("*.parts"))


def test_two_workers_and_one_give_the_same_bytes(
    source: Path, tiny_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.scoring.command.cut", lambda path: cut(path, part_bytes=300))
    one, two = tmp_path / "one.jsonl", tmp_path / "two.jsonl"
    score_file(source, str(one), tiny_model, workers=1)
    score_file(source, str(two), tiny_model, workers=2)
    assert one.read_bytes() == two.read_bytes()


def test_a_run_that_was_cut_off_goes_on_with_the_parts_that_are_missing(
    source: Path, tiny_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.scoring.command.cut", lambda path: cut(path, part_bytes=300))
    whole, out = tmp_path / "whole.jsonl", tmp_path / "out.jsonl"
    score_file(source, str(whole), tiny_model, workers=1)
    with cut_off(monkeypatch, 2) as scored:
        score_file(source, str(out), tiny_model, workers=1)
    assert not out.exists()
    real = local.score_part
    done_again: list[Task] = []
    monkeypatch.setattr(
        local, "score_part", lambda job, task: (done_again.append(task), real(job, task))[1]
    )
    score_file(source, str(out), tiny_model, workers=1, resume=True)
    assert out.read_bytes() == whole.read_bytes()
    assert done_again
    assert not {task.order for task in done_again} & {task.order for task in scored}


def test_rows_that_cannot_be_read_are_set_aside_with_their_line(
    tiny_model: Path, tmp_path: Path
) -> None:
    source, out = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    lines = [
        '{"id": "1", "text": "年费"}',
        "not json",
        "[]",
        '{"id": "4"}',
        '{"text": 5}',
        json.dumps({"text": "催" * 20_001}),
        '{"text": "催收", "received_at": "yesterday"}',
        '{"text": "催收", "channel": "pigeon"}',
        '{"text": "\\ud800"}',
        '{"id": "10", "text": ""}',
    ]
    source.write_text("\n".join(lines) + "\n", "utf-8")
    status = main(
        ["score", str(source), "--out", str(out), "--model", str(tiny_model), "--workers", "1"]
    )
    assert status == 3
    assert [row["id"] for row in read(out)] == ["1", "10"]
    rejected = read(tmp_path / "out.jsonl.rejected.jsonl")
    assert [row["line"] for row in rejected] == [2, 3, 4, 5, 6, 7, 8, 9]
    assert all(row["reason"] for row in rejected)


def test_csv_goes_in_and_out_with_line_breaks_in_fields(tiny_model: Path, tmp_path: Path) -> None:
    source, out = tmp_path / "in.csv", tmp_path / "out.csv"
    with source.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "text", "channel"])
        writer.writerows([["a", '年费\n"又"扣了', "phone"], ["b", "催收打电话", ""]])
    score_file(source, str(out), tiny_model, workers=1)
    with out.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["id"] for row in rows] == ["a", "b"]
    assert float(rows[0]["escalation_probability"]) > 0


def test_rows_that_differ_in_their_columns_share_one_table(
    tiny_model: Path, tmp_path: Path
) -> None:
    source, out = tmp_path / "in.jsonl", tmp_path / "out.csv"
    rows: list[dict[str, object]]
    rows = [{"text": "年费"}, {"text": "年费", "signals": "x"}, {"text": "年费", "signals": [1]}]
    rows.append({"text": "年费", "escalation": {"band": 1}})
    source.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    score_file(source, str(out), tiny_model, workers=1, only="lines")
    with out.open(encoding="utf-8-sig", newline="") as file:
        found = list(csv.DictReader(file))
    assert [row["signals"] for row in found] == ["", "x", "[1]", ""]
    assert found[-1]["escalation"] == '{"band":1}'


def test_csv_is_cut_between_rows_never_inside_a_field(tmp_path: Path) -> None:
    source = tmp_path / "in.csv"
    with source.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "text"])
        writer.writerows([[i, f'第{i}行\n"引"号,\n尾'] for i in range(50)])
    parts = list(cut(source, part_bytes=100))
    rows = [row for part in parts for row in read_part(source, part)]
    assert len(parts) > 5
    assert [row.values and row.values["id"] for row in rows] == [str(i) for i in range(50)]


def test_parquet_goes_in_and_out(source: Path, tiny_model: Path, tmp_path: Path) -> None:
    middle, out = tmp_path / "m.parquet", tmp_path / "out.parquet"
    import pyarrow as pa

    pq.write_table(pa.Table.from_pylist(read(source)), middle, row_group_size=7)
    score_file(middle, str(out), tiny_model, workers=1)
    table = pq.read_table(out)
    assert table.column("id").to_pylist() == [f"T-{i}" for i in range(20)]
    assert table.schema.field("probability").type == pa.float64()


def test_plain_text_is_one_narrative_a_line(tiny_model: Path, tmp_path: Path) -> None:
    source, out = tmp_path / "in.txt", tmp_path / "out.jsonl"
    source.write_text("\ufeff" + "\n".join(TEXTS), "utf-8")
    assert score_file(source, str(out), tiny_model, workers=1, only="lines").rows == len(TEXTS)


@pytest.mark.parametrize(
    ("only", "key"), [("lines", "line"), ("signals", "signals"), ("risk", "escalation")]
)
def test_a_part_of_the_work_is_the_same_as_in_the_whole(
    source: Path, tiny_model: Path, tmp_path: Path, only: str, key: str
) -> None:
    whole, part = tmp_path / "whole.jsonl", tmp_path / "part.jsonl"
    score_file(source, str(whole), tiny_model, workers=1)
    score_file(source, str(part), tiny_model, workers=1, only=only)
    assert [row[key] for row in read(part)] == [row[key] for row in read(whole)]


def test_standard_input_and_output(
    tiny_model: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfdbinary: pytest.CaptureFixture[bytes],
) -> None:
    monkeypatch.chdir(tmp_path)
    give_input(monkeypatch, '{"id":"1","text":"年费太贵"}\nbad\n'.encode())
    assert main(["score", "-", "--out", "-", "--model", str(tiny_model)]) == 3
    assert json.loads(capfdbinary.readouterr().out)["id"] == "1"


@pytest.mark.parametrize(("given", "out"), [("in.xml", "o.jsonl"), ("missing.jsonl", "o.jsonl")])
def test_bad_arguments_end_with_two(
    given: str, out: str, tiny_model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    if given == "in.xml":
        (tmp_path / given).write_text("<a/>")
    arguments = ["score", str(tmp_path / given), "--out", str(tmp_path / out)]
    assert main([*arguments, "--model", str(tiny_model)]) == 2
    assert "Traceback" not in capsys.readouterr().err


def test_a_broken_parquet_file_is_refused_in_words(tiny_model: Path, tmp_path: Path) -> None:
    source = tmp_path / "in.parquet"
    source.write_bytes(b"PAR1 no")
    out = str(tmp_path / "o.jsonl")
    assert main(["score", str(source), "--out", out, "--model", str(tiny_model)]) == 2


def test_a_stray_quote_inside_a_field_does_not_move_the_rows(tmp_path: Path) -> None:
    source = tmp_path / "in.csv"
    lines = [
        "id,text",
        *(f'{i},屏幕5" 的手机' if i % 3 else f'{i},"甲\n乙""丙"' for i in range(60)),
    ]
    source.write_text("\n".join(lines) + "\n", "utf-8")
    rows = [row for part in cut(source, part_bytes=60) for row in read_part(source, part)]
    assert [row.values and row.values["id"] for row in rows] == [str(i) for i in range(60)]


def test_columns_pass_through_and_keep_their_values(tiny_model: Path, tmp_path: Path) -> None:
    source, out = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    row = {"ticket_id": "T-9", "text": "年费太贵", "line": "mine", "channel": "phone", "desk": "甲"}
    source.write_text(json.dumps(row, ensure_ascii=False) + "\n", "utf-8")
    score_file(source, str(out), tiny_model, workers=1)
    answer = read(out)[0]
    assert answer["id"] == answer["ticket_id"] == "T-9"
    assert (answer["input_line"], answer["channel"], answer["desk"]) == ("mine", "phone", "甲")


def test_a_narrative_in_the_wrong_column_is_not_repeated(tiny_model: Path, tmp_path: Path) -> None:
    source, out = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_text('{"text": "年费", "received_at": "我叫王小明，电话很多"}\n', "utf-8")
    score_file(source, str(out), tiny_model, workers=1)
    assert "王小明" not in (tmp_path / "out.jsonl.rejected.jsonl").read_text("utf-8")


def test_the_input_is_never_overwritten(source: Path, tiny_model: Path) -> None:
    before = source.read_bytes()
    assert main(["score", str(source), "--out", str(source), "--model", str(tiny_model)]) == 2
    assert source.read_bytes() == before


def test_an_output_that_cannot_be_written_is_told(source: Path, tiny_model: Path) -> None:
    out = "/proc/nowhere/out.jsonl"
    assert main(["score", str(source), "--out", out, "--model", str(tiny_model)]) == 2


def test_a_large_row_group_is_cut_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import pyarrow as pa

    monkeypatch.setattr("service.scoring.parts.PART_ROWS", 7)
    path = tmp_path / "in.parquet"
    pq.write_table(
        pa.table({"id": list(range(50)), "text": ["年费"] * 50}), path, row_group_size=20
    )
    parts = list(cut(path))
    rows = [row for part in parts for row in read_part(path, part)]
    assert len(parts) == 8
    assert [row.values and row.values["id"] for row in rows] == list(range(50))
    assert [row.line for row in rows] == list(range(1, 51))


@pytest.mark.parametrize("suffix", [".csv", ".txt"])
def test_gb18030_is_read(suffix: str, tiny_model: Path, tmp_path: Path) -> None:
    source, out = tmp_path / f"in{suffix}", tmp_path / "out.jsonl"
    header = "id,text\n" if suffix == ".csv" else ""
    row = '1,"年费太贵，\n退我"\n' if suffix == ".csv" else "年费太贵\n"
    source.write_bytes((header + row * 3).encode("gb18030"))
    assert score_file(source, str(out), tiny_model, workers=1).rows == 3
    assert "年费" in str(read(out)[0]["masked_text"])


@pytest.mark.parametrize("suffix", [".csv", ".txt"])
@pytest.mark.parametrize(
    ("encoding", "damage"),
    [
        ("utf-8", "被收年".encode()[:-1]),  # all that follows would still be valid GB18030
        ("utf-8", b"\xff\xfe"),
        ("gb18030", b"\xff\xfe"),
        ("gb18030", b"\x81"),
    ],
)
def test_damaged_bytes_cost_their_row_alone(
    suffix: str, encoding: str, damage: bytes, tiny_model: Path, tmp_path: Path
) -> None:
    source, out = tmp_path / f"a{suffix}", tmp_path / "out.jsonl"
    lines = ["年费太贵退我".encode(encoding)] * 9
    lines[4] = b"a" + damage
    if suffix == ".csv":
        lines = [b"id,text", *(b"1," + line for line in lines)]
    source.write_bytes(b"\n".join(lines))
    summary = score_file(source, str(out), tiny_model, workers=1)
    assert (summary.rows, summary.rejected) == (8, 1)
    assert {row["masked_text"] for row in read(out)} == {"年费太贵退我"}
    rejected = json.loads(Path(f"{out}.rejected.jsonl").read_text("utf-8"))
    assert rejected["line"] == 4 + len(lines) - 8


def test_a_quote_that_is_not_closed_swallows_no_row_in_silence(
    tiny_model: Path, tmp_path: Path
) -> None:
    source, out = tmp_path / "a.csv", tmp_path / "out.jsonl"
    source.write_text('id,text\n1,"年费\n太贵"\n2,退我\n3,"没关\n4,利息\n', encoding="utf-8")
    summary = score_file(source, str(out), tiny_model, workers=1)
    assert (summary.rows, summary.rejected) == (2, 1)
    assert [row["id"] for row in read(out)] == ["1", "2"]
    rejected = json.loads(Path(f"{out}.rejected.jsonl").read_text("utf-8"))
    assert rejected["line"] == 5
    assert "not closed" in rejected["reason"]


def test_columns_may_have_other_names(tmp_path: Path, tiny_model: Path) -> None:
    source, out = tmp_path / "own.csv", tmp_path / "out.jsonl"
    source.write_text("编号,内容,渠道\nT-9,信用卡年费凭什么收我,电话\n", encoding="utf-8")
    columns = parse_columns("id=编号, text=内容")
    assert score_file(source, str(out), tiny_model, workers=1, columns=columns).rows == 1
    (answer,) = map(json.loads, out.read_text("utf-8").splitlines())
    assert (answer["id"], answer["渠道"]) == ("T-9", "电话")
    assert "内容" not in answer
    with pytest.raises(InvalidInput, match="'line=业务' is no field=column"):
        parse_columns("line=业务")


def test_a_named_column_that_is_missing_is_not_replaced_by_another(
    tmp_path: Path, tiny_model: Path
) -> None:
    source, out = tmp_path / "own.jsonl", tmp_path / "out.jsonl"
    rows = [{"内容": "信用卡年费凭什么收我", "text": "客服小结"}, {"text": "客服小结"}]
    source.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    columns = parse_columns("text=内容")
    summary = score_file(source, str(out), tiny_model, workers=1, columns=columns)
    assert (summary.rows, summary.rejected) == (1, 1)
    (answer,) = map(json.loads, out.read_text("utf-8").splitlines())
    assert answer["masked_text"] == "信用卡年费凭什么收我"
    assert answer["input_text"] == "客服小结"
    assert "内容 is missing" in Path(f"{out}.rejected.jsonl").read_text("utf-8")
