"""The authored pairs of `tests/data/repeat_pairs.jsonl`, read as the service reads tickets."""

import json
from datetime import datetime
from pathlib import Path

from triage.masking.mask import mask_many
from triage.repeats.matter import read_matter
from triage.repeats.same import same_matter
from triage.repeats.template import Sighting, template_cluster

PAIRS = Path(__file__).resolve().parent.parent / "tests" / "data" / "repeat_pairs.jsonl"
SAME, TEMPLATE = ("same_matter", "other_matter"), ("template", "independent")


def load_pairs(path=PAIRS):
    """Give the pairs as they stand in the file."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def read_pairs(pairs, settings, tagged=None):
    """Give the two matters of each pair; with `tagged` lines come from a model's assessments."""
    told = [pair[side] for pair in pairs for side in ("first", "second")]
    masked = mask_many([ticket["text"] for ticket in told])
    matters = []
    for place, (ticket, text) in enumerate(zip(told, masked, strict=True)):
        line, secondary = ticket["line"], ()
        if tagged:
            line, secondary = tagged[place].line, tagged[place].secondary
        matters.append(
            read_matter(
                str(place),
                text.text,
                settings,
                received_at=datetime.fromisoformat(ticket["received_at"]),
                customer_ref=ticket["customer"],
                line=line,
                secondary=secondary,
                product=ticket["product"],
            )
        )
    return list(zip(matters[::2], matters[1::2], strict=True))


def decide(pair, matters, settings):
    """Say whether the two are the same matter, or a template with a band in common."""
    first, second = matters
    if pair["kind"] in SAME:
        return same_matter(second, first, settings) is not None
    if not set(first.bands) & set(second.bands):
        return False
    like = [Sighting.of(first)]
    return template_cluster(Sighting.of(second), like, settings.template) is not None


def measure(pairs, decisions, kinds, part=None):
    """Count and rate the decisions on pairs of two kinds: (pairs, positive, P, R, F1)."""
    rows = [
        (pair["kind"] == kinds[0], said)
        for pair, said in zip(pairs, decisions, strict=True)
        if pair["kind"] in kinds and part in (None, pair["part"])
    ]
    right = sum(is_so and said for is_so, said in rows)
    positive = sum(is_so for is_so, _ in rows)
    found = sum(said for _, said in rows)
    precision, recall = right / max(1, found), right / max(1, positive)
    f1 = 2 * precision * recall / max(1e-9, precision + recall)
    return len(rows), positive, precision, recall, f1
