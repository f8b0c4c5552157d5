"""The ticket page says in words which way each reason moves the risk, and in which order."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from html import unescape
from pathlib import Path

import pytest
from desk_fakes import TEXT, sign_in, take
from service_fakes import Client, FakeEngine, serving

from triage.records import Assessment, Escalation, Reason

TOLD = (
    Reason(TEXT[8:12], 0.7, 8, 12, "text", "提到重复反映（提高风险）"),
    Reason("诉求性质为咨询", -0.9, label="诉求性质为咨询（降低风险）"),
    # As older decisions were kept.
    Reason("登记金额50元", 0.3, kind="history"),
    Reason("没有转办过", -0.2, kind="history"),
)


class Telling(FakeEngine):
    """Gives reasons of both directions, with labels and without."""

    def _one(self, text: str) -> Assessment:
        return replace(super()._one(text), escalation=Escalation(0.1, "high", TOLD))


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    home: Path = tmp_path_factory.mktemp("home")
    with serving(home, Telling(), watch=False) as found:
        found.web.base_url = "https://testserver"  # type: ignore[assignment]
        take(found, "R-1")
        sign_in(found)
        yield found


def reasons(client: Client) -> list[str]:
    page = client.web.get("/desk/tickets/R-1").text
    lists = re.findall(r'<ul class="reasons">(.*?)</ul>', page, re.DOTALL)
    items = [item for one in lists for item in re.findall(r"<li.*?</li>", one, re.DOTALL)]
    return [unescape(re.sub(r"<[^>]+>|\s", "", item)) for item in items]


def test_every_reason_says_its_direction_once_and_in_words(client: Client) -> None:
    assert reasons(client) == [
        f"▲提到重复反映（提高风险）{TEXT[8:12]}+0.70",
        "▽诉求性质为咨询（降低风险）-0.90",
        "▲登记金额50元提高风险+0.30",
        "▽没有转办过降低风险-0.20",
    ]
