"""`jiesu drift`: whether recent tickets are like those before, and which phrases are new."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from training.command_data import say

if TYPE_CHECKING:
    from training.bank_columns import Columns
    from triage.drift.change import Change
    from triage.drift.phrases import NewPhrase
    from triage.drift.settings import DriftSettings
    from triage.drift.views import Ticket
    from triage.engine import Engine

DONE, RANG = 0, 3
_TICKETS_TOLD = 3


def add_parser(subparsers: Any) -> None:
    """Add `jiesu drift`."""
    drift = subparsers.add_parser("drift", help="what changed since a model was trained")
    drift.add_argument(
        "--data", type=Path, required=True, metavar="FILE", help="recent tickets, without labels"
    )
    drift.add_argument(
        "--reference",
        type=Path,
        metavar="FILE",
        help="tickets of a quiet time (default: what the model was trained on)",
    )
    drift.add_argument("--map", metavar="MAP", help="text=内容,channel=渠道 ... or a YAML")
    drift.add_argument("--model", help="version, folder or models:/... (default: champion)")
    drift.add_argument("--json", type=Path, metavar="FILE", help="write everything")
    drift.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Compare, tell, and give 3 where something rang."""
    from training.bank_columns import parse_mapping
    from training.registry import folder_of
    from triage.drift.change import changes
    from triage.drift.reference import Reference
    from triage.drift.settings import load_drift
    from triage.engine import Engine

    settings, columns, folder = load_drift(), parse_mapping(args.map), folder_of(args.model)
    engine = Engine.load(folder)
    recent = _read(engine, args.data, columns)
    before = _read(engine, args.reference, columns) if args.reference else []
    held = Reference.of(before, most=settings.reference_most) if before else Reference.load(folder)
    found = changes(
        held.views, held.sample, held.views.count(recent), permutations=settings.permutations
    )
    offered = _offered(before, recent, settings)
    rings = len(recent) >= settings.least_tickets
    rung = [change.view for change in found if rings and change.p <= settings.level()]
    print(told(found, offered, recent, rung))
    if not rings:
        say(f"{len(recent)} recent tickets are too few to ring: {settings.least_tickets} are meant")
    if args.json:
        _write(args.json, found, offered, rung)
    return RANG if rung or offered else DONE


def told(
    found: Sequence[Change],
    offered: Sequence[NewPhrase],
    recent: Sequence[Ticket],
    rung: Sequence[str],
) -> str:
    """Tell what moved and what is new."""
    from training.report_text import table

    rows = [
        [
            change.view,
            "CHANGED" if change.view in rung else "",
            f"{change.psi:.3f}",
            f"{change.distance:.4f}",
            f"{change.p:.4f}",
            " ".join(f"{kind} {old:.1%}→{new:.1%}" for kind, old, new in change.moved[:3]),
        ]
        for change in found
    ]
    phrases = [
        [
            one.text,
            " ".join(one.tickets[:_TICKETS_TOLD]),
            str(one.recent),
            str(one.before),
            f"{'|'.join(one.cut_now)} → {'|'.join(one.cut_then)}",
        ]
        for one in offered
    ]
    sure = sum(ticket.confidence for ticket in recent) / len(recent)
    parts = [
        table(["view", "", "PSI", "JS", "p", "moved most"], rows),
        f"estimated accuracy, if the model's confidence is right: {sure:.3f}",
    ]
    if phrases:
        parts.append(table(["new phrase", "tickets", "now", "before", "cut"], phrases))
    return "\n\n".join(parts)


def _offered(
    before: Sequence[Ticket], recent: Sequence[Ticket], settings: DriftSettings
) -> list[NewPhrase]:
    from triage.drift.phrases import new_phrases

    if not before:
        say("new phrases need the texts of a time before: hand in --reference")
        return []
    return new_phrases(before, recent, settings.phrase_rule(), level=settings.phrase_level)


def _read(engine: Engine, path: Path, columns: Columns) -> list[Ticket]:
    from training.bank_groups import joined_groups, template_clusters
    from training.labels.texts import read_narratives
    from triage.drift.reference import tickets_of
    from triage.wire import context_from

    read = read_narratives(path, columns)
    texts = [one.text for one in read]
    wanted = ("channel", "customer_key")
    contexts = [
        context_from({name: columns.pick(one.values, name) for name in wanted}) for one in read
    ]
    customers = [context.customer_key for context in contexts]
    groups = joined_groups([customers], template_clusters(texts))
    ids = [one.id for one in read]
    return tickets_of(engine, texts, ids=ids, contexts=contexts, groups=groups)


def _write(
    path: Path, found: Sequence[Change], offered: Sequence[NewPhrase], rung: Sequence[str]
) -> None:
    body = {
        "views": [asdict(change) for change in found],
        "changed": list(rung),
        "phrases": [asdict(phrase) for phrase in offered],
    }
    path.write_bytes(orjson.dumps(body, option=orjson.OPT_INDENT_2))
