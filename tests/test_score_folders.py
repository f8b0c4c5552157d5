from __future__ import annotations

import gzip
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from jiesu import main
from service.scoring import local, progress
from service.scoring.command import score_file
from service.scoring.inputs import find_inputs
from service.scoring.part import Done, Job, Task
from service.scoring.part_lines import Part
from service.scoring.parts import cut, read_part
from service.scoring.progress import spoken
from triage.errors import InvalidInput

TEXTS = ["信用卡年费扣了三次，要求退", "催收天天打电话到我单位", "app一直闪退", "花呗被冻结了"]


def lines(name: str, count: int = 4) -> bytes:
    rows = ({"id": f"{name}-{i}", "text": TEXTS[i % 4]} for i in range(count))
    return b"".join(json.dumps(row, ensure_ascii=False).encode() + b"\n" for row in rows)


def ids(path: Path) -> list[str | None]:
    return [json.loads(line)["id"] for line in path.read_text("utf-8").splitlines()]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A bank's night: four kinds of file, some packed, some not to be scored."""
    root = tmp_path / "night"
    (root / "web").mkdir(parents=True)
    (root / "_temporary").mkdir()
    (root / "web" / "b.jsonl").write_bytes(lines("web"))
    (root / "z.jsonl.gz").write_bytes(gzip.compress(lines("z")))
    (root / "phone.csv").write_text('id,text\nphone-0,"年费\n又扣"\nphone-1,催收\n', "utf-8")
    (root / "letters.txt").write_text("\n".join(TEXTS), "utf-8")
    app = {"id": [f"app-{i}" for i in range(3)], "text": TEXTS[:3]}
    pq.write_table(pa.table(app), root / "app.parquet")
    (root / "empty.jsonl").write_bytes(b"")
    for aside in ("_SUCCESS", "readme.md", ".hidden.jsonl", "_temporary/t.jsonl"):
        (root / aside).write_bytes(lines("never"))
    return root


