"""The image and the compose file: read, and their steps gone through without Docker."""

from __future__ import annotations

import json
import os
import pwd
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from service.settings import Settings

ROOT = Path(__file__).parent.parent
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
SAMPLE = (ROOT / "compose.env.example").read_text(encoding="utf-8")


def _steps(stage: str | None = None) -> list[tuple[str, str]]:
    """Instructions and their arguments, of one stage or of all; lines that go on are joined."""
    found, within = [], None
    for line in DOCKERFILE.replace("\\\n", " ").splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        word, _, rest = line.partition(" ")
        if word == "FROM":
            within = rest.split(" AS ")[1]
        if stage in (None, within):
            found.append((word, rest))
    return found


def test_images_are_pinned_to_a_release() -> None:
    bases = [rest.split()[0] for word, rest in _steps() if word == "FROM"]
    stages = {rest.split(" AS ")[1] for word, rest in _steps() if word == "FROM"}
    named = {base for base in bases if base not in stages}
    assert named == {"${BASE}"}
    pinned = next(rest for word, rest in _steps() if word == "ARG").removeprefix("BASE=")
    images = [pinned, COMPOSE["services"]["database"]["image"]]
    assert all(re.search(r":\d+\.\d+(\.\d+)?-", image) for image in images), images


def test_the_image_runs_as_an_ordinary_user() -> None:
    for target in ("service", "with-model"):
        base = next(rest for word, rest in _steps(target) if word == "FROM").split()[0]
        assert base == "base"
        assert not [rest for word, rest in _steps(target) if word == "USER"]
    users = [rest for word, rest in _steps("base") if word == "USER"]
    assert users == ["10001:10001"]
    assert _steps("base")[-1][0] == "USER"


