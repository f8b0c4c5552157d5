from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from scoring_fakes import cut_off, give_input

from jiesu import main
from service.scoring.command import score_file
from service.scoring.parts import cut, read_part
from service.scoring.stream import standard_input


def test_fewer_workers_than_none_are_refused_in_words(
    tiny_model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source, out = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_text('{"text": "年费"}\n', "utf-8")
    command = ["score", str(source), "--out", str(out), "--model", str(tiny_model)]
    assert main([*command, "--workers", "-3"]) == 2
    told = capsys.readouterr().err
    assert "--workers -3 is below 0" in told
    assert "Traceback" not in told
    assert not out.exists()


@pytest.mark.parametrize("standard", [True, False])
def test_the_closing_line_names_the_file_of_the_rejected_rows(
    standard: bool,
    tiny_model: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    content = '{"text": "年费太贵"}\nbad\n'
    (tmp_path / "in.jsonl").write_text(content, "utf-8")
    give_input(monkeypatch, content.encode())
    command = ["score", "-" if standard else "in.jsonl", "--out", "out.jsonl"]
    assert main([*command, "--model", str(tiny_model)]) == 3
    told = capfd.readouterr().err.splitlines()[-1]
    assert told == "1 rows scored, 1 rejected: out.jsonl.rejected.jsonl"
    assert '"line":2' in (tmp_path / "out.jsonl.rejected.jsonl").read_text("utf-8")


def test_two_pipes_in_one_folder_keep_their_own_rejected_rows(
    tiny_model: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    named = []
    for bad in ("bad\n", "\nbad\n"):
        give_input(monkeypatch, f'{{"text": "年费太贵"}}\n{bad}'.encode())
        assert main(["score", "-", "--out", "-", "--model", str(tiny_model)]) == 3
        named.append(capfd.readouterr().err.splitlines()[-1].rpartition(" ")[2])
    kept = [(tmp_path / name).read_text("utf-8") for name in named]
    assert ['"line":2' in kept[0], '"line":3' in kept[1]] == [True, True]
    assert len(list(tmp_path.iterdir())) == 2


def narratives(count: int) -> list[str]:
    return [f'{{"id": "{i}", "text": "年费收了{i}次，\\"退\\"我"}}' for i in range(count)]


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_jsonl_is_read_in_both_encodings_in_every_part(encoding: str, tmp_path: Path) -> None:
    source = tmp_path / "in.jsonl"
    lines = [line.encode(encoding) for line in narratives(60)]
    lines[30] = lines[30][:-5] + b"\xff" + lines[30][-5:]
    source.write_bytes(b"\n".join(lines))
    parts = list(cut(source, part_bytes=400))
    rows = [row for part in parts for row in read_part(source, part)]
    assert len(parts) > 3
    assert [row.line for row in rows if row.values is None] == [31]
    good = [i for i in range(60) if i != 30]
    assert [row.values for row in rows if row.values] == [
        {"id": str(i), "text": f'年费收了{i}次，"退"我'} for i in good
    ]


def test_gb18030_is_read_from_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    given = "\n".join(narratives(1100)).encode("gb18030")
    give_input(monkeypatch, given)
    rows = list(standard_input())
    assert [row.line for row in rows] == list(range(1, 1101))
    assert [row.values and row.values["text"] for row in rows[::1099]] == [
        '年费收了0次，"退"我',
        '年费收了1099次，"退"我',
    ]


def test_an_answer_to_plain_text_has_the_number_of_its_line_also_after_a_resume(
    tiny_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.scoring.command.cut", lambda path: cut(path, part_bytes=300))
    source, out = tmp_path / "in.txt", tmp_path / "out.jsonl"
    lines = ["" if i % 3 == 0 else f"年费收了{i}次" for i in range(1, 61)]
    source.write_text("\n".join(lines), "utf-8")
    with cut_off(monkeypatch, 2):
        score_file(source, str(out), tiny_model, workers=1, only="signals")
    score_file(source, str(out), tiny_model, workers=1, only="signals", resume=True)
    answers = [json.loads(line) for line in out.read_text("utf-8").splitlines()]
    assert [(row["id"], row["masked_text"]) for row in answers] == [
        (str(i), text) for i, text in enumerate(lines, 1) if text
    ]


ROWS = [{"id": "1", "内容": "年费太贵"}, {"id": "2", "内容": "催收"}]


def write(path: Path) -> Path:
    if path.suffix == ".parquet":
        pq.write_table(pa.Table.from_pylist(ROWS), path)
    elif path.suffix == ".csv":
        path.write_text("id,内容\n1,年费太贵\n2,催收\n", "utf-8")
    else:
        path.write_text("".join(json.dumps(row) + "\n" for row in ROWS), "utf-8")
    return path


@pytest.mark.parametrize("mapped", [None, "没有"])
@pytest.mark.parametrize("kind", [".csv", ".parquet", ".jsonl", "-"])
def test_an_input_without_narratives_ends_the_command_and_its_columns_are_named(
    kind: str,
    mapped: str | None,
    tiny_model: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    source = write(tmp_path / f"in{'.jsonl' if kind == '-' else kind}")
    give_input(monkeypatch, source.read_bytes())
    command = ["score", "-" if kind == "-" else str(source), "--out", str(tmp_path / "o.jsonl")]
    command += ["--map", f"text={mapped}"] if mapped else []
    assert main([*command, "--model", str(tiny_model)]) == 2
    assert f"no column {mapped or 'text'!r} (there are id, 内容)" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == [source]


def test_of_a_folder_the_file_without_narratives_is_rejected(
    tiny_model: Path, tmp_path: Path
) -> None:
    night, out = tmp_path / "night", tmp_path / "out.jsonl"
    night.mkdir()
    write(night / "a.csv")
    (night / "b.jsonl").write_text('{"text": "年费"}\n{"id": "2"}\n', "utf-8")
    done = score_file(night, str(out), tiny_model, workers=1, only="lines")
    assert (done.rows, done.rejected, done.rejects) == (1, 2, Path(f"{out}.rejected.jsonl"))
    rejected = map(json.loads, Path(f"{out}.rejected.jsonl").read_text("utf-8").splitlines())
    assert {row["file"]: row["reason"] for row in rejected} == {
        "a.csv": "a.csv has no column 'text' (there are id, 内容)",
        "b.jsonl": "column text is missing or is no text",
    }
