"""A small HTTP/1.1 client that costs little, so that what is measured is the service.

A connection is kept, one request is under way on it at a time, and only answers with a
`Content-Length` are understood: those of the service are of no other kind.
"""

import asyncio
import re

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_END = b"\r\n\r\n"


def request_bytes(port, method, path, body=b"", token=""):
    """Give a whole request as it goes over the wire."""
    key = f"Authorization: Bearer {token}\r\n" if token else ""
    head = (
        f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n{key}"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


class Connection(asyncio.Protocol):
    """One kept connection; `ask` sends a request and gives (status, body)."""

    def __init__(self):
        self._transport = None
        self._answer = None
        self._received = b""

    @classmethod
    async def open(cls, port):
        loop = asyncio.get_running_loop()
        _, made = await loop.create_connection(cls, "127.0.0.1", port)
        return made

    def connection_made(self, transport):
        self._transport = transport

    def data_received(self, data):
        self._received += data
        end = self._received.find(_END)
        if end < 0:
            return
        length = _LENGTH.search(self._received, 0, end)
        whole = end + len(_END) + (int(length[1]) if length else 0)
        if len(self._received) < whole:
            return
        answer, self._received = self._received[:whole], self._received[whole:]
        waiting, self._answer = self._answer, None
        if waiting is not None and not waiting.done():
            waiting.set_result((int(answer[9:12]), answer[end + len(_END) :]))

    def connection_lost(self, exc):
        waiting, self._answer = self._answer, None
        if waiting is not None and not waiting.done():
            waiting.set_exception(exc or ConnectionResetError("the service closed the connection"))

    async def ask(self, request, *, timeout=30.0):
        """Send a request; a connection that breaks raises OSError, one that hangs TimeoutError."""
        if self._transport.is_closing():
            raise ConnectionResetError("the connection is closed")
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return await asyncio.wait_for(self._answer, timeout)

    def close(self):
        self._transport.close()
