from __future__ import annotations

import subprocess
import time
from pathlib import Path

import pytest

from benchmarks import resume
from service.scoring.command import score_file

TEXTS = ["信用卡年费扣了三次，要求退", "催收天天打电话到我单位", 'app"一直"闪退', "花呗被冻结了"]


@pytest.mark.slow
def test_a_run_killed_twice_gives_the_bytes_of_one_that_was_not(
    tiny_model: Path, tmp_path: Path
) -> None:
    """The processes are real and die by SIGKILL, each time with some more parts finished."""
    source, whole, out = tmp_path / "night", tmp_path / "a" / "out", tmp_path / "b" / "out"
    whole.parent.mkdir()
    out.parent.mkdir()
    resume.write_folder(source, TEXTS, 200)
    score_file(source, str(whole), tiny_model, only="lines", workers=1, resume=True)
    wanted = iter((1, 2))

    def moment(process: subprocess.Popen[bytes]) -> bool:
        enough = next(wanted)
        while resume.finished_parts(out) < enough and process.poll() is None:
            time.sleep(0.005)
        return True

    asked = resume.command(source, out, tiny_model, "--only", "lines", "--workers", "1")
    run = resume.batter(asked, out, resume.digest(whole), kills=2, moment=moment)
    assert (run.kills, run.finished, run.different) == (2, 1, 0)
    assert run.kept >= 3
    assert sorted(path.name for path in out.parent.iterdir()) == ["out", "out.rejected.jsonl"]
