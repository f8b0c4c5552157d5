"""Log lines as JSON objects on stderr; no line carries text of a request."""

from __future__ import annotations

import logging
import traceback
from datetime import UTC, datetime
from types import TracebackType
from typing import Any

import orjson

LOGGER = "jiesu.service"


class JsonLines(logging.Formatter):
    """One JSON object a line: time, level, event, and the fields given as `extra={"facts": ...}`.

    Of an exception only its type and where it was raised are written: its message may quote
    what a customer wrote.
    """

    def format(self, record: logging.LogRecord) -> str:
        """Give the line."""
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": record.getMessage(),
            **getattr(record, "facts", {}),
        }
        if record.exc_info and record.exc_info[0]:
            line["exception"] = record.exc_info[0].__name__
            line["where"] = frames(record.exc_info[2])
        return orjson.dumps(line, default=str).decode()


def frames(trace: TracebackType | None) -> list[str]:
    """Give `file:line function` of a traceback, without its messages."""
    return [
        f"{frame.filename.rsplit('/', 2)[-1]}:{frame.lineno} {frame.name}"
        for frame in traceback.extract_tb(trace)
    ]


def log_config(level: str) -> dict[str, Any]:
    """Give the logging configuration of the server process, for `logging.config.dictConfig`."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"json": {"()": "service.logs.JsonLines"}},
        "handlers": {
            "stderr": {
                "class": "logging.StreamHandler",
                "formatter": "json",
                "stream": "ext://sys.stderr",
            }
        },
        "root": {"handlers": ["stderr"], "level": "WARNING"},
        "loggers": {
            "jiesu": {"level": level},
            "uvicorn": {"level": "WARNING" if level == "INFO" else level},
        },
    }
