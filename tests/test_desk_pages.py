"""The pages of the desk: signing in, forged forms, roles, hostile texts, every verdict."""

from __future__ import annotations

from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from desk_fakes import desk, field, fixtures, hostile, parts, post, sign_in, take
from service_fakes import Client

from service.access.keys import Role
from service.desk.settings import load_desk
from service.store import audit, verdicts
from service.store.complaints import get
from triage.taxonomy import load_taxonomy

DESK = load_desk()


running, client = fixtures(tickets=0)


def send(client: Client, ticket_id: str, what: str, /, **data: Any) -> httpx.Response:
    """Send a form of a ticket's page as a browser without script does."""
    page = client.web.get(f"/desk/tickets/{ticket_id}")
    sent = {"csrf": field(page, "csrf"), "q": "", **data}
    url = f"/desk/tickets/{ticket_id}/{what}"
    return client.web.post(url, data=sent, follow_redirects=False)


_COUNT = iter(range(1000))


@pytest.fixture
def ticket(client: Client) -> str:
    ident = f"P-{next(_COUNT)}"
    take(client, ident, channel="phone", customer_key="c-7", product="信用卡", amount_cny=50_000)
    return ident


def kept(client: Client, ticket_id: str) -> list[Any]:
    return parts(client).database.ask(lambda s: verdicts.of(s, get(s, ticket_id).id))


# ---- signing in ------------------------------------------------------------------------------


def test_a_key_opens_a_session_and_signing_out_ends_it(client: Client) -> None:
    assert client.web.get("/desk/queue", follow_redirects=False).headers["location"] == (
        "/desk/sign-in"
    )
    answer = sign_in(client)
    assert answer.status_code == 303
    cookie = next(c for c in answer.headers.get_list("set-cookie") if c.startswith("jiesu_desk="))
    assert {"HttpOnly", "Secure", "SameSite=strict", "Path=/desk"} <= set(cookie.split("; "))
    page = client.web.get("/desk/queue")
    assert page.status_code == 200
    assert page.headers["cache-control"] == "no-store"
    secret = client.web.cookies["jiesu_desk"]
    client.web.post("/desk/sign-out", data={"csrf": field(page, "csrf")})
    client.web.cookies.set("jiesu_desk", secret, domain="testserver.local", path="/desk")
    assert client.web.get("/desk/queue", follow_redirects=False).status_code == 303


def test_the_database_does_not_hold_what_the_cookie_does(client: Client) -> None:
    from store_fixtures import found_in

    sign_in(client)
    assert found_in(parts(client).database, client.web.cookies["jiesu_desk"]) == []


def test_on_this_machine_the_cookie_needs_no_tls(client: Client) -> None:
    page = client.web.get("http://127.0.0.1:8000/desk/sign-in")
    assert "Secure" not in page.headers["set-cookie"]
    assert "Secure" in client.web.get("http://desk.bank.example/desk/sign-in").headers["set-cookie"]


@pytest.mark.parametrize("idle", [True, False])
def test_a_session_ends(client: Client, monkeypatch: pytest.MonkeyPatch, idle: bool) -> None:
    sign_in(client)
    ledger = parts(client).ledger
    start = ledger.now()
    minutes = DESK.session.idle_minutes if idle else DESK.session.hours * 60
    step = timedelta(minutes=minutes + 2) if idle else timedelta(minutes=30)
    at = start
    while at < start + timedelta(minutes=minutes):
        at += step
        monkeypatch.setattr(ledger, "now", lambda at=at: at)
        status = client.web.get("/desk/guide", follow_redirects=False).status_code
        parts(client).writer.submit(lambda _: None).result()  # until it is noted when he was seen
        over = at >= start + timedelta(minutes=minutes)
        assert status == (303 if over else 200), at - start


def test_a_revoked_key_ends_its_sessions(client: Client) -> None:
    keys = parts(client).keys
    token = keys.create(Role.REVIEWER)
    sign_in(client, key=token)
    assert client.web.get("/desk/guide", follow_redirects=False).status_code == 200
    keys.revoke(token.split("_")[1])
    assert client.web.get("/desk/guide", follow_redirects=False).status_code == 303


