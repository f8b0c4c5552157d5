"""Escalation features of narratives, row by row."""

from __future__ import annotations

import numpy as np

from triage.kernels.tables import jit


@jit
def text_features(seen, alone, sizes, settings, out):
    """Write the features that the text gives; see `triage.risk.blocks.text`.

    Parameters
    ----------
    seen : arrays (n, n_leaves), (n, n_natures), (n, n_signals) and (n, 2)
        Probabilities of leaves and natures, 1 where a signal counts, numbers the text tells.
    alone : array of float64, length n
        1 where nothing of the history is known.
    sizes : array of int64, length n
        Characters.
    settings : tuple
        Counts of signals, the two sides of pairs of signals, scales of the told numbers, and
        below how many characters a text is short.
    out : array (n, n_features)
    """
    leaves, natures, signals, told = seen
    counts, first, second, scales, short = settings
    for row in range(len(out)):
        found, at = 0.0, signals.shape[1]
        out[row, at] = alone[row]
        for code in range(signals.shape[1]):
            out[row, code] = signals[row, code]
            out[row, at + 1 + code] = signals[row, code] * alone[row]
            found += signals[row, code]
        at = 2 * at + 1
        for number in range(len(counts)):
            out[row, at + number] = found >= counts[number]
        at += len(counts)
        for pair in range(len(first)):
            out[row, at + pair] = signals[row, first[pair]] * signals[row, second[pair]]
        at += len(first)
        for leaf in range(leaves.shape[1]):
            out[row, at + leaf] = leaves[row, leaf]
        at += leaves.shape[1]
        for nature in range(natures.shape[1]):
            out[row, at + nature] = natures[row, nature]
        at += natures.shape[1]
        out[row, at], out[row, at + 1] = np.log1p(sizes[row]), sizes[row] < short
        for number in range(told.shape[1]):
            out[row, at + 2 + number] = np.log1p(max(told[row, number], 0.0)) * scales[number]
