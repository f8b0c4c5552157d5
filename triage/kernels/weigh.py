"""The scores of a linear model over TF-IDF features."""

from __future__ import annotations

import numpy as np

from triage.kernels.ahead import fetch
from triage.kernels.tables import fused, jit

# In numbers of four bytes.
_CACHE_LINE = 16
# Spreads features over the table of a document.
_SPREAD = 0x9E3779B1


@jit
def clear_table(table, occurrences):
    """Empty as much of a table as so many occurrences need; give the last place of it."""
    size = 8
    while size < 2 * occurrences:
        size *= 2
    for slot in range(size):
        table[slot] = -1
    return size - 1


@jit
def count_features(features, first, last, rows, width, table, cells, places):
    """Count the features of one document in a small table of its own; give how many differ.

    `cells` get the features in the order of the text and how often each is there, `places` the
    cell of each occurrence. The rows of the features are fetched.
    """
    mask, found = clear_table(table, last - first), 0
    kinds, counts = cells
    for o in range(first, last):
        feature = features[o]
        slot = (np.int64(feature) * _SPREAD) & mask
        cell = table[slot]
        while cell >= 0 and kinds[cell] != feature:
            slot = (slot + 1) & mask
            cell = table[slot]
        if cell < 0:
            for column in range(0, width, _CACHE_LINE):
                fetch(rows, np.int64(feature) * width + column)
            cell = np.int32(found)
            table[slot], kinds[cell], counts[cell] = cell, feature, 0
            found += 1
        counts[cell] += 1
        places[o - first] = cell
    return found


@jit
def weigh_cells(rows, width, idf, cells, found, values):
    """Give each cell of a document its value by sublinear TF-IDF; the norm of all is 1."""
    kinds, counts = cells
    norm = 0.0
    for cell in range(found):
        value = np.float64(rows[np.int64(kinds[cell]) * width + idf])
        if counts[cell] > 1:
            value *= 1.0 + np.log(counts[cell])
        values[cell] = value
        norm += value * value
    norm = np.sqrt(norm)
    for cell in range(found):
        values[cell] /= norm


@fused
def sum_columns(rows, width, kinds, found, values, at, sums):
    """Sum eight columns of a document's rows, each times its value.

    The sums stay in registers: eight names, where an array would go to memory each time.
    """
    a = b = c = d = e = f = g = h = 0.0
    for cell in range(found):
        value, place = values[cell], np.int64(kinds[cell]) * width + at
        a += value * rows[place]
        b += value * rows[place + 1]
        c += value * rows[place + 2]
        d += value * rows[place + 3]
        e += value * rows[place + 4]
        f += value * rows[place + 5]
        g += value * rows[place + 6]
        h += value * rows[place + 7]
    sums[at], sums[at + 1], sums[at + 2], sums[at + 3] = a, b, c, d
    sums[at + 4], sums[at + 5], sums[at + 6], sums[at + 7] = e, f, g, h


@jit
def weigh(bounds, features, rows, width, shares, totals, room):
    """Add each document's scores to `totals`.

    `rows` hold the weights of a feature, then its idf, `width` numbers in all, a multiple of
    eight; `shares[o]` becomes the value of an occurrence's feature over its number of
    occurrences. `room` is to work in: a table of twice as many slots as a document has
    occurrences, a power of two; features, counts and values by cell; cells by occurrence; sums
    by column.
    """
    table, kinds, counts, values, places, sums = room
    cells, columns = (kinds, counts), totals.shape[1]
    for doc in range(len(bounds) - 1):
        first, last = bounds[doc], bounds[doc + 1]
        found = count_features(features, first, last, rows, width, table, cells, places)
        weigh_cells(rows, width, columns, cells, found, values)
        for at in range(0, columns, 8):
            sum_columns(rows, width, kinds, found, values, at, sums)
        for column in range(columns):
            totals[doc, column] += sums[column]
        for o in range(first, last):
            cell = places[o - first]
            shares[o] = values[cell] / counts[cell]
