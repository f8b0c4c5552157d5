from __future__ import annotations

import dataclasses
import hashlib
import shutil
from pathlib import Path

import orjson
import pytest

from triage.artifact import load, seal, verify
from triage.decision import Thresholds
from triage.errors import ArtifactRejected, TaxonomyMismatch
from triage.taxonomy import Taxonomy


@pytest.fixture
def folder(tiny_model: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(tiny_model, tmp_path / "model"))


def test_a_whole_folder_verifies(folder: Path) -> None:
    assert verify(folder)["version"]


def test_a_flipped_byte_is_found(folder: Path, taxonomy: Taxonomy) -> None:
    path = folder / "lines.npz"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(ArtifactRejected, match=r"lines\.npz: sha256 differs"):
        load(folder, taxonomy)


def test_what_was_put_beside_a_model_is_named_and_verified_once_it_is_sealed(folder: Path) -> None:
    (folder / "report.html").write_bytes(b"<p>")
    (folder / "card.md").write_bytes(b"changed")
    assert "report.html" not in orjson.loads((folder / "manifest.json").read_bytes())["files"]
    seal(folder)
    # A digest that was there stays: sealing forgives no change.
    with pytest.raises(ArtifactRejected, match=r"card\.md: sha256 differs"):
        verify(folder)
    seal(folder, without=("card.md",))
    assert verify(folder)["files"]["report.html"]["bytes"] == 3
    (folder / "report.html").write_bytes(b"<b>")
    with pytest.raises(ArtifactRejected, match=r"report\.html: sha256 differs"):
        verify(folder)


def test_a_missing_file_is_named(folder: Path, taxonomy: Taxonomy) -> None:
    (folder / "char.txt").unlink()
    with pytest.raises(ArtifactRejected, match=r"char\.txt is missing"):
        load(folder, taxonomy)


def test_a_missing_manifest_is_named(folder: Path, taxonomy: Taxonomy) -> None:
    (folder / "manifest.json").unlink()
    with pytest.raises(ArtifactRejected, match=r"no manifest\.json"):
        load(folder, taxonomy)


def test_another_format_is_refused(folder: Path, taxonomy: Taxonomy) -> None:
    path = folder / "manifest.json"
    path.write_bytes(orjson.dumps(orjson.loads(path.read_bytes()) | {"format": 99}))
    with pytest.raises(ArtifactRejected, match="format 99"):
        load(folder, taxonomy)


@pytest.mark.parametrize(
    ("facts", "told"),
    [
        ({"version": None}, "lacks version"),
        ({"files": []}, "lacks files"),
        ({"vocabularies": "char"}, "lacks vocabularies"),
        ({"files": {"lines.npz": "0"}}, r"no digest of lines\.npz"),
    ],
)
def test_a_manifest_that_lacks_something_is_refused(
    folder: Path, taxonomy: Taxonomy, facts: dict[str, object], told: str
) -> None:
    path = folder / "manifest.json"
    path.write_bytes(orjson.dumps(orjson.loads(path.read_bytes()) | facts))
    with pytest.raises(ArtifactRejected, match=told):
        load(folder, taxonomy)


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b"null", b'{"format": 2}', b"\xff"])
def test_a_manifest_that_is_none_is_refused(folder: Path, content: bytes) -> None:
    (folder / "manifest.json").write_bytes(content)
    with pytest.raises(ArtifactRejected):
        verify(folder)


def test_a_model_of_format_2_tells_secondary_lines_by_probability(
    folder: Path, taxonomy: Taxonomy
) -> None:
    model = orjson.loads((folder / "model.json").read_bytes())
    assert model["thresholds"].pop("by_margin") is True
    content = orjson.dumps(model)
    (folder / "model.json").write_bytes(content)
    path = folder / "manifest.json"
    manifest = orjson.loads(path.read_bytes()) | {"format": 2}
    manifest["files"]["model.json"]["sha256"] = hashlib.sha256(content).hexdigest()
    path.write_bytes(orjson.dumps(manifest))
    opened = load(folder, taxonomy)
    assert not Thresholds(**opened.model["thresholds"]).by_margin


def test_another_taxonomy_is_refused(folder: Path, taxonomy: Taxonomy) -> None:
    other = dataclasses.replace(taxonomy, version="2")
    with pytest.raises(TaxonomyMismatch, match="retrain"):
        load(folder, other)


def test_other_terms_are_refused(folder: Path, taxonomy: Taxonomy) -> None:
    path = folder / "manifest.json"
    path.write_bytes(orjson.dumps(orjson.loads(path.read_bytes()) | {"reading_digest": "0"}))
    with pytest.raises(TaxonomyMismatch, match="other terms"):
        load(folder, taxonomy)


def test_the_pipeline_is_not_needed_to_serve(folder: Path, taxonomy: Taxonomy) -> None:
    (folder / "pipeline.joblib").unlink()
    assert load(folder, taxonomy).model["leaves"] == list(taxonomy.leaves)
