"""A file that a browser sent with a form."""

from __future__ import annotations

from dataclasses import dataclass
from email.parser import BytesParser
from email.policy import HTTP
from pathlib import PurePath

from fastapi import Request

from service.body import read_body
from service.desk.corrections import Form
from service.wiring import parts_of
from triage.errors import InvalidInput

_NAME_CHARS = 120
_FORM_BYTES = 16_384  # what surrounds the file


@dataclass(frozen=True, slots=True)
class Upload:
    """The fields of a form, and the file with its name, without folders."""

    form: Form
    name: str
    content: bytes


async def read_upload(request: Request, *, limit: int) -> Upload:
    """Read a form with one file, as browsers send it (`multipart/form-data`).

    Raises
    ------
    InvalidInput, BodyTooLarge, BodyTooSlow
    """
    kind = request.headers.get("content-type", "")
    if not kind.startswith("multipart/form-data"):
        raise _unreadable()
    seconds = parts_of(request).settings.body_timeout_s
    body = await read_body(request, limit=limit + _FORM_BYTES, seconds=seconds)
    head = b"Content-Type: " + kind.encode("latin-1", "replace") + b"\r\n\r\n"
    sent = BytesParser(policy=HTTP).parsebytes(head + body)
    fields: dict[str, list[str]] = {}
    upload: tuple[str, bytes] | None = None
    for part in sent.iter_parts():
        content = part.get_payload(decode=True)
        name = part.get_param("name", header="content-disposition")
        if not isinstance(content, bytes) or not isinstance(name, str):
            raise _unreadable()
        if part.get_filename() is not None:
            upload = (str(part.get_filename()), content)
        else:
            fields.setdefault(name, []).append(content.decode("utf-8", "replace"))
    if upload is None or not upload[1]:
        raise InvalidInput("no file was chosen, or it is empty", cure="choose a file")
    plain = PurePath(upload[0].replace("\\", "/")).name[-_NAME_CHARS:]
    return Upload(Form(fields), plain.encode("utf-8", "replace").decode(), upload[1])


def _unreadable() -> InvalidInput:
    return InvalidInput("the form cannot be read", cure="send it from the page")
