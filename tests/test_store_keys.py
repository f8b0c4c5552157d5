"""Keys: printed once, kept as hashes, compared safely, changed and revoked without a restart."""

from __future__ import annotations

import stat
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import orjson
import pytest
from sqlalchemy import select
from store_fixtures import database, database_url, writer

import jiesu
from service.access.keys import KeyStore, Role, write_private
from service.access.keys_file import adopt_keys
from service.store import keys as table
from service.store.database import Database
from service.store.sql import table_of
from service.store.tables_service import Key
from service.store.writer import Writer
from triage.errors import ConfigError, InvalidInput

__all__ = ["database", "database_url", "writer"]

HOUR = timedelta(hours=1)


@pytest.fixture
def store(database: Database) -> KeyStore:
    return KeyStore(database)


def _ident(token: str) -> str:
    return token.split("_")[1]


def test_a_key_is_found_and_only_its_hash_is_kept(store: KeyStore, database: Database) -> None:
    token = store.create(Role.INTAKE, label="desk")
    key = store.find(token)
    assert key is not None
    assert (key.role, key.label) == (Role.INTAKE, "desk")
    assert token.startswith("jiesu_")
    rows = database.ask(lambda session: session.execute(select(table_of(Key))).all())
    assert token.split("_", 2)[2] not in repr(rows)


@pytest.mark.parametrize(
    "token", ["", "jiesu_", "jiesu__", "x", "jiesu_00000000_abc", "键", "\ud800"]
)
def test_what_is_no_key_finds_nothing(store: KeyStore, token: str) -> None:
    store.create(Role.ADMIN)
    assert store.find(token) is None


def test_the_id_alone_or_another_secret_lets_nobody_in(store: KeyStore) -> None:
    token = store.create(Role.ADMIN)
    _, ident, secret = token.split("_", 2)
    assert store.find(f"jiesu_{ident}_{secret[:-1]}{'x' if secret[-1] != 'x' else 'y'}") is None
    assert store.find(f"other_{ident}_{secret}") is None


def test_a_revoked_key_is_known_and_useless(store: KeyStore) -> None:
    token = store.create(Role.REVIEWER)
    ident = store.all()[0].ident
    revoked = store.revoke(ident).revoked_at
    assert revoked
    assert store.revoke(ident).revoked_at == revoked
    assert store.find(token) is None
    assert [key.ident for key in store.all()] == [ident]
    with pytest.raises(InvalidInput, match="keys list"):
        store.revoke("nobody")
    with pytest.raises(InvalidInput, match="keys list"):
        store.rotate(ident, grace=HOUR)


def test_another_secret_and_the_old_one_for_a_while(store: KeyStore) -> None:
    old = store.create(Role.INTAKE)
    new = store.rotate(_ident(old), grace=HOUR)
    assert _ident(new) == _ident(old)
    assert new != old
    assert store.find(new) is not None
    assert store.find(old) is not None
    newest = store.rotate(_ident(old), grace=timedelta(0))
    assert store.find(newest) is not None
    assert store.find(new) is None
    assert store.find(old) is None
    store.revoke(_ident(old))
    assert store.find(newest) is None


