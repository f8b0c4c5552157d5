from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from triage.kept import kept
from triage.patterns import lazy


class Counted:
    def __init__(self, value: object) -> None:
        self.value, self.times = value, 0

    def __call__(self) -> object:
        self.times += 1
        return self.value


@pytest.fixture
def source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "kept"))
    path = tmp_path / "words.txt"
    path.write_text("贷款", encoding="utf-8")
    return path


def test_what_was_worked_out_is_not_worked_out_again(source: Path) -> None:
    work = Counted({"forms": ["贷款", 1, None]})
    assert [kept("a", [source], work) for _ in range(3)] == [work.value] * 3
    assert work.times == 1


def test_a_changed_file_or_another_version_is_worked_on(source: Path) -> None:
    work = Counted([1])
    kept("a", [source], work)
    kept("a", [source], work, also="2")
    source.write_text("贷 款", encoding="utf-8")
    kept("a", [source], work, also="2")
    kept("a", [source], work, also="2")
    assert work.times == 3


@pytest.mark.parametrize("content", [b"", b"[", b"3", b'["x"]', b"\xff"])
def test_what_cannot_be_read_is_worked_out(source: Path, content: bytes) -> None:
    work = Counted([1])
    kept("a", [source], work)
    (source.parent / "kept" / "a.json").write_bytes(content)
    assert kept("a", [source], work) == [1]
    assert work.times == 2


def test_where_nothing_can_be_written_it_is_worked_out_each_time(source: Path) -> None:
    (source.parent / "kept").write_text("no folder", encoding="utf-8")
    work = Counted([1])
    assert [kept("a", [source], work) for _ in range(2)] == [[1], [1]]
    assert work.times == 2


def test_a_lazy_pattern_is_the_pattern() -> None:
    text = "投诉过，又投诉"
    pattern = lazy("投诉(?=过)?")
    assert pattern is lazy("投诉(?=过)?")
    found = [m.span() for m in pattern.finditer(text, 1)]
    assert found == [m.span() for m in re.compile(pattern.pattern).finditer(text, 1)] != []
    assert pattern.search("没有") is None
    with pytest.raises(AttributeError):
        pattern.flags  # noqa: B018


_LOADS = """
import sys
from triage.kernel_loading import load_lightly
load_lightly()
import numpy as np
from triage.lookup import KeyTable
print(KeyTable(np.array([5, 7, 9])).find(7), "numba.np.arraymath" in sys.modules)
"""


def test_compiled_kernels_load_without_the_compiler() -> None:
    for _ in range(2):  # the first run may have to compile
        run = [sys.executable, "-c", _LOADS]
        told = subprocess.run(run, check=True, capture_output=True, text=True).stdout
    assert told.split() == ["1", "False"]


def test_the_first_start_is_known_by_the_folder_of_compiled_kernels(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from triage.kept import compiled

    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    assert not compiled()
    (tmp_path / "kernels").mkdir()
    (tmp_path / "kernels" / "cut.py311.nbi").write_bytes(b"")
    assert compiled()
