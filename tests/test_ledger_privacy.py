"""Personal data planted everywhere in requests, and looked for everywhere else."""

from __future__ import annotations

import io
import logging
from pathlib import Path
from typing import Any

from cryptography.fernet import Fernet
from ledger_fakes import database_url, opened
from sqlalchemy import MetaData, create_engine, select

from service.access.keys import Role
from service.logs import JsonLines
from service.store import raw
from service.store.records_service import Actor

__all__ = ["database_url"]

CARD, PHONE, PERSON, IDENT = "6222020200112233", "13800001234", "李建国", "11010519491231002X"
KEY = "kunde-4711-geheim"
PLANTED = (CARD, PHONE, PERSON, IDENT, KEY)
TEXT = f"我叫{PERSON}，身份证号{IDENT}，卡号{CARD}，手机{PHONE}，年费"
KEPT = "年费收错了"


def _requests(number: int) -> dict[str, Any]:
    row = {"ticket_id": f"T-{number}", "text": f"{TEXT}，第{number}次", "customer_key": KEY}
    return row | {"product": f"卡{CARD}", "unit": f"小寨支行{PHONE}", "customer_segment": PHONE}


def _dump(url: str) -> bytes:
    """Everything that stands in the tables of a database."""
    engine = create_engine(url)
    tables = MetaData()
    tables.reflect(engine)
    found = []
    with engine.connect() as connection:
        for table in tables.sorted_tables:
            found += [repr(tuple(row)) for row in connection.execute(select(table))]
    engine.dispose()
    return "\n".join(found).encode()


def test_planted_personal_data_is_found_nowhere(database_url: str, tmp_path: Path) -> None:
    lines = io.StringIO()
    handler = logging.StreamHandler(lines)
    handler.setFormatter(JsonLines())
    logging.getLogger("jiesu").addHandler(handler)
    told: list[str] = []
    try:
        with opened(tmp_path / "home", database_url) as book:
            for number in range(12):
                told.append(book.post("/v1/complaints", _requests(number)).text)
                told.append(book.event("message", f"T-{number}", text=TEXT).text)
                note = {"note": f"客户{PERSON}的手机{PHONE}，本人姓名{PERSON}"}
                told.append(book.event("note", f"T-{number}", **note).text)
                moved = {"to_level": "head_office", "to_unit": f"部{PHONE}", "reason": TEXT}
                told.append(book.event("transfer", f"T-{number}", **moved).text)
            for bad in (
                {"ticket_id": "B", "text": [TEXT]},
                {"ticket_id": "B", "text": TEXT, "channel": TEXT},
                {"ticket_id": "B", "text": TEXT, "product": {"a": TEXT}},
                {"ticket_id": "B", "text": f"{TEXT}坏掉了"},
                {"ticket_id": "T-1", "text": f"{TEXT}又"},
            ):
                answer = book.post("/v1/complaints", bad)
                assert answer.status_code >= 400
                told.append(answer.text)
            told.append(book.event("note", "T-1", kind_=TEXT).text)
            told += [
                book.client.get(f"/v1/complaints{p}", Role.REVIEWER).text for p in ("", "/T-3")
            ]
            told.append(book.client.get("/v1/complaints/export", Role.ADMIN).text)
            told.append(book.client.get("/metrics", Role.ADMIN).text)
    finally:
        logging.getLogger("jiesu").removeHandler(handler)
    kept = _dump(database_url)
    files = [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]
    assert "年费".encode() in kept  # what is looked for would be found
    for secret in PLANTED:
        assert secret not in lines.getvalue()
        assert not [text for text in told if secret in text]
        assert secret.encode() not in kept
        assert not [content for content in files if secret.encode() in content]


def test_narratives_as_submitted_are_kept_encrypted(database_url: str, tmp_path: Path) -> None:
    key = Fernet.generate_key().decode()
    with opened(tmp_path / "home", database_url, keep_raw=True, raw_keys=key, raw_days=5) as book:
        book.take(text=TEXT)
        book.record("message", text=f"我叫{PERSON}，又说")
        parts, who = book.parts, Actor("k", "admin")
        read = parts.database.change(
            lambda s: raw.read(s, parts.vault, "T-1", who, why="test", now=book.clock())
        )
        assert read == [TEXT, f"我叫{PERSON}，又说"]
        assert "[姓名1]" in book.show()["masked_text"]
    assert PERSON.encode() not in _dump(database_url)
