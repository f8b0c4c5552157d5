"""What a look at drift gave, for pages that show it, and a desk that does."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from desk_fakes import desk
from service_fakes import Client

from service.drift.round import FILE


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def running(home: Path) -> Iterator[Client]:
    """A desk with one ticket, for a whole module."""
    with desk(home, tickets=1) as client:
        yield client


def phrase(text: str = "云护通", **changes: Any) -> dict[str, Any]:
    """A phrase as a look offers it."""
    return {
        "text": text,
        "recent": 7,
        "before": 0,
        "p": 0.0001,
        "tickets": [f"T-{number}" for number in range(7)],
        "cut_now": ["云", "护", "通"],
        "cut_then": [text],
        "recut": 7,
        "looked_at": 1234,
        **changes,
    }


def reviewed(**changes: Any) -> dict[str, Any]:
    """Figures of verdicts."""
    return {
        "verdicts": 40,
        "named": 38,
        "estimated": 0.9,
        "verified": 0.8,
        "verified_low": 0.65,
        "verified_high": 0.89,
        "overridden": 0.3,
        "overridden_low": 0.18,
        "overridden_high": 0.45,
        "line_overridden": 0.2,
        "line_overridden_low": 0.1,
        "line_overridden_high": 0.35,
        **changes,
    }


def look(**changes: Any) -> dict[str, Any]:
    """A look in which words rang, and a phrase is new."""
    moved = [["共享屏幕", 0.001, 0.02], ["…", 0.5, 0.48]]
    views = [
        {"view": view, "psi": 0.1, "distance": 0.01, "p": p, "moved": moved}
        for view, p in (("words", 0.0005), ("characters", 0.3), ("length", 0.6))
    ]
    lines = [["fraud", 0.05, 0.09], ["fee_dispute", 0.2, 0.15]]
    views.append({"view": "line", "psi": 0.1, "distance": 0.02, "p": 0.2, "moved": lines})
    return {
        "at": "2026-11-28T09:00:00+08:00",
        "tickets": 431,
        "tickets_before": 2876,
        "model_version": "fake.1",
        "calibration_version": None,
        "model_since": "2026-10-01T09:00:00+08:00",
        "estimated_accuracy": 0.88,
        "reviewed": reviewed(),
        "reviewed_weighted": reviewed(),
        "reviewed_audit": reviewed(verdicts=0, named=0, estimated=None, verified=None),
        "compared_at": "2026-11-25T09:00:00+08:00",
        "views": views,
        "changed": ["words"],
        "left_out": {"channel": "reference", "risk": "new_model"},
        "phrases": [phrase()],
        **changes,
    }


def keep(home: Path, **changes: Any) -> None:
    """Put a look where the service keeps its last one."""
    (home / FILE).write_bytes(orjson.dumps(look(**changes)))
