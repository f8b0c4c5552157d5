"""What the shipped corpus must hold (`python -m training.corpus_check`; the suite runs it too)."""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from training.corpus import LabelledRow, load_corpus
from training.similarity import common_runs, near_duplicates
from triage.config import ROOT
from triage.masking.mask import mask
from triage.taxonomy import FALLBACK_LINE, Taxonomy, load_taxonomy

_HAN = re.compile("[一-鿿]")


@dataclass(frozen=True, slots=True)
class Demands:
    """The numbers a corpus is held to."""

    rows: int = 6000
    rows_per_leaf: int = 200
    rows_other: int = 600
    rules: int = 18
    pairs_per_rule: int = 40
    decoy_share: float = 0.25
    jaccard: float = 0.5
    run_length: int = 14
    run_rows: int = 5
    foreign_run: int = 20


def problems(rows: Sequence[LabelledRow], taxonomy: Taxonomy, demands: Demands) -> Iterator[str]:
    """Give every way in which a corpus falls short, one sentence each."""
    checks: list[Callable[[], Iterator[str]]] = [
        lambda: _schema(rows, taxonomy),
        lambda: _counts(rows, taxonomy, demands),
        lambda: _pairs(rows, demands),
        lambda: _decoys(rows, demands),
        lambda: _repeats(rows, demands),
        lambda: _personal(rows),
    ]
    for check in checks:
        yield from check()


def _schema(rows: Sequence[LabelledRow], taxonomy: Taxonomy) -> Iterator[str]:
    for identity, count in Counter(row.id for row in rows).items():
        if count > 1:
            yield f"id {identity} stands {count} times"
    for row in rows:
        if row.nature not in taxonomy.nature_codes or not row.register or not row.text.strip():
            yield f"{row.id}: nature, register or text is missing"
        for mark in (*row.signals, *row.decoys):
            if mark.code not in taxonomy.signal_codes:
                yield f"{row.id}: {mark.code} is no signal"
            if not 0 <= mark.start < mark.end <= len(row.text):
                yield f"{row.id}: {mark.code} lies outside the text"
        if row.line in row.secondary:
            yield f"{row.id}: the secondary line repeats the line"


def _counts(rows: Sequence[LabelledRow], taxonomy: Taxonomy, demands: Demands) -> Iterator[str]:
    distinct = len({row.text for row in rows})
    if distinct < demands.rows:
        yield f"{distinct} distinct narratives, {demands.rows} wanted"
    by_leaf = Counter(row.leaf for row in rows)
    for leaf in taxonomy.leaves:
        least = demands.rows_other if leaf == FALLBACK_LINE else demands.rows_per_leaf
        if by_leaf[leaf] < least:
            yield f"{leaf}: {by_leaf[leaf]} rows, {least} wanted"


def _pairs(rows: Sequence[LabelledRow], demands: Demands) -> Iterator[str]:
    leaves: dict[tuple[int, str], set[str]] = {}
    for row in rows:
        if row.rule is not None:
            leaves.setdefault((row.rule, row.group), set()).add(row.leaf)
    pairs = Counter(rule for (rule, _), found in leaves.items() if len(found) > 1)
    for rule in range(1, demands.rules + 1):
        if pairs[rule] < demands.pairs_per_rule:
            yield f"rule {rule}: {pairs[rule]} contrast pairs, {demands.pairs_per_rule} wanted"


def decoy_share(rows: Sequence[LabelledRow]) -> float:
    """Share of decoys alone among the rows in which a signal's words occur."""
    worded = [row for row in rows if row.signals or row.decoys]
    return sum(not row.signals for row in worded) / max(1, len(worded))


def _decoys(rows: Sequence[LabelledRow], demands: Demands) -> Iterator[str]:
    share = decoy_share(rows)
    if share < demands.decoy_share:
        yield f"decoys alone in {share:.3f} of rows with signal words, {demands.decoy_share} wanted"


def _repeats(rows: Sequence[LabelledRow], demands: Demands) -> Iterator[str]:
    texts = [row.text for row in rows]
    for a, b, score in near_duplicates(texts, jaccard=demands.jaccard):
        yield f"{rows[a].id} and {rows[b].id} are near-duplicates ({score:.2f})"
    runs = common_runs(texts, length=demands.run_length, more_than=demands.run_rows)
    for run, count in runs.items():
        yield f"{run!r} stands in {count} rows"


def _personal(rows: Sequence[LabelledRow]) -> Iterator[str]:
    for row in rows:
        for found in mask(row.text).found:
            if found.valid:
                yield f"{row.id}: holds a {found.kind} that passes its checksum"


def foreign_runs(rows: Sequence[LabelledRow], folder: Path, *, length: int) -> Iterator[str]:
    """Give the rows that share a run of Chinese characters with files that must stay outside."""
    own: dict[str, str] = {}
    for row in rows:
        text = "".join(_HAN.findall(row.text))
        for i in range(len(text) - length + 1):
            own.setdefault(text[i : i + length], row.id)
    for path in sorted(p for p in folder.rglob("*") if p.suffix in {".txt", ".jsonl"}):
        for line in path.read_text(encoding="utf-8", errors="ignore").splitlines():
            text = "".join(_HAN.findall(line))
            for i in range(len(text) - length + 1):
                if text[i : i + length] in own:
                    yield f"{own[text[i : i + length]]} shares a run with {path.name}"


def main() -> int:
    """Print the counts and every problem; 1 when there is one."""
    taxonomy, demands = load_taxonomy(), Demands()
    found: list[str] = []
    rows = load_corpus(taxonomy, say=found.append)
    found += problems(rows, taxonomy, demands)
    real = ROOT.parent / "shared" / "real"
    if real.is_dir():
        found += foreign_runs(rows, real, length=demands.foreign_run)
    lengths = sorted(len(row.text) for row in rows)
    n = len(rows)
    print(f"{n} rows; lengths 5/50/95 %: {[lengths[int(n * q)] for q in (0.05, 0.5, 0.95)]}")
    print(f"decoy share {decoy_share(rows):.3f}")
    for code, count in Counter(row.leaf for row in rows).most_common():
        print(f"  {code:34s}{count:6d}")
    for problem in found[:50]:
        print("PROBLEM", problem)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
