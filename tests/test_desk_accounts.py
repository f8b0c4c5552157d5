"""Accounts that sign in by password: on the command line, at the desk, and when they may not."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
from desk_fakes import desk, field, parts, sign_in, take
from service_fakes import Client
from store_fixtures import found_in
from test_desk_pages import DESK

from jiesu import main
from service.access import accounts, passwords
from service.access.keys import Role
from service.access.passwords import check_password, hash_password, same_password
from service.desk.forgery import is_of, token_of
from service.store import audit, users
from triage.errors import InvalidInput

GOOD = "梧桐树 correct horse 42"
OTHER = "another good password"


@pytest.fixture(scope="module", autouse=True)
def cheap() -> Iterator[None]:
    """Hashes that cost nothing; one test looks at what they usually cost."""
    kept = passwords._LOG_N
    passwords._LOG_N = 4
    yield
    passwords._LOG_N = kept


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    with desk(tmp_path_factory.mktemp("home"), tickets=1) as client:
        accounts.add(parts(client).database, "chen.li", Role.REVIEWER, GOOD)
        yield client


@pytest.fixture
def client(running: Client) -> Client:
    """Nobody is signed in."""
    running.web.cookies.clear()
    return running


def enter(client: Client, name: str = "chen.li", password: str = GOOD, **more: Any) -> Any:
    form = client.web.get("/desk/sign-in")
    data = {"csrf": field(form, "csrf"), "name": name, "password": password, **more}
    return client.web.post("/desk/sign-in", data=data, follow_redirects=False)


def status(client: Client) -> int:
    return client.web.get("/desk/guide", follow_redirects=False).status_code


# ---- passwords -------------------------------------------------------------------------------


def test_what_is_kept_of_a_password_is_salted_and_costs_memory() -> None:
    passwords._LOG_N = 15
    kept = hash_password(GOOD)
    passwords._LOG_N = 4
    assert kept.startswith("scrypt$15$8$3$")
    assert same_password(GOOD, kept)
    one, other = hash_password(GOOD), hash_password(GOOD)
    assert one != other
    assert same_password(GOOD, one)
    assert not same_password(GOOD + " ", one)
    assert not same_password("", passwords.nobodys())
    assert GOOD not in one


@pytest.mark.parametrize(
    "password", ["", "short", "aaaaaaaaaaaaaaaa", "x" * 201, "xxCHEN.LIxx1234"]
)
def test_a_password_that_is_easily_guessed_is_refused(password: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        check_password(password, "chen.li")
    assert not password or password not in str(refused.value)


# ---- the command line ------------------------------------------------------------------------


@pytest.fixture
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> Any:
    monkeypatch.setenv("JIESU_HOME", str(tmp_path))
    return tmp_path


def run(monkeypatch: pytest.MonkeyPatch, *words: str, typed: str = "") -> int:
    monkeypatch.setattr("sys.stdin", io.StringIO(typed))
    return main(["users", *words])


def test_accounts_are_made_changed_and_disabled_by_command(
    monkeypatch: pytest.MonkeyPatch, home: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "add", "Wang.Wu", "--role", "admin", typed=f"{GOOD}\n") == 0
    assert run(monkeypatch, "add", "wang.wu", "--role", "admin", typed=f"{GOOD}\n") == 2
    assert run(monkeypatch, "add", "b d", "--role", "admin", typed=f"{GOOD}\n") == 2
    assert run(monkeypatch, "add", "li.si", "--role", "scientist", "--generate") == 0
    made = capsys.readouterr().out.splitlines()
    assert len(made[1]) == 20
    assert run(monkeypatch, "password", "wang.wu", typed="short\n") == 2
    assert run(monkeypatch, "password", "wang.wu", typed=f"{OTHER}\n") == 0
    assert run(monkeypatch, "password", "nobody", typed=f"{OTHER}\n") == 2
    assert run(monkeypatch, "disable", "li.si") == 0
    assert run(monkeypatch, "disable", "nobody") == 2
    capsys.readouterr()
    assert run(monkeypatch, "list") == 0
    told = capsys.readouterr().out.splitlines()
    assert [line.split()[:3] for line in told] == [
        ["li.si", "scientist", "disabled"],
        ["wang.wu", "admin", "active"],
    ]


# ---- the desk --------------------------------------------------------------------------------


def test_a_password_opens_a_session_under_the_name_of_the_account(client: Client) -> None:
    assert enter(client, "Chen.Li ").status_code == 303
    page = client.web.get("/desk/queue").text
    assert "chen.li" in page
    database = parts(client).database
    user = database.ask(lambda s: users.find(s, "chen.li"))
    entry = database.ask(audit.entries)[0]
    assert user is not None
    assert (entry.who, entry.role) == (user.ident, "reviewer")
    assert found_in(database, GOOD) == []


@pytest.mark.parametrize(("name", "password"), [("chen.li", OTHER), ("nobody", GOOD)])
def test_a_wrong_name_and_a_wrong_password_are_told_alike(
    client: Client, name: str, password: str
) -> None:
    answer = enter(client, name, password)
    assert answer.status_code == 401
    assert "账号、密码或密钥不正确" in answer.text
    assert password not in answer.text
    assert enter(client).status_code == 303  # which is forgiven


def test_another_password_and_disabling_end_the_sessions(client: Client) -> None:
    database = parts(client).database
    accounts.add(database, "zhao", Role.SCIENTIST, GOOD)
    assert enter(client, "zhao").status_code == 303
    assert status(client) == 200
    accounts.set_password(database, "zhao", OTHER)
    assert status(client) == 303
    client.web.cookies.clear()
    assert enter(client, "zhao").status_code == 401
    assert enter(client, "zhao", OTHER).status_code == 303
    accounts.disable(database, "zhao")
    assert status(client) == 303
    client.web.cookies.clear()
    assert enter(client, "zhao", OTHER).status_code == 401
    enter(client)


def test_guessing_locks_the_place_and_from_many_places_the_account(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = {"at": 0}
    lockout = DESK.lockout

    def guess(name: str, password: str = OTHER) -> int:
        where = (f"203.0.113.{place['at']}", 50_000)
        monkeypatch.setattr(client.web._transport, "client", where, raising=False)
        return enter(client, name, password).status_code  # type: ignore[no-any-return]

    accounts.add(parts(client).database, "qian", Role.REVIEWER, GOOD)
    place["at"] = 11
    assert [guess("qian") for _ in range(lockout.tries + 1)] == [401] * lockout.tries + [429]
    assert guess("qian", GOOD) == 429
    place["at"] = 12
    assert (
        guess("qian", GOOD) == 303
    )  # elsewhere the account is not locked yet, and all is forgiven
    for number in range(lockout.account_tries):
        place["at"] = 20 + number // lockout.tries
        assert guess("qian") == 401
    place["at"] = 99
    assert guess("qian", GOOD) == 429
    assert guess("chen.li", GOOD) == 303
    ledger = parts(client).ledger
    later = ledger.now() + timedelta(minutes=lockout.minutes, seconds=1)
    monkeypatch.setattr(ledger, "now", lambda: later)
    assert guess("qian", GOOD) == 303


def test_one_comes_back_to_where_one_was(client: Client) -> None:
    take(client, "B-1")
    away = client.web.get("/desk/tickets/B-1?band=high&sort=risk", follow_redirects=False)
    asked = httpx.URL(away.headers["location"]).params["next"]
    assert asked == "/desk/tickets/B-1?band=high&sort=risk"
    form = client.web.get(away.headers["location"])
    assert field(form, "next") == asked.replace("&", "&amp;")
    assert enter(client, next=asked).headers["location"] == asked


@pytest.mark.parametrize(
    "onward",
    [
        "https://evil.example/",
        "//evil.example",
        "/desk/../v1",
        "/desk/sign-in",
        "/desk/\\evil",
        "javascript:1",
        "/desk/queue\r\nX: 1",
        "/v1/tag",
    ],
)
def test_one_is_not_led_elsewhere(client: Client, onward: str) -> None:
    where = enter(client, next=onward).headers["location"]
    assert where == "/desk/queue"
    client.web.cookies.clear()
    assert sign_in(client).status_code == 303


def test_a_page_that_is_asked_for_again_does_not_spoil_the_first_ones_form(client: Client) -> None:
    token = field(client.web.get("/desk/sign-in"), "csrf")
    again = field(client.web.get("/desk/sign-in?next=/desk/end"), "csrf")
    kept = client.web.cookies["jiesu_form"]
    assert is_of(token, kept)
    assert is_of(again, kept)
    client.web.cookies.clear()
    client.web.cookies.set("jiesu_form", "chosen", domain="testserver.local", path="/desk")
    assert not is_of(field(client.web.get("/desk/sign-in"), "csrf"), kept)
    assert client.web.cookies.get("jiesu_form", path="/desk") != "chosen"


def test_no_two_pages_share_a_byte_of_their_token(client: Client) -> None:
    sign_in(client)
    shown = [field(client.web.get("/desk/guide"), "csrf") for _ in range(3)]
    cookie = client.web.cookies["jiesu_desk"]
    assert all(is_of(one, token_of(cookie)) for one in shown)
    assert len({one[at : at + 6] for one in shown for at in range(0, 84, 6)}) == 3 * 14
    assert not any(
        is_of(one, token_of(cookie)) for one in (token_of(cookie), "", "é", shown[0][1:])
    )
