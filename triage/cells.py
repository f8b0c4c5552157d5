"""Texts in tables that a spreadsheet opens."""

from __future__ import annotations

from typing import Any

# What a spreadsheet takes for a formula; a cell that begins so would be run by whoever opens it.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def unrun(value: Any) -> Any:
    """Put an apostrophe before a text that would be taken for a formula; all else stays."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
