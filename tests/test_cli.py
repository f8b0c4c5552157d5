"""The command line: thin, and never a traceback for an expected error."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import types
import urllib.request
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

import pytest
from joblib.externals.loky.process_executor import TerminatedWorkerError

import jiesu
from service import commands
from triage.errors import ConfigError

ROOT = Path(__file__).parent.parent


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JIESU_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("JIESU_MODELS", str(tmp_path / "models"))
    for name in ("JIESU_MODEL", "JIESU_HOST", "JIESU_PORT", "JIESU_WORKERS"):
        # Set and taken away: what a command writes there is undone after the test.
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)


def test_help_lists_every_command_and_imports_none() -> None:
    code = (
        "import sys, jiesu\n"
        "try: jiesu.main(['--help'])\n"
        "except SystemExit: pass\n"
        "print('HEAVY', *{'fastapi', 'numpy', 'sklearn', 'mlflow', 'spacy'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "HEAVY"
    for name in jiesu.COMMANDS:
        if jiesu._exists(name):
            assert f"  {name} " in done.stdout


@pytest.mark.parametrize("name", [name for name in jiesu.COMMANDS if jiesu._exists(name)])
def test_every_command_has_help(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        jiesu.main([name, "--help"])
    assert stopped.value.code == 0
    assert name in capsys.readouterr().out


@pytest.mark.parametrize(
    "words", [[], ["nothing"], ["keys"], ["keys", "create"], ["keys", "create", "--role", "king"]]
)
def test_bad_arguments_end_with_status_2(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stopped:
        jiesu.main(words)
    assert stopped.value.code == 2
    assert "usage" in capsys.readouterr().err


def test_a_key_is_printed_once_listed_and_revoked(capsys: pytest.CaptureFixture[str]) -> None:
    assert jiesu.main(["keys", "create", "--role", "intake", "--label", "desk"]) == 0
    token = capsys.readouterr().out.strip()
    assert token.startswith("jiesu_")
    ident = token.split("_")[1]
    assert jiesu.main(["keys", "list"]) == 0
    listed = capsys.readouterr().out
    assert ident in listed
    assert "desk" in listed
    assert token not in listed
    assert jiesu.main(["keys", "revoke", ident]) == 0
    assert "revoked" in capsys.readouterr().out
    assert jiesu.main(["keys", "revoke", "nobody"]) == 2
    assert "keys list" in capsys.readouterr().err


def test_serving_without_a_model_says_what_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    assert jiesu.main(["serve"]) == 2
    said = capsys.readouterr().err
    assert "no model" in said
    assert "jiesu train" in said
    assert "Traceback" not in said


def test_a_bad_setting_or_a_taken_port_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "models" / "1").mkdir(parents=True)
    (tmp_path / "models" / "CHAMPION").write_text("1")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        assert jiesu.main(["serve", "--port", str(taken.getsockname()[1])]) == 2
    assert "port" in capsys.readouterr().err
    monkeypatch.setenv("JIESU_WORKERS", "many")
    assert jiesu.main(["serve"]) == 2
    assert "JIESU_WORKERS" in capsys.readouterr().err


def test_serve_hands_its_arguments_to_the_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "models" / "1").mkdir(parents=True)
    seen: dict[str, object] = {}
    server = types.SimpleNamespace(run=lambda app, **options: seen.update(app=app, **options))
    monkeypatch.setitem(sys.modules, "uvicorn", server)
    monkeypatch.setenv("JIESU_MODEL", "1")
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(tmp_path))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    assert jiesu.main(["serve", "--port", str(port), "--workers", "2"]) == 0
    assert seen["app"] == "service.app:create_app"
    assert (seen["port"], seen["workers"], seen["access_log"]) == (port, 2, False)
    assert os.environ["JIESU_WORKERS"] == "2"


@pytest.mark.parametrize(
    ("raised", "status", "said"),
    [
        (ConfigError("wrong", cure="mend it"), 2, "mend it"),
        (ModuleNotFoundError("no", name="mlflow"), 2, "make setup"),
        (KeyboardInterrupt(), 130, ""),
    ],
)
def test_expected_ends_have_no_traceback(
    raised: BaseException,
    status: int,
    said: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def stop(_: object) -> int:
        raise raised

    monkeypatch.setattr(commands, "run_list", stop)
    assert jiesu.main(["keys", "list"]) == status
    assert said in capsys.readouterr().err


def test_a_fault_in_our_own_modules_is_not_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(_: object) -> int:
        raise ModuleNotFoundError("no", name="service.gone")

    monkeypatch.setattr(commands, "run_list", stop)
    with pytest.raises(ModuleNotFoundError):
        jiesu.main(["keys", "list"])


def test_a_closed_pipe_is_a_quiet_end() -> None:
    done = subprocess.run(
        f"{sys.executable} jiesu.py keys list | true",
        shell=True,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr == ""


def test_serve_answers_over_http(tmp_path: Path, tiny_model: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "jiesu.py", "serve", "--port", str(port), "--demo-keys"]
    environment = {**os.environ, "JIESU_MODEL": str(tiny_model)}
    with subprocess.Popen(
        command,
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as server:
        try:
            assert server.stdout is not None
            told = ""
            for line in server.stdout:
                told += line
                if "Ctrl-C" in line:
                    break
            body = json.dumps({"text": "年费"}).encode()
            key = (tmp_path / "home" / "demo-keys.txt").read_text().split()[1]
            ask = urllib.request.Request(
                f"http://127.0.0.1:{port}/v1/tag", body, {"Authorization": f"Bearer {key}"}
            )
            with urllib.request.urlopen(ask, timeout=120) as answer:
                assert json.load(answer)["model_version"] == tiny_model.name
        finally:
            server.terminate()
            logged = server.communicate(timeout=30)[1]
    assert f"http://127.0.0.1:{port}" in told
    assert "curl" in told
    assert all(json.loads(line) for line in logged.splitlines())


@pytest.mark.parametrize("kind", [MemoryError, TerminatedWorkerError, BrokenProcessPool])
def test_a_worker_that_was_killed_is_told_without_a_traceback(
    kind: type[Exception], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(_: object) -> int:
        raise kind("A worker process managed by the executor was unexpectedly terminated.")

    monkeypatch.setattr("training.commands.run_train", fail)
    assert jiesu.main(["train"]) == jiesu.FAILED
    told = capsys.readouterr().err
    assert "memory" in told
    assert "LOKY_MAX_CPU_COUNT=1" in told


def test_an_error_of_the_program_itself_keeps_its_traceback(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(_: object) -> int:
        raise RuntimeError("a bug")

    monkeypatch.setattr("training.commands.run_train", fail)
    with pytest.raises(RuntimeError, match="a bug"):
        jiesu.main(["train"])
