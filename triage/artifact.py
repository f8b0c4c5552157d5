"""Model folders: written, verified, opened. Nothing in the served part can run code.

    models/<version>/
        manifest.json   format, sha256 and size of every file, what the model was made from
        lines.npz       idf and weights of every block, bias (read with allow_pickle=False)
        <kind>.txt      vocabulary of a block, one feature a line
        model.json      heads, temperatures, thresholds, risk model, bands
        pipeline.joblib the fitted scikit-learn pipeline, for data scientists only
        metrics.json    how it was judged;  card.md  the model card
        drift.npz       what drift compares with;  report.html  the report, with masked mistakes

The next format number comes with a reader for the old one and a decision record.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from triage.errors import ArtifactRejected, TaxonomyMismatch
from triage.reading import reading_digest
from triage.replacing import replace_file
from triage.taxonomy import Taxonomy

FORMAT = 3
# Format 2 tells secondary lines by probability: its thresholds do not name `by_margin`.
_READ = (2, FORMAT)
MANIFEST = "manifest.json"
PIPELINE = "pipeline.joblib"
SERVED = ("lines.npz", "model.json")
# What every reader of a manifest needs, and what opening the model needs besides.
_ALWAYS: dict[str, type] = {"version": str, "files": dict}
_TO_LOAD: dict[str, type] = {
    "vocabularies": dict,
    "taxonomy_version": str,
    "taxonomy_digest": str,
    "reading_digest": str,
}


@dataclass(frozen=True, slots=True)
class Opened:
    """A verified model folder.

    Attributes
    ----------
    manifest, model : dict
        The parsed JSON files.
    arrays : dict of str to array
    vocabularies : dict of str to list of str
        Kind of block -> features in order.
    """

    path: Path
    manifest: dict[str, Any]
    model: dict[str, Any]
    arrays: dict[str, NDArray[Any]]
    vocabularies: dict[str, list[str]]


def save(folder: Path, files: Mapping[str, bytes], facts: Mapping[str, Any]) -> None:
    """Write the files of a model and its manifest.

    Parameters
    ----------
    folder : Path
        Made if missing; the manifest is written last, so a torn write is never accepted.
    files : mapping of name to content
    facts : mapping
        What the model was made from: version, taxonomy digest, corpus digest, libraries ...
    """
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)
    manifest = {
        "format": FORMAT,
        **facts,
        "files": {name: _entry(content) for name, content in files.items()},
    }
    (folder / MANIFEST).write_bytes(orjson.dumps(manifest, option=orjson.OPT_INDENT_2))


def seal(folder: Path, *, without: Collection[str] = ()) -> None:
    """Name in the manifest what was put beside a model since; digests that it has stay.

    Parameters
    ----------
    folder : Path
    without : collection of str
        Files that the manifest is not to name, or no more.

    Raises
    ------
    ArtifactRejected
        When the folder has no manifest.
    """
    manifest = read_manifest(folder)
    out = {MANIFEST, *without}
    there = [path for path in sorted(folder.iterdir()) if path.is_file() and path.name not in out]
    known = {name: entry for name, entry in manifest["files"].items() if name not in out}
    added = {p.name: _entry(p.read_bytes()) for p in there if p.name not in known}
    manifest["files"] = known | added
    replace_file(folder / MANIFEST, orjson.dumps(manifest, option=orjson.OPT_INDENT_2))


def _entry(content: bytes) -> dict[str, Any]:
    return {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}


def pack_arrays(arrays: Mapping[str, NDArray[Any]]) -> bytes:
    """Write arrays as npz."""
    buffer = io.BytesIO()
    # The stubs of numpy read the names of the arrays as options.
    np.savez(buffer, **dict(arrays))  # type: ignore[arg-type]
    return buffer.getvalue()


def pack_vocabulary(features: list[str]) -> bytes:
    """Write a vocabulary, one feature a line."""
    return "\n".join(features).encode("utf-8", "surrogatepass")


def read_manifest(folder: Path) -> dict[str, Any]:
    """Read a manifest; check its format number, and that it has a version and files."""
    try:
        manifest = orjson.loads((folder / MANIFEST).read_bytes())
    except FileNotFoundError as exc:
        raise ArtifactRejected(
            f"{folder.name} holds no {MANIFEST}", cure="export the model again"
        ) from exc
    except orjson.JSONDecodeError as exc:
        raise ArtifactRejected(
            f"{folder.name}/{MANIFEST} is not JSON", cure="export the model again"
        ) from exc
    if not isinstance(manifest, dict) or manifest.get("format") not in _READ:
        found = manifest.get("format") if isinstance(manifest, dict) else None
        raise ArtifactRejected(
            f"{folder.name} has format {found}, this version reads {_READ[0]} and {_READ[1]}",
            cure="export the model with this version of jiesu",
        )
    _require(folder, manifest, _ALWAYS)
    return manifest


def _require(folder: Path, manifest: Mapping[str, Any], needed: Mapping[str, type]) -> None:
    missing = [key for key, kind in needed.items() if not isinstance(manifest.get(key), kind)]
    if missing:
        raise ArtifactRejected(
            f"{folder.name}/{MANIFEST} lacks {', '.join(missing)}", cure="export the model again"
        )


def read_verified(folder: Path, name: str, manifest: Mapping[str, Any]) -> bytes:
    """Read one file of a model after comparing its digest with the manifest's."""
    entry = manifest["files"].get(name)
    if not isinstance(entry, dict) or "sha256" not in entry:
        raise ArtifactRejected(f"{folder.name}: the manifest has no digest of {name}")
    try:
        content = (folder / name).read_bytes()
    except FileNotFoundError as exc:
        raise ArtifactRejected(
            f"{folder.name}: {name} is missing", cure="export the model again"
        ) from exc
    if hashlib.sha256(content).hexdigest() != entry["sha256"]:
        raise ArtifactRejected(
            f"{folder.name}/{name}: sha256 differs from the manifest",
            cure="export the model again, or find out who changed it",
        )
    return content


