"""Sessions and verdicts of the desk, in SQLite and in PostgreSQL."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from store_fixtures import NOW, database, database_url, decision, stored

from service.desk import verdicts as acts
from service.desk.opinion import Opinion
from service.desk.settings import load_desk
from service.desk.verdicts import Reviewer
from service.store import (
    assessments,
    audit,
    choices,
    keys,
    logins,
    queue,
    reviews,
    users,
    verdicts,
)
from service.store.database import Database
from service.store.records_review import (
    Asked,
    Choices,
    LoginRecord,
    ReviewState,
    UserRecord,
    View,
)
from service.store.records_service import Actor, KeyRecord, Role
from triage.taxonomy import load_taxonomy

__all__ = ["database", "database_url"]

DESK, TAXONOMY = load_desk(), load_taxonomy()
WITHIN = timedelta(minutes=15)


def by(who: str, at: datetime = NOW) -> Reviewer:
    return Reviewer(Actor(who, "reviewer"), at, DESK)


def test_sessions_open_are_seen_and_end(database: Database) -> None:
    key = KeyRecord("k1", Role.REVIEWER, "0" * 64, NOW)
    old = LoginRecord("a" * 64, "k1", NOW, NOW, NOW + timedelta(hours=1))
    new = LoginRecord("b" * 64, "k1", NOW + WITHIN, NOW + WITHIN, NOW + timedelta(hours=2))
    late = LoginRecord("c" * 64, "k1", old.until, old.until, NOW + timedelta(hours=3))
    database.change(lambda s: keys.add(s, key))
    for login in (old, new):
        database.change(lambda s, login=login: logins.open_login(s, login))  # type: ignore[misc]
    database.change(lambda s: logins.seen(s, new.sha256, old.until))
    found = database.ask(lambda s: logins.find(s, new.sha256))
    assert found is not None
    assert found.seen_at == old.until
    database.change(lambda s: logins.open_login(s, late))
    assert database.ask(lambda s: logins.find(s, old.sha256)) is None
    assert database.change(lambda s: logins.close(s, new.sha256))
    assert not database.change(lambda s: logins.close(s, new.sha256))


def test_failures_in_a_row_are_counted_and_forgotten(database: Database) -> None:
    for count in (1, 2, 3):
        assert database.change(lambda s: logins.failed(s, "here", NOW, WITHIN)) == count
    assert database.ask(lambda s: logins.tries(s, "there", NOW, WITHIN)) == 0
    assert database.ask(lambda s: logins.tries(s, "here", NOW + WITHIN, WITHIN)) == 0
    assert database.change(lambda s: logins.failed(s, "here", NOW + WITHIN, WITHIN)) == 1
    database.change(lambda s: logins.forget(s, "here"))
    assert database.ask(lambda s: logins.tries(s, "here", NOW, WITHIN)) == 0


@pytest.mark.parametrize("kind", ["confirm", "unsure"])
def test_a_verdict_is_given_read_again_and_taken_back(database: Database, kind: str) -> None:
    ident = database.change(lambda s: stored(s, "T-1"))
    database.change(lambda s: assessments.add(s, decision(ident)))
    opinion = Opinion(kind)
    given = database.change(lambda s: acts.give(s, "T-1", opinion, by("me"), TAXONOMY))
    assert (given.kind, given.second) == (kind, kind == "unsure")
    state = database.ask(lambda s: reviews.get(s, ident))
    assert state.state is (ReviewState.SECOND if kind == "unsure" else ReviewState.DONE)
    assert state.holder(NOW) is None
    assert database.ask(lambda s: verdicts.count_of(s, "me", since=NOW)) == 1
    database.change(lambda s: acts.undo(s, "T-1", by("me")))
    assert database.ask(lambda s: verdicts.count_of(s, "me", since=NOW)) == 0
    back = database.ask(lambda s: reviews.get(s, ident))
    assert (back.state, back.holder(NOW)) == (ReviewState.WAITING, "me")
    page = database.ask(lambda s: queue.page(s, Asked("you", NOW, DESK.weights)))
    assert [one.complaint.ticket_id for one in page.items] == ["T-1"]
    noted = database.ask(lambda s: [one.what for one in audit.entries(s, ticket_id="T-1")])
    assert noted == ["verdict.undone", "verdict.given"]


def test_an_account_is_kept_once_and_another_password_ends_its_sessions(
    database: Database,
) -> None:
    user = UserRecord("chen", "k1", "scrypt$1", NOW)
    database.change(lambda s: keys.add(s, KeyRecord("k1", Role.REVIEWER, "0" * 64, NOW)))
    assert database.change(lambda s: users.add(s, user))
    assert not database.change(lambda s: users.add(s, user))
    login = LoginRecord("a" * 64, "k1", NOW, NOW, NOW + timedelta(hours=1))
    database.change(lambda s: logins.open_login(s, login))
    later = NOW + timedelta(minutes=1)
    assert database.change(lambda s: users.set_password(s, "chen", "scrypt$2", later))
    assert not database.change(lambda s: users.set_password(s, "wang", "scrypt$2", later))
    assert database.ask(lambda s: logins.find(s, login.sha256)) is None
    assert database.ask(users.every) == [UserRecord("chen", "k1", "scrypt$2", later)]


def test_choices_are_as_usual_until_they_are_kept(database: Database) -> None:
    assert database.ask(lambda s: choices.of(s, "me")) == Choices()
    for goal in (None, 40):
        mine = Choices({"c": "v"}, (View("高风险", "band=high"),), goal)
        database.change(lambda s, mine=mine: choices.keep(s, "me", mine))  # type: ignore[misc]
        assert database.ask(lambda s: choices.of(s, "me")) == mine
    assert database.ask(lambda s: choices.of(s, "you")) == Choices()
