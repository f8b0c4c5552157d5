"""Natures as the champion reads them, whatever lines it was trained on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import orjson

from triage.artifact import load, read_manifest, read_verified
from triage.assembly import build_classifier
from triage.batches import BATCH
from triage.reading import TextReader
from triage.taxonomy import Label, Line, Taxonomy, split_leaf


class NatureReader:
    """Reads natures with the model of a folder.

    Banks change lines and keep natures: a model of other lines is good enough here, one of other
    natures is not.

    Raises
    ------
    ArtifactRejected
        See `triage.artifact.load`.
    """

    def __init__(self, folder: Path, taxonomy: Taxonomy) -> None:
        opened = load(folder, _as_trained(folder, taxonomy))
        self._read = TextReader()
        self._classifier = build_classifier(opened, self._read)
        self._natures: list[str] = opened.model["natures"]

    def natures(self, texts: Sequence[str]) -> list[str]:
        """Give the most probable nature of each narrative."""
        found: list[str] = []
        for start in range(0, len(texts), BATCH):
            scores = self._classifier.score(self._read.batch(texts[start : start + BATCH]))
            found += [self._natures[i] for i in scores.natures.argmax(axis=1)]
        return found


def _as_trained(folder: Path, taxonomy: Taxonomy) -> Taxonomy:
    """Give the taxonomy with the lines that the model of a folder has."""
    manifest = read_manifest(folder)
    leaves = orjson.loads(read_verified(folder, "model.json", manifest))["leaves"]
    below: dict[str, list[str]] = {}
    for line, subline in map(split_leaf, leaves):
        below.setdefault(line, []).extend([subline] if subline else [])
    version = str(manifest.get("taxonomy_version"))
    return replace(taxonomy, version=version, lines=tuple(map(_line, below, below.values())))


def _line(code: str, sublines: Sequence[str]) -> Line:
    children = tuple(Label(each, each, each) for each in sublines)
    return Line(code, code, code, True, (), "", children)
