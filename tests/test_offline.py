from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

OFFLINE = Path(__file__).parent / "offline"
MAKEFILE = Path(__file__).parent.parent / "Makefile"
SERVED = """
import socket
with socket.create_server(("127.0.0.1", 0)) as server:
    socket.create_connection(("localhost", server.getsockname()[1])).close()
print("reached")
"""


def said(program: str) -> str:
    own = os.environ | {"PYTHONPATH": str(OFFLINE)}
    done = subprocess.run(
        [sys.executable, "-c", program], env=own, capture_output=True, text=True, check=False
    )
    return done.stdout + done.stderr


@pytest.mark.parametrize(
    "program",
    [
        "import socket; socket.create_connection(('192.0.2.1', 80), 0.1)",
        "import urllib.request; urllib.request.urlopen('http://example.invalid/')",
    ],
)
def test_nothing_elsewhere_is_reached(program: str) -> None:
    assert "no network here" in said(program)


def test_this_machine_is() -> None:
    assert "reached" in said(SERVED)


def test_the_notebooks_are_run_so() -> None:
    (line,) = [one for one in MAKEFILE.read_text().splitlines() if "--nbmake" in one]
    assert "PYTHONPATH=tests/offline $(PY) -m pytest --nbmake" in line
