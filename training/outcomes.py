"""What a model said of judged rows, in columns and without their text; paired comparisons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from triage.evaluation import Bools, Floats

Ints = NDArray[np.int64]

UNKNOWN = -1


@dataclass(frozen=True)
class Outcomes:
    """Answers for n judged rows.

    Attributes
    ----------
    ids, groups, truth : tuples of str
        Row, its group, its line.
    said : tuple of str
        The best line, also where the model abstained.
    confidence : array of float
        Probability of that line.
    given : array of bool
        False where the model abstained; says nothing without `given_known`.
    leaf_right, nature_right : arrays of int
        1 or 0; -1 where nobody marked it.
    signals : array of int (n, 3)
        Hits, said and real signals, arguable ones left out; -1 where nobody marked them.
    secondary : array of int (n, 3)
        The same of secondary lines.
    risk : array of float
        P(escalated within 30 days), nan where the outcome is not known.
    escalated : array of int
        1 or 0; -1 where the outcome is not known.
    digests : tuple of str
        `training.corpus.text_digest` of each row; empty where a model did not keep them.
    given_known : bool
        False of saved predictions, which name the best line and not whether it was given.
    """

    ids: tuple[str, ...]
    groups: tuple[str, ...]
    truth: tuple[str, ...]
    said: tuple[str, ...]
    confidence: Floats
    given: Bools
    leaf_right: Ints
    nature_right: Ints
    signals: Ints
    secondary: Ints
    risk: Floats
    escalated: Ints
    digests: tuple[str, ...] = ()
    given_known: bool = True

    def __len__(self) -> int:
        """Count the rows."""
        return len(self.ids)

    @property
    def right(self) -> Bools:
        """Whether the best line is the true one."""
        return np.array([t == s for t, s in zip(self.truth, self.said, strict=True)], dtype=bool)

    def take(self, rows: Sequence[int]) -> Outcomes:
        """Pick rows by position."""
        picked: dict[str, Any] = {}
        for field in fields(self):
            column = getattr(self, field.name)
            if isinstance(column, bool):
                picked[field.name] = column
            elif isinstance(column, tuple):
                picked[field.name] = tuple(column[i] for i in rows) if column else ()
            else:
                picked[field.name] = column[np.asarray(rows, dtype=np.int64)]
        return Outcomes(**picked)


def paired(first: Outcomes, second: Outcomes) -> tuple[Outcomes, Outcomes]:
    """Keep the rows that both models were judged on with the same label, in the same order.

    A row is the same by its text, whatever its id; by its id where one model kept no digests.
    """
    by_text = bool(first.digests and second.digests)
    one, two = (
        list(zip(held.digests if by_text else held.ids, held.truth, strict=True))
        for held in (first, second)
    )
    # Of several rows with one text, the one of that id.
    exact = {(*key, i): j for j, (key, i) in enumerate(zip(two, second.ids, strict=True))}
    place = {key: j for j, key in enumerate(two)}
    pairs = [
        (row, exact.get((*key, i), place[key]))
        for row, (key, i) in enumerate(zip(one, first.ids, strict=True))
        if key in place
    ]
    return first.take([i for i, _ in pairs]), second.take([j for _, j in pairs])


def from_predictions(rows: Mapping[str, Mapping[str, Any]]) -> Outcomes:
    """Read the predictions for unseen rows that are saved beside a model.

    Parameters
    ----------
    rows : mapping of id to prediction
        `line`, `predicted`, `probability`, `digest` of the text (older models have none), and
        `group` where rows belong together.
    """
    count = len(rows)
    digests = [row.get("digest", "") for row in rows.values()]
    return Outcomes(
        ids=tuple(rows),
        groups=tuple(str(row.get("group") or key) for key, row in rows.items()),
        truth=tuple(row["line"] for row in rows.values()),
        said=tuple(row["predicted"] for row in rows.values()),
        confidence=np.array([row["probability"] for row in rows.values()], dtype=np.float64),
        given=np.ones(count, dtype=bool),
        leaf_right=np.full(count, UNKNOWN, dtype=np.int64),
        nature_right=np.full(count, UNKNOWN, dtype=np.int64),
        signals=np.full((count, 3), UNKNOWN, dtype=np.int64),
        secondary=np.full((count, 3), UNKNOWN, dtype=np.int64),
        risk=np.full(count, np.nan),
        escalated=np.full(count, UNKNOWN, dtype=np.int64),
        digests=tuple(digests) if all(digests) else (),
        given_known=False,
    )
