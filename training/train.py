"""One training run: rows in, `models/<version>/` out."""

from __future__ import annotations

import io
import platform
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version as installed
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import orjson

from training.card import card
from training.corpus import LabelledRow, corpus_digest, text_digest
from training.escalation import fit_escalation
from training.export import export_lines
from training.introductions import introduced
from training.lines import Recipe, Unseen, fit_lines, halves, predict_unseen
from training.thresholds import choose_thresholds
from triage.artifact import PIPELINE, save
from triage.config import ROOT, data_dir, models_dir, read_yaml
from triage.decision import LineDecider, Thresholds
from triage.errors import ConfigError
from triage.evaluation import calibration_error, cheapest_threshold, coverage_at, macro_f1
from triage.reading import TextReader, reading_digest
from triage.taxonomy import Taxonomy

_LIBRARIES = ("numpy", "scikit-learn", "spacy", "jieba", "opencc", "numba")
_TICKETS = 60_000
_OPEN = Thresholds(0.0, 1.0, 0)

Say = Callable[[str], None]


@dataclass(frozen=True)
class Trained:
    """What a run made.

    Attributes
    ----------
    folder : Path
        `models/<version>/`.
    metrics : dict
        Also in its metrics.json.
    unseen : Unseen
        Grouped cross-validation over the training rows.
    """

    version: str
    folder: Path
    metrics: dict[str, Any]
    unseen: Unseen


def load_recipe(name: str | None = None, path: Path | None = None) -> Recipe:
    """Read a recipe of `data/recipes.yaml`; without a name the default one."""
    raw = read_yaml(path or data_dir() / "recipes.yaml")
    chosen = name or raw["default"]
    try:
        return Recipe(name=chosen, **raw["recipes"][chosen])
    except KeyError as exc:
        known = ", ".join(raw["recipes"])
        raise ConfigError(f"no recipe {chosen!r}", cure=f"choose from: {known}") from exc


def train(
    rows: Sequence[LabelledRow],
    recipe: Recipe,
    taxonomy: Taxonomy,
    *,
    folder: Path | None = None,
    tickets: int = _TICKETS,
    say: Say = print,
) -> Trained:
    """Fit, judge and export a model.

    Parameters
    ----------
    rows : sequence of LabelledRow
        Checked; raw narratives are masked here, before anything keeps them.
    recipe : Recipe
    taxonomy : Taxonomy
    folder : Path, optional
        Where models lie; default `models/`.
    tickets : int
        Size of the simulated year for the escalation model.
    say : callable
        Told of each step.
    """
    if absent := set(taxonomy.leaves) - {row.leaf for row in rows}:
        say(f"no rows of {', '.join(sorted(absent))}: the model will not know it")
    say(f"reading {len(rows)} narratives")
    read = TextReader()
    documents = read.many([row.text for row in rows])
    copies = introduced(documents, read, share=recipe.introduced, seed=recipe.seed)
    say(f"judging on rows not seen, {recipe.folds} grouped folds")
    codes = read.finder.codes
    unseen = predict_unseen(rows, documents, recipe, taxonomy, concept_codes=codes, copies=copies)
    say("fitting lines and natures")
    model = fit_lines(
        rows,
        documents,
        recipe,
        concept_codes=codes,
        temperatures=unseen.temperatures,
        copies=copies,
    )
    thresholds = choose_thresholds(rows, unseen, recipe, taxonomy)
    metrics: dict[str, Any] = {"corpus": corpus_metrics(rows, unseen, recipe, taxonomy)}
    say(f"simulating a year of {tickets} tickets and fitting escalation")
    risk, metrics["simulated_year"] = fit_escalation(
        rows,
        documents,
        unseen,
        model=model,
        taxonomy=taxonomy,
        tickets=tickets,
        seed=recipe.seed,
    )
    files, facts = export_lines(model, taxonomy)
    bands = metrics["simulated_year"].pop("bands")
    files["model.json"] = _json(
        {**_served(facts), "thresholds": asdict(thresholds), "risk": risk, "bands": bands}
    )
    files[PIPELINE] = _pickle(model)
    files["metrics.json"] = _json(metrics)
    files["unseen.json"] = _json(_unseen_rows(rows, unseen, taxonomy))
    version = f"{datetime.now(UTC):%Y%m%d.%H%M%S}"
    files["card.md"] = card(version, rows, recipe, metrics).encode()
    out = (folder or models_dir()) / version
    save(out, files, _facts(version, rows, recipe, taxonomy, facts))
    say(f"exported {out.name}")
    return Trained(version, out, metrics, unseen)


