"""Signing in with a provider: a real one, in a process of its own, over HTTP."""

from __future__ import annotations

import logging
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from desk_fakes import desk, field, parts
from oidc_provider import CLIENT, SECRET
from pydantic import ValidationError
from service_fakes import Client
from store_fixtures import found_in

from service.access import accounts, oidc_description
from service.access.keys import KeyStore
from service.access.oidc_claims import groups_of, person_of
from service.access.oidc_settings import read_roles, safe_address
from service.desk.oidc_flow import COOKIE, LASTS, Flow
from service.settings import Settings
from service.store import audit, identities
from service.store.records_service import Role

PROVIDER = Path(__file__).parent / "oidc_provider.py"
ROLES = "desk-admins=admin; cn=risk,ou=groups=reviewer"
START, BACK = "/desk/sign-in/oidc", "/desk/sign-in/oidc/back"


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen([sys.executable, str(PROVIDER), str(port)])
    url = f"http://localhost:{port}"
    try:
        for _ in range(1200):
            try:
                httpx.get(url + oidc_description.WHERE, trust_env=False)
                break
            except httpx.ConnectError:
                time.sleep(0.05)
        yield url
    finally:
        process.terminate()
        process.wait(10)


def options(issuer: str, **more: Any) -> dict[str, Any]:
    named = {"oidc_issuer": issuer, "oidc_client_id": CLIENT, "oidc_client_secret": SECRET}
    return {**named, "oidc_roles": ROLES, "oidc_name": "行内统一登录", **more}


