"""A draft of the next policy: other bands, and everything else as the policy in force has it."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from triage.config import data_dir, read_yaml
from triage.errors import ConfigError
from triage.modes import FILE, load_modes
from triage.policy import Policy, load_policy
from triage.taxonomy import Taxonomy

UNDECIDED = "草稿，尚无人决定"


def draft_policy(
    path: Path,
    taxonomy: Taxonomy,
    *,
    version: str,
    effective: date,
    bands: Sequence[Mapping[str, Any]],
    source: Path | None = None,
) -> Policy:
    """Write a draft; only version, date, bands and who decided differ from its source.

    Parameters
    ----------
    path : Path
        Where to write; its folder is made.
    taxonomy : Taxonomy
    version : str
    effective : date
    bands : sequence of mappings
        As `bands:` of the file has them, from the highest to the rest.
    source : Path, optional
        Default: `data/policy.yaml`.

    Raises
    ------
    ConfigError
        When the draft is no policy, would overwrite its source, or has its version.
    """
    origin = source or data_dir() / FILE
    raw = read_yaml(origin)
    if path.resolve() == origin.resolve():
        raise ConfigError(f"{path.name} is in force", cure="write the draft somewhere else")
    if version == str(raw.get("version")):
        raise ConfigError(f"version {version!r} is in force", cure="give the draft its own")
    raw |= {
        "version": version,
        "effective": effective,
        "decided_by": UNDECIDED,
        "bands": [dict(band) for band in bands],
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump(raw, allow_unicode=True, sort_keys=False), encoding="utf-8")
    load_modes(taxonomy, path)
    return load_policy(path)


def changed_values(path: Path, source: Path | None = None) -> str:
    """Show what a draft changes, line by line; comments and the way of writing do not count."""
    before, after = (
        yaml.safe_dump(read_yaml(one), allow_unicode=True, sort_keys=False).splitlines()
        for one in (source or data_dir() / FILE, path)
    )
    return "\n".join(
        line
        for line in difflib.unified_diff(before, after, n=0, lineterm="")
        if not line.startswith(("---", "+++", "@@"))
    )
