"""MLflow's own servers in processes of their own, for tests."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import httpx

STARTS_WITHIN_S = 600.0


@contextmanager
def running(
    words: Sequence[str], *, ready: str, log: Path, settings: Mapping[str, str]
) -> Iterator[str]:
    """Run `mlflow WORDS` on a free port of this machine; give its address once `ready` answers."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    command = [sys.executable, "-m", "mlflow", *words, "--host", "127.0.0.1", "--port", port]
    # The server starts others by their names, which are beside this interpreter.
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    own = {"MLFLOW_DISABLE_TELEMETRY": "true", "PATH": path, **settings}
    with log.open("wb") as out:
        process = subprocess.Popen(
            command, env=os.environ | own, stdout=out, stderr=out, start_new_session=True
        )
        try:
            _wait(f"http://127.0.0.1:{port}{ready}", process, log)
            yield f"http://127.0.0.1:{port}"
        finally:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait(60)


def _wait(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + STARTS_WITHIN_S
    while time.monotonic() < end:
        assert process.poll() is None, log.read_text("utf-8", "replace")[-2_000:]
        try:
            if httpx.get(url, timeout=5).status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.3)
    raise AssertionError(log.read_text("utf-8", "replace")[-2_000:])
