"""What reviewers said, read from a file and mixed into training rows (docs/feedback.md)."""

from __future__ import annotations

import argparse
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from training.bank_data import BankData, read_labelled
from training.bank_files import open_records
from training.bank_groups import joined_groups, template_clusters
from training.cases import Case
from training.command_data import say
from training.corpus import LabelledRow
from triage.errors import InvalidInput
from triage.taxonomy import Taxonomy

_WEIGHT = "weight"


@dataclass(frozen=True)
class FeedbackData:
    """The usable rows of a feedback file.

    Attributes
    ----------
    data : BankData
    rows : list of LabelledRow
        In the order of the file, each with its weight.
    """

    data: BankData
    rows: list[LabelledRow]


@dataclass(frozen=True)
class Mix:
    """Rows with feedback among them.

    Attributes
    ----------
    rows, judged : lists of length n
        What is trained on, feedback last, and the same as it is judged.
    name : str
        What they are, in words.
    params : dict
        Of the run: the `file`; the largest `share` and the `weight` that were asked for; how many
        `rows` were mixed in, how many were `left`, and the `mixed_share` of all rows that they are.
    """

    rows: list[LabelledRow]
    judged: list[LabelledRow | Case]
    name: str
    params: dict[str, Any]


def read_feedback(path: Path, taxonomy: Taxonomy) -> FeedbackData:
    """Read what `jiesu feedback export` wrote; any labelled file with a column `weight` will do.

    Raises
    ------
    InvalidInput
        When it cannot be read, has no usable row, or a weight is no number above 0.
    """
    data = read_labelled(path, taxonomy, for_training=True)
    if not data.cases:
        raise InvalidInput(f"{path.name} has no usable row", cure=data.report.text())
    weights = {
        str(record.values.get("id")): _weight(record.values.get(_WEIGHT), record.line)
        for record in open_records(path).records
        if not record.problem
    }
    return FeedbackData(data, [replace(row, weight=weights.get(row.id, 1.0)) for row in data.rows])


def mixed(
    rows: Sequence[LabelledRow],
    feedback: Sequence[LabelledRow],
    *,
    share: float,
    weight: float,
) -> list[LabelledRow]:
    """Put feedback behind other rows.

    Parameters
    ----------
    rows, feedback : sequences of LabelledRow
    share : float
        Largest share of all rows that may be feedback; the first of the file are taken.
    weight : float
        Multiplies the weight of each row of feedback.

    Returns
    -------
    list of LabelledRow
        Rows first. Those that share a template or a group with others of either are of one group,
        so that no split parts them.
    """
    most = math.floor(len(rows) * share / (1.0 - share))
    taken = [replace(row, weight=row.weight * weight) for row in feedback[:most]]
    together = [*rows, *taken]
    own = [row.group for row in rows] + [f"feedback {row.group}" for row in taken]
    groups = joined_groups([own], template_clusters([row.text for row in together]))
    names: dict[str, str] = {}
    for group, before in zip(groups, own, strict=True):
        names.setdefault(group, before)
    return [replace(row, group=names[group]) for row, group in zip(together, groups, strict=True)]


def mix_in(
    args: argparse.Namespace,
    taxonomy: Taxonomy,
    rows: Sequence[LabelledRow],
    judged: Sequence[LabelledRow | Case],
    name: str,
) -> Mix:
    """Mix the feedback that a command was handed into rows and into what is judged of them.

    What was in the file, and which of its rows cannot be used and why, is told on stderr.

    Parameters
    ----------
    args : argparse.Namespace
        With the options of `training.command_data.add_feedback_options`.
    taxonomy : Taxonomy
    rows, judged : sequences of length n
        What is trained on, and the same as it is judged.
    name : str
        What they are, in words.
    """
    feedback = read_feedback(args.feedback, taxonomy)
    say(feedback.data.report.text())
    mix = mixed(rows, feedback.rows, share=args.feedback_share, weight=args.feedback_weight)
    own = mix[len(rows) :]
    told = f"{len(own)} of {len(feedback.rows)} rows of {args.feedback.name}"
    say(f"mixing in {told}")
    params = {
        "file": args.feedback.name,
        "share": args.feedback_share,
        "weight": args.feedback_weight,
        "rows": len(own),
        "left": len(feedback.rows) - len(own),
        "mixed_share": round(len(own) / len(mix), 4),
    }
    both = f"{name} + {told}, weight {args.feedback_weight:g}"
    return Mix(mix, with_groups([*judged, *own], mix), both, params)


def with_groups(
    judged: Sequence[LabelledRow | Case], rows: Sequence[LabelledRow]
) -> list[LabelledRow | Case]:
    """Give what is judged the groups of the rows that were trained on, in the same order."""
    return [replace(one, group=row.group) for one, row in zip(judged, rows, strict=True)]


def _weight(value: object, line: int) -> float:
    if value is None or not str(value).strip():
        return 1.0
    try:
        weight = float(str(value))
    except ValueError:
        weight = math.nan
    if not (math.isfinite(weight) and weight > 0):
        raise InvalidInput(f"line {line}: the weight is no number above 0")
    return weight