def test_what_another_process_changes_counts_after_a_moment(
    store: KeyStore, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = [100.0]
    monkeypatch.setattr("service.access.keys.time.monotonic", lambda: clock[0])
    other = KeyStore(database, follow_s=5)
    token = store.create(Role.INTAKE)
    assert other.find(token) is not None
    store.revoke(_ident(token))
    assert other.find(token) is not None
    clock[0] += 5
    assert other.find(token) is None
    new = store.create(Role.ADMIN)
    assert other.find(new) is None
    clock[0] += 0.125
    assert other.find(new) is not None


def test_who_tries_keys_does_not_keep_the_database_busy(
    store: KeyStore, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads: list[int] = []
    monkeypatch.setattr("service.access.keys.time.monotonic", lambda: 100.0)
    every = table.every
    monkeypatch.setattr(table, "every", lambda session: reads.append(1) or every(session))
    other = KeyStore(database, follow_s=5)
    for number in range(20):
        assert other.find(f"jiesu_{number:08}_x") is None
    assert len(reads) == 1


def test_keys_made_at_once_are_all_kept(database: Database) -> None:
    threads = [
        threading.Thread(target=KeyStore(database).create, args=(Role.INTAKE,)) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(KeyStore(database).all()) == 8


def test_the_last_use_is_noted_once_a_minute(database: Database, writer: Writer) -> None:
    store = KeyStore(database, follow_s=60, writer=writer)
    token = store.create(Role.INTAKE)
    submitted: list[int] = []
    submit = writer.submit
    writer.submit = lambda work: submitted.append(1) or submit(work)  # type: ignore[assignment, func-returns-value]
    for _ in range(5):
        assert store.find(token)
    writer.stop()
    assert len(submitted) == 1
    used = store.all()[0].last_used_at
    assert used is not None
    for later, noted in [(timedelta(seconds=59), used), (2 * HOUR, used + 2 * HOUR)]:
        database.change(lambda s, at=used + later: table.touch(s, _ident(token), at))  # type: ignore[misc]
        assert store.all()[0].last_used_at == noted
    writer.submit = submit  # type: ignore[method-assign]
    other = KeyStore(database, writer=writer)  # one that is stopped: the caller is let in anyway
    database.change(lambda s: table.touch(s, _ident(token), used))
    assert other.find(token)


def _old_file(home: Path) -> Path:
    home.mkdir(exist_ok=True)
    path = home / "keys.json"
    rows = [
        {
            "ident": f"0000000{number}",
            "role": "intake",
            "sha256": str(number) * 64,
            "created_at": "2026-11-01T08:00:00+00:00",
            "label": "desk",
            "revoked_at": "2026-11-02T08:00:00+00:00" if number else None,
        }
        for number in range(2)
    ]
    path.write_bytes(orjson.dumps({"format": 1, "keys": rows}))
    return path


def test_keys_of_an_earlier_version_are_taken_over_once(tmp_path: Path, database: Database) -> None:
    path = _old_file(tmp_path / "home")
    assert adopt_keys(database, path.parent) == 2
    assert adopt_keys(database, path.parent) == 0
    assert not path.exists()
    first, second = KeyStore(database).all()
    assert (first.label, first.revoked_at) == ("desk", None)
    assert first.created_at == datetime(2026, 11, 1, 8, tzinfo=UTC)
    assert second.revoked_at
    _old_file(path.parent)
    assert adopt_keys(database, path.parent) == 0
    assert len(KeyStore(database).all()) == 2


@pytest.mark.parametrize(
    "content",
    ["", "{", "[]", '{"format": 2, "keys": []}', '{"format": 1}', '{"format": 1, "keys": [1]}'],
)
def test_a_broken_file_is_left_and_named(tmp_path: Path, database: Database, content: str) -> None:
    (tmp_path / "keys.json").write_text(content)
    with pytest.raises(ConfigError, match=r"keys\.json"):
        adopt_keys(database, tmp_path)
    assert (tmp_path / "keys.json").read_text() == content


def test_a_private_file_is_the_owners_alone(tmp_path: Path) -> None:
    write_private(tmp_path / "x", b"1")
    assert stat.S_IMODE((tmp_path / "x").stat().st_mode) == 0o600


def test_keys_from_the_command_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("JIESU_HOME", str(tmp_path))
    assert jiesu.main(["keys", "create", "--role", "admin"]) == 0
    old = capsys.readouterr().out.strip()
    assert jiesu.main(["keys", "rotate", _ident(old), "--grace-hours", "0.5"]) == 0
    told = capsys.readouterr()
    assert _ident(told.out.strip()) == _ident(old)
    assert "0.5 hours" in told.err
    assert jiesu.main(["keys", "rotate", _ident(old), "--grace-hours", "nan"]) == 2
    assert jiesu.main(["keys", "rotate", "nobody"]) == 2
    assert "keys list" in capsys.readouterr().err


def test_the_tables_from_the_command_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("JIESU_HOME", str(tmp_path / "home"))
    assert jiesu.main(["db", "status"]) == 1
    assert "none" in capsys.readouterr().out
    assert jiesu.main(["db", "upgrade"]) == 0
    assert jiesu.main(["db", "upgrade"]) == 0
    assert "already" in capsys.readouterr().out
    assert jiesu.main(["db", "status"]) == 0
    monkeypatch.setenv("JIESU_DATABASE_URL", "mysql://root:hidden@h/d")
    assert jiesu.main(["db", "status"]) == 2
    assert "hidden" not in capsys.readouterr().err
