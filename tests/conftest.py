"""Fixtures that many tests share: a tiny model, trained once a session on a slice of the corpus."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from training.corpus import LabelledRow, load_corpus
from triage.engine import Engine
from triage.taxonomy import Taxonomy, load_taxonomy

_EVERY = 12
_TICKETS = 4_000


@pytest.fixture(scope="session")
def taxonomy() -> Taxonomy:
    return load_taxonomy()


@pytest.fixture(scope="session")
def corpus(taxonomy: Taxonomy) -> list[LabelledRow]:
    return load_corpus(taxonomy)


@pytest.fixture(scope="session")
def tiny_rows(corpus: Sequence[LabelledRow], taxonomy: Taxonomy) -> list[LabelledRow]:
    by_leaf: dict[str, list[LabelledRow]] = {leaf: [] for leaf in taxonomy.leaves}
    for row in corpus:
        by_leaf[row.leaf].append(row)
    return [row for rows in by_leaf.values() for row in rows[::_EVERY]]


@pytest.fixture(scope="session")
def tiny_model(
    tiny_rows: list[LabelledRow], taxonomy: Taxonomy, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """Folder of a model that answers, not well, in every line."""
    from training.train import load_recipe, train

    folder = tmp_path_factory.mktemp("models")
    done = train(
        tiny_rows, load_recipe(), taxonomy, folder=folder, tickets=_TICKETS, say=lambda _: None
    )
    return done.folder


@pytest.fixture(scope="session")
def tiny_engine(tiny_model: Path, taxonomy: Taxonomy) -> Engine:
    return Engine.load(tiny_model, taxonomy)
