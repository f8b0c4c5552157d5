"""What measured costs mean for more rows and cores."""

from __future__ import annotations

from argparse import Namespace

import pytest

from benchmarks.arithmetic import clusters, few, nights, size, span

COSTS = Namespace(ms=0.5, start=10.0, written=4_000, read=400, gather=1_000, disk=500)


def test_a_night_is_the_start_the_work_and_putting_together() -> None:
    rows = {row[0]: row[1:] for row in nights(COSTS)}
    # (10 + 1,000,000 * 0.0005) / 2 + 4 GB at 1 GB/s = 259 s
    assert rows["1,000,000"] == ["4 min", "8 min", "4.0 GB"]
    assert rows["1,000"][0] == "5.3 s"


def test_a_cluster_is_bound_by_its_disk() -> None:
    rows = {row[0]: row[1:] for row in clusters(COSTS)}
    assert rows["rows a second, if cores were all"] == ["2,000", "32,000", "320,000", "3,200,000"]
    # 500 MB/s are 125,000 answers a second
    assert rows["scored, disk of 500 MB/s"] == ["83 min", "5 min", "80 s", "80 s"]
    assert rows["and put together by one process"][-1] == "43 s"


@pytest.mark.parametrize(
    ("told", "said"),
    [(span(2.34), "2.3 s"), (span(89.6), "90 s"), (span(7_200), "2.0 h"), (few(0.244), "0.24")],
)
def test_numbers_are_told_as_people_say_them(told: str, said: str) -> None:
    assert told == said


def test_sizes() -> None:
    assert [size(3_490_000), size(34_900_000_000)] == ["3.5 MB", "34.9 GB"]
