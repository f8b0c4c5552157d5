"""A small part of the corpus, cut by whole groups, and a model trained on it in seconds.

For notebooks and for trying things out: its figures say how the tools work, not how well a model
trained on everything does.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from hashlib import sha256
from html import escape
from operator import attrgetter
from pathlib import Path

import joblib
import numpy as np
import orjson
from numpy.typing import NDArray

from training.corpus import LabelledRow, corpus_digest
from training.labels.unseen import Opinions, opinions
from training.lines import Recipe
from training.report_evidence import pieces
from training.run import publish, without_rare_natures
from training.train import load_recipe, train
from triage.artifact import MANIFEST
from triage.config import home_dir
from triage.drift.reference import FILE as REFERENCE
from triage.engine import Engine
from triage.features import Floats
from triage.reading import Document, TextReader, reading_digest
from triage.taxonomy import Taxonomy, split_leaf

_SEED = 20
_FOLDS = 3
_TICKETS = 3_000
_APART = "notebooks"


@dataclass(frozen=True)
class Practice:
    """A model and the rows that it has not seen, with their groups whole."""

    folder: Path
    engine: Engine
    rows: tuple[LabelledRow, ...]
    held: tuple[LabelledRow, ...]


def some_groups(
    rows: Sequence[LabelledRow],
    sizes: Sequence[int],
    *,
    seed: int = _SEED,
    by: Callable[[LabelledRow], str] = attrgetter("leaf"),
) -> list[list[LabelledRow]]:
    """Draw disjoint parts of rows, each with so many groups of every leaf.

    Parameters
    ----------
    rows : sequence of LabelledRow
    sizes : sequence of int
        Groups of each leaf, for each part; a part gets fewer where no more are left.
    seed : int
    by : callable
        What is drawn evenly, when it is not the leaf; a group counts by its first row.
    """
    first: dict[str, str] = {}
    for row in rows:
        first.setdefault(row.group, by(row))
    names = list(first)
    taken: Counter[str] = Counter()
    part_of: dict[str, int] = {}
    ends = np.cumsum(sizes)
    for number in np.random.default_rng(seed).permutation(len(names)).tolist():
        leaf = first[names[number]]
        part_of[names[number]] = int(np.searchsorted(ends, taken[leaf], side="right"))
        taken[leaf] += 1
    parts: list[list[LabelledRow]] = [[] for _ in sizes]
    for row in rows:
        if part_of[row.group] < len(parts):
            parts[part_of[row.group]].append(row)
    return parts


def quick(name: str | None = None) -> Recipe:
    """Give a recipe with fewer folds than it has."""
    return replace(load_recipe(name), folds=_FOLDS)


def quick_train(
    rows: Sequence[LabelledRow],
    taxonomy: Taxonomy,
    folder: Path,
    *,
    recipe: Recipe | None = None,
    tickets: int = _TICKETS,
) -> Path:
    """Train and judge in this process alone; give the model's folder under `folder`."""
    chosen = recipe or quick()
    kept = without_rare_natures(rows, chosen)
    # Of some hundred rows the folds are done before other processes have begun.
    with joblib.parallel_config("threading"):
        made = train(kept, chosen, taxonomy, folder=folder, tickets=tickets, say=_quiet)
    publish(made, kept, taxonomy, data_name="practice")
    return made.folder


def set_apart(name: str) -> Path:
    """Let this process keep models and runs in a new folder under the home folder; give it.

    Only the newest of a name stays, so that what was tried can be looked at afterwards, and neither
    the models that serve nor the tracking store of real runs know of it.
    """
    home = home_dir().resolve()
    # Called again in the same process the home is a folder of this kind already.
    root = home.parent if home.parent.name == _APART else home / _APART
    root.mkdir(parents=True, exist_ok=True)
    for old in root.glob(f"{name}-*"):
        shutil.rmtree(old, ignore_errors=True)
    own = Path(tempfile.mkdtemp(prefix=f"{name}-", dir=root))
    os.environ["JIESU_HOME"] = str(own)
    os.environ["JIESU_MODELS"] = str(own / "models")
    os.environ.pop("MLFLOW_TRACKING_URI", None)
    return own


def practice_model(
    rows: Sequence[LabelledRow], taxonomy: Taxonomy, *, groups: int = 16, held: int = 6
) -> Practice:
    """Train on some groups of every leaf, or load what was trained so before.

    Parameters
    ----------
    rows : sequence of LabelledRow
    taxonomy : Taxonomy
    groups, held : int
        Groups of every leaf to train on, and to hold out.
    """
    seen, apart = some_groups(rows, (groups, held))
    recipe = quick()
    known = [corpus_digest(seen), reading_digest(), taxonomy.digest, asdict(recipe), _TICKETS]
    folder = home_dir() / "practice" / sha256(orjson.dumps(known)).hexdigest()[:16]
    if not (folder / MANIFEST).is_file() or not (folder / REFERENCE).is_file():
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent) as draft:
            made = quick_train(seen, taxonomy, Path(draft), recipe=recipe)
            shutil.rmtree(folder, ignore_errors=True)
            made.rename(folder)
    return Practice(folder, Engine.load(folder, taxonomy), tuple(seen), tuple(apart))


def quick_opinions(
    rows: Sequence[LabelledRow], read: TextReader, documents: Sequence[Document]
) -> Opinions:
    """Predict every row by models that had not seen it, in this process alone."""
    with joblib.parallel_config("threading"):
        return opinions(rows, quick(), read, documents)


def planted(
    rows: Sequence[LabelledRow],
    leaves: Sequence[str],
    share: float,
    *,
    chances: Floats | None = None,
    seed: int = _SEED,
) -> tuple[list[LabelledRow], NDArray[np.bool_]]:
    """Give some rows a leaf of another line, and tell which.

    Parameters
    ----------
    rows : sequence of LabelledRow, length n
    leaves : sequence of str, length k
        Those to draw from.
    share : float
        Of the rows.
    chances : array (n, k), optional
        What models say that had not seen the rows: errors are drawn in proportion to it, as
        people make them. Without it every leaf of another line is as likely.
    seed : int

    Returns
    -------
    list of LabelledRow, length n
    array of bool (n,)
        True where the label is now wrong.
    """
    rng = np.random.default_rng(seed)
    changed = list(rows)
    wrong = np.zeros(len(rows), dtype=bool)
    wrong[rng.choice(len(rows), round(len(rows) * share), replace=False)] = True
    lines = np.array([split_leaf(leaf)[0] for leaf in leaves])
    for number in np.flatnonzero(wrong).tolist():
        weights = np.ones(len(lines)) if chances is None else chances[number]
        weights = np.where(lines == rows[number].line, 0.0, weights)
        leaf = leaves[rng.choice(len(lines), p=weights / weights.sum())]
        changed[number] = replace(rows[number], leaf=leaf)
    return changed, wrong


def marked(text: str, spans: Sequence[tuple[int, int]]) -> str:
    """Write a text as HTML with some of its words marked.

    Parameters
    ----------
    text : str
    spans : sequence of (int, int)
        As `training.report_evidence.pieces` takes them.
    """
    told = pieces(text, spans)
    return "".join(f"<mark>{escape(w)}</mark>" if pushed else escape(w) for w, pushed in told)


def _quiet(told: str) -> None:
    """Tell nobody."""
