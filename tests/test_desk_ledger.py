"""The pages ledger, board and model over HTTP: filters, assignment, files, figures, roles."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from desk_fakes import TEXT, desk, field, hostile, parts, post, take
from desk_fakes import sign_in as signed_in
from service_fakes import Client

from service.access.keys import Role
from service.desk.model_view import by_version, judge, promoted
from service.desk.shares import Share
from service.store import audit
from service.store.judged import Reviewed

LEDGER, IMPORTS = "/desk/ledger", "/desk/ledger/imports"


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    with desk(tmp_path_factory.mktemp("home"), tickets=0) as found:
        take(found, "A-1", channel="regulator_formal", unit="东街支行", customer_key="c-1")
        take(found, "A-2", channel="phone", unit="东街支行", customer_key="c-1")
        take(found, "A-3", text="不知道在说什么", channel="phone", unit="西街支行")
        yield found


def sign_in(client: Client, role: Role = Role.REVIEWER) -> None:
    client.web.cookies.clear()
    assert signed_in(client, role).status_code == 303


def token(page: httpx.Response) -> str:
    return field(page, "csrf")


def noted(client: Client, what: str) -> list[Any]:
    entries = parts(client).database.ask(lambda s: audit.entries(s, limit=500))
    return [one for one in entries if one.what == what]


def rows(page: str) -> list[str]:
    return re.findall('id="row-([^"]+)"', page)


# ---- the ledger ------------------------------------------------------------------------------


def test_filters_stay_in_the_address(client: Client) -> None:
    sign_in(client)
    today = parts(client).ledger.now().date().isoformat()
    query = f"unit=东街支行&channel=phone&since={today}&until={today}&band=high"
    page = client.web.get(f"{LEDGER}?{query}&about=nothing&owner_level=x&view=y").text
    assert rows(page) == ["A-2"]
    assert f'name="since" value="{today}"' in page
    assert 'value="phone" selected' in page
    assert f"since={today}&amp;until={today}&amp;view=unit" in page
    assert rows(client.web.get(f"{LEDGER}?until=2020-01-01").text) == []
    assert rows(client.web.get(f"{LEDGER}?about=repeat").text) == ["A-2"]
    assert client.web.get(f"{LEDGER}?until=9999-12-31&about=leak").status_code == 200
    assert client.web.get(f"{LEDGER}?cursor=zz").status_code == 422
    assert noted(client, "ledger.read")


def test_counts_lead_to_their_tickets(client: Client) -> None:
    sign_in(client)
    page = client.web.get(f"{LEDGER}?view=line&channel=phone").text
    assert f'href="{LEDGER}?channel=phone&amp;line=fee_dispute"' in page
    assert f'href="{LEDGER}?channel=phone&amp;band=high&amp;line=fee_dispute"' in page
    for view in ("unit", "owner_unit"):
        assert "<table" in client.web.get(f"{LEDGER}?view={view}").text
    assert "<table" not in client.web.get(f"{LEDGER}?view=unit&unit=none").text


def test_what_is_chosen_is_given_as_a_file(client: Client) -> None:
    sign_in(client, Role.SCIENTIST)
    answer = client.web.get(f"{LEDGER}/export?unit=东街支行&about=repeat&format=jsonl")
    assert [json.loads(line)["id"] for line in answer.text.splitlines()] == ["A-2"]
    assert "attachment" in answer.headers["content-disposition"]
    answer = client.web.get(f"{LEDGER}/export?channel=phone")
    assert answer.text.startswith("\ufeffid,")
    assert client.web.get(f"{LEDGER}/export?format=exe").status_code == 422
    told = noted(client, "ledger.exported")[0]
    assert (told.role, told.data["channel"]) == ("scientist", "phone")


def assign(client: Client, *tickets: str, who: str = "W-7", **more: str) -> httpx.Response:
    page = client.web.get(LEDGER)
    nonce = re.search('name="nonce" value="([^"]+)"', page.text)
    sent = {"csrf": token(page), "nonce": nonce[1] if nonce else "", "assignee": who, **more}
    return client.web.post(f"{LEDGER}/assign", data={**sent, "ticket": list(tickets)})


def test_several_tickets_are_given_to_one_person(client: Client) -> None:
    for name in ("B-1", "B-2", "B-3"):
        take(client, name)
    headers = client.bearer(Role.REVIEWER)
    ended = {"kind": "withdrawal"}
    client.web.post("/v1/complaints/B-3/events", json=ended, headers=headers)
    sign_in(client)
    answer = assign(client, "B-1", "B-2", "B-3", "none", q="channel=phone")
    assert answer.status_code == 200
    told = answer.text.split('role="status"')[2 if 'id="notices"' in answer.text else 1]
    assert "B-3" in told
    assert "none" in told
    for name in ("B-1", "B-2"):
        shown = client.get(f"/v1/complaints/{name}", Role.REVIEWER).json()
        assert (shown["assignee"], shown["state"]) == ("W-7", "in_progress")
    assert {one.ticket_id for one in noted(client, "event.assignment")} == {"B-1", "B-2"}


def test_the_same_form_twice_assigns_once(client: Client) -> None:
    take(client, "B-9")
    sign_in(client)
    for _ in range(2):
        assign(client, "B-9", nonce="same")
    assign(client, "B-9", who="W-8", nonce="same")
    events = client.get("/v1/complaints/B-9", Role.REVIEWER).json()["events"]
    assert [one["data"]["assignee"] for one in events] == ["W-7", "W-8"]


@pytest.mark.parametrize("who", ["", "张伟", "a b", "x" * 65])
def test_a_person_is_an_identifier(client: Client, who: str) -> None:
    sign_in(client)
    assert assign(client, "A-1", who=who).status_code == 422


# ---- roles -----------------------------------------------------------------------------------


def test_roles_decide_what_is_shown_and_done(client: Client) -> None:
    sign_in(client, Role.SCIENTIST)
    page = client.web.get(LEDGER)
    assert 'name="ticket"' not in page.text
    assert IMPORTS not in page.text
    sent = {"csrf": token(page), "assignee": "W-1", "ticket": "A-1"}
    assert client.web.post(f"{LEDGER}/assign", data=sent).status_code == 403
    for role in (Role.SCIENTIST, Role.REVIEWER):
        sign_in(client, role)
        assert client.web.get(IMPORTS).status_code == 403
        assert client.web.post(IMPORTS, files={"file": ("x.csv", b"x")}).status_code == 403
        assert client.web.get("/desk/board").status_code == 200
    client.web.cookies.clear()
    for path in (LEDGER, "/desk/board", "/desk/model", IMPORTS, f"{LEDGER}/export"):
        led = client.web.get(path, follow_redirects=False).headers["location"]
        assert led.startswith("/desk/sign-in"), path


def test_no_form_is_taken_without_its_token(client: Client) -> None:
    sign_in(client, Role.ADMIN)
    assert client.web.post(f"{LEDGER}/assign", data={"ticket": "A-1"}).status_code == 403
    assert client.web.post(IMPORTS, files={"file": ("x.csv", b"x")}).status_code == 403
    for act in ("take", "drop", "undo"):
        assert client.web.post(f"{IMPORTS}/1/{act}", data={}).status_code == 403


# ---- files -----------------------------------------------------------------------------------


def send(client: Client, content: str | bytes, name: str = "工单.csv") -> httpx.Response:
    sign_in(client, Role.ADMIN)
    page = client.web.get(IMPORTS)
    raw = content.encode() if isinstance(content, str) else content
    data = {"csrf": token(page)}
    return client.web.post(IMPORTS, data=data, files={"file": (name, raw, "text/csv")})


def act(client: Client, page: httpx.Response, what: str) -> httpx.Response:
    path = httpx.URL(str(page.url)).path
    return client.web.post(f"{path}/{what}", data={"csrf": token(page)})


def fates(page: httpx.Response) -> list[int]:
    return [int(n) for n in re.findall(r'class="fate fate-\w+"><strong>(\d+)<', page.text)]


def file_of(prefix: str) -> str:
    lines = ["编号,内容,渠道,机构,涉及金额,visited_branch,note"]
    lines += [f"{prefix}-{n},年费第{n}次收错,phone,东街支行,{n}00.5,是,x" for n in range(3)]
    lines += [
        "A-1,别的内容,phone,,,,",
        ",没有编号,,,,,",
        f"{prefix}-9,,,,,,",
        f"{prefix}-8,年费,fax,,,,",
    ]
    return "\r\n".join(lines)


def test_a_file_is_looked_at_before_anything_changes(client: Client) -> None:
    page = send(client, file_of("F"))
    assert fates(page) == [3, 0, 1, 3]
    assert "<code>note</code>" in page.text
    assert "F-0" in page.text
    assert "第0次" not in page.text
    assert client.get("/v1/complaints/F-0", Role.REVIEWER).status_code == 404
    kept = str(parts(client).database.url.database)
    assert "第0次收错".encode() not in Path(kept).read_bytes()
    page = act(client, page, "drop")
    assert str(page.url).endswith(IMPORTS)
    assert [one.data["new"] for one in noted(client, "import.sent")] == [3]
    assert noted(client, "import.dropped")


def test_a_file_is_taken_in_once_and_taken_back(client: Client) -> None:
    page = send(client, file_of("G"))
    after = act(client, page, "take")
    assert fates(after) == [3, 0, 1, 3]
    shown = client.get("/v1/complaints/G-1", Role.REVIEWER).json()
    assert shown["context"]["amount_cny"] == 100.5
    assert shown["context"]["visited_branch"] is True
    sent = {"csrf": token(page)}
    path = httpx.URL(str(page.url)).path
    assert client.web.post(f"{path}/take", data=sent).status_code == 409
    assert fates(send(client, file_of("G"))) == [0, 3, 1, 3]
    post(client, "/v1/complaints/G-1/events", {"kind": "note", "note": "已致电"})
    sent = {"csrf": token(client.web.get(IMPORTS))}
    after = client.web.post(f"{path}/undo", data=sent)
    assert "G-1" in after.text
    assert 'href="/desk/tickets/G-0"' not in after.text
    for name, status in (("G-0", 404), ("G-1", 200), ("G-2", 404)):
        assert client.get(f"/v1/complaints/{name}", Role.REVIEWER).status_code == status
    assert {one.ticket_id for one in noted(client, "ticket.removed")} == {"G-0", "G-2"}
    assert client.web.post(f"{path}/undo", data=sent).status_code == 409
    # Its identifiers are free again.
    assert fates(send(client, file_of("G")))[0] == 2


def test_jsonl_and_what_excel_writes(client: Client) -> None:
    lines = [{"ticket_id": "J-1", "text": "年费"}, {"ticket_id": "J-1", "text": "另一个"}, [1]]
    text = "\n".join([*(json.dumps(one) for one in lines), "{", ""])
    assert fates(send(client, text, "x.jsonl")) == [1, 0, 1, 2]
    assert fates(send(client, "编号,内容\nK-1,年费\n".encode("gb18030"))) == [1, 0, 0, 0]


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"", "x.csv"),
        (b"a,b\n1,2\n", "x.csv"),
        (b"ticket_id,text\n", "x.csv"),
        (b"\xff\xfe\x00\xd8", "x.csv"),
        # A character cut in UTF-8: read as GB 18030, every ticket would be other characters.
        ("ticket_id,text\nL-1,年费\n".encode() + b"L-2,\xe5\xb9\xb4\xe8", "x.csv"),
        (b"ticket_id,text\n1,x\n", "x.exe"),
        (b"ticket_id,text\n" + b"1,x\n" * 5001, "x.csv"),
    ],
    ids=["empty", "no columns", "no rows", "no text", "damaged", "extension", "too many"],
)
def test_files_that_cannot_be_read(client: Client, content: bytes, name: str) -> None:
    assert send(client, content, name).status_code == 422


def test_hostile_files_and_assignments_stay_texts(client: Client) -> None:
    texts = hostile()
    lines = [
        json.dumps({"ticket_id": f"H-{n}" if n % 2 else text, "text": text, "unit": text, text: 1})
        for n, text in enumerate(texts)
    ]
    page = send(client, "\n".join(lines), f"{texts[0]}.jsonl")
    pages = [page, act(client, page, "take"), client.web.get(IMPORTS)]
    for view in ("tickets", "line", "unit", "owner_unit"):
        pages.append(client.web.get(LEDGER, params={"view": view, "owner": ""}))
    pages += [client.web.get(LEDGER, params={"unit": t, "cursor": ""}) for t in texts]
    pages.append(client.web.get("/desk/board"))
    for one in pages:
        assert one.status_code == 200
        own = r'<script src="/static/desk/[\w.]+\?v=\w+" defer>'
        assert all(re.fullmatch(own, tag) for tag in re.findall("<script[^>]*>", one.text))
        assert not re.search(r"<(?:img|iframe|object|embed|style|base|marquee|math)\b", one.text)
    act(client, pages[1], "undo")


# ---- board and model -------------------------------------------------------------------------


def test_the_board_counts_and_leads_to_the_tickets(client: Client) -> None:
    post(client, "/v1/review/A-1/verdict", {"verdict": "correct", "line": "card_service"})
    post(client, "/v1/review/A-2/verdict", {"verdict": "confirm"})
    sign_in(client)
    page = client.web.get("/desk/board?days=7").text
    links = [
        link.replace("&amp;", "&") for link in re.findall(r'href="(/desk/ledger\?[^"]+)"', page)
    ]
    assert len(links) > 10
    for link in dict.fromkeys(links):
        assert client.web.get(link).status_code == 200
    (about,) = {link for link in links if link.endswith("about=repeat")} - {
        link for link in links if "line=" in link or "unit=" in link
    }
    assert rows(client.web.get(about).text)
    assert "50%" in page  # one of two verdicts gave another line
    assert page.count('class="chart"') == 2  # no contact is owed and over yet
    for days in ("90", "365", "1", "x"):
        assert client.web.get(f"/desk/board?days={days}").status_code == 200
    assert noted(client, "board.read")


def test_an_empty_desk_shows_its_pages(tmp_path: Path) -> None:
    with desk(tmp_path, tickets=0) as client:
        sign_in(client, Role.ADMIN)
        for path in (LEDGER, f"{LEDGER}?view=line", "/desk/board", "/desk/model", IMPORTS):
            for language in ("zh", "en"):
                page = client.web.get(path, params={"lang": language})
                assert page.status_code == 200, path


def test_the_model_page(client: Client) -> None:
    sign_in(client, Role.SCIENTIST)
    page = client.web.get("/desk/model").text
    assert "fake.1" in page
    assert TEXT not in page
    assert noted(client, "model.read")[0].data == {"version": "fake.1"}


def said(kind: str = "confirm", probability: float = 0.9, **corrections: Any) -> Reviewed:
    at = datetime(2026, 11, 29, tzinfo=UTC) - timedelta(hours=1)
    return Reviewed(at, kind, corrections, "m.1", "fraud", probability, 0.1)


def test_a_model_is_judged_by_verdicts() -> None:
    reviewed = [
        *[said()] * 6,
        said("correct", 0.55, line="card_service"),
        said("correct", 0.52, risk="too_low"),
        said("unsure"),
        said("not_complaint", nature="inquiry"),
    ]
    found = judge(reviewed)
    assert (found.line.hits, found.line.total, found.reviewed) == (7, 8, 10)
    assert [(one.low, one.right.hits, one.right.total) for one in found.bins] == [
        (0.5, 1, 2),
        (0.9, 6, 6),
    ]
    assert found.changes["too_low"].hits == found.changes["unsure"].hits == 1
    assert found.gap == pytest.approx((6 * 0.1 + 2 * 0.035) / 8)
    assert list(by_version(reviewed)) == ["m.1"]
    assert judge([]).gap is None


def test_an_interval_after_wilson() -> None:
    share = Share(7, 8)
    # R: binom::binom.confint(7, 8, methods = "wilson")
    assert share.low == pytest.approx(0.5291, abs=1e-4)
    assert share.high == pytest.approx(0.9776, abs=1e-4)
    assert Share(0, 0).low is None
    assert (Share(0, 5).low, Share(5, 5).high) == (0.0, 1.0)


def test_promotions_are_read_with_care(tmp_path: Path) -> None:
    assert promoted(tmp_path) == []
    good = {
        "at": "2026-11-28T22:27:13+00:00",
        "action": "promote",
        "version": "1",
        "previous": None,
    }
    lines = [json.dumps(good), "{", "[]", '{"at": "x"}', json.dumps(good | {"version": "2"})]
    (tmp_path / "HISTORY.jsonl").write_text("\n".join(lines), encoding="utf-8")
    assert [one.version for one in promoted(tmp_path)] == ["2", "1"]
