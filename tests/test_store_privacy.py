"""Personal data: what stands for it, narratives as submitted, and their erasure."""

from __future__ import annotations

import stat
import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet
from store_fixtures import NOW, database, database_url, found_in, stored

from service.settings import Settings, load_settings
from service.store import (
    raw,
)
from service.store.database import Database, Session
from service.store.errors import RawNotKept
from service.store.privacy import FILE, Privacy, Vault, privacy_of, vault_of
from service.store.records_service import Actor
from triage.errors import ConfigError

__all__ = ["database", "database_url"]

DAY = timedelta(days=1)
ACTOR = Actor("key-1", "admin", "req-1")
KEY, OTHER = (Fernet.generate_key().decode() for _ in range(2))
# What must not be found after an erasure, in characters that stand nowhere else.
MARK = "麒麟饕餮"


def test_a_customer_has_one_hash_and_each_secret_its_own() -> None:
    one, other = Privacy("a" * 32), Privacy("b" * 32)
    assert one.customer_ref("C-1") == Privacy("a" * 32).customer_ref("C-1")
    assert len({one.customer_ref("C-1"), one.customer_ref("C-2"), other.customer_ref("C-1")}) == 3
    assert one.body_hash(b"C-1") != one.customer_ref("C-1")
    assert len(one.customer_ref("C-1")) == 64


def test_secrets_of_webhooks_come_back_with_the_same_secret_alone() -> None:
    sealed = Privacy("a" * 32).seal("whsec_x")
    assert b"whsec" not in sealed
    assert Privacy("a" * 32).unseal(sealed) == "whsec_x"
    with pytest.raises(ConfigError, match="JIESU_SECRET"):
        Privacy("b" * 32).unseal(sealed)


def test_without_a_secret_one_is_made_once(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "home")
    found: list[str] = []
    threads = [
        threading.Thread(target=lambda: found.append(privacy_of(settings).customer_ref("C-1")))
        for _ in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 6
    assert len(set(found)) == 1
    path = tmp_path / "home" / FILE
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [each.name for each in path.parent.iterdir()] == [FILE]
    given = Settings(home=tmp_path / "home", secret="s" * 32)  # type: ignore[arg-type]
    assert privacy_of(given).customer_ref("C-1") == Privacy("s" * 32).customer_ref("C-1")
    path.write_text("")
    with pytest.raises(ConfigError, match="no secret"):
        privacy_of(settings)


@pytest.mark.parametrize(
    ("variables", "named"),
    [
        ({"JIESU_SECRET": "hidden"}, "JIESU_SECRET"),
        ({"JIESU_KEEP_RAW": "true"}, "JIESU_RAW_KEYS"),
        ({"JIESU_RAW_KEYS": "hidden"}, "JIESU_RAW_KEYS"),
        ({"JIESU_RAW_KEYS": f"{KEY},hidden"}, "JIESU_RAW_KEYS"),
        ({"JIESU_RAW_DAYS": "0"}, "JIESU_RAW_DAYS"),
    ],
)
def test_a_bad_setting_is_named_and_a_secret_not_repeated(
    variables: dict[str, str], named: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(ConfigError, match=named) as caught:
        load_settings()
    assert "hidden" not in str(caught.value)


def test_settings_show_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JIESU_SECRET", "hidden" * 6)
    monkeypatch.setenv("JIESU_DATABASE_URL", "postgresql://jiesu:hidden@h/d")
    monkeypatch.setenv("JIESU_RAW_KEYS", f"{KEY}, {OTHER}")
    monkeypatch.setenv("JIESU_KEEP_RAW", "1")
    settings = load_settings()
    shown = f"{settings!r} {settings} {settings.model_dump()} {settings.model_dump_json()}"
    assert "hidden" not in shown
    assert KEY not in shown
    assert vault_of(settings).open(Vault(OTHER).seal("年费")) == "年费"


def _keep(database: Database, vault: Vault, **changes: Any) -> int:
    def work(session: Session) -> int:
        ident = stored(session, **changes)
        raw.keep(session, vault, ident, f"我叫{MARK}", now=NOW, days=90)
        return ident

    return database.change(work)


def _read(database: Database, vault: Vault, now: Any = NOW) -> list[str]:
    return database.change(lambda s: raw.read(s, vault, "T-1", ACTOR, why="回电", now=now))


def test_a_narrative_as_submitted_is_encrypted_and_every_look_noted(database: Database) -> None:
    vault = Vault(KEY)
    ident = _keep(database, vault)
    database.change(lambda s: raw.keep(s, vault, ident, "还有", now=NOW, days=1, event_id=1))
    assert not found_in(database, MARK)
    assert _read(database, vault) == [f"我叫{MARK}", "还有"]
    assert _read(database, vault, NOW + 2 * DAY) == [f"我叫{MARK}"]
    noted = database.ask(raw.accesses)
    assert [(one.act, one.narratives, one.who, one.why) for one in noted] == [
        ("read", 1, "key-1", "回电"),
        ("read", 2, "key-1", "回电"),
    ]
    assert database.ask(lambda s: raw.accesses(s, ticket_id="T-1", before=noted[0].id)) == noted[1:]
    assert database.ask(lambda s: raw.accesses(s, ticket_id="T-2")) == []


def test_what_is_not_kept_or_not_opened_is_not_given(database: Database) -> None:
    with pytest.raises(RawNotKept):
        _read(database, Vault(KEY))
    _keep(database, Vault(KEY))
    for vault in (Vault(OTHER), Vault("")):
        with pytest.raises(RawNotKept):
            _read(database, vault)
    with pytest.raises(RawNotKept):
        _read(database, Vault(KEY), NOW + 90 * DAY)
    with pytest.raises(ConfigError, match="new-key"):
        Vault("").seal("x")
    assert database.ask(raw.accesses) == []


def test_old_narratives_are_purged(database: Database) -> None:
    _keep(database, Vault(KEY))

    def purge(days: int) -> int:
        return database.change(lambda s: raw.purge(s, ACTOR, now=NOW + days * DAY))

    assert [purge(89), purge(90), purge(91)] == [0, 1, 0]
    assert [(one.act, one.narratives) for one in database.ask(raw.accesses)] == [("purge", 1)]


def test_narratives_are_encrypted_anew_in_steps(database: Database) -> None:
    for number in range(3):
        _keep(database, Vault(KEY), ticket_id=f"T-{number}")
    both = Vault(f"{OTHER},{KEY}")
    after: int | None = 0
    steps = 0
    while after is not None:
        after = database.change(
            lambda s, a=after: raw.rotate(s, both, ACTOR, now=NOW, after=a, limit=2)  # type: ignore[misc]
        )
        steps += 1
    assert steps == 3
    assert _read(database, Vault(OTHER)) == [f"我叫{MARK}"]
    with pytest.raises(RawNotKept):
        database.change(lambda s: raw.rotate(s, Vault(KEY), ACTOR, now=NOW))
