"""The list of escalation features, guarded against what was not known at intake."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from triage.config import data_dir, read_yaml
from triage.errors import ArtifactRejected, ConfigError, InvalidInput, LeakageError
from triage.features import Floats, Ints
from triage.records import Context, Mention
from triage.risk.batch import CONTEXT_SOURCES, TEXT_SOURCES, Batch, Block, Column
from triage.risk.blocks import standard_blocks
from triage.taxonomy import Taxonomy, load_taxonomy

_ALLOWED = frozenset(CONTEXT_SOURCES) | frozenset(TEXT_SOURCES)


class Registry:
    """Features in the order of the matrix's columns.

    Parameters
    ----------
    blocks : iterable of Block
    taxonomy : Taxonomy
        Gives the signals' columns and the widths of the probabilities.
    after_intake : iterable of str
        Names of fields known to be filled in later, for the message of a refusal.
    settings : str
        Digest of the settings behind the blocks; a model made with others is refused.
    """

    def __init__(
        self,
        blocks: Iterable[Block],
        taxonomy: Taxonomy,
        *,
        after_intake: Iterable[str] = (),
        settings: str = "",
    ) -> None:
        self.taxonomy = taxonomy
        self.settings = settings
        self._after_intake = frozenset(after_intake)
        self._blocks = tuple(map(self.checked, blocks))
        repeated = {name for name in self.names if self.names.count(name) > 1}
        if repeated:
            raise ConfigError(f"features appear twice: {sorted(repeated)}")

    def checked(self, block: Block) -> Block:
        """Give the block back if everything it reads is known at intake.

        Raises
        ------
        LeakageError
            Listing the fields that are not.
        """
        late = sorted(set(block.sources) - _ALLOWED)
        if late or not block.known_at_intake:
            recorded = sorted(set(late) & self._after_intake)
            names = late or [column.name for column in block.columns]
            told = f" ({', '.join(recorded)}: recorded after intake)" if recorded else ""
            raise LeakageError(
                f"not known at intake: {', '.join(names)}{told}",
                cure="build the feature from the narrative or a context field",
            )
        return block

    def extended(self, block: Block) -> Registry:
        """Give a registry with one more block; see `checked`."""
        return Registry(
            [*self._blocks, block],
            self.taxonomy,
            after_intake=self._after_intake,
            settings=self.settings,
        )

    def check_model(self, names: Sequence[str], settings: str) -> None:
        """Refuse a model that was made with other features or other settings.

        Raises
        ------
        ArtifactRejected
        """
        if tuple(names) != self.names:
            changed = sorted(set(names) ^ set(self.names)) or ["their order"]
            raise ArtifactRejected(
                f"risk model made with other features: {', '.join(changed[:5])}",
                cure="retrain, or restore data/risk_features.yaml and the taxonomy",
            )
        if settings != self.settings:
            raise ArtifactRejected(
                "risk model made with other settings of its features",
                cure="retrain, or restore data/risk_features.yaml",
            )

    @cached_property
    def columns(self) -> tuple[Column, ...]:
        """Every feature in order."""
        return tuple(column for block in self._blocks for column in block.columns)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the features in order."""
        return tuple(column.name for block in self._blocks for column in block.columns)

    @cached_property
    def kinds(self) -> tuple[str, ...]:
        """`text` or `history` for each feature."""
        return tuple(block.kind for block in self._blocks for _ in block.columns)

    @property
    def sources(self) -> dict[str, tuple[str, ...]]:
        """What each feature is computed from."""
        return {column.name: b.sources for b in self._blocks for column in b.columns}

    def matrix(self, batch: Batch) -> Floats:
        """Compute all features of a batch of n.

        Returns
        -------
        array (n, n_features), finite
        """
        out = np.empty((len(batch), len(self.columns)))
        if batch.quiet:
            out[:] = self._without_context
        else:
            out[:, self._by_value] = batch.by_value(self._blocks)
        return self._computed(out, batch, history=not batch.quiet)

    def _computed(self, out: Floats, batch: Batch, *, history: bool) -> Floats:
        """Fill in the blocks that look at a batch as a whole."""
        start = 0
        for block in self._blocks:
            end = start + len(block.columns)
            if block.compute is not None and (history or block.kind == "text"):
                out[:, start:end] = block.compute(batch)
            start = end
        return out

    @cached_property
    def _by_value(self) -> Ints:
        return np.flatnonzero([b.each is not None for b in self._blocks for _ in b.columns])

    @cached_property
    def _without_context(self) -> Floats:
        """The row of a narrative without context; only its history columns are used."""
        labels = self.taxonomy
        shape = (len(labels.leaves), len(labels.nature_codes))
        batch = Batch(
            np.zeros((1, shape[0])),
            np.zeros((1, shape[1])),
            [()],
            [""],
            [Context()],
            signal_codes=labels.signal_codes,
        )
        out = np.empty((1, len(self.columns)))
        out[:, self._by_value] = batch.by_value(self._blocks)
        return np.asarray(self._computed(out, batch, history=True)[0])


