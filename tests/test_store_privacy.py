"""Personal data: what stands for it, narratives as submitted, and their erasure."""

from __future__ import annotations

import stat
import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import select
from store_fixtures import NOW, database, database_url, decision, stored

from service.settings import Settings, load_settings
from service.store import (
    assessments,
    audit,
    complaints,
    duties,
    events,
    raw,
    repeats,
    verdicts,
    webhooks,
)
from service.store.columns import Base
from service.store.database import Database, Session
from service.store.deletion import TOMBSTONE, blanked, erase_customer, overwrite
from service.store.errors import RawNotKept
from service.store.privacy import FILE, Privacy, Vault, privacy_of, vault_of
from service.store.records import Filters, NewDuty, NewEvent, VerdictRecord
from service.store.records_service import Actor, DeliveryState
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
    assert not _found(database, MARK)
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


def _full(database: Database, ticket_id: str, ref: str) -> int:
    """A ticket with everything that can belong to one, the mark in every text."""

    def work(session: Session) -> int:
        ident = stored(
            session,
            ticket_id,
            masked_text=f"{MARK}的年费",
            customer_ref=ref,
            sketch=MARK.encode(),
            bands=(1, 2),
            line="fee_dispute",
            product="信用卡",
            customer_segment=MARK,
            amount_cny=1234.0,
        )
        answer = {
            "line": "fee_dispute",
            "alternatives": [{"line": "loan", "probability": 0.1}],
            "signals": [{"code": "threat", "start": 0, "end": 4, "text": MARK}],
            "repeat_of": [MARK],
        }
        about = assessments.add(
            session,
            decision(
                ident,
                answer=answer,
                context={"channel": "phone", "customer_segment": MARK},
                history={"employee": MARK, "repeats_90d": 2},
                ruling={"fired": [{"rule": "R-REG-1", "facts": {"agent": MARK}}]},
            ),
        )
        message = NewEvent("message", NOW, "key-1", text=MARK, data={"n": 1, "said": [MARK]})
        events.append(session, ident, message, NOW)
        verdicts.add(
            session,
            VerdictRecord(
                ident, about, NOW, "key-1", agrees=False, corrections={"x": MARK}, note=MARK
            ),
        )
        duties.put(session, ident, [NewDuty("reply", "R-SLA-1", "art. 23", NOW)], NOW)
        webhooks.enqueue(
            session,
            kind="duty.due",
            message_id=ticket_id,
            payload={"text": MARK},
            now=NOW,
            ticket_id=ticket_id,
        )
        raw.keep(session, Vault(KEY), ident, MARK, now=NOW, days=9)
        return ident

    return database.change(work)


def _found(database: Database, words: str) -> list[str]:
    with database.read() as session:
        return [
            table.name
            for table in Base.metadata.sorted_tables
            if words in repr(session.execute(select(table)).all())
        ]


@pytest.fixture
def erased(database: Database) -> Database:
    database.change(
        lambda s: webhooks.add(
            s, url="https://x.example", kinds=["duty.due"], secret=b"", now=NOW, label=""
        )
    )
    ref, other = "ref of one", "ref of another"
    ident = _full(database, "T-1", ref)
    again, others = _full(database, "T-2", ref), _full(database, "T-3", other)
    for pair in ((again, ident), (others, ident)):
        database.change(
            lambda s, p=pair: repeats.link(s, *p, kind="customer", score=1, at=NOW)  # type: ignore[misc]
        )
    assert {"complaints", "assessments", "events", "verdicts", "deliveries"} <= set(
        _found(database, MARK)
    )
    done = database.change(lambda s: erase_customer(s, ref, ACTOR, now=NOW + DAY))
    assert done == ["T-1", "T-2"]
    assert not _found(database, ref)
    return database


def test_erasing_a_customer_removes_words_and_links(erased: Database) -> None:
    one = erased.ask(lambda s: complaints.get(s, "T-1"))
    assert (one.masked_text, one.customer_ref, one.erased_at) == (TOMBSTONE, None, NOW + DAY)
    assert (one.context.customer_segment, one.context.amount_cny) == (None, None)
    assert [e.text for e in erased.ask(lambda s: events.of(s, one.id))] == [TOMBSTONE]
    assert erased.ask(lambda s: repeats.links(s, one.id)) == []
    assert [c.ticket_id for c in erased.ask(lambda s: repeats.sharing(s, (1, 2), since=NOW))] == [
        "T-3"
    ]
    with pytest.raises(RawNotKept):
        _read(erased, Vault(KEY))
    states = {d.ticket_id: d.state for d in _deliveries(erased)}
    assert states == {
        "T-1": DeliveryState.DEAD,
        "T-2": DeliveryState.DEAD,
        "T-3": DeliveryState.PENDING,
    }


def _deliveries(database: Database) -> list[Any]:
    return [
        one
        for state in DeliveryState
        for one in database.ask(lambda s, st=state: webhooks.deliveries(s, st))  # type: ignore[misc]
    ]


def test_erasing_a_customer_keeps_counts_and_decisions(erased: Database) -> None:
    assert erased.ask(lambda s: complaints.count(s, Filters(line="fee_dispute"))) == 3
    ident = erased.ask(lambda s: complaints.get(s, "T-1")).id
    (kept,) = erased.ask(lambda s: assessments.of(s, ident))
    assert kept.answer["line"] == "fee_dispute"
    assert kept.answer["alternatives"] == [{"line": "loan", "probability": 0.1}]
    assert kept.answer["signals"][0] == {"code": "threat", "start": 0, "end": 4, "text": ""}
    assert kept.history == {"employee": "", "repeats_90d": 2}
    assert kept.ruling == {"fired": [{"rule": "R-REG-1", "facts": {"agent": ""}}]}
    assert kept.model_version == "m.1"
    assert [duty.code for duty in erased.ask(lambda s: duties.of(s, ident))] == ["reply"]
    (noted,) = erased.ask(audit.entries)
    assert (noted.what, noted.who) == ("customer.erased", "key-1")
    assert noted.data == {"tickets": 2, "raw_narratives": 2}
    assert [(one.act, one.narratives) for one in erased.ask(raw.accesses)] == [("erase", 2)]


def test_nothing_of_an_erased_customer_is_left_in_the_file(erased: Database) -> None:
    other = erased.ask(lambda s: complaints.get(s, "T-3"))
    assert other.masked_text.startswith(MARK)
    erased.change(lambda s: erase_customer(s, "ref of another", ACTOR, now=NOW))
    assert _found(erased, MARK) == []
    if erased.file is None:
        pytest.skip("PostgreSQL's files are the server's: VACUUM frees what was erased")
    overwrite(erased)
    written = b"".join(path.read_bytes() for path in erased.file.parent.iterdir())
    assert MARK.encode() not in written
    assert b"ref of" not in written


def test_a_customer_who_is_not_known_is_noted_too(database: Database) -> None:
    assert database.change(lambda s: erase_customer(s, "nobody", ACTOR, now=NOW)) == []
    assert database.ask(audit.entries)[0].data == {"tickets": 0, "raw_narratives": 0}


def test_a_record_is_blanked_but_for_codes_and_numbers() -> None:
    record = {"line": "loan", "n": 1, "ok": True, "none": None, "x": ["a", {"code": "c", "y": "b"}]}
    assert blanked(record) == {
        "line": "loan",
        "n": 1,
        "ok": True,
        "none": None,
        "x": ["", {"code": "c", "y": ""}],
    }
