"""What the parts of the simulated year share: the process file, the rows as arrays, draws."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from training.corpus import LabelledRow
from triage.config import data_dir, read_yaml
from triage.errors import InvalidInput
from triage.taxonomy import Taxonomy, load_taxonomy

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Strs = NDArray[np.str_]
Process = Mapping[str, Any]

DAY = 86_400


@dataclass(frozen=True, slots=True)
class Pool:
    """The corpus as arrays; row i of each array describes narrative i."""

    texts: tuple[str, ...]
    leaf: Strs
    nature: Strs
    register: Strs
    group: Ints
    signals: Mapping[str, Bools]

    def has(self, code: str) -> Bools:
        """Tell which narratives carry a signal."""
        return self.signals.get(code, np.zeros(len(self.texts), dtype=np.bool_))


def make_pool(rows: Sequence[LabelledRow]) -> Pool:
    """Turn corpus rows into arrays; a row without group is its own group."""
    if not rows:
        raise InvalidInput("no narratives to simulate from", cure="pass the corpus rows")
    groups = [row.group or f"#{number}" for number, row in enumerate(rows)]
    codes = [{signal.code for signal in row.signals} for row in rows]
    return Pool(
        texts=tuple(row.text for row in rows),
        leaf=np.array([row.leaf for row in rows]),
        nature=np.array([row.nature or "" for row in rows]),
        register=np.array([row.register or "" for row in rows]),
        group=np.unique(groups, return_inverse=True)[1].astype(np.int64),
        signals={
            code: np.array([code in held for held in codes]) for code in sorted(set().union(*codes))
        },
    )


def load_process(path: Path | None = None, taxonomy: Taxonomy | None = None) -> Process:
    """Read the process file (default `data/simulation.yaml`).

    It speaks of leaves in the codes of the shipped corpus, whose rows keep them in a simulated
    year. For rows in the codes of today, what it says of one holds for the leaf that follows.
    """
    process = read_yaml(path or data_dir() / "simulation.yaml")
    labels, context = taxonomy or load_taxonomy(), process["context"]
    tables = process["leaf_mix"], process["effects"]["leaf"], context["amount"], context["products"]
    for table in tables:
        for code in list(table):
            if now := _today(code, labels):
                table.setdefault(now, table[code])
    for kind in ("templates", "groups"):
        leaves = process[kind]["leaves"]
        later = [now for code in leaves if (now := _today(code, labels))]
        process[kind]["leaves"] = list(dict.fromkeys([*leaves, *later]))
    return process


def _today(code: str, taxonomy: Taxonomy) -> str | None:
    try:
        return taxonomy.today(code)
    except InvalidInput:  # `default`, and what this corpus has and no bank
        return None


def look_up(table: Mapping[str, Any], keys: Iterable[str]) -> Floats:
    """Give the number of each key; `default` (else 0) where the table has none."""
    names, inverse = np.unique(list(keys), return_inverse=True)
    default = table.get("default", 0.0)
    values = np.array([table.get(str(name), default) for name in names], dtype=np.float64)
    return np.asarray(values[inverse], dtype=np.float64)


def draw(rng: np.random.Generator, log_weights: Floats) -> Ints:
    """Draw one column for each row of unnormalised log weights (n, k)."""
    return np.asarray(np.argmax(log_weights + rng.gumbel(size=log_weights.shape), axis=1))


def lognormal(
    rng: np.random.Generator, shape: Mapping[str, float], size: int, *, shift: Floats | float = 0.0
) -> Floats:
    """Draw from a lognormal given by `median` and `spread`; `shift` moves its logarithm."""
    log = np.log(shape["median"]) + shift + shape["spread"] * rng.standard_normal(size)
    return np.asarray(np.exp(log), dtype=np.float64)


def sigmoid(score: Floats) -> Floats:
    """Turn log odds into a probability."""
    return np.asarray(1.0 / (1.0 + np.exp(-score)), dtype=np.float64)
