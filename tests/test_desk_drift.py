"""The model page's part on drift: what it shows, what is decided of a phrase, who is told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from desk_fakes import hostile, parts, sign_in, submit
from drift_fakes import home, keep, look, phrase, reviewed, running
from service_fakes import Client

from service.access.keys import Role
from service.desk.model_drift import shown
from service.drift.terms import FILE, Choice, Terms, same
from service.store import audit

__all__ = ["home", "running"]
MODEL = "/desk/model"


@pytest.fixture
def client(running: Client, home: Path) -> Client:
    (home / FILE).unlink(missing_ok=True)
    keep(home)
    running.web.cookies.clear()
    sign_in(running, Role.SCIENTIST)
    return running


def test_the_page_tells_what_changed_and_what_is_new(client: Client) -> None:
    page = client.web.get(MODEL, params={"lang": "en"}).text
    for told in ("Changed:", "云护通", "T-4", "and 2 more", "7 of 1,234", "共享屏幕", "88%"):
        assert told in page, told
    assert "Surer than right" in page  # sure of 90 %, right in 65 to 89
    assert "Not recorded in the time before, so not compared: Channels" in page
    assert "有变化：" in client.web.get(MODEL, params={"lang": "zh"}).text


def test_too_few_tickets_are_told_with_how_many_are_wanting(client: Client, home: Path) -> None:
    few = {"views": [], "changed": [], "phrases": [], "compared_at": None}
    keep(home, recent_days=56, tickets=74, lacks={"recent": 26}, **few)
    page = client.web.get(MODEL, params={"lang": "zh"}).text
    for told in ("工单太少，还不能判断", "最近 56 天 74 件", "最近还差 26 件", "没有查找"):
        assert told in page, told
    assert "此前还差" not in page
    assert "没有待处理的新说法" not in page


def test_a_wider_span_and_the_demonstration_are_told(client: Client, home: Path) -> None:
    assert "演示工单" not in client.web.get(MODEL, params={"lang": "zh"}).text
    keep(home, recent_days=19, demonstration=540, lacks={})
    page = client.web.get(MODEL, params={"lang": "zh"}).text
    assert "最近 19 天 431 件" in page
    assert "14 天内不足 100 件，所以看得更久" in page
    assert "其中 540 件是演示工单" in page


def test_verdicts_given_since_the_look_are_told(client: Client, home: Path) -> None:
    nothing = reviewed(verdicts=0, named=0, estimated=None, verified=None)
    keep(home, reviewed=nothing, reviewed_weighted=nothing)
    page = client.web.get(MODEL, params={"lang": "zh"}).text
    assert "截至 2026年11月28日" in page or "截至 11月28日" in page
    assert "此后又有" not in page
    told = look()
    looked = datetime.fromisoformat(told["at"])
    given = [looked + timedelta(hours=hours) for hours in (-2, 1, 3)]
    drift = shown(told, given)
    assert drift is not None
    assert drift.later == 2


def test_every_page_says_that_something_rang(client: Client, home: Path) -> None:
    assert "2 to see" in client.web.get("/desk/queue", params={"lang": "en"}).text
    keep(home, changed=[], phrases=[])
    assert 'class="rang"' not in client.web.get("/desk/queue", params={"lang": "en"}).text


def test_a_phrase_is_accepted_dismissed_and_taken_back(client: Client, home: Path) -> None:
    texts = ("云护通", "闪退贷")
    keep(home, phrases=[phrase(text) for text in texts])
    for text, choice in zip(texts, ("accepted", "dismissed"), strict=True):
        sent = {"text": text, "choice": choice}
        assert submit(client, MODEL, f"{MODEL}/phrases", **sent).status_code == 303
    drift = parts(client).drift
    last = drift.last()
    assert last is not None
    assert (last["phrases"], last["terms"], last["dismissed"]) == ([], ["云护通"], ["闪退贷"])
    assert client.web.get(f"{MODEL}/terms.txt").text.splitlines()[1:] == ["云护通"]
    keep(home, phrases=[phrase("闪退贷的"), phrase("别的")])  # the next look offers it again
    assert [one["text"] for one in (drift.last() or {})["phrases"]] == ["别的"]
    submit(client, MODEL, f"{MODEL}/phrases", text="闪退贷", choice="open")
    assert len((drift.last() or {})["phrases"]) == 2
    noted = parts(client).database.ask(lambda s: list(audit.entries(s)))
    decided = [one.data["choice"] for one in noted if one.what == "phrase.decided"]
    assert sorted(decided) == ["accepted", "dismissed", "open"]


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({"text": "没有提到", "choice": "accepted"}, 404),
        ({"text": "云护通", "choice": "odd"}, 422),
        ({"text": "云护通", "choice": "accepted", "csrf": "no"}, 403),
    ],
)
def test_what_was_not_offered_or_is_forged_is_refused(
    client: Client, sent: dict[str, str], status: int
) -> None:
    assert submit(client, MODEL, f"{MODEL}/phrases", **sent).status_code == status
    assert parts(client).drift.terms.decided() == []


def test_a_reviewer_reads_and_decides_nothing(client: Client) -> None:
    client.web.cookies.clear()
    sign_in(client, Role.REVIEWER)
    page = client.web.get(MODEL, params={"lang": "en"}).text
    assert "云护通" in page
    assert "Accept" not in page
    sent = {"text": "云护通", "choice": "accepted"}
    assert submit(client, MODEL, f"{MODEL}/phrases", **sent).status_code == 403


def test_texts_of_a_look_are_never_more_than_texts(client: Client, home: Path) -> None:
    texts = hostile()
    keep(home, phrases=[phrase(text, tickets=[text], cut_now=[text]) for text in texts])
    page = client.web.get(MODEL).text
    assert "<img src=x" not in page
    assert "<script>owned" not in page
    assert submit(client, MODEL, f"{MODEL}/phrases", text=texts[0], choice="accepted").is_redirect
    assert "<script>owned" not in client.web.get(MODEL).text


def test_a_look_by_an_earlier_version_is_shown(client: Client, home: Path) -> None:
    old = {"verdicts": 3, "overridden": 0.3, "line_overridden": None}
    keep(home, reviewed=old, reviewed_weighted=None, compared_at=None, left_out={})
    assert client.web.get(MODEL).status_code == 200


@pytest.mark.parametrize(
    ("weighted", "verdict"),
    [
        (reviewed(estimated=0.95), "surer"),
        (reviewed(estimated=0.7), "close"),
        (reviewed(estimated=0.5), "less_sure"),
        (None, None),
    ],
)
def test_confidence_is_held_against_the_interval_of_what_was_verified(
    weighted: dict[str, Any] | None, verdict: str | None
) -> None:
    drift = shown(look(reviewed_weighted=weighted))
    assert drift is not None
    assert drift.verdict == verdict


def test_a_decision_holds_for_the_same_phrase_with_little_around_it() -> None:
    assert same("云护通", "下载云护通")
    assert not same("云护通", "对方让我下载云护通")
    assert not same("云护通", "云闪付")


def test_a_line_that_was_cut_off_hides_no_other(tmp_path: Path) -> None:
    terms = Terms(tmp_path)
    at = datetime(2026, 11, 29, tzinfo=UTC)
    terms.decide("云护通", Choice.ACCEPTED, who="s", at=at, offered={"云护通"})
    with (tmp_path / FILE).open("ab") as file:
        file.write(b'{"text": "\n')
    assert terms.accepted() == ["云护通"]
