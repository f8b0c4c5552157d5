"""Two readers: who is drawn, what the second one sees, who settles it, and how far they agree."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest
from desk_fakes import desk, parts, post, sign_in, take
from service_fakes import Client
from store_fixtures import NOW
from test_desk_pages import send

from service.access.keys import Role
from service.desk.readings import agreement, by_line, drawn, pairs_of, said, state_after
from service.desk.settings import load_desk
from service.store import audit, reviews, verdicts
from service.store.complaints import get
from service.store.records_review import ReviewState, VerdictRecord
from triage.taxonomy import load_taxonomy

TAXONOMY = load_taxonomy()
ANSWERS: dict[int, dict[str, Any]] = {1: {"line": "fraud", "subline": "loan_fraud"}}
_NUMBERS = count(1)


def verdict(who: str, kind: str = "confirm", ticket: int = 1, **more: Any) -> VerdictRecord:
    return VerdictRecord(ticket, 1, NOW, who, kind == "confirm", kind=kind, **more)


OTHER = {"line": "fee_dispute", "subline": None}


def test_a_verdict_says_a_leaf() -> None:
    told = [
        verdict("a"),
        verdict("a", "correct", corrections={"risk": "too_low"}),
        verdict("a", "correct", corrections=OTHER),
        verdict("a", "not_complaint", corrections={"nature": "other"}),
        verdict("a", "unsure"),
    ]
    assert [said(one, ANSWERS[1]) for one in told] == [
        "fraud.loan_fraud",
        "fraud.loan_fraud",
        "fee_dispute",
        "not_complaint",
        None,
    ]


def test_how_a_review_stands_after_its_verdicts() -> None:
    first, same = verdict("a", second=True), verdict("b")
    other = verdict("b", "correct", corrections=OTHER)
    unsure = verdict("a", "unsure", second=True)
    told = [
        ([], ReviewState.WAITING),
        ([verdict("a")], ReviewState.DONE),
        ([first], ReviewState.SECOND),
        ([first, same], ReviewState.DONE),
        ([first, other], ReviewState.SPLIT),
        ([first, other, verdict("c")], ReviewState.DONE),
        ([unsure, other], ReviewState.DONE),
        ([first, verdict("b", "unsure", second=True)], ReviewState.SECOND),
        ([verdict("a"), other], ReviewState.DONE),
    ]
    for kept, state in told:
        assert state_after(kept, ANSWERS) is state, kept


def test_agreement_is_raw_and_beyond_chance() -> None:
    # The example of Cohen's kappa that textbooks give: 20 yes/yes, 5, 10, 15 no/no.
    pairs = [("y", "y")] * 20 + [("y", "n")] * 5 + [("n", "y")] * 10 + [("n", "n")] * 15
    whole = agreement(pairs)
    assert whole is not None
    assert (whole.pairs, whole.raw) == (50, 0.7)
    assert whole.kappa == pytest.approx(0.4)
    always = agreement([("y", "y")] * 3)
    assert always is not None
    assert always.kappa is None
    assert agreement([]) is None


def test_agreement_by_line_is_of_those_that_either_gave_it() -> None:
    pairs = [("a.x", "a.y"), ("a.x", "b"), ("b", "b"), ("c", "c")]
    found = by_line(pairs)
    assert (found["a"].pairs, found["a"].raw) == (2, 0.5)
    assert (found["b"].pairs, found["b"].raw) == (2, 0.5)
    assert (found["c"].pairs, found["c"].raw, found["c"].kappa) == (1, 1.0, 1.0)


def test_pairs_are_of_two_people_who_were_both_sure() -> None:
    given = [
        verdict("a", ticket=1, second=True),
        verdict("b", ticket=1),
        verdict("a", ticket=2, second=True),
        verdict("a", ticket=2),
        verdict("a", "unsure", ticket=3, second=True),
        verdict("b", ticket=3),
        verdict("a", ticket=4),
        verdict("b", ticket=4),
        verdict("a", ticket=5, second=True),
        verdict("b", ticket=6),
    ]
    assert pairs_of(given, ANSWERS) == [("fraud.loan_fraud", "fraud.loan_fraud")]


@pytest.mark.parametrize("share", [0.0, 0.05, 1.0])
def test_the_share_of_the_settings_is_drawn(share: float) -> None:
    found = sum(drawn(f"T-{number}", share) for number in range(4000)) / 4000
    assert found == pytest.approx(share, abs=0.012)
    assert drawn("T-7", 0.5) == drawn("T-7", 0.5)


# ---- at the desk -------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    with desk(tmp_path_factory.mktemp("home"), tickets=0) as client:
        yield client


@pytest.fixture
def ticket(running: Client) -> str:
    ident = f"R-{next(_NUMBERS)}"
    take(running, ident)
    return ident


def as_role(client: Client, role: Role) -> Client:
    client.web.cookies.clear()
    assert sign_in(client, role).status_code == 303
    return client


def state(client: Client, ticket: str) -> ReviewState:
    def work(session: Any) -> ReviewState:
        return reviews.get(session, get(session, ticket).id).state

    return parts(client).database.ask(work)


def test_the_second_reader_does_not_see_what_the_first_one_said(
    running: Client, ticket: str
) -> None:
    as_role(running, Role.REVIEWER)
    data = {"act": "not_complaint", "note": "我看是咨询", "second": "1"}
    send(running, ticket, "verdict", **data)
    mine = running.web.get(f"/desk/tickets/{ticket}").text
    assert "我看是咨询" in mine
    blind = as_role(running, Role.ADMIN).web.get(f"/desk/tickets/{ticket}").text
    assert "我看是咨询" not in blind
    assert "已复核：" not in blind
    assert "请独立判断" in blind
    assert " data-claim" in blind
    assert "我看是咨询" in as_role(running, Role.SCIENTIST).web.get(f"/desk/tickets/{ticket}").text


def test_readers_who_differ_are_settled_by_somebody_who_sees_both(
    running: Client, ticket: str
) -> None:
    first = {"verdict": "confirm", "second_reader": True}
    assert post(running, f"/v1/review/{ticket}/verdict", first).status_code == 200
    other = {"verdict": "not_complaint", "note": "只是问问"}
    assert post(running, f"/v1/review/{ticket}/verdict", other, Role.ADMIN).status_code == 200
    assert state(running, ticket) is ReviewState.SPLIT
    page = as_role(running, Role.REVIEWER).web.get(f"/desk/tickets/{ticket}").text
    assert "两人意见不一" in page
    assert "只是问问" in page
    assert f'id="row-{ticket}"' in running.web.get("/desk/queue?state=split").text
    send(running, ticket, "verdict", act="not_complaint")
    assert state(running, ticket) is ReviewState.DONE
    send(running, ticket, "undo")
    assert state(running, ticket) is ReviewState.SPLIT


def test_a_drawn_ticket_waits_for_a_second_reader(
    running: Client, ticket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    all_of_them = load_desk().model_copy(update={"second_share": 1.0})
    monkeypatch.setattr("service.desk.room._read", lambda _: (all_of_them, TAXONOMY))
    assert post(running, f"/v1/review/{ticket}/verdict", {"verdict": "confirm"}).status_code == 200
    again = post(running, f"/v1/review/{ticket}/verdict", {"verdict": "confirm"})
    assert again.status_code == 200
    assert state(running, ticket) is ReviewState.SECOND
    database = parts(running).database
    assert len(database.ask(lambda s: verdicts.of(s, get(s, ticket).id))) == 1
    entry = database.ask(lambda s: audit.entries(s, ticket_id=ticket))[0]
    assert entry.data["drawn"] is True
    body = {"verdict": "confirm"}
    assert post(running, f"/v1/review/{ticket}/verdict", body, Role.ADMIN).status_code == 200
    assert state(running, ticket) is ReviewState.DONE


def test_agreement_is_shown_to_those_who_study_it(running: Client, ticket: str) -> None:
    first = {"verdict": "confirm", "second_reader": True}
    post(running, f"/v1/review/{ticket}/verdict", first)
    post(running, f"/v1/review/{ticket}/verdict", {"verdict": "confirm"}, Role.ADMIN)
    for role in (Role.SCIENTIST, Role.ADMIN):
        page = as_role(running, role).web.get("/desk/agreement").text
        assert "Cohen κ" in page
        assert "息费" in page
    assert as_role(running, Role.REVIEWER).web.get("/desk/agreement").status_code == 403
    assert 'href="/desk/agreement"' not in running.web.get("/desk/queue").text


def test_nothing_is_no_agreement(tmp_path: Any) -> None:
    with desk(tmp_path, tickets=1) as client:
        page = as_role(client, Role.ADMIN).web.get("/desk/agreement")
        assert "还没有两人" in page.text