def test_a_folder_is_scored_to_one_file_in_the_order_of_names(
    folder: Path, tiny_model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out.jsonl"
    summary = score_file(folder, str(out), tiny_model, workers=1)
    assert (summary.rows, summary.rejected) == (17, 0)
    assert ids(out) == [
        *("app-0", "app-1", "app-2", "1", "2", "3", "4", "phone-0", "phone-1"),
        *(f"{name}-{i}" for name in ("web", "z") for i in range(4)),
    ]
    told = capsys.readouterr().err
    assert "1 files of other kinds" in told
    assert "17 rows" in told
    assert "left" in told


def test_a_folder_is_mirrored_each_file_in_its_own_kind(
    folder: Path, tiny_model: Path, tmp_path: Path
) -> None:
    out = tmp_path / "scored"
    score_file(folder, str(out), tiny_model, workers=1)
    written = sorted(p.relative_to(out).as_posix() for p in out.rglob("*") if p.is_file())
    assert written == [
        *("app.parquet", "empty.jsonl", "letters.jsonl", "phone.csv", "web/b.jsonl", "z.jsonl")
    ]
    assert ids(out / "z.jsonl") == [f"z-{i}" for i in range(4)]
    assert pq.read_table(out / "app.parquet").column("id").to_pylist() == [
        "app-0",
        "app-1",
        "app-2",
    ]
    assert sorted(p.name for p in tmp_path.iterdir()) == ["night", "scored"]


@pytest.mark.parametrize("kind", [".jsonl", ".csv", ".txt"])
def test_a_packed_file_is_cut_and_read_as_if_it_were_not(kind: str, tmp_path: Path) -> None:
    plain, packed = tmp_path / f"in{kind}", tmp_path / f"in{kind}.gz"
    content = b"id,text\r\n" + b"".join(b'%d,"a\r\n""b"""\r\n' % i for i in range(99))
    plain.write_bytes(content if kind == ".csv" else lines("x", 99))
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    whole = list(cut(packed, part_bytes=200))
    assert len(whole) > 5
    assert sum(part.weight for part in whole) == packed.stat().st_size
    places = [(part.start, part.stop, part.first_line) for part in whole]
    assert places == [(p.start, p.stop, p.first_line) for p in cut(plain, part_bytes=200)]
    # In whatever order the parts come.
    for part in (*whole[::2], *whole[1::2]):
        assert list(read_part(packed, part)) == list(read_part(plain, part))


@pytest.mark.parametrize("content", [b"no gzip", gzip.compress(lines("cut", 50))[:-20]])
def test_a_broken_file_is_refused_alone_and_rejected_in_a_folder(
    content: bytes, folder: Path, tiny_model: Path, tmp_path: Path
) -> None:
    bad, out = folder / "bad.jsonl.gz", tmp_path / "out.jsonl"
    bad.write_bytes(content)
    with pytest.raises(InvalidInput, match=r"bad\.jsonl\.gz is no gzip file"):
        score_file(bad, str(out), tiny_model, workers=1)
    (folder / "web" / "b.jsonl").write_bytes(lines("web") + b"{\n")
    arguments = ["score", str(folder), "--out", str(out), "--model", str(tiny_model)]
    assert main([*arguments, "--workers", "1"]) == 3
    assert len(ids(out)) == 17
    rejected = [json.loads(r) for r in Path(f"{out}.rejected.jsonl").read_bytes().splitlines()]
    assert [(row["file"], row.get("line")) for row in rejected] == [
        ("web/b.jsonl", 5),
        ("bad.jsonl.gz", None),
    ]


def test_resuming_keeps_the_files_that_are_as_they_were(
    folder: Path, tiny_model: Path, tmp_path: Path
) -> None:
    whole, out = tmp_path / "whole.jsonl", tmp_path / "out.jsonl"
    letters = folder / "letters.txt"
    letters.write_bytes(letters.read_bytes() + b"\n\xff\xff")
    with watched(stop_at="z.jsonl.gz"), pytest.raises(KeyboardInterrupt):
        score_file(folder, str(out), tiny_model, workers=1)
    (folder / "web" / "b.jsonl").write_bytes(lines("later", 3))
    # After a power failure a part may have its name and lack its content.
    (torn,) = (tmp_path / "out.jsonl.parts").rglob("*.2.0.*.jsonl")
    os.truncate(torn, 5)
    # And after a run that was ended while it cleared up its rejected rows may be gone.
    (rejected,) = (tmp_path / "out.jsonl.parts").rglob("*.rejected")
    rejected.unlink()
    with watched() as again:
        score_file(folder, str(out), tiny_model, workers=1, resume=True)
    again_scored = [task.source.name for task in again]
    assert again_scored == ["letters.txt", "phone.csv", "web/b.jsonl", "z.jsonl.gz"]
    score_file(folder, str(whole), tiny_model, workers=1)
    assert out.read_bytes() == whole.read_bytes()


@contextmanager
def watched(*, stop_at: str = "") -> Iterator[list[Task]]:
    """Give the parts that are scored; the run is interrupted when a file's turn comes."""
    scored: list[Task] = []
    real = local.score_part

    def score(job: Job, task: Task) -> Done:
        if task.source.name == stop_at:
            raise KeyboardInterrupt
        scored.append(task)
        return real(job, task)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(local, "score_part", score)
        yield scored


@pytest.mark.parametrize("out", ["night/out.jsonl", "night", "out.xml", "night/web"])
def test_an_output_that_would_be_read_or_cannot_be_written_is_refused(
    out: str, folder: Path, tiny_model: Path, tmp_path: Path
) -> None:
    arguments = ["score", str(folder), "--out", str(tmp_path / out), "--model", str(tiny_model)]
    assert main(arguments) == 2
    assert len([p for p in folder.rglob("*") if p.is_file()]) == 10


def test_two_files_that_would_become_one_are_told(
    folder: Path, tiny_model: Path, tmp_path: Path
) -> None:
    (folder / "z.txt").write_text("年费", "utf-8")
    with pytest.raises(InvalidInput, match=r"2 files of the input would become z\.jsonl"):
        score_file(folder, str(tmp_path / "scored"), tiny_model)


def test_a_folder_without_anything_to_score_is_told(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="holds no file to score"):
        find_inputs(tmp_path)


def test_times_are_spoken_in_two_units() -> None:
    assert [spoken(s) for s in (0, 59.6, 61, 3725, 90_000)] == [
        *("0 s", "1 min 0 s", "1 min 1 s", "1 h 2 min", "1 d 1 h")
    ]


def test_time_left_is_told_once_it_is_known(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Fifty seconds of starting, then two parts at once, then one each ten seconds."""
    path = tmp_path / "a.jsonl"
    path.write_bytes(lines("a"))
    (source,) = find_inputs(path).sources
    moments = iter((50.0, 50.1, 60.0, 70.0))
    monkeypatch.setattr(progress, "monotonic", lambda: next(moments))
    tasks = [Task(0, source, Part(n, 0, 0, 1, 100)) for n in range(4)]
    pace = progress.Pace(500)
    told = [pace.after(Done(task, tmp_path, None, 10, 0)) for task in tasks]
    # 20 rows and 200 bytes in 10 seconds, 200 bytes to come.
    assert told == [
        *("10 rows", "20 rows"),
        *("30 rows, 2 rows/s, 10 s left", "40 rows, 2 rows/s, 7 s left"),
    ]
