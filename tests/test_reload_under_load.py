"""The model is replaced while callers ask: none is dropped, and a broken one changes nothing."""

from __future__ import annotations

import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest
from service_fakes import Client, FakeEngine, serving

from service import serving as holder
from service.access.keys import Role
from service.serving import Loaded
from service.settings import Settings
from triage.errors import ArtifactRejected

CALLERS, RELOADS = 4, 12


def _ask_until(client: Client, stop: threading.Event, caller: int) -> Counter[tuple[int, str]]:
    seen: Counter[tuple[int, str]] = Counter()
    while not stop.is_set():
        number = sum(seen.values())
        if number % 3:
            answer = client.tag({"text": "年费"})
        else:
            body = {"ticket_id": f"T-{caller}-{number}", "text": "年费"}
            answer = client.web.post("/v1/complaints", json=body, headers=client.bearer())
        seen[answer.status_code, answer.json().get("model_version", answer.text)] += 1
    return seen


@pytest.mark.slow
def test_no_call_is_dropped_while_models_change(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loads: list[int] = []

    def load(_: Settings) -> Loaded:
        loads.append(len(loads) + 1)
        time.sleep(0.02)  # a load takes its time, in a thread of its own
        if len(loads) % 3 == 0:
            raise ArtifactRejected("m/lines.npz: sha256 differs", cure="export it again")
        return Loaded(FakeEngine(f"v{len(loads)}"), datetime.now(UTC))

    monkeypatch.setattr(holder, "load_model", load)
    stop = threading.Event()
    with (
        serving(tmp_path, FakeEngine("v0"), rate_per_minute=0) as client,
        ThreadPoolExecutor(CALLERS) as pool,
    ):
        asked = [pool.submit(_ask_until, client, stop, caller) for caller in range(CALLERS)]
        served = "v0"
        try:
            for _ in range(RELOADS):
                answer = client.web.post("/v1/model/reload", headers=client.bearer(Role.ADMIN))
                if answer.status_code == 200:
                    served = answer.json()["version"]
                else:
                    assert answer.status_code == 409
                # Whoever asks after the answer is served by the model that it names.
                assert client.tag({"text": "年费"}).json()["model_version"] == served
        finally:
            stop.set()
        seen = sum((future.result() for future in asked), Counter())
    assert len(loads) == RELOADS
    assert {status for status, _ in seen} == {200, 201}
    good = {f"v{number}" for number in range(RELOADS + 1) if number % 3 or not number}
    assert {version for _, version in seen} <= good
    assert len({version for _, version in seen}) > 1
