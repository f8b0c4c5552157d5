"""What the desk sends is compressed and kept; what programs call is left as it is."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from desk_fakes import desk, sign_in
from service_fakes import Client

from service.static_files import FOLDER, versioned

PACKED = {"Accept-Encoding": "gzip"}
PLAIN = {"Accept-Encoding": "identity"}
FIRST_PAGE_BYTES = 200_000


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    with desk(tmp_path_factory.mktemp("home")) as found:
        sign_in(found)
        yield found


def test_pages_are_packed_for_whom_takes_that(client: Client) -> None:
    packed = client.web.get("/desk/queue", headers=PACKED)
    plain = client.web.get("/desk/queue", headers=PLAIN)
    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert int(packed.headers["content-length"]) < len(plain.content) / 2
    assert len(packed.content) == len(plain.content)
    for answer in (packed, plain):
        assert answer.headers["vary"] == "Accept-Encoding"
        assert answer.headers["cache-control"] == "no-store"


def test_what_programs_call_is_not_packed(client: Client) -> None:
    body = {"narratives": [{"text": "年费" * 500}] * 8}
    answer = client.web.post("/v1/tag", json=body, headers={**client.bearer(), **PACKED})
    assert answer.status_code == 200
    assert len(answer.content) > 2000
    assert "content-encoding" not in answer.headers
    listed = client.web.get("/v1/complaints", headers={**client.bearer(), **PACKED})
    assert "content-encoding" not in listed.headers


def test_the_first_page_with_all_its_files_is_small(client: Client) -> None:
    page = client.web.get("/desk/queue", headers=PACKED)
    files = re.findall(r'(?:href|src)="(/static/[^"]+)"', page.text)
    answers = [page, *(client.web.get(name, headers=PACKED) for name in files)]
    assert len(files) >= 4
    assert sum(int(one.headers["content-length"]) for one in answers) < FIRST_PAGE_BYTES


def test_a_file_is_kept_for_ever_under_the_hash_of_its_content(client: Client) -> None:
    name = versioned("desk/desk.css")
    content = (FOLDER / "desk" / "desk.css").read_bytes()
    for asked in (PACKED, PLAIN):
        answer = client.web.get(name, headers=asked)
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert answer.headers["vary"] == "Accept-Encoding"
        assert answer.headers["content-type"].startswith("text/css")
        assert answer.content == content
    for other in ("/static/desk/desk.css", "/static/desk/desk.css?v=0", name + "&x=1"):
        assert client.web.get(other).headers["cache-control"] == "no-cache"


def test_a_file_that_did_not_change_is_not_sent_again(client: Client) -> None:
    for asked in (PACKED, PLAIN):
        first = client.web.get("/static/desk/desk.js", headers=asked)
        again = {**asked, "If-None-Match": first.headers["etag"]}
        assert client.web.get("/static/desk/desk.js", headers=again).status_code == 304


def test_what_is_asked_of_a_file_besides_is_answered(client: Client) -> None:
    head = client.web.head(versioned("desk/desk.js"), headers=PACKED)
    assert (head.status_code, head.content) == (200, b"")
    assert client.web.get("/static/desk/none.js").status_code == 404
    part = client.web.get("/static/desk/desk.js", headers={**PLAIN, "Range": "bytes=0-9"})
    assert (part.status_code, len(part.content)) == (206, 10)
