"""Repeats: precision and recall on the authored pairs, false alarms, speed, cost of a lookup.

`python -m benchmarks.repeats` prints all of it in three to five minutes; `--large 0` leaves the
ledgers out. Thresholds and weights were tuned on the tuned half of the pairs alone.
"""

import argparse
import random
from datetime import UTC, datetime, timedelta
from time import perf_counter

from benchmarks.repeats_lookup import run
from benchmarks.repeats_pairs import SAME, TEMPLATE, decide, load_pairs, measure, read_pairs
from service.models import find_model
from training.corpus import load_corpus
from triage.engine import Engine
from triage.errors import JiesuError
from triage.normalize import normalize
from triage.repeats.matter import read_matter
from triage.repeats.same import same_matter
from triage.repeats.settings import load_settings
from triage.repeats.sketch import similarity, sketch
from triage.repeats.template import alike
from triage.taxonomy import load_taxonomy

NOW = datetime(2026, 6, 1, tzinfo=UTC)
# Least precision and recall.
FLOORS = {"same matter": (0.9, 0.8), "template": (0.95, 0.85)}
DRAWN = 4_000
SPOKEN = 120
BUDGET_US = 150
SMALL, LARGE = 10_000, 1_000_000


def quality(settings, model):
    pairs = load_pairs()
    ways = {"lines as authored": None}
    try:
        engine = Engine.load(find_model(model))
        texts = [pair[side]["text"] for pair in pairs for side in ("first", "second")]
        ways[f"lines by model {engine.version}"] = engine.assess(texts)
    except JiesuError as exc:
        print(f"  lines by a model: left out, {exc}")
    for way, tagged in ways.items():
        matters = read_pairs(pairs, settings, tagged)
        said = [decide(p, m, settings) for p, m in zip(pairs, matters, strict=True)]
        print(f"  {way}")
        for name, kinds in (("same matter", SAME), ("template", TEMPLATE)):
            for part in ("tuned", "blind"):
                row(name, part, measure(pairs, said, kinds, part))
        hard = [pair["hard"] for pair in pairs]
        chosen = [(p, s) for p, s, h in zip(pairs, said, hard, strict=True) if h]
        row("same matter", "blind, hard", measure(*zip(*chosen, strict=True), SAME, "blind"))


def row(name, part, figures):
    pairs, positive, precision, recall, f1 = figures
    least = " (floors {:.2f}, {:.2f})".format(*FLOORS[name]) if part == "blind" else ""
    print(
        f"    {name:<12} {part:<12} {pairs:>4} pairs, {positive:>3} positive:"
        f" precision {precision:.3f}  recall {recall:.3f}  F1 {f1:.3f}{least}"
    )


def false_alarms(rows, settings):
    """Random texts of one line, as if one customer had told both; then as if two had."""
    chance = random.Random(5)
    by_line = {}
    for text in rows:
        matter = read_matter(
            text.id, text.text, settings, received_at=NOW, customer_ref="C", line=text.line
        )
        by_line.setdefault(text.line, []).append(matter)
    drawn = [chance.sample(by_line[line], 2) for line in chance.choices(sorted(by_line), k=DRAWN)]
    for least, most in ((0, 60), (60, 150), (150, 10_000)):
        some = [p for p in drawn if least <= min(len(m.bare) for m in p) < most]
        same = sum(same_matter(*pair, settings) is not None for pair in some)
        print(
            f"  {len(some):>5} random pairs of a line, shorter text of {least} to {most}"
            f" characters: {same / max(1, len(some)):.2%} taken for the same matter"
        )
    like = sum(alike(a.sketch, b.sketch, settings.template) is not None for a, b in drawn)
    print(f"  {DRAWN:>5} of them as of different customers: {like} taken for a template")


def speed(rows, settings):
    text = next(r.text for r in rows if SPOKEN - 3 <= len(normalize(r.text).text) <= SPOKEN + 3)
    normal = normalize(text).text
    other = sketch(normal[10:])
    one = sketch(normal)
    new, old = (
        read_matter(str(d), text, settings, received_at=NOW + timedelta(d), customer_ref="C")
        for d in (1, 0)
    )
    works = {
        f"sketch with bands, {len(normal)} characters (budget {BUDGET_US})": lambda: sketch(
            normal
        ).bands(),
        "similarity of two sketches": lambda: similarity(one, other),
        "a stored ticket made ready": lambda: read_matter(
            "T", text, settings, received_at=NOW, customer_ref="C", known=one
        ),
        "same matter or not": lambda: same_matter(new, old, settings),
    }
    for name, work in works.items():
        print(f"  {name}: {microseconds(work):.0f} microseconds")


def microseconds(work, *, times=300, turns=7):
    taken = []
    for _ in range(turns):
        start = perf_counter()
        for _ in range(times):
            work()
        taken.append((perf_counter() - start) / times)
    # The fastest turn: whatever else the machine does only adds to it.
    return min(taken) * 1e6


def main():
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.repeats", description=__doc__.splitlines()[0]
    )
    parser.add_argument("--model", help="folder or version; default: the champion")
    parser.add_argument("--small", type=int, default=SMALL)
    parser.add_argument("--large", type=int, default=LARGE, help="0 leaves the ledgers out")
    parser.add_argument("--folder", help="where the ledgers are written; default: temporary")
    arguments = parser.parse_args()
    settings = load_settings()
    print("Authored pairs")
    quality(settings, arguments.model)
    rows = load_corpus(load_taxonomy())
    print("False alarms on the corpus")
    false_alarms(rows, settings)
    print("Speed, one process, the fastest of several turns")
    speed(rows, settings)
    if arguments.large:
        print("Lookup at intake, the store's tables in SQLite")
        texts = [text.text for text in rows]
        run(texts, settings, (arguments.small, arguments.large), arguments.folder)


if __name__ == "__main__":
    main()
