"""In which encoding a bank's file is, where some of its bytes may be damaged."""

from __future__ import annotations

UTF8, _GB18030 = "utf-8", "gb18030"


def prevailing(content: bytes) -> str:
    """Tell whether text is UTF-8 or GB18030, by most of its lines that are not ASCII.

    GB18030 decodes nearly any bytes, so that a single damaged one would turn a whole file in
    UTF-8 into other characters; lines in GB18030 are hardly ever valid UTF-8.

    Returns
    -------
    {"utf-8", "gb18030"}
    """
    if decodes(content, UTF8):
        return UTF8
    lines = [line for line in content.split(b"\n") if not line.isascii()]
    whole = sum(decodes(line, UTF8) for line in lines)
    return UTF8 if 2 * whole >= len(lines) else _GB18030


def decodes(content: bytes, encoding: str) -> bool:
    """Tell whether bytes are whole in an encoding."""
    try:
        content.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True
