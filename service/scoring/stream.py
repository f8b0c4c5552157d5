"""`jiesu score -`: JSONL from standard input, scored in the process itself."""

from __future__ import annotations

import secrets
import sys
from collections.abc import Iterator, Mapping
from itertools import chain, islice
from pathlib import Path

from service.scoring.command import Summary
from service.scoring.outputs import json_line
from service.scoring.part_lines import RawRow, read_json_line
from service.scoring.rows import Rejected, check_text, renamed, score_rows
from service.scoring.targets import STANDARD
from service.settings import load_settings
from triage.batches import BATCH
from triage.encodings import prevailing
from triage.engine import Engine
from triage.errors import InvalidInput


def score_stream(
    model: Path, out: str, *, only: str | None = None, columns: Mapping[str, str] | None = None
) -> Summary:
    """Score JSONL from standard input, a batch of rows at a time."""
    target = None if out == STANDARD else Path(out)
    if target is not None and target.suffix.lower() != ".jsonl":
        raise InvalidInput("standard input is written as JSONL", cure="use --out FILE.jsonl")
    given = standard_input()
    first = list(islice(given, BATCH))
    check_text("standard input", first, columns or {})
    rejected_path = _rejected(target)
    good = target.open("wb") if target else sys.stdout.buffer
    rows = bad = 0
    most = load_settings().narrative_chars_max
    whole = renamed(chain(first, given), columns or {})
    for answer in score_rows(Engine.load(model), whole, most_characters=most, only=only):
        if isinstance(answer, Rejected):
            bad += 1
            with rejected_path.open("ab") as file:
                file.write(json_line(answer.to_json()))
        else:
            rows += 1
            good.write(json_line(answer))
    good.flush()
    if target:
        good.close()
    return Summary(rows, bad, rejected_path if bad else None)


def _rejected(target: Path | None) -> Path:
    if target is None:
        # Several pipes may run in one folder: each has a file of its own.
        return Path(f"stdin.{secrets.token_hex(4)}.rejected.jsonl")
    path = Path(f"{target}.rejected.jsonl")
    path.unlink(missing_ok=True)
    return path


def standard_input() -> Iterator[RawRow]:
    """Read the rows of standard input."""
    lines = enumerate(sys.stdin.buffer, 1)
    # No more is waited for than one batch of the engine.
    while some := list(islice(lines, BATCH)):
        encoding = prevailing(b"".join(text for _, text in some))
        for number, text in some:
            if text.strip():
                yield read_json_line(number, text, encoding=encoding)
