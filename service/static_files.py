"""The files of the pages: packed once for all, kept by browsers while they stay the same.

A page names a file with the hash of its content (`versioned`), so a browser may keep it for ever;
a file that is asked for without it is asked for again each time, and mostly answered 304.
"""

from __future__ import annotations

import gzip
import hashlib
from functools import lru_cache
from pathlib import Path

from anyio import to_thread
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import FileResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

FOLDER = Path(__file__).parent / "static"
_FOR_EVER = "public, max-age=31536000, immutable"
_ASK_AGAIN = "no-cache"
_SIGNS = 12
_PACKED = {".css", ".html", ".js", ".txt"}
# What is told of the bytes as they lie on the disk.
_OTHER = (b"content-length", b"accept-ranges")


@lru_cache(maxsize=64)
def versioned(name: str) -> str:
    """Give the address of a file of the folder, with the hash of its content."""
    return f"/static/{name}?v={_hash(FOLDER / name)}"


class Static(StaticFiles):
    """The folder, packed for whom takes that."""

    def __init__(self) -> None:
        super().__init__(directory=FOLDER)

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Answer a request for a file."""
        answer = await super().get_response(path, scope)
        if not isinstance(answer, FileResponse):
            return answer  # refused, or not changed
        file = Path(answer.path)
        asked = scope["query_string"].decode("latin-1")
        kept = asked == f"v={await to_thread.run_sync(_hash, file)}"
        answer.headers["Cache-Control"] = _FOR_EVER if kept else _ASK_AGAIN
        if file.suffix not in _PACKED:
            return answer
        answer.headers.add_vary_header("Accept-Encoding")
        if "gzip" not in Headers(scope=scope).get("accept-encoding", ""):
            return answer
        content = await to_thread.run_sync(_packed, file)
        headers = MutableHeaders(raw=[one for one in answer.raw_headers if one[0] not in _OTHER])
        headers["Content-Encoding"] = "gzip"
        headers["ETag"] = f"W/{answer.headers['etag']}"  # the same file, other bytes
        return Response(content, headers=headers)


@lru_cache(maxsize=64)
def _hash(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()[:_SIGNS]


@lru_cache(maxsize=64)
def _packed(file: Path) -> bytes:
    return gzip.compress(file.read_bytes(), mtime=0)
