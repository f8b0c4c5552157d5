"""What tells a process of the service to take up a model: each wish once, never one's own."""

from __future__ import annotations

from pathlib import Path

import pytest

from service.settings import Settings
from service.signs import Signs


@pytest.fixture
def pair(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Signs, Signs]:
    monkeypatch.setenv("JIESU_HOME", str(tmp_path))
    settings = Settings(home=tmp_path, workers=2)
    return Signs(settings, moves=False), Signs(settings, moves=False)


def test_each_wish_is_heard_once_by_the_others(pair: tuple[Signs, Signs]) -> None:
    asked, other = pair
    assert not other.changed(None)
    # Two in a row, faster than any clock of a file system counts.
    for _ in range(2):
        asked.ask_others()
        assert not asked.changed(None)
        assert other.changed(None)
        assert not other.changed(None)


def test_a_wish_that_cannot_be_written_is_nobodys(
    pair: tuple[Signs, Signs], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, other = pair

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("service.signs.replace_file", full)
    with pytest.raises(OSError, match="No space"):
        asked.ask_others()
    assert not asked.changed(None)
    assert not other.changed(None)
    assert not list(tmp_path.glob(".reload-asked*"))


def test_a_process_that_starts_later_owes_no_reload(
    pair: tuple[Signs, Signs], tmp_path: Path
) -> None:
    pair[0].ask_others()
    assert not Signs(Settings(home=tmp_path, workers=2), moves=False).changed(None)
