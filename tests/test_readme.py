"""Every command of the README is run."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from triage.config import ROOT

READMES = ("README.md", "README.zh-CN.md")
JIESU = [sys.executable, str(ROOT / "jiesu.py")]


def commands(name: str) -> list[str]:
    text = (ROOT / name).read_text("utf-8")
    blocks = re.findall(r"```bash\n(.*?)```", text, re.DOTALL)
    return [line for block in blocks for line in block.splitlines() if line.strip()]


@pytest.fixture(scope="module")
def home(tiny_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("home")
    shutil.copytree(tiny_model, folder / "models" / tiny_model.name)
    (folder / "models" / "CHAMPION").write_text(tiny_model.name + "\n")
    shutil.copytree(ROOT / "docs" / "examples", folder / "docs" / "examples")
    return folder


@pytest.fixture(scope="module")
def environment(home: Path) -> dict[str, str]:
    return os.environ | {"JIESU_HOME": str(home), "JIESU_MODELS": str(home / "models")}


def run(line: str, home: Path, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    version = (home / "models" / "CHAMPION").read_text().strip()
    words = shlex.split(line.replace("VERSION", version))
    return subprocess.run(
        [*JIESU, *words[1:]], cwd=home, env=environment, capture_output=True, text=True, check=False
    )


def test_both_readmes_give_the_same_commands() -> None:
    assert commands(READMES[0]) == commands(READMES[1])


def test_nothing_is_left_to_be_filled_in() -> None:
    pages = [*READMES, "docs/experiments.md", "data/corpus/README.md"]
    assert not [n for n in pages if re.search(r"@[A-Z]+@", (ROOT / n).read_text("utf-8"))]


def test_every_command_is_one_that_is_run_here() -> None:
    known = ("make run", "make test", "source .venv/bin/activate", "jiesu ", "curl ")
    assert all(line.startswith(known) for line in commands(READMES[0]))


@pytest.mark.parametrize("target", ["run", "test"])
def test_the_two_commands_are_targets(target: str) -> None:
    done = subprocess.run(
        ["make", "-n", target], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    "line",
    [c for c in commands(READMES[0]) if re.match(r"jiesu (score|keys|evaluate|compare|rules)", c)],
)
def test_a_command_of_the_readme_runs(line: str, home: Path, environment: dict[str, str]) -> None:
    done = run(line, home, environment)
    assert done.returncode == 0, done.stderr


def test_promote_and_rollback_answer(home: Path, environment: dict[str, str]) -> None:
    promoted = run("jiesu promote VERSION", home, environment)
    back = run("jiesu rollback", home, environment)
    for done in (promoted, back):
        assert done.returncode in (0, 2), done.stderr
        assert "Traceback" not in done.stderr


@pytest.fixture(scope="module")
def port(home: Path, environment: dict[str, str]) -> Iterator[int]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        number = int(probe.getsockname()[1])
    served = subprocess.Popen(
        [*JIESU, "serve", "--port", str(number)],
        cwd=home,
        env=environment,
        stderr=subprocess.DEVNULL,
    )
    try:
        for _ in range(240):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{number}/health/ready", timeout=2)
                break
            except OSError:
                time.sleep(0.25)
        yield number
    finally:
        served.terminate()
        served.wait(20)


@pytest.fixture(scope="module")
def ask(port: int, home: Path, environment: dict[str, str]) -> Callable[[str], Any]:
    made = run("jiesu keys create --role intake", home, environment)
    key = re.search(r"jiesu_\S+", made.stdout)
    assert key

    def answer(address: str) -> Any:
        line = next(c for c in commands(READMES[0]) if c.startswith("curl ") and address in c)
        line = line.replace(":8000", f":{port}").replace("$KEY", key[0])
        done = subprocess.run(shlex.split(line), capture_output=True, text=True, check=False)
        return json.loads(done.stdout)

    return answer


def test_the_complaint_of_the_readme_is_tagged(ask: Callable[[str], Any]) -> None:
    answer = ask("/v1/tag ")
    assert answer["escalation"]["band"] in {"high", "medium", "low"}
    assert {"regulator_threat"} <= {signal["code"] for signal in answer["signals"]}


def test_the_ticket_of_the_readme_is_kept(ask: Callable[[str], Any]) -> None:
    stored = ask("/v1/complaints ")
    assert stored == ask("/v1/complaints ")
    shown = ask("/v1/complaints/T-1 ")
    assert shown["masked_text"] == stored["masked_text"]
    assert stored["duties"]
    assert stored["owner"]["barred_from_outlet"]
