"""POST /v1/tag: what comes back for good input, and for every kind of bad input."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import Request
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from service_fakes import Client, FakeEngine, error, serving

from service.body import read_body
from service.errors import BodyTooSlow
from service.schemas import Assessed, NarrativeIn, TagResults
from triage.errors import BodyTooLarge
from triage.wire import CONTEXT_FIELDS

BIG = 10 * 1024 * 1024


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    with serving(tmp_path_factory.mktemp("home"), FakeEngine()) as found:
        yield found


def test_one_narrative_gives_one_assessed_complaint(client: Client) -> None:
    answer = client.tag({"id": "T-1", "text": "我要退年费"})
    assert answer.status_code == 200
    Assessed.model_validate(answer.json(), strict=True)
    assert answer.json()["id"] == "T-1"
    assert answer.json()["line"] == "fee_dispute"
    assert answer.json()["evidence"] == [{"start": 3, "end": 5, "text": "年费", "weight": 1.7}]


def test_a_batch_gives_results_in_order(client: Client) -> None:
    rows = [{"id": str(i), "text": "年费" if i % 2 else "天气"} for i in range(5)]
    answer = client.tag({"narratives": rows})
    assert answer.status_code == 200
    TagResults.model_validate(answer.json(), strict=True)
    results = answer.json()["results"]
    assert [r["id"] for r in results] == ["0", "1", "2", "3", "4"]
    assert [r["abstained"] for r in results] == [True, False, True, False, True]


def test_an_empty_batch_has_no_results(client: Client) -> None:
    assert client.tag({"narratives": []}).json() == {"results": []}


def test_a_batch_of_the_most_narratives_is_taken_and_one_more_is_not(client: Client) -> None:
    assert len(client.tag({"narratives": [{"text": "年费"}] * 256}).json()["results"]) == 256
    facts = error(client.tag({"narratives": [{"text": "年费"}] * 257}), 413, "too_many_narratives")
    assert "257" in facts["message"]


def test_context_reaches_the_engine(client: Client) -> None:
    body = {
        "text": "年费",
        "ticket_id": "T-9",
        "received_at": "2026-11-23T09:30:00+08:00",
        "channel": "phone",
        "visited_branch": False,
        "amount_cny": 12,
        "prior_complaints_90d": 2,
    }
    answer = client.tag(body)
    assert answer.json()["id"] == "T-9"
    assert client.engine is not None
    context = client.engine.calls[-1][1][0]
    assert (context.channel, context.amount_cny, context.visited_branch) == ("phone", 12.0, False)
    assert context.received_at is not None


def test_every_context_field_is_a_field_of_the_request() -> None:
    assert set(NarrativeIn.model_fields) == {"text", "id", *CONTEXT_FIELDS}


@pytest.mark.parametrize(
    "text",
    [
        "",
        " \n\t",
        "😀🎉👍",
        "please refund my fee",
        "\x00\x01\x02\x7f",
        "%PDF-1.4\ufffd",
        "卡" * 20_000,
    ],
)
def test_text_that_cannot_be_read_is_answered(client: Client, text: str) -> None:
    answer = client.tag({"text": text})
    assert answer.status_code == 200
    assert answer.json()["abstained"] is True


def test_a_narrative_that_is_too_long_is_refused_and_named(client: Client) -> None:
    facts = error(client.tag({"text": "卡" * 20_001}), 413, "narrative_too_long")
    assert "20,001" in facts["message"]
    rows = [{"text": "年费"}, {"text": "卡" * 20_001}]
    assert (
        "narratives[1]"
        in error(client.tag({"narratives": rows}), 413, "narrative_too_long")["message"]
    )


BAD_JSON = {
    "nothing": b"",
    "blank": b" \n ",
    "cut off": b'{"text": "\xe5',
    "not utf-8": b'{"text": "\xff\xfe"}',
    "gb18030": '{"text": "年费"}'.encode("gb18030"),
    "utf-16": '{"text": "年费"}'.encode("utf-16"),
    "binary": bytes(range(256)) * 10,
    "gzip": b"\x1f\x8b\x08\x00\x00",
    "surrogate as bytes": b'{"text": "\xed\xa0\x80"}',
    "trailing comma": b'{"text": "a",}',
    "single quotes": b"{'text': 'a'}",
    "two objects": b'{"text": "a"}{"text": "b"}',
    "raw control character": b'{"text": "a\nb"}',
    "NaN": b'{"text": "a", "amount_cny": NaN}',
    "Infinity": b'{"text": "a", "amount_cny": -Infinity}',
    "name twice": b'{"text": "a", "text": "b"}',
    "name twice inside": b'{"narratives": [{"text": "a", "id": "1", "id": "2"}]}',
    "surrogate name twice": b'{"\\ud800": 1, "\\ud800": 2}',
    "nested lists": b"[" * 500_000,
    "nested objects": b'{"a":' * 150_000,
    "nested, closed": b'{"text":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "endless digits": b'{"text": "a", "amount_cny": ' + b"9" * 100_000 + b"}",
    "form": b"text=%E5%B9%B4%E8%B4%B9",
}


@pytest.mark.parametrize("name", BAD_JSON)
def test_a_body_that_is_not_good_json_is_refused(client: Client, name: str) -> None:
    error(client.tag(BAD_JSON[name]), 422, "invalid_json")


BAD_INPUT: dict[str, Any] = {
    "list": [],
    "string": "年费",
    "number": 1,
    "null": None,
    "no text": {},
    "text null": {"text": None},
    "text number": {"text": 5},
    "text list": {"text": ["年费"]},
    "text object": {"text": {"a": 1}},
    "both": {"text": "a", "narratives": []},
    "narratives null": {"narratives": None},
    "narratives object": {"narratives": {"text": "a"}},
    "narratives of strings": {"narratives": ["年费"]},
    "narratives of lists": {"narratives": [[]]},
    "a bad one among good": {"narratives": [{"text": "年费"}, {"text": 1}]},
    "unknown field": {"text": "a", "prior_complaint_90d": 1},
    "unknown field, half a pair": {"text": "a", "\ud800": 1},
    "id number": {"text": "a", "id": 5},
    "id long": {"text": "a", "id": "x" * 201},
    "channel unknown": {"text": "a", "channel": "pigeon"},
    "channel object": {"text": "a", "channel": {}},
    "moment without zone": {"text": "a", "received_at": "2026-11-23T09:30:00"},
    "moment not one": {"text": "a", "received_at": "yesterday"},
    "moment number": {"text": "a", "received_at": 1_700_000_000},
    "moment before time": {"text": "a", "received_at": "0000-00-00T00:00:00Z"},
    "flag word": {"text": "a", "visited_branch": "yes"},
    "flag number": {"text": "a", "visited_branch": 1},
    "amount word": {"text": "a", "amount_cny": "12"},
    "amount flag": {"text": "a", "amount_cny": True},
    "amount below nothing": {"text": "a", "amount_cny": -1},
    "count half": {"text": "a", "transfers": 1.5},
    "count too big": {"text": "a", "transfers": 10**400},
    "count below nothing": {"text": "a", "group_size": -1},
    "product object": {"text": "a", "product": {"name": "卡"}},
    "half a pair in text": {"text": "年费\ud83d"},
    "other half": {"text": "\ude00年费"},
    "half a pair in id": {"text": "年费", "id": "\ud800"},
    "half a pair in a batch": {"narratives": [{"text": "\udfff"}]},
}


@pytest.mark.parametrize("name", BAD_INPUT)
def test_input_of_the_wrong_form_is_refused_with_a_cure(client: Client, name: str) -> None:
    # Escaped as Python's json writes it, so that half a surrogate pair travels.
    facts = error(client.tag(json.dumps(BAD_INPUT[name]).encode()), 422, "invalid_input")
    assert facts["cure"] or "not valid" in facts["message"]


def test_a_number_beyond_every_float_is_refused(client: Client) -> None:
    error(client.tag(b'{"text": "a", "amount_cny": 1e400}'), 422, "invalid_input")
    digits = b"9" * 400
    error(client.tag(b'{"text": "a", "amount_cny": ' + digits + b"}"), 422, "invalid_input")


def test_whole_escaped_pairs_and_a_byte_order_mark_are_fine(client: Client) -> None:
    assert client.tag(b'\xef\xbb\xbf{"text": "\\ud83d\\ude00"}').json()["masked_text"] == "😀"


def test_a_body_of_ten_megabytes_is_refused_declared_or_not(client: Client) -> None:
    body = b'{"text": "' + b"a" * BIG + b'"}'
    error(client.tag(body), 413, "body_too_large")
    pieces = (body[i : i + 65_536] for i in range(0, len(body), 65_536))
    answer = client.web.post("/v1/tag", content=pieces, headers=client.bearer())
    assert "content-length" not in answer.request.headers
    error(answer, 413, "body_too_large")


@pytest.mark.parametrize(("sent", "read"), [(10, 10), (1_000, 17)])
def test_a_body_too_large_is_read_to_its_end_unless_there_is_none(sent: int, read: int) -> None:
    # A caller that still writes while the connection is closed never sees the refusal.
    megabytes = [0]

    async def receive() -> dict[str, Any]:
        megabytes[0] += 1
        more = megabytes[0] < sent
        return {"type": "http.request", "body": b"a" * 2**20, "more_body": more}

    request = Request({"type": "http", "method": "POST", "headers": []}, receive)
    with pytest.raises(BodyTooLarge):
        asyncio.run(read_body(request, limit=2**20, seconds=30))
    assert megabytes == [read]


@pytest.mark.parametrize("length", ["9" * 5_000, "1048577"])
def test_a_declared_length_beyond_the_limit_is_refused_unread(client: Client, length: str) -> None:
    headers = {**client.bearer(), "Content-Length": length}
    error(client.web.post("/v1/tag", content=b"{}", headers=headers), 413, "body_too_large")


def test_a_compressed_body_is_refused(client: Client) -> None:
    headers = {**client.bearer(), "Content-Encoding": "gzip"}
    error(client.web.post("/v1/tag", content=b"x", headers=headers), 415, "encoding_not_supported")


def test_a_body_that_does_not_arrive_is_given_up() -> None:
    async def never() -> dict[str, Any]:
        await asyncio.sleep(60)
        raise AssertionError

    request = Request({"type": "http", "method": "POST", "headers": []}, receive=never)
    with pytest.raises(BodyTooSlow, match="send it again"):
        asyncio.run(read_body(request, limit=10, seconds=0.01))


def test_a_fault_says_nothing_of_the_request(client: Client) -> None:
    answer = client.tag({"text": "这里坏掉了，我的名字叫张三"})
    error(answer, 500, "internal_error")
    assert "坏掉" not in answer.text
    assert "张三" not in answer.text
    assert client.tag({"text": "年费"}).status_code == 200


def test_refusals_never_repeat_the_text(client: Client) -> None:
    for body in ({"text": ["秘密内容"]}, {"text": "秘密内容" * 9_000}, {"narratives": "秘密内容"}):
        assert "秘密" not in client.tag(body).text


def test_short_and_long_ways_give_the_same_answer(tmp_path: Path) -> None:
    with serving(tmp_path, FakeEngine(), inline_bytes_max=0) as aside:
        long_way = aside.tag({"text": "我要退年费", "id": "1"}).json()
    with serving(tmp_path, FakeEngine(), inline_bytes_max=10_000) as inline:
        assert inline.tag({"text": "我要退年费", "id": "1"}).json() == long_way


_JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(st.characters()),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["text", "narratives", "id", "channel", "amount_cny"]) | st.text(),
            inner,
        )
    ),
    max_leaves=12,
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(_JSON)
def test_no_json_value_is_a_fault(client: Client, body: Any) -> None:
    assert client.tag(json.dumps(body).encode()).status_code in {200, 413, 422}


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=200))
def test_no_bytes_are_a_fault(client: Client, body: bytes) -> None:
    assert client.tag(body).status_code in {200, 422}
