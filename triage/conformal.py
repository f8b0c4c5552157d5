"""Sets of lines that hold the right one as often as promised (class-conditional split conformal).

Of a line's rows that the model had not seen, only a share `1 - coverage` had a smaller probability
of it than the line's cut; of new rows of that line no larger share will have (Vovk, Gammerman and
Shafer 2005; Sadinle, Lei and Wasserman 2019). That holds line by line, so it holds for any mix of
lines, which a guarantee over all rows together would not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from triage.errors import InvalidInput
from triage.features import Floats


def cuts(
    probabilities: Floats, truth: Sequence[str], lines: Sequence[str], *, coverage: float
) -> dict[str, float]:
    """Find the smallest probability with which a line is in the set.

    Parameters
    ----------
    probabilities : array (n, n_lines)
        Of rows that the model had not seen, columns in the order of `lines`.
    truth : sequence of str, length n
    lines : sequence of str
    coverage : float
        Promised share of rows whose line is in their set, between 0 and 1.

    Returns
    -------
    dict of line to float
        A line with too few rows to promise anything has 0: it is in every set.
    """
    if not 0.0 < coverage < 1.0:
        raise InvalidInput(f"coverage {coverage:g}", cure="a share between 0 and 1 is meant")
    column = np.array([list(lines).index(line) for line in truth], dtype=np.int64)
    found = {}
    for number, line in enumerate(lines):
        own = np.sort(probabilities[column == number, number])
        # The new row is as likely to stand in each of the n + 1 places among them.
        below = int(np.floor((1.0 - coverage) * (len(own) + 1) + 1e-9))
        found[line] = float(own[below - 1]) if below else 0.0
    return found


def sets(
    probabilities: Floats, lines: Sequence[str], found: Mapping[str, float]
) -> list[tuple[str, ...]]:
    """Give the lines of each row's set, the most probable first.

    An empty set is an answer: no line looks as its rows usually do, and a person is to read it.
    """
    inside = probabilities >= np.array([found[line] for line in lines])
    order = np.argsort(-probabilities, axis=1, kind="stable")
    return [
        tuple(lines[i] for i in row if kept[i])
        for row, kept in zip(order.tolist(), inside.tolist(), strict=True)
    ]
