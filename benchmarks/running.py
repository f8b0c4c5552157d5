"""Contenders as processes: those that are asked by a pipe, and those that are asked over HTTP.

All are alike to whoever measures: `start` gives the seconds to the first answer in a fresh process,
`single` microseconds and lines of one narrative after another, `batch` the seconds of a file,
`peak` the most memory, `stop` ends the process.
"""

import os
import subprocess
import sys
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from pathlib import Path
from time import perf_counter

import orjson

from benchmarks.servers import ROOT, Home, Server, cpu_seconds, free_port, resident

CALL = 256
REGISTERED = "models:/jiesu@challenger"
# The first start in a fresh folder compiles, which on a busy machine takes minutes.
_WITHIN_S = 600


class Piped:
    """A contender of `benchmarks.contender`."""

    def __init__(self, kind, folder):
        self._command = [sys.executable, "-m", "benchmarks.contender", kind, str(folder)]

    def start(self, text):
        began = perf_counter()
        self._process = subprocess.Popen(
            self._command,
            cwd=ROOT,
            env={**os.environ, "PYTHONWARNINGS": "ignore"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        self.single([text])
        return perf_counter() - began

    def _ask(self, asked):
        self._process.stdin.write(orjson.dumps(asked) + b"\n")
        self._process.stdin.flush()
        told = self._process.stdout.readline()
        if not told:
            raise RuntimeError(f"{' '.join(self._command)} ended with {self._process.wait()}")
        return orjson.loads(told)

    def single(self, texts):
        told = self._ask({"texts": texts})
        return told["us"], told["lines"]

    def batch(self, path):
        return self._ask({"batch": str(path)})["seconds"]

    def peak(self):
        return resident(self._process.pid)[1]

    def cpu_seconds(self):
        return cpu_seconds(self._process.pid)

    def stop(self):
        self._process.stdin.close()
        self._process.wait(30)
        self._process.stdout.close()


class Served:
    """What both servers have in common: one kept connection, bodies of 256 narratives."""

    path = ""
    server = None

    def start(self, text):
        began = perf_counter()
        self.server = self._launch().wait(_WITHIN_S)
        with self._connected() as post:
            post(self._body([text]))
        return perf_counter() - began

    @contextmanager
    def _connected(self):
        """A connection that is kept as long as this lasts: an idle one is closed by the server."""
        connection = HTTPConnection("127.0.0.1", self.server.port, timeout=_WITHIN_S)
        headers = {"Content-Type": "application/json", **self._headers()}

        def post(body):
            connection.request("POST", self.path, body, headers)
            answer = connection.getresponse()
            told = answer.read()
            if answer.status != 200:
                raise RuntimeError(f"{self.path} answered {answer.status}")
            return told

        with closing(connection):
            connection.connect()
            yield post

    def single(self, texts):
        taken, lines = [], []
        bodies = [self._one(text) for text in texts]
        with self._connected() as post:
            for body in bodies:
                began = perf_counter()
                told = post(body)
                taken.append((perf_counter() - began) * 1e6)
                lines += self._lines(told)
        return taken, lines

    def batch(self, path):
        texts = [orjson.loads(line)["text"] for line in path.read_bytes().splitlines()]
        parts = [texts[at : at + CALL] for at in range(0, len(texts), CALL)]
        with self._connected() as post:
            began = perf_counter()
            for part in parts:
                post(self._body(part))
            return perf_counter() - began

    def peak(self):
        return sum(resident(pid)[1] for pid in _family(self.server.process.pid))

    def stop(self):
        if self.server is not None:
            self.server.stop()

    def _headers(self):
        return {}

    def _one(self, text):
        return self._body([text])


class JiesuServe(Served):
    """`jiesu serve`, asked by `POST /v1/tag`."""

    path = "/v1/tag"

    def __init__(self, model, folder):
        self._home = Home(folder, model=model, JIESU_LOG_LEVEL="WARNING", JIESU_WATCH="false")

    def _launch(self):
        return self._home.start()

    def _headers(self):
        return {"Authorization": f"Bearer {self._home.intake}"}

    def _one(self, text):
        return orjson.dumps({"text": text})

    def _body(self, texts):
        return orjson.dumps({"narratives": [{"text": text} for text in texts]})

    def _lines(self, told):
        found = orjson.loads(told)
        return [row["line"] for row in found.get("results", [found])]


class MlflowServe(Served):
    """`mlflow models serve` of the registered model, in the environment that is there.

    Parameters
    ----------
    store : str
        Address of the tracking store in which the model is registered.
    """

    path = "/invocations"

    def __init__(self, store, log):
        self._log = log
        # The command looks for uvicorn on the path.
        path = os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", "")))
        self._variables = {
            "MLFLOW_TRACKING_URI": store,
            "MLFLOW_DISABLE_TELEMETRY": "true",
            "PYTHONWARNINGS": "ignore",
            "PATH": path,
        }

    def _launch(self):
        port = free_port()
        command = [sys.executable, "-m", "mlflow", "models", "serve", "--model-uri", REGISTERED]
        command += ["--env-manager", "local", "--host", "127.0.0.1", "--port", str(port)]
        return Server(command, port, health="/ping", log=self._log, variables=self._variables)

    def _body(self, texts):
        table = {"columns": ["text"], "data": [[text] for text in texts]}
        return orjson.dumps({"dataframe_split": table})

    def _lines(self, told):
        return [row["line"] for row in orjson.loads(told)["predictions"]]


def register(model, folder):
    """Register a model folder in a store of its own; gives the store's address."""
    store = f"sqlite:///{folder / 'mlflow.db'}"
    code = "import sys; from pathlib import Path; from training.tracking import CHALLENGER, "
    code += "set_alias; set_alias(CHALLENGER, Path(sys.argv[1]))"
    subprocess.run(
        [sys.executable, "-c", code, str(model)],
        cwd=ROOT,
        env={
            **os.environ,
            "JIESU_HOME": str(folder),
            "MLFLOW_TRACKING_URI": store,
            "PYTHONWARNINGS": "ignore",
        },
        capture_output=True,
        check=True,
    )
    return store


def _family(pid):
    """Give a process and all that it started."""
    told = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(one for child in told for one in _family(int(child)))]
