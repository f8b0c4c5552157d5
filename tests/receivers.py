"""A receiver of webhooks on this machine: checks signatures, answers what it is told to."""

from __future__ import annotations

import base64
import hashlib
import hmac
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import orjson


class Receiver:
    """What arrived, and what it was answered.

    `answers` gives the status of the n-th request, from 0 on; a fault in it is no answer at all.
    """

    def __init__(self, secret: str, answers: Callable[[int], int]) -> None:
        self.secret = secret
        self.answers = answers
        self.url = ""
        self.got: list[dict[str, Any]] = []
        self.ids: list[str] = []
        self.stamps: list[int] = []
        self.forged = 0
        self.headers: dict[str, str] = {}
        self._turn = threading.Lock()

    def take(self, headers: dict[str, str], body: bytes) -> int:
        """Note a request; give the status to answer."""
        with self._turn:
            number = len(self.ids)
            self.headers = headers
            self.ids.append(headers["webhook-id"])
            self.stamps.append(int(headers["webhook-timestamp"]))
            self.got.append(orjson.loads(body))
            self.forged += not self._signed(headers, body)
        return self.answers(number)

    def _signed(self, headers: dict[str, str], body: bytes) -> bool:
        # Written from the standard, not from the sender.
        key = base64.b64decode(self.secret.split("_", 1)[1])
        head = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode()
        made = base64.b64encode(hmac.new(key, head + body, hashlib.sha256).digest()).decode()
        return f"v1,{made}" in headers["webhook-signature"].split(" ")


class _Server(ThreadingHTTPServer):
    # Many call at once: none is turned away because the machine is slow to take it in.
    request_queue_size = 256


@contextmanager
def receiving(secret: str, answers: Callable[[int], int] = lambda _: 204) -> Iterator[Receiver]:
    """Run a receiver on 127.0.0.1."""
    receiver = Receiver(secret, answers)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            status = receiver.take({k.lower(): v for k, v in self.headers.items()}, body)
            self.send_response(status)
            if 300 <= status < 400:
                self.send_header("location", f"{receiver.url}/elsewhere")
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            return

    server = _Server(("127.0.0.1", 0), Handler)
    receiver.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
