"""Servers that a benchmark starts: `jiesu serve` in a home of its own, and the empty endpoint."""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import closing, contextmanager
from pathlib import Path

from service.access.keys import KeyStore, Role
from service.settings import Settings
from service.store.opening import open_database

ROOT = Path(__file__).parent.parent
READY_S = 300.0
_ASK_EVERY_S = 0.02
_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def resident(pid):
    """Give the resident bytes of a process now, and the most there were."""
    fields = {}
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        name, _, value = line.partition(":")
        fields[name] = value
    return tuple(int(fields[name].split()[0]) * 1024 for name in ("VmRSS", "VmHWM"))


def cpu_seconds(pid):
    """Give the seconds of processor time that a process has had, in all its threads."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Server:
    """A process that serves on a port of loopback."""

    def __init__(self, command, port, *, health, log, variables):
        self.port, self._health = port, health
        with log.open("ab") as errors:
            self.process = subprocess.Popen(
                command,
                cwd=ROOT,
                env={**os.environ, **variables},
                stdout=subprocess.DEVNULL,
                stderr=errors,
            )

    def wait(self, within=READY_S):
        """Wait until it is ready; a process that has ended, or takes too long, is an error."""
        until = time.monotonic() + within
        while time.monotonic() < until:
            if self.process.poll() is not None:
                raise RuntimeError(f"the server ended with {self.process.returncode}")
            try:
                with _DIRECT.open(f"http://127.0.0.1:{self.port}{self._health}", timeout=5):
                    return self
            except OSError:
                time.sleep(_ASK_EVERY_S)
        raise RuntimeError("the server is not ready")

    def memory(self):
        """Resident bytes now, and the most there were."""
        return resident(self.process.pid)

    def cpu_seconds(self):
        """Seconds of processor time that it has had, in all its threads."""
        return cpu_seconds(self.process.pid)

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self):
        self.process.kill()
        self.process.wait()


class Home:
    """Where one service lives: folder, database, keys, and how it is started."""

    def __init__(self, folder, *, model="", database_url="", **variables):
        self.folder, self.log = folder, folder / "service.log"
        self.variables = {
            "JIESU_HOME": str(folder),
            "JIESU_MODEL": str(model),
            "JIESU_DATABASE_URL": database_url,
            "JIESU_RATE_PER_MINUTE": "0",
            "PYTHONWARNINGS": "ignore",
            # As everywhere else, Python keeps what it has compiled: the first start pays for it.
            "PYTHONDONTWRITEBYTECODE": "",
            **variables,
        }
        settings = Settings(home=folder, database_url=database_url)
        with closing(open_database(settings)) as database:
            store = KeyStore(database)
            self.keys = {role: store.create(role) for role in Role}

    @property
    def intake(self):
        return self.keys[Role.INTAKE]

    def start(self, port=None):
        """Start `jiesu serve`, without waiting for it."""
        port = port or free_port()
        command = [sys.executable, "-m", "jiesu", "serve", "--port", str(port)]
        return Server(command, port, health="/health/ready", log=self.log, variables=self.variables)


@contextmanager
def served(home):
    server = home.start()
    try:
        yield server.wait()
    finally:
        server.stop()


@contextmanager
def empty_endpoint(folder):
    """Serve `benchmarks.empty_app` by uvicorn, with the options that `jiesu serve` gives it."""
    port = free_port()
    command = [sys.executable, "-m", "uvicorn", "benchmarks.empty_app:app", "--port", str(port)]
    command += ["--no-access-log", "--no-server-header", "--ws", "none", "--log-level", "warning"]
    server = Server(command, port, health="/openapi.json", log=folder / "empty.log", variables={})
    try:
        yield server.wait()
    finally:
        server.stop()
