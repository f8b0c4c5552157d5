from __future__ import annotations

from pathlib import Path

import pytest

from jiesu import main


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