def make_registry(taxonomy: Taxonomy, path: Path | None = None) -> Registry:
    """Build the standard registry for a taxonomy."""
    settings = read_yaml(path or data_dir() / "risk_features.yaml")
    try:
        blocks = standard_blocks(taxonomy, settings)
    except KeyError as exc:
        raise ConfigError(f"risk_features.yaml: missing {exc}", cure="restore the file") from exc
    return Registry(
        blocks,
        taxonomy,
        after_intake=settings.get("after_intake", ()),
        settings=_digest(settings),
    )


def _digest(settings: dict[str, Any]) -> str:
    # Of the values: comments and layout may change.
    content = json.dumps(settings, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(content.encode()).hexdigest()


def default_registry() -> Registry:
    """Give the standard registry of the shipped data, built once."""
    return _registry_of(data_dir())


@lru_cache(maxsize=4)
def _registry_of(folder: Path) -> Registry:
    taxonomy = load_taxonomy(folder / "taxonomy.yaml")
    return make_registry(taxonomy, folder / "risk_features.yaml")


def risk_matrix(
    leaf_probabilities: Floats,
    nature_probabilities: Floats,
    mentions: Sequence[Sequence[Mention]],
    texts: Sequence[str],
    contexts: Sequence[Context],
    *,
    registry: Registry | None = None,
) -> Floats:
    """Compute the escalation features.

    Parameters
    ----------
    leaf_probabilities, nature_probabilities : arrays (n, n_leaves) and (n, n_natures)
    mentions : sequence of length n
        What the reader found in each normalised text.
    texts : sequence of str, length n
        Normalised.
    contexts : sequence of Context, length n
        `Context()` where nothing is known.
    registry : Registry, optional
        Default: the shipped taxonomy and features.

    Returns
    -------
    array (n, n_features)

    Raises
    ------
    InvalidInput
        When the lengths or the taxonomy's widths do not agree.
    """
    features = registry or default_registry()
    labels = features.taxonomy
    _check(leaf_probabilities, (len(texts), len(labels.leaves)), "leaf probabilities")
    _check(nature_probabilities, (len(texts), len(labels.nature_codes)), "nature probabilities")
    if len(mentions) != len(texts) or len(contexts) != len(texts):
        raise InvalidInput(
            f"{len(texts)} texts, {len(mentions)} readings, {len(contexts)} contexts"
        )
    batch = Batch(
        leaf_probabilities,
        nature_probabilities,
        mentions,
        texts,
        contexts,
        signal_codes=labels.signal_codes,
    )
    return features.matrix(batch)


def _check(values: Floats, shape: tuple[int, int], what: str) -> None:
    if values.shape != shape:
        raise InvalidInput(
            f"{what} have shape {values.shape}, not {shape}", cure="use one taxonomy throughout"
        )
