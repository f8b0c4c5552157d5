"""`jiesu drift`: whether recent tickets are like those before, and which phrases are new."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
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
_SIDES = {"reference": "tickets of the reference", "recent": "recent tickets"}


def add_parser(subparsers: Any) -> None:
    """Add `jiesu drift`."""
    drift = subparsers.add_parser(
        "drift",
        help="what changed in tickets, and which phrases are new",
        description="Holds recent tickets against those of a quiet time of the same bank "
        "(--reference: the normal way). Without it they are held against the rows the model was "
        "trained on. Those of the shipped model are authored narratives: words, characters, "
        "lines and lengths of a bank's tickets are always far from them, so they ring nothing.",
    )
    drift.add_argument(
        "--data", type=Path, required=True, metavar="FILE", help="recent tickets, without labels"
    )
    drift.add_argument(
        "--reference",
        type=Path,
        metavar="FILE",
        help="tickets of a quiet time, as a rule the quarter before "
        "(default: what the model was trained on)",
    )
    drift.add_argument("--map", metavar="MAP", help="text=内容,channel=渠道 ... or a YAML")
    drift.add_argument(
        "--reference-map", metavar="MAP", help="the same for --reference (default: as --map)"
    )
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
    from triage.drift.views import untold
    from triage.engine import Engine

    settings, columns, folder = load_drift(), parse_mapping(args.map), folder_of(args.model)
    engine = Engine.load(folder)
    known = columns if args.reference_map is None else parse_mapping(args.reference_map)
    before = _read(engine, args.reference, known) if args.reference else []
    held = Reference.of(before, most=settings.reference_most) if before else Reference.load(folder)
    # The risk rests on what was known at intake: nothing, in a reference that knows no channels.
    recent = _read(engine, args.data, columns, bare=not held.views.tells("channel"))
    silent = untold(held.views, recent)
    found = changes(
        *(held.views, held.sample, held.views.count(recent)),
        only=set(held.views.names) - set(silent),
        permutations=settings.permutations,
    )
    offered = _offered(before, recent, settings)
    rings = _rings(engine, recent, settings, own=bool(before))
    rung = [change.view for change in found if rings and change.p <= settings.level()]
    print(told(found, offered, recent, rung))
    for view, side in silent.items():
        say(f"{view} is left out: the {_SIDES[side]} say nothing of it")
    if args.json:
        _write(args.json, found, offered, rung, silent)
    return RANG if rung or offered else DONE


def _rings(engine: Engine, recent: Sequence[Ticket], settings: DriftSettings, *, own: bool) -> bool:
    """Say whether distances ring, and why not; `own` is a reference that was handed in."""
    if len(recent) < settings.least_tickets:
        say(f"{len(recent)} recent tickets are too few to ring: {settings.least_tickets} are meant")
        return False
    if own:
        return True
    from training.corpus import corpus_digest, load_corpus
    from triage.taxonomy import load_taxonomy

    say("held against what the model was trained on: hand in --reference for a bank's own past")
    if corpus_digest(load_corpus(load_taxonomy())) != engine.manifest["corpus_digest"]:
        return True
    say("those are authored narratives, far from any bank's tickets: distances ring nothing")
    return False


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
            f"{one.recut} of {one.looked_at}",
        ]
        for one in offered
    ]
    sure = sum(ticket.confidence for ticket in recent) / len(recent)
    parts = [
        table(["view", "", "PSI", "JS", "p", "moved most"], rows),
        f"estimated accuracy, if the model's confidence is right: {sure:.3f} (rings nothing)",
    ]
    if phrases:
        parts.append(
            table(["new phrase", "tickets", "now", "before", "cut", "cut otherwise"], phrases)
        )
    return "\n\n".join(parts)


def _offered(
    before: Sequence[Ticket], recent: Sequence[Ticket], settings: DriftSettings
) -> list[NewPhrase]:
    from triage.drift.phrases import new_phrases
    from triage.drift.preview import previewed
    from triage.reading import TextReader

    if not before:
        say("new phrases need the texts of a time before: hand in --reference")
        return []
    found = new_phrases(before, recent, settings.phrase_rule(), level=settings.phrase_level)
    if not found:
        # Silence would look like a search that was not made.
        say("no phrase is new")
        return []
    return previewed(found, [*before, *recent], TextReader().segmenter)


def _read(engine: Engine, path: Path, columns: Columns, *, bare: bool = False) -> list[Ticket]:
    """Read tickets and score them; `bare` ones by their narratives alone."""
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
    return tickets_of(engine, texts, ids=ids, contexts=None if bare else contexts, groups=groups)


def _write(
    path: Path,
    found: Sequence[Change],
    offered: Sequence[NewPhrase],
    rung: Sequence[str],
    silent: Mapping[str, str],
) -> None:
    body = {
        "views": [asdict(change) for change in found],
        "changed": list(rung),
        "left_out": dict(silent),
        "phrases": [asdict(phrase) for phrase in offered],
    }
    path.write_bytes(orjson.dumps(body, option=orjson.OPT_INDENT_2))