def verify(folder: Path) -> dict[str, Any]:
    """Check every file of a model folder; give its manifest."""
    manifest = read_manifest(folder)
    for name in manifest["files"]:
        read_verified(folder, name, manifest)
    return manifest


def load(folder: Path, taxonomy: Taxonomy) -> Opened:
    """Verify and open the served part of a model.

    Raises
    ------
    ArtifactRejected
        On a flipped byte, a missing file, or another format number.
    TaxonomyMismatch
        When the model was trained on another taxonomy, or on text read another way.
    """
    manifest = read_manifest(folder)
    _require(folder, manifest, _TO_LOAD)
    _check_labels(folder, manifest, taxonomy)
    names = [*SERVED, *manifest["vocabularies"].values()]
    contents = {name: read_verified(folder, name, manifest) for name in names}
    with np.load(io.BytesIO(contents["lines.npz"]), allow_pickle=False) as arrays:
        unpacked = {name: arrays[name] for name in arrays.files}
    return Opened(
        path=folder,
        manifest=manifest,
        model=orjson.loads(contents["model.json"]),
        arrays=unpacked,
        vocabularies={
            kind: contents[name].decode("utf-8", "surrogatepass").split("\n")
            for kind, name in manifest["vocabularies"].items()
        },
    )


def _check_labels(folder: Path, manifest: Mapping[str, Any], taxonomy: Taxonomy) -> None:
    if manifest["taxonomy_digest"] != taxonomy.digest:
        raise TaxonomyMismatch(
            f"{folder.name} was trained on taxonomy {manifest['taxonomy_version']!r},"
            f" data/taxonomy.yaml is {taxonomy.version!r} with other labels",
            cure="retrain with `jiesu train`",
        )
    if manifest["reading_digest"] != reading_digest():
        raise TaxonomyMismatch(
            f"{folder.name} was trained with other terms, concepts or variants",
            cure="retrain with `jiesu train`",
        )