def corpus_metrics(
    rows: Sequence[LabelledRow], unseen: Unseen, recipe: Recipe, taxonomy: Taxonomy
) -> dict[str, float]:
    """Figures on the training corpus by grouped cross-validation; no real-world accuracy.

    Temperature and abstention threshold of a row come from the other half of the groups.
    """
    decider = LineDecider(taxonomy.leaves, _OPEN)
    totals = decider.line_probabilities(unseen.leaves)
    said = [decider.lines[i] for i in totals.argmax(axis=1)]
    real = [row.line for row in rows]
    correct = totals.argmax(axis=1) == [decider.lines.index(line) for line in real]
    sure = totals.max(axis=1)
    natures = [taxonomy.nature_codes[i] for i in unseen.natures.argmax(axis=1)]
    half, below = halves(rows, recipe.seed), np.empty(len(rows))
    for inside in (half, ~half):
        below[inside] = cheapest_threshold(
            sure[~inside], correct[~inside], abstain_cost=recipe.abstain_cost
        )
    return {
        "rows": len(rows),
        "line_accuracy": float(correct.mean()),
        "line_macro_f1": macro_f1(real, said),
        "calibration_error": calibration_error(sure, correct),
        "coverage_at_95": coverage_at(sure, correct, accuracy=0.95),
        "abstained": float((sure < below).mean()),
        "nature_accuracy": _agreement([r.nature for r in rows], natures),
    }


def _agreement(real: Sequence[str | None], said: Sequence[str]) -> float:
    known = [(r, s) for r, s in zip(real, said, strict=True) if r]
    return sum(r == s for r, s in known) / max(1, len(known))


def _served(facts: dict[str, Any]) -> dict[str, Any]:
    return {key: facts[key] for key in ("leaves", "natures", "temperatures")}


def _unseen_rows(rows: Sequence[LabelledRow], unseen: Unseen, taxonomy: Taxonomy) -> dict[str, Any]:
    decider = LineDecider(taxonomy.leaves, _OPEN)
    totals = decider.line_probabilities(unseen.leaves)
    return {
        row.id: {
            "digest": text_digest(row.text),
            "group": row.group,
            "line": row.line,
            "predicted": decider.lines[int(total.argmax())],
            "probability": round(float(total.max()), 6),
        }
        for row, total in zip(rows, totals, strict=True)
    }


def _facts(
    version: str,
    rows: Sequence[LabelledRow],
    recipe: Recipe,
    taxonomy: Taxonomy,
    facts: dict[str, Any],
) -> dict[str, Any]:
    return {
        "version": version,
        "trained_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "vocabularies": facts["vocabularies"],
        "taxonomy_version": taxonomy.version,
        "taxonomy_digest": taxonomy.digest,
        "reading_digest": reading_digest(),
        "corpus_digest": corpus_digest(rows),
        "corpus_rows": len(rows),
        "recipe": asdict(recipe),
        "libraries": {"python": platform.python_version()}
        | {name: installed(name) for name in _LIBRARIES},
        "git_commit": _commit(),
    }


def _commit() -> str | None:
    try:
        done = subprocess.run(
            ["git", "rev-parse", "HEAD"],  # noqa: S607 - whichever git the shell finds
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        )
    except (OSError, subprocess.CalledProcessError):
        return None
    return done.stdout.strip()


def _json(value: Any) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_SERIALIZE_NUMPY)


def _pickle(model: Any) -> bytes:
    buffer = io.BytesIO()
    joblib.dump(model, buffer, compress=3)
    return buffer.getvalue()
