"""Which model serves: models/CHAMPION, its history, promotion through the gate, one step back."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson

from training.cases import Case
from training.comparison import Comparison, compare, differences
from training.corpus import text_digest
from training.gate import Gate, load_gate, not_checked, objections
from training.outcomes import Outcomes, from_predictions, paired
from triage.artifact import MANIFEST, read_manifest, read_verified, verify
from triage.config import models_dir
from triage.engine import Engine
from triage.errors import ArtifactRejected, InvalidInput, PromotionRefused

CHAMPION = "CHAMPION"
HISTORY = "HISTORY.jsonl"
UNSEEN = "unseen.json"
METRICS = "metrics.json"


@dataclass(frozen=True, slots=True)
class Promotion:
    """What became of a promotion.

    Attributes
    ----------
    version, previous : str or None
    comparison : Comparison or None
        None when there was nothing to compare with.
    objections : tuple of str
        What the gate said against it; not empty only when it was overruled.
    not_checked : tuple of str
        Figures of the gate that the judged rows could not have.
    """

    version: str
    previous: str | None
    comparison: Comparison | None
    objections: tuple[str, ...] = ()
    not_checked: tuple[str, ...] = ()


def champion(models: Path | None = None) -> str | None:
    """Version that serves, or None before the first promotion."""
    path = (models or models_dir()) / CHAMPION
    return path.read_text(encoding="utf-8").strip() or None if path.is_file() else None


def versions(models: Path | None = None) -> list[str]:
    """Exported versions, oldest first."""
    return sorted(path.parent.name for path in (models or models_dir()).glob(f"*/{MANIFEST}"))


def folder_of(model: str | None = None, models: Path | None = None) -> Path:
    """Find a model folder.

    Parameters
    ----------
    model : str, optional
        A version, `champion`, a folder, or an address such as `models:/jiesu@challenger`;
        without one the champion.

    Raises
    ------
    InvalidInput
        When there is none, naming those there are.
    """
    root = models or models_dir()
    if model and model.startswith(("models:/", "runs:/")):
        from training.tracking import resolve

        return resolve(model)
    name = champion(root) if model in (None, CHAMPION.lower()) else model
    if name in versions(root):
        return root / str(name)
    if model and (Path(model) / MANIFEST).is_file():
        return Path(model)
    known = ", ".join(versions(root)) or "none yet; run `jiesu train`"
    raise InvalidInput(
        f"no model {model!r}" if model else "no champion yet", cure=f"models there are: {known}"
    )


def promote(
    version: str,
    *,
    models: Path | None = None,
    cases: Sequence[Case] | None = None,
    gate: Gate | None = None,
    overrule: str = "",
    now: datetime | None = None,
) -> Promotion:
    """Make a version the champion, if the gate lets it.

    Parameters
    ----------
    version : str
    cases : sequence of Case, optional
        Judge both models on those of these rows that neither was trained on; else on their
        predictions for training rows by models that had not seen them.
    gate : Gate, optional
        Default: `data/gate.yaml`.
    overrule : str
        A person's reason to promote against the gate; kept in the history.

    Raises
    ------
    PromotionRefused
        Telling every figure that is worse.
    InvalidInput, ArtifactRejected
        When the version does not exist or is damaged.
    """
    root = models or models_dir()
    if version not in versions(root):
        folder_of(version, root)
    verify(root / version)
    old = champion(root)
    if old == version:
        raise InvalidInput(f"{version} is the champion already")
    limits = gate or load_gate()
    try:
        comparison, against = _judged(root, old, version, cases, limits) if old else (None, [])
    except (InvalidInput, ArtifactRejected) as exc:
        # After a change of the taxonomy the old model cannot be compared at all.
        if not overrule:
            raise
        comparison, against = None, [exc.message]
    if against and not overrule:
        raise PromotionRefused(
            f"{version} does not replace {old}: " + "; ".join(against),
            cure="train a better one, or judge both on your own file with --data",
        )
    entry = {"action": "promote", "version": version, "previous": old, "objections": against}
    _crown(root, version, entry | {"overruled": overrule or None}, now)
    skipped = not_checked(comparison, limits) if comparison else ()
    return Promotion(version, old, comparison, tuple(against), skipped)


def rollback(*, models: Path | None = None, now: datetime | None = None) -> Promotion:
    """Go back to the champion before this one; again goes one further back.

    Raises
    ------
    InvalidInput
        When there is none before it.
    """
    root = models or models_dir()
    line = _succession(root)
    if len(line) < 2:
        raise InvalidInput("no champion before this one", cure="promote another version")
    verify(root / line[-2])
    entry = {"action": "rollback", "version": line[-2], "previous": line[-1]}
    _crown(root, line[-2], entry, now)
    return Promotion(line[-2], line[-1], None)


def history(models: Path | None = None) -> list[dict[str, Any]]:
    """Every promotion and rollback, oldest first."""
    path = (models or models_dir()) / HISTORY
    return [orjson.loads(line) for line in path.read_bytes().splitlines()] if path.is_file() else []


def _succession(root: Path) -> list[str]:
    """Champions that promotions put on one another and no rollback took away."""
    line: list[str] = []
    for entry in history(root):
        if entry["action"] == "rollback":
            line.pop()
        else:
            line.append(entry["version"])
    return line


def _crown(root: Path, version: str, entry: dict[str, Any], now: datetime | None) -> None:
    moment = (now or datetime.now(UTC)).isoformat(timespec="seconds")
    with (root / HISTORY).open("ab") as file:
        file.write(orjson.dumps({"at": moment, **entry}) + b"\n")
    draft = root / f".{CHAMPION}.{os.getpid()}"
    draft.write_text(version + "\n", encoding="utf-8")
    # A service that reads at this moment sees the old name or the new one, never half of one.
    draft.replace(root / CHAMPION)


def _judged(
    root: Path, old: str, new: str, cases: Sequence[Case] | None, gate: Gate
) -> tuple[Comparison, list[str]]:
    if cases is not None:
        first, second = Engine.load(root / old), Engine.load(root / new)
        seen = trained_on(root / old) | trained_on(root / new)
        fresh = [case for case in cases if not is_among(case, seen)]
        if not fresh:
            raise InvalidInput(
                "the models were trained on all of these rows", cure="hold rows out for judging"
            )
        comparison = compare(first, second, fresh, line_level=gate.line_level)
    else:
        one, two = unseen(root / old), unseen(root / new)
        figures, lines = differences(one, two, (), line_level=gate.line_level)
        comparison = Comparison(old, new, len(paired(one, two)[0]), figures, lines)
    return comparison, objections(
        comparison, gate, champion=metrics(root / old), challenger=metrics(root / new)
    )


def unseen(folder: Path) -> Outcomes:
    """Read what a model's like said of its own training rows when it had not seen them."""
    return from_predictions(_json(folder, UNSEEN))


def trained_on(folder: Path) -> frozenset[str]:
    """Ids and text digests of the rows that a model was fitted on."""
    rows = _json(folder, UNSEEN)
    return frozenset(rows) | {row["digest"] for row in rows.values() if "digest" in row}


def is_among(case: Case, seen: frozenset[str]) -> bool:
    """Whether a row is among those of `trained_on`, by its id or by its text under another."""
    return case.id in seen or text_digest(case.text) in seen


def metrics(folder: Path) -> dict[str, Any]:
    """Read metrics.json of a model folder."""
    return _json(folder, METRICS)


def _json(folder: Path, name: str) -> dict[str, Any]:
    content: dict[str, Any] = orjson.loads(read_verified(folder, name, read_manifest(folder)))
    return content