def test_the_guide_says_of_every_label_what_it_takes_in(client: Client) -> None:
    sign_in(client)
    shown = client.web.get("/desk/guide").text
    taxonomy = load_taxonomy()
    below = (sub for line in taxonomy.lines for sub in line.sublines)
    for label in (*taxonomy.lines, *below, *taxonomy.signals, *taxonomy.natures):
        assert label.zh in shown
        assert label.definition, label.code
        assert label.definition in shown, label.code


def test_failed_tries_lock_a_place_for_a_while(tmp_path: Path) -> None:
    with desk(tmp_path, tickets=0) as client:
        for _ in range(DESK.lockout.tries):
            answer = sign_in(client, key="jiesu_wrong")
            assert answer.status_code == 401
            assert "jiesu_wrong" not in answer.text
        assert sign_in(client).status_code == 429
        ledger = parts(client).ledger
        later = ledger.now() + timedelta(minutes=DESK.lockout.minutes, seconds=1)
        ledger.now = lambda: later  # type: ignore[method-assign]
        assert sign_in(client).status_code == 303
        noted = parts(client).database.ask(lambda s: [one.what for one in audit.entries(s)])
        assert noted[:2] == ["session.opened", "session.refused"]


def test_intake_keys_do_not_open_the_desk(client: Client) -> None:
    assert sign_in(client, Role.INTAKE).status_code == 403


# ---- forged forms ----------------------------------------------------------------------------


@pytest.mark.parametrize("act", ["claim", "release", "verdict", "undo"])
def test_a_form_without_the_token_of_its_session_is_refused(
    client: Client, ticket: str, act: str
) -> None:
    sign_in(client)
    good = field(client.web.get(f"/desk/tickets/{ticket}"), "csrf")
    url = f"/desk/tickets/{ticket}/{act}"
    for data in ({"act": "confirm"}, {"csrf": "", "act": "confirm"}, {"csrf": good[::-1]}):
        assert client.web.post(url, data=data).status_code == 403
    headers = {"sec-fetch-site": "cross-site"}
    assert client.web.post(url, data={"csrf": good}, headers=headers).status_code == 403
    assert kept(client, ticket) == []


def test_a_forged_sign_in_and_sign_out_are_refused(client: Client) -> None:
    data = {"csrf": "x", "key": client.keys[Role.REVIEWER]}
    assert client.web.post("/desk/sign-in", data=data).status_code == 403
    sign_in(client)
    assert client.web.post("/desk/sign-out").status_code == 403
    assert client.web.get("/desk/queue", follow_redirects=False).status_code == 200


def test_a_script_shows_the_token_in_a_header(client: Client, ticket: str) -> None:
    sign_in(client)
    token = field(client.web.get("/desk/queue"), "csrf")
    headers = {"x-csrf-token": token, "accept": "application/json"}
    url = f"/desk/tickets/{ticket}/verdict"
    answer = client.web.post(url, data={"act": "confirm"}, headers=headers)
    assert answer.status_code == 200
    assert answer.json()["id"] == ticket
    refused = client.web.post(url, data={"act": "sing"}, headers=headers)
    assert refused.json()["error"]["code"] == "invalid_input"


# ---- roles -----------------------------------------------------------------------------------


def test_scientists_read_and_see_no_persons(client: Client, ticket: str) -> None:
    take(client, f"{ticket}-b", customer_key="c-7")
    sign_in(client, Role.SCIENTIST)
    page = client.web.get(f"/desk/tickets/{ticket}")
    assert 'id="verdict"' not in page.text
    assert f"{ticket}-b" not in page.text.split('id="h-others"')[1]
    assert send(client, ticket, "verdict", act="confirm").status_code == 403
    assert send(client, ticket, "claim").status_code == 403
    assert kept(client, ticket) == []


def test_reviewers_see_the_other_tickets_of_a_customer(client: Client, ticket: str) -> None:
    take(client, f"{ticket}-b", customer_key="c-7")
    sign_in(client)
    page = client.web.get(f"/desk/tickets/{ticket}").text
    assert f'href="/desk/tickets/{ticket}-b"' in page.split('id="h-others"')[1]