def test_no_secret_is_in_a_layer_or_in_a_file_that_git_keeps() -> None:
    values = " ".join(rest for word, rest in _steps() if word in ("ENV", "ARG", "LABEL"))
    assert not re.search(r"SECRET|PASSWORD|TOKEN|RAW_KEYS|DATABASE_URL", values)
    for service in COMPOSE["services"].values():
        assert service["env_file"] == "compose.env"
        assert not re.search(r"SECRET|PASSWORD|URL", " ".join(service["environment"]))
    given = dict(line.split("=", 1) for line in SAMPLE.splitlines() if line and line[0] != "#")
    assert given["JIESU_SECRET"] == given["POSTGRES_PASSWORD"] == ""
    ignored = (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()
    assert "compose.env" in ignored


def test_only_what_the_stages_copy_is_sent_to_the_builder() -> None:
    rules = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert "*" in rules
    sent = {rule[1:] for rule in rules if rule.startswith("!")} - {"Dockerfile"}
    copied = set()
    for word, rest in _steps():
        if word == "COPY" and not rest.startswith("--from"):
            copied |= set(rest.split()[:-1])
    for source in copied:
        assert (ROOT / source).exists(), source
    assert {source.split("/")[0] for source in copied} == sent


def test_settings_that_are_named_exist() -> None:
    named = set(re.findall(r"JIESU_[A-Z_]+", DOCKERFILE + json.dumps(COMPOSE) + SAMPLE))
    known = {f"JIESU_{name.upper()}" for name in Settings.model_fields}
    assert named <= known


def test_compose_waits_for_the_database_and_opens_nothing_to_others() -> None:
    service, database = COMPOSE["services"]["service"], COMPOSE["services"]["database"]
    assert service["depends_on"]["database"]["condition"] == "service_healthy"
    assert database["healthcheck"]["test"][1] == "pg_isready"
    assert all(port.startswith("127.0.0.1:") for port in service["ports"])
    assert "ports" not in database
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    for each in (service, database):
        for volume in each["volumes"]:
            assert volume.split(":")[0] in COMPOSE["volumes"]
    targets = [rest.split(" AS ")[1] for word, rest in _steps() if word == "FROM"]
    assert service["build"]["target"] in targets


def _ordinary() -> tuple[str, list[str]]:
    """An interpreter that an ordinary user may run, and what puts a command in his place."""
    if os.getuid():
        return sys.executable, []
    try:
        user = pwd.getpwnam("nobody")
    except KeyError:
        pytest.skip("run by root, and there is no user nobody")
    as_user = ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]
    check = ["-c", "import sys, ensurepip; sys.exit(sys.version_info < (3, 11))"]
    # The machine's own first: that of a virtual environment may lie where only root may look.
    for python in (shutil.which("python3", path="/usr/local/bin:/usr/bin"), sys.executable):
        if python and shutil.which("setpriv"):
            done = subprocess.run([*as_user, python, *check], capture_output=True, check=False)
            if done.returncode == 0:
                return python, as_user
    pytest.skip("an ordinary user has no Python 3.11 here")


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder that every user may look into."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.mark.slow
def test_the_steps_of_the_image_give_a_service(place: Path, tiny_model: Path) -> None:
    python, as_user = _ordinary()
    _build(place, python)
    shutil.copytree(tiny_model, place / "model")
    home = place / "home"
    home.mkdir()
    _make_readable(place)
    if as_user:
        nobody = pwd.getpwnam("nobody")
        os.chown(home, nobody.pw_uid, nobody.pw_gid)
    home.chmod(0o700)
    code = _snapshot(place / "app")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {
        "PATH": f"{place / 'venv/bin'}:/usr/bin:/bin",
        "JIESU_HOME": str(home),
        "JIESU_MODEL": str(place / "model"),
        "JIESU_PORT": str(port),
        "NUMBA_CACHE_DIR": str(home / "numba"),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    command = [*as_user, str(place / "venv/bin/jiesu"), "serve"]
    with subprocess.Popen(command, cwd=place / "app", env=environment) as process:
        try:
            _wait(process, port)
            key = _said([*as_user, str(place / "venv/bin/jiesu"), *_CREATE], environment)
            assert _tag(port, key)["line"]
        finally:
            process.send_signal(signal.SIGTERM)
    # The server finishes what it has begun, and then ends by the signal that it was sent.
    assert process.returncode in (0, -signal.SIGTERM)
    assert _snapshot(place / "app") == code
    assert (home / "jiesu.db").exists()


_CREATE = ["keys", "create", "--role", "intake"]


def _build(place: Path, python: str) -> None:
    """Go through the stage `build` with its folders moved into `place`."""
    app = place / "app"
    app.mkdir()
    for word, rest in _steps("build"):
        if word == "COPY":
            *sources, target = rest.split()
            for source in sources:
                _copy(ROOT / source, app / target, into=target.endswith("/"))
        elif word == "RUN" and "/uv/bin/python" not in rest:  # `make setup` has made one
            line = rest.replace(
                "python -m venv /venv && python -m venv /uv", f"{python} -m venv /venv"
            )
            line = line.replace("/uv/bin/uv", f"{Path(sys.prefix) / 'bin/uv'}")
            line = line.replace("/venv", str(place / "venv"))
            subprocess.run(line, shell=True, check=True, cwd=app)


def _copy(source: Path, target: Path, *, into: bool) -> None:
    if source.is_dir():
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        return
    place = target / source.name if into or target.is_dir() else target
    place.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, place)


def _make_readable(place: Path) -> None:
    for path in (place / "app", place / "venv", place / "model"):
        subprocess.run(["chmod", "-R", "a+rX,a-w", str(path)], check=True)


def _snapshot(folder: Path) -> list[tuple[str, int]]:
    return sorted((str(p), p.stat().st_mtime_ns) for p in folder.rglob("*"))


def _wait(process: subprocess.Popen[bytes], port: int) -> None:
    for _ in range(1200):
        assert process.poll() is None, "the service ended"
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/health/ready", timeout=5):
                return
        except OSError:
            time.sleep(0.1)
    pytest.fail("never ready")


def _said(command: list[str], environment: dict[str, str]) -> str:
    done = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
    return done.stdout.strip()


def _tag(port: int, key: str) -> dict[str, object]:
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/v1/tag",
        json.dumps({"text": "信用卡年费怎么又扣了"}).encode(),
        {"Authorization": f"Bearer {key}"},
    )
    with urllib.request.urlopen(request, timeout=60) as answer:
        found: dict[str, object] = json.loads(answer.read())
    return found
