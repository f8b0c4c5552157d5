"""Which model serves: models/CHAMPION, its history, promotion through the gate, one step back."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from training.cases import Case
from training.comparison import Comparison, compare, compare_saved
from training.gate import Gate, figures_of, load_gate, not_checked, objections
from training.history import PROMOTE, ROLLBACK, append, entries, succession, user
from training.model_files import is_among, metrics, trained_on, unseen
from triage.artifact import MANIFEST, verify
from triage.config import models_dir
from triage.engine import Engine
from triage.errors import ArtifactRejected, InvalidInput, PromotionRefused
from triage.replacing import replace_file

CHAMPION = "CHAMPION"
_OVERRULE = "promote it against the gate with --overrule REASON, which is recorded"


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
    entry : mapping
        The line of the history: `at`, `by`, `reason`, `action`, `version`, `previous`; of a
        promotion also `gate` (rows and figures), `objections` and `overruled`.
    """

    version: str
    previous: str | None
    comparison: Comparison | None
    objections: tuple[str, ...] = ()
    not_checked: tuple[str, ...] = ()
    entry: Mapping[str, Any] = field(default_factory=dict)


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
    by: str = "",
    reason: str = "",
    now: datetime | None = None,
    tell: Callable[[Comparison], None] | None = None,
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
    by, reason : str
        Who promotes (default: the user of the operating system) and why (default: `overrule`);
        kept in the history.
    tell : callable, optional
        Handed the comparison before the gate decides.

    Raises
    ------
    PromotionRefused
        Telling every figure that is worse, one a line, the worst first.
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
        comparison, against, looked = (
            _judged(root, old, version, cases, limits) if old else (None, [], None)
        )
    except (InvalidInput, ArtifactRejected) as exc:
        # After a change of the taxonomy the old model cannot be compared at all.
        if not overrule:
            exc.cure = f"{exc.cure}, or {_OVERRULE}" if exc.cure else _OVERRULE
            raise
        comparison, against, looked = None, [exc.message], None
    if comparison and tell:
        tell(comparison)
    if against and not overrule:
        raise PromotionRefused(
            "\n  ".join([f"{version} does not replace {old}:", *against]),
            cure=f"train a better one, judge both on your own file with --data, or {_OVERRULE}",
        )
    said = {"gate": looked, "objections": against, "overruled": overrule or None}
    why = reason or overrule
    entry = _crown(root, PROMOTE, version, old, said, by=by, reason=why, now=now)
    skipped = not_checked(comparison, limits) if comparison else ()
    return Promotion(version, old, comparison, tuple(against), skipped, entry)


def rollback(
    *, models: Path | None = None, by: str = "", reason: str = "", now: datetime | None = None
) -> Promotion:
    """Go back to the champion before this one; again goes one further back.

    Parameters
    ----------
    by, reason : str
        Who does so (default: the user of the operating system) and why; kept in the history.

    Raises
    ------
    InvalidInput
        When there is none before it.
    """
    root = models or models_dir()
    line = succession(root)
    if len(line) < 2:
        raise InvalidInput("no champion before this one", cure="promote another version")
    verify(root / line[-2])
    entry = _crown(root, ROLLBACK, line[-2], line[-1], {}, by=by, reason=reason, now=now)
    return Promotion(line[-2], line[-1], None, entry=entry)


def history(models: Path | None = None) -> list[dict[str, Any]]:
    """Every promotion and rollback, oldest first."""
    return entries(models or models_dir())


def _crown(
    root: Path,
    action: str,
    version: str,
    previous: str | None,
    said: Mapping[str, Any],
    *,
    by: str,
    reason: str,
    now: datetime | None,
) -> dict[str, Any]:
    entry = {"action": action, "version": version, "previous": previous, "by": by or user()}
    entry |= {"reason": reason or None, **said}
    kept = append(root, entry, now or datetime.now(UTC))
    # A service reads it meanwhile.
    replace_file(root / CHAMPION, f"{version}\n".encode())
    return kept


def _judged(
    root: Path, old: str, new: str, cases: Sequence[Case] | None, gate: Gate
) -> tuple[Comparison, list[str], dict[str, Any]]:
    if cases is not None:
        first, second = Engine.load(root / old), Engine.load(root / new)
        fresh = _fresh(cases, {name: trained_on(root / name) for name in (old, new)})
        comparison = compare(first, second, fresh, line_level=gate.line_level)
    else:
        held = unseen(root / old), unseen(root / new)
        comparison = compare_saved((old, new), *held, line_level=gate.line_level)
    saved = {"champion": metrics(root / old), "challenger": metrics(root / new)}
    looked = {"rows": comparison.rows, "figures": figures_of(comparison, gate, **saved)}
    return comparison, objections(comparison, gate, **saved), looked


def _fresh(cases: Sequence[Case], seen: Mapping[str, frozenset[str]]) -> list[Case]:
    """Leave out the rows that one of the models, by version, was trained on."""
    fresh = [case for case in cases if not any(is_among(case, rows) for rows in seen.values())]
    if not fresh:
        known = {
            version: sum(is_among(case, rows) for case in cases) for version, rows in seen.items()
        }
        told = ", ".join(f"{name} was trained on {count}" for name, count in known.items() if count)
        raise InvalidInput(
            f"none of the {len(cases)} rows is new: {told}", cure="hold rows out for judging"
        )
    return fresh