@pytest.fixture(scope="module")
def running(issuer: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    with desk(tmp_path_factory.mktemp("home"), tickets=1, **options(issuer)) as client:
        yield client


@pytest.fixture
def client(running: Client) -> Client:
    """Nobody is signed in, and nobody failed before."""
    running.web.cookies.clear()
    parts(running).database.change(_forget)
    return running


def _forget(session: Any) -> None:
    from sqlalchemy import text

    session.execute(text("DELETE FROM login_failures"))


def at_provider(address: str, user: str) -> str:
    """Sign in at the provider as a browser does; give where it leads back to."""
    with httpx.Client(trust_env=False) as web:
        form = web.get(address)
        assert form.status_code == 200
        told = dict(httpx.URL(address).params)
        answer = web.post(str(form.url.copy_with(query=None)), data={**told, "user": user})
    return answer.headers["location"]  # type: ignore[no-any-return]


def enter(client: Client, user: str, onward: str = "") -> httpx.Response:
    asked = f"{START}?next={onward}" if onward else START
    gone = client.web.get(asked, follow_redirects=False)
    assert gone.status_code == 303, gone.text
    return client.web.get(at_provider(gone.headers["location"], user), follow_redirects=False)


def let_in(client: Client) -> bool:
    return client.web.get("/desk/guide", follow_redirects=False).status_code == 200


def entries(client: Client) -> list[tuple[str, str, dict[str, Any]]]:
    found = parts(client).database.ask(audit.entries)
    return [(one.what, one.role, dict(one.data)) for one in found]


# ---- the way in ------------------------------------------------------------------------------


def test_who_has_a_group_comes_in_with_its_role(client: Client) -> None:
    page = client.web.get("/desk/sign-in").text
    assert "使用 行内统一登录 登录" in page
    answer = enter(client, "chen")
    assert answer.status_code == 200
    assert 'content="0;url=/desk/queue"' in answer.text
    assert let_in(client)
    assert "chen.li（复核员）" in client.web.get("/desk/queue").text
    kept = next(c for c in answer.headers.get_list("set-cookie") if c.startswith("jiesu_desk="))
    for word in ("HttpOnly", "SameSite=strict", "Secure", "Path=/desk"):
        assert word in kept
    opened = next(one for one in entries(client) if one[0] == "session.opened")
    assert opened[1:] == ("reviewer", {"by": "oidc"})
    page_of_it = client.web.get("/desk/queue")
    out = client.web.post("/desk/sign-out", data={"csrf": field(page_of_it, "csrf")})
    assert out.status_code == 200
    assert not let_in(client)


def test_the_same_person_is_the_same_key_and_another_group_another_role(
    client: Client, issuer: str
) -> None:
    def key() -> Any:
        return next(k for k in KeyStore(parts(client).database).all() if k.label == "boss.li")

    enter(client, "boss")
    first = key()
    assert first.role == Role.ADMIN
    httpx.post(f"{issuer}/groups/boss/cn=risk,ou=groups", trust_env=False)
    enter(client, "boss")
    assert (key().ident, key().role) == (first.ident, Role.REVIEWER)
    assert ("account.role", "reviewer", {"before": "admin"}) in entries(client)
    httpx.post(f"{issuer}/groups/boss/cleaners", trust_env=False)
    before = client.web.cookies["jiesu_desk"]
    assert enter(client, "boss").status_code == 403
    client.web.cookies.set("jiesu_desk", before, domain="testserver.local", path="/desk")
    assert not let_in(client)  # what was open is over too
    httpx.post(f"{issuer}/groups/boss/desk-admins", trust_env=False)
    told = {key.ident: one.ident for one, key in accounts.provided(parts(client).database)}
    assert told[first.ident] == first.ident
    KeyStore(parts(client).database).revoke(first.ident)
    assert enter(client, "boss").status_code == 403  # who is disabled here stays so


def test_one_comes_back_to_where_one_was(client: Client) -> None:
    there = "/desk/tickets/T-0?band=high"
    shown = client.web.get("/desk/tickets/T-0?band=high").text
    assert f'href="{START}?next=%2Fdesk%2Ftickets%2FT-0%3Fband%3Dhigh"' in shown
    assert f"url={there}" in enter(client, "chen", httpx.QueryParams(next=there)["next"]).text
    assert "url=/desk/queue" in enter(client, "chen", "https://evil.example/").text


def test_groups_may_stand_in_what_is_told_of_the_person_alone(client: Client) -> None:
    assert enter(client, "userinfo").status_code == 200
    assert let_in(client)


def test_new_keys_of_the_provider_are_taken_up(
    client: Client, issuer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    enter(client, "chen")
    httpx.post(f"{issuer}/rotate", trust_env=False)
    assert enter(client, "chen").status_code == 401  # not looked for again within seconds
    monkeypatch.setattr(oidc_description, "_LOOK_AGAIN_S", 0.0)
    assert enter(client, "chen").status_code == 200


def test_a_name_is_a_text_alone(client: Client) -> None:
    enter(client, "hostile")
    page = client.web.get("/desk/queue").text
    assert "<script>owned" not in page
    assert "&lt;script&gt;owned" in page
    label = next(k.label for k in KeyStore(parts(client).database).all() if "owned" in k.label)
    assert len(label) <= 80
    assert label.isprintable()


# ---- who is not let in -----------------------------------------------------------------------

REFUSED = (
    *("other-nonce", "no-nonce", "expired", "not-yet", "other-issuer", "other-audience"),
    *("more-audiences", "other-access", "no-subject", "odd-subject", "odd-times", "unsigned"),
    *("shared-secret", "public-key-as-secret", "other-key", "not-a-token", "bad-signature"),
    *("no-token", "other-code", "other-state", "mixed-up", "other-userinfo"),
)


@pytest.mark.parametrize("user", REFUSED)
def test_what_cannot_be_trusted_opens_nothing(client: Client, user: str) -> None:
    answer = enter(client, user)
    assert answer.status_code == 401
    assert "统一登录的结果无法核实" in answer.text
    assert not let_in(client)
    assert entries(client)[0] == (
        *("session.refused", "none"),
        {"by": "oidc", "why": "sign_in_refused"},
    )


@pytest.mark.parametrize(
    ("user", "status", "told"),
    [
        ("guest", 403, "你的账号没有分配复核台角色"),
        ("cancel", 401, "登录已取消"),
        ("broken", 503, "统一登录暂时无法使用"),
    ],
)
def test_others_are_told_why(client: Client, user: str, status: int, told: str) -> None:
    answer = enter(client, user)
    assert (answer.status_code, told in answer.text) == (status, True)
    assert not let_in(client)


def test_an_answer_is_of_the_browser_that_asked_and_good_once_and_in_time(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = client.web.get(START, follow_redirects=False)
    answer = at_provider(gone.headers["location"], "chen")
    mine = client.web.cookies[COOKIE]
    client.web.cookies.clear()
    assert client.web.get(answer).status_code == 401  # led there by somebody else
    again = client.web.get(START, follow_redirects=False)
    assert client.web.get(answer).status_code == 401  # of another sign-in
    assert again.headers["location"] != gone.headers["location"]
    for cookie in (mine + "x", "x" + mine, mine.rsplit(".", 1)[0] + ".", "a.b.c", "", "a.1.é"):
        kept = Flow.read(cookie)
        told = httpx.URL(answer).params["state"]
        assert kept is None or not kept.goes_with(told, parts(client).ledger.now())
    client.web.cookies.set(COOKIE, mine, domain="testserver.local", path=START)
    ledger = parts(client).ledger
    late = ledger.now() + LASTS
    with monkeypatch.context() as patch:
        patch.setattr(ledger, "now", lambda: late)
        assert client.web.get(answer).status_code == 401
    client.web.cookies.set(COOKIE, mine, domain="testserver.local", path=START)
    assert client.web.get(answer).status_code == 200
    client.web.cookies.set(COOKIE, mine, domain="testserver.local", path=START)
    assert client.web.get(answer).status_code == 401  # the provider takes a code once


def test_failures_lock_the_place_and_a_provider_that_is_down_does_not(client: Client) -> None:
    for _ in range(7):
        assert enter(client, "broken").status_code == 503
    found = [enter(client, "other-nonce").status_code for _ in range(6)]
    assert found == [401] * 5 + [429]
    assert enter(client, "chen").status_code == 429


def test_nothing_of_a_token_is_logged_or_kept(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    gone = client.web.get(START, follow_redirects=False)
    where = at_provider(gone.headers["location"], "chen")
    code = httpx.URL(where).params["code"]
    assert client.web.get(where).status_code == 200
    mine = [one for one in caplog.records if one.name.startswith("jiesu")]
    assert mine
    told = "\n".join(str(vars(one)) for one in mine)
    for secret in (code, SECRET, "eyJ", "chen.li", httpx.URL(where).params["state"]):
        assert secret not in told
    for secret in (code, SECRET, "eyJ"):
        assert found_in(parts(client).database, secret) == []


# ---- a provider that is not there ------------------------------------------------------------


@pytest.fixture
def nobody() -> str:
    """An address at which nobody listens."""
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        return f"http://localhost:{free.getsockname()[1]}"


def test_the_desk_works_on_without_its_provider(tmp_path: Path, nobody: str) -> None:
    with desk(tmp_path, tickets=0, **options(nobody, oidc_name="")) as client:
        answer = client.web.get(START, follow_redirects=False)
        assert answer.status_code == 503
        assert "统一登录暂时无法使用" in answer.text
        assert "使用 SSO 登录" in answer.text
        data = {"csrf": field(answer, "csrf"), "key": client.keys[Role.REVIEWER]}
        assert client.web.post("/desk/sign-in", data=data, follow_redirects=False).is_redirect


def test_a_description_of_another_provider_is_not_believed(issuer: str, tmp_path: Path) -> None:
    other = issuer.replace("localhost", "127.0.0.1")
    with desk(tmp_path, tickets=0, **options(issuer + "/")) as client:
        assert client.web.get(START).status_code == 503
    assert safe_address(other)


def test_without_a_provider_there_is_neither_button_nor_page(tmp_path: Path) -> None:
    with desk(tmp_path, tickets=0) as client:
        assert START not in client.web.get("/desk/sign-in").text
        assert client.web.get(START).status_code == 404
        assert client.web.get(BACK).status_code == 404
        assert parts(client).database.ask(identities.every) == []


# ---- settings and claims ---------------------------------------------------------------------


@pytest.mark.parametrize(
    "wrong",
    [
        {"oidc_issuer": "http://bank.example"},
        {"oidc_issuer": "https://name@bank.example"},
        {"oidc_client_id": ""},
        {"oidc_roles": ""},
        {"oidc_roles": "risk=owner"},
        {"oidc_roles": "risk=intake"},
        {"oidc_roles": "=admin"},
        {"oidc_scopes": "profile"},
    ],
)
def test_settings_that_cannot_work_are_refused(wrong: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        Settings(**{**options("https://bank.example"), **wrong})


def test_roles_and_groups_are_read_as_they_are_written() -> None:
    roles = read_roles("cn=risk,ou=a=reviewer ;b = admin;")
    assert roles == (("cn=risk,ou=a", Role.REVIEWER), ("b", Role.ADMIN))
    assert groups_of({"a": {"b": ["x", 1]}}, "a.b") == ("x",)
    assert groups_of({"a.b": "y", "a": {"b": "x"}}, "a.b") == ("y",)
    assert groups_of({"a": "x"}, "a.b") is None
    told = {"iss": "i", "sub": "s", "groups": ["b", "cn=risk,ou=a"], "email": "e"}
    person = person_of(told, name_claim="nick", roles_claim="groups", roles=roles)
    assert (person.name, person.role) == ("e", Role.REVIEWER)  # the first that fits


def test_a_sign_in_lasts_some_minutes() -> None:
    assert timedelta(minutes=1) < LASTS < timedelta(hours=1)
