"""How well signals are found: per code and micro-averaged, on a labelled file.

    python -m benchmarks.signals --data FILE.jsonl

Rows need `text` and `signals` (codes, or objects with `code`); codes in `signals_arguable` are
not counted either way. Without `--data` the shipped corpus is read. The last lines give the
time of a narrative.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from triage.config import data_dir
from triage.linguistic import Reader
from triage.normalize import normalize
from triage.segment import Segmenter, load_terms

Scored = tuple[Counter[str], Counter[str], Counter[str]]


def rows_of(paths: Iterable[Path]) -> Iterator[dict[str, Any]]:
    """Rows of JSONL files."""
    for path in paths:
        with path.open(encoding="utf-8") as lines:
            yield from (json.loads(line) for line in lines if line.strip())


def codes_of(signals: Iterable[Any]) -> set[str]:
    """Codes of a `signals` field of either shape."""
    return {s["code"] if isinstance(s, dict) else str(s) for s in signals or ()}


def score(pairs: Iterable[tuple[set[str], set[str]]]) -> Scored:
    """Count true, found and right codes over (true, found) pairs."""
    true: Counter[str] = Counter()
    found: Counter[str] = Counter()
    right: Counter[str] = Counter()
    for gold, guess in pairs:
        true.update(gold)
        found.update(guess)
        right.update(gold & guess)
    return true, found, right


def ratios(true: int, found: int, right: int) -> tuple[float, float, float]:
    """Precision, recall and F1; nothing to find and nothing found is 1."""
    precision = right / found if found else float(not true)
    recall = right / true if true else float(not found)
    return precision, recall, 2 * right / (true + found) if true + found else 1.0


def report(scored: Scored) -> str:
    """A table with a line for each code and the micro-average."""
    true, found, right = scored
    lines = [f"{'signal':<22} {'rows':>5} {'P':>6} {'R':>6} {'F1':>6}"]
    for code in sorted(set(true) | set(found)):
        p, r, f1 = ratios(true[code], found[code], right[code])
        lines.append(f"{code:<22} {true[code]:>5} {p:>6.3f} {r:>6.3f} {f1:>6.3f}")
    p, r, f1 = ratios(true.total(), found.total(), right.total())
    lines.append(f"{'micro-average':<22} {true.total():>5} {p:>6.3f} {r:>6.3f} {f1:>6.3f}")
    return "\n".join(lines)


def measure(rows: Sequence[dict[str, Any]]) -> tuple[Scored, float]:
    """Score `rows`; also microseconds of reading for 100 characters."""
    reader = Reader()
    segmenter = Segmenter(terms=load_terms(data_dir() / "terms"))
    texts = [normalize(row["text"]).text for row in rows]
    words = [segmenter.cut(text) for text in texts]
    if texts:
        reader.read(texts[0], words[0])
    began = time.perf_counter()
    read = [reader.read(text, cut) for text, cut in zip(texts, words, strict=True)]
    spent = time.perf_counter() - began
    pairs = []
    for row, mentions in zip(rows, read, strict=True):
        arguable = codes_of(row.get("signals_arguable", ()))
        guess = {m.code for m in reader.signals(mentions)}
        pairs.append((codes_of(row["signals"]) - arguable, guess - arguable))
    return score(pairs), spent * 1e8 / max(1, sum(map(len, texts)))


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--data", type=Path, action="append", help="a labelled JSONL file")
    options = parser.parse_args(arguments)
    paths = options.data or sorted((data_dir() / "corpus").glob("*.jsonl"))
    rows = list(rows_of(paths))
    scored, microseconds = measure(rows)
    print(report(scored))
    print(f"{len(rows)} rows, {microseconds:.0f} us for 100 characters")
    return 0


if __name__ == "__main__":
    sys.exit(main())
