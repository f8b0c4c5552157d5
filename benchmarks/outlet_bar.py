"""Tickets made at random, none of which may lie with an outlet that is barred from it.

    python -m benchmarks.outlet_bar [--tickets 100000] [--seed 1]

Every fact is drawn, also those a file makes of it: half of the tickets are judged by the shipped
rules, half by rules that send everything to outlets and bar nothing. The nature is drawn apart
from the rest and lifts no bar: a complaint may be read as anything. Prints the violations, how
often an outlet was given, and the time of a ticket; the exit status is 1 when there is one.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from triage.records import CHANNELS, Context, LineScore
from triage.rules.calendar import ZONE
from triage.rules.facts import MEDIATION, SENT_DOWN, History, Reading
from triage.rules.rulebook import Rulebook
from triage.taxonomy import Taxonomy, load_taxonomy, split_leaf

# What a careless hand could write: everything at an outlet, nothing barred.
CARELESS = """
version: careless
effective: 2026-01-01
possible_share: 1.0
offices: {outlet: 网点, sub_branch: 支行, disposal_office: 处置办, head_office: 总行}
co_departments: []
departments: [{unit: 部室, level: outlet, accountable: 主任}]
rules:
  - id: X-1
    name: 一律落网点
    mark: P
    basis: 本行规则：测试
    valid_from: 2000-01-01
    then: {send_to: outlet, level_at_least: outlet}
"""
_START = datetime(2020, 3, 1, tzinfo=ZONE)
_MINUTES = 10 * 365 * 24 * 60


def careless(folder: Path, taxonomy: Taxonomy) -> Rulebook:
    """The rulebook of `CARELESS`."""
    path = folder / "careless.yaml"
    path.write_text(CARELESS, encoding="utf-8")
    return Rulebook.load(path, taxonomy)


def tickets(
    count: int, seed: int, taxonomy: Taxonomy
) -> Iterator[tuple[Reading, Context, History]]:
    """Tickets drawn at random."""
    dice = random.Random(seed)
    for _ in range(count):
        yield _reading(dice, taxonomy), _context(dice), _history(dice)


def _reading(dice: random.Random, taxonomy: Taxonomy) -> Reading:
    weights = [dice.random() ** dice.choice((1, 8, 30)) for _ in taxonomy.leaves]
    total = sum(weights)
    scores = sorted(
        (
            LineScore(*split_leaf(leaf), weight / total)
            for leaf, weight in zip(taxonomy.leaves, weights, strict=True)
        ),
        key=lambda score: -score.probability,
    )
    abstained = dice.random() < 0.1
    best = scores[0]
    return Reading(
        line=None if abstained else best.line,
        subline=None if abstained else best.subline,
        secondary=tuple(dice.sample(taxonomy.line_codes, dice.choice((0, 0, 1, 2)))),
        alternatives=tuple(scores if abstained else scores[1:]),
        probability=best.probability,
        abstained=abstained,
        nature=dice.choice(taxonomy.nature_codes),
        signals=frozenset(dice.sample(taxonomy.signal_codes, dice.randrange(5))),
        band=dice.choice(("high", "medium", "low")),
    )


def _context(dice: random.Random) -> Context:
    return Context(
        received_at=dice.choice((None, _START + timedelta(minutes=dice.randrange(_MINUTES)))),
        channel=dice.choice((None, *CHANNELS)),
        unit=dice.choice((None, "西大街网点")),
        visited_branch=dice.choice((None, True, True, False)),
        outlet_touchpoint=dice.choice((None, True, True, False)),
        amount_cny=dice.choice((None, dice.random() * 1e6)),
        prior_complaints_90d=dice.choice((None, 0, 1, 5)),
        transfers=dice.choice((None, 0, 2, 3)),
        group_size=dice.choice((None, 1, 6, 30)),
    )


def _history(dice: random.Random) -> History:
    return History(
        repeats_90d=dice.choice((None, 0, 2)),
        repeats_15d=dice.choice((None, 0, 1, 2)),
        difficult=dice.random() < 0.2,
        mediation=dice.choice((None, *MEDIATION)),
        sent_to=dice.choice((None, *SENT_DOWN)),
        sent_reason=dice.choice((None, "客户要求到网点办理")),
    )


def violations(count: int, seed: int) -> tuple[int, Counter[str], float]:
    """Give violations, tickets by level, and microseconds a ticket."""
    taxonomy = load_taxonomy()
    broken, levels = 0, Counter[str]()
    with tempfile.TemporaryDirectory() as folder:
        books = (Rulebook.load(taxonomy=taxonomy), careless(Path(folder), taxonomy))
    spent = 0.0
    for number, (read, context, history) in enumerate(tickets(count, seed, taxonomy)):
        book = books[number % 2]
        begun = time.process_time()
        owner = book.apply(book.facts(read, context, history)).owner
        spent += time.process_time() - begun
        levels[owner.level] += 1
        broken += owner.level == "outlet" and (owner.barred_from_outlet or barred(read, context))
    return broken, levels, spent / max(1, count) * 1e6


def barred(read: Reading, context: Context) -> bool:
    """The bar said once more, in other words than the program's."""
    if read.line is None:
        return True
    lines = {read.line, *read.secondary}
    sure = context.visited_branch is True and context.outlet_touchpoint is True
    return not sure or "fraud" in lines or "account_control" in lines


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tickets", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    broken, levels, each = violations(args.tickets, args.seed)
    print(f"tickets {args.tickets}  violations {broken}  {each:.1f} us a ticket")
    print("  ".join(f"{level} {count}" for level, count in levels.most_common()))
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
