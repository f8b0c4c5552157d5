"""The watch inside the app: started and stopped with it, its figures, its page of documentation."""

from __future__ import annotations

import asyncio
import json
import re
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from receivers import receiving
from service_fakes import Client, FakeEngine, serving
from watch_fakes import PACE, duty_of, owe, subscribe

from service.ledger.notices import Kind
from service.ledger.scheduler import Scheduler
from service.ledger.signing import headers_of, new_secret
from service.store import leases
from service.store.records import DutyState
from service.wiring import Parts

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "webhooks.md").read_text(encoding="utf-8")


def _parts(client: Client) -> Parts:
    parts: Parts = client.web.app.state.parts  # type: ignore[attr-defined]
    return parts


def test_the_app_watches_and_tells(tmp_path: Path) -> None:
    secret, arrived = new_secret(), threading.Event()

    def answer(_: int) -> int:
        arrived.set()
        return 200

    opened = datetime.now(UTC) - timedelta(days=20)
    with receiving(secret, answer) as receiver:
        options: dict[str, Any] = {"watch_s": 0.1, "webhook_private": True}
        with serving(tmp_path, FakeEngine(), **options) as client:
            parts = _parts(client)
            subscribe(parts.database, receiver.url, parts.privacy.seal(secret))
            ident = owe(parts.database, opened + timedelta(days=15), opened_at=opened)
            assert arrived.wait(30)
            assert duty_of(parts.database, ident).state is DutyState.MISSED
            figures = client.get("/metrics").text
            assert re.search(r"^jiesu_watch_last_run_timestamp_seconds 1", figures, re.MULTILINE)
        assert receiver.forged == 0
        assert receiver.got[0]["type"] == "duty_overdue"
        # The lease was given up at the end: the next process need not wait.
        with serving(tmp_path, FakeEngine(), watch=False) as client:
            taken = _parts(client).database.change(
                lambda s: leases.acquire(s, "watch", "next", now=datetime.now(UTC), seconds=1)
            )
            assert taken


def test_a_process_that_does_not_watch_leaves_it_to_others(tmp_path: Path) -> None:
    with serving(tmp_path, FakeEngine(), watch=False) as client:
        assert "jiesu_watch_last_run_timestamp_seconds 0.0" in client.get("/metrics").text


def test_a_fault_does_not_end_the_rounds() -> None:
    seen = threading.Event()

    class Broken:
        calls = 0

        async def tick(self, now: datetime) -> None:
            Broken.calls += 1
            if Broken.calls > 2:
                seen.set()
            raise KeyError(now)

        deliver = tick

        async def leave(self) -> None:
            return

    async def run() -> None:
        broken: Any = Broken()
        scheduler = Scheduler(broken, broken, period_s=0.05)
        scheduler.start()
        assert await asyncio.to_thread(seen.wait, 30)
        await scheduler.stop()

    asyncio.run(run())


def test_the_example_of_the_page_verifies_what_is_sent() -> None:
    code = re.search(r"```python\n(.*?)```", PAGE, re.DOTALL)
    assert code
    names: dict[str, Any] = {}
    exec(code[1], names)
    verify = names["verify"]
    secret, body, at = new_secret(), b'{"type":"duty_due"}', 1_795_000_000
    headers = headers_of(secret, ident="msg_1", at=at, body=body)
    assert verify(secret, headers, body, now=at + 299)
    assert not verify(secret, headers, body, now=at + 301)
    assert not verify(secret, headers, body)
    assert not verify(secret, headers, body + b" ", now=at)
    assert not verify(new_secret(), headers, body, now=at)
    assert not verify(secret, headers | {"webhook-id": "msg_2"}, body, now=at)
    two = f"v1,AAAA {headers['webhook-signature']}"
    assert verify(secret, headers | {"webhook-signature": two}, body, now=at)


def test_the_page_says_what_the_program_does() -> None:
    for kind in Kind:
        assert f"| `{kind.value}` |" in PAGE
    for level in (*PACE.nudges, "overdue"):
        assert f"`{level}`" in PAGE
    example = re.search(r"```json\n(.*?)```", PAGE, re.DOTALL)
    assert example
    assert set(json.loads(example[1])) == {"type", "timestamp", "data"}
    tries = PACE.webhooks
    pauses = [tries.pause(n, 0.5) for n in range(1, 4)]
    assert [pause and pause.total_seconds() for pause in pauses] == [5, 20, 80]
    assert (tries.attempts, tries.longest_s, tries.timeout_s) == (10, 12 * 3600, 10)
    assert PACE.purge.keep_sent_days == 30