def test_every_view_of_a_ticket_is_in_the_audit_log(client: Client, ticket: str) -> None:
    sign_in(client)
    client.web.get(f"/desk/tickets/{ticket}")
    found = parts(client).database.ask(lambda s: audit.entries(s, ticket_id=ticket))
    assert found[0].what == "ticket.read"
    assert found[0].role == "reviewer"


# ---- verdicts --------------------------------------------------------------------------------

VERDICTS: list[tuple[dict[str, Any], str, dict[str, Any]]] = [
    ({"act": "confirm"}, "confirm", {}),
    ({"act": "too_high"}, "correct", {"risk": "too_high"}),
    ({"act": "too_low"}, "correct", {"risk": "too_low"}),
    ({"act": "not_complaint"}, "not_complaint", {"nature": "other"}),
    ({"act": "unsure"}, "unsure", {}),
    (
        {"act": "correct", "leaf": "fraud.loan_fraud"},
        "correct",
        {"line": "fraud", "subline": "loan_fraud"},
    ),
    ({"act": "correct", "nature": "inquiry"}, "correct", {"nature": "inquiry"}),
    (
        {"act": "correct", "whole": "1", "signal": "repeat:3:5", "secondary": ["fraud"]},
        "correct",
        {"secondary": ["fraud"]},
    ),
    ({"act": "correct", "whole": "1"}, "correct", {"signals": []}),
    (
        {"act": "correct", "whole": "1", "new_code": "media", "new_start": "0", "new_end": "3"},
        "correct",
        {"signals": [{"code": "media", "start": 0, "end": 3}]},
    ),
]


@pytest.mark.parametrize(("data", "kind", "corrections"), VERDICTS, ids=lambda v: str(v)[:40])
def test_every_verdict_of_the_form(
    client: Client, ticket: str, data: dict[str, Any], kind: str, corrections: dict[str, Any]
) -> None:
    sign_in(client)
    answer = send(client, ticket, "verdict", **data)
    assert answer.status_code == 303, answer.text
    assert f"done={ticket}" in answer.headers["location"]
    (verdict,) = kept(client, ticket)
    assert (verdict.kind, verdict.corrections) == (kind, corrections)
    assert verdict.second == (kind == "unsure")
    after = client.web.get(answer.headers["location"])
    assert f'action="/desk/tickets/{ticket}/undo"' in after.text


@pytest.mark.parametrize(
    "data",
    [
        {"act": "sing"},
        {"act": "correct"},
        {"act": "correct", "leaf": "fee_dispute"},
        {"act": "correct", "leaf": "fraud"},
        {"act": "correct", "whole": "1", "signal": "x"},
        {"act": "correct", "whole": "1", "new_code": "media", "new_start": "", "new_end": "³"},
        {"act": "confirm", "note": "x" * 2001},
        {"act": "confirm", "assessment": "one"},
    ],
    ids=str,
)
def test_a_form_that_cannot_be_read_is_refused(
    client: Client, ticket: str, data: dict[str, Any]
) -> None:
    sign_in(client)
    assert send(client, ticket, "verdict", **data).status_code == 422
    assert kept(client, ticket) == []


def test_undo_leads_back_to_the_ticket(client: Client, ticket: str) -> None:
    sign_in(client)
    send(client, ticket, "verdict", act="confirm", q="band=high&sort=risk")
    answer = send(client, ticket, "undo", q="band=high")
    assert answer.headers["location"] == f"/desk/tickets/{ticket}?band=high"
    assert kept(client, ticket)[0].undone_at is not None


def test_a_ticket_that_somebody_works_on_has_no_buttons(client: Client, ticket: str) -> None:
    post(client, f"/v1/review/{ticket}/claim", {}, Role.ADMIN)
    sign_in(client)
    page = client.web.get(f"/desk/tickets/{ticket}")
    assert 'id="verdict"' not in page.text
    assert send(client, ticket, "verdict", act="confirm").status_code == 409
    sent = {"csrf": field(page, "csrf")}
    assert client.web.post(f"/desk/tickets/{ticket}/claim", data=sent).status_code == 409


def test_claim_and_release(client: Client, ticket: str) -> None:
    sign_in(client)
    assert send(client, ticket, "claim").status_code == 303
    assert f'id="row-{ticket}"' in client.web.get("/desk/queue?claimed=mine").text
    answer = send(client, ticket, "release", q="band=high")
    assert answer.headers["location"] == "/desk/queue?band=high"
    assert f'id="row-{ticket}"' not in client.web.get("/desk/queue?claimed=mine").text


