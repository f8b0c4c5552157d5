"""Concepts on the page of a ticket: names and words, never codes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
from desk_fakes import post, sign_in
from service_fakes import Client, FakeEngine, serving

from service.access.keys import Role
from service.desk.concepts import finder_of, spoken
from triage.concepts import load_concepts
from triage.config import data_dir
from triage.records import Assessment

TEXT = "我的卡被凍結了，银行卡被冻结，<b>找客服</b>也没用"
CODES = ("account_frozen", "once_known")


class Reads(FakeEngine):
    def _one(self, text: str) -> Assessment:
        return replace(super()._one(text), concepts=CODES if "银行卡" in text else ())


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    with serving(tmp_path_factory.mktemp("home"), Reads(), watch=False) as running:
        running.web.base_url = "https://testserver"  # type: ignore[assignment]
        sign_in(running)
        yield running


def test_every_concept_has_its_name_and_the_words_as_submitted() -> None:
    finder = finder_of(data_dir())
    for one in load_concepts(data_dir() / "concepts"):
        assert finder.name(one.code) == one.zh
    frozen, gone = spoken(TEXT, CODES, finder)
    assert frozen.name == "账户被冻结"
    assert any("凍結" in word for word in frozen.words)
    assert all(word in TEXT for word in frozen.words)
    assert (gone.name, gone.words) == ("once_known", ())


def test_tokens_of_masking_say_nothing() -> None:
    said = spoken("[银行卡1]被冻结", ("account_frozen",), finder_of(data_dir()))
    assert all("[" not in word for word in said[0].words)


def test_the_page_names_concepts_with_their_words(client: Client) -> None:
    body = {"ticket_id": "T-c", "text": TEXT}
    assert post(client, "/v1/complaints", body, Role.INTAKE).status_code == 201
    page = client.web.get("/desk/tickets/T-c", params={"lang": "zh"}).text
    (told,) = re.findall(r'<p class="concepts[^>]*>(.*?)</p>', page, re.DOTALL)
    assert "账户被冻结" in told
    assert "account_frozen" not in page
    assert "<q>" in told
    assert "<b>" not in page


def test_a_ticket_without_concepts_says_nothing_of_them(client: Client) -> None:
    body = {"ticket_id": "T-n", "text": "年费多扣"}
    assert post(client, "/v1/complaints", body, Role.INTAKE).status_code == 201
    assert 'class="concepts' not in client.web.get("/desk/tickets/T-n").text