# ---- pages -----------------------------------------------------------------------------------


def test_filters_stay_in_the_address_and_odd_ones_are_left_out(client: Client, ticket: str) -> None:
    sign_in(client)
    take(client, f"{ticket}-b", channel="letter")
    page = client.web.get("/desk/queue?band=high&channel=letter&claimed=nobody&sort=x&line=").text
    assert f'href="/desk/tickets/{ticket}-b?band=high&amp;channel=letter"' in page
    assert '<option value="high" selected>' in page
    assert client.web.get("/desk/queue?cursor=zz").status_code == 422
    assert ticket not in client.web.get("/desk/queue?band=low").text


def test_a_script_gets_the_inside_of_a_page(client: Client, ticket: str) -> None:
    sign_in(client)
    take(client, f"{ticket}-b", channel="web")
    for url, header in (
        ("/desk/queue?channel=web", "hx-request"),
        (f"/desk/tickets/{ticket}", "x-desk-part"),
    ):
        part = client.web.get(url, headers={header: "true"}).text
        assert "<html" not in part
        assert ticket in part


def test_languages(client: Client, ticket: str) -> None:
    sign_in(client)
    zh = client.web.get("/desk/queue").text
    assert '<html lang="zh-CN">' in zh
    assert "待办队列" in zh
    en = client.web.get(f"/desk/tickets/{ticket}?lang=en&band=high").text
    assert '<html lang="en">' in en
    assert 'href="?lang=zh&amp;band=high"' in en or 'href="?band=high&amp;lang=zh"' in en
    assert '<html lang="en">' in client.web.get("/desk/queue").text


def test_unknown_tickets_and_pages(client: Client) -> None:
    sign_in(client)
    for path in ("/desk/tickets/NONE", "/desk/tickets/%3Cb%3E"):
        answer = client.web.get(path)
        assert answer.status_code == 404
        assert "<h1>" in answer.text
    assert client.web.get("/desk/end?done=T-1").status_code == 200


def test_a_poll_after_the_session_leads_to_the_sign_in(client: Client) -> None:
    answer = client.web.get("/desk/queue", headers={"hx-request": "true"})
    assert (answer.status_code, answer.headers["hx-redirect"]) == (204, "/desk/sign-in")


# ---- hostile texts ---------------------------------------------------------------------------


class Seen(HTMLParser):
    """The tags and attributes of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs


def seen(page: str) -> Seen:
    found = Seen()
    found.feed(page)
    return found


@pytest.mark.slow
def test_forty_hostile_texts_stay_texts(tmp_path: Path) -> None:
    texts = hostile()
    assert len(texts) >= 40
    with desk(tmp_path, tickets=0) as client:
        sign_in(client)
        token = field(client.web.get("/desk/guide"), "csrf")
        plain = None
        for number, text in enumerate(["很平常的年费", *texts]):
            ident = f"H-{number}"
            names = {"unit": text[:200], "product": text[:200], "customer_segment": text[:200]}
            take(client, ident, f"年费{text}", channel="phone", customer_key=text[:200], **names)
            sent = {"csrf": token, "act": "unsure", "note": text}
            url = f"/desk/tickets/{ident}/verdict"
            assert client.web.post(url, data=sent, follow_redirects=False).status_code == 303
            page = client.web.get(
                f"/desk/tickets/{ident}?done={ident}&band={quote(text[:50])}"
            ).text
            found = seen(page)
            assert not [a for a, _ in found.attributes if a.startswith("on")], text
            assert not [
                v
                for a, v in found.attributes
                if a in ("href", "src", "action")
                and v
                and not v.startswith(("/", "#", "?", "data:,"))
            ], text
            tags = set(found.tags)
            plain = plain or tags
            assert tags <= plain | {"br", "q"}, text
        send(client, "H-0", "undo")
        client.web.cookies.clear()
        sign_in(client, Role.ADMIN)
        for page in ("/desk/queue", "/desk/queue?lang=en"):
            queue = seen(client.web.get(page).text)
            assert queue.tags.count("script") == 2
            assert not [a for a, _ in queue.attributes if a.startswith("on")]
